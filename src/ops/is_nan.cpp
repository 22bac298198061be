// IsNaN. Spec: onnx.ai/onnx/operators/onnx__IsNaN.html.
#include <cmath>

#include "ops/marked_elements.h"

namespace ponte::ops {
namespace {

void infer_is_nan(ir::Inference& c) { c.set_shape(0, c.shape(0)); }

void evaluate_is_nan(Evaluation& e) {
  mark_elements(e, [](double x) { return std::isnan(x); });
}

}  // namespace

extern constinit const ir::Op is_nan_op{.name = "IsNaN",
                                        .since = 20,
                                        .inputs = {{"X", ir::types::floats | ir::types::f8}},
                                        .outputs = {{"Y", ir::types::boolean}},
                                        .exactness = ir::Exactness::Jumps,
                                        .infer = infer_is_nan,
                                        .evaluate = evaluate_is_nan};

}  // namespace ponte::ops
