// ConstantOfShape. Spec: onnx.ai/onnx/operators/onnx__ConstantOfShape.html.
// C1: value has one element; without it the output is f32 zeros. C2: no dim is negative.
#include <algorithm>

#include "ops/evaluation.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

ir::Tensor filling(const ir::AttributeReader& attributes) {
  if (!attributes.has("value")) return ir::Tensor::scalar_f32(0);
  const ir::Tensor& value = attributes.tensor("value");
  if (value.count() != 1)
    throw Error(Code::InvalidAttribute, "`value` must have one element");  // C1
  return value;
}

void infer_constant_of_shape(ir::Inference& c) {
  const ir::Tensor value = filling(c.attributes());
  c.set_dtype(0, value.dtype());
  const auto wanted = c.value(0);
  if (!wanted) {
    if (!c.is_ranked(0) || c.rank(0) != 1 || !c.shape(0)[0].is_known()) c.give_up();
    c.set_shape(0, fresh_shape(c, c.shape(0)[0].value()));
    return;
  }
  for (const ir::Dim& dim : wanted->elements) {
    c.require(dim.range().highest >= 0, Code::ShapeMismatch, "a dim is negative");  // C2
  }
  c.set_shape(0, wanted->elements);
  const auto known = known_of(value);
  const auto dims = ir::known_dims(wanted->elements);
  if (!known || !dims) return;
  const std::int64_t count = count_of(*dims);
  if (count > known_value_limit) return;
  c.set_value(0,
              {*dims, std::vector<ir::Dim>(static_cast<std::size_t>(count), known->elements[0])});
}

void evaluate_constant_of_shape(Evaluation& e) {
  const Array value = load(filling(e.attributes()), e.arithmetic());
  Array out = e.allocate(value.dtype(), e.input(0).to_i64());
  e.charge_steps(out.count());
  value.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    std::ranges::fill(out.mutable_as<T>(), elements[0]);
  });
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op constant_of_shape_op{
    .name = "ConstantOfShape",
    .since = 25,
    .inputs = {{"input", ir::types::i64}},
    .outputs = {{"output", ir::types::any_tensor - ir::types::string - ir::types::complexes}},
    .attributes = {{"value", ir::AttributeKind::Tensor}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_constant_of_shape,
    .evaluate = evaluate_constant_of_shape};

}  // namespace ponte::ops
