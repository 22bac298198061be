#include "verify/judge.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/random.h"
#include "verify/containers.h"
#include "verify/noise.h"
#include "verify/tensor_comparison.h"
#include "verify/undefined.h"

namespace ponte::verify {
namespace {

using ops::Array;
using ops::Datum;

// Of the other sign: whatever a tie within the noise gives with one, it does not give with both.
constexpr double wide_noise = -4;

using Scales = std::vector<std::vector<double>>;

bool fits(const Scales& scales, const std::vector<Datum>& outputs) {
  if (scales.size() != outputs.size()) return false;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto* array = std::get_if<Array>(&outputs[i].held);
    const auto count = array ? static_cast<std::size_t>(array->count()) : 0;
    if (!scales[i].empty() && scales[i].size() != count) return false;
  }
  return true;
}

// The scales of the evaluations of the unperturbed run, in their order: perturbed runs use them as
// long as they take the same path. Of a run of very many, the first ones.
class ScaleTrace {
 public:
  explicit ScaleTrace(std::int64_t most_bytes) : room_(most_bytes) {}

  void add(const ir::Node& node, Scales scales) {
    room_ -= static_cast<std::int64_t>(sizeof(Entry));
    for (const auto& scale : scales)
      room_ -= static_cast<std::int64_t>(sizeof(scale) + scale.size() * sizeof(double));
    if (room_ >= 0) entries_.push_back({&node, std::move(scales)});
  }

  const Scales* find(std::size_t position, const ir::Node& node,
                     const std::vector<Datum>& outputs) const {
    if (position >= entries_.size()) return nullptr;
    const Entry& entry = entries_[position];
    return entry.node == &node && fits(entry.scales, outputs) ? &entry.scales : nullptr;
  }

 private:
  struct Entry {
    const ir::Node* node;
    Scales scales;
  };
  std::int64_t room_;  // bytes; once below zero, no more is kept
  std::vector<Entry> entries_;
};

void perturb(const Scales& sigmas, double factor, std::uint64_t seed, ops::Services& services,
             std::vector<Datum>& outputs) {
  for (std::size_t i = 0; i < outputs.size() && i < sigmas.size(); ++i) {
    auto* array = std::get_if<Array>(&outputs[i].held);
    if (!array || sigmas[i].empty() || !array->holds<double>()) continue;
    add_noise(sigmas[i], factor, mix_seed(seed, i), services, *array);
  }
}

bool is_integral(const Array& array) { return !array.holds<double>(); }

JudgedOutput judged(const std::string& name, const Datum& reference) {
  JudgedOutput output;
  output.name = name;
  output.reference = reference;
  const bool is_tensor = std::holds_alternative<Array>(reference.held);
  if (auto row = is_tensor ? std::nullopt : elements_in_a_row(reference)) {
    output.container = reference;
    output.reference = {std::move(*row)};
  }
  const auto* array = std::get_if<Array>(&output.reference.held);
  if (array && !array->holds<std::string>() && !array->holds<std::complex<double>>()) {
    output.is_number = true;
    output.squares.resize(static_cast<std::size_t>(array->count()));
    output.unstable.resize(static_cast<std::size_t>(array->count()));
    if (is_integral(*array)) output.lowest = output.highest = array->to_f64();
  }
  return output;
}

// The array of a run in the shape of the reference. Another one is that of a jump, and nothing
// about this output is certain.
std::optional<Array> array_of(const Datum& perturbed, JudgedOutput& output) {
  const Datum value = output.in_reference_form(perturbed);
  const auto* array = std::get_if<Array>(&value.held);
  if (array && array->shape() == output.reference.array().shape()) return *array;
  output.has_unstable_shape = true;
  output.unstable.assign(output.unstable.size(), true);
  return std::nullopt;
}

// What the same noise, four times as large and of the other sign, does to the elements: as many
// times as much, but for what a jump moved. Kinks, and what is not linear otherwise, stay far below
// the limit.
void mark_jumps(const Array& scaled, const Array& wide, double u, JudgedOutput& output) {
  if (is_integral(output.reference.array())) return;
  const std::vector<double> once = scaled.to_f64(), fourfold = wide.to_f64(),
                            expected = output.reference.array().to_f64();
  const double limit = jump_limit(expected, u);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = (fourfold[i] - expected[i]) - wide_noise * (once[i] - expected[i]);
    if (std::abs(d) > limit) output.unstable[i] = true;
  }
}

enum class Noise : std::uint8_t { OfScale, Wide };

void accumulate(const Datum& perturbed, Noise noise, JudgedOutput& output) {
  if (!output.is_number) return;
  const Array& reference = output.reference.array();
  const auto array = array_of(perturbed, output);
  if (!array) return;
  const std::vector<double> values = numbers_of(*array, reference), expected = reference.to_f64();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!same_pattern(values[i], expected[i])) {
      output.unstable[i] = true;
    } else if (is_integral(reference)) {
      output.unstable[i] = output.unstable[i] || values[i] != expected[i];
      output.lowest[i] = std::min(output.lowest[i], values[i]);
      output.highest[i] = std::max(output.highest[i], values[i]);
    } else if (noise == Noise::OfScale && std::isfinite(values[i])) {
      output.squares[i] += (values[i] - expected[i]) * (values[i] - expected[i]);
    }
  }
}

}  // namespace

Datum JudgedOutput::in_reference_form(const Datum& value) const {
  if (container.is_absent() || !same_structure(value, container)) return value;
  auto row = elements_in_a_row(value);
  return row ? Datum{std::move(*row)} : value;
}

double jump_limit(std::span<const double> reference, double u) {
  double squares = 0;
  for (const double value : reference) squares += std::isfinite(value) ? value * value : 0;
  return 0x1p12 * u *
         std::sqrt(squares / static_cast<double>(std::max<std::size_t>(reference.size(), 1)));
}

// The rounding of each element, and one of terms as large as the tensor's elements are on the
// whole, which may have cancelled.
std::vector<double> constant_scale(const Array& constant, double u) {
  std::vector<double> sigma = constant.to_f64();
  double squares = 0;
  for (const double value : sigma) squares += value * value;
  const double mean_square = squares / static_cast<double>(std::max<std::size_t>(sigma.size(), 1));
  for (double& s : sigma) s = u * std::sqrt((s * s + mean_square) / 3);
  return sigma;
}

std::vector<std::vector<double>> error_scale(const ir::Node& node, const std::vector<Datum>& inputs,
                                             const std::vector<Datum>& outputs,
                                             ops::Precision precision, ops::Services& services) {
  if (!node.op() || !node.op()->scale) return std::vector<std::vector<double>>(outputs.size());
  ops::ErrorScale scale(node, inputs, outputs, precision, services);
  node.op()->scale(scale);
  return std::move(scale.sigmas());
}

Judge::Judge(const ir::Graph& graph, evaluate::Options options, ops::Precision precision,
             std::vector<const ir::Value*> computed)
    : graph_(graph),
      precision_(precision),
      most_traced_(options.memory_bytes / 4),
      evaluator_(graph, std::move(options)),
      computed_(std::move(computed)) {
  for (const ir::Value* value : graph.constants()) {
    if (value->is_computed && std::ranges::find(computed_, value) == computed_.end())
      computed_.push_back(value);
  }
  ir::for_each_node(graph, [&](const ir::Node& node) {
    has_subgraphs_ = has_subgraphs_ || !node.subgraphs().empty();
    has_jumps_ = has_jumps_ || casts_to_integers(node) ||
                 (node.op() && node.op()->exactness == ir::Exactness::Jumps);
  });
}

Judgement Judge::run(const Inputs& inputs, int perturbed_runs, std::uint64_t seed, Jumps jumps) {
  Judgement judgement;
  ScaleTrace trace(most_traced_);
  const auto start = std::chrono::steady_clock::now();
  const evaluate::Observer record = [&](const ir::Node& node, const std::vector<Datum>& node_inputs,
                                        std::vector<Datum>& outputs) {
    if (&node.graph() != &graph_) evaluated_.insert(&node);
    if (perturbed_runs == 0) return;
    trace.add(node, error_scale(node, node_inputs, outputs, precision_, evaluator_.services()));
  };
  evaluate::Result reference =
      evaluator_.run(inputs, perturbed_runs > 0 || has_subgraphs_ ? record : evaluate::Observer{});
  judgement.seconds_unperturbed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  judgement.steps_unperturbed = evaluator_.steps();
  judgement.overflows = std::move(reference.overflows);
  judgement.perturbed_runs = perturbed_runs;
  for (std::size_t i = 0; i < reference.outputs.size(); ++i) {
    judgement.outputs.push_back(judged(graph_.outputs()[i]->name(), reference.outputs[i]));
  }
  const int runs = has_jumps_ ? 2 * perturbed_runs : perturbed_runs;
  std::vector<Datum> scaled;  // the outputs of the run before, on the same noise
  for (int run = 0; run < runs; ++run) {
    const Noise noise = has_jumps_ && run % 2 == 1 ? Noise::Wide : Noise::OfScale;
    const double factor = noise == Noise::Wide ? wide_noise : 1;
    const int pair = has_jumps_ ? run / 2 : run;
    const std::uint64_t seed_of_run = mix_seed(seed, static_cast<std::uint64_t>(pair) + 1);
    round_constants(factor, seed_of_run);
    std::size_t position = 0;
    evaluate::Result perturbed =
        evaluator_.run(inputs, [&](const ir::Node& node, const std::vector<Datum>& node_inputs,
                                   std::vector<Datum>& outputs) {
          ops::Services& services = evaluator_.services();
          const std::size_t at = position++;
          const std::uint64_t seed_of_node = mix_seed(seed_of_run, at);
          if (const Scales* scales = trace.find(at, node, outputs)) {
            perturb(*scales, factor, seed_of_node, services, outputs);
          } else {
            perturb(error_scale(node, node_inputs, outputs, precision_, services), factor,
                    seed_of_node, services, outputs);
          }
          const auto undefined = undefined_elements(node, node_inputs);
          if (undefined.empty() || outputs.empty()) return;
          auto* result = std::get_if<Array>(&outputs.front().held);
          const End end = noise == Noise::Wide ? End::Highest : End::Lowest;
          if (result) set_undefined(undefined, end, *result);
        });
    for (std::size_t i = 0; i < perturbed.outputs.size(); ++i) {
      JudgedOutput& output = judgement.outputs[i];
      accumulate(perturbed.outputs[i], noise, output);
      const bool can_compare = output.is_number && !output.has_unstable_shape;
      if (noise != Noise::Wide || jumps == Jumps::Pooled || !can_compare) continue;
      const double u = precision_.unit_roundoff(output.reference.array().dtype());
      const Datum once = output.in_reference_form(scaled[i]),
                  fourfold = output.in_reference_form(perturbed.outputs[i]);
      mark_jumps(once.array(), fourfold.array(), u, output);
    }
    scaled = std::move(perturbed.outputs);
  }
  restore_constants();
  return judgement;
}

void Judge::round_constants(double factor, std::uint64_t seed) {
  for (std::size_t i = 0; i < computed_.size(); ++i) {
    Array array = ops::load(*computed_[i]->tensor(), ops::Arithmetic::Judge);
    const std::vector<double> scale =
        constant_scale(array, precision_.unit_roundoff(array.dtype()));
    add_noise(scale, factor, mix_seed(seed, ~std::uint64_t{i}), evaluator_.services(), array);
    evaluator_.set_constant(*computed_[i], {std::move(array)});
  }
}

void Judge::restore_constants() {
  for (const ir::Value* value : computed_)
    evaluator_.set_constant(*value, {ops::load(*value->tensor(), ops::Arithmetic::Judge)});
}

std::map<std::string, Datum> Judge::all_values(const Inputs& inputs) {
  std::map<std::string, Datum> values;
  evaluator_.run(inputs,
                 [&](const ir::Node& node, const std::vector<Datum>&, std::vector<Datum>& outputs) {
                   if (&node.graph() != &graph_) return;
                   for (std::size_t i = 0; i < outputs.size(); ++i) {
                     if (node.output(i)) values[node.output(i)->name()] = outputs[i];
                   }
                 });
  return values;
}

}  // namespace ponte::verify
