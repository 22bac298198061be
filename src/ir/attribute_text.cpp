#include "ir/attribute_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "ir/literal.h"
#include "ir/quoted.h"
#include "ir/tensor_text.h"

namespace ponte::ir {
namespace {

std::string tensor_text(const Tensor& tensor) {
  return fmt::format("{} {}", to_string(Type::tensor(tensor.dtype(), to_shape(tensor.shape()))),
                     elements_text(tensor));
}

std::string sparse_text(const SparseTensor& sparse) {
  return fmt::format("sparse [{}] {} {}", fmt::join(sparse.shape, ", "), tensor_text(sparse.values),
                     tensor_text(sparse.indices));
}

template <typename T, typename ToText>
std::string list_text(std::string_view empty_prefix, const std::vector<T>& items,
                      const ToText& to_text) {
  std::string text(items.empty() ? empty_prefix : "");
  text += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ", ";
    text += to_text(items[i]);
  }
  return text + ']';
}

struct AttributePrinter {
  const TypeChange& change;

  static std::string one(std::int64_t value) { return std::to_string(value); }

  std::string operator()(float value) const { return float_text(value); }
  std::string operator()(std::int64_t value) const { return one(value); }
  std::string operator()(const std::string& value) const { return quoted_text(value); }
  std::string operator()(const Tensor& value) const { return tensor_text(value); }
  std::string operator()(const SparseTensor& value) const { return sparse_text(value); }
  std::string operator()(const Type& value) const { return "type " + to_string(change(value)); }
  std::string operator()(const std::vector<float>& values) const {
    return list_text("floats ", values, float_text);
  }
  std::string operator()(const std::vector<std::int64_t>& values) const {
    return list_text("ints ", values, one);
  }
  std::string operator()(const std::vector<std::string>& values) const {
    return list_text("strings ", values, quoted_text);
  }
  std::string operator()(const std::vector<Tensor>& values) const {
    return "tensors " + list_text("", values, tensor_text);
  }
  std::string operator()(const std::vector<SparseTensor>& values) const {
    return "sparse_tensors " + list_text("", values, sparse_text);
  }
  std::string operator()(const std::vector<Type>& values) const {
    return "types " +
           list_text("", values, [this](const Type& type) { return to_string(change(type)); });
  }
  std::string operator()(const AttributeReference& reference) const {
    return fmt::format("attribute {}: {}", name_text(reference.name), to_string(reference.kind));
  }
};

AttributeKind take_kind(TextCursor& cursor) {
  const std::string word = cursor.word();
  for (int i = 0; i <= static_cast<int>(AttributeKind::Types); ++i) {
    if (to_string(static_cast<AttributeKind>(i)) == word) return static_cast<AttributeKind>(i);
  }
  cursor.fail(fmt::format("`{}` is no kind of attribute", word));
}

TensorType take_tensor_type(TextCursor& cursor) {
  const Type type = cursor.type();
  if (!type.as_tensor()) cursor.fail("the type of a tensor is expected before this");
  return *type.as_tensor();
}

Tensor take_typed_tensor(TextCursor& cursor) {
  const TensorType type = take_tensor_type(cursor);
  return take_tensor(cursor, type);
}

template <typename T, typename Take>
std::vector<T> take_list(TextCursor& cursor, const Take& take) {
  std::vector<T> items;
  cursor.expect("[");
  while (!cursor.takes("]")) {
    items.push_back(take());
    if (cursor.peek() != ']') cursor.expect(",");
  }
  return items;
}

template <typename T, typename Convert>
std::vector<T> all_of(const TextCursor& cursor, const Literal& literal, const Convert& convert) {
  if (literal.kind != Literal::Kind::List) cursor.fail_at(literal.position, "a list is expected");
  std::vector<T> items;
  for (const Literal& item : literal.items) items.push_back(convert(cursor, item));
  return items;
}

SparseTensor take_sparse(TextCursor& cursor) {
  SparseTensor sparse;
  const Literal shape = take_literal(cursor);
  sparse.shape = all_of<std::int64_t>(cursor, shape, to_integer);
  sparse.values = take_typed_tensor(cursor);
  sparse.indices = take_typed_tensor(cursor);
  return sparse;
}

// The kind that a literal has by itself.
AttributeKind own_kind(const Literal& literal) {
  using enum AttributeKind;
  if (literal.kind == Literal::Kind::Text) return String;
  if (literal.kind != Literal::Kind::List) return is_integer(literal) ? Int : Float;
  const auto& items = literal.items;
  if (!items.empty() && items[0].kind == Literal::Kind::Text) return Strings;
  return std::ranges::all_of(items, [](const Literal& item) { return is_integer(item); }) ? Ints
                                                                                          : Floats;
}

Attribute of_kind(const TextCursor& cursor, const Literal& literal, AttributeKind kind) {
  switch (kind) {
    case AttributeKind::Float:
      return to_float(cursor, literal);
    case AttributeKind::Int:
      return to_integer(cursor, literal);
    case AttributeKind::String:
      return to_text(cursor, literal);
    case AttributeKind::Floats:
      return all_of<float>(cursor, literal, to_float);
    case AttributeKind::Ints:
      return all_of<std::int64_t>(cursor, literal, to_integer);
    case AttributeKind::Strings:
      return all_of<std::string>(cursor, literal, to_text);
    default:
      cursor.fail_at(literal.position,
                     fmt::format("an attribute of kind {} is expected", to_string(kind)));
  }
}

}  // namespace

std::string attribute_text(const Attribute& attribute, const TypeChange& change) {
  return std::visit(AttributePrinter{change}, attribute);
}

Attribute take_attribute(TextCursor& cursor, AttributeKind expected, const TypeChange& change) {
  const auto sparse = [&] {
    cursor.expect_word("sparse");
    return take_sparse(cursor);
  };
  if (cursor.takes_word("attribute")) {
    AttributeReference reference{cursor.name()};
    cursor.expect(":");
    reference.kind = take_kind(cursor);
    return reference;
  }
  if (cursor.takes_word("type")) return change(cursor.type());
  if (cursor.takes_word("types"))
    return take_list<Type>(cursor, [&] { return change(cursor.type()); });
  if (cursor.takes_word("tensors"))
    return take_list<Tensor>(cursor, [&] { return take_typed_tensor(cursor); });
  if (cursor.peeks_word("sparse")) return sparse();
  if (cursor.takes_word("sparse_tensors")) return take_list<SparseTensor>(cursor, sparse);
  for (const auto kind : {AttributeKind::Ints, AttributeKind::Floats, AttributeKind::Strings}) {
    if (cursor.takes_word(to_string(kind))) return of_kind(cursor, take_literal(cursor), kind);
  }
  if (cursor.is_type_next()) return take_typed_tensor(cursor);
  const Literal literal = take_literal(cursor);
  return of_kind(cursor, literal,
                 expected == AttributeKind::Undefined ? own_kind(literal) : expected);
}

namespace {

AttributeKind expected_kind(const Op* op, std::string_view attribute) {
  if (!op) return AttributeKind::Undefined;
  const auto spec = std::ranges::find(op->attributes, attribute, &AttributeSpec::name);
  return spec == op->attributes.end() ? AttributeKind::Undefined : spec->kind;
}

}  // namespace

Attributes take_attributes(TextCursor& cursor, const Op* op, const TypeChange& change,
                           const std::function<bool(const std::string& name)>& take_subgraph) {
  Attributes attributes;
  if (!cursor.takes("{")) return attributes;
  while (!cursor.takes("}")) {
    const std::size_t position = cursor.position();
    std::string name = cursor.name();
    cursor.expect("=");
    if (attributes.contains(name))
      cursor.fail_at(position, fmt::format("the attribute `{}` stands here twice", name));
    if (!take_subgraph(name)) {
      Attribute attribute = take_attribute(cursor, expected_kind(op, name), change);
      attributes.emplace(std::move(name), std::move(attribute));
    }
    if (cursor.peek() != '}') cursor.expect(",");
  }
  return attributes;
}

}  // namespace ponte::ir
