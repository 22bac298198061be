#include "verify/local_test.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "verify/tensor_comparison.h"

namespace ponte::verify {
namespace {

using ops::Array;
using ops::Datum;

constexpr std::size_t copies = 4;

// A value as the judge has it: what the subject gave, or evaluated from that, with perturbed copies
// then.
struct Tracked {
  Datum reference;
  std::vector<Datum> perturbed;         // empty: exact, the subject's own value
  std::vector<const ir::Node*> region;  // the nodes that were evaluated to get here
};

Datum with_noise(const Datum& datum, const std::vector<double>& sigma, Random& random) {
  const auto* array = std::get_if<Array>(&datum.held);
  if (!array || sigma.empty() || !array->holds<double>()) return datum;
  Array noisy = *array;
  const auto values = noisy.mutable_as<double>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += sigma[i] * random.normal();
  return {std::move(noisy)};
}

class Tracker {
 public:
  Tracker(Judge& judge, std::uint64_t seed) : judge_(judge), random_(seed, 7) {}

  std::unordered_map<const ir::Value*, Tracked>& values() { return values_; }

  // Evaluates a node on what is tracked; false when an input is missing.
  bool evaluate(const ir::Node& node) {
    if (!node.subgraphs().empty() || !node.op()) return false;
    std::vector<const Tracked*> tracked;
    std::vector<Datum> inputs;
    for (const ir::Value* value : node.inputs()) {
      const Tracked* found = value ? find(*value) : nullptr;
      if (value && !found) return false;
      tracked.push_back(found);
      inputs.push_back(found ? found->reference : Datum{});
    }
    const std::vector<Datum> outputs = judge_.evaluator().run_node(node, inputs);
    const auto sigmas =
        error_scale(node, inputs, outputs, judge_.precision(), judge_.evaluator().services());
    std::vector<std::vector<Datum>> perturbed(copies);
    for (std::size_t k = 0; k < copies; ++k)
      perturbed[k] = perturbed_outputs(node, tracked, inputs, outputs, sigmas, k);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!node.output(i)) continue;
      Tracked result{outputs[i], {}, merged_regions(tracked, node)};
      for (std::size_t k = 0; k < copies; ++k) result.perturbed.push_back(perturbed[k][i]);
      values_[node.output(i)] = std::move(result);
    }
    return true;
  }

 private:
  const Tracked* find(const ir::Value& value) {
    if (const auto it = values_.find(&value); it != values_.end()) return &it->second;
    if (!value.tensor()) return nullptr;
    Tracked constant{{ops::load(*value.tensor(), ops::Arithmetic::Judge)}, {}, {}};
    return &(values_[&value] = std::move(constant));
  }

  std::vector<Datum> perturbed_outputs(const ir::Node& node,
                                       const std::vector<const Tracked*>& tracked,
                                       const std::vector<Datum>& inputs,
                                       const std::vector<Datum>& outputs,
                                       const std::vector<std::vector<double>>& sigmas,
                                       std::size_t k) {
    std::vector<Datum> results = outputs;
    const bool moved =
        std::ranges::any_of(tracked, [](const Tracked* t) { return t && !t->perturbed.empty(); });
    if (moved) {
      std::vector<Datum> own = inputs;
      for (std::size_t i = 0; i < own.size(); ++i) {
        if (tracked[i] && !tracked[i]->perturbed.empty()) own[i] = tracked[i]->perturbed[k];
      }
      results = judge_.evaluator().run_node(node, std::move(own));
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto* array = std::get_if<Array>(&results[i].held);
      if (array && sigmas[i].size() == static_cast<std::size_t>(array->count())) {
        results[i] = with_noise(results[i], sigmas[i], random_);
      }
    }
    return results;
  }

  static std::vector<const ir::Node*> merged_regions(const std::vector<const Tracked*>& tracked,
                                                     const ir::Node& node) {
    std::vector<const ir::Node*> region;
    for (const Tracked* t : tracked) {
      if (!t) continue;
      for (const ir::Node* inner : t->region) {
        if (std::ranges::find(region, inner) == region.end()) region.push_back(inner);
      }
    }
    region.push_back(&node);
    return region;
  }

  Judge& judge_;
  Random random_;
  std::unordered_map<const ir::Value*, Tracked> values_;
};

// RMS over the whole tensor and over each channel: the worst ratio of error to scale decides.
void compare(const Array& given, const Tracked& judged, LocalError& result) {
  const Array& reference = judged.reference.array();
  if (given.shape() != reference.shape()) {
    result.fails = true;
    return;
  }
  const std::vector<double> values = given.to_f64(), expected = reference.to_f64();
  std::vector<double> spread2(values.size());
  for (const Datum& copy : judged.perturbed) {
    const std::vector<double> moved = copy.array().to_f64();
    if (moved.size() != spread2.size()) return;
    for (std::size_t i = 0; i < moved.size(); ++i) {
      const double d = moved[i] - expected[i];
      if (std::isfinite(d)) spread2[i] += d * d / static_cast<double>(judged.perturbed.size());
    }
  }
  const TensorComparison whole = compare_tensors(values, expected, reference.shape());
  result.error = whole.rms_error;
  result.bits = whole.bits;
  const std::int64_t channels = reference.rank() >= 2 ? reference.dim(1) : 1;
  std::int64_t inner = 1;
  for (std::int64_t i = 2; i < reference.rank(); ++i) inner *= reference.dim(i);
  std::vector<double> error2(static_cast<std::size_t>(channels)), scale2(error2.size());
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double d = values[i] - expected[i];
    const auto c = static_cast<std::size_t>(static_cast<std::int64_t>(i) /
                                            std::max<std::int64_t>(inner, 1) % channels);
    if (std::isfinite(d)) error2[c] += d * d;
    scale2[c] += spread2[i];
    total += spread2[i];
  }
  const double n = std::max(1.0, static_cast<double>(values.size()));
  result.bound = local_kappa * std::sqrt(total / n);
  // Integer results may sit on a jump, which the end-to-end verdict weighs with the judge's
  // margins.
  if (!reference.holds<double>()) return;
  result.fails = whole.pattern_mismatches > 0 || result.error > result.bound;
  for (std::size_t c = 0; c < error2.size(); ++c) {
    // A channel whose own scale is tiny is held to a hundredth of the tensor's.
    const double floor2 = total / n * (n / static_cast<double>(channels)) * 1e-4;
    result.fails =
        result.fails || std::sqrt(error2[c]) > local_kappa * std::sqrt(std::max(scale2[c], floor2));
  }
}

}  // namespace

std::vector<LocalError> local_errors(const ir::Graph& graph, Judge& judge,
                                     const std::unordered_map<const ir::Value*, Datum>& known,
                                     std::uint64_t seed) {
  std::vector<LocalError> errors;
  Tracker tracker(judge, seed);
  for (const auto& [value, datum] : known) {
    if (!value->producer()) tracker.values()[value] = {datum, {}, {}};
  }
  for (const ir::Node& node : graph.nodes()) {
    bool evaluated = false;
    try {
      evaluated = tracker.evaluate(node);
    } catch (const Error&) {
      // The subject's own values can be such that the node refuses them: then it can't be judged
      // locally.
    }
    for (const ir::Value* value : node.outputs()) {
      const auto given = value ? known.find(value) : known.end();
      if (given == known.end()) continue;
      const auto* array = std::get_if<Array>(&given->second.held);
      const auto judged = tracker.values().find(value);
      if (evaluated && array && judged != tracker.values().end() && !array->holds<std::string>()) {
        LocalError error{value->name(), &node, judged->second.region};
        compare(*array, judged->second, error);
        errors.push_back(std::move(error));
      }
      tracker.values()[value] = {given->second, {}, {}};
    }
  }
  return errors;
}

}  // namespace ponte::verify
