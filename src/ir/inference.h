// What an op's infer function sees: one node, with what is known of its inputs.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ir/graph.h"

namespace ponte::ir {

// Attributes by name and kind, with the defaults of the op's signature.
class AttributeReader {
 public:
  explicit AttributeReader(const Node& node) : node_(node) {}

  bool has(std::string_view name) const { return node_.attribute(name) != nullptr; }
  // The attribute or its default. Throws MissingAttribute when there is neither, InvalidAttribute
  // for another kind or a reference that was not bound.
  std::int64_t i(std::string_view name) const;
  double f(std::string_view name) const;
  std::string s(std::string_view name) const;
  const Tensor& tensor(std::string_view name) const;
  const Type& type(std::string_view name) const;
  // Lists; empty when absent.
  std::vector<std::int64_t> ints(std::string_view name) const;
  std::vector<float> floats(std::string_view name) const;
  std::vector<std::string> strings(std::string_view name) const;
  DType dtype(std::string_view name) const;  // an int that is a TensorProto.DataType

 private:
  const AttributeSpec* spec(std::string_view name) const;
  const Node& node_;
};

class Inference {
 public:
  explicit Inference(const Node& node) : attributes_(node), node_(node) {}

  const Node& node() const { return node_; }
  const AttributeReader& attributes() const { return attributes_; }

  std::size_t input_count() const { return node_.inputs().size(); }
  std::size_t output_count() const { return node_.outputs().size(); }
  bool has_input(std::size_t i) const { return node_.input(i) != nullptr; }
  bool has_output(std::size_t i) const { return node_.output(i) != nullptr; }

  const Type& type(std::size_t i) const;  // unknown for an absent input
  DType dtype(std::size_t i) const;       // Undefined when not known
  bool is_ranked(std::size_t i) const;
  // The shape of a tensor input. Where its rank is not known, the inference of the node ends here,
  // and what was not set stays unknown.
  const Shape& shape(std::size_t i) const;
  std::int64_t rank(std::size_t i) const { return static_cast<std::int64_t>(shape(i).size()); }
  // The known integers of an input, or none.
  std::optional<KnownValue> value(std::size_t i) const;
  // The known integers of a 1-D (or 0-D) input; ends the inference where they are not known.
  std::vector<Dim> require_value(std::size_t i) const;
  // The tensor of an input that is fixed; null otherwise. A default that may be overridden is not.
  const Tensor* constant(std::size_t i) const;

  // Ends the inference of this node without an error: what was not set stays unknown.
  [[noreturn]] void give_up() const;

  void set_type(std::size_t output, Type type);
  void set_dtype(std::size_t output, DType dtype);
  void set_shape(std::size_t output, Shape shape);
  void set_unknown_rank(std::size_t output) { set_dtype(output, output_dtype(output)); }
  DType output_dtype(std::size_t output) const;          // as preset or set
  void set_value(std::size_t output, KnownValue value);  // dropped when it has over 1,024 elements

  Dim fresh_dim() const { return node_.graph().fresh_dims().next(); }

  void require(bool holds, Code code, const std::string& message) const {
    if (!holds) throw Error(code, message);
  }
  // Throws ShapeMismatch when the rank of an input is known and another one.
  void require_rank(std::size_t i, std::int64_t rank, std::string_view what) const;
  // Throws ShapeMismatch when the two are certainly different; `what` names them in the message.
  void require_not_different(const Dim& a, const Dim& b, std::string_view what) const;

  // Gives the subgraph's inputs these types, infers its nodes and answers its outputs' types.
  std::vector<Type> infer_subgraph(std::string_view name, const std::vector<Type>& inputs) const;
  Graph& subgraph(std::string_view name) const;  // throws MissingAttribute

 private:
  friend void infer_node(Node& node);
  friend std::vector<Type> inferred_types(const Node& node);
  void run();  // checks the signature and infers

  AttributeReader attributes_;
  const Node& node_;
  std::vector<Type> types_;
  std::vector<std::optional<KnownValue>> values_;
};

// Checks a node against its op's signature: counts, types, attributes. Throws with the code of what
// is wrong.
void check_signature(const Node& node);

// Checks the signature, infers, and stores types and known values of the outputs, refined with what
// was declared. In a branch of an If, sizes that do not fit are no error: the outputs stay unknown,
// and the evaluation that takes the branch says it.
void infer_node(Node& node);

// What infer_node() would store, before it is refined with what was declared. Of nodes with
// subgraphs it changes the types inside them.
std::vector<Type> inferred_types(const Node& node);

// An axis in [-rank, rank) as [0, rank). Throws InvalidAxis.
std::int64_t normalized_axis(std::int64_t axis, std::int64_t rank, std::string_view name = "axis");
// Several, sorted, without repetition. Throws InvalidAxis.
std::vector<std::int64_t> normalized_axes(std::span<const std::int64_t> axes, std::int64_t rank);

// The shape of a multidirectional broadcast. Throws ShapeMismatch where dims are certainly
// incompatible; a symbol against a 1 or an unknown becomes what is certain, or a fresh dimension.
Shape broadcast(std::span<const Shape> shapes, FreshDims& fresh);

}  // namespace ponte::ir
