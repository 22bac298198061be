// What a reader function sees: one foreign node, and the graph that it adds to.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/diagnostics.h"
#include "formats/shared/foreign_graph.h"
#include "formats/shared/unique_names.h"

namespace ponte::shared {

// The values by their names in the source file, for one graph. Formats with in-place layers bind a
// name again.
class Bindings {
 public:
  Bindings() = default;
  // Of a subgraph: sees what is bound around it, which must outlive it.
  explicit Bindings(const Bindings& outer) : outer_(&outer) {}
  Bindings& operator=(const Bindings&) = delete;

  ir::Value* find(const std::string& name) const;  // here, then around it; null when absent
  ir::Value*& operator[](const std::string& name) { return values_[name]; }

 private:
  const Bindings* outer_ = nullptr;
  std::unordered_map<std::string, ir::Value*> values_;
};

// Makes the body of a node from a foreign subgraph, which may use the bindings of the graph around
// it.
using ReadSubgraph = std::function<std::unique_ptr<ir::Graph>(
    const ForeignGraph& body, ir::Graph& outer, const Bindings& outer_bindings)>;

// What all nodes of one file share while they are read.
struct ReadContext {
  Diagnostics& problems;
  std::string file;                 // named in problems
  ReadSubgraph read_subgraph = {};  // of formats that have subgraphs
  // Names of values that later nodes will bring: no value of the reader's own takes one.
  std::unordered_set<std::string> reserved = {};
  std::unordered_set<std::string> taken = {};                  // of those, by nodes or as outputs
  mutable std::unordered_map<std::string, int> suffixes = {};  // the last one, for each wish
};

// A name for a value that the file does not have: not in the graph, and not reserved.
std::string unique_name(const ir::Graph& graph, const ReadContext& context, std::string_view wish);

class NodeReader {
 public:
  NodeReader(const ForeignNode& node, ir::Graph& graph, Bindings& bindings,
             const ReadContext& context);
  // Without commit(), everything that was added is taken back.
  ~NodeReader();
  NodeReader(const NodeReader&) = delete;
  NodeReader& operator=(const NodeReader&) = delete;

  const ForeignNode& node() const { return node_; }
  ir::Graph& graph() { return graph_; }

  std::size_t input_count() const { return node_.inputs.size(); }
  bool has_input(std::size_t i) const {
    return i < node_.inputs.size() && !node_.inputs[i].empty();
  }
  ir::Value& input(
      std::size_t i);  // throws InvalidForeignNode when absent, UndefinedValue when unknown
  std::vector<ir::Value*> inputs();  // all of them; null where absent
  // Whether anything takes an output; where the format does not know, something may.
  bool is_taken(std::size_t output) const;
  // Rank and dims of an input that must be known here. Throws InvalidForeignNode.
  const ir::Shape& shape(std::size_t i);
  std::size_t weight_count() const { return node_.weights.size(); }
  const ir::Tensor& weight(std::size_t i) const;  // throws MissingWeights

  // Attributes; each call marks the attribute as looked at. Numbers convert between int and float
  // where that loses nothing. The forms without a fallback throw MissingAttribute. All throw
  // InvalidAttribute for another kind.
  bool has(std::string_view name) const;
  std::int64_t i(std::string_view name);
  std::int64_t i(std::string_view name, std::int64_t fallback);
  double f(std::string_view name);
  double f(std::string_view name, double fallback);
  bool b(std::string_view name, bool fallback);  // an int, or the words true and false
  std::string s(std::string_view name);
  std::string s(std::string_view name, std::string_view fallback);
  std::vector<std::int64_t> ints(
      std::string_view name);  // empty when absent; a single one is a list of one
  std::vector<double> floats(std::string_view name);
  // Marks an attribute that has no meaning for the result (an engine), or all of the message at
  // this path ("weight_filler"), as looked at.
  void ignore(std::string_view path);
  ir::Attributes take_attributes();  // all, marked as looked at

  // Adds a node; origins and the record are filled in. A result is called after the foreign node
  // and the op, or what it is where there are several.
  ir::Value& add(std::string_view op, std::vector<ir::Value*> inputs,
                 ir::Attributes attributes = {});
  ir::Node& add_with_results(std::string_view op, std::vector<ir::Value*> inputs,
                             ir::Attributes attributes, const std::vector<std::string>& results);
  ir::Node& add(ir::NodeSpec spec);
  ir::Value& constant(std::string_view name_hint, ir::Tensor tensor);
  std::string unique_name(std::string_view wish) const;
  // The node's subgraphs, read.
  std::vector<ir::Subgraph> subgraphs();
  void warn(Code code, std::string message);
  // The result number i of the foreign node is this value; its name becomes the foreign one where
  // that is free.
  void set_output(std::size_t i, ir::Value& value);
  void set_output(ir::Value& value) { set_output(0, value); }

  // Throws UnreadAttribute naming every attribute that nobody looked at.
  void require_all_attributes_read() const;
  void commit();

 private:
  const ir::Attribute* look(std::string_view name);
  std::string name_in_group(const ir::NodeSpec& spec);
  std::string name_of_value(std::string_view hint) const;

  const ForeignNode& node_;
  ir::Graph& graph_;
  Bindings& bindings_;
  const ReadContext& context_;
  std::set<std::string, std::less<>> read_;
  std::vector<ir::Node*> added_;
  UniqueNames names_;  // of those
  std::vector<ir::Value*> constants_;
  std::vector<std::pair<std::string, ir::Value*>> outputs_;
  std::unordered_map<std::string, std::size_t> places_;  // of names among them
  bool committed_ = false;
};

}  // namespace ponte::shared
