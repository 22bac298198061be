#include "ir/inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/counted.h"

namespace ponte::ir {
namespace {

// Thrown by give_up(): the node is fine, only less is known of its outputs.
struct NothingMoreKnown {};

// What each type variable of the signature is bound to by the inputs of a node.
using Bindings = std::map<std::string_view, Type>;

const Parameter* parameter_at(std::span<const Parameter> parameters, std::size_t i) {
  if (i < parameters.size()) return &parameters[i];
  if (!parameters.empty() && parameters.back().arity == Arity::Variadic) return &parameters.back();
  return nullptr;
}

bool allows(TypeSet set, const Type& type) {
  if (const TensorType* tensor = type.as_tensor()) {
    return tensor->dtype == DType::Undefined || set.has(tensor->dtype);
  }
  if (type.as_sequence()) return (set.bits & types::sequence.bits) != 0;
  if (type.as_optional()) return (set.bits & types::optional.bits) != 0;
  if (type.as_map()) return (set.bits & types::map.bits) != 0;
  return true;
}

template <std::size_t N>
std::span<const Parameter> list(const FixedList<Parameter, N>& parameters) {
  return {parameters.begin(), parameters.size()};
}

void check_count(std::span<const Parameter> parameters, const std::vector<Value*>& values,
                 std::string_view what) {
  if (!values.empty() && !parameter_at(parameters, values.size() - 1)) {
    throw Error(
        Code::WrongInputCount,
        fmt::format("{}, but the op has {}", counted(values.size(), what, fmt::format("{}s", what)),
                    parameters.size()));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    const bool absent = i >= values.size() || !values[i];
    if (parameter.arity == Arity::Required && absent) {
      throw Error(Code::WrongInputCount, fmt::format("{} `{}` is missing", what, parameter.name));
    }
    if (parameter.arity == Arity::Variadic &&
        static_cast<std::int64_t>(values.size()) - static_cast<std::int64_t>(i) <
            parameter.minimum) {
      throw Error(Code::WrongInputCount, fmt::format("{} `{}` needs at least {}", what,
                                                     parameter.name, parameter.minimum));
    }
  }
}

// Binds type variables by dtype; the shape of the first binding is dropped.
Bindings check_inputs(const Op& op, const Node& node) {
  Bindings bindings;
  for (std::size_t i = 0; i < node.inputs().size(); ++i) {
    const Value* value = node.inputs()[i];
    if (!value) continue;
    const Parameter& parameter = *parameter_at(list(op.inputs), i);
    const Type& type = value->type();
    if (!allows(parameter.types, type)) {
      throw Error(Code::InvalidInputType,
                  fmt::format("input `{}` can't be {}", parameter.name, to_string(type)));
    }
    const TensorType* tensor = type.as_tensor();
    if (parameter.variable.empty() || type.is_unknown() ||
        (tensor && tensor->dtype == DType::Undefined))
      continue;
    const Type bound = tensor ? Type::tensor(tensor->dtype) : type;
    const auto [it, inserted] = bindings.try_emplace(parameter.variable, bound);
    const TensorType* other = it->second.as_tensor();
    if (!inserted &&
        ((tensor == nullptr) != (other == nullptr) || (tensor && other->dtype != tensor->dtype))) {
      throw Error(Code::InvalidInputType,
                  fmt::format("input `{}` is {}, but {} is {} by another input", parameter.name,
                              to_string(type), parameter.variable, to_string(it->second)));
    }
  }
  return bindings;
}

void check_attributes(const Op& op, const Node& node) {
  for (const auto& [name, attribute] : node.attributes()) {
    const auto spec =
        std::ranges::find(op.attributes, std::string_view(name), &AttributeSpec::name);
    if (spec == op.attributes.end()) {
      throw Error(Code::InvalidAttribute, fmt::format("`{}` has no attribute `{}`", op.name, name));
    }
    if (kind_of(attribute) != spec->kind) {
      throw Error(Code::InvalidAttribute,
                  fmt::format("attribute `{}` is of kind {}, not {}", name,
                              to_string(kind_of(attribute)), to_string(spec->kind)));
    }
  }
  for (const AttributeSpec& spec : op.attributes) {
    if (!std::holds_alternative<Required>(spec.fallback)) continue;
    if (!node.attribute(spec.name) && !node.subgraph(spec.name)) {
      throw Error(Code::MissingAttribute, fmt::format("attribute `{}` is missing", spec.name));
    }
  }
}

Bindings check(const Op& op, const Node& node) {
  check_count(list(op.inputs), node.inputs(), "input");
  check_count(list(op.outputs), node.outputs(), "output");
  Bindings bindings = check_inputs(op, node);
  check_attributes(op, node);
  return bindings;
}

// The type of an output as far as the signature tells it.
Type preset(const Parameter& parameter, const Bindings& bindings) {
  if (const auto it = bindings.find(parameter.variable); it != bindings.end()) return it->second;
  for (int i = 1; i < dtype_count; ++i) {
    if (parameter.types.bits == set_of(static_cast<DType>(i)).bits)
      return Type::tensor(static_cast<DType>(i));
  }
  if ((parameter.types.bits & ~types::any_tensor.bits) == 0) return Type::tensor(DType::Undefined);
  return {};
}

bool is_function_body_reference(const Node& node) {
  return std::ranges::any_of(node.attributes(), [](const auto& entry) {
    return std::holds_alternative<AttributeReference>(entry.second);
  });
}

}  // namespace

std::string_view to_string(AttributeKind kind) {
  constexpr std::string_view names[] = {"undefined",      "float",   "int",    "string",
                                        "tensor",         "graph",   "floats", "ints",
                                        "strings",        "tensors", "graphs", "sparse_tensor",
                                        "sparse_tensors", "type",    "types"};
  return names[static_cast<std::size_t>(kind)];
}

AttributeKind kind_of(const Attribute& attribute) {
  using enum AttributeKind;
  constexpr AttributeKind kinds[] = {Float,  Int,  String,  Tensor,  SparseTensor,  Type,
                                     Floats, Ints, Strings, Tensors, SparseTensors, Types};
  if (const auto* reference = std::get_if<AttributeReference>(&attribute)) return reference->kind;
  return kinds[attribute.index()];
}

const AttributeSpec* AttributeReader::spec(std::string_view name) const {
  if (!node_.op()) return nullptr;
  const auto it = std::ranges::find(node_.op()->attributes, name, &AttributeSpec::name);
  return it == node_.op()->attributes.end() ? nullptr : &*it;
}

namespace {

template <typename T>
const T* written(const Node& node, std::string_view name) {
  const Attribute* attribute = node.attribute(name);
  if (!attribute) return nullptr;
  const T* value = std::get_if<T>(attribute);
  if (!value)
    throw Error(Code::InvalidAttribute, fmt::format("attribute `{}` has another kind", name));
  return value;
}

template <typename T>
T fallback(const AttributeSpec* spec, std::string_view name) {
  if (spec) {
    if (const T* value = std::get_if<T>(&spec->fallback)) return *value;
  }
  throw Error(Code::MissingAttribute, fmt::format("attribute `{}` is missing", name));
}

template <typename T>
std::vector<T> written_list(const Node& node, std::string_view name) {
  const auto* values = written<std::vector<T>>(node, name);
  return values ? *values : std::vector<T>{};
}

}  // namespace

std::int64_t AttributeReader::i(std::string_view name) const {
  if (const auto* value = written<std::int64_t>(node_, name)) return *value;
  return fallback<std::int64_t>(spec(name), name);
}

double AttributeReader::f(std::string_view name) const {
  if (const auto* value = written<float>(node_, name)) return static_cast<double>(*value);
  return static_cast<double>(static_cast<float>(fallback<double>(spec(name), name)));
}

std::string AttributeReader::s(std::string_view name) const {
  if (const auto* value = written<std::string>(node_, name)) return *value;
  return std::string(fallback<std::string_view>(spec(name), name));
}

const Tensor& AttributeReader::tensor(std::string_view name) const {
  if (const auto* value = written<Tensor>(node_, name)) return *value;
  throw Error(Code::MissingAttribute, fmt::format("attribute `{}` is missing", name));
}

const Type& AttributeReader::type(std::string_view name) const {
  if (const auto* value = written<Type>(node_, name)) return *value;
  throw Error(Code::MissingAttribute, fmt::format("attribute `{}` is missing", name));
}

std::vector<std::int64_t> AttributeReader::ints(std::string_view name) const {
  return written_list<std::int64_t>(node_, name);
}

std::vector<float> AttributeReader::floats(std::string_view name) const {
  return written_list<float>(node_, name);
}

std::vector<std::string> AttributeReader::strings(std::string_view name) const {
  return written_list<std::string>(node_, name);
}

DType AttributeReader::dtype(std::string_view name) const {
  const std::int64_t number = i(name);
  const auto dtype = dtype_from_number(number);
  if (!dtype)
    throw Error(Code::InvalidAttribute,
                fmt::format("attribute `{}` = {} is no dtype", name, number));
  return *dtype;
}

const Type& Inference::type(std::size_t i) const {
  static const Type unknown;
  const Value* value = node_.input(i);
  return value ? value->type() : unknown;
}

DType Inference::dtype(std::size_t i) const {
  const TensorType* tensor = type(i).as_tensor();
  return tensor ? tensor->dtype : DType::Undefined;
}

bool Inference::is_ranked(std::size_t i) const {
  const TensorType* tensor = type(i).as_tensor();
  return tensor && tensor->shape;
}

const Shape& Inference::shape(std::size_t i) const {
  if (!is_ranked(i)) give_up();
  return *type(i).as_tensor()->shape;
}

std::optional<KnownValue> Inference::value(std::size_t i) const {
  const Value* input = node_.input(i);
  return input ? input->known() : std::nullopt;
}

std::vector<Dim> Inference::require_value(std::size_t i) const {
  const auto known = value(i);
  if (!known) give_up();
  return known->elements;
}

const Tensor* Inference::constant(std::size_t i) const {
  const Value* input = node_.input(i);
  return input ? input->fixed_tensor() : nullptr;
}

void Inference::give_up() const { throw NothingMoreKnown{}; }

void Inference::set_type(std::size_t output, Type type) {
  if (output < types_.size()) types_[output] = std::move(type);
}

void Inference::set_dtype(std::size_t output, DType dtype) {
  if (output >= types_.size()) return;
  const TensorType* tensor = types_[output].as_tensor();
  types_[output] = TensorType{dtype, tensor ? tensor->shape : std::nullopt};
}

DType Inference::output_dtype(std::size_t output) const {
  const TensorType* tensor = output < types_.size() ? types_[output].as_tensor() : nullptr;
  return tensor ? tensor->dtype : DType::Undefined;
}

void Inference::set_shape(std::size_t output, Shape shape) {
  if (output < types_.size()) types_[output] = TensorType{output_dtype(output), std::move(shape)};
}

void Inference::set_value(std::size_t output, KnownValue value) {
  constexpr std::size_t limit = 1024;
  if (output < values_.size() && value.elements.size() <= limit) values_[output] = std::move(value);
}

void Inference::require_not_different(const Dim& a, const Dim& b, std::string_view what) const {
  if (compare(a, b) == Comparison::Different) {
    throw Error(Code::ShapeMismatch,
                fmt::format("{}: {} and {} differ", what, a.to_string(), b.to_string()));
  }
}

void Inference::require_rank(std::size_t i, std::int64_t rank, std::string_view what) const {
  if (!is_ranked(i) || this->rank(i) == rank) return;
  throw Error(Code::ShapeMismatch,
              fmt::format("{} has rank {}, not {}", what, this->rank(i), rank));
}

Graph& Inference::subgraph(std::string_view name) const {
  Graph* graph = node_.subgraph(name);
  if (!graph) throw Error(Code::MissingAttribute, fmt::format("attribute `{}` is missing", name));
  return *graph;
}

std::vector<Type> Inference::infer_subgraph(std::string_view name,
                                            const std::vector<Type>& inputs) const {
  Graph& graph = subgraph(name);
  if (graph.inputs().size() != inputs.size()) {
    throw Error(Code::WrongInputCount,
                fmt::format("the body `{}` has {}, but the op gives it {}", name,
                            counted(graph.inputs().size(), "input", "inputs"), inputs.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Value& input = *graph.inputs()[i];
    input.type_ = refine(inputs[i], input.declared_);
  }
  graph.infer_all();
  std::vector<Type> outputs;
  for (const Value* output : graph.outputs()) outputs.push_back(output->type());
  return outputs;
}

void check_signature(const Node& node) {
  if (node.op()) check(*node.op(), node);
}

namespace {

// Far more than any network's loops need; a handful of loops in loops could need forever.
std::int64_t nested_inference_limit(const SharedState& shared) {
  return 200'000 + 64 * shared.values_made;
}

void count_inference(const Graph& graph, SharedState& shared) {
  if (!graph.outer()) {
    shared.nested_inferences = 0;
  } else if (++shared.nested_inferences > nested_inference_limit(shared)) {
    throw Error(Code::NestingTooDeep, "the types of the nested subgraphs take too long to find");
  }
}

// Whether executions may go without this graph: it is a branch of an If or stands in one. A graph
// that has no node yet counts as one, as the node infers it again when it is there.
bool may_be_skipped(const Graph& graph) {
  for (const Graph* inner = &graph; inner->outer(); inner = inner->outer()) {
    const Node* owner = inner->owner();
    if (!owner || (owner->domain().empty() && owner->op_name() == "If")) return true;
  }
  return false;
}

// Whether another size or rank of an input would make it right.
bool depends_on_sizes(Code code) {
  using enum Code;
  constexpr Code codes[] = {ShapeMismatch,       InvalidAxis,         InvalidAttribute,
                            TypesDisagree,       InvalidInputValue,   IndexOutOfRange,
                            DimensionOutOfRange, ElementCountTooLarge};
  return std::ranges::find(codes, code) != std::end(codes);
}

}  // namespace

void Inference::run() {
  types_.resize(node_.outputs().size());
  values_.resize(node_.outputs().size());
  const Op* op = node_.op();
  if (!op) return;
  const Bindings bindings = check(*op, node_);
  for (std::size_t i = 0; i < types_.size(); ++i) {
    types_[i] = preset(*parameter_at(list(op->outputs), i), bindings);
  }
  if (!op->infer || is_function_body_reference(node_)) return;
  const std::vector<Type> by_signature = types_;
  try {
    op->infer(*this);
  } catch (const NothingMoreKnown&) {
  } catch (const Error& error) {
    // `if (x has 3 dims) Transpose(x, 3 axes)`: only executions that take the branch are wrong.
    if (!depends_on_sizes(error.code()) || !may_be_skipped(node_.graph())) throw;
    types_ = by_signature;
    values_.assign(values_.size(), std::nullopt);
  }
}

void infer_node(Node& node) {
  count_inference(node.graph(), *node.graph().shared_);
  Inference inference(node);
  inference.run();
  for (std::size_t i = 0; i < node.outputs().size(); ++i) {
    Value* value = node.outputs()[i];
    if (!value) continue;
    value->type_ = refine(inference.types_[i], value->declared_);
    value->known_ = std::move(inference.values_[i]);
  }
}

std::vector<Type> inferred_types(const Node& node) {
  Inference inference(node);
  inference.run();
  return std::move(inference.types_);
}

std::int64_t normalized_axis(std::int64_t axis, std::int64_t rank, std::string_view name) {
  if (axis < -rank || axis >= rank) {
    throw Error(Code::InvalidAxis,
                fmt::format("`{}` = {} is outside [{}, {}]", name, axis, -rank, rank - 1));
  }
  return axis < 0 ? axis + rank : axis;
}

std::vector<std::int64_t> normalized_axes(std::span<const std::int64_t> axes, std::int64_t rank) {
  std::vector<std::int64_t> result;
  for (const std::int64_t axis : axes) result.push_back(normalized_axis(axis, rank, "axes"));
  std::ranges::sort(result);
  if (std::ranges::adjacent_find(result) != result.end()) {
    throw Error(Code::InvalidAxis, "`axes` names an axis twice");
  }
  return result;
}

namespace {

Dim broadcast_dim(const Dim& a, const Dim& b, FreshDims& fresh) {
  if (a == b || b.known() == 1) return a;
  if (a.known() == 1) return b;
  if (compare(a, b) == Comparison::Different && a.range().lowest > 1 && b.range().lowest > 1) {
    throw Error(Code::ShapeMismatch,
                fmt::format("{} and {} do not broadcast", a.to_string(), b.to_string()));
  }
  if (a.range().lowest > 1) return a;
  if (b.range().lowest > 1) return b;
  if (a.is_known() && b.is_known()) {
    throw Error(Code::ShapeMismatch,
                fmt::format("{} and {} do not broadcast", a.to_string(), b.to_string()));
  }
  return fresh.next();
}

}  // namespace

Shape broadcast(std::span<const Shape> shapes, FreshDims& fresh) {
  Shape result;
  for (const Shape& shape : shapes) {
    if (shape.size() > result.size())
      result.insert(result.begin(), shape.size() - result.size(), Dim(1));
    const std::size_t offset = result.size() - shape.size();
    for (std::size_t i = 0; i < shape.size(); ++i) {
      result[offset + i] = broadcast_dim(result[offset + i], shape[i], fresh);
    }
  }
  return result;
}

}  // namespace ponte::ir
