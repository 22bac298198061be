#include "verify/culprit.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/counted.h"
#include "verify/local_test.h"
#include "verify/matching.h"

namespace ponte::verify {
namespace {

constexpr std::size_t most_single_outputs = 200;

Culprit describe(const std::vector<const ir::Node*>& region, const ir::Node& node,
                 const SubjectSpec& spec) {
  Culprit culprit;
  culprit.kind = region.size() > 1 ? "region" : "node";
  culprit.subject = spec.label;
  culprit.node = name_of(node);
  culprit.op = node.op_name();
  for (const ir::Node* part : region) {
    culprit.region.push_back(name_of(*part));
    for (const ir::NodeOrigin& origin : part->origins) {
      if (!origin.name.empty() &&
          std::ranges::find(culprit.origin, origin.name) == culprit.origin.end())
        culprit.origin.push_back(origin.name);
    }
  }
  return culprit;
}

double median_bits(const std::vector<LocalError>& errors) {
  std::vector<double> bits;
  for (const LocalError& error : errors) {
    const ir::Op* op = error.node->op();
    if (error.region.size() == 1 && op && op->exactness == ir::Exactness::Rounds)
      bits.push_back(error.bits);
  }
  if (bits.empty()) return exact_bits;
  const auto middle = bits.begin() + static_cast<std::ptrdiff_t>(bits.size() / 2);
  std::ranges::nth_element(bits, middle);
  return *middle;
}

// The search in one subject.
class Search {
 public:
  explicit Search(const CulpritSearch& given)
      : given_(given),
        own_(&given.judged == given.subject.graph),
        matches_(
            match_values(given.judged, *given.subject.graph, given.subject.meaning_of_names())),
        node_by_node_(own_ || (!given.subject.is_of_another_program() &&
                               match_node_by_node(given.judged, matches_))),
        shown_(given.subject, given.sets, given.scratch, given.runner) {}

  LocalFindings run() {
    const auto candidates = shown_.candidates();
    if (!candidates) return without_values(runtimes::describe(candidates.failure()));
    const auto values = shown_.run(candidates.value());
    if (!values) return without_values(runtimes::describe(values.failure()));
    if (differs() && !given_.differ(values.value())) return of_fusion(candidates.value());
    return of_values(values.value());
  }

 private:
  bool differs() const { return given_.outputs == EndToEnd::Differs; }

  std::vector<DifferentConstant> constants() const {
    return own_ ? std::vector<DifferentConstant>()
                : different_constants(given_.judged, *given_.subject.graph, matches_);
  }

  std::string about(const DifferentConstant& constant) const {
    return fmt::format("`{}` {} in {}", constant.constant, constant.what,
                       given_.subject.spec.model_path);
  }

  LocalFindings without_values(const std::string& reason) const {
    LocalFindings findings;
    findings.why = fmt::format("its intermediate values can't be had: {}", reason);
    const auto different = constants();
    if (!differs() || different.empty()) return findings;
    const ir::Node& node = *different.front().node;
    findings.culprit = describe({&node}, node, given_.subject.spec);
    findings.culprit->kind = "constant";
    findings.why = about(different.front());
    return findings;
  }

  LocalFindings of_values(const std::vector<Values>& values) {
    LocalFindings findings;
    std::size_t checked = 0;
    test_sets(values, Jumps::Pooled, findings, checked);
    // Something is wrong: if no node is with jumps and all, then behind one.
    if (differs() && !findings.culprit) test_sets(values, Jumps::LeftOut, findings, checked);
    if (!findings.culprit) {
      findings.why = fmt::format("each of {} that {} shows follows from those before it",
                                 counted(checked, "value", "values"), given_.subject.spec.runtime);
    }
    return findings;
  }

  void test_sets(const std::vector<Values>& values, Jumps jumps, LocalFindings& findings,
                 std::size_t& checked) {
    const std::size_t sets = differs() ? values.size() : 1;
    for (std::size_t set = 0; set < sets && !findings.culprit; ++set) {
      const Known known = shown_.known(given_.sets[set], values[set]);
      if (node_by_node_ || differs())
        test(given_.judged, of_judged(known), jumps, findings, checked);
      if (own_ || node_by_node_ || findings.culprit) continue;
      test(*given_.subject.graph, known, jumps, findings, checked);
      if (findings.culprit) findings.why = "the runtime departs from its own file there";
    }
  }

  // What is known of the subject's values, for the values of the judged graph that they stand for.
  Known of_judged(const Known& known) const {
    if (own_) return known;
    Known result;
    for (const auto& [value, counterpart] : matches_) {
      if (const auto it = known.find(counterpart); it != known.end())
        result.emplace(value, it->second);
    }
    return result;
  }

  void test(const ir::Graph& graph, const Known& known, Jumps jumps, LocalFindings& findings,
            std::size_t& checked) {
    Judge judge(graph, given_.options.evaluation(), given_.subject.spec.precision);
    const auto errors = local_errors(graph, judge, known, given_.options.seed, jumps);
    checked = std::max(checked, errors.size());
    const auto first = std::ranges::find(errors, true, &LocalError::fails);
    if (jumps == Jumps::Pooled) {
      findings.bits = median_bits(errors);
      if (&graph == &given_.judged)
        findings.is_complete =
            first == errors.end() && errors.size() == shown_results(graph, known);
    }
    if (first == errors.end()) return;
    findings.culprit = describe(first->region, *first->node, given_.subject.spec);
    findings.culprit->local_error = first->error;
    findings.culprit->bound = first->bound;
    if (&graph != &given_.judged) return;
    name_node(first->region, findings);
    name_constant(first->region, findings);
  }

  // How many results of nodes are known; none where an output is not.
  static std::size_t shown_results(const ir::Graph& graph, const Known& known) {
    const auto is_known = [&](const ir::Value* value) { return value && known.contains(value); };
    if (!std::ranges::all_of(graph.outputs(), is_known)) return 0;
    std::size_t count = 0;
    for (const ir::Node& node : graph.nodes())
      count += static_cast<std::size_t>(std::ranges::count_if(node.outputs(), is_known));
    return count;
  }

  // Within the region, a node that is another one in the subject's file.
  void name_node(const std::vector<const ir::Node*>& region, LocalFindings& findings) const {
    for (const ir::Node* node : region) {
      const std::string what =
          own_ ? std::string() : difference_of_node(*node, *given_.subject.graph);
      if (what.empty()) continue;
      const Culprit figures = *findings.culprit;
      findings.culprit = describe({node}, *node, given_.subject.spec);
      findings.culprit->local_error = figures.local_error;
      findings.culprit->bound = figures.bound;
      findings.why =
          fmt::format("`{}` {} in {}", name_of(*node), what, given_.subject.spec.model_path);
      return;
    }
  }

  // Within the region, a constant that differs says which node it is.
  void name_constant(const std::vector<const ir::Node*>& region, LocalFindings& findings) const {
    for (const DifferentConstant& constant : constants()) {
      if (std::ranges::find(region, constant.node) == region.end()) continue;
      const Culprit figures = *findings.culprit;
      findings.culprit = describe({constant.node}, *constant.node, given_.subject.spec);
      findings.culprit->kind = "constant";
      findings.culprit->local_error = figures.local_error;
      findings.culprit->bound = figures.bound;
      findings.why = about(constant);
      return;
    }
  }

  // The first value that heals the outputs when it is one: what surrounds it is fused wrongly.
  LocalFindings of_fusion(const std::vector<const ir::Value*>& candidates) {
    LocalFindings findings;
    findings.why =
        "depends-on-fusion: the outputs are right when the runtime shows all its values, and no "
        "single one brings that about";
    for (std::size_t i = 0; i < std::min(candidates.size(), most_single_outputs); ++i) {
      const ir::Value& value = *candidates[i];
      const auto values = shown_.run({&value});
      if (!values || given_.differ(values.value())) continue;
      std::vector<const ir::Node*> region{value.producer()};
      for (const ir::Use& use : value.uses()) region.push_back(use.node);
      findings.culprit = describe(region, *region.back(), given_.subject.spec);
      findings.culprit->kind = "region";
      findings.why = fmt::format(
          "depends-on-fusion: the outputs are right when `{}` is one of them", value.name());
      break;
    }
    return findings;
  }

  const CulpritSearch& given_;
  bool own_;
  Matches matches_;
  bool node_by_node_;
  ShownValues shown_;
};

}  // namespace

LocalFindings find_culprit(const CulpritSearch& search) { return Search(search).run(); }

std::string_view precision_of(double bits) {
  if (bits > 28) return "f64";
  if (bits > 17) return "f32";
  return bits > 9 ? "f16 or tf32" : "bf16 or int8";
}

}  // namespace ponte::verify
