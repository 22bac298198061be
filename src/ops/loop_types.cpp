#include "ops/loop_types.h"

#include <algorithm>

namespace ponte::ops {

using ir::Dim;
using ir::Type;

bool CarriedTypes::is_open(const Dim& dim) const {
  return std::ranges::any_of(dim.symbols(),
                             [&](const std::string& symbol) { return open_.contains(symbol); });
}

Type CarriedTypes::joined_tensors(const ir::TensorType& a, const ir::TensorType& b) {
  ir::TensorType result{a.dtype == b.dtype ? a.dtype : ir::DType::Undefined, std::nullopt};
  if (!a.shape || !b.shape || a.shape->size() != b.shape->size()) return result;
  result.shape.emplace();
  for (std::size_t i = 0; i < a.shape->size(); ++i) {
    const Dim &before = (*a.shape)[i], &after = (*b.shape)[i];
    if (before == after || open_.contains(std::string(before.symbol_name()))) {
      result.shape->push_back(before);
    } else {
      result.shape->push_back(c_.fresh_dim());
      open_.emplace(result.shape->back().symbol_name());
    }
  }
  return result;
}

Type CarriedTypes::joined_types(const Type& a, const Type& b) {
  if (a == b) return a;
  if (a.as_tensor() && b.as_tensor()) return joined_tensors(*a.as_tensor(), *b.as_tensor());
  if (a.as_sequence() && b.as_sequence()) {
    return Type::sequence_of(joined_types(*a.as_sequence()->element, *b.as_sequence()->element));
  }
  if (a.as_optional() && b.as_optional()) {
    return Type::optional_of(joined_types(*a.as_optional()->element, *b.as_optional()->element));
  }
  return {};
}

bool CarriedTypes::widen(std::span<const Type> given) {
  std::vector<Type> wider;
  for (std::size_t i = 0; i < types_.size(); ++i)
    wider.push_back(joined_types(types_[i], given[i]));
  const bool changed = wider != types_;
  types_ = std::move(wider);
  return changed;
}

void CarriedTypes::drop_shapes() {
  for (Type& type : types_) {
    if (type.as_tensor()) type = Type::tensor(type.as_tensor()->dtype);
  }
}

Type CarriedTypes::outside(const Type& type) const {
  if (const ir::TensorType* tensor = type.as_tensor()) {
    ir::TensorType result = *tensor;
    if (!result.shape) return result;
    for (Dim& dim : *result.shape) {
      if (is_open(dim)) dim = c_.fresh_dim();
    }
    return result;
  }
  if (type.as_sequence()) return Type::sequence_of(outside(*type.as_sequence()->element));
  if (type.as_optional()) return Type::optional_of(outside(*type.as_optional()->element));
  return type;
}

ScanOutput::~ScanOutput() {
  if (const auto meter = e_.services().meter()) meter->give_back(charged_);
}

void ScanOutput::append(const Array& element) {
  if (!dtype_) {
    dtype_ = element.dtype();
    shape_ = element.shape();
  }
  e_.require(*dtype_ == element.dtype() && shape_ == element.shape(), Code::ShapeMismatch,
             "a scan output changes between iterations");
  element.visit([&](auto part) {
    using T = std::remove_cv_t<typename decltype(part)::element_type>;
    if (count_ == 0) elements_ = std::vector<T>{};
    const auto bytes = static_cast<std::int64_t>(part.size() * sizeof(T));
    if (const auto meter = e_.services().meter()) {
      meter->take(bytes);
      charged_ += bytes;
    }
    auto& all = std::get<std::vector<T>>(elements_);
    all.insert(all.end(), part.begin(), part.end());
  });
  ++count_;
}

Array ScanOutput::finish(const Type& type) {
  Dims shape{count_};
  if (count_ == 0) {
    const ir::TensorType* tensor = type.as_tensor();
    e_.require(tensor && tensor->dtype != ir::DType::Undefined, Code::InvalidInputType,
               "the dtype of a scan output without iterations is not known");
    for (const Dim& dim : tensor->shape.value_or(ir::Shape{}))
      shape.push_back(dim.known().value_or(0));
    return e_.allocate(tensor->dtype, shape);
  }
  shape.insert(shape.end(), shape_.begin(), shape_.end());
  const auto meter = e_.services().meter();
  if (meter) meter->give_back(charged_);
  charged_ = 0;
  return Array(*dtype_, shape, std::move(elements_), meter);
}

}  // namespace ponte::ops
