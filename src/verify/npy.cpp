#include "verify/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/checked.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/shared/zip.h"

namespace ponte::verify {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint64_t longest_header = 64 << 10;
constexpr std::size_t most_dims = 64;

[[noreturn]] void malformed(const std::string& what) { throw Error(Code::MalformedField, what); }

// What the header says about the data behind it.
struct Header {
  std::string descr;
  bool is_fortran = false;
  std::vector<std::int64_t> shape;
  std::uint64_t size = 0;  // of everything before the data
};

// The header is a literal of a Python dictionary with three known keys; nothing else is taken.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : rest_(text) {}

  Header read() {
    Header header;
    int keys = 0;
    take('{');
    while (!accept('}')) {
      const std::string key = quoted();
      take(':');
      if (key == "descr") {
        if (peek() != '\'' && peek() != '"') refuse_records();
        header.descr = quoted();
      } else if (key == "fortran_order") {
        header.is_fortran = boolean();
      } else if (key == "shape") {
        header.shape = shape();
      } else {
        malformed(fmt::format("the array's header has a key `{}`", escape_control(key, 40)));
      }
      ++keys;
      if (!accept(',')) {
        take('}');
        break;
      }
    }
    if (keys != 3 || !rest_.empty()) malformed("the array's header is not understood");
    return header;
  }

 private:
  char peek() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n'))
      rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool accept(char c) {
    const bool is_next = peek() == c;
    if (is_next) rest_.remove_prefix(1);
    peek();
    return is_next;
  }
  void take(char c) {
    if (!accept(c)) malformed(fmt::format("`{}` is missing in the array's header", c));
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') malformed("a text is missing in the array's header");
    const auto end = rest_.find(quote, 1);
    if (end == std::string_view::npos) malformed("a text has no end in the array's header");
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool boolean() {
    peek();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    malformed("`fortran_order` is no bool");
  }
  std::vector<std::int64_t> shape() {
    std::vector<std::int64_t> dims;
    take('(');
    while (!accept(')')) {
      peek();
      std::int64_t dim = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), dim);
      if (error != std::errc() || dim < 0 || dims.size() == most_dims)
        malformed("the shape in the array's header is not understood");
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      if (rest_.starts_with('L')) rest_.remove_prefix(1);
      dims.push_back(dim);
      if (!accept(',')) {
        take(')');
        break;
      }
    }
    return dims;
  }
  [[noreturn]] static void refuse_records() {
    throw Error(Code::UnknownDtype, "an array of records is not read",
                "save each field as an array of its own");
  }

  std::string_view rest_;
};

Header read_header(const ByteRange& file) {
  const std::string head = file.part(0, std::min<std::uint64_t>(file.size, 12)).read_text();
  if (head.size() < 10 || !head.starts_with(magic)) malformed("this is no NumPy array");
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(head[i]));
  };
  const std::uint64_t version = byte(6);
  if (version < 1 || version > 3)
    throw Error(Code::UnknownFormat, fmt::format("version {} of NumPy's format", version));
  const std::uint64_t start = version == 1 ? 10 : 12;
  std::uint64_t length = byte(8) | byte(9) << 8;
  if (version > 1) {
    if (head.size() < 12) malformed("the array's header is cut short");
    length |= byte(10) << 16 | byte(11) << 24;
  }
  if (length > longest_header)
    malformed(fmt::format("the array's header has {} bytes", grouped(length)));
  const std::string text = file.part(start, length).read_text();
  Header header = HeaderReader(text).read();
  header.size = start + length;
  return header;
}

struct ElementKind {
  char kind;
  int bytes;
  ir::DType dtype;
};

constexpr auto element_kinds = std::to_array<ElementKind>({
    {'f', 2, ir::DType::Float16},
    {'f', 4, ir::DType::Float32},
    {'f', 8, ir::DType::Float64},
    {'i', 1, ir::DType::Int8},
    {'i', 2, ir::DType::Int16},
    {'i', 4, ir::DType::Int32},
    {'i', 8, ir::DType::Int64},
    {'u', 1, ir::DType::Uint8},
    {'u', 2, ir::DType::Uint16},
    {'u', 4, ir::DType::Uint32},
    {'u', 8, ir::DType::Uint64},
    {'b', 1, ir::DType::Bool},
    {'c', 8, ir::DType::Complex64},
    {'c', 16, ir::DType::Complex128},
});

// "<f4" taken apart.
struct Element {
  bool is_big_endian = false;
  std::int64_t size = 0;
  ir::DType dtype = ir::DType::Undefined;
};

Element parse_element(const std::string& descr) {
  Element element;
  const auto refuse = [&]() -> Error {
    return {Code::UnknownDtype,
            fmt::format("an array of `{}` is not read", escape_control(descr, 40)),
            "save numbers or bools; pickled objects are never loaded"};
  };
  if (descr.size() < 3) throw refuse();
  const auto [end, error] =
      std::from_chars(descr.data() + 2, descr.data() + descr.size(), element.size);
  if (error != std::errc() || end != descr.data() + descr.size() || element.size < 0)
    throw refuse();
  element.is_big_endian = descr[0] == '>';
  if (std::string_view("<>|=").find(descr[0]) == std::string_view::npos) throw refuse();
  for (const ElementKind& kind : element_kinds) {
    if (kind.kind != descr[1] || kind.bytes != element.size) continue;
    element.dtype = kind.dtype;
    return element;
  }
  throw refuse();
}

ByteRange with_bytes_swapped(const ByteRange& range, std::int64_t size) {
  std::vector<std::byte> bytes = range.read_all();
  for (auto at = bytes.begin(); at != bytes.end(); at += size) std::reverse(at, at + size);
  return whole(buffer_source(std::move(bytes)));
}

ir::Tensor in_row_major(const ir::Tensor& stored, const std::vector<std::int64_t>& shape) {
  if (shape.size() < 2) return stored;
  std::vector<std::int64_t> reversed(shape.rbegin(), shape.rend());
  std::vector<std::int64_t> permutation;
  for (std::size_t i = shape.size(); i-- > 0;) permutation.push_back(static_cast<std::int64_t>(i));
  return ir::transposed(ir::reshaped(stored, std::move(reversed)), permutation);
}

}  // namespace

ir::Tensor read_npy(const ByteRange& file) {
  const Header header = read_header(file);
  const Element element = parse_element(header.descr);
  const auto count = element_count(header.shape);
  const auto size = count ? checked_mul(*count, element.size) : std::optional<std::int64_t>();
  if (!size) throw Error(Code::DimensionOutOfRange, "the shape of the array is out of range");
  const std::uint64_t left = file.size - header.size;
  if (static_cast<std::uint64_t>(*size) != left) {
    throw Error(Code::TruncatedTensor,
                fmt::format("the array needs {} bytes and has {}", grouped(*size), grouped(left)));
  }
  ByteRange data = file.part(header.size, left);
  if (element.is_big_endian && element.size > 1)
    data =
        with_bytes_swapped(data, ir::is_complex(element.dtype) ? element.size / 2 : element.size);
  const ir::Tensor stored(element.dtype, header.shape, data);
  return header.is_fortran ? in_row_major(stored, header.shape) : stored;
}

std::vector<std::pair<std::string, ir::Tensor>> read_npz(std::shared_ptr<const ByteSource> file) {
  std::vector<std::pair<std::string, ir::Tensor>> arrays;
  const shared::ZipArchive archive(std::move(file));
  for (const shared::ZipEntry& entry : archive.entries()) {
    if (!entry.name.ends_with(".npy")) continue;
    try {
      arrays.emplace_back(entry.name.substr(0, entry.name.size() - 4),
                          read_npy(shared::unpack(entry)));
    } catch (Error& error) {
      error.fill_where({.file = {}, .node = entry.name, .op = {}, .byte = {}});
      throw;
    }
  }
  return arrays;
}

}  // namespace ponte::verify
