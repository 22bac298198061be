// LRN. Spec: onnx.ai/onnx/operators/onnx__LRN.html.
// x / (bias + alpha / size * sum of x^2 over `size` neighbouring channels)^beta.
// C1: X has a batch and channels. C2: size is positive.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_lrn(ir::Inference& c) {
  c.require(c.rank(0) >= 2, Code::ShapeMismatch, "X needs a batch and channels");  // C1
  c.require(c.attributes().i("size") >= 1, Code::InvalidAttribute,
            "`size` must be positive");  // C2
  c.set_shape(0, c.shape(0));
}

// The denominators' bases, before the power.
template <typename T>
std::vector<T> lrn_bases(const ir::AttributeReader& attributes, const Array& x) {
  const std::int64_t channels = x.dim(1), size = attributes.i("size");
  std::int64_t inner = 1;
  for (std::int64_t i = 2; i < x.rank(); ++i) inner *= x.dim(i);
  const auto alpha = static_cast<T>(attributes.f("alpha")) / static_cast<T>(size);
  const auto bias = static_cast<T>(attributes.f("bias"));
  const auto values = x.as<T>();
  std::vector<T> bases(values.size());
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const std::int64_t c = i / inner % channels;
    const std::int64_t first = std::max<std::int64_t>(0, c - (size - 1) / 2);
    const std::int64_t last = std::min(channels - 1, c + size / 2);
    T sum = 0;
    for (std::int64_t k = first; k <= last; ++k) {
      const T v = values[static_cast<std::size_t>(i + (k - c) * inner)];
      sum += v * v;
    }
    bases[static_cast<std::size_t>(i)] = bias + alpha * sum;
  }
  return bases;
}

template <typename T>
void evaluate_lrn_as(Evaluation& e) {
  const auto beta = static_cast<T>(e.attributes().f("beta"));
  const std::vector<T> bases = lrn_bases<T>(e.attributes(), e.input(0));
  Array x = e.take(0);
  e.charge_steps(x.count() * e.attributes().i("size"));
  const auto values = x.mutable_as<T>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] /= std::pow(bases[i], beta);
  e.set(0, std::move(x));
}

void evaluate_lrn(Evaluation& e) {
  e.input(0).holds<double>() ? evaluate_lrn_as<double>(e) : evaluate_lrn_as<float>(e);
}

// The base is a sum of `size` squares, the power multiplies its relative error by beta, and a power
// by way of exp(-beta log(base)) has that of the rounded exponent.
void scale_lrn(ErrorScale& s) {
  std::vector<double> sigma = s.output(0).to_f64();
  const double size = static_cast<double>(s.attributes().i("size")),
               beta = s.attributes().f("beta");
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3;
  const std::vector<double> bases = lrn_bases<double>(s.attributes(), s.input(0));
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    const double exponent = bases[i] > 0 ? std::abs(beta * std::log(bases[i])) : 0;
    sigma[i] = u * std::abs(sigma[i]) * (2 + beta * (1 + std::sqrt(size) / 2) + exponent);
  }
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op lrn_op{
    .name = "LRN",
    .since = 13,
    .inputs = {{"X", ir::types::floats, "T"}},
    .outputs = {{"Y", ir::types::floats, "T"}},
    .attributes = {{"alpha", ir::AttributeKind::Float, 0.0001},
                   {"beta", ir::AttributeKind::Float, 0.75},
                   {"bias", ir::AttributeKind::Float, 1.0},
                   {"size", ir::AttributeKind::Int, ir::Required{}}},
    .infer = infer_lrn,
    .evaluate = evaluate_lrn,
    .scale = scale_lrn};

}  // namespace ponte::ops
