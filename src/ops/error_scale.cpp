#include "ops/error_scale.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace ponte::ops {

namespace {

// What a dtype can't tell from zero: its smallest normal number, which a runtime may flush to zero,
// or the step of f16's subnormal numbers, which are computed in f32.
double underflow(ir::DType dtype) {
  switch (dtype) {
    case ir::DType::Float64:
      return 0x1p-1022;
    case ir::DType::Float16:
      return 0x1p-24;
    default:
      return 0x1p-126;
  }
}

// A relative error means nothing there. An exact zero stays exact.
void widen_below_normal(std::span<const double> values, ir::DType dtype,
                        std::vector<double>& sigma) {
  const double least = underflow(dtype);
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    if (values[i] != 0 && std::abs(values[i]) < least) sigma[i] = std::max(sigma[i], least);
  }
}

}  // namespace

double Precision::unit_roundoff(ir::DType dtype) const {
  return dtype == ir::DType::Float32 ? f32 : ir::unit_roundoff(dtype);
}

ErrorScale::ErrorScale(const ir::Node& node, const std::vector<Datum>& inputs,
                       const std::vector<Datum>& outputs, Precision precision, Services& services)
    : node_(node),
      attributes_(node),
      inputs_(inputs),
      outputs_(outputs),
      precision_(precision),
      services_(services),
      sigmas_(outputs.size()) {}

double ErrorScale::unit_roundoff(std::size_t output) const {
  return precision_.unit_roundoff(outputs_.at(output).array().dtype());
}

void ErrorScale::set(std::size_t output, std::vector<double> sigma) {
  if (output >= sigmas_.size()) return;
  const Array& array = outputs_[output].array();
  PONTE_CHECK(static_cast<std::int64_t>(sigma.size()) == array.count());
  if (array.holds<double>()) widen_below_normal(array.as<double>(), array.dtype(), sigma);
  sigmas_[output] = std::move(sigma);
}

double sum_sigma(double u, double k, double y, double p2) {
  return u * std::sqrt((k * (y * y / 3 + p2 / 2) + y * y) / 3);
}

namespace {

void scale_relative(ErrorScale& scale, double units) {
  for (std::size_t i = 0; i < scale.output_count(); ++i) {
    if (!scale.node().output(i) || !ir::is_float(scale.output(i).dtype())) continue;
    std::vector<double> sigma = scale.output(i).to_f64();
    const double factor = units * scale.unit_roundoff(i) / std::numbers::sqrt3;
    for (double& s : sigma) s = factor * std::abs(s);
    scale.set(i, std::move(sigma));
  }
}

}  // namespace

void scale_one_rounding(ErrorScale& scale) { scale_relative(scale, 1); }

void scale_few_ulps(ErrorScale& scale) { scale_relative(scale, 3); }

}  // namespace ponte::ops
