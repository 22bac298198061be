// PRelu. Spec: onnx.ai/onnx/operators/onnx__PRelu.html. x where x >= 0, slope x elsewhere.
// C1: slope broadcasts to X in one direction.
#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void infer_p_relu(ir::Inference& c) {
  c.set_shape(0, c.shape(0));
  if (!c.is_ranked(1)) return;
  const ir::Shape shapes[] = {c.shape(0), c.shape(1)};
  const ir::Shape y = ir::broadcast(shapes, c.node().graph().fresh_dims());
  c.require(y.size() == c.shape(0).size(), Code::ShapeMismatch,
            "`slope` has more dims than X");  // C1
  for (std::size_t i = 0; i < y.size(); ++i)
    c.require_not_different(y[i], c.shape(0)[i], "`slope` and X");
}

void evaluate_p_relu(Evaluation& e) {
  evaluate_binary(e, [](auto x, auto slope) {
    return x < decltype(x){0} ? wrapping(x, slope, std::multiplies{}) : x;
  });
}

}  // namespace

extern constinit const ir::Op p_relu_op{
    .name = "PRelu",
    .since = 16,
    .inputs = {{"X",
                ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 |
                    ir::types::u64,
                "T"},
               {"slope",
                ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 |
                    ir::types::u64,
                "T"}},
    .outputs = {{"Y",
                 ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 |
                     ir::types::u64,
                 "T"}},
    .infer = infer_p_relu,
    .evaluate = evaluate_p_relu,
    .scale = scale_one_rounding};

}  // namespace ponte::ops
