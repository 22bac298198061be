#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "ir/attribute_text.h"
#include "ir/quoted.h"
#include "ir/tensor_text.h"
#include "ir/text.h"

namespace ponte::ir {
namespace {

// Numbers the symbols without a name of their own by first appearance.
class SymbolNumbers {
 public:
  Type renamed(const Type& type) {
    return with_dims(type, [this](const Dim& dim) {
      if (dim.is_known()) return dim;
      return dim.substitute([this](std::string_view name) -> std::optional<Dim> {
        if (!name.starts_with('?')) return std::nullopt;
        const auto next = fmt::format("?{}", numbers_.size());
        return Dim::symbol(numbers_.try_emplace(std::string(name), next).first->second);
      });
    });
  }

 private:
  std::map<std::string, std::string> numbers_;
};

std::string op_text(std::string_view domain, std::string_view name) {
  return domain.empty() ? name_text(name) : name_text(domain) + "::" + name_text(name);
}

class Printer {
 public:
  std::string take() { return std::move(out_); }

  void print_model(const Model& model) {
    line("ponte text 1");
    if (!model.format.empty() || !model.format_version.empty())
      line("format {} {}", quoted_text(model.format), quoted_text(model.format_version));
    if (!model.producer.empty()) line("producer {}", quoted_text(model.producer));
    print_opsets(model.opsets);
    for (const auto& [key, text] : model.metadata)
      line("metadata {} = {}", quoted_text(key), quoted_text(text));
    for (const std::string& signature : model.signatures)
      line("signature {}", quoted_text(signature));
    out_ += '\n';
    print_block(*model.graph);
    out_ += '\n';
  }

  void print_statements(const Graph& graph) {
    if (!graph.doc.empty()) line("doc {}", quoted_text(graph.doc));
    for (const auto& [key, text] : graph.annotations)
      line("note {} = {}", quoted_text(key), quoted_text(text));
    for (const Value* input : graph.inputs()) print_input(*input);
    for (const Value* constant : graph.constants()) {
      line("const {}: {} = {}", name_text(constant->name()), to_string(constant->type()),
           elements_text(*constant->tensor()));
    }
    for (const Node& node : graph.nodes()) print_node(node);
    for (const Value* output : graph.outputs()) line("output {}", name_text(output->name()));
    for (const State& state : graph.states()) print_state(state);
    for_each_value(graph, [this](const Value& value) { print_about(value); });
  }

 private:
  template <typename... Arguments>
  void line(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    indent();
    fmt::format_to(std::back_inserter(out_), format, std::forward<Arguments>(arguments)...);
    out_ += '\n';
  }
  void indent() { out_.append(2 * depth_, ' '); }

  void print_opsets(const std::map<std::string, std::int64_t>& opsets) {
    for (const auto& [domain, version] : opsets)
      line("opset {} {}", name_text(domain.empty() ? "ai.onnx" : domain), version);
  }

  // "graph name { ... }" without the line end behind it.
  void print_block(const Graph& graph) {
    out_ += graph.name.empty() ? "graph {\n" : fmt::format("graph {} {{\n", name_text(graph.name));
    ++depth_;
    print_statements(graph);
    --depth_;
    indent();
    out_ += '}';
  }

  TypeChange change() {
    return [this](const Type& type) { return symbols_.renamed(type); };
  }

  std::string typed(const Value& value) {
    if (value.type().is_unknown()) return name_text(value.name());
    return fmt::format("{}: {}", name_text(value.name()),
                       to_string(symbols_.renamed(value.type())));
  }

  void print_input(const Value& input) {
    std::string text = "input " + typed(input);
    if (input.tensor()) {
      const Type type = Type::tensor(input.tensor()->dtype(), to_shape(input.tensor()->shape()));
      text += fmt::format(" {} {} {}", input.fixed_tensor() ? "fixed" : "default", to_string(type),
                          elements_text(*input.tensor()));
    }
    line("{}", text);
  }

  void print_node(const Node& node) {
    indent();
    for (std::size_t i = 0; i < node.outputs().size(); ++i) {
      if (i > 0) out_ += ", ";
      out_ += node.outputs()[i] ? typed(*node.outputs()[i]) : "_";
    }
    out_ += node.outputs().empty() ? "= " : " = ";
    if (node.is_placeholder()) out_ += "placeholder ";
    const bool is_known = node.graph().ops().find(node.domain(), node.op_name()) != nullptr;
    if (!node.op() && !node.is_placeholder() && is_known) out_ += "opaque ";
    out_ += op_text(node.domain(), node.op_name()) + '(';
    for (std::size_t i = 0; i < node.inputs().size(); ++i) {
      if (i > 0) out_ += ", ";
      out_ += node.inputs()[i] ? name_text(node.inputs()[i]->name()) : "_";
    }
    out_ += ')';
    print_attributes(node);
    print_remarks(node);
    out_ += '\n';
  }

  void print_attributes(const Node& node) {
    if (node.attributes().empty() && node.subgraphs().empty()) return;
    std::string_view separator = " {";
    for (const auto& [name, attribute] : node.attributes()) {
      out_ +=
          fmt::format("{}{} = {}", separator, name_text(name), attribute_text(attribute, change()));
      separator = ", ";
    }
    for (const Subgraph& subgraph : node.subgraphs()) {
      out_ += fmt::format("{}{} = {}", separator, name_text(subgraph.name),
                          subgraph.in_list ? "in list " : "");
      print_block(*subgraph.graph);
      separator = ", ";
    }
    out_ += '}';
  }

  void print_remarks(const Node& node) {
    if (!node.name().empty()) out_ += " as " + name_text(node.name());
    const NodeOrigin itself{node.name(), std::string(node.op_name())};
    const bool is_itself = node.name().empty()
                               ? node.origins.empty()
                               : node.origins.size() == 1 && *node.origins.begin() == itself;
    if (!is_itself) {
      std::vector<std::string> origins;
      for (const NodeOrigin& origin : node.origins)
        origins.push_back(fmt::format("{} {}", quoted_text(origin.op), quoted_text(origin.name)));
      out_ += fmt::format(" from ({})", fmt::join(origins, ", "));
    }
    if (!node.doc.empty()) out_ += " doc " + quoted_text(node.doc);
    for (const auto& [key, text] : node.annotations)
      out_ += fmt::format(" note {} = {}", quoted_text(key), quoted_text(text));
  }

  void print_state(const State& state) {
    const Tensor& initial = state.initial;
    line("state {} -> {} = {} {}", name_text(state.input->name()), name_text(state.output->name()),
         to_string(Type::tensor(initial.dtype(), to_shape(initial.shape()))),
         elements_text(initial));
  }

  static void for_each_value(const Graph& graph, const std::function<void(const Value&)>& visit) {
    for (const Value* input : graph.inputs()) visit(*input);
    for (const Value* constant : graph.constants()) visit(*constant);
    for (const Node& node : graph.nodes()) {
      for (const Value* output : node.outputs()) {
        if (output) visit(*output);
      }
    }
  }

  void print_about(const Value& value) {
    std::string text;
    if (value.origin) {
      const auto& permutation = value.origin->permutation;
      text += " from " + quoted_text(value.origin->name);
      if (!permutation.empty())
        text += fmt::format(" transposed [{}]", fmt::join(permutation, ", "));
      if (value.origin->reshaped) text += " reshaped";
    }
    for (const auto& [key, note] : value.annotations)
      text += fmt::format(" note {} = {}", quoted_text(key), quoted_text(note));
    if (!text.empty()) line("value {}{}", name_text(value.name()), text);
  }

  std::string out_;
  std::size_t depth_ = 0;
  SymbolNumbers symbols_;
};

}  // namespace

std::string print(const Model& model) {
  Printer printer;
  printer.print_model(model);
  return printer.take();
}

std::string print(const Graph& graph) {
  Printer printer;
  printer.print_statements(graph);
  return printer.take();
}

}  // namespace ponte::ir
