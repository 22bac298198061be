#include "verify/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/counted.h"
#include "statistics/distributions.h"
#include "verify/row_order.h"

namespace ponte::verify {
namespace {

using ops::Array;

// One output on the sets that are judged together: stable elements in a row, unstable ones left
// out.
struct Pooled {
  std::vector<double> values, reference;
  std::vector<double> spread2;  // mean square of the perturbed runs about the reference
  std::vector<std::size_t> channel;
  std::vector<std::int64_t> index;  // in its tensor
  std::int64_t unstable = 0;
  std::size_t sets = 0;
  double least_bound = 0;  // of an element
};

// Below it a runtime may give zero. Exponentials end a little above the smallest normal number of
// f32, 2^-126: OpenCV's at 2^-119.
double vanishing(ir::DType dtype) { return dtype == ir::DType::Float32 ? 0x1p-116 : 0; }

bool same_shape(const JudgedOutput& judged, const ops::Datum& given) {
  const auto* array = std::get_if<Array>(&given.held);
  return array && array->shape() == judged.reference.array().shape();
}

void add_set(const JudgedOutput& judged, const ops::Datum& given, int runs, Pooled& pooled) {
  const Array& reference = judged.reference.array();
  const std::vector<double> values = numbers_of(given.array(), reference),
                            expected = reference.to_f64();
  const Channels channels(reference.shape());
  for (std::size_t i = 0; i < values.size(); ++i) {
    // An integer that rounding may change is one of those that it may give.
    const bool is_possible = judged.lowest.empty() || judged.has_unstable_shape ||
                             (judged.lowest[i] <= values[i] && values[i] <= judged.highest[i]);
    if (judged.unstable[i] && is_possible) {
      ++pooled.unstable;
      continue;
    }
    pooled.values.push_back(values[i]);
    pooled.reference.push_back(expected[i]);
    pooled.spread2.push_back(runs > 0 ? judged.squares[i] / runs : 0);
    pooled.channel.push_back(channels.of(i));
    pooled.index.push_back(static_cast<std::int64_t>(i));
  }
  ++pooled.sets;
  pooled.least_bound = vanishing(reference.dtype());
}

double root_mean(const std::vector<double>& squares) {
  double sum = 0;
  for (const double s : squares) sum += s;
  return squares.empty() ? 0 : std::sqrt(sum / static_cast<double>(squares.size()));
}

std::vector<double> channel_spreads(const Pooled& pooled) {
  std::size_t channels = 0;
  for (const std::size_t c : pooled.channel) channels = std::max(channels, c + 1);
  std::vector<double> sum(channels), count(channels);
  for (std::size_t i = 0; i < pooled.channel.size(); ++i) {
    sum[pooled.channel[i]] += pooled.spread2[i];
    ++count[pooled.channel[i]];
  }
  for (std::size_t c = 0; c < channels; ++c)
    sum[c] = count[c] > 0 ? std::sqrt(sum[c] / count[c]) : 0;
  return sum;
}

// The position of the first element beyond its own bound.
std::optional<std::size_t> outlier(const Pooled& pooled, double factor) {
  const std::vector<double> channels = channel_spreads(pooled);
  for (std::size_t i = 0; i < pooled.values.size(); ++i) {
    if (!std::isfinite(pooled.values[i]) || !std::isfinite(pooled.reference[i])) continue;
    const double own = std::sqrt(pooled.spread2[i]);
    const double bound = std::max(
        element_kappa * factor * std::max(own, channels[pooled.channel[i]]), pooled.least_bound);
    if (std::abs(pooled.values[i] - pooled.reference[i]) > bound) return i;
  }
  return std::nullopt;
}

// The sets that are judged together: all of a small output's, each of a large one's.
std::vector<Pooled> pools(const std::vector<const JudgedOutput*>& judged,
                          const std::vector<const ops::Datum*>& given, int runs) {
  std::vector<Pooled> result;
  Pooled small;
  for (std::size_t set = 0; set < judged.size(); ++set) {
    const bool is_small = judged[set]->reference.array().count() < small_output;
    add_set(*judged[set], *given[set], runs, is_small ? small : result.emplace_back());
  }
  if (small.sets > 0) result.push_back(std::move(small));
  return result;
}

void decide(const Pooled& pooled, int perturbed_runs, bool bounded, OutputVerdict& verdict) {
  TensorComparison& comparison =
      verdict.comparison.emplace(compare_tensors(pooled.values, pooled.reference, {}));
  if (comparison.worst_index >= 0) {
    const auto at = static_cast<std::size_t>(comparison.worst_index);
    comparison.worst_index = pooled.index[at];
    comparison.worst_channel = static_cast<std::int64_t>(pooled.channel[at]);
  }
  const double spread = root_mean(pooled.spread2);
  const auto elements =
      static_cast<std::int64_t>(pooled.values.size() / std::max<std::size_t>(pooled.sets, 1));
  const double factor = small_sample_factor(elements, perturbed_runs, pooled.sets);
  verdict.bound = kappa * spread * factor;
  verdict.expected_bits =
      effective_bits(comparison.rms_reference > 0 ? spread / comparison.rms_reference : spread);
  verdict.k = spread > 0 ? comparison.rms_error / spread : 0;
  verdict.verdict = Verdict::Different;
  if (comparison.pattern_mismatches > 0) {
    verdict.why = counted(comparison.pattern_mismatches, "element is", "elements are") +
                  " NaN or infinite on one side only";
  } else if (!bounded && comparison.rms_error > 0) {
    verdict.verdict = Verdict::Undecided;
    verdict.why = "a node before the output has no error scale";
  } else if (comparison.rms_error > verdict.bound) {
    verdict.why = fmt::format("the RMS error is {:.3g}, and rounding explains {:.3g}",
                              comparison.rms_error, verdict.bound);
  } else if (const auto at = outlier(pooled, factor)) {
    verdict.why =
        fmt::format("element {} is off by {:.3g}, more than rounding explains", pooled.index[*at],
                    std::abs(pooled.values[*at] - pooled.reference[*at]));
  } else {
    verdict.verdict = Verdict::Equivalent;
  }
}

// Whether `a` says more against the subject than `b`.
bool is_worse(const OutputVerdict& a, const OutputVerdict& b) {
  const auto rank = [](const OutputVerdict& v) {
    return v.verdict == Verdict::Different ? 2 : v.verdict == Verdict::Undecided ? 1 : 0;
  };
  const auto excess = [](const OutputVerdict& v) {
    if (v.rms_error() == 0) return 0.0;
    return v.bound > 0 ? v.rms_error() / v.bound : INFINITY;
  };
  return rank(a) != rank(b) ? rank(a) > rank(b) : excess(a) > excess(b);
}

bool equal_lists(const std::vector<ops::Datum>& a, const std::vector<ops::Datum>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal_data(a[i], b[i])) return false;
  }
  return true;
}

OutputVerdict worst_of(const OutputVerdict& blank, const std::vector<const JudgedOutput*>& judged,
                       const std::vector<const ops::Datum*>& given, int perturbed_runs,
                       bool bounded) {
  std::optional<OutputVerdict> worst;
  std::int64_t unstable = 0, elements = 0;
  for (const Pooled& pooled : pools(judged, given, perturbed_runs)) {
    unstable += pooled.unstable;
    elements += pooled.unstable + static_cast<std::int64_t>(pooled.values.size());
    if (pooled.values.empty() && pooled.unstable > 0) continue;
    OutputVerdict one = blank;
    decide(pooled, perturbed_runs, bounded, one);
    if (!worst || is_worse(one, *worst)) worst = std::move(one);
  }
  if (!worst) {
    worst = blank;
    worst->why = "rounding, or what ONNX leaves undefined, decides every element";
  }
  worst->unstable = unstable;
  worst->elements = elements;
  return std::move(*worst);
}

// The verdict on answers that are right but for the order of their rows: boxes of a detector, say.
std::optional<OutputVerdict> in_order(const std::vector<const JudgedOutput*>& judged,
                                      const std::vector<const ops::Datum*>& given,
                                      const OutputVerdict& blank, int perturbed_runs,
                                      bool bounded) {
  std::vector<ops::Datum> ordered;
  bool has_moved = false;
  for (std::size_t set = 0; set < judged.size(); ++set) {
    const auto moved = in_row_order_of(*given[set], judged[set]->reference);
    has_moved = has_moved || moved;
    ordered.push_back(moved ? *moved : *given[set]);
  }
  if (!has_moved) return std::nullopt;
  std::vector<const ops::Datum*> pointers;
  for (const ops::Datum& datum : ordered) pointers.push_back(&datum);
  OutputVerdict verdict = worst_of(blank, judged, pointers, perturbed_runs, bounded);
  return verdict.verdict == Verdict::Equivalent ? std::optional(std::move(verdict)) : std::nullopt;
}

OutputVerdict judge_by_equality(OutputVerdict verdict,
                                const std::vector<const JudgedOutput*>& judged,
                                const std::vector<const ops::Datum*>& given) {
  verdict.verdict = Verdict::Equivalent;
  for (std::size_t set = 0; set < judged.size(); ++set) {
    if (!equal_data(judged[set]->reference, *given[set])) {
      verdict.verdict = Verdict::Different;
      verdict.why = fmt::format("input set {} gives another value", set);
    }
  }
  if (verdict.verdict == Verdict::Equivalent) {
    const auto* array = std::get_if<Array>(&judged.front()->reference.held);
    verdict.comparison = {.count = array ? array->count() : 1, .exact = true};
    verdict.elements = verdict.comparison->count;
  }
  return verdict;
}

}  // namespace

bool equal_data(const ops::Datum& a, const ops::Datum& b) {
  if (a.held.index() != b.held.index()) return false;
  if (const auto* array = std::get_if<Array>(&a.held)) {
    return array->shape() == b.array().shape() && array->elements() == b.array().elements();
  }
  if (const auto* sequence = std::get_if<ops::Sequence>(&a.held)) {
    return equal_lists(*sequence->items, *b.sequence().items);
  }
  if (const auto* optional = std::get_if<ops::OptionalDatum>(&a.held)) {
    const auto& other = b.optional().item;
    return (!optional->item && !other) ||
           (optional->item && other && equal_data(*optional->item, *other));
  }
  if (const auto* map = std::get_if<ops::MapDatum>(&a.held)) {
    return map->keys == b.map().keys && equal_lists(*map->values, *b.map().values);
  }
  return true;
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Equivalent:
      return "equivalent";
    case Verdict::Different:
      return "different";
    case Verdict::Undecided:
      return "undecided";
    case Verdict::WithinTolerance:
      return "within_tolerance";
  }
  return "undecided";
}

double small_sample_factor(std::int64_t elements, int runs, std::size_t sets) {
  if (elements >= small_output || runs == 0) return 1;
  const double freedom = static_cast<double>(runs) * static_cast<double>(sets);
  return std::max(1.0, statistics::student_t_quantile(0.9995, freedom) / 3.3);
}

OutputVerdict judge_output(const std::string& subject,
                           const std::vector<const JudgedOutput*>& judged,
                           const std::vector<const ops::Datum*>& given, int perturbed_runs,
                           bool bounded) {
  OutputVerdict verdict;
  verdict.name = judged.front()->name;
  verdict.subject = subject;
  if (!judged.front()->is_number) return judge_by_equality(std::move(verdict), judged, given);
  std::vector<const JudgedOutput*> comparable;
  std::vector<const ops::Datum*> answers;
  std::int64_t unstable = 0;
  for (std::size_t set = 0; set < judged.size(); ++set) {
    if (same_shape(*judged[set], *given[set])) {
      comparable.push_back(judged[set]);
      answers.push_back(given[set]);
    } else if (judged[set]->has_unstable_shape) {
      unstable += judged[set]->reference.array().count();
    } else {
      verdict.verdict = Verdict::Different;
      verdict.why = "the shape or type differs";
      return verdict;
    }
  }
  if (comparable.empty()) {
    verdict.unstable = verdict.elements = unstable;
    verdict.why = "rounding alone decides how many elements there are";
    return verdict;
  }
  OutputVerdict worst = worst_of(verdict, comparable, answers, perturbed_runs, bounded);
  worst.unstable += unstable;
  worst.elements += unstable;
  if (worst.verdict != Verdict::Different) return worst;
  auto ordered = in_order(comparable, answers, verdict, perturbed_runs, bounded);
  if (!ordered) return worst;
  if (worst.unstable == 0) {
    worst.why = "the same rows in another order";
    return worst;
  }
  // Where rounding decides which of two rows comes first, it may decide so.
  ordered->unstable += unstable;
  ordered->elements += unstable;
  return std::move(*ordered);
}

}  // namespace ponte::verify
