#include "ops/reduction.h"

#include <algorithm>

namespace ponte::ops {
namespace {

// Which axes of a tensor of `rank` are reduced.
std::vector<std::int64_t> reduced_axes(const std::vector<std::int64_t>& given, std::int64_t rank,
                                       bool noop_when_empty) {
  if (!given.empty()) return ir::normalized_axes(given, rank);
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < rank && !noop_when_empty; ++i) all.push_back(i);
  return all;
}

bool contains(const std::vector<std::int64_t>& axes, std::size_t axis) {
  return std::ranges::binary_search(axes, static_cast<std::int64_t>(axis));
}

template <typename Dim>
std::vector<Dim> without(const std::vector<Dim>& shape, const std::vector<std::int64_t>& axes,
                         bool keep) {
  std::vector<Dim> result;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!contains(axes, i)) {
      result.push_back(shape[i]);
    } else if (keep) {
      result.emplace_back(1);
    }
  }
  return result;
}

// Row-major offsets of all elements that vary along the chosen axes only.
std::vector<std::int64_t> offsets_along(const Dims& shape, const std::vector<std::int64_t>& axes,
                                        bool chosen) {
  std::vector<std::int64_t> offsets{0};
  std::int64_t stride = 1;
  std::vector<std::int64_t> strides(shape.size());
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= shape[i];
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (contains(axes, i) != chosen) continue;
    std::vector<std::int64_t> longer;
    longer.reserve(offsets.size() * static_cast<std::size_t>(shape[i]));
    for (const std::int64_t offset : offsets) {
      for (std::int64_t k = 0; k < shape[i]; ++k) longer.push_back(offset + k * strides[i]);
    }
    offsets = std::move(longer);
  }
  return offsets;
}

}  // namespace

void infer_reduction(ir::Inference& c) {
  const bool keep = c.attributes().i("keepdims") != 0;
  const bool noop = c.attributes().i("noop_with_empty_axes") != 0;
  std::vector<std::int64_t> given;
  if (c.has_input(1)) {
    const auto known = c.value(1);
    if (!known) {
      // The rank stays when dims are kept.
      if (!keep) c.give_up();
      ir::Shape shape;
      for (std::int64_t i = 0; i < c.rank(0); ++i) shape.push_back(c.fresh_dim());
      c.set_shape(0, shape);
      return;
    }
    for (const ir::Dim& axis : known->elements) {
      if (!axis.is_known()) c.give_up();
      given.push_back(axis.value());
    }
  }
  c.set_shape(0, without(c.shape(0), reduced_axes(given, c.rank(0), noop), keep));
}

ReductionPlan plan_reduction(const ir::AttributeReader& attributes, const Array& data,
                             const Array* axes_input) {
  const std::vector<std::int64_t> given =
      axes_input ? axes_input->to_i64() : std::vector<std::int64_t>{};
  const auto axes = reduced_axes(given, data.rank(), attributes.i("noop_with_empty_axes") != 0);
  return {without(data.shape(), axes, attributes.i("keepdims") != 0),
          offsets_along(data.shape(), axes, false), offsets_along(data.shape(), axes, true)};
}

ReductionPlan plan_reduction(const Evaluation& e) {
  return plan_reduction(e.attributes(), e.input(0), e.has_input(1) ? &e.input(1) : nullptr);
}

void scale_reduction_sum(ErrorScale& s, SumKind kind) {
  if (!s.output(0).holds<double>()) return;
  const ReductionPlan plan =
      plan_reduction(s.attributes(), s.input(0), s.has_input(1) ? &s.input(1) : nullptr);
  const auto x = s.input(0).as<double>();
  const auto y = s.output(0).as<double>();
  const double n = static_cast<double>(plan.steps.size());
  const double factor = kind == SumKind::Mean && n > 0 ? 1 / n : 1;
  std::vector<double> sigma(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    double p2 = 0;
    for (const std::int64_t offset : plan.steps) {
      const double term = factor * x[static_cast<std::size_t>(plan.starts[i] + offset)];
      p2 += term * term;
    }
    sigma[i] = sum_sigma(s.unit_roundoff(0), n, y[i], p2);
  }
  s.set(0, std::move(sigma));
}

}  // namespace ponte::ops
