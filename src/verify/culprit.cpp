#include "verify/culprit.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/counted.h"
#include "verify/differences.h"
#include "verify/local_test.h"
#include "verify/matching.h"

namespace ponte::verify {
namespace {

constexpr std::size_t most_single_outputs = 200;
constexpr double not_tested = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> origins_of(const std::vector<const ir::Node*>& nodes) {
  std::vector<std::string> names;
  for (const ir::Node* node : nodes) {
    for (const ir::NodeOrigin& origin : node->origins) {
      if (!origin.name.empty() && std::ranges::find(names, origin.name) == names.end())
        names.push_back(origin.name);
    }
  }
  return names;
}

Culprit describe(const std::vector<const ir::Node*>& region, const SubjectSpec& spec) {
  const ir::Node& node = *region.back();
  Culprit culprit;
  culprit.kind = region.size() > 1 ? "region" : "node";
  culprit.subject = spec.label;
  culprit.node = name_of(node);
  culprit.op = node.op_name();
  for (const ir::Node* part : region) culprit.region.push_back(name_of(*part));
  culprit.origin = origins_of(region);
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
        matches_(match_values(given.judged, *given.subject.graph, given.interface,
                              given.subject.meaning_of_names())),
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

  std::vector<DifferentConstant> constants(const Matches& matches) const {
    return own_ ? std::vector<DifferentConstant>()
                : different_constants(given_.judged, *given_.subject.graph, matches);
  }

  LocalFindings without_values(const std::string& reason) const {
    LocalFindings findings;
    findings.has_values = false;
    findings.why = fmt::format("its intermediate values can't be had: {}", reason);
    if (differs()) name_first_constant(findings);
    return findings;
  }

  LocalFindings of_values(const std::vector<Values>& values) {
    LocalFindings findings;
    Checked checked;
    test_sets(values, Jumps::Pooled, findings, checked);
    // Something is wrong: if no node is with jumps and all, then behind one.
    if (differs() && !findings.culprit) test_sets(values, Jumps::LeftOut, findings, checked);
    if (!findings.culprit) findings.why = all_follow(checked);
    if (differs() && !findings.culprit && !own_) of_files(values, checked.untested, findings);
    if (differs() && !findings.culprit) of_untested(checked.untested, findings);
    return findings;
  }

  // How many values of each graph were tested on those before them.
  struct Checked {
    std::size_t judged = 0;
    std::size_t own = 0;
    std::vector<const ir::Node*> untested;  // of the judged graph
  };

  std::string all_follow(const Checked& checked) const {
    const std::string follow =
        fmt::format("each of {} that {} shows follows from those before it in ",
                    counted(std::max(checked.judged, checked.own), "value", "values"),
                    given_.subject.spec.runtime);
    if (node_by_node_ && !own_) return follow + "both files";
    if (own_ || checked.judged == 0) return follow + "its own file";
    return fmt::format("{}its own file, and {} of them in the first file, too", follow,
                       checked.judged);
  }

  // Where every value that can be tested follows, what differs between the two files is wrong.
  void of_files(const std::vector<Values>& values, const std::vector<const ir::Node*>& untested,
                LocalFindings& findings) const {
    const ir::Graph &judged = given_.judged, &other = *given_.subject.graph;
    const Known known = shown_.known(given_.sets.front(), values.front());
    if (const auto outputs =
            difference_of_outputs(judged, other, given_.interface, matches_, known)) {
      findings.is_complete = false;
      return name(*outputs, findings);
    }
    name_first_constant(findings);
    if (findings.culprit) return;
    if (const auto bodies = difference_of_bodies(judged, other, matches_, known))
      return name(*bodies, findings);
    name_within(untested, known, findings);
  }

  // The only node that could not be judged. It may be rounding where the runtime declares more.
  void of_untested(const std::vector<const ir::Node*>& untested, LocalFindings& findings) const {
    const bool is_coarse = given_.subject.spec.precision.f32 > ops::Precision{}.f32;
    if (untested.size() != 1 || is_coarse) return;
    findings.culprit = describe(untested, given_.subject.spec);
    findings.culprit->local_error = findings.culprit->bound = not_tested;
    findings.why += fmt::format("; `{}` alone can't be tested", name_of(*untested.front()));
  }

  void test_sets(const std::vector<Values>& values, Jumps jumps, LocalFindings& findings,
                 Checked& checked) {
    const std::size_t sets = differs() ? values.size() : 1;
    for (std::size_t set = 0; set < sets && !findings.culprit; ++set) {
      const Known known = shown_.known(given_.sets[set], values[set]);
      if (node_by_node_ || differs()) test_judged(known, jumps, findings, checked);
      if (own_ || node_by_node_ || findings.culprit) continue;
      checked.own =
          std::max(checked.own, test(*given_.subject.graph, known, jumps, findings).count);
      if (findings.culprit) findings.why = "the runtime departs from its own file there";
    }
  }

  void test_judged(const Known& known, Jumps jumps, LocalFindings& findings, Checked& checked) {
    const Tested tested = test(given_.judged, of_judged(known), jumps, findings);
    checked.judged = std::max(checked.judged, tested.count);
    checked.untested.clear();
    for (const ir::Node& node : given_.judged.nodes()) {
      if (!tested.nodes.contains(&node)) checked.untested.push_back(&node);
    }
    if (!own_) name_within(tested.failing, known, findings);
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

  struct Tested {
    std::size_t count = 0;  // of values
    std::set<const ir::Node*> nodes;
    std::vector<const ir::Node*> failing;  // the first region that does; empty where none does
  };

  Tested test(const ir::Graph& graph, const Known& known, Jumps jumps, LocalFindings& findings) {
    Judge judge(graph, given_.options.evaluation(), given_.subject.spec.precision);
    const auto errors = local_errors(graph, judge, known, given_.options.seed, jumps);
    const auto first = std::ranges::find(errors, true, &LocalError::fails);
    if (jumps == Jumps::Pooled) {
      findings.bits = median_bits(errors);
      if (&graph == &given_.judged)
        findings.is_complete =
            first == errors.end() && errors.size() == shown_results(graph, known);
    }
    Tested result;
    result.count = errors.size();
    for (const LocalError& error : errors)
      result.nodes.insert(error.region.begin(), error.region.end());
    if (first == errors.end()) return result;
    result.failing = first->region;
    findings.culprit = describe(first->region, given_.subject.spec);
    findings.culprit->local_error = first->error;
    findings.culprit->bound = first->bound;
    return result;
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

  // Within the region that fails: what the subject's file has otherwise.
  void name_within(const std::vector<const ir::Node*>& region, const Known& known,
                   LocalFindings& findings) const {
    const ir::Graph& other = *given_.subject.graph;
    for (const ir::Node* node : region) {
      if (const auto inputs = difference_of_inputs(*node, other, matches_, known))
        return name(*inputs, findings);
    }
    Matches matches = matches_;
    match_inputs(region, matches);
    for (const DifferentConstant& constant : constants(matches)) {
      if (std::ranges::find(region, constant.node) != region.end())
        return name_constant(constant, findings);
    }
    for (const ir::Node* node : region) {
      const std::string what = difference_of_node(*node, other, matches);
      if (!what.empty())
        return name({{node}, fmt::format("`{}` {}", name_of(*node), what)}, findings);
    }
  }

  void name(const Difference& difference, LocalFindings& findings) const {
    Culprit culprit = describe(difference.region, given_.subject.spec);
    const auto& failed = findings.culprit;
    culprit.local_error = failed ? failed->local_error : not_tested;
    culprit.bound = failed ? failed->bound : not_tested;
    const bool is_added = &difference.region.back()->graph() == given_.subject.graph;
    if (is_added) culprit.origin = origins_of(difference.around);
    findings.culprit = std::move(culprit);
    findings.why = fmt::format("{} in {}{}", difference.what, given_.subject.spec.model_path,
                               is_added ? " and not in the first file" : "");
  }

  void name_constant(const DifferentConstant& constant, LocalFindings& findings) const {
    name({{constant.node}, fmt::format("`{}` {}", constant.constant, constant.what)}, findings);
    findings.culprit->kind = "constant";
  }

  void name_first_constant(LocalFindings& findings) const {
    const auto different = constants(matches_);
    if (!different.empty()) name_constant(different.front(), findings);
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
      findings.culprit = describe(region, given_.subject.spec);
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
