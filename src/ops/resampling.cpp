#include "ops/resampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/counted.h"

namespace ponte::ops {
namespace {

template <typename T, std::size_t N>
T word_of(const ir::AttributeReader& attributes, std::string_view name,
          const std::array<std::pair<std::string_view, T>, N>& words) {
  const std::string word = attributes.s(name);
  for (const auto& [text, meaning] : words) {
    if (text == word) return meaning;
  }
  throw Error(Code::InvalidAttribute, fmt::format("`{}` = \"{}\" is not one", name, word));
}

constexpr auto interpolations =
    std::to_array<std::pair<std::string_view, Interpolation>>({{"nearest", Interpolation::Nearest},
                                                               {"linear", Interpolation::Linear},
                                                               {"cubic", Interpolation::Cubic}});
constexpr auto roundings = std::to_array<std::pair<std::string_view, NearestRounding>>(
    {{"round_prefer_floor", NearestRounding::HalfDown},
     {"round_prefer_ceil", NearestRounding::HalfUp},
     {"floor", NearestRounding::Down},
     {"ceil", NearestRounding::Up}});
constexpr auto transformations = std::to_array<std::pair<std::string_view, Coordinates>>(
    {{"half_pixel", Coordinates::HalfPixel},
     {"half_pixel_symmetric", Coordinates::HalfPixelSymmetric},
     {"pytorch_half_pixel", Coordinates::PytorchHalfPixel},
     {"align_corners", Coordinates::AlignCorners},
     {"asymmetric", Coordinates::Asymmetric},
     {"tf_crop_and_resize", Coordinates::CropAndResize}});

double original_coordinate(const ResizedAxis& axis, Coordinates coordinates, double x) {
  const auto size = static_cast<double>(axis.input);
  const double half_pixel = (x + 0.5) / axis.scale - 0.5;
  switch (coordinates) {
    case Coordinates::HalfPixel:
      return half_pixel;
    case Coordinates::HalfPixelSymmetric:
      return size / 2 * (1 - static_cast<double>(axis.output) / axis.length) + half_pixel;
    case Coordinates::PytorchHalfPixel:
      return axis.length > 1 ? half_pixel : 0;
    case Coordinates::AlignCorners:
      return axis.length == 1 ? 0 : x * (size - 1) / (axis.length - 1);
    case Coordinates::Asymmetric:
      return x / axis.scale;
    case Coordinates::CropAndResize:
      if (axis.length == 1) return (axis.start + axis.end) * (size - 1) / 2;
      return axis.start * (size - 1) + x * (axis.end - axis.start) * (size - 1) / (axis.length - 1);
  }
  return 0;
}

// The weight of an element at this distance.
double kernel(Interpolation interpolation, double distance, double a) {
  const double x = std::abs(distance);
  if (interpolation == Interpolation::Linear) return std::max(0.0, 1 - x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

std::int64_t nearest(double coordinate, NearestRounding rounding) {
  const double below = std::floor(coordinate);
  const double rest = coordinate - below;
  switch (rounding) {
    case NearestRounding::HalfDown:
      return static_cast<std::int64_t>(rest <= 0.5 ? below : below + 1);
    case NearestRounding::HalfUp:
      return static_cast<std::int64_t>(rest < 0.5 ? below : below + 1);
    case NearestRounding::Down:
      return static_cast<std::int64_t>(below);
    case NearestRounding::Up:
      break;
  }
  return static_cast<std::int64_t>(std::ceil(coordinate));
}

// The elements around a coordinate that its window covers: from `begin` to `begin + size`, counted
// from the last element below it.
struct Footprint {
  std::int64_t begin = 0;
  std::int64_t size = 0;
  double stretch = 1;  // of distances
};

Footprint footprint_of(const ResizedAxis& axis, const Resampling& how) {
  constexpr double most = 1 << 27;
  Footprint footprint;
  if (how.has_antialias) footprint.stretch = std::min(axis.scale, 1.0);
  const double radius = how.interpolation == Interpolation::Linear ? 1 : 2;
  const double begin = std::floor(-radius / footprint.stretch) + 1;
  if (!((2 - 2 * begin) * static_cast<double>(std::max<std::int64_t>(axis.output, 1)) < most))
    throw Error(Code::BudgetExceeded, fmt::format("a scale of {} to {}", axis.scale,
                                                  counted(axis.output, "element", "elements")));
  footprint.begin = static_cast<std::int64_t>(begin);
  footprint.size = 2 - 2 * footprint.begin;
  return footprint;
}

class Window {
 public:
  Window(const ResizedAxis& axis, const Resampling& how)
      : axis_(axis), how_(how), footprint_(footprint_of(axis, how)) {}

  Samples at(double coordinate) const {
    // An element that is hit is the last of the two in the middle.
    const double below = std::ceil(coordinate) - 1;
    const double rest = coordinate - below;
    Samples samples;
    samples.first = static_cast<std::int64_t>(below) + footprint_.begin;
    samples.weights = weights(rest, samples.first);
    constexpr double step = 0x1p-10;
    samples.slopes = weights(rest + step, samples.first);
    const std::vector<double> before = weights(rest - step, samples.first);
    for (std::size_t i = 0; i < before.size(); ++i)
      samples.slopes[i] = (samples.slopes[i] - before[i]) / (2 * step);
    return samples;
  }

 private:
  std::vector<double> weights(double rest, std::int64_t first) const {
    std::vector<double> result;
    double total = 0;
    for (std::int64_t i = 0; i < footprint_.size; ++i) {
      const double distance =
          (static_cast<double>(footprint_.begin + i) - rest) * footprint_.stretch;
      const std::int64_t at = first + i;
      const bool counts = !how_.excludes_outside || (at >= 0 && at < axis_.input);
      result.push_back(counts ? kernel(how_.interpolation, distance, how_.cubic_coefficient) : 0);
      total += result.back();
    }
    if ((how_.has_antialias || how_.excludes_outside) && total != 0) {
      for (double& weight : result) weight /= total;
    }
    return result;
  }

  const ResizedAxis& axis_;
  const Resampling& how_;
  Footprint footprint_;
};

}  // namespace

Resampling resampling_of(const ir::AttributeReader& attributes) {
  Resampling how;
  how.interpolation = word_of(attributes, "mode", interpolations);
  how.rounding = word_of(attributes, "nearest_mode", roundings);
  how.coordinates = word_of(attributes, "coordinate_transformation_mode", transformations);
  how.cubic_coefficient = attributes.f("cubic_coeff_a");
  how.has_antialias = attributes.i("antialias") != 0;
  how.excludes_outside = attributes.i("exclude_outside") != 0;
  how.extrapolation = attributes.f("extrapolation_value");
  if (how.has_antialias && how.interpolation == Interpolation::Nearest)
    throw Error(Code::InvalidAttribute, "`antialias` with the mode \"nearest\"");
  return how;
}

bool ResizedAxis::is_unchanged() const {
  return std::abs(scale - 1) <= 1e-9 && output == input && std::abs(start) <= 1e-9 &&
         std::abs(end - 1) <= 1e-9;
}

std::vector<Samples> samples_along(const ResizedAxis& axis, const Resampling& how) {
  // Where a coordinate lies far outside, it makes no difference how far.
  constexpr double far = 0x1p40;
  const bool is_nearest = how.interpolation == Interpolation::Nearest;
  std::optional<Window> window;
  if (!is_nearest) window.emplace(axis, how);
  std::vector<Samples> all;
  for (std::int64_t i = 0; i < axis.output; ++i) {
    const double exact = original_coordinate(axis, how.coordinates, static_cast<double>(i));
    if (!std::isfinite(exact))
      throw Error(Code::InvalidInputValue, "a coordinate is not a finite number");
    const double coordinate = std::clamp(exact, -far, far);
    Samples samples = is_nearest ? Samples{nearest(coordinate, how.rounding), {1}, {0}, 0, false}
                                 : window->at(coordinate);
    samples.coordinate = coordinate;
    samples.is_extrapolated = how.coordinates == Coordinates::CropAndResize &&
                              (exact < 0 || exact > static_cast<double>(axis.input) - 1);
    all.push_back(std::move(samples));
  }
  return all;
}

}  // namespace ponte::ops
