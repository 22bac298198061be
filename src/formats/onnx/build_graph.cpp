#include "formats/onnx/build_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "formats/onnx/opsets.h"
#include "formats/shared/read_nodes.h"
#include "ops/all_ops.h"

namespace ponte::onnx {
namespace {

using shared::Bindings;
using shared::ForeignNode;

constexpr std::size_t most_unfolded_nodes = 100'000;
constexpr std::size_t deepest_call = 64;

// Dims that the file leaves open without a name get a symbol each.
ir::Type with_fresh_dims(const ir::Type& type, ir::FreshDims& fresh) {
  return with_dims(type, [&](const ir::Dim& dim) {
    return !dim.is_known() && dim == unnamed_dim() ? fresh.next() : dim;
  });
}

void collect_names(const shared::ForeignGraph& graph, std::unordered_set<std::string>& names) {
  for (const ForeignNode& node : graph.nodes) {
    names.insert(node.outputs.begin(), node.outputs.end());
    for (const shared::ForeignSubgraph& subgraph : node.subgraphs) {
      const auto& inner = static_cast<const DecodedGraph&>(*subgraph.graph);
      for (const ValueInfo& input : inner.inputs) names.insert(input.name);
      for (const NamedTensor& tensor : inner.initializers) names.insert(tensor.name);
      collect_names(inner, names);
    }
  }
}

std::unordered_set<std::string> taken_by(const ForeignNode& node) {
  const std::vector<std::string> names = shared::names_taken(node);
  return {names.begin(), names.end()};
}

const shared::ReadRow* node_row(const ForeignNode&) {
  static constexpr shared::ReadRow any_node{"", read_node, ""};
  return &any_node;
}

class Builder {
 public:
  Builder(const ModelFrame& frame, Diagnostics& problems)
      : frame_(frame),
        context_{problems, frame.file,
                 [this](const shared::ForeignGraph& body, ir::Graph& outer,
                        const Bindings& outer_bindings) {
                   auto graph = outer.make_subgraph();
                   Bindings bindings(outer_bindings);
                   fill(static_cast<const DecodedGraph&>(body), *graph, bindings);
                   return graph;
                 }} {}

  void note_names(const DecodedGraph& source) {
    collect_names(source, context_.reserved);
    context_.taken.insert(source.results.begin(), source.results.end());
    for (const ForeignNode& node : source.nodes) context_.taken.merge(taken_by(node));
  }

  void fill(const DecodedGraph& source, ir::Graph& graph, Bindings& bindings) {
    graph.name = source.name;
    graph.doc = source.doc;
    graph.annotations = source.metadata;
    graph.record = record_of(source.message);
    add_inputs(source, graph, bindings);
    add_constants(source, graph, bindings);
    add_nodes(source, graph, bindings);
    for (const ValueInfo& output : source.outputs) {
      if (ir::Value* value = bindings.find(output.name)) {
        graph.add_output(*value);
        continue;
      }
      context_.problems.add(
          Error(Code::UndefinedValue, fmt::format("nothing produces the output `{}`", output.name)),
          {context_.file, {}, {}, output.message.offset});
    }
  }

 private:
  using Declared = std::unordered_map<std::string_view, ir::Type>;

  void add_nodes(const DecodedGraph& source, ir::Graph& graph, Bindings& bindings) {
    require_single_assignment(source, graph);
    const Declared declared = declared_types(source, graph);
    // Files whose nodes are out of order are read all the same; a cycle is not.
    for (const std::size_t i : shared::topological_order(source, [&](std::string_view name) {
           return bindings.find(std::string(name)) != nullptr;
         })) {
      const ForeignNode& node = source.nodes[i];
      const ir::Node* last = graph.nodes().empty() ? nullptr : &graph.nodes().back();
      add_node(node, graph, bindings);
      if (node.record && frame_.functions.find(node)) share_record(node, last, graph);
      declare(node, declared, graph, bindings);
    }
  }

  void add_node(const ForeignNode& node, ir::Graph& graph, Bindings& bindings) {
    const Function* function = frame_.functions.find(node);
    if (!function) {
      shared::read_node(node, node_row, graph, bindings, context_);
      return;
    }
    require_call_possible(*function, node);
    calls_.push_back(function);
    std::set<std::string> made;
    const auto unique_name = [&](const std::string& wish) {
      std::string name = shared::unique_name(graph, context_, wish);
      for (int i = 1; !made.insert(name).second; ++i)
        name = shared::unique_name(graph, context_, fmt::format("{}_{}", wish, i));
      return name;
    };
    for (const ForeignNode& inner : unfold(*function, node, unique_name))
      add_node(inner, graph, bindings);
    calls_.pop_back();
  }

  void require_call_possible(const Function& function, const ForeignNode& call) {
    const auto refuse = [&](Code code, const std::string& message) {
      throw Error(code, message).at({context_.file, call.name, call.op, call.byte});
    };
    if (std::ranges::find(calls_, &function) != calls_.end())
      refuse(Code::GraphNotAcyclic, fmt::format("function `{}` calls itself", function.name));
    if (calls_.size() >= deepest_call)
      refuse(Code::NestingTooDeep,
             fmt::format("more than {} functions in each other", deepest_call));
    unfolded_nodes_ += function.size + 1;
    if (unfolded_nodes_ > most_unfolded_nodes) {
      refuse(Code::BudgetExceeded,
             fmt::format("functions unfold into more than {} nodes", most_unfolded_nodes));
    }
  }

  // The nodes of a body are written as the call while all of them are there and the opset stays.
  void share_record(const ForeignNode& call, const ir::Node* last, ir::Graph& graph) const {
    auto record = std::make_shared<ir::Record>(*call.record);
    record->format = call_record;
    record->group_size = 0;
    for (auto it = graph.nodes().rbegin(); it != graph.nodes().rend() && &*it != last; ++it) {
      it->record = record;
      ++record->group_size;
    }
  }

  // Values are assigned once.
  void require_single_assignment(const DecodedGraph& source, const ir::Graph& graph) const {
    std::unordered_set<std::string_view> names;
    for (const ForeignNode& node : source.nodes) {
      for (const std::string& output : node.outputs) {
        if (!output.empty() && (!names.insert(output).second || graph.find(output))) {
          throw Error(Code::DuplicateName, fmt::format("`{}` is assigned twice", output))
              .at({context_.file, node.name, node.op, node.byte});
        }
      }
    }
  }

  void add_inputs(const DecodedGraph& source, ir::Graph& graph, Bindings& bindings) const {
    // Before IR version 4 every initialiser had to be an input as well: that says nothing about
    // overriding it.
    const auto overriding = frame_.ir_version < 4 ? ir::Overriding::Never : ir::Overriding::Allowed;
    std::unordered_map<std::string_view, const NamedTensor*> defaults;
    for (const NamedTensor& initializer : source.initializers)
      defaults.emplace(initializer.name, &initializer);
    for (const ValueInfo& info : source.inputs) {
      const auto initial = defaults.find(info.name);
      const NamedTensor* given = initial == defaults.end() ? nullptr : initial->second;
      std::optional<ir::Tensor> tensor;
      ir::Type type = with_fresh_dims(info.type, graph.fresh_dims());
      if (given) {
        tensor = given->tensor;
        type = refine(ir::Type::tensor(tensor->dtype(), ir::to_shape(tensor->shape())), type);
      }
      ir::Value& input = graph.add_input(info.name, std::move(type), std::move(tensor), overriding);
      if (given) input.record = record_of(given->message);
      bindings[info.name] = &input;
    }
  }

  static void add_constants(const DecodedGraph& source, ir::Graph& graph, Bindings& bindings) {
    const std::unordered_set<const ir::Value*> inputs(graph.inputs().begin(), graph.inputs().end());
    std::unordered_set<std::string_view> defaults;
    for (const NamedTensor& initializer : source.initializers) {
      // A second default for the same input is a name used twice.
      if (inputs.contains(graph.find(initializer.name)) &&
          defaults.insert(initializer.name).second) {
        continue;
      }
      ir::Value& constant = graph.add_constant(initializer.name, initializer.tensor);
      constant.record = record_of(initializer.message);
      bindings[initializer.name] = &constant;
    }
    for (const NamedSparseTensor& sparse : source.sparse_initializers) {
      ir::NodeSpec spec;
      spec.op = "Constant";
      spec.attributes = {{"sparse_value", sparse.tensor}};
      spec.outputs = {sparse.name};
      ir::Node& node = graph.add(std::move(spec));
      node.annotations["onnx.sparse_initializer"] = "1";
      node.record = record_of(sparse.message);
      bindings[sparse.name] = node.output(0);
    }
  }

  static Declared declared_types(const DecodedGraph& source, ir::Graph& graph) {
    Declared declared;
    for (const auto* list : {&source.values, &source.outputs}) {
      for (const ValueInfo& info : *list) {
        declared.insert_or_assign(info.name, with_fresh_dims(info.type, graph.fresh_dims()));
      }
    }
    return declared;
  }

  void declare(const ForeignNode& node, const Declared& declared, ir::Graph& graph,
               const Bindings& bindings) const {
    for (const std::string& output : node.outputs) {
      const auto type = declared.find(output);
      ir::Value* value = bindings.find(output);
      if (type == declared.end() || !value) continue;
      value->record = graph.record;  // where the declaration stands
      try {
        graph.declare(*value, type->second);
      } catch (const Error& error) {
        context_.problems.warn(error.code(), fmt::format("`{}`: {}", output, error.what()),
                               {context_.file, node.name, node.op, node.byte},
                               "the inferred type is used");
      }
    }
  }

  const ModelFrame& frame_;
  shared::ReadContext context_;
  std::vector<const Function*> calls_;
  std::size_t unfolded_nodes_ = 0;
};

}  // namespace

std::shared_ptr<const ir::Record> record_of(const ByteRange& message) {
  if (!message.source) return nullptr;
  auto record = std::make_shared<ir::Record>();
  record->format = "onnx";
  record->bytes = message;
  return record;
}

std::unique_ptr<ir::Graph> build_graph(const DecodedGraph& decoded, const ModelFrame& frame,
                                       Diagnostics& problems) {
  auto graph = std::make_unique<ir::Graph>(ops::all_ops());
  Builder builder(frame, problems);
  builder.note_names(decoded);
  Bindings bindings;
  builder.fill(decoded, *graph, bindings);
  return graph;
}

}  // namespace ponte::onnx
