// DepthToSpace. Spec: onnx.ai/onnx/operators/onnx__DepthToSpace.html.
// C1: rank 4. C2: blocksize^2 divides the channels. C3: mode is DCR or CRD.
#include "ops/depth_blocks.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_depth_to_space(ir::Inference& c) {
  c.require_rank(0, 4, "the input");  // C1
  const ir::Shape& x = c.shape(0);
  block_order(c.attributes());  // C3
  const std::int64_t block = block_size(c.attributes());
  c.require_not_different(mod(x[1], block * block), 0, "channels left over by `blocksize`");  // C2
  c.set_shape(0, {x[0], floor_div(x[1], block * block), x[2] * block, x[3] * block});
}

void evaluate_depth_to_space(Evaluation& e) {
  const Array x = e.take(0);
  e.require(x.rank() == 4, Code::ShapeMismatch, "the input must have rank 4");
  const std::int64_t block = block_size(e.attributes());
  e.require(x.dim(1) % (block * block) == 0, Code::ShapeMismatch,
            "`blocksize` does not divide the channels");
  const std::int64_t n = x.dim(0), depth = x.dim(1) / (block * block), h = x.dim(2), w = x.dim(3);
  const Dims result{n, depth, h * block, w * block};
  if (block_order(e.attributes()) == BlockOrder::DepthLast) {
    constexpr std::array<std::int64_t, 6> order{0, 3, 4, 1, 5, 2};
    e.set(0, gathered(e, x, permuted(whole_view({n, block, block, depth, h, w}), order))
                 .reshaped(result));
  } else {
    constexpr std::array<std::int64_t, 6> order{0, 1, 4, 2, 5, 3};
    e.set(0, gathered(e, x, permuted(whole_view({n, depth, block, block, h, w}), order))
                 .reshaped(result));
  }
}

}  // namespace

extern constinit const ir::Op depth_to_space_op{
    .name = "DepthToSpace",
    .since = 28,
    .inputs = {{"input", ir::types::plain_tensor, "T"}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .attributes = {{"blocksize", ir::AttributeKind::Int, ir::Required{}},
                   {"mode", ir::AttributeKind::String, "DCR"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_depth_to_space,
    .evaluate = evaluate_depth_to_space};

}  // namespace ponte::ops
