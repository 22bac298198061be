#include "formats/shared/read_nodes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace ponte::shared {
namespace {

// A node whose meaning is lost: its results exist, of unknown type, so that reading can go on.
void add_placeholder(const ForeignNode& node, ir::Graph& graph, Bindings& bindings,
                     const ReadContext& context) {
  ir::NodeSpec spec;
  spec.domain = node.domain;
  spec.op = node.op;
  spec.name = node.name;
  spec.placeholder = true;
  std::vector<std::string> names;
  for (const std::string& output : node.outputs) {
    if (output.empty() || std::ranges::find(names, output) != names.end()) continue;
    names.push_back(output);
    spec.outputs.push_back(graph.find_visible(output) ? unique_name(graph, context, output)
                                                      : output);
  }
  const ir::Node& placeholder = graph.add(std::move(spec));
  for (std::size_t i = 0; i < names.size(); ++i) bindings[names[i]] = placeholder.output(i);
}

bool depends_on_placeholder(const ForeignNode& node, const Bindings& bindings) {
  return std::ranges::any_of(node.inputs, [&](const std::string& name) {
    const ir::Value* value = bindings.find(name);
    return value && value->type().is_unknown() && value->producer() &&
           value->producer()->is_placeholder();
  });
}

bool always_reported(Code code) {
  return code == Code::NoReaderForOp || code == Code::UnreadAttribute;
}

}  // namespace

const ReadRow* find_row(std::span<const ReadRow> rows, std::string_view foreign) {
  const auto it = std::ranges::lower_bound(rows, foreign, {}, &ReadRow::foreign);
  return it != rows.end() && it->foreign == foreign ? &*it : nullptr;
}

void read_node(const ForeignNode& node, const FindRow& find, ir::Graph& graph, Bindings& bindings,
               const ReadContext& context) {
  try {
    const ReadRow* row = find(node);
    if (!row || !row->read) {
      throw Error(Code::NoReaderForOp, fmt::format("no reader for the op `{}`", node.op));
    }
    NodeReader reader(node, graph, bindings, context);
    row->read(reader);
    reader.require_all_attributes_read();
    reader.commit();
  } catch (const Error& error) {
    if (always_reported(error.code()) || !depends_on_placeholder(node, bindings)) {
      context.problems.add(error, {context.file, node.name, node.op, node.byte});
    }
    add_placeholder(node, graph, bindings, context);
  }
}

void read_nodes(const ForeignGraph& nodes, const FindRow& find, ir::Graph& graph,
                Bindings& bindings, const ReadContext& context) {
  for (const ForeignNode& node : nodes.nodes) read_node(node, find, graph, bindings, context);
}

}  // namespace ponte::shared
