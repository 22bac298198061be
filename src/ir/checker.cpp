#include "ir/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <unordered_set>

#include "ir/inference.h"

namespace ponte::ir {
namespace {

// One place where a value is taken: by a node's input, or by a graph as its output.
struct Reference {
  const Value* value;
  const void* taker;
  std::size_t index;
  friend auto operator<=>(const Reference&, const Reference&) = default;
};

class Checker {
 public:
  Checker(Diagnostics& problems, Placeholders placeholders)
      : problems_(problems), placeholders_(placeholders) {}

  void check_whole(const Graph& graph) {
    check_graph(graph);
    check_references();
  }

 private:
  void problem(const Node* node, Code code, std::string message) {
    Diagnostic diagnostic{.code = code, .message = std::move(message), .where = {}, .help = {}};
    if (node) diagnostic.where = {{}, node->name(), std::string(node->op_name()), {}};
    problems_.add(std::move(diagnostic));
  }
  void invalid(const Node* node, std::string message) {
    problem(node, Code::InvalidGraph, std::move(message));
  }

  void check_graph(const Graph& graph) {
    std::vector<const Value*> own;
    for (const Value* input : graph.inputs())
      define(*input, Value::Kind::Input, graph, nullptr, own);
    for (const Value* constant : graph.constants()) {
      define(*constant, Value::Kind::Constant, graph, nullptr, own);
      check_constant(*constant);
    }
    for (const Node& node : graph.nodes()) check_node(node, graph, own);
    for (const Value* output : graph.outputs()) {
      if (is_visible(output, nullptr, "an output of the graph"))
        references_.push_back({output, &graph, 0});
    }
    std::unordered_set<const Value*> with_state;
    for (const State& state : graph.states()) {
      check_state(state, graph);
      if (state.input && !with_state.insert(state.input).second)
        invalid(nullptr, fmt::format("the input `{}` has two states", state.input->name()));
    }
    for (const Value* value : own) defined_.erase(value);
  }

  // I1
  void define(const Value& value, Value::Kind kind, const Graph& graph, const Node* producer,
              std::vector<const Value*>& own) {
    if (!defined_.insert(&value).second)
      return invalid(producer, fmt::format("`{}` is assigned twice", value.name()));
    own.push_back(&value);
    if (value.kind() != kind || value.producer() != producer || &value.graph() != &graph ||
        graph.find(value.name()) != &value) {
      invalid(producer, fmt::format("`{}` is not what its graph takes it for", value.name()));
    }
    for (const Use& use : value.uses()) uses_.push_back({&value, use.node, use.index});
    for (const Graph* taker : value.output_of()) uses_.push_back({&value, taker, 0});
  }

  // I6
  void check_constant(const Value& constant) {
    const Tensor* tensor = constant.tensor();
    if (!tensor || constant.type() != Type::tensor(tensor->dtype(), to_shape(tensor->shape())))
      invalid(nullptr,
              fmt::format("the constant `{}` is not of its tensor's type", constant.name()));
  }

  // I2
  bool is_visible(const Value* value, const Node* node, std::string_view what) {
    if (!value) {
      invalid(node, fmt::format("{} is missing", what));
    } else if (defined_.contains(value)) {
      return true;
    } else {
      invalid(node, fmt::format("`{}`, {}, is not defined before it is used", value->name(), what));
    }
    return false;
  }

  void check_node(const Node& node, const Graph& graph, std::vector<const Value*>& own) {
    if (&node.graph() != &graph) invalid(&node, "the node belongs to another graph");
    if (node.is_placeholder() && placeholders_ == Placeholders::Refused)
      problem(&node, Code::PlaceholderLeft, "the node could not be translated");  // I9
    for (std::size_t i = 0; i < node.inputs().size(); ++i) {
      const Value* input = node.inputs()[i];
      if (input && is_visible(input, &node, "an input")) references_.push_back({input, &node, i});
    }
    for (const Subgraph& subgraph : node.subgraphs()) check_subgraph(subgraph, node);
    check_attributes(node);
    for (const Value* output : node.outputs()) {
      if (output) define(*output, Value::Kind::Result, graph, &node, own);
    }
    check_types(node);
  }

  // I7
  void check_subgraph(const Subgraph& subgraph, const Node& node) {
    if (!subgraph.graph)
      return invalid(&node, fmt::format("the subgraph `{}` is missing", subgraph.name));
    if (subgraph.graph->outer() != &node.graph() || subgraph.graph->owner() != &node)
      invalid(&node, fmt::format("the subgraph `{}` belongs elsewhere", subgraph.name));
    check_graph(*subgraph.graph);
  }

  // I10
  void check_attributes(const Node& node) {
    for (const auto& [name, attribute] : node.attributes()) {
      const auto* reference = std::get_if<AttributeReference>(&attribute);
      if (!reference) continue;
      invalid(&node,
              fmt::format("attribute `{}` refers to `{}`, and there is no function around it", name,
                          reference->name));
    }
  }

  // I5. The nodes of its subgraphs speak for a node that has any.
  void check_types(const Node& node) {
    try {
      if (!node.subgraphs().empty()) return check_signature(node);
      const std::vector<Type> inferred = inferred_types(node);
      for (std::size_t i = 0; i < inferred.size(); ++i) {
        if (node.output(i)) refine(inferred[i], node.output(i)->type());
      }
    } catch (const Error& error) {
      problem(&node, error.code(), error.what());
    }
  }

  // I8
  void check_state(const State& state, const Graph& graph) {
    if (!is_visible(state.input, nullptr, "a state's input") ||
        !is_visible(state.output, nullptr, "a state's output"))
      return;
    const std::string& name = state.input->name();
    if (state.input->kind() != Value::Kind::Input || &state.input->graph() != &graph)
      invalid(nullptr, fmt::format("the state `{}` is no input of the graph", name));
    try {
      refine(state.input->type(),
             Type::tensor(state.initial.dtype(), to_shape(state.initial.shape())));
    } catch (const Error& error) {
      invalid(nullptr,
              fmt::format("the state `{}` starts with another type: {}", name, error.what()));
    }
  }

  // I3
  void check_references() {
    std::ranges::sort(references_);
    std::ranges::sort(uses_);
    std::vector<Reference> differing;
    std::ranges::set_symmetric_difference(references_, uses_, std::back_inserter(differing));
    const Value* last = nullptr;
    for (const Reference& reference : differing) {
      if (reference.value != last)
        invalid(nullptr, fmt::format("the uses of `{}` are not those of the nodes and outputs",
                                     reference.value->name()));
      last = reference.value;
    }
  }

  Diagnostics& problems_;
  Placeholders placeholders_;
  std::unordered_set<const Value*> defined_;
  std::vector<Reference> references_;  // from the side of the takers
  std::vector<Reference> uses_;        // from the side of the values
};

void throw_first(const Diagnostics& problems) {
  if (problems.empty()) return;
  const Diagnostic& first = problems.entries().front();
  throw Error(first.code, first.message).at(first.where);
}

}  // namespace

void check(const Graph& graph, Diagnostics& problems, Placeholders placeholders) {
  Checker(problems, placeholders).check_whole(graph);
}

void check(const Model& model, Diagnostics& problems, Placeholders placeholders) {
  check(*model.graph, problems, placeholders);
}

void require_valid(const Graph& graph) {
  Diagnostics problems;
  check(graph, problems);
  throw_first(problems);
}

void require_valid(const Model& model) {
  Diagnostics problems;
  check(model, problems);
  throw_first(problems);
}

}  // namespace ponte::ir
