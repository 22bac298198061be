#include "verify/repeats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "verify/further_sets.h"

namespace ponte::verify {
namespace {

constexpr int repetitions = 2;

std::string described(const runtimes::Settings& settings) {
  std::string text;
  for (const auto& [key, value] : settings)
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
  return text;
}

// The largest difference between two answers; none where they are the same bits.
std::optional<double> difference(const ops::Datum& a, const ops::Datum& b) {
  const auto *left = std::get_if<ops::Array>(&a.held), *right = std::get_if<ops::Array>(&b.held);
  if (!left || !right || !left->holds<double>() || !right->holds<double>()) return std::nullopt;
  const auto x = left->as<double>(), y = right->as<double>();
  if (x.size() != y.size()) return std::numeric_limits<double>::infinity();
  std::optional<double> largest;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]))) continue;
    const double d = std::abs(x[i] - y[i]);
    largest = std::max(largest.value_or(0), std::isnan(d) ? INFINITY : d);
  }
  return largest;
}

// Whether anything differs.
bool add_variations(const RunningSubject& subject, const Values& first, const Values& again,
                    const std::string& how, std::vector<Variation>& variations) {
  bool differs = false;
  for (const auto& [name, value] : first) {
    const auto other = again.find(name);
    if (other == again.end()) continue;
    const auto d = difference(value, other->second);
    if (!d) continue;
    variations.push_back({subject.label(), name, how, *d});
    differs = true;
  }
  return differs;
}

void compare(Verification& verification, RunningSubject& subject, const Answered& first,
             const Answered& again, const std::string& how) {
  if (!add_variations(subject, first.values, again.values, how, verification.result.variations))
    return;
  add_further(verification, how,
              judge_answers(verification, subject, std::span(&again, 1),
                            verification.options.perturbed_runs),
              true);
}

}  // namespace

void check_repeats(Verification& verification, RunningSubject& subject, const Answered& first) {
  const Inputs& inputs = first.set->inputs();
  for (int i = 0; i < repetitions; ++i) {
    auto again = subject.answer(inputs);
    if (!again) return;
    compare(verification, subject, first, {first.set, std::move(again.value())}, "again");
  }
  for (const runtimes::Settings& settings : subject.subject().variations) {
    verification.progress(fmt::format("{} with {}", subject.label(), described(settings)));
    SubjectSpec spec = subject.subject().spec;
    for (const auto& [key, value] : settings) spec.load.settings[key] = value;
    auto values = run_subject(spec, {subject.interface().for_subject(inputs)}, {});
    if (!values) continue;
    compare(verification, subject, first, {first.set, std::move(values.value().front())},
            described(settings));
  }
}

}  // namespace ponte::verify
