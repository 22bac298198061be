#include "verify/deciding_sets.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"

namespace ponte::verify {
namespace {

constexpr std::size_t few_sets = 2, many_sets = 5;
// An error this near to its bound, on either side, deserves a better bound.
constexpr double nearest = 0.25, farthest = 4;

bool has_small_output(const std::vector<Examined>& all) {
  return std::ranges::any_of(all, [](const Examined& examined) {
    return std::ranges::any_of(examined.answers, [](const Answered& answer) {
      return std::ranges::any_of(answer.values, [](const auto& value) {
        const auto* array = std::get_if<ops::Array>(&value.second.held);
        return array && array->count() < small_output;
      });
    });
  });
}

bool is_near(const OutputVerdict& output) {
  const double error = output.rms_error();
  return output.bound > 0 && error >= nearest * output.bound && error <= farthest * output.bound;
}

bool has_near_error(const std::vector<Examined>& all) {
  return std::ranges::any_of(
      all, [](const Examined& examined) { return std::ranges::any_of(examined.outputs, is_near); });
}

}  // namespace

void DecidingSets::decide(std::vector<Examined>& all) {
  const int runs = verification_.options.perturbed_runs;
  if (!verification_.options.is_thorough) {
    decide_on(few_sets, runs, all);
    if (!has_small_output(all) && !has_near_error(all)) return;
  }
  decide_on(many_sets, 2 * runs, all);
}

void DecidingSets::forget_undecided(std::vector<Examined>& all) {
  for (Examined& examined : all) {
    while (examined.answers.size() > decided_) examined.answers.pop_back();
  }
  while (sets_.size() > decided_) sets_.pop_back();
}

void DecidingSets::decide_on(std::size_t count, int perturbed_runs, std::vector<Examined>& all) {
  const std::size_t samples = verification_.options.samples.size();
  if (samples > 0) count = std::min(count, samples);
  while (sets_.size() < count) add_set();
  for (Examined& examined : all) answer(examined);
  if (std::ranges::none_of(all, &Examined::has_answered)) return forget_undecided(all);
  for (JudgedSet& set : sets_) {
    verification_.progress(
        fmt::format("judging inputs `{}`, {} perturbed runs", set.name(), perturbed_runs));
    for (const Examined& examined : all) {
      if (examined.has_answered())
        set.judgement(verification_.judges, examined.running.precision(), perturbed_runs);
    }
  }
  std::vector<std::vector<OutputVerdict>> verdicts;
  for (const Examined& examined : all) {
    verdicts.push_back(examined.has_answered() ? judge_answers(verification_, examined.running,
                                                               examined.answers, perturbed_runs)
                                               : std::vector<OutputVerdict>());
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].has_answered()) continue;
    all[i].outputs = std::move(verdicts[i]);
    all[i].differs = any_is(all[i].outputs, Verdict::Different);
  }
  decided_ = sets_.size();
  perturbed_runs_ = perturbed_runs;
}

void DecidingSets::add_set() {
  const VerifyOptions& options = verification_.options;
  const std::size_t index = sets_.size();
  InputOptions inputs = options.inputs;
  inputs.seed = mix_seed(options.seed, static_cast<std::uint64_t>(index));
  InputKind kind = index % 2 == 0 ? InputKind::Normal : InputKind::Expected;
  std::string name(to_string(kind));
  if (!options.samples.empty()) {
    kind = InputKind::Normal;
    name = options.samples[index].name;
    inputs = with_sample(std::move(inputs), options.samples[index]);
  }
  InputSet made = make_inputs(verification_.judged, kind, inputs);
  for (const ir::State& state : verification_.judged.states())
    made.values[state.input->name()] = {ops::load(state.initial, ops::Arithmetic::Judge)};
  verification_.assume(made.assumptions);
  sets_.emplace_back(std::move(name), std::move(made.values), options.seed + index, Jumps::LeftOut);
}

void DecidingSets::answer(Examined& examined) {
  while (!examined.failure && examined.answers.size() < sets_.size()) {
    JudgedSet& set = sets_[examined.answers.size()];
    verification_.progress(fmt::format("inputs `{}` on {}", set.name(), examined.running.label()));
    auto values = examined.running.answer(set.inputs());
    if (values) {
      examined.answers.push_back({&set, std::move(values.value())});
    } else {
      examined.failure = values.failure();
    }
  }
}

}  // namespace ponte::verify
