// Not. Spec: onnx.ai/onnx/operators/onnx__Not.html.
#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void evaluate_not(Evaluation& e) {
  Array x = e.take(0);
  for (Bool& value : x.mutable_as<Bool>()) value = value == Bool::True ? Bool::False : Bool::True;
  e.set(0, std::move(x));
}

}  // namespace

extern constinit const ir::Op not_op{.name = "Not",
                                     .since = 1,
                                     .inputs = {{"X", ir::types::boolean, "T"}},
                                     .outputs = {{"Y", ir::types::boolean, "T"}},
                                     .exactness = ir::Exactness::Moves,
                                     .infer = infer_same_shape,
                                     .evaluate = evaluate_not};

}  // namespace ponte::ops
