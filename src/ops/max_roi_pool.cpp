// MaxRoiPool. Spec: onnx.ai/onnx/operators/onnx__MaxRoiPool.html, which leaves the arithmetic to
// the layer of Fast R-CNN (roi_pooling_layer.cpp): corners are scaled and rounded away from zero,
// a region is at least one element wide, and a bin covers every element that it touches.
// C1: X is [n, channels, h, w], rois [count, 5]. C2: pooled_shape has two elements above 0. C3: a
// region's batch index lies in X. Edges of bins are computed in the dtype of the input, as all
// implementations do: in double precision a bin could have one element less.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

Dims pooled_sizes(const ir::AttributeReader& attributes) {
  Dims sizes = attributes.ints("pooled_shape");
  if (sizes.size() != 2 || std::ranges::min(sizes) < 1)
    throw Error(Code::InvalidAttribute, "`pooled_shape` needs two numbers above 0");  // C2
  return sizes;
}

void infer_max_roi_pool(ir::Inference& c) {
  const Dims sizes = pooled_sizes(c.attributes());
  c.require_rank(0, 4, "X");     // C1
  c.require_rank(1, 2, "rois");  // C1
  const ir::Dim count = c.is_ranked(1) ? c.shape(1)[0] : c.fresh_dim();
  if (c.is_ranked(1)) c.require_not_different(c.shape(1)[1], 5, "the second dim of rois");
  const ir::Dim channels = c.is_ranked(0) ? c.shape(0)[1] : c.fresh_dim();
  c.set_shape(0, {count, channels, sizes[0], sizes[1]});
}

struct Span {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// The elements of each bin along one axis.
template <typename T>
std::vector<Span> bins(T from, T to, T scale, std::int64_t count, std::int64_t size) {
  // Whatever lies further outside covers nothing either.
  const T far = static_cast<T>(1 << 22);
  const auto begin = static_cast<std::int64_t>(std::clamp(std::round(from * scale), -far, far));
  const auto end = static_cast<std::int64_t>(std::clamp(std::round(to * scale), -far, far));
  const auto length = static_cast<T>(std::max<std::int64_t>(end - begin + 1, 1));
  const T step = length / static_cast<T>(count);
  std::vector<Span> result;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto first = static_cast<std::int64_t>(std::floor(static_cast<T>(i) * step)) + begin;
    const auto last = static_cast<std::int64_t>(std::ceil(static_cast<T>(i + 1) * step)) + begin;
    result.push_back(
        {std::clamp<std::int64_t>(first, 0, size), std::clamp<std::int64_t>(last, 0, size)});
  }
  return result;
}

template <typename T, typename Edge>
void pool_regions(Evaluation& e, const Dims& sizes) {
  const Array &x = e.input(0), &rois = e.input(1);
  const auto scale = static_cast<Edge>(e.attributes().f("spatial_scale"));
  const std::int64_t channels = x.dim(1), height = x.dim(2), width = x.dim(3);
  Array y = e.allocate(x.dtype(), {rois.dim(0), channels, sizes[0], sizes[1]});
  if (y.count() == 0) return e.set(0, std::move(y));
  T* to = y.mutable_as<T>().data();
  for (std::int64_t r = 0; r < rois.dim(0); ++r) {
    const T* roi = rois.as<T>().data() + r * 5;
    for (std::int64_t i = 0; i < 5; ++i) {
      e.require(std::isfinite(static_cast<double>(roi[i])), Code::InvalidInputValue,
                "a region that is not finite");
    }
    const auto batch = static_cast<double>(roi[0]);
    e.require(batch >= 0 && batch < static_cast<double>(x.dim(0)), Code::InvalidInputValue,
              "a region of an image that is not there");  // C3
    const auto edge = [&](std::int64_t i) { return static_cast<Edge>(roi[i]); };
    const std::vector<Span> columns = bins(edge(1), edge(3), scale, sizes[1], width);
    const std::vector<Span> rows = bins(edge(2), edge(4), scale, sizes[0], height);
    const T* image =
        x.as<T>().data() + static_cast<std::int64_t>(batch) * channels * height * width;
    for (std::int64_t channel = 0; channel < channels; ++channel, image += height * width) {
      e.charge_steps((height + 2 * sizes[0]) * (width + 2 * sizes[1]));
      for (const Span& row : rows) {
        for (const Span& column : columns) {
          T largest = std::numeric_limits<T>::lowest();
          for (std::int64_t h = row.begin; h < row.end; ++h) {
            for (std::int64_t w = column.begin; w < column.end; ++w)
              largest = std::max(largest, image[h * width + w]);
          }
          *to++ = row.begin < row.end && column.begin < column.end ? largest : 0;
        }
      }
    }
  }
  e.set(0, std::move(y));
}

void evaluate_max_roi_pool(Evaluation& e) {
  const Array &x = e.input(0), &rois = e.input(1);
  const Dims sizes = pooled_sizes(e.attributes());
  e.require(x.rank() == 4 && rois.rank() == 2 && rois.dim(1) == 5, Code::ShapeMismatch,
            "X and rois do not fit");  // C1
  if (x.dtype() == ir::DType::Float64) {
    pool_regions<double, double>(e, sizes);
  } else if (x.holds<double>()) {
    pool_regions<double, float>(e, sizes);
  } else {
    pool_regions<float, float>(e, sizes);
  }
}

}  // namespace

extern constinit const ir::Op max_roi_pool_op{
    .name = "MaxRoiPool",
    .since = 22,
    .inputs = {{"X", ir::types::floats, "T"}, {"rois", ir::types::floats, "T"}},
    .outputs = {{"Y", ir::types::floats, "T"}},
    .attributes = {{"pooled_shape", ir::AttributeKind::Ints, ir::Required{}},
                   {"spatial_scale", ir::AttributeKind::Float, 1.0}},
    .exactness = ir::Exactness::Jumps,
    .infer = infer_max_roi_pool,
    .evaluate = evaluate_max_roi_pool};

}  // namespace ponte::ops
