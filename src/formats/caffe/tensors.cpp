#include "formats/caffe/tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"
#include "base/random.h"

namespace ponte::caffe {
namespace {

using ir::DType;
using shared::WireReader;

// The elements of a repeated field of fixed size: packed pieces where they lie, single elements
// collected.
struct Payload {
  std::vector<ByteRange> pieces;
  std::vector<std::byte> loose;

  void take(WireReader& reader, std::size_t size) {
    if (reader.wire_type() == shared::WireType::Bytes) {
      flush();
      pieces.push_back(reader.bytes());
      if (pieces.back().size % size != 0)
        reader.malformed("a packed list ends in the middle of a number");
      return;
    }
    if (size == 4) {
      append(reader.fixed32_float());
    } else {
      append(reader.fixed64_double());
    }
  }

  ByteRange joined() {
    flush();
    if (pieces.size() == 1) return pieces.front();
    std::vector<std::byte> bytes;
    for (const ByteRange& piece : pieces) {
      const std::vector<std::byte> more = piece.read_all();
      bytes.insert(bytes.end(), more.begin(), more.end());
    }
    return whole(buffer_source(std::move(bytes)));
  }

  bool empty() const { return pieces.empty() && loose.empty(); }

 private:
  template <typename T>
  void append(T value) {
    const auto raw = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
    loose.insert(loose.end(), raw.begin(), raw.end());
  }

  void flush() {
    if (loose.empty()) return;
    pieces.push_back(whole(buffer_source(std::move(loose))));
    loose.clear();
  }
};

std::uint64_t elements_of(const std::vector<std::int64_t>& shape) {
  const auto count = element_count(shape);
  if (!count || shape.size() > 32 || !ir::byte_size(DType::Float32, *count)) {
    throw Error(Code::DimensionOutOfRange,
                fmt::format("a blob of shape [{}]", fmt::join(shape, ", ")));
  }
  return static_cast<std::uint64_t>(*count);
}

void check_size(const std::vector<std::int64_t>& shape, std::uint64_t elements) {
  if (elements_of(shape) == elements) return;
  throw Error(Code::TensorSizeMismatch,
              fmt::format("a blob of shape [{}] with {}", fmt::join(shape, ", "),
                          counted(elements, "element", "elements")));
}

std::vector<std::int64_t> decode_shape(WireReader reader) {
  std::vector<std::int64_t> dims;
  while (reader.next()) {
    if (reader.field() == 1) reader.integers(dims);
  }
  return dims;
}

// Elements that are computed when they are read, each from its position alone.
class DrawnData final : public ir::TensorData {
 public:
  // value = center + deviation * draw; draws are normal, or uniform in [-1, 1).
  enum class Law : std::uint8_t { Normal, Uniform };

  DrawnData(std::uint64_t count, Law law, double center, double deviation, std::uint64_t seed,
            std::uint64_t stream)
      : count_(count),
        law_(law),
        center_(center),
        deviation_(deviation),
        key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        stream_(stream) {}

  std::uint64_t size_bytes() const override { return count_ * sizeof(float); }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    std::array<float, 4> values{};
    std::uint64_t block = ~std::uint64_t{0};
    for (std::size_t i = 0; i < out.size();) {
      const std::uint64_t at = offset + i;
      if (at / sizeof(values) != block) {
        block = at / sizeof(values);
        values = draw(block);
      }
      const std::size_t inside = at % sizeof(values);
      const std::size_t size = std::min(sizeof(values) - inside, out.size() - i);
      std::memcpy(out.data() + i, reinterpret_cast<const std::byte*>(values.data()) + inside, size);
      i += size;
    }
  }

 private:
  std::array<float, 4> draw(std::uint64_t block) const {
    const auto words = philox4x32_10(
        {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
         static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)},
        key_);
    std::array<float, 4> values;
    for (std::size_t i = 0; i < 4; i += 2) {
      const double u = (words[i] + 0.5) * 0x1p-32, v = (words[i + 1] + 0.5) * 0x1p-32;
      const double radius = std::sqrt(-2 * std::log(u)), angle = 2 * std::numbers::pi * v;
      const bool normal = law_ == Law::Normal;
      values[i] = scaled(normal ? radius * std::cos(angle) : 2 * u - 1);
      values[i + 1] = scaled(normal ? radius * std::sin(angle) : 2 * v - 1);
    }
    return values;
  }

  float scaled(double draw) const { return static_cast<float>(center_ + deviation_ * draw); }

  std::uint64_t count_;
  Law law_;
  double center_;
  double deviation_;
  std::array<std::uint32_t, 2> key_;
  std::uint64_t stream_;
};

std::span<const std::int64_t> without_leading_ones(std::span<const std::int64_t> shape) {
  while (!shape.empty() && shape.front() == 1) shape = shape.subspan(1);
  return shape;
}

}  // namespace

ir::Tensor decode_blob(WireReader reader) {
  std::optional<std::vector<std::int64_t>> shape;
  std::array<std::int64_t, 4> old_shape{};
  bool has_old_shape = false;
  Payload floats, doubles;
  const std::uint64_t start = reader.message().offset;
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
      case 2:
      case 3:
      case 4:
        old_shape[reader.field() - 1] = reader.integer();
        has_old_shape = true;
        break;
      case 5:
        floats.take(reader, 4);
        break;
      case 7: {
        const auto more = decode_shape(WireReader(reader, reader.bytes()));
        if (!shape) shape.emplace();
        shape->insert(shape->end(), more.begin(), more.end());
        break;
      }
      case 8:
        doubles.take(reader, 8);
        break;
      default:
        break;
    }
  }
  try {
    std::vector<std::int64_t> dims = shape.value_or(std::vector<std::int64_t>());
    if (has_old_shape) dims.assign(old_shape.begin(), old_shape.end());
    const bool is_double = !doubles.empty();
    const ByteRange bytes = is_double ? doubles.joined() : floats.joined();
    check_size(dims, bytes.size / (is_double ? 8 : 4));
    ir::Tensor tensor(is_double ? DType::Float64 : DType::Float32, std::move(dims), bytes);
    return is_double ? ir::cast(tensor, DType::Float32) : tensor;
  } catch (Error& error) {
    error.fill_where({.file = {}, .node = {}, .op = {}, .byte = start});
    throw;
  }
}

ir::Tensor text_blob(const Message& blob) {
  std::vector<std::int64_t> dims;
  if (const Field* shape = blob.find("shape")) dims = shape->message.integers("dim");
  if (blob.has("num") || blob.has("channels") || blob.has("height") || blob.has("width")) {
    dims = {blob.integer("num", 0), blob.integer("channels", 0), blob.integer("height", 0),
            blob.integer("width", 0)};
  }
  std::vector<float> values;
  for (const Field& field : blob.fields) {
    if (field.name != "data" && field.name != "double_data") continue;
    const auto value = parse_float(field.text);
    if (!value) refuse(field, fmt::format("`{}` is no number", field.text));
    values.push_back(static_cast<float>(*value));
  }
  check_size(dims, values.size());
  return ir::Tensor::f32(std::move(dims), values);
}

ir::Tensor random_blob(const BlobSpec& spec, std::uint64_t seed, std::uint64_t stream) {
  const std::uint64_t count = elements_of(spec.shape);
  const auto drawn = [&](DrawnData::Law law, double center, double deviation) {
    return ir::Tensor(DType::Float32, spec.shape,
                      std::make_shared<DrawnData>(count, law, center, deviation, seed, stream));
  };
  using enum DrawnData::Law;
  switch (spec.role) {
    case BlobRole::Weight:
      return drawn(
          Normal, 0,
          spec.gain * std::sqrt(2.0 / static_cast<double>(std::max<std::int64_t>(spec.fan_in, 1))));
    case BlobRole::Bias:
    case BlobRole::Mean:
      return drawn(Normal, 0, 0.1);
    case BlobRole::Variance:
      return drawn(Uniform, 1, 0.25);
    case BlobRole::Scale:
      return drawn(Uniform, spec.gain, 0.25 * spec.gain);
    case BlobRole::Slope:
      return drawn(Uniform, 0.25, 0.2);
    case BlobRole::Factor:
      return drawn(Uniform, 1, 0);
  }
  return {};
}

ir::Tensor fitted_blob(const ir::Tensor& blob, const BlobSpec& spec, std::size_t index) {
  if (blob.shape() == spec.shape) return blob;
  if (!std::ranges::equal(without_leading_ones(blob.shape()), without_leading_ones(spec.shape))) {
    throw Error(Code::WeightsOfAnotherNetwork,
                fmt::format("blob {} has shape [{}], and the layer needs [{}]", index,
                            fmt::join(blob.shape(), ", "), fmt::join(spec.shape, ", ")));
  }
  return ir::reshaped(blob, spec.shape);
}

}  // namespace ponte::caffe
