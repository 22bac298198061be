#include "ir/tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "ir/narrow_floats.h"

namespace ponte::ir {
namespace {

[[noreturn]] void mismatch(DType dtype, const std::vector<std::int64_t>& shape,
                           const std::string& found) {
  throw Error(
      Code::TensorSizeMismatch,
      fmt::format("{} of shape [{}] can't be {}", to_string(dtype), fmt::join(shape, ", "), found));
}

std::int64_t count_of(const std::vector<std::int64_t>& shape) {
  const auto count = ponte::element_count(shape);
  if (!count) {
    throw Error(Code::DimensionOutOfRange,
                fmt::format("a tensor can't have the shape [{}]", fmt::join(shape, ", ")));
  }
  return *count;
}

class BytesData : public TensorData {
 public:
  explicit BytesData(ByteRange bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size_bytes() const override { return bytes_.size; }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > bytes_.size || out.size() > bytes_.size - offset) {
      throw Error(Code::TruncatedTensor,
                  fmt::format("{} bytes at {} of a tensor of {} bytes", grouped(out.size()),
                              grouped(offset), grouped(bytes_.size)));
    }
    if (!out.empty()) bytes_.read(offset, out);
  }
  std::optional<ByteRange> range() const override { return bytes_; }

 private:
  ByteRange bytes_;
};

class StringsData : public TensorData {
 public:
  explicit StringsData(std::vector<std::string> strings) : strings_(std::move(strings)) {}
  std::uint64_t size_bytes() const override { return 0; }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    PONTE_CHECK(offset == 0 && out.empty());
  }
  const std::vector<std::string>* strings() const override { return &strings_; }

 private:
  std::vector<std::string> strings_;
};

template <typename T>
Tensor owned(DType dtype, std::vector<std::int64_t> shape, std::span<const T> values) {
  const auto bytes = std::as_bytes(values);
  return Tensor(dtype, std::move(shape),
                whole(buffer_source(std::vector<std::byte>(bytes.begin(), bytes.end()))));
}

[[noreturn]] void not_numbers(DType dtype) {
  throw Error(
      Code::InvalidInputType,
      fmt::format("{} elements are not numbers of the kind that is needed", to_string(dtype)));
}

// The dtype, the shape and the elements one behind the other, unused bits of the last byte cleared.
class HashedTensor : public ByteSource {
 public:
  HashedTensor(const Tensor& tensor, std::string header)
      : tensor_(tensor), header_(std::move(header)) {
    const auto bits = static_cast<std::uint64_t>(info(tensor.dtype()).bits);
    used_bits_ = static_cast<std::uint64_t>(tensor.count()) % 8 * bits % 8;
  }
  std::uint64_t size() const override { return header_.size() + tensor_.size_bytes(); }
  std::string describe() const override { return "tensor"; }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset < header_.size()) {
      const auto part = std::min<std::size_t>(out.size(), header_.size() - offset);
      std::memcpy(out.data(), header_.data() + offset, part);
      out = out.subspan(part);
      offset += part;
    }
    if (out.empty()) return;
    offset -= header_.size();
    tensor_.read(offset, out);
    if (used_bits_ != 0 && offset + out.size() == tensor_.size_bytes()) {
      out.back() &= static_cast<std::byte>((1U << used_bits_) - 1);
    }
  }

 private:
  const Tensor& tensor_;
  std::string header_;
  std::uint64_t used_bits_;
};

}  // namespace

Tensor::Tensor(DType dtype, std::vector<std::int64_t> shape, ByteRange bytes)
    : Tensor(dtype, std::move(shape), std::make_shared<const BytesData>(std::move(bytes))) {}

Tensor::Tensor(DType dtype, std::vector<std::int64_t> shape, std::shared_ptr<const TensorData> data)
    : dtype_(dtype), shape_(std::move(shape)), count_(count_of(shape_)), data_(std::move(data)) {
  const std::vector<std::string>* strings = data_->strings();
  if (dtype_ == DType::String) {
    if (!strings) mismatch(dtype_, shape_, "made of bytes");
    if (strings->size() != static_cast<std::size_t>(count_)) {
      mismatch(dtype_, shape_, "made of " + counted(strings->size(), "string", "strings"));
    }
    return;
  }
  if (strings || byte_size(dtype_, count_) != data_->size_bytes()) {
    mismatch(dtype_, shape_, fmt::format("made of {} bytes", grouped(data_->size_bytes())));
  }
}

Tensor Tensor::of_strings(std::vector<std::int64_t> shape, std::vector<std::string> strings) {
  return Tensor(DType::String, std::move(shape),
                std::make_shared<const StringsData>(std::move(strings)));
}

Tensor Tensor::f32(std::vector<std::int64_t> shape, std::span<const float> values) {
  return owned(DType::Float32, std::move(shape), values);
}

Tensor Tensor::i64(std::vector<std::int64_t> shape, std::span<const std::int64_t> values) {
  return owned(DType::Int64, std::move(shape), values);
}

Tensor Tensor::scalar_f32(float value) { return f32({}, {&value, 1}); }
Tensor Tensor::scalar_i64(std::int64_t value) { return i64({}, {&value, 1}); }
Tensor Tensor::vector_i64(std::span<const std::int64_t> values) {
  return i64({static_cast<std::int64_t>(values.size())}, values);
}

std::vector<std::byte> Tensor::read_all() const {
  std::vector<std::byte> bytes(size_bytes());
  read(0, bytes);
  return bytes;
}

std::vector<std::int64_t> Tensor::to_i64() const {
  if (!is_integer(dtype_) && dtype_ != DType::Bool) not_numbers(dtype_);
  const std::vector<std::byte> bytes = read_all();
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count_));
  load_i64(dtype_, bytes, numbers);
  return numbers;
}

std::vector<double> Tensor::to_f64() const {
  if (!is_integer(dtype_) && !is_float(dtype_) && dtype_ != DType::Bool) not_numbers(dtype_);
  const std::vector<std::byte> bytes = read_all();
  std::vector<double> numbers(static_cast<std::size_t>(count_));
  load_f64(dtype_, bytes, numbers);
  return numbers;
}

const std::vector<std::string>& Tensor::strings() const {
  PONTE_CHECK(dtype_ == DType::String);
  return *data_->strings();
}

std::string content_hash(const Tensor& tensor) {
  std::string header =
      fmt::format("{}[{}]", to_string(tensor.dtype()), fmt::join(tensor.shape(), ","));
  if (tensor.dtype() != DType::String) return ponte::content_hash(HashedTensor(tensor, header));
  for (const std::string& text : tensor.strings())
    header += fmt::format("{}:{}", text.size(), text);
  return ponte::content_hash(std::string_view(header));
}

}  // namespace ponte::ir
