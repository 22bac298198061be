// Softmax. Spec: onnx.ai/onnx/operators/onnx__Softmax.html. exp(x - max) / sum along one axis.
// C1: axis in [-r, r-1].
#include <algorithm>
#include <cmath>

#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_softmax(ir::Inference& c) {
  if (c.rank(0) > 0) ir::normalized_axis(c.attributes().i("axis"), c.rank(0));  // C1
  c.set_shape(0, c.shape(0));
}

// The lines of a tensor along an axis.
struct SoftmaxLines {
  std::int64_t length = 1, inner = 1, count = 1;
  SoftmaxLines(const Array& x, std::int64_t axis_attribute) {
    if (x.rank() == 0) return;
    const auto axis = static_cast<std::size_t>(ir::normalized_axis(axis_attribute, x.rank()));
    length = x.shape()[axis];
    for (std::size_t i = axis + 1; i < x.shape().size(); ++i) inner *= x.shape()[i];
    count = length == 0 ? 0 : x.count() / length;
  }
  std::int64_t start(std::int64_t line) const {
    return line / inner * inner * length + line % inner;
  }
};

template <typename T>
void softmax_line(T* line, std::int64_t length, std::int64_t step) {
  T largest = line[0];
  for (std::int64_t k = 1; k < length; ++k) largest = std::max(largest, line[k * step]);
  T total = 0;
  for (std::int64_t k = 0; k < length; ++k)
    total += line[k * step] = std::exp(line[k * step] - largest);
  for (std::int64_t k = 0; k < length; ++k) line[k * step] /= total;
}

void evaluate_softmax(Evaluation& e) {
  Array x = e.take(0);
  const SoftmaxLines lines(x, e.attributes().i("axis"));
  e.charge_steps(x.count());
  x.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_floating_point_v<T>) {
      T* values = x.mutable_as<T>().data();
      e.parallel_for(lines.count, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
          softmax_line(values + lines.start(i), lines.length, lines.inner);
      });
    }
  });
  e.set(0, std::move(x));
}

// Variance, relative, of the sum of a line: the rounding of each addition, and what it swallows
// when the largest term came first. Swallowed terms all have one sign, so they add up.
double variance_of_sum(const std::vector<double>& y, const SoftmaxLines& lines, std::int64_t line,
                       double u) {
  double additions = 0, swallowed = 0;
  for (std::int64_t k = 0; k < lines.length; ++k) {
    const double term = y[static_cast<std::size_t>(lines.start(line) + k * lines.inner)];
    if (term > u) {
      ++additions;
    } else if (term > 0) {
      swallowed += term;
    }
  }
  return u * u * additions / 9 + swallowed * swallowed;
}

// exp(x - max) carries the rounding of the difference, u |x - max| relative; all of a line share
// the rounding of its sum.
void scale_softmax(ErrorScale& s) {
  const std::vector<double> x = s.input(0).to_f64();
  std::vector<double> sigma = s.output(0).to_f64();
  const SoftmaxLines lines(s.input(0), s.attributes().i("axis"));
  const double u = s.unit_roundoff(0);
  for (std::int64_t line = 0; line < lines.count; ++line) {
    double largest = -INFINITY;
    for (std::int64_t k = 0; k < lines.length; ++k) {
      largest = std::max(largest, x[static_cast<std::size_t>(lines.start(line) + k * lines.inner)]);
    }
    const double of_sum = variance_of_sum(sigma, lines, line, u);
    for (std::int64_t k = 0; k < lines.length; ++k) {
      const auto i = static_cast<std::size_t>(lines.start(line) + k * lines.inner);
      const double distance = std::isfinite(x[i]) ? std::min(largest - x[i], 100.0) : 0;
      const double of_exp = u * (2.5 + distance / 2);
      sigma[i] *= std::sqrt(of_exp * of_exp / 3 + of_sum);
    }
  }
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op softmax_op{
    .name = "Softmax",
    .since = 13,
    .inputs = {{"input", ir::types::floats, "T"}},
    .outputs = {{"output", ir::types::floats, "T"}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{-1}}},
    .infer = infer_softmax,
    .evaluate = evaluate_softmax,
    .scale = scale_softmax};

}  // namespace ponte::ops
