#include "formats/onnx/packed_integers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/counted.h"
#include "base/error.h"
#include "base/text.h"

namespace ponte::onnx {
namespace {

constexpr std::uint64_t chunk_size = std::uint64_t{64} * 1024;
constexpr std::uint64_t numbers_per_mark = 4096;
constexpr int longest_number = 10;

// Walks the numbers of a list from any of its bytes on.
class NumberReader {
 public:
  NumberReader(const ByteRange& numbers, std::uint64_t position)
      : numbers_(numbers), position_(position) {}

  bool at_end() const { return position_ == numbers_.size; }
  std::uint64_t position() const { return position_; }

  std::uint64_t next() {
    std::uint64_t value = 0;
    for (int i = 0; i < longest_number && !at_end(); ++i) {
      const auto byte = std::to_integer<std::uint64_t>(take());
      value |= (byte & 0x7F) << (7 * i);
      if ((byte & 0x80) == 0) return value;
    }
    throw Error(Code::MalformedField, "a list of numbers ends in the middle of one")
        .at({.file = {}, .node = {}, .op = {}, .byte = numbers_.offset + position_});
  }

 private:
  std::byte take() {
    if (position_ < start_ || position_ >= start_ + chunk_.size()) {
      start_ = position_;
      chunk_.resize(std::min(chunk_size, numbers_.size - position_));
      numbers_.read(position_, chunk_);
    }
    return chunk_[position_++ - start_];
  }

  const ByteRange& numbers_;
  std::uint64_t position_;
  std::uint64_t start_ = 0;
  std::vector<std::byte> chunk_;
};

class PackedIntegers final : public ir::TensorData {
 public:
  PackedIntegers(ByteRange numbers, std::size_t width)
      : numbers_(std::move(numbers)), width_(width) {
    NumberReader reader(numbers_, 0);
    while (!reader.at_end()) {
      if (count_ % numbers_per_mark == 0) marks_.push_back(reader.position());
      reader.next();
      ++count_;
    }
  }

  std::uint64_t size_bytes() const override { return count_ * width_; }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > size_bytes() || out.size() > size_bytes() - offset)
      throw Error(Code::TruncatedTensor, "the tensor has fewer elements");
    if (out.empty()) return;
    const std::uint64_t first = offset / width_;
    NumberReader reader(numbers_, marks_[first / numbers_per_mark]);
    for (std::uint64_t i = first / numbers_per_mark * numbers_per_mark; i < first; ++i)
      reader.next();
    std::size_t skipped = offset % width_;
    while (!out.empty()) {
      const std::uint64_t number = reader.next();
      const std::size_t count = std::min(width_ - skipped, out.size());
      std::array<std::byte, 8> bytes;
      std::memcpy(bytes.data(), &number, bytes.size());
      std::memcpy(out.data(), bytes.data() + skipped, count);
      out = out.subspan(count);
      skipped = 0;
    }
  }

 private:
  ByteRange numbers_;
  std::size_t width_;
  std::uint64_t count_ = 0;
  std::vector<std::uint64_t> marks_;  // where every numbers_per_mark-th number starts
};

}  // namespace

std::shared_ptr<const ir::TensorData> packed_integers(const ByteRange& numbers, std::size_t width,
                                                      std::uint64_t size_bytes) {
  auto data = std::make_shared<PackedIntegers>(numbers, width);
  if (data->size_bytes() == size_bytes) return data;
  throw Error(data->size_bytes() < size_bytes ? Code::TruncatedTensor : Code::TensorSizeMismatch,
              fmt::format("the tensor needs {} and has {}", counted(size_bytes, "byte", "bytes"),
                          grouped(data->size_bytes())));
}

}  // namespace ponte::onnx
