#include "verify/further_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/random.h"
#include "ir/shapes.h"

namespace ponte::verify {
namespace {

constexpr auto other_floats =
    std::to_array<InputKind>({InputKind::Zeros, InputKind::Large, InputKind::Denormal});
constexpr auto other_batches = std::to_array<std::int64_t>({2, 7});
constexpr std::uint64_t first_inputs_of_further = 1000;

// Inputs that are made up from a kind, and not from a range that the user gave.
bool has_free_input(const ir::Graph& graph, const InputOptions& options,
                    bool (*is_free)(const ir::Value&)) {
  return std::ranges::any_of(graph.inputs(), [&](const ir::Value* input) {
    return !input->tensor() && is_free(*input) && !options.ranges.contains(input->name()) &&
           !options.given.contains(input->name());
  });
}

bool has_open_batch(const ir::Graph& graph, const InputOptions& options) {
  if (!options.given.empty()) return false;
  return std::ranges::any_of(graph.inputs(), [&](const ir::Value* input) {
    const ir::TensorType* tensor = input->type().as_tensor();
    if (input->tensor() || !tensor || !tensor->shape || tensor->shape->empty()) return false;
    const std::string name(tensor->shape->front().symbol_name());
    return !name.empty() && !options.dims.contains(name);
  });
}

// A runtime may flush denormal numbers, and compute in narrower integers where nobody has larger
// ones.
bool decides(InputKind kind) {
  return kind != InputKind::Denormal && kind != InputKind::LargeIntegers;
}

class SetMaker {
 public:
  SetMaker(const ir::Graph& judged, const VerifyOptions& options)
      : judged_(judged), options_(options) {}

  void add_kind(InputKind kind) {
    add({.name = std::string(to_string(kind)), .decides = decides(kind)}, kind, options_.inputs);
  }
  void add_size(std::string name, InputOptions inputs) {
    add({.name = std::move(name), .has_other_sizes = true}, InputKind::Normal, std::move(inputs));
  }

  std::vector<FurtherSet> take() { return std::move(sets_); }

 private:
  void add(FurtherSet set, InputKind kind, InputOptions inputs) {
    inputs.seed = mix_seed(options_.seed, first_inputs_of_further + sets_.size());
    set.inputs = make_inputs(judged_, kind, inputs).values;
    sets_.push_back(std::move(set));
  }

  const ir::Graph& judged_;
  const VerifyOptions& options_;
  std::vector<FurtherSet> sets_;
};

const ops::Array* array_of(const ops::Datum& datum) { return std::get_if<ops::Array>(&datum.held); }

// The rule of the ratio: RMS and each element. None where it does not explain the error, or where
// there is nothing to take a ratio of.
std::optional<FurtherResult> by_ratio(const ops::Datum& reference, const ops::Datum& given,
                                      double ratio) {
  const ops::Array *a = array_of(reference), *b = array_of(given);
  if (!a || !b || a->shape() != b->shape() || !a->holds<double>() || !b->holds<double>())
    return std::nullopt;
  const TensorComparison comparison = compare_tensors(b->as<double>(), a->as<double>(), a->shape());
  const double size = comparison.rms_reference;
  FurtherResult result;
  result.error = comparison.rms_error;
  result.bound = kappa * ratio * size;
  const bool is_explained = comparison.pattern_mismatches == 0 && result.error <= result.bound &&
                            comparison.max_abs <= element_kappa * ratio * size;
  return is_explained ? std::optional(result) : std::nullopt;
}

// Why a subject's own graph can't be evaluated on the inputs that it refused; empty where it can.
std::string why_refused(const Verification& verification, const RunningSubject& subject,
                        const Inputs& inputs, std::string& node) {
  try {
    evaluate::Evaluator(*subject.subject().graph, verification.options.evaluation())
        .run(subject.interface().for_subject(inputs));
    return {};
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Interrupted) throw;
    node = error.where().node;
    return error.what();
  }
}

// An input that the subject's file declares of another shape than these; null where there is none.
const ir::Value* undeclared(const RunningSubject& subject, const Inputs& inputs) {
  const Inputs own = subject.interface().for_subject(inputs);
  const auto declares = [&](const ir::Value* input) {
    const auto value = own.find(input->name());
    const ir::TensorType* type = input->type().as_tensor();
    const ops::Array* array = value == own.end() ? nullptr : array_of(value->second);
    return !type || !type->shape || !array ||
           ir::may_be_equal(*type->shape, ir::to_shape(array->shape()));
  };
  const auto& all = subject.subject().graph->inputs();
  const auto first = std::ranges::find_if_not(all, declares);
  return first == all.end() ? nullptr : *first;
}

void add_refusal(Verification& verification, const RunningSubject& subject, const FurtherSet& set,
                 const runtimes::WorkerFailure& failure) {
  FurtherResult result;
  result.subject = subject.label();
  result.set = set.name;
  result.rule = FurtherRule::Refused;
  std::string node;
  result.why = why_refused(verification, subject, set.inputs, node);
  if (result.why.empty()) {
    result.verdict = Verdict::Undecided;
    result.decides = false;
    result.why = runtimes::describe(failure);
  } else {
    result.verdict = set.decides ? Verdict::Different : Verdict::Undecided;
    result.decides = set.decides;
    if (!node.empty()) result.why = fmt::format("`{}`: {}", node, result.why);
    if (set.decides && !verification.result.culprit) {
      Culprit culprit;
      culprit.kind = "constant";
      culprit.subject = subject.label();
      culprit.node = node;
      verification.result.culprit = std::move(culprit);
    }
  }
  verification.result.further.push_back(std::move(result));
}

}  // namespace

std::string_view to_string(FurtherRule rule) {
  switch (rule) {
    case FurtherRule::Ratio:
      return "ratio";
    case FurtherRule::Spread:
      return "spread";
    case FurtherRule::Refused:
      return "refused";
  }
  return "";
}

FurtherSet further_sample(const ir::Graph& judged, const VerifyOptions& options,
                          std::size_t index) {
  const Sample& sample = options.samples.at(index);
  InputOptions inputs = with_sample(options.inputs, sample);
  inputs.seed = mix_seed(options.seed, static_cast<std::uint64_t>(index));
  return {sample.name, make_inputs(judged, InputKind::Normal, inputs).values};
}

std::vector<FurtherSet> further_sets(const ir::Graph& judged, const VerifyOptions& options) {
  SetMaker maker(judged, options);
  const bool has_floats = has_free_input(judged, options.inputs, is_float_input);
  if (has_floats) {
    for (const InputKind kind : other_floats) maker.add_kind(kind);
  }
  if (has_free_input(judged, options.inputs, is_free_integer)) {
    if (!has_floats) maker.add_kind(InputKind::Zeros);
    maker.add_kind(InputKind::Integers);
    // A Loop that counts to one of them has no end.
    const bool has_bodies = std::ranges::any_of(
        judged.nodes(), [](const ir::Node& node) { return !node.subgraphs().empty(); });
    if (!has_bodies) maker.add_kind(InputKind::LargeIntegers);
  }
  if (has_open_batch(judged, options.inputs)) {
    for (const std::int64_t batch : other_batches) {
      InputOptions inputs = options.inputs;
      inputs.batch = batch;
      maker.add_size(fmt::format("batch {}", batch), std::move(inputs));
    }
  }
  if (!options.inputs.dims.empty() && options.inputs.given.empty()) {
    InputOptions inputs = options.inputs;
    std::string name;
    for (auto& [dim, size] : inputs.dims) {
      size *= 2;
      name += fmt::format("{}{} {}", name.empty() ? "" : ", ", dim, size);
    }
    maker.add_size(std::move(name), std::move(inputs));
  }
  return maker.take();
}

std::vector<double> spread_ratios(Verification& verification, const RunningSubject& subject,
                                  std::span<const Answered> deciding, int perturbed_runs) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < verification.judged.outputs().size(); ++i) {
    double least = std::numeric_limits<double>::infinity();
    for (const Answered& answer : deciding) {
      const OutputVerdict verdict =
          judge_answers(verification, subject, std::span(&answer, 1), perturbed_runs)[i];
      const double size = verdict.rms_reference();
      least = std::min(least, size > 0 ? verdict.bound / kappa / size : 0);
    }
    ratios.push_back(std::isfinite(least) ? least : 0);
  }
  return ratios;
}

void check_further(Verification& verification, RunningSubject& subject, const FurtherSet& set,
                   JudgedSet& judged, const std::vector<double>& ratios) {
  if (subject.failure()) return;
  if (const ir::Value* input = undeclared(subject, set.inputs)) {
    verification.assume(
        {fmt::format("`{}` was not tried on {}: its file takes input `{}` as {} alone", set.name,
                     subject.label(), input->name(), ir::to_string(input->type()))});
    return;
  }
  auto values = subject.answer(set.inputs);
  if (!values) return add_refusal(verification, subject, set, values.failure());
  const Answered answer{&judged, std::move(values.value())};
  std::vector<FurtherResult> results;
  for (std::size_t i = 0; i < verification.judged.outputs().size(); ++i) {
    const OutputPairs pairs = pair_output(verification, subject, std::span(&answer, 1), i, 0);
    if (!pairs.is_complete()) continue;
    auto result = by_ratio(pairs.judged.front()->reference, pairs.given.front(), ratios[i]);
    if (!result) {
      add_further(verification, set.name,
                  judge_answers(verification, subject, std::span(&answer, 1),
                                verification.options.perturbed_runs),
                  set.decides);
      return;
    }
    result->subject = subject.label();
    result->output = verification.judged.outputs()[i]->name();
    result->set = set.name;
    results.push_back(std::move(*result));
  }
  auto& all = verification.result.further;
  all.insert(all.end(), results.begin(), results.end());
}

void add_further(Verification& verification, const std::string& set,
                 const std::vector<OutputVerdict>& verdicts, bool decides) {
  for (const OutputVerdict& verdict : verdicts) {
    FurtherResult result{.subject = verdict.subject,
                         .output = verdict.name,
                         .set = set,
                         .rule = FurtherRule::Spread,
                         .error = verdict.rms_error(),
                         .bound = verdict.bound,
                         .verdict = verdict.verdict,
                         .why = verdict.why,
                         .decides = decides};
    verification.result.further.push_back(std::move(result));
  }
}

}  // namespace ponte::verify
