// SpaceToDepth. Spec: onnx.ai/onnx/operators/onnx__SpaceToDepth.html. The reverse of DepthToSpace
// in the same mode. C1: rank 4. C2: blocksize divides height and width. C3: mode is DCR or CRD.
#include "ops/depth_blocks.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_space_to_depth(ir::Inference& c) {
  c.require_rank(0, 4, "the input");  // C1
  const ir::Shape& x = c.shape(0);
  block_order(c.attributes());  // C3
  const std::int64_t block = block_size(c.attributes());
  c.require_not_different(mod(x[2], block), 0, "rows left over by `blocksize`");     // C2
  c.require_not_different(mod(x[3], block), 0, "columns left over by `blocksize`");  // C2
  c.set_shape(0, {x[0], x[1] * (block * block), floor_div(x[2], block), floor_div(x[3], block)});
}

void evaluate_space_to_depth(Evaluation& e) {
  const Array x = e.take(0);
  e.require(x.rank() == 4, Code::ShapeMismatch, "the input must have rank 4");
  const std::int64_t block = block_size(e.attributes());
  e.require(x.dim(2) % block == 0 && x.dim(3) % block == 0, Code::ShapeMismatch,
            "`blocksize` does not divide height and width");
  const std::int64_t n = x.dim(0), depth = x.dim(1), h = x.dim(2) / block, w = x.dim(3) / block;
  const bool depth_last = block_order(e.attributes()) == BlockOrder::DepthLast;
  constexpr std::array<std::int64_t, 6> depth_last_order{0, 3, 5, 1, 2, 4},
      depth_first_order{0, 1, 3, 5, 2, 4};
  const StridedView view = permuted(whole_view({n, depth, h, block, w, block}),
                                    depth_last ? depth_last_order : depth_first_order);
  e.set(0, gathered(e, x, view).reshaped({n, depth * block * block, h, w}));
}

}  // namespace

extern constinit const ir::Op space_to_depth_op{
    .name = "SpaceToDepth",
    .since = 28,
    .inputs = {{"input", ir::types::plain_tensor, "T"}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .attributes = {{"blocksize", ir::AttributeKind::Int, ir::Required{}},
                   {"mode", ir::AttributeKind::String, "DCR"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_space_to_depth,
    .evaluate = evaluate_space_to_depth};

}  // namespace ponte::ops
