// The intermediate representation: models, graphs, nodes and values, in ONNX semantics.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "ir/attribute.h"
#include "ir/op.h"
#include "ir/type.h"

namespace ponte::ir {

class Graph;
class Node;
class Inference;
class Patch;
void infer_node(Node& node);

// A node of the source file.
struct NodeOrigin {
  std::string name;
  std::string op;
  friend auto operator<=>(const NodeOrigin&, const NodeOrigin&) = default;
};

// Where a value stands in the source: its tensor's name there and the view that leads from there to
// here (transpose by `permutation`, then reshape to this value's shape).
struct ValueOrigin {
  std::string name;
  std::vector<std::int64_t> permutation;  // empty: not transposed
  bool reshaped = false;
};

// One foreign node, as the bytes of its file. The nodes that were made from it share it; as long as
// all of them are there and untouched they are written as these bytes to the format and version
// that they came from.
struct Record {
  std::string_view format;
  std::int64_t version = 0;
  ByteRange bytes;
  std::size_t group_size = 1;
  std::vector<std::string> inputs;  // names of values, as the record has them
  std::vector<std::string> outputs;
};

// Integers known while inferring: the elements of a small tensor, for shape arithmetic.
struct KnownValue {
  std::vector<std::int64_t> shape;  // rank 0 or 1 as a rule
  std::vector<Dim> elements;        // row-major
  friend bool operator==(const KnownValue&, const KnownValue&) = default;
};

struct Use {
  Node* node;
  std::size_t index;
  friend bool operator==(const Use&, const Use&) = default;
};

// What flows between nodes. Owned by its graph; its address is stable.
class Value {
 public:
  enum class Kind : std::uint8_t { Input, Constant, Result };

  const std::string& name() const { return name_; }
  Kind kind() const { return kind_; }
  const Type& type() const { return type_; }
  const Type& declared() const {
    return declared_;
  }  // what the source file says; unknown where it is silent
  const std::optional<KnownValue>& known() const { return known_; }
  Graph& graph() const { return *graph_; }
  Node* producer() const { return producer_; }            // null unless a result
  const std::vector<Use>& uses() const { return uses_; }  // by nodes of this graph and of subgraphs
  // The graphs that give it as an output: its own, or a subgraph that hands it out as it is.
  const std::vector<Graph*>& output_of() const { return output_of_; }
  bool is_constant() const { return kind_ == Kind::Constant; }
  // The tensor of a constant, of a default that nobody overrides, or of a Constant node; null
  // otherwise.
  const Tensor* fixed_tensor() const;
  // A constant's tensor, or the default of an input that has one; null otherwise.
  const Tensor* tensor() const { return tensor_ ? &*tensor_ : nullptr; }

  std::optional<ValueOrigin> origin;
  std::map<std::string, std::string> annotations;
  // Of a constant: a reader computed it from the file's numbers, and another program may have
  // rounded otherwise on the way.
  bool is_computed = false;
  // The declaration or payload as it stood in the source file (ValueInfoProto, TensorProto):
  // written again when the value was not touched.
  std::shared_ptr<const Record> record;

 private:
  friend class Graph;
  friend class Inference;
  friend class Patch;
  friend void infer_node(Node& node);
  std::string name_;
  Kind kind_ = Kind::Result;
  Type type_;
  Type declared_;
  std::optional<KnownValue> known_;
  std::optional<Tensor> tensor_;
  bool fixed_ = false;
  Graph* graph_ = nullptr;
  Node* producer_ = nullptr;
  std::vector<Use> uses_;
  std::vector<Graph*> output_of_;
};

struct Subgraph {
  std::string name;  // the attribute's
  std::unique_ptr<Graph> graph;
  bool in_list = false;  // an element of an attribute of kind GRAPHS
};

// One use of an op. Inputs and outputs may be null: absent optionals.
class Node {
 public:
  const std::string& name() const { return name_; }
  std::string_view domain() const { return domain_; }
  std::string_view op_name() const { return op_name_; }
  const Op* op() const { return op_; }  // null: opaque
  bool is_placeholder() const { return placeholder_; }
  const std::vector<Value*>& inputs() const { return inputs_; }
  const std::vector<Value*>& outputs() const { return outputs_; }
  Value* input(std::size_t i) const { return i < inputs_.size() ? inputs_[i] : nullptr; }
  Value* output(std::size_t i) const { return i < outputs_.size() ? outputs_[i] : nullptr; }
  const Attributes& attributes() const { return attributes_; }
  const Attribute* attribute(std::string_view name) const;
  const std::vector<Subgraph>& subgraphs() const { return subgraphs_; }
  Graph* subgraph(std::string_view name) const;  // null when absent
  Graph& graph() const { return *graph_; }

  std::set<NodeOrigin> origins;
  std::map<std::string, std::string> annotations;
  std::string doc;
  std::shared_ptr<const Record> record;

 private:
  friend class Graph;
  friend class Patch;
  std::string name_;
  std::string domain_;
  std::string op_name_;
  const Op* op_ = nullptr;
  bool placeholder_ = false;
  std::vector<Value*> inputs_;
  std::vector<Value*> outputs_;
  Attributes attributes_;
  std::vector<Subgraph> subgraphs_;
  Graph* graph_ = nullptr;
  std::list<Node>::iterator position_;
};

// Whether the default of an input may be overridden at run time, or is only the way in which its
// file says a constant.
enum class Overriding : std::uint8_t { Allowed, Never };

// What add() makes a node from.
struct NodeSpec {
  std::string domain;
  std::string op;
  std::string name = {};
  std::vector<Value*> inputs = {};
  Attributes attributes = {};
  std::vector<std::string> outputs = {};  // names; "" is an absent output
  std::vector<Subgraph> subgraphs = {};
  std::set<NodeOrigin> origins = {};
  std::shared_ptr<const Record> record = nullptr;
  bool opaque = false;       // carried without a meaning, although its name may be known
  bool placeholder = false;  // a translation that failed: never written
};

// A value that one execution hands to the next.
struct State {
  Value* input;
  Value* output;
  Tensor initial;
};

// Makes symbols for sizes that only the data decide: "?0", "?1". No other symbol has such a name.
class FreshDims {
 public:
  Dim next() { return Dim::symbol("?" + std::to_string(count_++)); }

 private:
  std::int64_t count_ = 0;
};

// What all graphs of a model share.
struct SharedState {
  FreshDims fresh_dims;
  std::int64_t values_made = 0;
  // Inferences of nodes inside subgraphs since the last one outside of them: loops in loops
  // multiply.
  std::int64_t nested_inferences = 0;
};

// Nodes in topological order with their values. Not copyable; addresses of nodes and values are
// stable until erased.
class Graph {
 public:
  explicit Graph(const OpSet& ops, Graph* outer = nullptr);
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph();

  // An empty body for a node of this graph; it may use this graph's values.
  std::unique_ptr<Graph> make_subgraph() { return std::make_unique<Graph>(ops_, this); }

  // Each throws DuplicateName when the name is taken in this graph.
  Value& add_input(std::string name, Type type, std::optional<Tensor> default_value = std::nullopt,
                   Overriding overriding = Overriding::Allowed);
  Value& add_constant(std::string name, Tensor tensor);
  void add_output(Value& value);
  void set_output(std::size_t i, Value& value);

  // Adds a node (before `before`, or at the end) and infers it at once. A node of an unknown op is
  // opaque: its outputs are of unknown type. Throws what the op's signature and inference throw;
  // then nothing was added.
  Node& add(NodeSpec spec, Node* before = nullptr);
  // The one result of a standard op with one output; its name is made from `name_hint`.
  Value& add(std::string_view op, std::vector<Value*> inputs, Attributes attributes = {},
             std::string_view name_hint = {}, Node* before = nullptr);

  // Declares what is known of a value from elsewhere (a file's value_info); refined with what is
  // inferred. Throws TypesDisagree.
  void declare(Value& value, const Type& type);
  // Replaces the type: for inputs given a shape by the user. Call infer_all() after it.
  void set_type(Value& value, Type type);
  // Forgets what the file declares of results, here and in subgraphs: a new input shape makes it
  // untrue.
  void forget_declarations();
  void rename(Value& value, std::string name);  // drops the records that name it
  // The same for a value whose records already use the new name.
  void rename_fresh(Value& value, std::string name);
  void set_tensor(Value& constant,
                  Tensor tensor);  // another payload for a constant; uses are not inferred again
  void set_input(Node& node, std::size_t index, Value* value);
  void set_attribute(Node& node, const std::string& name, Attribute attribute);  // drops the record
  void replace_uses(
      Value& from, Value& to);  // in nodes, subgraphs and outputs; drops the records of those nodes
  void erase(Node& node);       // none of its outputs may be used
  void erase_constant(Value& constant);  // it must not be used
  void erase_unused_constants();
  // Infers every node again, in order; subgraphs too.
  void infer_all();

  std::list<Node>& nodes() { return nodes_; }
  const std::list<Node>& nodes() const { return nodes_; }
  const std::vector<Value*>& inputs() const { return inputs_; }
  const std::vector<Value*>& outputs() const { return outputs_; }
  const std::vector<Value*>& constants() const { return constants_; }
  std::vector<State>& states() { return states_; }
  const std::vector<State>& states() const { return states_; }
  Graph* outer() const { return outer_; }
  Node* owner() const { return owner_; }  // the node whose body this is; null otherwise
  const OpSet& ops() const { return ops_; }
  FreshDims& fresh_dims() { return shared_->fresh_dims; }
  Value* find(std::string_view name) const;          // in this graph; null when absent
  Value* find_visible(std::string_view name) const;  // here, then in the outer graphs
  std::string unique_name(std::string_view wish) const;

  std::string name;
  std::string doc;
  std::map<std::string, std::string> annotations;
  std::shared_ptr<const Record> record;  // the whole of it in the source file

 private:
  friend class Inference;
  friend class Patch;
  friend void infer_node(Node& node);
  Value& new_value(std::string name, Value::Kind kind);
  void link(Node& node);
  void unlink(Node& node);
  void let_go_of_outer_values();
  void touch(
      Node* node = nullptr);  // drops the record of the node and of all nodes around this graph

  const OpSet& ops_;
  Graph* outer_;
  Node* owner_ = nullptr;
  std::shared_ptr<SharedState> shared_;
  std::list<Node> nodes_;
  std::unordered_map<std::string, std::unique_ptr<Value>> values_;
  std::vector<Value*> inputs_;
  std::vector<Value*> outputs_;
  std::vector<Value*> constants_;
  std::vector<State> states_;
  bool is_dying_ = false;
};

struct Model {
  std::unique_ptr<Graph> graph;
  std::map<std::string, std::int64_t>
      opsets;          // of the source, by domain; empty where the format has none
  std::string format;  // of the source
  std::string format_version;
  std::string producer;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> signatures;  // all that the file has; the graph is one of them
  std::string weights_file;  // what the reader took the weights from, where that is another file
  bool has_drawn_weights = false;   // the reader drew some, as --random-weights asks for
  std::vector<std::string> cut_at;  // nodes or values of the file where the reader ended the graph
  std::shared_ptr<const Record>
      record;  // the whole of the source, where a format writes untouched parts again
};

// Every node of a graph and of its subgraphs, outer ones first.
void for_each_node(const Graph& graph, const std::function<void(const Node&)>& visit);

}  // namespace ponte::ir
