#include "verify/judge.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "base/random.h"

namespace ponte::verify {
namespace {

using ops::Array;
using ops::Datum;

constexpr double wide_noise = 4;

// The scales of all evaluations of one run, in their order: perturbed runs use those of the
// unperturbed one as long as they take the same path.
struct ScaleTrace {
  struct Entry {
    const ir::Node* node;
    std::vector<std::vector<double>> sigmas;
  };
  std::vector<Entry> entries;
};

bool fits(const ScaleTrace::Entry& entry, const ir::Node& node, const std::vector<Datum>& outputs) {
  if (entry.node != &node || entry.sigmas.size() != outputs.size()) return false;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto* array = std::get_if<Array>(&outputs[i].held);
    const auto count = array ? static_cast<std::size_t>(array->count()) : 0;
    if (!entry.sigmas[i].empty() && entry.sigmas[i].size() != count) return false;
  }
  return true;
}

void add_noise(const std::vector<std::vector<double>>& sigmas, double factor, Random& random,
               std::vector<Datum>& outputs) {
  for (std::size_t i = 0; i < outputs.size() && i < sigmas.size(); ++i) {
    auto* array = std::get_if<Array>(&outputs[i].held);
    if (!array || sigmas[i].empty() || !array->holds<double>()) continue;
    const auto values = array->mutable_as<double>();
    for (std::size_t k = 0; k < values.size(); ++k)
      values[k] += factor * sigmas[i][k] * random.normal();
  }
}

bool same_pattern(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return (!std::isinf(a) && !std::isinf(b)) || a == b;
}

bool is_integral(const Array& array) { return !array.holds<double>(); }

JudgedOutput judged(const std::string& name, const Datum& reference) {
  JudgedOutput output{name, reference, {}, {}, false};
  const auto* array = std::get_if<Array>(&reference.held);
  if (array && !array->holds<std::string>() && !array->holds<std::complex<double>>()) {
    output.is_number = true;
    output.squares.resize(static_cast<std::size_t>(array->count()));
    output.unstable.resize(static_cast<std::size_t>(array->count()));
  }
  return output;
}

enum class Noise : std::uint8_t { OfScale, Wide };

void accumulate(const Datum& perturbed, Noise noise, JudgedOutput& output) {
  if (!output.is_number) return;
  const auto* array = std::get_if<Array>(&perturbed.held);
  const Array& reference = output.reference.array();
  if (!array || array->shape() != reference.shape()) {
    // A jump changed the shape itself: nothing about this output is certain.
    output.unstable.assign(output.unstable.size(), true);
    return;
  }
  const std::vector<double> values = array->to_f64(), expected = reference.to_f64();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!same_pattern(values[i], expected[i])) {
      output.unstable[i] = true;
    } else if (is_integral(reference)) {
      output.unstable[i] = output.unstable[i] || values[i] != expected[i];
    } else if (noise == Noise::OfScale && std::isfinite(values[i])) {
      output.squares[i] += (values[i] - expected[i]) * (values[i] - expected[i]);
    }
  }
}

}  // namespace

std::vector<std::vector<double>> error_scale(const ir::Node& node, const std::vector<Datum>& inputs,
                                             const std::vector<Datum>& outputs,
                                             ops::Precision precision, ops::Services& services) {
  if (!node.op() || !node.op()->scale) return std::vector<std::vector<double>>(outputs.size());
  ops::ErrorScale scale(node, inputs, outputs, precision, services);
  node.op()->scale(scale);
  return std::move(scale.sigmas());
}

Judge::Judge(const ir::Graph& graph, evaluate::Options options, ops::Precision precision)
    : graph_(graph), precision_(precision), evaluator_(graph, std::move(options)) {
  ir::for_each_node(graph, [&](const ir::Node& node) {
    has_jumps_ = has_jumps_ || (node.op() && node.op()->exactness == ir::Exactness::Jumps);
  });
}

Judgement Judge::run(const Inputs& inputs, int perturbed_runs, std::uint64_t seed) {
  Judgement judgement;
  ScaleTrace trace;
  const auto start = std::chrono::steady_clock::now();
  const evaluate::Observer record = [&](const ir::Node& node, const std::vector<Datum>& node_inputs,
                                        std::vector<Datum>& outputs) {
    trace.entries.push_back(
        {&node, error_scale(node, node_inputs, outputs, precision_, evaluator_.services())});
  };
  evaluate::Result reference =
      evaluator_.run(inputs, perturbed_runs > 0 ? record : evaluate::Observer{});
  judgement.seconds_unperturbed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  judgement.overflows = std::move(reference.overflows);
  judgement.perturbed_runs = perturbed_runs;
  for (std::size_t i = 0; i < reference.outputs.size(); ++i) {
    judgement.outputs.push_back(judged(graph_.outputs()[i]->name(), reference.outputs[i]));
  }
  const int runs = has_jumps_ ? 2 * perturbed_runs : perturbed_runs;
  for (int run = 0; run < runs; ++run) {
    const Noise noise = run < perturbed_runs ? Noise::OfScale : Noise::Wide;
    Random random(seed, static_cast<std::uint64_t>(run) + 1);
    std::size_t position = 0;
    const evaluate::Result perturbed =
        evaluator_.run(inputs, [&](const ir::Node& node, const std::vector<Datum>& node_inputs,
                                   std::vector<Datum>& outputs) {
          const double factor = noise == Noise::Wide ? wide_noise : 1;
          const std::size_t at = position++;
          if (at < trace.entries.size() && fits(trace.entries[at], node, outputs)) {
            add_noise(trace.entries[at].sigmas, factor, random, outputs);
          } else {
            add_noise(error_scale(node, node_inputs, outputs, precision_, evaluator_.services()),
                      factor, random, outputs);
          }
        });
    for (std::size_t i = 0; i < perturbed.outputs.size(); ++i) {
      accumulate(perturbed.outputs[i], noise, judgement.outputs[i]);
    }
  }
  return judgement;
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
