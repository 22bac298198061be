#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/error.h"
#include "ir/attribute_text.h"
#include "ir/literal.h"
#include "ir/tensor_text.h"
#include "ir/text.h"

namespace ponte::ir {
namespace {

// Symbols without a name of their own ("?0") become fresh ones of a graph.
class SymbolsOfText {
 public:
  explicit SymbolsOfText(Graph& graph) : graph_(graph) {}

  Type renamed(const Type& type) {
    return with_dims(type, [this](const Dim& dim) {
      if (dim.is_known()) return dim;
      return dim.substitute([this](std::string_view name) -> std::optional<Dim> {
        if (!name.starts_with('?')) return std::nullopt;
        const auto [it, inserted] = symbols_.try_emplace(std::string(name));
        if (inserted) it->second = graph_.fresh_dims().next();
        return it->second;
      });
    });
  }

 private:
  Graph& graph_;
  std::map<std::string, Dim, std::less<>> symbols_;
};

// Takes the statements of one graph.
class GraphParser {
 public:
  GraphParser(TextCursor& cursor, Graph& graph, const TypeChange& change)
      : cursor_(cursor), graph_(graph), change_(change) {}

  void take_statements() {
    if (cursor_.takes_word("doc")) graph_.doc = cursor_.quoted();
    while (cursor_.takes_word("note")) take_note(graph_.annotations);
    while (!cursor_.at_end() && cursor_.peek() != '}') {
      const std::size_t position = cursor_.position();
      try {
        take_statement();
      } catch (Error& error) {
        error.fill_where({.file = {}, .node = {}, .op = {}, .byte = position});
        throw;
      }
    }
  }

 private:
  void take_statement() {
    if (cursor_.takes_word("input")) return take_input();
    if (cursor_.takes_word("const")) return take_constant();
    if (cursor_.takes_word("output")) return graph_.add_output(take_visible());
    if (cursor_.takes_word("state")) return take_state();
    if (cursor_.takes_word("value")) return take_about();
    take_node();
  }

  // The value of a name that is visible here.
  Value& take_visible() {
    const std::size_t position = cursor_.position();
    const std::string name = cursor_.name();
    Value* value = graph_.find_visible(name);
    if (!value) cursor_.fail_at(position, fmt::format("`{}` is not defined before this", name));
    return *value;
  }

  Type take_declared_type() { return cursor_.takes(":") ? change_(cursor_.type()) : Type(); }

  Tensor take_typed_tensor() {
    const std::size_t position = cursor_.position();
    const Type type = cursor_.type();
    if (!type.as_tensor()) cursor_.fail_at(position, "the type of a tensor is expected");
    return take_tensor(cursor_, *type.as_tensor());
  }

  void take_note(std::map<std::string, std::string>& notes) {
    std::string key = cursor_.quoted();
    cursor_.expect("=");
    notes.insert_or_assign(std::move(key), cursor_.quoted());
  }

  void take_input() {
    std::string name = cursor_.name();
    Type type = take_declared_type();
    std::optional<Tensor> tensor;
    const bool is_fixed = cursor_.takes_word("fixed");
    if (is_fixed || cursor_.takes_word("default")) tensor = take_typed_tensor();
    graph_.add_input(std::move(name), std::move(type), std::move(tensor),
                     is_fixed ? Overriding::Never : Overriding::Allowed);
  }

  void take_constant() {
    std::string name = cursor_.name();
    cursor_.expect(":");
    const std::size_t position = cursor_.position();
    const Type type = cursor_.type();
    if (!type.as_tensor()) cursor_.fail_at(position, "the type of a tensor is expected");
    cursor_.expect("=");
    graph_.add_constant(std::move(name), take_tensor(cursor_, *type.as_tensor()));
  }

  void take_state() {
    Value& input = take_visible();
    cursor_.expect("->");
    Value& output = take_visible();
    cursor_.expect("=");
    graph_.states().push_back({&input, &output, take_typed_tensor()});
  }

  void take_about() {
    Value& value = take_visible();
    if (cursor_.takes_word("from")) {
      ValueOrigin origin{cursor_.quoted(), {}, false};
      if (cursor_.takes_word("transposed")) {
        const Literal axes = take_literal(cursor_);
        for (const Literal& axis : axes.items)
          origin.permutation.push_back(to_integer(cursor_, axis));
      }
      origin.reshaped = cursor_.takes_word("reshaped");
      value.origin = std::move(origin);
    }
    while (cursor_.takes_word("note")) take_note(value.annotations);
  }

  void take_node() {
    NodeSpec spec;
    std::vector<Type> declared;
    if (!cursor_.takes("=")) {
      do {
        const bool is_absent = cursor_.takes_word("_");
        spec.outputs.push_back(is_absent ? std::string() : cursor_.name());
        declared.push_back(is_absent ? Type() : take_declared_type());
      } while (cursor_.takes(","));
      cursor_.expect("=");
    }
    spec.placeholder = cursor_.takes_word("placeholder");
    spec.opaque = cursor_.takes_word("opaque");
    TextCursor::OpName op = cursor_.op_name();
    spec.domain = std::move(op.domain);
    spec.op = std::move(op.name);
    cursor_.expect("(");
    while (!cursor_.takes(")")) {
      spec.inputs.push_back(cursor_.takes_word("_") ? nullptr : &take_visible());
      if (cursor_.peek() != ')') cursor_.expect(",");
    }
    take_attributes_of(spec);
    std::string doc;
    std::map<std::string, std::string> notes;
    take_remarks(spec, doc, notes);
    add(std::move(spec), declared, std::move(doc), std::move(notes));
  }

  void take_attributes_of(NodeSpec& spec) {
    const Op* op =
        spec.placeholder || spec.opaque ? nullptr : graph_.ops().find(spec.domain, spec.op);
    spec.attributes = take_attributes(cursor_, op, change_, [&](const std::string& name) {
      const bool in_list = cursor_.takes_word("in");
      if (in_list) cursor_.expect_word("list");
      if (!in_list && !cursor_.peeks_word("graph")) return false;
      spec.subgraphs.push_back({name, take_subgraph(), in_list});
      return true;
    });
  }

  std::unique_ptr<Graph> take_subgraph();

  void take_remarks(NodeSpec& spec, std::string& doc, std::map<std::string, std::string>& notes) {
    if (cursor_.takes_word("as")) spec.name = cursor_.name();
    if (cursor_.takes_word("from")) {
      cursor_.expect("(");
      while (!cursor_.takes(")")) {
        std::string op = cursor_.quoted();
        spec.origins.insert({cursor_.quoted(), std::move(op)});
        if (cursor_.peek() != ')') cursor_.expect(",");
      }
    } else if (!spec.name.empty()) {
      spec.origins.insert({spec.name, spec.op});
    }
    if (cursor_.takes_word("doc")) doc = cursor_.quoted();
    while (cursor_.takes_word("note")) take_note(notes);
  }

  void add(NodeSpec spec, const std::vector<Type>& declared, std::string doc,
           std::map<std::string, std::string> notes) {
    const Location where{.file = {}, .node = spec.name, .op = spec.op, .byte = {}};
    try {
      Node& node = graph_.add(std::move(spec));
      node.doc = std::move(doc);
      node.annotations = std::move(notes);
      for (std::size_t i = 0; i < declared.size(); ++i) {
        if (node.output(i)) graph_.declare(*node.output(i), declared[i]);
      }
    } catch (Error& error) {
      error.fill_where(where);
      throw;
    }
  }

  TextCursor& cursor_;
  Graph& graph_;
  const TypeChange& change_;
};

// "graph name { ... }"
void take_graph(TextCursor& cursor, Graph& graph, const TypeChange& change) {
  const TextCursor::Depth depth(cursor);
  cursor.expect_word("graph");
  if (cursor.peek() != '{') graph.name = cursor.name();
  cursor.expect("{");
  GraphParser(cursor, graph, change).take_statements();
  cursor.expect("}");
}

std::unique_ptr<Graph> GraphParser::take_subgraph() {
  auto graph = graph_.make_subgraph();
  take_graph(cursor_, *graph, change_);
  return graph;
}

TypeChange change_for(Graph& graph) {
  return [symbols = std::make_shared<SymbolsOfText>(graph)](const Type& type) {
    return symbols->renamed(type);
  };
}

void take_opset(TextCursor& cursor, std::map<std::string, std::int64_t>& opsets) {
  std::string domain = cursor.name();
  if (domain == "ai.onnx") domain.clear();
  opsets[domain] = to_integer(cursor, take_literal(cursor));
}

void take_header(TextCursor& cursor, Model& model) {
  cursor.expect_word("ponte");
  cursor.expect_word("text");
  const std::size_t position = cursor.position();
  if (cursor.word() != "1") cursor.fail_at(position, "this version of the text form is not known");
  if (cursor.takes_word("format")) {
    model.format = cursor.quoted();
    model.format_version = cursor.quoted();
  }
  if (cursor.takes_word("producer")) model.producer = cursor.quoted();
  while (cursor.takes_word("opset")) take_opset(cursor, model.opsets);
  while (cursor.takes_word("metadata")) {
    std::string key = cursor.quoted();
    cursor.expect("=");
    model.metadata.insert_or_assign(std::move(key), cursor.quoted());
  }
  while (cursor.takes_word("signature")) model.signatures.push_back(cursor.quoted());
}

}  // namespace

Model parse_model(std::string_view text, const OpSet& ops) {
  TextCursor cursor(text);
  Model model;
  take_header(cursor, model);
  model.graph = std::make_unique<Graph>(ops);
  take_graph(cursor, *model.graph, change_for(*model.graph));
  if (!cursor.at_end()) cursor.fail("nothing more is expected");
  return model;
}

std::unique_ptr<Graph> parse_graph(std::string_view statements, const OpSet& ops) {
  TextCursor cursor(statements);
  auto graph = std::make_unique<Graph>(ops);
  const TypeChange change = change_for(*graph);
  GraphParser(cursor, *graph, change).take_statements();
  if (!cursor.at_end()) cursor.fail("nothing more is expected");
  return graph;
}

}  // namespace ponte::ir
