// CastLike. Spec: onnx.ai/onnx/operators/onnx__CastLike.html. A Cast to the dtype of the second
// input. C1: round_mode is up, down or nearest.
#include "ops/conversion.h"

namespace ponte::ops {
namespace {

constexpr ir::TypeSet cast_like_types = ir::types::any_tensor - ir::types::complexes;

void infer_cast_like(ir::Inference& c) {
  conversion_rules(c.attributes());  // C1
  if (c.dtype(1) == ir::DType::Undefined) {
    c.set_shape(0, c.shape(0));
  } else {
    infer_conversion(c, c.dtype(1));
  }
}

void evaluate_cast_like(Evaluation& e) {
  const Array input = e.take(0);
  e.set(0, converted(e, input, e.input(1).dtype(), conversion_rules(e.attributes())));
}

}  // namespace

extern constinit const ir::Op cast_like_op{
    .name = "CastLike",
    .since = 25,
    .inputs = {{"input", cast_like_types}, {"target_type", cast_like_types, "T2"}},
    .outputs = {{"output", cast_like_types, "T2"}},
    .attributes = {{"round_mode", ir::AttributeKind::String, "up"},
                   {"saturate", ir::AttributeKind::Int, std::int64_t{1}}},
    .infer = infer_cast_like,
    .evaluate = evaluate_cast_like,
    .scale = scale_conversion};

}  // namespace ponte::ops
