// Slice. Spec: onnx.ai/onnx/operators/onnx__Slice.html.
// C1: starts, ends, axes and steps have one length. C2: axes in [-r, r-1], none twice. C3: no step
// is 0. C4: starts and ends count from the back when negative and are clamped into the axis.
#include <algorithm>
#include <limits>

#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

using ir::Dim;

// Beyond what an i32 holds, a start or end means "to the end of the axis" whatever its length.
constexpr std::int64_t far = std::numeric_limits<std::int32_t>::max();

struct SliceAxis {
  Dim begin;
  Dim length;
};

std::optional<Dim> from_front(const Dim& index, const Dim& size) {
  if (index.range().lowest >= 0) return index;
  if (index.range().highest < 0) return size + index;
  return std::nullopt;
}

std::optional<SliceAxis> forward_slice(const Dim& start, const Dim& end, std::int64_t step,
                                       const Dim& size) {
  const auto bound = [&](const Dim& index) -> std::optional<Dim> {
    if (index.known() && index.value() >= far && !size.is_known()) return size;
    if (index.known() && index.value() > max_dimension) return size;
    if (index.known() && index.value() < -max_dimension) return Dim(0);
    const auto front = from_front(index, size);
    if (!front) return std::nullopt;
    return max(*front, 0);
  };
  const auto first = bound(start), last = bound(end);
  if (!first || !last) return std::nullopt;
  // A start beyond the axis makes the length negative, clamped or not: unclamped the expression is
  // simpler.
  return SliceAxis{min(*first, size), ceil_div(max(min(*last, size) - *first, 0), step)};  // C4
}

std::optional<SliceAxis> backward_slice(const Dim& start, const Dim& end, std::int64_t step,
                                        const Dim& size) {
  const auto bound = [&](const Dim& index, std::int64_t lowest) -> std::optional<Dim> {
    if (index.known() && index.value() <= -far && !size.is_known()) return Dim(lowest);
    if (index.known() && index.value() < -max_dimension) return Dim(lowest);
    if (index.known() && index.value() >= far && !size.is_known()) return size - 1;
    if (index.known() && index.value() > max_dimension) return size - 1;
    const auto front = from_front(index, size);
    if (!front) return std::nullopt;
    return max(*front, lowest);
  };
  if (size.known() == 0) return SliceAxis{0, 0};
  const auto first = bound(start, 0), last = bound(end, -1);
  if (!first || !last) return std::nullopt;
  const std::int64_t stride =
      step == std::numeric_limits<std::int64_t>::min() ? max_dimension : -step;
  const Dim begin = min(*first, size - 1);  // C4
  return SliceAxis{begin, ceil_div(max(begin - *last, 0), std::min(stride, max_dimension))};
}

std::optional<SliceAxis> slice_axis(const Dim& start, const Dim& end, std::int64_t step,
                                    const Dim& size) {
  if (step == 0) throw Error(Code::InvalidInputValue, "a step is 0");  // C3
  return step > 0 ? forward_slice(start, end, std::min(step, max_dimension), size)
                  : backward_slice(start, end, step, size);
}

void check_lengths(std::size_t starts, std::size_t ends, std::size_t axes, std::size_t steps) {
  if (ends != starts || axes != starts || steps != starts) {
    throw Error(Code::ShapeMismatch,
                "`starts`, `ends`, `axes` and `steps` differ in length");  // C1
  }
}

std::vector<std::int64_t> slice_axes(std::vector<std::int64_t> axes, std::int64_t rank) {
  ir::normalized_axes(axes, rank);  // C2
  for (std::int64_t& axis : axes) axis = ir::normalized_axis(axis, rank);
  return axes;
}

std::vector<std::int64_t> first_axes(std::size_t count, std::int64_t rank) {
  if (static_cast<std::int64_t>(count) > rank)
    throw Error(Code::InvalidAxis, "more axes are sliced than there are");
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; i < count; ++i) axes.push_back(static_cast<std::int64_t>(i));
  return axes;
}

void infer_slice(ir::Inference& c) {
  ir::Shape shape = c.shape(0);
  const auto starts = c.value(1), ends = c.value(2);
  std::optional<std::vector<std::int64_t>> axes, steps;
  if (c.has_input(3)) {
    axes = known_numbers(c, 3);
  } else if (starts || (c.is_ranked(1) && c.rank(1) == 1 && c.shape(1)[0].is_known())) {
    axes = first_axes(
        starts ? starts->elements.size() : static_cast<std::size_t>(c.shape(1)[0].value()),
        c.rank(0));
  }
  if (!axes) return c.set_shape(0, fresh_shape(c, c.rank(0)));
  axes = slice_axes(*axes, c.rank(0));
  if (c.has_input(4)) {
    steps = known_numbers(c, 4);
  } else {
    steps.emplace(axes->size(), 1);
  }
  check_lengths(axes->size(), starts ? starts->elements.size() : axes->size(),
                ends ? ends->elements.size() : axes->size(), steps ? steps->size() : axes->size());
  const auto dims = ir::known_dims(shape);
  std::optional<StridedView> view = dims ? std::optional(whole_view(*dims)) : std::nullopt;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const auto axis = static_cast<std::size_t>((*axes)[i]);
    std::optional<SliceAxis> slice;
    if (starts && ends && steps)
      slice = slice_axis(starts->elements[i], ends->elements[i], (*steps)[i], shape[axis]);
    shape[axis] = slice ? slice->length : c.fresh_dim();
    if (view && slice && slice->begin.is_known() && slice->length.is_known()) {
      view->offset += slice->begin.value() * view->strides[axis];
      view->shape[axis] = slice->length.value();
      if (slice->length.value() > 1) view->strides[axis] *= (*steps)[i];
    } else {
      view.reset();
    }
  }
  c.set_shape(0, shape);
  const auto known = c.value(0);
  if (known && view) c.set_value(0, gathered(*known, *view));
}

void evaluate_slice(Evaluation& e) {
  const std::vector<std::int64_t> starts = e.input(1).to_i64(), ends = e.input(2).to_i64();
  const Array data = e.take(0);
  const auto axes = slice_axes(
      e.has_input(3) ? e.input(3).to_i64() : first_axes(starts.size(), data.rank()), data.rank());
  const auto steps =
      e.has_input(4) ? e.input(4).to_i64() : std::vector<std::int64_t>(starts.size(), 1);
  check_lengths(starts.size(), ends.size(), axes.size(), steps.size());
  StridedView view = whole_view(data.shape());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<std::size_t>(axes[i]);
    const SliceAxis slice = *slice_axis(starts[i], ends[i], steps[i], data.dim(axes[i]));
    view.offset += slice.begin.value() * view.strides[axis];
    view.shape[axis] = slice.length.value();
    // A step beyond the axis is never taken, and might overflow.
    if (view.shape[axis] > 1) view.strides[axis] *= steps[i];
  }
  e.set(0, gathered(e, data, view));
}

}  // namespace

extern constinit const ir::Op slice_op{
    .name = "Slice",
    .since = 13,
    .inputs = {{"data", ir::types::plain_tensor, "T"},
               {"starts", ir::types::i32 | ir::types::i64, "Tind"},
               {"ends", ir::types::i32 | ir::types::i64, "Tind"},
               {"axes", ir::types::i32 | ir::types::i64, "Tind", ir::Arity::Optional},
               {"steps", ir::types::i32 | ir::types::i64, "Tind", ir::Arity::Optional}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_slice,
    .evaluate = evaluate_slice};

}  // namespace ponte::ops
