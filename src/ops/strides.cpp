#include "ops/strides.h"

#include <algorithm>

#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

// The same elements in the same order with as few axes as possible, but at least one.
StridedView with_merged_axes(const StridedView& view) {
  StridedView result{{}, {}, view.offset};
  for (std::size_t i = 0; i < view.shape.size(); ++i) {
    if (view.shape[i] == 1) continue;
    if (!result.shape.empty() && result.strides.back() == view.strides[i] * view.shape[i]) {
      result.shape.back() *= view.shape[i];
      result.strides.back() = view.strides[i];
    } else {
      result.shape.push_back(view.shape[i]);
      result.strides.push_back(view.strides[i]);
    }
  }
  if (result.shape.empty()) {
    result.shape = {1};
    result.strides = {1};
  }
  return result;
}

// One row of the last axis.
template <typename T>
void copy_row(const T* source, std::int64_t stride, std::int64_t count, T* target) {
  if (stride == 1) {
    std::copy_n(source, count, target);
  } else if (stride == 0) {
    std::fill_n(target, count, *source);
  } else {
    for (std::int64_t i = 0; i < count; ++i) target[i] = source[i * stride];
  }
}

struct Plane {
  std::size_t axis;  // of stride 1, beside the last one, which has another stride
};

std::optional<Plane> transposed_plane(const StridedView& view) {
  const std::size_t last = view.shape.size() - 1;
  if (view.strides[last] == 1 || view.strides[last] == 0) return std::nullopt;
  for (std::size_t i = 0; i < last; ++i) {
    if (view.strides[i] == 1) return Plane{i};
  }
  return std::nullopt;
}

// Outer axes are walked; each of their positions is one row or one transposed plane.
template <typename T>
void copy_view(Services& services, const StridedView& view, const T* source, T* target) {
  const std::size_t last = view.shape.size() - 1;
  const Dims out_strides = row_major_strides(view.shape);
  const auto plane = transposed_plane(view);
  Dims shape, in, out;
  std::int64_t positions = 1;
  for (std::size_t i = 0; i < last; ++i) {
    if (plane && plane->axis == i) continue;
    shape.push_back(view.shape[i]);
    in.push_back(view.strides[i]);
    out.push_back(out_strides[i]);
    positions *= view.shape[i];
  }
  const std::int64_t width = view.shape[last] * (plane ? view.shape[plane->axis] : 1);
  const std::int64_t grain =
      std::max<std::int64_t>(1, elementwise_grain / std::max<std::int64_t>(width, 1));
  services.parallel_for(positions, grain, [&](std::int64_t begin, std::int64_t end) {
    Walk<2> walk(shape, {in, out}, begin);
    for (std::int64_t i = begin; i < end; ++i, walk.advance()) {
      const T* from = source + view.offset + walk.offset(0);
      T* to = target + walk.offset(1);
      if (plane) {
        copy_transposed(from, view.strides[last], view.shape[plane->axis], view.shape[last], to,
                        out_strides[plane->axis]);
      } else {
        copy_row(from, view.strides[last], view.shape[last], to);
      }
    }
  });
}

}  // namespace

Dims row_major_strides(const Dims& shape) {
  Dims strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= std::max<std::int64_t>(shape[i], 1);
  }
  return strides;
}

StridedView whole_view(const Dims& shape) { return {shape, row_major_strides(shape), 0}; }

StridedView permuted(const StridedView& view, std::span<const std::int64_t> permutation) {
  StridedView result{{}, {}, view.offset};
  for (const std::int64_t axis : permutation) {
    result.shape.push_back(view.shape[static_cast<std::size_t>(axis)]);
    result.strides.push_back(view.strides[static_cast<std::size_t>(axis)]);
  }
  return result;
}

StridedView expanded(const Dims& from, const Dims& to) {
  return {to, broadcast_strides(from, to), 0};
}

Array gathered(Services& services, const Array& source, const StridedView& view) {
  const StridedView merged = with_merged_axes(view);
  const std::int64_t count = count_of(view.shape);
  if (merged.offset == 0 && merged.shape == Dims{source.count()} && merged.strides == Dims{1}) {
    return source.reshaped(view.shape);
  }
  Array out = Array::zeros(source.dtype(), view.shape, services.arithmetic(), services.meter());
  if (count == 0) return out;
  services.charge_steps(count);
  source.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    copy_view<T>(services, merged, elements.data(), out.mutable_as<T>().data());
  });
  return out;
}

ir::KnownValue gathered(const ir::KnownValue& source, const StridedView& view) {
  ir::KnownValue result{view.shape, {}};
  const std::int64_t count = count_of(view.shape);
  Walk<1> walk(view.shape, {view.strides});
  for (std::int64_t i = 0; i < count; ++i, walk.advance()) {
    result.elements.push_back(
        source.elements.at(static_cast<std::size_t>(view.offset + walk.offset(0))));
  }
  return result;
}

AxisSplit split_at(const Dims& shape, std::int64_t axis) {
  AxisSplit split;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    (at < axis ? split.outer : at == axis ? split.length : split.inner) *= shape[i];
  }
  return split;
}

}  // namespace ponte::ops
