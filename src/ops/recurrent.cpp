#include "ops/recurrent.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/counted.h"
#include "ops/matrix_kernel.h"

namespace ponte::ops {
namespace {

std::int64_t direction_count(const std::string& direction) {
  if (direction == "forward" || direction == "reverse") return 1;
  if (direction == "bidirectional") return 2;
  throw Error(Code::InvalidAttribute, fmt::format("`direction` = \"{}\" is not known", direction));
}

bool has_batch_first(const ir::AttributeReader& attributes) { return attributes.i("layout") != 0; }

// [a, b, inner] as [b, a, inner].
template <typename T>
std::vector<T> swapped(std::span<const T> values, std::int64_t a, std::int64_t b) {
  std::vector<T> result(values.size());
  const auto inner = a * b == 0 ? 0 : static_cast<std::int64_t>(values.size()) / (a * b);
  for (std::int64_t i = 0; i < a; ++i) {
    for (std::int64_t k = 0; k < b; ++k) {
      std::copy_n(values.data() + (i * b + k) * inner, inner, result.data() + (k * a + i) * inner);
    }
  }
  return result;
}

double at_or(const std::vector<float>& values, std::int64_t index, double fallback) {
  return static_cast<std::size_t>(index) < values.size()
             ? static_cast<double>(values[static_cast<std::size_t>(index)])
             : fallback;
}

}  // namespace

RecurrentDims infer_recurrent(ir::Inference& c, std::int64_t gates) {
  const std::int64_t directions = direction_count(c.attributes().s("direction"));
  for (std::size_t i = 0; i < 3; ++i) c.require_rank(i, 3, i == 0 ? "X" : "a weight");
  const ir::Shape& x = c.shape(0);
  const ir::Shape& r = c.shape(2);
  const bool batch_first = has_batch_first(c.attributes());
  c.require_not_different(r[0], directions, "directions");
  c.require_not_different(r[1], r[2] * gates, "R");
  if (c.is_ranked(1)) {
    c.require_not_different(c.shape(1)[0], directions, "directions");
    c.require_not_different(c.shape(1)[1], r[1], "W and R");
    c.require_not_different(c.shape(1)[2], x[2], "W and X");
  }
  return {batch_first ? x[1] : x[0], batch_first ? x[0] : x[1], directions, r[2]};
}

RecurrentSizes recurrent_sizes(const Evaluation& e, std::int64_t gates) {
  const Dims& x = e.input(0).shape();
  const Dims& w = e.input(1).shape();
  const Dims& r = e.input(2).shape();
  const bool batch_first = has_batch_first(e.attributes());
  RecurrentSizes sizes{batch_first ? x.at(1) : x.at(0),
                       batch_first ? x.at(0) : x.at(1),
                       x.at(2),
                       direction_count(e.attributes().s("direction")),
                       r.at(2),
                       {}};
  const bool fits =
      w == Dims{sizes.directions, gates * sizes.hidden, sizes.input} &&
      r == Dims{sizes.directions, gates * sizes.hidden, sizes.hidden} &&
      (!e.has_input(3) || e.input(3).count() == sizes.directions * 2 * gates * sizes.hidden);
  e.require(fits, Code::ShapeMismatch, "W, R and B do not fit each other");
  sizes.lengths.assign(static_cast<std::size_t>(sizes.batch), sizes.steps);
  if (e.has_input(4)) {
    sizes.lengths = e.input(4).to_i64();
    e.require(static_cast<std::int64_t>(sizes.lengths.size()) == sizes.batch, Code::ShapeMismatch,
              "`sequence_lens` needs one length per batch");
    for (const std::int64_t length : sizes.lengths) {
      e.require(
          length >= 0 && length <= sizes.steps, Code::InvalidInputValue,
          fmt::format("a sequence of {} in {}", counted(length, "step", "steps"), sizes.steps));
    }
  }
  return sizes;
}

Activation activation(const ir::AttributeReader& attributes, std::int64_t index,
                      const std::string& fallback) {
  const auto names = attributes.strings("activations");
  const auto alphas = attributes.floats("activation_alpha"),
             betas = attributes.floats("activation_beta");
  if (!names.empty() && static_cast<std::size_t>(index) >= names.size()) {
    throw Error(Code::InvalidAttribute, "`activations` is too short");
  }
  const std::string name = names.empty() ? fallback : names[static_cast<std::size_t>(index)];
  const auto alpha = [&](double standard) { return at_or(alphas, index, standard); };
  const auto beta = [&](double standard) { return at_or(betas, index, standard); };
  if (name == "Sigmoid") return [](double x) { return 1 / (1 + std::exp(-x)); };
  if (name == "Tanh") return [](double x) { return std::tanh(x); };
  if (name == "Relu") return [](double x) { return std::max(x, 0.0); };
  if (name == "Affine") return [a = alpha(1), b = beta(0)](double x) { return a * x + b; };
  if (name == "LeakyRelu") return [a = alpha(0.01)](double x) { return x >= 0 ? x : a * x; };
  if (name == "ThresholdedRelu") return [a = alpha(1)](double x) { return x > a ? x : 0; };
  if (name == "ScaledTanh")
    return [a = alpha(1), b = beta(1)](double x) { return a * std::tanh(b * x); };
  if (name == "HardSigmoid") {
    return [a = alpha(0.2), b = beta(0.5)](double x) { return std::clamp(a * x + b, 0.0, 1.0); };
  }
  if (name == "Elu") return [a = alpha(1)](double x) { return x >= 0 ? x : a * std::expm1(x); };
  if (name == "Softsign") return [](double x) { return x / (1 + std::abs(x)); };
  if (name == "Softplus")
    return [](double x) { return std::log1p(std::exp(-std::abs(x))) + std::max(x, 0.0); };
  throw Error(Code::InvalidAttribute, fmt::format("the activation \"{}\" is not known", name));
}

template <typename T>
RecurrentState<T>::RecurrentState(const Evaluation& e, const RecurrentSizes& sizes,
                                  std::optional<std::size_t> cell_input)
    : batch_(sizes.batch), hidden_(sizes.hidden) {
  const auto size = static_cast<std::size_t>(sizes.directions * sizes.batch * sizes.hidden);
  h_.resize(size);
  c_.resize(size);
  const bool batch_first = has_batch_first(e.attributes());
  const auto load_state = [&](std::size_t input, std::vector<T>& state) {
    const auto given = e.input(input).as<T>();
    e.require(given.size() == size, Code::ShapeMismatch, "an initial state does not fit");
    state = batch_first ? swapped(given, sizes.batch, sizes.directions)
                        : std::vector<T>(given.begin(), given.end());
  };
  if (e.has_input(5)) load_state(5, h_);
  if (cell_input) load_state(*cell_input, c_);
}

template <typename T>
void run_recurrent(Evaluation& e, const RecurrentSizes& sizes, std::int64_t direction,
                   std::int64_t gates, RecurrentState<T>& state, std::span<T> out,
                   const std::function<void(std::int64_t, const T*)>& step) {
  const std::int64_t width = gates * sizes.hidden;
  const auto transposed_weight = [&](std::size_t input, std::int64_t columns) {
    const auto all =
        e.input(input).as<T>().subspan(static_cast<std::size_t>(direction * width * columns),
                                       static_cast<std::size_t>(width * columns));
    return swapped(all, width, columns);
  };
  const std::vector<T> w = transposed_weight(1, sizes.input),
                       r = transposed_weight(2, sizes.hidden);
  const auto given = e.input(0).as<T>();
  const std::vector<T> x = has_batch_first(e.attributes())
                               ? swapped(given, sizes.batch, sizes.steps)
                               : std::vector<T>(given.begin(), given.end());
  std::vector<T> bias(static_cast<std::size_t>(width));
  if (e.has_input(3)) {
    const auto b = e.input(3).as<T>().subspan(static_cast<std::size_t>(direction * 2 * width));
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = b[i] + b[i + bias.size()];
  }
  const bool reverse = direction == 1 || e.attributes().s("direction") == "reverse";
  std::vector<T> block(static_cast<std::size_t>(sizes.batch * width));
  for (std::int64_t t = 0; t < sizes.steps; ++t) {
    e.charge_steps(sizes.batch * width * (sizes.input + sizes.hidden));
    for (std::int64_t batch = 0; batch < sizes.batch; ++batch) {
      const std::int64_t length = sizes.lengths[static_cast<std::size_t>(batch)];
      if (t >= length) continue;
      // A reversed sequence starts at its own end.
      const std::int64_t at = reverse ? length - 1 - t : t;
      T* row = block.data() + batch * width;
      std::ranges::copy(bias, row);
      gemm<T>(1, width, sizes.input, x.data() + (at * sizes.batch + batch) * sizes.input, w.data(),
              row, Gemm::Accumulate);
      gemm<T>(1, width, sizes.hidden, state.hidden(direction, batch), r.data(), row,
              Gemm::Accumulate);
      step(batch, row);
      std::copy_n(
          state.hidden(direction, batch), sizes.hidden,
          out.data() + ((at * sizes.directions + direction) * sizes.batch + batch) * sizes.hidden);
    }
  }
}

template <typename T>
void set_recurrent_outputs(Evaluation& e, const RecurrentSizes& sizes, Array y,
                           const RecurrentState<T>& state) {
  const bool batch_first = has_batch_first(e.attributes());
  const ir::DType dtype = y.dtype();
  const auto state_array = [&](const std::vector<T>& values) {
    return batch_first ? Array(dtype, {sizes.batch, sizes.directions, sizes.hidden},
                               swapped(std::span<const T>(values), sizes.directions, sizes.batch))
                       : Array(dtype, {sizes.directions, sizes.batch, sizes.hidden}, values);
  };
  if (batch_first) {
    // [steps, directions, batch, hidden] to [batch, steps, directions, hidden].
    y = Array(dtype, {sizes.batch, sizes.steps, sizes.directions, sizes.hidden},
              swapped(y.as<T>(), sizes.steps * sizes.directions, sizes.batch));
  }
  e.set(0, std::move(y));
  e.set(1, state_array(state.all_hidden()));
  if (e.output_count() > 2) e.set(2, state_array(state.all_cells()));
}

void scale_recurrent(ErrorScale& s) {
  const double depth = static_cast<double>(s.input(1).shape().back() + s.input(2).shape().back());
  for (std::size_t i = 0; i < s.output_count(); ++i) {
    if (!s.node().output(i)) continue;
    std::vector<double> sigma = s.output(i).to_f64();
    const double u = s.unit_roundoff(i) / std::numbers::sqrt3 * (1 + std::sqrt(depth) / 4);
    for (double& y : sigma) y = u * (std::abs(y) + 0.5);
    s.set(i, std::move(sigma));
  }
}

template class RecurrentState<double>;
template class RecurrentState<float>;
template void run_recurrent(Evaluation&, const RecurrentSizes&, std::int64_t, std::int64_t,
                            RecurrentState<double>&, std::span<double>,
                            const std::function<void(std::int64_t, const double*)>&);
template void run_recurrent(Evaluation&, const RecurrentSizes&, std::int64_t, std::int64_t,
                            RecurrentState<float>&, std::span<float>,
                            const std::function<void(std::int64_t, const float*)>&);
template void set_recurrent_outputs(Evaluation&, const RecurrentSizes&, Array,
                                    const RecurrentState<double>&);
template void set_recurrent_outputs(Evaluation&, const RecurrentSizes&, Array,
                                    const RecurrentState<float>&);

}  // namespace ponte::ops
