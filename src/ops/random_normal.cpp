// RandomNormal. Spec: onnx.ai/onnx/operators/onnx__RandomNormal.html. C1: dtype is f16, bf16, f32
// or f64. C2: no dim is negative.
#include "ops/random_draws.h"

namespace ponte::ops {
namespace {

void infer_random_normal(ir::Inference& c) {
  c.set_dtype(0, drawn_dtype(c.attributes(), ir::DType::Float32));  // C1
  c.set_shape(0, ir::to_shape(drawn_shape(c.attributes())));        // C2
}

void evaluate_random_normal(Evaluation& e) {
  e.set(0, drawn_normal(e, drawn_dtype(e.attributes(), ir::DType::Float32),
                        drawn_shape(e.attributes())));
}

}  // namespace

extern constinit const ir::Op random_normal_op{
    .name = "RandomNormal",
    .since = 22,
    .outputs = {{"output", ir::types::floats}},
    .attributes = {{"dtype", ir::AttributeKind::Int, std::int64_t{1}},
                   {"mean", ir::AttributeKind::Float, 0.0},
                   {"scale", ir::AttributeKind::Float, 1.0},
                   {"seed", ir::AttributeKind::Float},
                   {"shape", ir::AttributeKind::Ints, ir::Required{}}},
    .exactness = ir::Exactness::Random,
    .infer = infer_random_normal,
    .evaluate = evaluate_random_normal};

}  // namespace ponte::ops
