// Constant tensors: bytes shared with their source, or lazy expressions over other tensors; never
// copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "ir/dtype.h"

namespace ponte::ir {

// The packed little-endian bytes of a tensor's elements in row-major order, readable in chunks from
// any thread.
class TensorData {
 public:
  virtual ~TensorData() = default;
  virtual std::uint64_t size_bytes() const = 0;  // 0 for strings
  // Throws TruncatedTensor past the end.
  virtual void read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  // Where the bytes stand as they are, for sharing and copy_file_range; none for an expression.
  virtual std::optional<ByteRange> range() const { return std::nullopt; }
  // A tensor of strings has these instead of bytes.
  virtual const std::vector<std::string>* strings() const { return nullptr; }
};

// An immutable constant. Copying copies a reference. The size of the data always fits dtype and
// shape.
class Tensor {
 public:
  Tensor() : Tensor(DType::Float32, {0}, ByteRange{}) {}
  // Throws TensorSizeMismatch when the data's size is not that of dtype and shape,
  // DimensionOutOfRange for a bad shape.
  Tensor(DType dtype, std::vector<std::int64_t> shape, ByteRange bytes);
  Tensor(DType dtype, std::vector<std::int64_t> shape, std::shared_ptr<const TensorData> data);
  static Tensor of_strings(std::vector<std::int64_t> shape, std::vector<std::string> strings);
  // Owned little tensors; T is the C++ type of the dtype (float, double, std::int64_t,
  // std::int32_t, std::uint8_t, ...).
  static Tensor f32(std::vector<std::int64_t> shape, std::span<const float> values);
  static Tensor i64(std::vector<std::int64_t> shape, std::span<const std::int64_t> values);
  static Tensor scalar_f32(float value);
  static Tensor scalar_i64(std::int64_t value);
  static Tensor vector_i64(std::span<const std::int64_t> values);

  DType dtype() const { return dtype_; }
  const std::vector<std::int64_t>& shape() const { return shape_; }
  std::int64_t count() const { return count_; }
  std::uint64_t size_bytes() const { return data_->size_bytes(); }
  const std::shared_ptr<const TensorData>& data() const { return data_; }
  void read(std::uint64_t offset, std::span<std::byte> out) const { data_->read(offset, out); }
  std::vector<std::byte> read_all() const;
  // The elements converted to the wide type; for small integer, bool and float tensors.
  std::vector<std::int64_t> to_i64() const;  // throws InvalidInputType for float and string dtypes
  std::vector<double> to_f64() const;        // any float or integer dtype, exactly rounded
  const std::vector<std::string>& strings() const;  // only for DType::String

 private:
  DType dtype_;
  std::vector<std::int64_t> shape_;
  std::int64_t count_;
  std::shared_ptr<const TensorData> data_;
};

// Lazy expressions. Each reads its operands in pieces and needs at most 16 MiB of scratch. An axis
// lies in [-rank, rank - 1]. They throw InvalidAxis, ShapeMismatch, InvalidInputType or, for a
// slice, IndexOutOfRange when the arguments do not fit the tensor. Strings are copied.
Tensor reshaped(const Tensor& tensor, std::vector<std::int64_t> shape);
Tensor transposed(const Tensor& tensor, std::span<const std::int64_t> permutation);
// Integer, bool and float dtypes, as ONNX's Cast by default: rounds to nearest, f8 saturates.
Tensor cast(const Tensor& tensor, DType dtype);
Tensor sliced(const Tensor& tensor, std::int64_t axis, std::int64_t begin, std::int64_t end);
Tensor concatenated(std::span<const Tensor> tensors, std::int64_t axis);
// (q - zero_point) * scale as f32; scale and zero_point are scalars or vectors along `axis`; no
// zero point means 0.
Tensor dequantized(const Tensor& q, const Tensor& scale, const std::optional<Tensor>& zero_point,
                   std::int64_t axis);

// 128-bit hash of dtype, shape and elements as 32 hexadecimal digits.
std::string content_hash(const Tensor& tensor);

}  // namespace ponte::ir
