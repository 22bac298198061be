#include "verify/local_test.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "verify/interfaces.h"
#include "verify/noise.h"
#include "verify/undefined.h"
#include "verify/verdict.h"

namespace ponte::verify {
namespace {

using ops::Array;
using ops::Datum;
using Known = std::unordered_map<const ir::Value*, Datum>;

constexpr std::size_t copies = 4;

// A value as the judge has it: what the subject gave, or evaluated from that.
struct Tracked {
  Datum reference;
  std::vector<double> sigma;            // of the node that gave it; empty: exact
  std::vector<Datum> perturbed;         // copies of a region's result with the noise of its nodes
  std::vector<const ir::Node*> region;  // the nodes that were evaluated to get here
};

class Tracker {
 public:
  Tracker(Judge& judge, const Known& known, std::uint64_t seed)
      : judge_(judge), known_(known), random_(seed, 7) {
    for (const auto& [value, datum] : known) {
      if (!value->producer()) values_[value] = {datum, {}, {}, {}};
    }
  }

  // What the judge makes of the node's outputs; empty when it can't say.
  std::vector<Tracked> evaluate(const ir::Node& node) {
    const bool is_random = node.op() && node.op()->exactness == ir::Exactness::Random;
    if (!node.subgraphs().empty() || !node.op() || is_random) return {};
    std::vector<const Tracked*> inputs;
    for (const ir::Value* value : node.inputs()) {
      inputs.push_back(value ? find(*value) : nullptr);
      if (value && !inputs.back()) return {};
    }
    const std::vector<Datum> given = data(inputs, std::nullopt);
    const std::vector<Datum> outputs = run(node, given);
    auto sigmas =
        error_scale(node, given, outputs, judge_.precision(), judge_.evaluator().services());
    std::vector<Tracked> results;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      results.push_back({outputs[i], std::move(sigmas[i]), {}, region(inputs, node)});
    add_copies(node, inputs, results);
    return results;
  }

  double unit_roundoff(ir::DType dtype) const { return judge_.precision().unit_roundoff(dtype); }

  void keep(const ir::Value& value, Tracked result) { values_[&value] = std::move(result); }

  // Integers that rounding inside the node may give: `values` that lie between those of the judge
  // on inputs that are moved by rounding.
  std::vector<bool> explained_by_jumps(const ir::Node& node, std::size_t output,
                                       const Tracked& judged, const std::vector<double>& values) {
    std::vector<double> lowest = judged.reference.array().to_f64(), highest = lowest;
    std::vector<Datum> moved = judged.perturbed;
    for (std::size_t k = 0; k < 2 * copies; ++k) {
      std::vector<Datum> inputs;
      for (const ir::Value* value : node.inputs()) {
        const Tracked* tracked = value ? find(*value) : nullptr;
        inputs.push_back(tracked
                             ? with_relative_noise(tracked->reference, 4 * judge_.precision().f32)
                             : Datum{});
      }
      moved.push_back(run(node, inputs).at(output));
    }
    std::vector<bool> explained(values.size());
    for (const Datum& datum : moved) {
      const std::vector<double> seen = datum.array().to_f64();
      if (seen.size() != values.size()) return std::vector<bool>(values.size(), true);
      for (std::size_t i = 0; i < seen.size(); ++i) {
        lowest[i] = std::min(lowest[i], seen[i]);
        highest[i] = std::max(highest[i], seen[i]);
      }
    }
    for (std::size_t i = 0; i < values.size(); ++i)
      explained[i] = lowest[i] <= values[i] && values[i] <= highest[i];
    const Tracked* input = node.input(0) ? find(*node.input(0)) : nullptr;
    if (!input) return explained;
    for (const std::size_t i : undefined_elements(node, {input->reference})) explained[i] = true;
    return explained;
  }

 private:
  const Tracked* find(const ir::Value& value) {
    if (const auto it = values_.find(&value); it != values_.end()) return &it->second;
    if (!value.tensor()) return nullptr;
    Tracked constant{{ops::load(*value.tensor(), ops::Arithmetic::Judge)}, {}, {}, {}};
    if (value.is_computed) {
      const Array& array = constant.reference.array();
      const auto scale = constant_scale(array, judge_.precision().unit_roundoff(array.dtype()));
      for (std::size_t k = 0; k < copies; ++k)
        constant.perturbed.push_back(with_noise(constant.reference, scale));
    }
    return &(values_[&value] = std::move(constant));
  }

  std::vector<Datum> run(const ir::Node& node, std::vector<Datum> inputs) {
    return judge_.evaluator().run_node(node, std::move(inputs));
  }

  static std::vector<Datum> data(const std::vector<const Tracked*>& inputs,
                                 std::optional<std::size_t> copy) {
    std::vector<Datum> result;
    for (const Tracked* input : inputs) {
      const bool moved = input && copy && !input->perturbed.empty();
      result.push_back(!input ? Datum{} : moved ? input->perturbed[*copy] : input->reference);
    }
    return result;
  }

  // A value that the subject shows needs copies only where it ends a region.
  void add_copies(const ir::Node& node, const std::vector<const Tracked*>& inputs,
                  std::vector<Tracked>& results) {
    const bool moved = std::ranges::any_of(
        inputs, [](const Tracked* input) { return input && !input->perturbed.empty(); });
    const bool shown = std::ranges::all_of(
        node.outputs(), [&](const ir::Value* value) { return !value || known_.contains(value); });
    if (shown && !moved) return;
    for (std::size_t k = 0; k < copies; ++k) {
      const std::vector<Datum> outputs = moved ? run(node, data(inputs, k)) : std::vector<Datum>();
      for (std::size_t i = 0; i < results.size(); ++i) {
        const Datum& clean = moved ? outputs[i] : results[i].reference;
        results[i].perturbed.push_back(with_noise(clean, results[i].sigma));
      }
    }
  }

  static std::vector<const ir::Node*> region(const std::vector<const Tracked*>& inputs,
                                             const ir::Node& node) {
    std::vector<const ir::Node*> region;
    for (const Tracked* input : inputs) {
      if (!input) continue;
      for (const ir::Node* inner : input->region) {
        if (std::ranges::find(region, inner) == region.end()) region.push_back(inner);
      }
    }
    region.push_back(&node);
    return region;
  }

  Datum with_noise(const Datum& datum, const std::vector<double>& sigma) {
    const auto* array = std::get_if<Array>(&datum.held);
    if (!array || !array->holds<double>() ||
        sigma.size() != static_cast<std::size_t>(array->count()))
      return datum;
    Array noisy = *array;
    add_noise(sigma, 1, random_.next_u64(), judge_.evaluator().services(), noisy);
    return {std::move(noisy)};
  }

  // Rounding of its size on every element: what an op that jumps may meet inside.
  Datum with_relative_noise(const Datum& datum, double u) {
    const auto* array = std::get_if<Array>(&datum.held);
    if (!array || !array->holds<double>()) return datum;
    std::vector<double> sigma = array->to_f64();
    for (double& s : sigma) s = u * std::abs(s);
    return with_noise(datum, sigma);
  }

  Judge& judge_;
  const Known& known_;
  Random random_;
  std::unordered_map<const ir::Value*, Tracked> values_;
};

// Mean squares of the error that rounding explains, per element.
std::vector<double> variance_of(const Tracked& judged, const std::vector<double>& reference) {
  std::vector<double> variance(reference.size());
  if (judged.perturbed.empty()) {
    for (std::size_t i = 0; i < judged.sigma.size() && i < variance.size(); ++i)
      variance[i] = judged.sigma[i] * judged.sigma[i];
    return variance;
  }
  for (const Datum& copy : judged.perturbed) {
    const std::vector<double> moved = copy.array().to_f64();
    for (std::size_t i = 0; i < moved.size() && i < variance.size(); ++i) {
      const double d = moved[i] - reference[i];
      if (std::isfinite(d)) variance[i] += d * d / static_cast<double>(judged.perturbed.size());
    }
  }
  return variance;
}

// What the noise of a region makes NaN or infinite, or no longer so, is no error, and neither is
// what it takes further than `limit`.
void leave_out_jumps(const Tracked& judged, const std::vector<double>& expected, double limit,
                     std::vector<double>& values, std::vector<double>& variance) {
  for (const Datum& copy : judged.perturbed) {
    const std::vector<double> moved = copy.array().to_f64();
    for (std::size_t i = 0; i < moved.size() && i < values.size(); ++i) {
      if (same_pattern(moved[i], expected[i]) && !(std::abs(moved[i] - expected[i]) > limit))
        continue;
      values[i] = expected[i];
      variance[i] = 0;
    }
  }
}

// The whole tensor, then each channel: the first whose error its scale does not explain decides.
void compare_floats(const Array& given, const Tracked& judged, double u, Jumps jumps,
                    LocalError& result) {
  const Array& reference = judged.reference.array();
  std::vector<double> values = given.to_f64();
  const std::vector<double> expected = reference.to_f64();
  std::vector<double> variance = variance_of(judged, expected);
  const double limit = jumps == Jumps::LeftOut ? jump_limit(expected, u) : INFINITY;
  leave_out_jumps(judged, expected, limit, values, variance);
  const TensorComparison whole = compare_tensors(values, expected, reference.shape());
  const Channels channels(reference.shape());
  std::vector<double> error2(channels.count()), scale2(channels.count()), count(channels.count());
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double d = values[i] - expected[i];
    if (!std::isfinite(d)) continue;
    // What follows from an infinite value and is finite (1 / inf) is exact, and has no scale.
    const double v = std::isnan(variance[i]) ? 0 : variance[i];
    const std::size_t c = channels.of(i);
    error2[c] += d * d;
    scale2[c] += v;
    total += v;
    ++count[c];
  }
  result.bits = whole.bits;
  result.error = whole.rms_error;
  result.bound = local_kappa * std::sqrt(total / std::max(1.0, static_cast<double>(values.size())));
  result.fails = whole.pattern_mismatches > 0 || result.error > result.bound;
  for (std::size_t c = 0; c < channels.count() && !result.fails; ++c) {
    if (error2[c] <= local_kappa * local_kappa * scale2[c]) continue;
    result.fails = true;
    result.error = std::sqrt(error2[c] / count[c]);
    result.bound = local_kappa * std::sqrt(scale2[c] / count[c]);
  }
}

void compare_exactly(const Array& given, const Tracked& judged, std::size_t output,
                     Tracker& tracker, LocalError& result) {
  const Array& reference = judged.reference.array();
  const std::vector<double> values = numbers_of(given, reference), expected = reference.to_f64();
  if (values == expected) return;
  const TensorComparison whole = compare_tensors(values, expected, given.shape());
  result.bits = whole.bits;
  result.error = whole.rms_error;
  const auto explained = tracker.explained_by_jumps(*result.node, output, judged, values);
  result.fails = std::ranges::find(explained, false) != explained.end();
}

bool is_number(const Array& array) {
  return !array.holds<std::string>() && !array.holds<std::complex<double>>();
}

void compare(const Array& given, const Tracked& judged, std::size_t output, Tracker& tracker,
             Jumps jumps, LocalError& result) {
  const Array& reference = judged.reference.array();
  if (given.shape() != reference.shape()) {
    result.fails = true;
  } else if (reference.holds<double>()) {
    compare_floats(given, judged, tracker.unit_roundoff(reference.dtype()), jumps, result);
  } else {
    compare_exactly(given, judged, output, tracker, result);
  }
}

std::vector<Tracked> evaluate_if_possible(Tracker& tracker, const ir::Node& node) {
  try {
    return tracker.evaluate(node);
  } catch (const Error& error) {
    // The subject's own values can be such that the node refuses them.
    if (error.code() == Code::Interrupted || error.code() == Code::BudgetExceeded) throw;
    return {};
  }
}

}  // namespace

std::vector<LocalError> local_errors(const ir::Graph& graph, Judge& judge, const Known& known,
                                     std::uint64_t seed, Jumps jumps) {
  std::vector<LocalError> errors;
  Tracker tracker(judge, known, seed);
  for (const ir::Node& node : graph.nodes()) {
    std::vector<Tracked> judged = evaluate_if_possible(tracker, node);
    for (std::size_t i = 0; i < node.outputs().size(); ++i) {
      const ir::Value* value = node.output(i);
      if (!value) continue;
      const auto given = known.find(value);
      if (given == known.end()) {
        if (i < judged.size()) tracker.keep(*value, std::move(judged[i]));
        continue;
      }
      const Datum shown =
          i < judged.size() ? in_shape_of(given->second, judged[i].reference) : given->second;
      const auto* array = std::get_if<Array>(&shown.held);
      if (array && is_number(*array) && i < judged.size() &&
          std::holds_alternative<Array>(judged[i].reference.held)) {
        LocalError error{value->name(), &node, judged[i].region};
        compare(*array, judged[i], i, tracker, jumps, error);
        errors.push_back(std::move(error));
      }
      tracker.keep(*value, {shown, {}, {}, {}});
    }
  }
  return errors;
}

}  // namespace ponte::verify
