// Size. Spec: onnx.ai/onnx/operators/onnx__Size.html.
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_size(ir::Inference& c) {
  c.set_shape(0, {});
  c.set_value(0, {{}, {ir::element_count(c.shape(0))}});
}

void evaluate_size(Evaluation& e) {
  Array out = e.allocate(ir::DType::Int64, {});
  out.mutable_as<std::int64_t>()[0] = e.input(0).count();
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op size_op{.name = "Size",
                                      .since = 25,
                                      .inputs = {{"data", ir::types::any_tensor}},
                                      .outputs = {{"size", ir::types::i64}},
                                      .exactness = ir::Exactness::Moves,
                                      .infer = infer_size,
                                      .evaluate = evaluate_size};

}  // namespace ponte::ops
