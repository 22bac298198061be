// How Resize samples its input: along one axis after the other, each element of the result a
// weighted sum of a window of the input's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/inference.h"

namespace ponte::ops {

enum class Interpolation : std::uint8_t { Nearest, Linear, Cubic };
enum class NearestRounding : std::uint8_t { HalfDown, HalfUp, Down, Up };
enum class Coordinates : std::uint8_t {
  HalfPixel,
  HalfPixelSymmetric,
  PytorchHalfPixel,
  AlignCorners,
  Asymmetric,
  CropAndResize
};

// What the attributes say.
struct Resampling {
  Interpolation interpolation = Interpolation::Nearest;
  NearestRounding rounding = NearestRounding::HalfDown;
  Coordinates coordinates = Coordinates::HalfPixel;
  double cubic_coefficient = -0.75;
  bool has_antialias = false;
  bool excludes_outside = false;
  double extrapolation = 0;
};

// Throws InvalidAttribute for a word that the specification does not have, and for an antialias of
// the nearest element.
Resampling resampling_of(const ir::AttributeReader& attributes);

// One axis that is resized.
struct ResizedAxis {
  std::int64_t axis = 0;
  std::int64_t input = 0;   // its size
  std::int64_t output = 0;  // the size that it gets
  double scale = 1;
  double length = 0;  // the size before it was made a whole number
  double start = 0;   // of the region of CropAndResize, as shares of the input
  double end = 1;

  bool is_unchanged() const;
};

// What one position of the result is made of.
struct Samples {
  std::int64_t first = 0;       // of the window, which may lie outside of the input
  std::vector<double> weights;  // one for Nearest
  // How the weights change with the coordinate, which runtimes compute in single precision.
  std::vector<double> slopes;
  double coordinate = 0;
  bool is_extrapolated = false;
};

// For every position of the result. The axis has elements where the result has. Throws
// InvalidInputValue for coordinates that are not finite, BudgetExceeded for windows with more than
// 2^27 elements together.
std::vector<Samples> samples_along(const ResizedAxis& axis, const Resampling& how);

}  // namespace ponte::ops
