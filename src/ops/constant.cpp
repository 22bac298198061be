// Constant. Spec: onnx.ai/onnx/operators/onnx__Constant.html.
// C1: exactly one of the attributes is there. C2: a sparse value's indices lie inside its shape.
#include <fmt/format.h>

#include "ops/indices.h"
#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

const ir::Attribute& constant_attribute(const ir::Node& node) {
  if (node.attributes().size() != 1) {
    throw Error(Code::InvalidAttribute, fmt::format("one attribute must say the value, not {}",
                                                    node.attributes().size()));  // C1
  }
  return node.attributes().begin()->second;
}

// The payload of every form but the sparse one; none for that.
std::optional<ir::Tensor> constant_tensor(const ir::Attribute& attribute) {
  if (const auto* value = std::get_if<ir::Tensor>(&attribute)) return *value;
  if (const auto* value = std::get_if<float>(&attribute)) return ir::Tensor::scalar_f32(*value);
  if (const auto* value = std::get_if<std::int64_t>(&attribute))
    return ir::Tensor::scalar_i64(*value);
  if (const auto* value = std::get_if<std::string>(&attribute))
    return ir::Tensor::of_strings({}, {*value});
  if (const auto* values = std::get_if<std::vector<float>>(&attribute)) {
    return ir::Tensor::f32({static_cast<std::int64_t>(values->size())}, *values);
  }
  if (const auto* values = std::get_if<std::vector<std::int64_t>>(&attribute))
    return ir::Tensor::vector_i64(*values);
  if (const auto* values = std::get_if<std::vector<std::string>>(&attribute)) {
    return ir::Tensor::of_strings({static_cast<std::int64_t>(values->size())}, *values);
  }
  return std::nullopt;
}

const ir::SparseTensor& sparse_constant(const ir::Attribute& attribute) {
  const auto* sparse = std::get_if<ir::SparseTensor>(&attribute);
  if (!sparse) throw Error(Code::InvalidAttribute, "the value is of an unknown kind");
  return *sparse;
}

void infer_constant(ir::Inference& c) {
  const ir::Attribute& attribute = constant_attribute(c.node());
  const auto tensor = constant_tensor(attribute);
  if (!tensor) {
    const ir::SparseTensor& sparse = sparse_constant(attribute);
    c.set_type(0, ir::Type::tensor(sparse.values.dtype(), ir::to_shape(sparse.shape)));
    return;
  }
  c.set_type(0, ir::Type::tensor(tensor->dtype(), ir::to_shape(tensor->shape())));
  if (auto known = known_of(*tensor)) c.set_value(0, std::move(*known));
}

Array dense(Evaluation& e, const ir::SparseTensor& sparse) {
  Array out = e.allocate(sparse.values.dtype(), sparse.shape);
  const Array values = load(sparse.values, e.arithmetic(), e.services().meter());
  const std::vector<std::int64_t> indices = sparse.indices.to_i64();
  const bool is_linear = sparse.indices.shape().size() < 2;
  const Dims extents = is_linear ? Dims{out.count()} : sparse.shape;
  const Dims strides = row_major_strides(extents);
  const std::size_t rank = extents.size();
  e.require(indices.size() == static_cast<std::size_t>(values.count()) * rank,
            Code::TensorSizeMismatch, "a sparse value has another number of indices");
  values.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    const auto target = out.mutable_as<T>();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      std::int64_t offset = 0;
      for (std::size_t k = 0; k < rank; ++k) {
        const std::int64_t index = indices[i * rank + k];
        e.require(index >= 0, Code::IndexOutOfRange, "a sparse value has a negative index");
        offset += checked_index(index, extents[k]) * strides[k];  // C2
      }
      target[static_cast<std::size_t>(offset)] = elements[i];
    }
  });
  return out;
}

void evaluate_constant(Evaluation& e) {
  const ir::Attribute& attribute = constant_attribute(e.node());
  const auto tensor = constant_tensor(attribute);
  e.set(0, tensor ? load(*tensor, e.arithmetic(), e.services().meter())
                  : dense(e, sparse_constant(attribute)));
}

}  // namespace

extern constinit const ir::Op constant_op{
    .name = "Constant",
    .since = 25,
    .outputs = {{"output", ir::types::any_tensor}},
    .attributes = {{"sparse_value", ir::AttributeKind::SparseTensor},
                   {"value", ir::AttributeKind::Tensor},
                   {"value_float", ir::AttributeKind::Float},
                   {"value_floats", ir::AttributeKind::Floats},
                   {"value_int", ir::AttributeKind::Int},
                   {"value_ints", ir::AttributeKind::Ints},
                   {"value_string", ir::AttributeKind::String},
                   {"value_strings", ir::AttributeKind::Strings}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_constant,
    .evaluate = evaluate_constant};

}  // namespace ponte::ops
