#include "ops/known_values.h"

#include "ops/broadcast.h"
#include "ops/strides.h"

namespace ponte::ops {

std::optional<std::vector<std::int64_t>> known_numbers(const ir::Inference& c, std::size_t input) {
  const auto known = c.value(input);
  if (!known) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const ir::Dim& element : known->elements) {
    if (!element.is_known()) return std::nullopt;
    numbers.push_back(element.value());
  }
  return numbers;
}

std::vector<std::int64_t> require_numbers(const ir::Inference& c, std::size_t input) {
  auto numbers = known_numbers(c, input);
  if (!numbers) c.give_up();
  return std::move(*numbers);
}

std::optional<ir::Dim> known_scalar(const ir::Inference& c, std::size_t input) {
  if (c.is_ranked(input)) {
    const auto dims = ir::known_dims(c.shape(input));
    c.require(!dims || count_of(*dims) == 1, Code::ShapeMismatch, "one element is needed here");
  }
  const auto known = c.value(input);
  if (!known || known->elements.size() != 1) return std::nullopt;
  return known->elements[0];
}

std::optional<ir::KnownValue> known_of(const ir::Tensor& tensor) {
  // A u64 may be too large for what a dimension can be.
  const bool is_whole = (ir::is_integer(tensor.dtype()) && tensor.dtype() != ir::DType::Uint64) ||
                        tensor.dtype() == ir::DType::Bool;
  if (!is_whole || tensor.count() > known_value_limit) return std::nullopt;
  ir::KnownValue known{tensor.shape(), {}};
  for (const std::int64_t element : tensor.to_i64()) known.elements.emplace_back(element);
  return known;
}

std::optional<ir::KnownValue> combined(const std::vector<ir::KnownValue>& values,
                                       const std::function<ir::Dim(std::span<const ir::Dim>)>& f) {
  std::vector<const Dims*> shapes;
  for (const ir::KnownValue& value : values) shapes.push_back(&value.shape);
  const Dims shape = broadcast_dims(shapes);
  const std::int64_t count = count_of(shape);
  if (count > known_value_limit) return std::nullopt;
  std::vector<ir::KnownValue> wide;
  for (const ir::KnownValue& value : values)
    wide.push_back(gathered(value, expanded(value.shape, shape)));
  ir::KnownValue result{shape, {}};
  std::vector<ir::Dim> operands(values.size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    for (std::size_t k = 0; k < wide.size(); ++k) operands[k] = wide[k].elements[i];
    result.elements.push_back(f(operands));
  }
  return result;
}

std::optional<std::vector<ir::KnownValue>> all_known(const ir::Inference& c) {
  std::vector<ir::KnownValue> values;
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    auto known = c.value(i);
    if (!known) return std::nullopt;
    values.push_back(std::move(*known));
  }
  return values;
}

ir::Shape fresh_shape(const ir::Inference& c, std::int64_t rank) {
  c.require(rank >= 0 && rank <= 64, Code::ShapeMismatch, "over 64 dims");
  ir::Shape shape;
  for (std::int64_t i = 0; i < rank; ++i) shape.push_back(c.fresh_dim());
  return shape;
}

}  // namespace ponte::ops
