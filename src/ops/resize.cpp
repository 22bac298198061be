// Resize. Spec: onnx.ai/onnx/operators/onnx__Resize.html.
// C1: there are scales or sizes, not both; an empty one counts as absent. C2: each has an element
// for each axis of axes, roi two. C3: axes in [-r, r-1], none twice. C4: scales are above 0, sizes
// not below. C5: tf_crop_and_resize needs roi. C6: an axis without elements stays empty. C7:
// nearest, linear or cubic; antialias not with nearest. Sizes that come of scales are rounded down
// in single precision, and a region does not change them, as in ONNX's own inference and in ONNX
// Runtime: the text multiplies by the region's extent, which neither does.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/error_scale.h"
#include "ops/known_values.h"
#include "ops/resampling.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

constexpr std::size_t roi_input = 1, scales_input = 2, sizes_input = 3;

enum class AspectRatio : std::uint8_t { Free, NotLarger, NotSmaller };

AspectRatio aspect_ratio(const ir::AttributeReader& attributes) {
  const std::string policy = attributes.s("keep_aspect_ratio_policy");
  if (policy == "stretch") return AspectRatio::Free;
  if (policy == "not_larger") return AspectRatio::NotLarger;
  if (policy == "not_smaller") return AspectRatio::NotSmaller;
  throw Error(Code::InvalidAttribute,
              fmt::format("`keep_aspect_ratio_policy` = \"{}\" is not one", policy));
}

Dims resized_axes(const ir::AttributeReader& attributes, std::int64_t rank) {
  Dims axes = attributes.ints("axes");
  if (!attributes.has("axes")) {
    for (std::int64_t i = 0; i < rank; ++i) axes.push_back(i);
  }
  ir::normalized_axes(axes, rank);  // C3
  for (std::int64_t& axis : axes) axis = ir::normalized_axis(axis, rank, "axes");
  return axes;
}

// The numbers that say how large the axes become; empty: absent.
struct Targets {
  std::vector<double> roi;
  std::vector<double> scales;
  Dims sizes;
};

void require_counts(const Targets& targets, std::size_t axes) {
  const auto fits = [](std::size_t count, std::size_t wanted) {
    return count == 0 || count == wanted;
  };
  if (!fits(targets.scales.size(), axes) || !fits(targets.sizes.size(), axes) ||
      !fits(targets.roi.size(), 2 * axes)) {
    throw Error(Code::ShapeMismatch, "an input has not as many elements as there are axes");  // C2
  }
}

std::int64_t checked_size(double size) {
  if (!(size >= 0)) throw Error(Code::InvalidInputValue, "a size below 0");  // C4
  if (size > static_cast<double>(max_dimension))
    throw Error(Code::ElementCountTooLarge, "a resized axis is too large");
  return static_cast<std::int64_t>(size);
}

void set_by_scale(ResizedAxis& axis, double scale) {
  if (!(scale > 0) || !std::isfinite(scale))
    throw Error(Code::InvalidInputValue, fmt::format("a scale of {}", scale));  // C4
  axis.scale = scale;
  axis.length = scale * static_cast<double>(axis.input);
  const float narrow = static_cast<float>(scale) * static_cast<float>(axis.input);
  axis.output = checked_size(std::floor(static_cast<double>(narrow)));
}

void set_by_sizes(std::vector<ResizedAxis>& axes, const Dims& sizes, AspectRatio ratio) {
  std::vector<double> scales;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    axes[i].output = checked_size(static_cast<double>(sizes[i]));
    axes[i].length = static_cast<double>(axes[i].output);
    axes[i].scale = axes[i].length / static_cast<double>(axes[i].input);
    scales.push_back(axes[i].scale);
  }
  if (ratio == AspectRatio::Free || scales.empty()) return;
  const double common =
      ratio == AspectRatio::NotLarger ? std::ranges::min(scales) : std::ranges::max(scales);
  for (ResizedAxis& axis : axes) {
    axis.scale = common;
    axis.length = common * static_cast<double>(axis.input);
    axis.output = checked_size(std::floor(axis.length + 0.5));
  }
}

// The axes with their new sizes.
std::vector<ResizedAxis> resized(const Dims& shape, const Dims& axes, const Targets& targets,
                                 const ir::AttributeReader& attributes) {
  if (targets.scales.empty() == targets.sizes.empty() && !axes.empty())
    throw Error(Code::InvalidInputValue, "either `scales` or `sizes` is needed");  // C1
  require_counts(targets, axes.size());
  std::vector<ResizedAxis> result;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ResizedAxis axis{.axis = axes[i], .input = shape[static_cast<std::size_t>(axes[i])]};
    if (!targets.roi.empty()) {
      axis.start = targets.roi[i];
      axis.end = targets.roi[axes.size() + i];
    }
    if (!targets.scales.empty()) set_by_scale(axis, targets.scales[i]);
    result.push_back(axis);
  }
  if (!targets.sizes.empty()) set_by_sizes(result, targets.sizes, aspect_ratio(attributes));
  for (const ResizedAxis& axis : result) {
    if (axis.input == 0 && axis.output > 0)
      throw Error(Code::InvalidInputValue, "an axis without elements can't be resized");  // C6
  }
  return result;
}

bool is_certainly_absent(const ir::Inference& c, std::size_t input) {
  if (!c.has_input(input)) return true;
  return c.is_ranked(input) && c.shape(input).size() == 1 && c.shape(input)[0] == ir::Dim(0);
}

// The new dim of an axis whose scale is known.
ir::Dim scaled(const ir::Inference& c, const ir::Dim& dim, double scale) {
  if (scale == 1) return dim;
  const bool is_whole = scale == std::floor(scale) && scale > 0 && scale < 1e6;
  return is_whole ? dim * ir::Dim(static_cast<std::int64_t>(scale)) : c.fresh_dim();
}

void require_region(bool has_region, const Resampling& how) {
  if (!has_region && how.coordinates == Coordinates::CropAndResize)
    throw Error(Code::InvalidInputValue, "`tf_crop_and_resize` needs `roi`");  // C5
}

// What inference knows; none where a number is only known while running.
std::optional<Targets> known_targets(const ir::Inference& c) {
  Targets targets;
  if (!is_certainly_absent(c, scales_input)) {
    const ir::Tensor* scales = c.constant(scales_input);
    if (!scales) return std::nullopt;
    targets.scales = scales->to_f64();
  }
  if (!is_certainly_absent(c, sizes_input)) {
    auto sizes = known_numbers(c, sizes_input);
    if (!sizes) return std::nullopt;
    targets.sizes = std::move(*sizes);
  }
  return targets;
}

// The dims that are certain where not all numbers are known.
ir::Shape certain_dims(const ir::Inference& c, const Dims& axes, AspectRatio ratio) {
  ir::Shape shape = c.shape(0);
  const ir::Tensor* scales =
      is_certainly_absent(c, scales_input) ? nullptr : c.constant(scales_input);
  const auto sizes = is_certainly_absent(c, sizes_input) ? std::nullopt : c.value(sizes_input);
  const std::size_t count = axes.size();
  c.require((!scales || scales->count() == std::ssize(axes)) &&
                (!sizes || sizes->elements.size() == count),
            Code::ShapeMismatch, "an input has not as many elements as there are axes");  // C2
  for (std::size_t i = 0; i < count; ++i) {
    ir::Dim& dim = shape[static_cast<std::size_t>(axes[i])];
    if (sizes && ratio == AspectRatio::Free) {
      dim = sizes->elements[i];
    } else {
      dim = scales ? scaled(c, dim, scales->to_f64()[i]) : c.fresh_dim();
    }
  }
  return shape;
}

void infer_resize(ir::Inference& c) {
  const Resampling how = resampling_of(c.attributes());  // C7
  const AspectRatio ratio = aspect_ratio(c.attributes());
  require_region(c.has_input(roi_input), how);
  const Dims axes = resized_axes(c.attributes(), c.rank(0));
  const auto targets = known_targets(c);
  const auto shape = ir::known_dims(c.shape(0));
  if (!targets || !shape) return c.set_shape(0, certain_dims(c, axes, ratio));
  Dims result = *shape;
  for (const ResizedAxis& axis : resized(*shape, axes, *targets, c.attributes()))
    result[static_cast<std::size_t>(axis.axis)] = axis.output;
  c.set_shape(0, ir::to_shape(result));
}

template <typename Node>
std::vector<ResizedAxis> resized_axes_of(const Node& node) {
  const Dims axes = resized_axes(node.attributes(), node.input(0).rank());
  const Resampling how = resampling_of(node.attributes());
  Targets targets;
  if (node.has_input(scales_input)) targets.scales = node.input(scales_input).to_f64();
  if (node.has_input(sizes_input)) targets.sizes = node.input(sizes_input).to_i64();
  if (how.coordinates == Coordinates::CropAndResize) {
    if (node.has_input(roi_input)) targets.roi = node.input(roi_input).to_f64();
    require_region(!targets.roi.empty() || axes.empty(), how);
  }
  return resized(node.input(0).shape(), axes, targets, node.attributes());
}

// Calls visit(source of the window's elements, samples, target) for each row of the elements behind
// the axis: `source` is the start of the line that the axis runs along.
template <typename Visit>
void for_each_sample(Services& services, const AxisSplit& split,
                     const std::vector<Samples>& samples, const Visit& visit) {
  const auto output = static_cast<std::int64_t>(samples.size());
  if (output == 0 || split.inner == 0) return;
  const auto taps = static_cast<std::int64_t>(samples.front().weights.size());
  services.charge_steps(split.outer * output * split.inner * taps);
  services.parallel_for(
      split.outer * output, std::max<std::int64_t>(1, 16384 / (split.inner * taps)),
      [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
          visit(row / output * split.length * split.inner,
                samples[static_cast<std::size_t>(row % output)], row * split.inner);
        }
      });
}

Dims with_size(Dims shape, const ResizedAxis& axis) {
  shape[static_cast<std::size_t>(axis.axis)] = axis.output;
  return shape;
}

template <typename T>
T extrapolated(const Resampling& how) {
  if constexpr (std::is_arithmetic_v<T>) return static_cast<T>(how.extrapolation);
  throw Error(Code::InvalidInputType, "there is no such value beside the input");
}

template <typename T>
Array nearest_along(Evaluation& e, const Array& x, const ResizedAxis& axis, const Resampling& how) {
  Array y = e.allocate(x.dtype(), with_size(x.shape(), axis));
  const std::vector<Samples> samples = samples_along(axis, how);
  const AxisSplit split = split_at(x.shape(), axis.axis);
  const T* from = x.as<T>().data();
  T* to = y.mutable_as<T>().data();
  for_each_sample(e.services(), split, samples,
                  [&](std::int64_t line, const Samples& sample, std::int64_t target) {
                    if (sample.is_extrapolated) {
                      std::fill_n(to + target, split.inner, extrapolated<T>(how));
                      return;
                    }
                    const auto at = std::clamp<std::int64_t>(sample.first, 0, split.length - 1);
                    std::copy_n(from + line + at * split.inner, split.inner, to + target);
                  });
  return y;
}

// f(weight, slope, element) summed over the window of each position.
template <typename F>
void sum_along(Services& services, const AxisSplit& split, const std::vector<Samples>& samples,
               std::span<const double> from, std::span<double> to, double extrapolation,
               const F& f) {
  for_each_sample(services, split, samples,
                  [&](std::int64_t line, const Samples& sample, std::int64_t target) {
                    double* out = to.data() + target;
                    std::fill_n(out, split.inner, sample.is_extrapolated ? extrapolation : 0);
                    if (sample.is_extrapolated) return;
                    for (std::size_t k = 0; k < sample.weights.size(); ++k) {
                      const auto at = std::clamp<std::int64_t>(
                          sample.first + static_cast<std::int64_t>(k), 0, split.length - 1);
                      const double* in = from.data() + line + at * split.inner;
                      for (std::int64_t i = 0; i < split.inner; ++i)
                        out[i] += f(sample.weights[k], sample.slopes[k], in[i]);
                    }
                  });
}

struct Interpolated {
  Array y;
  std::vector<Samples> samples;
};

Interpolated interpolated_along(Services& services, const Array& x, const ResizedAxis& axis,
                                const Resampling& how) {
  Array y = Array::zeros(ir::DType::Float64, with_size(x.shape(), axis), Arithmetic::Exact,
                         services.meter());
  std::vector<Samples> samples = samples_along(axis, how);
  sum_along(services, split_at(x.shape(), axis.axis), samples, x.as<double>(),
            y.mutable_as<double>(), how.extrapolation,
            [](double weight, double, double element) { return weight * element; });
  return {std::move(y), std::move(samples)};
}

// Numbers of any dtype as doubles, and back.
Array widened(const Array& x, const std::shared_ptr<MemoryMeter>& meter) {
  if (x.holds<double>()) return x.with_dtype(ir::DType::Float64);
  return {ir::DType::Float64, x.shape(), x.to_f64(), meter};
}

template <typename T>
Array narrowed(Evaluation& e, const Array& wide, ir::DType dtype) {
  Array y = e.allocate(dtype, wide.shape());
  const std::span<const double> from = wide.as<double>();
  const std::span<T> to = y.mutable_as<T>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    if constexpr (std::is_integral_v<T>) {
      const ir::Range range = ir::range(dtype);
      const double whole = std::isnan(from[i]) ? 0 : std::nearbyint(from[i]);
      const double bounded = std::clamp(whole, range.lowest, range.highest);
      const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
      to[i] = bounded < end ? static_cast<T>(bounded) : std::numeric_limits<T>::max();
    } else {
      to[i] = static_cast<T>(from[i]);
    }
  }
  return y;
}

void evaluate_interpolating(Evaluation& e, const std::vector<ResizedAxis>& axes,
                            const Resampling& how) {
  const ir::DType dtype = e.input(0).dtype();
  Array y = widened(e.input(0), e.services().meter());
  for (const ResizedAxis& axis : axes) {
    if (axis.is_unchanged()) continue;
    y = interpolated_along(e.services(), y, axis, how).y;
  }
  e.input(0).visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_same_v<T, double>) {
      e.set(0, y.with_dtype(dtype));
    } else if constexpr (std::is_arithmetic_v<T>) {
      e.set(0, narrowed<T>(e, y, dtype));
    }
  });
}

void evaluate_resize(Evaluation& e) {
  const Resampling how = resampling_of(e.attributes());
  const std::vector<ResizedAxis> axes = resized_axes_of(e);
  if (how.interpolation != Interpolation::Nearest) {
    e.input(0).visit([&](auto elements) {
      using T = std::remove_cv_t<typename decltype(elements)::element_type>;
      e.require(std::is_arithmetic_v<T>, Code::InvalidInputType, "only numbers have means");
    });
    return evaluate_interpolating(e, axes, how);
  }
  Array y = e.take(0);
  for (const ResizedAxis& axis : axes) {
    if (axis.is_unchanged()) continue;
    y = y.visit([&](auto elements) {
      using T = std::remove_cv_t<typename decltype(elements)::element_type>;
      return nearest_along<T>(e, y, axis, how);
    });
  }
  e.set(0, std::move(y));
}

// Along each axis: what the axes before it bring, the products and their sum, and the coordinate,
// which has three roundings.
Array variances_along(ErrorScale& s, const Array& x, const Array& y, const Array& variances,
                      const ResizedAxis& axis, const std::vector<Samples>& samples) {
  const AxisSplit split = split_at(x.shape(), axis.axis);
  const Dims shape = with_size(x.shape(), axis);
  const auto zeros = [&] {
    return Array::zeros(ir::DType::Float64, shape, Arithmetic::Exact, s.services().meter());
  };
  Array result = zeros(), squares = zeros(), slopes = zeros();
  sum_along(s.services(), split, samples, variances.as<double>(), result.mutable_as<double>(), 0,
            [](double weight, double, double variance) { return weight * weight * variance; });
  sum_along(
      s.services(), split, samples, x.as<double>(), squares.mutable_as<double>(), 0,
      [](double weight, double, double element) { return weight * weight * element * element; });
  sum_along(s.services(), split, samples, x.as<double>(), slopes.mutable_as<double>(), 0,
            [](double, double slope, double element) { return slope * element; });
  const double u = s.unit_roundoff(0);
  const std::span<double> to = result.mutable_as<double>();
  const auto output = static_cast<std::int64_t>(samples.size());
  for (std::int64_t i = 0; i < y.count(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const Samples& sample = samples[static_cast<std::size_t>(i / split.inner % output)];
    if (sample.is_extrapolated) continue;
    const double products = sum_sigma(u, static_cast<double>(sample.weights.size()),
                                      y.as<double>()[at], squares.as<double>()[at]);
    const double place = u * (std::abs(sample.coordinate) + 1) * slopes.as<double>()[at];
    to[at] += products * products + place * place;
  }
  return result;
}

void scale_resize(ErrorScale& s) {
  const Resampling how = resampling_of(s.attributes());
  if (how.interpolation == Interpolation::Nearest) return;
  if (!ir::is_float(s.output(0).dtype())) {
    // Runtimes round, cut off or compute in fixed point.
    s.set(0, std::vector<double>(static_cast<std::size_t>(s.output(0).count()), 0.5));
    return;
  }
  Array x = widened(s.input(0), s.services().meter());
  Array variances =
      Array::zeros(ir::DType::Float64, x.shape(), Arithmetic::Exact, s.services().meter());
  for (const ResizedAxis& axis : resized_axes_of(s)) {
    if (axis.is_unchanged()) continue;
    auto [y, samples] = interpolated_along(s.services(), x, axis, how);
    variances = variances_along(s, x, y, variances, axis, samples);
    x = std::move(y);
  }
  std::vector<double> sigma(variances.as<double>().begin(), variances.as<double>().end());
  for (double& value : sigma) value = std::sqrt(value);
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op resize_op{
    .name = "Resize",
    .since = 19,
    .inputs = {{"X", ir::types::plain_tensor, "T1"},
               {"roi", ir::types::f16 | ir::types::f32 | ir::types::f64, "T2", ir::Arity::Optional},
               {"scales", ir::types::f32, "", ir::Arity::Optional},
               {"sizes", ir::types::i64, "", ir::Arity::Optional}},
    .outputs = {{"Y", ir::types::plain_tensor, "T1"}},
    .attributes = {{"antialias", ir::AttributeKind::Int, std::int64_t{0}},
                   {"axes", ir::AttributeKind::Ints},
                   {"coordinate_transformation_mode", ir::AttributeKind::String, "half_pixel"},
                   {"cubic_coeff_a", ir::AttributeKind::Float, -0.75},
                   {"exclude_outside", ir::AttributeKind::Int, std::int64_t{0}},
                   {"extrapolation_value", ir::AttributeKind::Float, 0.0},
                   {"keep_aspect_ratio_policy", ir::AttributeKind::String, "stretch"},
                   {"mode", ir::AttributeKind::String, "nearest"},
                   {"nearest_mode", ir::AttributeKind::String, "round_prefer_floor"}},
    .infer = infer_resize,
    .evaluate = evaluate_resize,
    .scale = scale_resize};

}  // namespace ponte::ops
