// NonMaxSuppression. Spec: onnx.ai/onnx/operators/onnx__NonMaxSuppression.html.
// C1: boxes is [batches, n, 4], scores [batches, classes, n]. C2: max_output_boxes_per_class,
// iou_threshold and score_threshold have one element, and iou_threshold is in [0, 1]. Equal scores:
// the lower index first.
#include <algorithm>
#include <numeric>

#include "ops/evaluation.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

void infer_non_max_suppression(ir::Inference& c) {
  c.set_shape(0, {c.fresh_dim(), 3});
  c.require_rank(0, 3, "boxes");   // C1
  c.require_rank(1, 3, "scores");  // C1
  c.require_not_different(c.shape(0)[2], 4, "last dim of boxes");
  c.require_not_different(c.shape(0)[0], c.shape(1)[0], "batches of boxes and scores");
  c.require_not_different(c.shape(0)[1], c.shape(1)[2], "boxes and scores");
}

// Corners, whichever way round the box was given.
template <typename T>
struct Box {
  T top, left, bottom, right;
  T area() const { return (bottom - top) * (right - left); }
};

template <typename T>
Box<T> box_from(const T* v, bool is_centre) {
  if (is_centre) {
    const T half_width = v[2] / 2, half_height = v[3] / 2;
    return {v[1] - half_height, v[0] - half_width, v[1] + half_height, v[0] + half_width};
  }
  return {std::min(v[0], v[2]), std::min(v[1], v[3]), std::max(v[0], v[2]), std::max(v[1], v[3])};
}

template <typename T>
bool overlaps(const Box<T>& a, const Box<T>& b, T threshold) {
  const T height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const T width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (!(height > 0 && width > 0)) return false;
  const T common = height * width;
  const T united = a.area() + b.area() - common;
  return united > 0 && common / united > threshold;
}

struct SuppressionLimits {
  std::int64_t boxes = 0;
  double overlap = 0;
  std::optional<double> score;
};

SuppressionLimits suppression_limits(const Evaluation& e) {
  for (std::size_t i = 2; i < 5; ++i) {
    e.require(!e.has_input(i) || e.input(i).count() == 1, Code::ShapeMismatch,
              "a limit must have one element");  // C2
  }
  SuppressionLimits limits;
  if (e.has_input(2)) limits.boxes = std::max<std::int64_t>(e.input(2).to_i64()[0], 0);
  if (e.has_input(3)) limits.overlap = e.input(3).to_f64()[0];
  if (e.has_input(4)) limits.score = e.input(4).to_f64()[0];
  e.require(limits.overlap >= 0 && limits.overlap <= 1, Code::InvalidInputValue,
            "`iou_threshold` is outside [0, 1]");
  return limits;
}

// The boxes of one class that stay, best first.
template <typename T>
std::vector<std::int64_t> selected_boxes(Evaluation& e, const std::vector<Box<T>>& boxes,
                                         const T* scores, const SuppressionLimits& limits) {
  std::vector<std::int64_t> order;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!limits.score || static_cast<double>(scores[i]) > *limits.score)
      order.push_back(static_cast<std::int64_t>(i));
  }
  std::ranges::stable_sort(order,
                           [&](std::int64_t i, std::int64_t j) { return scores[i] > scores[j]; });
  std::vector<std::int64_t> chosen;
  for (const std::int64_t candidate : order) {
    if (static_cast<std::int64_t>(chosen.size()) >= limits.boxes) break;
    e.charge_steps(static_cast<std::int64_t>(chosen.size()) + 1);
    const bool is_suppressed = std::ranges::any_of(chosen, [&](std::int64_t other) {
      return overlaps(boxes[static_cast<std::size_t>(candidate)],
                      boxes[static_cast<std::size_t>(other)], static_cast<T>(limits.overlap));
    });
    if (!is_suppressed) chosen.push_back(candidate);
  }
  return chosen;
}

template <typename T>
void suppress(Evaluation& e) {
  const Array &boxes = e.input(0), &scores = e.input(1);
  const SuppressionLimits limits = suppression_limits(e);
  const bool is_centre = e.attributes().i("center_point_box") != 0;
  const std::int64_t batches = boxes.dim(0), count = boxes.dim(1), classes = scores.dim(1);
  std::vector<std::int64_t> result;
  for (std::int64_t batch = 0; batch < batches; ++batch) {
    std::vector<Box<T>> corners;
    for (std::int64_t i = 0; i < count; ++i) {
      corners.push_back(box_from(boxes.as<T>().data() + (batch * count + i) * 4, is_centre));
    }
    for (std::int64_t k = 0; k < classes && count > 0; ++k) {
      const T* line = scores.as<T>().data() + (batch * classes + k) * count;
      for (const std::int64_t i : selected_boxes(e, corners, line, limits))
        result.insert(result.end(), {batch, k, i});
    }
  }
  Array out = e.allocate(ir::DType::Int64, {static_cast<std::int64_t>(result.size() / 3), 3});
  std::ranges::copy(result, out.mutable_as<std::int64_t>().begin());
  e.set(0, std::move(out));
}

void evaluate_non_max_suppression(Evaluation& e) {
  const Array &boxes = e.input(0), &scores = e.input(1);
  e.require(boxes.rank() == 3 && scores.rank() == 3 && boxes.dim(2) == 4 &&
                boxes.dim(0) == scores.dim(0) && boxes.dim(1) == scores.dim(2),
            Code::ShapeMismatch, "boxes and scores do not fit");  // C1
  boxes.holds<double>() ? suppress<double>(e) : suppress<float>(e);
}

}  // namespace

extern constinit const ir::Op non_max_suppression_op{
    .name = "NonMaxSuppression",
    .since = 11,
    .inputs = {{"boxes", ir::types::f32},
               {"scores", ir::types::f32},
               {"max_output_boxes_per_class", ir::types::i64, "", ir::Arity::Optional},
               {"iou_threshold", ir::types::f32, "", ir::Arity::Optional},
               {"score_threshold", ir::types::f32, "", ir::Arity::Optional}},
    .outputs = {{"selected_indices", ir::types::i64}},
    .attributes = {{"center_point_box", ir::AttributeKind::Int, std::int64_t{0}}},
    .exactness = ir::Exactness::Jumps,
    .infer = infer_non_max_suppression,
    .evaluate = evaluate_non_max_suppression};

}  // namespace ponte::ops
