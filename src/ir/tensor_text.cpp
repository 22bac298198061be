#include "ir/tensor_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "ir/literal.h"
#include "ir/quoted.h"

namespace ponte::ir {
namespace {

constexpr std::int64_t inline_limit = 64;
constexpr std::int64_t inline_whole_limit = 1024;

// Elements of which a text says nothing but their hash.
class ElidedData : public TensorData {
 public:
  ElidedData(std::uint64_t size_bytes, std::string hash)
      : size_bytes_(size_bytes), hash_(std::move(hash)) {}
  std::uint64_t size_bytes() const override { return size_bytes_; }
  void read(std::uint64_t, std::span<std::byte>) const override {
    throw Error(Code::MissingWeights,
                fmt::format("the text has the hash {} of a tensor instead of its elements", hash_),
                "read the model that the text was made from");
  }
  const std::string& hash() const { return hash_; }

 private:
  std::uint64_t size_bytes_;
  std::string hash_;
};

const ElidedData* elided_data(const Tensor& tensor) {
  return dynamic_cast<const ElidedData*>(tensor.data().get());
}

bool is_inline(const Tensor& tensor) {
  if (elided_data(tensor)) return false;
  const bool is_whole = is_integer(tensor.dtype()) || tensor.dtype() == DType::Bool;
  return tensor.dtype() == DType::String ||
         tensor.count() <= (is_whole ? inline_whole_limit : inline_limit);
}

// A narrower float is one of f32's numbers, which has the shorter text.
std::vector<std::string> float_texts(const Tensor& tensor) {
  std::vector<std::string> texts;
  for (const double value : tensor.to_f64()) {
    texts.push_back(tensor.dtype() == DType::Float64
                        ? fmt::format("{}", value)
                        : fmt::format("{}", static_cast<float>(value)));
  }
  return texts;
}

template <typename T>
std::vector<T> elements_as(const Tensor& tensor) {
  const std::vector<std::byte> bytes = tensor.read_all();
  std::vector<T> elements(bytes.size() / sizeof(T));
  std::memcpy(elements.data(), bytes.data(), elements.size() * sizeof(T));
  return elements;
}

template <typename T>
std::vector<std::string> complex_texts(const Tensor& tensor) {
  const std::vector<T> parts = elements_as<T>(tensor);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
    texts.push_back(fmt::format("{}{:+}i", parts[i], parts[i + 1]));
  return texts;
}

std::vector<std::string> element_texts(const Tensor& tensor) {
  std::vector<std::string> texts;
  switch (info(tensor.dtype()).kind) {
    case DTypeClass::Float:
      return float_texts(tensor);
    case DTypeClass::Complex:
      return tensor.dtype() == DType::Complex64 ? complex_texts<float>(tensor)
                                                : complex_texts<double>(tensor);
    case DTypeClass::String:
      for (const std::string& text : tensor.strings()) texts.push_back(quoted_text(text));
      return texts;
    case DTypeClass::Bool:
      for (const std::int64_t value : tensor.to_i64())
        texts.emplace_back(value != 0 ? "true" : "false");
      return texts;
    default:
      break;
  }
  if (tensor.dtype() == DType::Uint64) {
    for (const std::uint64_t value : elements_as<std::uint64_t>(tensor))
      texts.push_back(fmt::format("{}", value));
    return texts;
  }
  for (const std::int64_t value : tensor.to_i64()) texts.push_back(fmt::format("{}", value));
  return texts;
}

// Elements in nested brackets; `next` runs over them.
void append_nested(std::string& out, std::span<const std::int64_t> shape,
                   std::vector<std::string>::const_iterator& next) {
  if (shape.empty()) {
    out += *next++;
    return;
  }
  out += '[';
  const bool is_empty = std::ranges::find(shape, 0) != shape.end();
  // Lists that hold nothing are not repeated a million times: the type has their number.
  const std::int64_t shown = is_empty ? 0 : shape[0];
  for (std::int64_t i = 0; i < shown; ++i) {
    if (i > 0) out += ", ";
    append_nested(out, shape.subspan(1), next);
  }
  out += ']';
}

}  // namespace

std::string float_text(float value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

std::string elements_text(const Tensor& tensor) {
  if (const ElidedData* data = elided_data(tensor)) return "elided " + data->hash();
  if (!is_inline(tensor)) return "elided " + content_hash(tensor);
  std::string text;
  const std::vector<std::string> elements = element_texts(tensor);
  auto next = elements.begin();
  append_nested(text, tensor.shape(), next);
  return text;
}

namespace {

Tensor elided(TextCursor& cursor, DType dtype, const std::vector<std::int64_t>& shape) {
  const std::size_t position = cursor.position();
  const std::string hash = cursor.word();
  if (hash.size() != 32 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
    cursor.fail_at(position, "a hash of 32 hexadecimal digits is expected");
  const auto count = ponte::element_count(shape);
  const auto size = count ? byte_size(dtype, *count) : std::nullopt;
  if (!size) cursor.fail_at(position, "no tensor of this type can be elided");
  return Tensor(dtype, shape, std::make_shared<const ElidedData>(*size, hash));
}

}  // namespace

Tensor take_tensor(TextCursor& cursor, const TensorType& type) {
  const std::size_t position = cursor.position();
  const auto shape = type.shape ? known_dims(*type.shape) : std::nullopt;
  if (!shape || type.dtype == DType::Undefined)
    cursor.fail("the type of a tensor needs a dtype and numbers for its dims");
  if (cursor.takes_word("elided")) return elided(cursor, type.dtype, *shape);
  const Literal literal = take_literal(cursor);
  const bool is_empty = std::ranges::find(*shape, 0) != shape->end();
  if (is_empty && literal.kind == Literal::Kind::List && literal.items.empty()) {
    if (type.dtype == DType::String) return Tensor::of_strings(*shape, {});
    return Tensor(type.dtype, *shape, whole(buffer_source(std::vector<std::byte>{})));
  }
  Tensor tensor = to_tensor(cursor, type, literal);
  if (tensor.shape() != *shape)
    cursor.fail_at(position, "the elements do not have the shape of the type");
  return tensor;
}

}  // namespace ponte::ir
