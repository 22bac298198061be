// RandomNormalLike. Spec: onnx.ai/onnx/operators/onnx__RandomNormalLike.html. C1: dtype, or else
// the input's, is f16, bf16, f32 or f64.
#include "ops/random_draws.h"

namespace ponte::ops {
namespace {

void infer_random_normal_like(ir::Inference& c) {
  c.set_dtype(0, drawn_dtype(c.attributes(), c.dtype(0)));  // C1
  c.set_shape(0, c.shape(0));
}

void evaluate_random_normal_like(Evaluation& e) {
  const Array& like = e.input(0);
  e.set(0, drawn_normal(e, drawn_dtype(e.attributes(), like.dtype()), like.shape()));
}

}  // namespace

extern constinit const ir::Op random_normal_like_op{
    .name = "RandomNormalLike",
    .since = 22,
    .inputs = {{"input", ir::types::plain_tensor}},
    .outputs = {{"output", ir::types::floats}},
    .attributes = {{"dtype", ir::AttributeKind::Int},
                   {"mean", ir::AttributeKind::Float, 0.0},
                   {"scale", ir::AttributeKind::Float, 1.0},
                   {"seed", ir::AttributeKind::Float}},
    .exactness = ir::Exactness::Random,
    .infer = infer_random_normal_like,
    .evaluate = evaluate_random_normal_like};

}  // namespace ponte::ops
