// IsInf. Spec: onnx.ai/onnx/operators/onnx__IsInf.html.
#include <cmath>

#include "ops/marked_elements.h"

namespace ponte::ops {
namespace {

void infer_is_inf(ir::Inference& c) { c.set_shape(0, c.shape(0)); }

void evaluate_is_inf(Evaluation& e) {
  const bool negative = e.attributes().i("detect_negative") != 0,
             positive = e.attributes().i("detect_positive") != 0;
  mark_elements(e, [=](double x) { return std::isinf(x) && (x < 0 ? negative : positive); });
}

}  // namespace

extern constinit const ir::Op is_inf_op{
    .name = "IsInf",
    .since = 20,
    .inputs = {{"X", ir::types::floats | ir::types::f8}},
    .outputs = {{"Y", ir::types::boolean}},
    .attributes = {{"detect_negative", ir::AttributeKind::Int, std::int64_t{1}},
                   {"detect_positive", ir::AttributeKind::Int, std::int64_t{1}}},
    .exactness = ir::Exactness::Jumps,
    .infer = infer_is_inf,
    .evaluate = evaluate_is_inf};

}  // namespace ponte::ops
