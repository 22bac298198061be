// BatchNormalization. Spec: onnx.ai/onnx/operators/onnx__BatchNormalization.html.
// (x - mean) / sqrt(variance + epsilon) * scale + bias per channel; with training_mode the batch's
// own statistics, and the running ones as further outputs. C1: scale, bias, mean and variance have
// one element per channel.
#include <cmath>
#include <numbers>

#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_batch_normalization(ir::Inference& c) {
  const ir::Shape& x = c.shape(0);
  c.require(!x.empty(), Code::ShapeMismatch, "X is a scalar");
  const ir::Dim channels = x.size() > 1 ? x[1] : ir::Dim(1);
  for (std::size_t i = 1; i < 5; ++i) {
    c.require_rank(i, 1, "a statistic");
    if (c.is_ranked(i)) c.require_not_different(c.shape(i)[0], channels, "channels");  // C1
  }
  c.set_shape(0, x);
  if (c.attributes().i("training_mode") == 0) {
    c.require(c.output_count() == 1, Code::WrongInputCount,
              "running statistics are only given with training_mode");
    return;
  }
  c.set_shape(1, {channels});
  c.set_shape(2, {channels});
}

// How elements lie in the channels of a tensor.
struct ChannelLayout {
  std::int64_t channels, inner;
  explicit ChannelLayout(const Dims& shape) : channels(shape.size() > 1 ? shape[1] : 1), inner(1) {
    for (std::size_t i = 2; i < shape.size(); ++i) inner *= shape[i];
  }
  std::size_t of(std::size_t element) const {
    return element / static_cast<std::size_t>(inner) % static_cast<std::size_t>(channels);
  }
};

struct Statistics {
  std::vector<double> mean, variance;
};

Statistics batch_statistics(const std::vector<double>& x, const ChannelLayout& layout) {
  const auto channels = static_cast<std::size_t>(layout.channels);
  Statistics s{std::vector<double>(channels), std::vector<double>(channels)};
  const double n = static_cast<double>(x.size()) / static_cast<double>(channels);
  for (std::size_t i = 0; i < x.size(); ++i) s.mean[layout.of(i)] += x[i] / n;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double d = x[i] - s.mean[layout.of(i)];
    s.variance[layout.of(i)] += d * d / n;
  }
  return s;
}

Array running(Evaluation& e, std::size_t input, const std::vector<double>& batch) {
  const std::vector<double> old = e.input(input).to_f64();
  const double momentum = e.attributes().f("momentum");
  Array out = e.allocate(e.input(input).dtype(), e.input(input).shape());
  for (std::size_t i = 0; i < old.size(); ++i) {
    const double value = old[i] * momentum + batch[i] * (1 - momentum);
    if (out.holds<double>()) {
      out.mutable_as<double>()[i] = value;
    } else {
      out.mutable_as<float>()[i] = static_cast<float>(value);
    }
  }
  return out;
}

void evaluate_batch_normalization(Evaluation& e) {
  const ChannelLayout layout(e.input(0).shape());
  Statistics s{e.input(3).to_f64(), e.input(4).to_f64()};
  if (e.attributes().i("training_mode") != 0) {
    s = batch_statistics(e.input(0).to_f64(), layout);
    e.set(1, running(e, 3, s.mean));
    e.set(2, running(e, 4, s.variance));
  }
  const std::vector<double> gamma = e.input(1).to_f64(), beta = e.input(2).to_f64();
  const double epsilon = e.attributes().f("epsilon");
  for (const std::vector<double>* list :
       std::initializer_list<const std::vector<double>*>{&gamma, &beta, &s.mean, &s.variance}) {
    e.require(static_cast<std::int64_t>(list->size()) == layout.channels, Code::ShapeMismatch,
              "a statistic does not have one element per channel");
  }
  std::vector<double> factor(gamma.size());
  for (std::size_t c = 0; c < factor.size(); ++c)
    factor[c] = gamma[c] / std::sqrt(s.variance[c] + epsilon);
  Array x = e.take(0);
  x.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_floating_point_v<T>) {
      const auto values = x.mutable_as<T>();
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t c = layout.of(i);
        values[i] =
            static_cast<T>((static_cast<double>(values[i]) - s.mean[c]) * factor[c] + beta[c]);
      }
    }
  });
  e.charge_steps(x.count());
  e.set(0, std::move(x));
}

// Runtimes fold the statistics into one factor and one offset: x f + (beta - mean f), each part
// rounds.
void scale_batch_normalization(ErrorScale& s) {
  const ChannelLayout layout(s.input(0).shape());
  const std::vector<double> x = s.input(0).to_f64(), gamma = s.input(1).to_f64(),
                            beta = s.input(2).to_f64(), mean = s.input(3).to_f64(),
                            variance = s.input(4).to_f64();
  std::vector<double> sigma = s.output(0).to_f64();
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3;
  const double epsilon = s.attributes().f("epsilon");
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    const std::size_t c = layout.of(i);
    const double factor = gamma[c] / std::sqrt(variance[c] + epsilon);
    const double scaled = 2 * factor * x[i], shift = 2 * factor * mean[c];
    sigma[i] =
        u * std::sqrt(scaled * scaled + shift * shift + beta[c] * beta[c] + sigma[i] * sigma[i]);
  }
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op batch_normalization_op{
    .name = "BatchNormalization",
    .since = 15,
    .inputs = {{"X", ir::types::floats, "T"},
               {"scale", ir::types::floats, "T1"},
               {"B", ir::types::floats, "T1"},
               {"input_mean", ir::types::floats, "T2"},
               {"input_var", ir::types::floats, "T2"}},
    .outputs = {{"Y", ir::types::floats, "T"},
                {"running_mean", ir::types::floats, "T2", ir::Arity::Optional},
                {"running_var", ir::types::floats, "T2", ir::Arity::Optional}},
    .attributes = {{"epsilon", ir::AttributeKind::Float, 1e-5},
                   {"momentum", ir::AttributeKind::Float, 0.9},
                   {"training_mode", ir::AttributeKind::Int, std::int64_t{0}}},
    .infer = infer_batch_normalization,
    .evaluate = evaluate_batch_normalization,
    .scale = scale_batch_normalization};

}  // namespace ponte::ops
