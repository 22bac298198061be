#include "verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "verify/bodies.h"
#include "verify/deciding_sets.h"
#include "verify/differences.h"
#include "verify/further_sets.h"
#include "verify/repeats.h"
#include "verify/steps.h"

namespace ponte::verify {
namespace {

constexpr std::uint64_t first_noise_of_further = 100;

void compare_constants(Verification& verification, const RunningSubject& running) {
  const VerifySubject& subject = running.subject();
  if (subject.graph == &verification.judged) return;
  const Matches matches = match_values(verification.judged, *subject.graph, running.interface(),
                                       subject.meaning_of_names());
  for (const DifferentConstant& constant :
       different_constants(verification.judged, *subject.graph, matches)) {
    verification.result.constants.push_back(
        {subject.spec.label, constant.constant, name_of(*constant.node), constant.what});
  }
}

// While it lives, an evaluator goes no further.
class StepLimit {
 public:
  StepLimit(evaluate::Evaluator& evaluator, std::int64_t steps) : evaluator_(evaluator) {
    evaluator.limit_steps(steps);
  }
  ~StepLimit() { evaluator_.limit_steps(evaluate::Options().steps); }
  StepLimit(const StepLimit&) = delete;
  StepLimit& operator=(const StepLimit&) = delete;

 private:
  evaluate::Evaluator& evaluator_;
};

// Whether the judged model itself takes the inputs, in at most so many steps: a Loop counts to what
// it is given.
bool is_taken(Verification& verification, const FurtherSet& set, JudgedSet& judged,
              std::int64_t most_steps) {
  try {
    const StepLimit limit(verification.judges.of({}).evaluator(), most_steps);
    judged.judgement(verification.judges, {}, 0);
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Interrupted) throw;
    const std::string node =
        error.where().node.empty() ? "" : fmt::format("`{}`: ", error.where().node);
    if (set.has_other_sizes) {
      verification.result.fixed_sizes.push_back(
          fmt::format("{}: {}{}", set.name, node, error.what()));
    } else {
      verification.assume({fmt::format("inputs `{}` are none that the model takes: {}{}", set.name,
                                       node, error.what())});
    }
    return false;
  }
}

class Verifier {
 public:
  Verifier(const ir::Graph& judged, std::filesystem::path scratch, const VerifyOptions& options)
      : verification_(judged, options), scratch_(std::move(scratch)), deciding_(verification_) {}

  VerifyResult run(const std::vector<VerifySubject>& subjects) {
    const States states = find_states(verification_.judged);
    verification_.assume(states.assumptions);
    VerifyResult& result = verification_.result;
    try {
      for (const VerifySubject& subject : subjects) start(subject);
      deciding_.decide(all_);
      look_further(states);
      look_at_bodies();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Interrupted) throw;
      result.was_interrupted = true;
      result.interrupted_at = verification_.step();
      deciding_.forget_undecided(all_);
    }
    note_differences();
    describe_sets();
    conclude(verification_, all_, deciding_.perturbed_runs());
    for (std::size_t i = all_.size(); i < subjects.size(); ++i)
      result.subjects.push_back(interrupted_row(subjects[i].spec));
    return std::move(result);
  }

 private:
  void start(const VerifySubject& subject) {
    verification_.progress(fmt::format("loading {}", subject.spec.label));
    all_.emplace_back(subject, verification_);
    compare_constants(verification_, all_.back().running);
    verification_.assume(all_.back().running.interface().assumptions());
  }

  void look_further(const States& states) {
    check_repetitions(states);
    check_further_sets();
    note_differences();
    for (Examined& examined : all_) {
      do {
        search(examined);
      } while (explain(examined) && examined.differs);
    }
  }

  // What differs already needs no more inputs to show it.
  static bool is_open(const Examined& examined) {
    return examined.has_answered() && !examined.differs;
  }

  void check_repetitions(const States& states) {
    for (Examined& examined : all_) {
      if (!is_open(examined)) continue;
      verification_.progress(fmt::format("running it again on {}", examined.running.label()));
      check_repeats(verification_, examined.running, examined.answers.front());
      check_steps(verification_, examined.running, states);
    }
  }

  void check_further_sets() {
    if (std::ranges::none_of(all_, is_open)) return;
    std::vector<std::vector<double>> ratios;
    for (Examined& examined : all_) {
      ratios.push_back(is_open(examined)
                           ? spread_ratios(verification_, examined.running, examined.answers,
                                           deciding_.perturbed_runs())
                           : std::vector<double>());
    }
    const VerifyOptions& options = verification_.options;
    if (options.samples.empty()) {
      for (const FurtherSet& set : further_sets(verification_.judged, options))
        check_further_set(set, ratios);
    }
    for (std::size_t i = deciding_.sets().size(); i < options.samples.size(); ++i)
      check_further_set(further_sample(verification_.judged, options, i), ratios);
  }

  // A set on which nobody differs is not needed any more.
  void check_further_set(const FurtherSet& set, const std::vector<std::vector<double>>& ratios) {
    verification_.progress(fmt::format("inputs `{}`", set.name));
    JudgedSet& judged = further_.emplace_back(
        set.name, set.inputs,
        verification_.options.seed + first_noise_of_further + further_count_++, Jumps::Pooled);
    if (is_taken(verification_, set, judged, most_steps())) {
      for (std::size_t i = 0; i < all_.size(); ++i) {
        if (is_open(all_[i])) check_further(verification_, all_[i].running, set, judged, ratios[i]);
      }
    }
    const bool is_needed =
        std::ranges::any_of(verification_.result.further, [&](const FurtherResult& result) {
          return result.set == set.name && result.verdict == Verdict::Different;
        });
    if (!is_needed) further_.pop_back();
  }

  // Many times what the deciding sets took; the user's samples may take what they need.
  std::int64_t most_steps() {
    if (!verification_.options.samples.empty()) return evaluate::Options().steps;
    constexpr std::int64_t times = 100, few = 1'000'000;
    const std::int64_t usual =
        deciding_.sets().front().judgement(verification_.judges, {}, 0).steps_unperturbed;
    return times * usual + few;
  }

  const FurtherResult* first_difference(const Examined& examined) const {
    for (const FurtherResult& result : verification_.result.further) {
      if (result.subject == examined.running.label() && result.decides &&
          result.verdict == Verdict::Different)
        return &result;
    }
    return nullptr;
  }

  void note_differences() {
    for (Examined& examined : all_)
      examined.differs = examined.differs || first_difference(examined) != nullptr;
  }

  // The inputs on which a subject is known to differ: the deciding ones as a rule.
  std::vector<JudgedSet*> sets_to_search(const Examined& examined) {
    const FurtherResult* difference = first_difference(examined);
    for (JudgedSet& set : further_) {
      if (difference && set.name() == difference->set) return {&set};
    }
    std::vector<JudgedSet*> sets;
    for (JudgedSet& set : deciding_.sets()) sets.push_back(&set);
    return sets;
  }

  void search(Examined& examined) {
    if (!examined.has_answered()) return;
    verification_.progress(fmt::format("testing the nodes of {}", examined.running.label()));
    const std::vector<JudgedSet*> sets = sets_to_search(examined);
    std::vector<Inputs> inputs;
    for (const JudgedSet* set : sets)
      inputs.push_back(examined.running.interface().for_subject(set->inputs()));
    const auto differ = [&](const std::vector<Values>& given) {
      std::vector<Answered> answers;
      for (std::size_t i = 0; i < given.size(); ++i) answers.push_back({sets[i], given[i]});
      return any_is(
          judge_answers(verification_, examined.running, answers, deciding_.perturbed_runs()),
          Verdict::Different);
    };
    try {
      examined.findings =
          find_culprit({verification_.judged, examined.running.subject(),
                        examined.running.interface(), inputs, scratch_, verification_.options,
                        examined.differs ? EndToEnd::Differs : EndToEnd::Equivalent, differ});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::Interrupted) throw;
      examined.findings.why = fmt::format("the search failed: {}", error.what());
    }
    examined.differs = examined.differs || examined.findings.culprit;
    if (!examined.differs && !examined.findings.has_values) {
      verification_.assume({fmt::format("the nodes of {} are not tested one by one: {}",
                                        examined.running.label(), examined.findings.why)});
    }
  }

  // Beyond what a network is made for, rounding may go further than its spread says. Where each
  // judged node makes, within its own rounding, of the subject's values what the subject has, all
  // the way from the inputs to the outputs, it is rounding. False where there is nothing more to
  // explain.
  bool explain(Examined& examined) {
    const FurtherResult* first = first_difference(examined);
    if (!first || !examined.findings.is_complete || any_is(examined.outputs, Verdict::Different))
      return false;
    std::vector<FurtherResult*> differences;
    for (FurtherResult& result : verification_.result.further) {
      if (result.subject == first->subject && result.set == first->set &&
          result.verdict == Verdict::Different)
        differences.push_back(&result);
    }
    if (std::ranges::any_of(differences, [](const FurtherResult* result) {
          return result->error > element_kappa / kappa * result->bound;
        }))
      return false;
    for (FurtherResult* result : differences) result->verdict = Verdict::Equivalent;
    examined.findings.culprit.reset();
    examined.differs = first_difference(examined) != nullptr;
    return true;
  }

  // What ran nowhere is the same network only where it is the same to the letter.
  void look_at_bodies() {
    const std::vector<UntakenBody> bodies = untaken_bodies(verification_.judges);
    if (!bodies.empty()) verification_.assume({untaken_text(bodies)});
    for (const UntakenBody& body : bodies) {
      if (is_left_by_sizes(body)) continue;
      for (Examined& examined : all_) {
        const VerifySubject& subject = examined.running.subject();
        if (!subject.is_of_another_program() || subject.graph == &verification_.judged) continue;
        const bool has_other_constants = std::ranges::any_of(
            verification_.result.constants,
            [&](const auto& constant) { return constant.subject == subject.spec.label; });
        if (has_other_constants || !has_body(*subject.graph, body))
          doubt_all(examined, untaken_text({body}) + ", and the other file has not the same");
      }
    }
  }

  void doubt_all(Examined& examined, const std::string& why) const {
    for (const ir::Value* output : verification_.judged.outputs())
      examined.undecided[output->name()] = why;
  }

  // An output that no input changes agrees whatever the nodes before it do: between two files it
  // says something where they have the same nodes.
  void look_at_constant_outputs(ops::Precision precision) {
    for (const std::string& name : constant_outputs(precision)) {
      const std::string why = fmt::format(
          "`{}` is the same for all inputs, so that it says nothing of the nodes "
          "before it",
          name);
      verification_.assume({why});
      for (Examined& examined : all_) {
        const VerifySubject& subject = examined.running.subject();
        if (!subject.is_of_another_program() || subject.graph == &verification_.judged) continue;
        const Matches matches =
            match_values(verification_.judged, *subject.graph, examined.running.interface(),
                         subject.meaning_of_names());
        if (!are_the_same_nodes(verification_.judged, *subject.graph, matches))
          examined.undecided[name] =
              why +
              ", and the other file has not the same ones; `--outputs-at` compares "
              "what comes earlier";
      }
    }
  }

  void describe_sets() {
    VerifyResult& result = verification_.result;
    result.seed = verification_.options.seed;
    result.sets = static_cast<int>(deciding_.sets().size());
    result.perturbed_runs = deciding_.perturbed_runs();
    for (const JudgedSet& set : deciding_.sets()) result.set_names.push_back(set.name());
    const auto answered = std::ranges::find_if(all_, &Examined::has_answered);
    if (answered == all_.end() || deciding_.sets().empty()) return;
    const ops::Precision precision = answered->running.precision();
    look_at_constant_outputs(precision);
    const Judgement& first =
        deciding_.sets().front().judgement(verification_.judges, precision, result.perturbed_runs);
    result.overflows = first.overflows;
    result.judge_seconds = first.seconds_unperturbed;
  }

  // Of those that depend on what is in the inputs.
  std::vector<std::string> constant_outputs(ops::Precision precision) {
    std::vector<std::string> names;
    if (deciding_.sets().size() < 2 || verification_.judged.inputs().empty()) return names;
    for (std::size_t i = 0; i < verification_.judged.outputs().size(); ++i) {
      const ir::Value& output = *verification_.judged.outputs()[i];
      if (!depends_on_elements(output)) continue;
      std::vector<const ops::Datum*> references;
      for (JudgedSet& set : deciding_.sets()) {
        const Judgement& judgement = set.judgement(verification_.judges, precision, 0);
        references.push_back(&judgement.outputs[i].reference);
      }
      const bool is_constant = std::ranges::all_of(references, [&](const ops::Datum* reference) {
        return equal_data(*reference, *references.front());
      });
      if (is_constant) names.push_back(output.name());
    }
    return names;
  }

  Verification verification_;
  std::filesystem::path scratch_;
  DecidingSets deciding_;
  std::deque<JudgedSet> further_;
  std::uint64_t further_count_ = 0;
  std::vector<Examined> all_;
};

}  // namespace

evaluate::Options VerifyOptions::evaluation() const {
  evaluate::Options evaluation;
  evaluation.threads = threads;
  if (memory_bytes) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    evaluation.memory_bytes = static_cast<std::int64_t>(std::min(*memory_bytes, most));
  }
  evaluation.stop = stop;
  return evaluation;
}

VerifyResult verify(const ir::Graph& judged, const std::vector<VerifySubject>& subjects,
                    const std::filesystem::path& scratch, const VerifyOptions& options) {
  return Verifier(judged, scratch, options).run(subjects);
}

}  // namespace ponte::verify
