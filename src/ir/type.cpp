#include "ir/type.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "ir/dim_text.h"

namespace ponte::ir {
namespace {

bool equal(const std::shared_ptr<const Type>& a, const std::shared_ptr<const Type>& b) {
  if (a == b || !a || !b) return a == b;
  return *a == *b;
}

const Type unknown;

const Type& element_of(const std::shared_ptr<const Type>& element) {
  return element ? *element : unknown;
}

// The deepest nesting of sequences, optionals and maps that text may have.
constexpr int max_depth = 64;

}  // namespace

bool operator==(const SequenceType& a, const SequenceType& b) {
  return equal(a.element, b.element);
}
bool operator==(const OptionalType& a, const OptionalType& b) {
  return equal(a.element, b.element);
}
bool operator==(const MapType& a, const MapType& b) {
  return a.key == b.key && equal(a.value, b.value);
}

Type Type::sequence_of(Type element) {
  return SequenceType{std::make_shared<const Type>(std::move(element))};
}

Type Type::optional_of(Type element) {
  return OptionalType{std::make_shared<const Type>(std::move(element))};
}

Type Type::map_of(DType key, Type value) {
  return MapType{key, std::make_shared<const Type>(std::move(value))};
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ',';
    text += shape[i].to_string();
  }
  return text + ']';
}

std::string to_string(const Type& type) {
  const auto name = [](DType dtype) {
    return dtype == DType::Undefined ? std::string_view("?") : to_string(dtype);
  };
  if (const TensorType* tensor = type.as_tensor()) {
    return fmt::format("{}{}", name(tensor->dtype),
                       tensor->shape ? to_string(*tensor->shape) : "[...]");
  }
  if (const SequenceType* sequence = type.as_sequence()) {
    return fmt::format("seq({})", to_string(element_of(sequence->element)));
  }
  if (const OptionalType* optional = type.as_optional()) {
    return fmt::format("optional({})", to_string(element_of(optional->element)));
  }
  if (const MapType* map = type.as_map()) {
    return fmt::format("map({},{})", name(map->key), to_string(element_of(map->value)));
  }
  return "?";
}

namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  Type whole() {
    Type result = type(0);
    if (!rest_.empty()) fail("nothing more is expected");
    return result;
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw Error(Code::TextSyntax, fmt::format("type `{}`: {} at column {}", escape_control(text_),
                                              problem, text_.size() - rest_.size() + 1));
  }

  bool takes(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  void expect(std::string_view token) {
    if (!takes(token)) fail(fmt::format("`{}` is expected", token));
  }

  DType dtype() {
    if (takes("?")) return DType::Undefined;
    const auto end = std::ranges::find_if_not(
        rest_, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    const std::optional<DType> found = parse_dtype(rest_.substr(0, length));
    if (!found) fail("a dtype is expected");
    rest_.remove_prefix(length);
    return *found;
  }

  Type type(int depth) {
    if (depth > max_depth) fail("nested too deeply");
    if (takes("seq(")) return closed(Type::sequence_of(type(depth + 1)));
    if (takes("optional(")) return closed(Type::optional_of(type(depth + 1)));
    if (takes("map(")) {
      const DType key = dtype();
      expect(",");
      while (takes(" ")) continue;
      return closed(Type::map_of(key, type(depth + 1)));
    }
    if (rest_.starts_with("?") && !rest_.starts_with("?[")) {
      rest_.remove_prefix(1);
      return {};
    }
    const DType element = dtype();
    expect("[");
    if (takes("...]")) return Type::tensor(element);
    return Type::tensor(element, shape());
  }

  Type closed(Type type) {
    expect(")");
    return type;
  }

  Shape shape() {
    Shape dims;
    if (takes("]")) return dims;
    do {
      dims.push_back(take_dim(rest_));
    } while (takes(","));
    expect("]");
    return dims;
  }

  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

Type parse_type(std::string_view text) { return Parser(text).whole(); }

Type least_common_with(const Type& a, const Type& b, const void* context,
                       Dim (*fresh)(const void*)) {
  const auto inside = [&](const std::shared_ptr<const Type>& x,
                          const std::shared_ptr<const Type>& y) {
    return least_common_with(element_of(x), element_of(y), context, fresh);
  };
  if (a.as_sequence() && b.as_sequence()) {
    return Type::sequence_of(inside(a.as_sequence()->element, b.as_sequence()->element));
  }
  if (a.as_optional() && b.as_optional()) {
    return Type::optional_of(inside(a.as_optional()->element, b.as_optional()->element));
  }
  if (a.as_map() && b.as_map()) {
    const DType key = a.as_map()->key == b.as_map()->key ? a.as_map()->key : DType::Undefined;
    return Type::map_of(key, inside(a.as_map()->value, b.as_map()->value));
  }
  const TensorType* left = a.as_tensor();
  const TensorType* right = b.as_tensor();
  if (!left || !right) return {};
  const DType dtype = left->dtype == right->dtype ? left->dtype : DType::Undefined;
  if (!left->shape || !right->shape || left->shape->size() != right->shape->size()) {
    return Type::tensor(dtype);
  }
  Shape shape;
  for (std::size_t i = 0; i < left->shape->size(); ++i) {
    const Dim& dim = (*left->shape)[i];
    shape.push_back(dim == (*right->shape)[i] ? dim : fresh(context));
  }
  return Type::tensor(dtype, std::move(shape));
}

namespace {

[[noreturn]] void disagree(const Type& a, const Type& b) {
  throw Error(Code::TypesDisagree,
              fmt::format("{} and {} contradict each other", to_string(a), to_string(b)));
}

DType refined(DType preferred, DType other, const Type& a, const Type& b) {
  if (preferred == DType::Undefined) return other;
  if (other != DType::Undefined && other != preferred) disagree(a, b);
  return preferred;
}

}  // namespace

Type refine(const Type& preferred, const Type& other) {
  if (preferred.is_unknown()) return other;
  if (other.is_unknown()) return preferred;
  if (preferred.as_sequence() && other.as_sequence()) {
    return Type::sequence_of(refine(element_of(preferred.as_sequence()->element),
                                    element_of(other.as_sequence()->element)));
  }
  if (preferred.as_optional() && other.as_optional()) {
    return Type::optional_of(refine(element_of(preferred.as_optional()->element),
                                    element_of(other.as_optional()->element)));
  }
  if (preferred.as_map() && other.as_map()) {
    return Type::map_of(
        refined(preferred.as_map()->key, other.as_map()->key, preferred, other),
        refine(element_of(preferred.as_map()->value), element_of(other.as_map()->value)));
  }
  const TensorType* left = preferred.as_tensor();
  const TensorType* right = other.as_tensor();
  if (!left || !right) disagree(preferred, other);
  const DType dtype = refined(left->dtype, right->dtype, preferred, other);
  if (!left->shape || !right->shape) {
    return TensorType{dtype, left->shape ? left->shape : right->shape};
  }
  if (left->shape->size() != right->shape->size()) disagree(preferred, other);
  Shape shape = *left->shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const Dim& declared = (*right->shape)[i];
    if (compare(shape[i], declared) == Comparison::Different) disagree(preferred, other);
    if (declared.is_known()) shape[i] = declared;
  }
  return Type::tensor(dtype, std::move(shape));
}

Type with_dims(const Type& type, const std::function<Dim(const Dim&)>& replace) {
  if (const SequenceType* sequence = type.as_sequence()) {
    return Type::sequence_of(with_dims(element_of(sequence->element), replace));
  }
  if (const OptionalType* optional = type.as_optional()) {
    return Type::optional_of(with_dims(element_of(optional->element), replace));
  }
  if (const MapType* map = type.as_map()) {
    return Type::map_of(map->key, with_dims(element_of(map->value), replace));
  }
  const TensorType* tensor = type.as_tensor();
  if (!tensor || !tensor->shape) return type;
  Shape shape;
  for (const Dim& dim : *tensor->shape) shape.push_back(replace(dim));
  return Type::tensor(tensor->dtype, std::move(shape));
}

std::optional<std::vector<std::int64_t>> known_dims(const Shape& shape) {
  std::vector<std::int64_t> dims;
  dims.reserve(shape.size());
  for (const Dim& dim : shape) {
    if (!dim.is_known()) return std::nullopt;
    dims.push_back(dim.value());
  }
  return dims;
}

Shape to_shape(std::span<const std::int64_t> dims) { return {dims.begin(), dims.end()}; }

Dim element_count(const Shape& shape) {
  if (std::ranges::find(shape, Dim(0)) != shape.end()) return 0;
  Dim count = 1;
  for (const Dim& dim : shape) count = count * dim;
  return count;
}

}  // namespace ponte::ir
