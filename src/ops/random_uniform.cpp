// RandomUniform. Spec: onnx.ai/onnx/operators/onnx__RandomUniform.html. C1: dtype is f16, bf16, f32
// or f64. C2: no dim is negative.
#include "ops/random_draws.h"

namespace ponte::ops {
namespace {

void infer_random_uniform(ir::Inference& c) {
  c.set_dtype(0, drawn_dtype(c.attributes(), ir::DType::Float32));  // C1
  c.set_shape(0, ir::to_shape(drawn_shape(c.attributes())));        // C2
}

void evaluate_random_uniform(Evaluation& e) {
  e.set(0, drawn_uniform(e, drawn_dtype(e.attributes(), ir::DType::Float32),
                         drawn_shape(e.attributes())));
}

}  // namespace

extern constinit const ir::Op random_uniform_op{
    .name = "RandomUniform",
    .since = 22,
    .outputs = {{"output", ir::types::floats}},
    .attributes = {{"dtype", ir::AttributeKind::Int, std::int64_t{1}},
                   {"high", ir::AttributeKind::Float, 1.0},
                   {"low", ir::AttributeKind::Float, 0.0},
                   {"seed", ir::AttributeKind::Float},
                   {"shape", ir::AttributeKind::Ints, ir::Required{}}},
    .exactness = ir::Exactness::Random,
    .infer = infer_random_uniform,
    .evaluate = evaluate_random_uniform};

}  // namespace ponte::ops
