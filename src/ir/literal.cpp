#include "ir/literal.h"

#include <fmt/format.h>

#include <charconv>
#include <complex>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "ir/narrow_floats.h"

namespace ponte::ir {

Literal take_literal(TextCursor& cursor) {
  const TextCursor::Depth depth(cursor);
  Literal result;
  result.position = cursor.position();
  const char first = cursor.peek();
  if (first == '[' || first == '(') {
    cursor.expect(first == '[' ? "[" : "(");
    result.kind = first == '[' ? Literal::Kind::List : Literal::Kind::Sequence;
    const std::string_view end = first == '[' ? "]" : ")";
    while (!cursor.takes(end)) {
      result.items.push_back(take_literal(cursor));
      if (cursor.peek() != end[0]) cursor.expect(",");
    }
  } else if (first == '"') {
    result.kind = Literal::Kind::Text;
    result.text = cursor.quoted();
  } else {
    result.text = cursor.word();
  }
  return result;
}

namespace {

[[noreturn]] void no(const TextCursor& cursor, const Literal& literal, std::string_view what) {
  cursor.fail_at(literal.position, literal.text.empty()
                                       ? fmt::format("{} is expected", what)
                                       : fmt::format("`{}` is not {}", literal.text, what));
}

template <typename T>
bool parses(const std::string& text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

template <typename T>
T to_whole(const TextCursor& cursor, const Literal& literal) {
  T result{};
  if (literal.is_word("true") || literal.is_word("false")) return literal.is_word("true") ? 1 : 0;
  if (literal.kind == Literal::Kind::Word) {
    if (const auto dtype = parse_dtype(literal.text)) return static_cast<T>(*dtype);
    if (parses(literal.text, result)) return result;
  }
  no(cursor, literal, "an integer in range");
}

// strtod and strtof round correctly, and take what is too small or too large for 0 and inf.
template <typename T>
T to_number(const TextCursor& cursor, const Literal& literal, T (*parse)(const char*, char**)) {
  if (literal.is_word("true") || literal.is_word("false")) return literal.is_word("true") ? 1 : 0;
  char* end = nullptr;
  const T result = parse(literal.text.c_str(), &end);
  if (literal.kind != Literal::Kind::Word || end == literal.text.c_str() || *end != '\0') {
    no(cursor, literal, "a number");
  }
  return result;
}

// "1.5-2i"
std::complex<double> to_complex(const TextCursor& cursor, const Literal& literal) {
  char* end = nullptr;
  const double real = std::strtod(literal.text.c_str(), &end);
  if (literal.kind != Literal::Kind::Word || end == literal.text.c_str()) {
    no(cursor, literal, "a number");
  }
  if (*end == '\0') return {real, 0};
  const char* const start = end;
  const double imaginary = std::strtod(start, &end);
  if (end == start || std::string_view(end) != "i") no(cursor, literal, "a complex number");
  return {real, imaginary};
}

using Scalars = std::vector<const Literal*>;

void collect(const TextCursor& cursor, const Literal& literal, std::vector<std::int64_t>& shape,
             std::size_t depth, Scalars& scalars) {
  if (literal.kind != Literal::Kind::List) {
    if (depth != shape.size()) cursor.fail_at(literal.position, "the lists are not rectangular");
    scalars.push_back(&literal);
    return;
  }
  const auto size = static_cast<std::int64_t>(literal.items.size());
  if (depth == shape.size() && scalars.empty()) shape.push_back(size);
  if (depth >= shape.size() || shape[depth] != size) {
    cursor.fail_at(literal.position, "the lists are not rectangular");
  }
  for (const Literal& item : literal.items) collect(cursor, item, shape, depth + 1, scalars);
}

template <typename T, typename Convert>
std::vector<T> converted(const Scalars& scalars, const Convert& convert) {
  std::vector<T> values;
  values.reserve(scalars.size());
  for (const Literal* scalar : scalars) values.push_back(static_cast<T>(convert(*scalar)));
  return values;
}

template <typename T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> packed_integers(const TextCursor& cursor, DType dtype,
                                       const Scalars& scalars) {
  std::vector<std::byte> bytes(*byte_size(dtype, static_cast<std::int64_t>(scalars.size())));
  if (dtype == DType::Uint64) {
    store_u64(dtype,
              converted<std::uint64_t>(
                  scalars,
                  [&](const Literal& scalar) { return to_whole<std::uint64_t>(cursor, scalar); }),
              bytes);
    return bytes;
  }
  const Range limits = range(dtype);
  store_i64(dtype,
            converted<std::int64_t>(
                scalars,
                [&](const Literal& scalar) {
                  const auto value = to_whole<std::int64_t>(cursor, scalar);
                  const bool fits = dtype == DType::Int64 || dtype == DType::Bool ||
                                    (static_cast<double>(value) >= limits.lowest &&
                                     static_cast<double>(value) <= limits.highest);
                  if (!fits)
                    no(cursor, scalar, fmt::format("in the range of {}", to_string(dtype)));
                  return value;
                }),
            bytes);
  return bytes;
}

std::vector<std::byte> packed(const TextCursor& cursor, DType dtype, const Scalars& scalars) {
  const auto complex = [&](const Literal& scalar) { return to_complex(cursor, scalar); };
  if (dtype == DType::Float32) {
    return bytes_of(
        converted<float>(scalars, [&](const Literal& scalar) { return to_float(cursor, scalar); }));
  }
  if (dtype == DType::Complex64) return bytes_of(converted<std::complex<float>>(scalars, complex));
  if (dtype == DType::Complex128)
    return bytes_of(converted<std::complex<double>>(scalars, complex));
  if (!is_float(dtype)) return packed_integers(cursor, dtype, scalars);
  std::vector<std::byte> bytes(*byte_size(dtype, static_cast<std::int64_t>(scalars.size())));
  store_f64(
      dtype,
      converted<double>(scalars, [&](const Literal& scalar) { return to_real(cursor, scalar); }),
      bytes);
  return bytes;
}

}  // namespace

double to_real(const TextCursor& cursor, const Literal& literal) {
  return to_number<double>(cursor, literal, std::strtod);
}

float to_float(const TextCursor& cursor, const Literal& literal) {
  return to_number<float>(cursor, literal, std::strtof);
}

std::int64_t to_integer(const TextCursor& cursor, const Literal& literal) {
  return to_whole<std::int64_t>(cursor, literal);
}

std::string to_text(const TextCursor& cursor, const Literal& literal) {
  if (literal.kind != Literal::Kind::Text) no(cursor, literal, "a text in double quotes");
  return literal.text;
}

bool is_integer(const Literal& literal) {
  std::int64_t ignored = 0;
  return literal.kind == Literal::Kind::Word &&
         (literal.is_word("true") || literal.is_word("false") || parse_dtype(literal.text) ||
          parses(literal.text, ignored));
}

Tensor to_tensor(const TextCursor& cursor, const TensorType& type, const Literal& literal) {
  if (type.dtype == DType::Undefined) cursor.fail_at(literal.position, "the dtype is not declared");
  std::vector<std::int64_t> shape;
  Scalars scalars;
  collect(cursor, literal, shape, 0, scalars);
  if (scalars.empty() && type.shape) {
    for (std::size_t i = shape.size(); i < type.shape->size(); ++i) {
      shape.push_back((*type.shape)[i].known().value_or(0));
    }
  }
  if (type.dtype == DType::String) {
    return Tensor::of_strings(shape, converted<std::string>(scalars, [&](const Literal& scalar) {
                                return to_text(cursor, scalar);
                              }));
  }
  return Tensor(type.dtype, shape, whole(buffer_source(packed(cursor, type.dtype, scalars))));
}

}  // namespace ponte::ir
