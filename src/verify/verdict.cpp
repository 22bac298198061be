#include "verify/verdict.h"

#include <fmt/format.h>

#include <cmath>

#include "statistics/distributions.h"

namespace ponte::verify {
namespace {

using ops::Array;

constexpr std::int64_t small_output = 64;

// All sets of one output in a row: stable elements keep their place, unstable ones are left out.
struct Pooled {
  std::vector<double> values, reference,
      spread2;  // spread2: mean square of the perturbed runs about the reference
  std::vector<std::int64_t> channel;
  std::int64_t unstable = 0;
  bool same_shapes = true;
};

std::int64_t channel_of(std::size_t i, const ops::Dims& shape) {
  if (shape.size() < 2) return 0;
  std::int64_t inner = 1;
  for (std::size_t axis = 2; axis < shape.size(); ++axis) inner *= shape[axis];
  return static_cast<std::int64_t>(i) / std::max<std::int64_t>(inner, 1) %
         std::max<std::int64_t>(shape[1], 1);
}

Pooled pool(const std::vector<const JudgedOutput*>& judged,
            const std::vector<const ops::Datum*>& given, int runs) {
  Pooled pooled;
  for (std::size_t set = 0; set < judged.size(); ++set) {
    const Array& reference = judged[set]->reference.array();
    const auto* array = std::get_if<Array>(&given[set]->held);
    if (!array || array->shape() != reference.shape()) {
      pooled.same_shapes = false;
      continue;
    }
    const std::vector<double> values = array->to_f64(), expected = reference.to_f64();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (judged[set]->unstable[i]) {
        ++pooled.unstable;
        continue;
      }
      pooled.values.push_back(values[i]);
      pooled.reference.push_back(expected[i]);
      pooled.spread2.push_back(runs > 0 ? judged[set]->squares[i] / runs : 0);
      pooled.channel.push_back(channel_of(i, reference.shape()));
    }
  }
  return pooled;
}

// What a small sample of perturbed runs adds to the bound.
double small_sample_factor(std::int64_t elements, int runs, std::size_t sets) {
  if (elements >= small_output || runs == 0) return 1;
  const double freedom = static_cast<double>(runs) * static_cast<double>(sets);
  return std::max(1.0, statistics::student_t_quantile(0.9995, freedom) / 3.3);
}

std::vector<double> channel_spreads(const Pooled& pooled) {
  std::int64_t channels = 0;
  for (const std::int64_t c : pooled.channel) channels = std::max(channels, c + 1);
  std::vector<double> sum(static_cast<std::size_t>(channels)), count(sum.size());
  for (std::size_t i = 0; i < pooled.channel.size(); ++i) {
    sum[static_cast<std::size_t>(pooled.channel[i])] += pooled.spread2[i];
    ++count[static_cast<std::size_t>(pooled.channel[i])];
  }
  for (std::size_t c = 0; c < sum.size(); ++c)
    sum[c] = count[c] > 0 ? std::sqrt(sum[c] / count[c]) : 0;
  return sum;
}

// The first element beyond its own bound; -1 when there is none.
std::int64_t outlier(const Pooled& pooled, double factor) {
  const std::vector<double> channels = channel_spreads(pooled);
  for (std::size_t i = 0; i < pooled.values.size(); ++i) {
    if (!std::isfinite(pooled.values[i]) || !std::isfinite(pooled.reference[i])) continue;
    const double own = std::sqrt(pooled.spread2[i]);
    const double bound = element_kappa * factor *
                         std::max(own, channels[static_cast<std::size_t>(pooled.channel[i])]);
    if (std::abs(pooled.values[i] - pooled.reference[i]) > bound)
      return static_cast<std::int64_t>(i);
  }
  return -1;
}

bool equal_data(const ops::Datum& a, const ops::Datum& b);

bool equal_lists(const std::vector<ops::Datum>& a, const std::vector<ops::Datum>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal_data(a[i], b[i])) return false;
  }
  return true;
}

// Strings, complex numbers and containers are compared as they are.
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
  return verdict;
}

}  // namespace

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

OutputVerdict judge_output(const std::string& subject,
                           const std::vector<const JudgedOutput*>& judged,
                           const std::vector<const ops::Datum*>& given, int perturbed_runs,
                           bool bounded) {
  OutputVerdict verdict;
  verdict.name = judged.front()->name;
  verdict.subject = subject;
  if (!judged.front()->is_number) return judge_by_equality(std::move(verdict), judged, given);
  const Pooled pooled = pool(judged, given, perturbed_runs);
  verdict.unstable = pooled.unstable;
  verdict.comparison = compare_tensors(pooled.values, pooled.reference, {});
  const auto count = static_cast<double>(pooled.values.size());
  double spread = 0;
  for (const double s : pooled.spread2) spread += s;
  spread = count > 0 ? std::sqrt(spread / count) : 0;
  const double factor = small_sample_factor(
      static_cast<std::int64_t>(count) / static_cast<std::int64_t>(judged.size()), perturbed_runs,
      judged.size());
  verdict.bound = kappa * spread * factor;
  const double scale =
      verdict.comparison.rms_reference > 0 ? spread / verdict.comparison.rms_reference : spread;
  verdict.expected_bits = effective_bits(scale);
  verdict.k = spread > 0 ? verdict.comparison.rms_error / spread : 0;
  if (!pooled.same_shapes) {
    verdict.verdict = Verdict::Different;
    verdict.why = "the shape or type differs";
  } else if (verdict.comparison.pattern_mismatches > 0) {
    verdict.verdict = Verdict::Different;
    verdict.why = fmt::format("{} elements are NaN or infinite on one side only",
                              verdict.comparison.pattern_mismatches);
  } else if (!bounded && verdict.comparison.rms_error > 0) {
    verdict.verdict = Verdict::Undecided;
    verdict.why = "a node before the output has no error scale";
  } else if (verdict.comparison.rms_error > verdict.bound) {
    verdict.verdict = Verdict::Different;
    verdict.why = fmt::format("the RMS error is {:.3g}, and rounding explains {:.3g}",
                              verdict.comparison.rms_error, verdict.bound);
  } else if (const std::int64_t at = outlier(pooled, factor); at >= 0) {
    verdict.verdict = Verdict::Different;
    verdict.why = fmt::format("element {} is off by {:.3g}, more than rounding explains", at,
                              std::abs(pooled.values[static_cast<std::size_t>(at)] -
                                       pooled.reference[static_cast<std::size_t>(at)]));
  } else {
    verdict.verdict = Verdict::Equivalent;
  }
  return verdict;
}

}  // namespace ponte::verify
