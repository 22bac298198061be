#include "verify/steps.h"

#include <fmt/format.h>

#include "base/random.h"
#include "verify/further_sets.h"

namespace ponte::verify {
namespace {

constexpr int step_count = 4;
constexpr std::uint64_t seed_of_steps = 2000;

Inputs inputs_of_step(const Verification& verification, int step) {
  InputOptions inputs = verification.options.inputs;
  inputs.seed =
      mix_seed(verification.options.seed, seed_of_steps + static_cast<std::uint64_t>(step));
  return make_inputs(verification.judged, InputKind::Normal, inputs).values;
}

// The states that an answer hands to the next step.
Inputs next_states(const RunningSubject& subject, const States& states, const Values& values,
                   const Inputs& inputs) {
  Inputs next;
  for (const StatePair& pair : states.pairs) {
    const std::string& name = pair.input->name();
    ops::Datum given = subject.interface().output(pair.output_index, values, inputs.at(name));
    if (!given.is_absent()) next[name] = std::move(given);
  }
  return next;
}

}  // namespace

void check_steps(Verification& verification, RunningSubject& subject, const States& states) {
  if (states.pairs.empty()) return;
  Inputs inputs = inputs_of_step(verification, 0);
  Inputs state = initial_states(states, inputs);
  for (int step = 0; step < step_count; ++step) {
    verification.progress(
        fmt::format("step {} of {} on {}", step + 1, step_count, subject.label()));
    if (step > 0) inputs = inputs_of_step(verification, step);
    for (auto& [name, value] : state) inputs[name] = std::move(value);
    auto values = subject.answer(inputs);
    if (!values) return;
    JudgedSet set(fmt::format("step {}", step + 1), inputs,
                  verification.options.seed + seed_of_steps + static_cast<std::uint64_t>(step),
                  Jumps::LeftOut);
    const Answered answer{&set, std::move(values.value())};
    add_further(verification, set.name(),
                judge_answers(verification, subject, std::span(&answer, 1),
                              verification.options.perturbed_runs),
                true);
    state = next_states(subject, states, answer.values, inputs);
  }
}

}  // namespace ponte::verify
