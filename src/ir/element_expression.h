// What the lazy tensor expressions share: reading at any byte, and operands by element.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "ir/narrow_floats.h"
#include "ir/tensor.h"

namespace ponte::ir {

// Tensor data that is computed by element; reading at any byte offset is made from that.
class ElementExpression : public TensorData {
 public:
  ElementExpression(DType dtype, std::int64_t count);
  std::uint64_t size_bytes() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> out) const override;

 protected:
  // The most cells, in bytes, that are computed at once; their packed form may be smaller.
  static constexpr std::uint64_t block_cells = std::uint64_t{8} << 20;
  std::uint64_t block_bytes() const;

  // Packed elements [first, first + count), block_bytes() of them at most; `first` begins a byte.
  virtual void read_elements(std::int64_t first, std::int64_t count,
                             std::span<std::byte> packed) const = 0;

  DType dtype() const { return dtype_; }
  std::int64_t count() const { return count_; }

 private:
  void read_block(std::uint64_t offset, std::span<std::byte> out) const;

  DType dtype_;
  std::int64_t count_;
  std::uint64_t size_;
};

// Computes whole blocks for readers that come in small steps one behind the other, for expressions
// that are cheap only in big pieces. A block is kept only until it was read to its end.
class BlockwiseExpression : public ElementExpression {
 public:
  using ElementExpression::ElementExpression;
  void read(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  mutable std::mutex mutex_;
  mutable std::vector<std::byte> block_;
  mutable std::uint64_t block_begin_ = 0;
  mutable std::uint64_t next_ = 0;  // where the last reader stopped
};

// Width in bytes of an element that is not packed: those below a byte take one.
std::size_t cell_width(DType dtype);

// A tensor's elements, read from any element on.
class Operand {
 public:
  explicit Operand(const Tensor& tensor) : Operand(tensor.dtype(), tensor.data()) {}
  Operand(DType dtype, std::shared_ptr<const TensorData> data)
      : dtype_(dtype), data_(std::move(data)) {}

  DType dtype() const { return dtype_; }
  const std::shared_ptr<const TensorData>& data() const { return data_; }
  // One element into each cell.
  void read_cells(std::int64_t first, std::int64_t count, std::span<std::byte> cells) const;
  void load(std::int64_t first, std::span<double> out) const;
  void load(std::int64_t first, std::span<float> out) const;
  void load(std::int64_t first, std::span<std::int64_t> out) const;
  void load(std::int64_t first, std::span<std::uint64_t> out) const;

 private:
  DType dtype_;
  std::shared_ptr<const TensorData> data_;
};

}  // namespace ponte::ir
