#include "ir/element_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "ir/packed_bits.h"

namespace ponte::ir {
namespace {

constexpr std::int64_t load_piece = 8192;  // a multiple of every bit group

template <typename T, typename Load>
void load_pieces(const Operand& operand, std::int64_t first, std::span<T> out,
                 const Load& convert) {
  const DType dtype = operand.dtype();
  const BitGroup group = bit_group(info(dtype).bits);
  std::vector<std::byte> packed;
  std::array<T, 4> head;
  while (!out.empty()) {
    const std::int64_t skipped = first % group.elements;
    const std::int64_t begin = first - skipped;
    // An element in the middle of a group comes with those before it.
    const std::int64_t wanted = skipped > 0 ? group.elements - skipped : load_piece;
    const std::int64_t count = std::min(wanted, static_cast<std::int64_t>(out.size()));
    packed.resize(*byte_size(dtype, skipped + count));
    const auto offset = static_cast<std::uint64_t>(begin / group.elements) * group.bytes;
    operand.data()->read(offset, packed);
    const auto part = out.first(static_cast<std::size_t>(count));
    if (skipped > 0) {
      convert(packed, std::span(head).first(static_cast<std::size_t>(skipped + count)));
      std::copy_n(head.begin() + skipped, count, part.begin());
    } else {
      convert(packed, part);
    }
    out = out.subspan(part.size());
    first += count;
  }
}

}  // namespace

ElementExpression::ElementExpression(DType dtype, std::int64_t count)
    : dtype_(dtype), count_(count), size_(0) {
  const auto size = byte_size(dtype, count);
  PONTE_CHECK(size.has_value());
  size_ = *size;
}

std::uint64_t ElementExpression::block_bytes() const {
  return block_cells / 8 * static_cast<std::uint64_t>(std::min(info(dtype_).bits, 8));
}

void ElementExpression::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset > size_ || out.size() > size_ - offset) {
    throw Error(Code::TruncatedTensor,
                fmt::format("{} bytes at {} of a tensor of {} bytes", grouped(out.size()),
                            grouped(offset), grouped(size_)));
  }
  while (!out.empty()) {
    const auto piece = out.first(std::min<std::uint64_t>(out.size(), block_bytes()));
    read_block(offset, piece);
    offset += piece.size();
    out = out.subspan(piece.size());
  }
}

void ElementExpression::read_block(std::uint64_t offset, std::span<std::byte> out) const {
  const BitGroup group = bit_group(info(dtype_).bits);
  std::array<std::byte, 16> single;
  while (!out.empty()) {
    const std::uint64_t index = offset / group.bytes;
    const std::uint64_t skipped = offset % group.bytes;
    const auto first = static_cast<std::int64_t>(index) * group.elements;
    const std::uint64_t groups = out.size() / group.bytes;
    std::uint64_t taken = 0;
    if (skipped == 0 && groups > 0) {
      const std::int64_t available =
          std::min(static_cast<std::int64_t>(groups) * group.elements, count_ - first);
      taken = *byte_size(dtype_, available);
      read_elements(first, available, out.first(taken));
    } else {
      const std::int64_t available = std::min(group.elements, count_ - first);
      const auto whole = std::span(single).first(*byte_size(dtype_, available));
      read_elements(first, available, whole);
      taken = std::min<std::uint64_t>(whole.size() - skipped, out.size());
      std::memcpy(out.data(), whole.data() + skipped, taken);
    }
    offset += taken;
    out = out.subspan(taken);
  }
}

void BlockwiseExpression::read(std::uint64_t offset, std::span<std::byte> out) const {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || out.empty() || offset > size_bytes() || out.size() > size_bytes() - offset) {
    ElementExpression::read(offset, out);
    return;
  }
  const bool continues = offset == next_ && offset != 0;
  next_ = offset + out.size();
  while (!out.empty()) {
    const bool is_held = offset >= block_begin_ && offset - block_begin_ < block_.size();
    if (!is_held && (!continues || out.size() >= block_bytes())) {
      ElementExpression::read(offset, out);
      return;
    }
    if (!is_held) {
      std::vector<std::byte> block(std::min(block_bytes(), size_bytes() - offset));
      block_.clear();
      ElementExpression::read(offset, block);
      block_ = std::move(block);
      block_begin_ = offset;
    }
    const std::uint64_t begin = offset - block_begin_;
    const auto taken = std::min<std::uint64_t>(block_.size() - begin, out.size());
    std::memcpy(out.data(), block_.data() + begin, taken);
    if (begin + taken == block_.size()) block_ = {};
    offset += taken;
    out = out.subspan(taken);
  }
}

std::size_t cell_width(DType dtype) {
  return static_cast<std::size_t>(std::max(info(dtype).bits / 8, 1));
}

void Operand::read_cells(std::int64_t first, std::int64_t count, std::span<std::byte> cells) const {
  const int bits = info(dtype_).bits;
  if (bits >= 8) {
    data_->read(static_cast<std::uint64_t>(first) * cell_width(dtype_), cells);
    return;
  }
  const BitGroup group = bit_group(bits);
  const std::int64_t skipped = first % group.elements;
  std::vector<std::byte> packed(*byte_size(dtype_, skipped + count));
  data_->read(static_cast<std::uint64_t>(first / group.elements) * group.bytes, packed);
  if (skipped == 0) {
    unpack_bits(bits, packed, cells);
    return;
  }
  std::vector<std::byte> codes(static_cast<std::size_t>(skipped + count));
  unpack_bits(bits, packed, codes);
  std::memcpy(cells.data(), codes.data() + skipped, cells.size());
}

void Operand::load(std::int64_t first, std::span<double> out) const {
  load_pieces(*this, first, out,
              [this](auto packed, auto part) { load_f64(dtype_, packed, part); });
}
void Operand::load(std::int64_t first, std::span<float> out) const {
  load_pieces(*this, first, out,
              [this](auto packed, auto part) { load_f32(dtype_, packed, part); });
}
void Operand::load(std::int64_t first, std::span<std::int64_t> out) const {
  load_pieces(*this, first, out,
              [this](auto packed, auto part) { load_i64(dtype_, packed, part); });
}
void Operand::load(std::int64_t first, std::span<std::uint64_t> out) const {
  load_pieces(*this, first, out,
              [this](auto packed, auto part) { load_u64(dtype_, packed, part); });
}

}  // namespace ponte::ir
