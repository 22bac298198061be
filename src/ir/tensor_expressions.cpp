// The lazy expressions of tensor.h.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"
#include "ir/element_expression.h"
#include "ir/packed_bits.h"
#include "ir/tensor.h"
#include "ir/tensor_view.h"

namespace ponte::ir {
namespace {

using Dims = std::vector<std::int64_t>;

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) {
    throw Error(Code::InvalidAxis, fmt::format("axis {} of a tensor of rank {}", axis, rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

std::int64_t product(std::span<const std::int64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

// The strings that a view shows, in its order.
std::vector<std::string> strings_in(const std::vector<std::string>& source, const Layout& layout,
                                    std::size_t count) {
  std::vector<std::string> result;
  result.reserve(count);
  Dims index(layout.dims.size(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t position = layout.base;
    for (std::size_t k = 0; k < index.size(); ++k) position += index[k] * layout.strides[k];
    result.push_back(source[static_cast<std::size_t>(position)]);
    for (std::size_t k = index.size(); k-- > 0;) {
      if (++index[k] < layout.dims[k]) break;
      index[k] = 0;
    }
  }
  return result;
}

Tensor seen(const Tensor& tensor, View view) {
  if (tensor.dtype() != DType::String) return make_view(tensor.dtype(), std::move(view));
  const auto count = static_cast<std::size_t>(product(view.layout.dims));
  return Tensor::of_strings(view.layout.dims, strings_in(tensor.strings(), view.layout, count));
}

class CastData : public ElementExpression {
 public:
  CastData(const Tensor& tensor, DType dtype)
      : ElementExpression(dtype, tensor.count()), source_(tensor) {}

 protected:
  void read_elements(std::int64_t first, std::int64_t count,
                     std::span<std::byte> packed) const override {
    const DType from = source_.dtype();
    if (is_signed_integer(from)) return through<std::int64_t>(store_i64, first, count, packed);
    if (!is_float(from)) return through<std::uint64_t>(store_u64, first, count, packed);
    if (from == DType::Float64) return through<double>(store_f64, first, count, packed);
    through<float>(store_f32, first, count, packed);
  }

 private:
  static constexpr std::int64_t piece = 32768;  // a multiple of every bit group

  template <typename T, typename Store>
  void through(const Store& store, std::int64_t first, std::int64_t count,
               std::span<std::byte> packed) const {
    std::vector<T> numbers(static_cast<std::size_t>(std::min(piece, count)));
    while (count > 0) {
      const auto part = std::span(numbers).first(static_cast<std::size_t>(std::min(piece, count)));
      const auto taken = static_cast<std::int64_t>(part.size());
      const std::size_t bytes = *byte_size(dtype(), taken);
      source_.load(first, part);
      store(dtype(), part, packed.first(bytes), Saturation::Saturate);
      packed = packed.subspan(bytes);
      first += taken;
      count -= taken;
    }
  }

  Operand source_;
};

class DequantizedData : public ElementExpression {
 public:
  DequantizedData(const Tensor& q, std::vector<float> scale, std::vector<double> zero_point,
                  std::int64_t steps, std::int64_t inner)
      : ElementExpression(DType::Float32, q.count()),
        source_(q),
        scale_(std::move(scale)),
        zero_point_(std::move(zero_point)),
        steps_(steps),
        inner_(inner) {}

 protected:
  void read_elements(std::int64_t first, std::int64_t count,
                     std::span<std::byte> packed) const override {
    std::vector<double> numbers(static_cast<std::size_t>(std::min(piece, count)));
    std::vector<float> results(numbers.size());
    while (count > 0) {
      const auto taken = static_cast<std::size_t>(std::min(piece, count));
      source_.load(first, std::span(numbers).first(taken));
      dequantize(first, std::span(numbers).first(taken), results);
      std::memcpy(packed.data(), results.data(), taken * sizeof(float));
      packed = packed.subspan(taken * sizeof(float));
      first += static_cast<std::int64_t>(taken);
      count -= static_cast<std::int64_t>(taken);
    }
  }

 private:
  static constexpr std::int64_t piece = 32768;

  // Elements that share a step lie side by side.
  void dequantize(std::int64_t first, std::span<const double> numbers, std::span<float> out) const {
    std::size_t done = 0;
    while (done < numbers.size()) {
      const std::int64_t position = first + static_cast<std::int64_t>(done);
      const auto step = static_cast<std::size_t>(position / inner_ % steps_);
      const auto run = static_cast<std::size_t>(inner_ - position % inner_);
      const std::size_t end = done + std::min(run, numbers.size() - done);
      const double zero_point = zero_point_[step % zero_point_.size()];
      const float scale = scale_[step % scale_.size()];
      for (; done < end; ++done) out[done] = static_cast<float>(numbers[done] - zero_point) * scale;
    }
  }

  Operand source_;
  std::vector<float> scale_;        // one, or one for each step
  std::vector<double> zero_point_;  // likewise
  std::int64_t steps_;
  std::int64_t inner_;  // elements below one step
};

// Rows, each made of one run of every part.
class ConcatenatedData : public BlockwiseExpression {
 public:
  struct Part {
    Operand source;
    std::int64_t run;  // elements in each row
  };

  ConcatenatedData(DType dtype, std::int64_t count, std::vector<Part> parts)
      : BlockwiseExpression(dtype, count), parts_(std::move(parts)) {
    for (const Part& part : parts_) row_ += part.run;
  }

 protected:
  void read_elements(std::int64_t first, std::int64_t count,
                     std::span<std::byte> packed) const override {
    const int bits = info(dtype()).bits;
    std::vector<std::byte> unpacked(bits < 8 ? static_cast<std::size_t>(count) : 0);
    const std::span<std::byte> all = bits < 8 ? std::span(unpacked) : packed;
    std::span<std::byte> cells = all;
    const std::int64_t end = first + count;
    while (first < end) {
      const std::int64_t row = first / row_;
      const std::int64_t begin = first % row_;
      const std::int64_t rows = begin == 0 ? (end - first) / row_ : 0;
      const std::int64_t taken = rows > 0 ? rows * row_ : std::min(row_ - begin, end - first);
      const auto part = cells.first(static_cast<std::size_t>(taken) * width_);
      if (rows > 0) {
        read_rows(row, rows, part);
      } else {
        read_inside_row(row, begin, taken, part);
      }
      cells = cells.subspan(part.size());
      first += taken;
    }
    if (bits < 8) pack_bits(bits, all, packed);
  }

 private:
  // The runs of one part lie one behind the other in it: one read takes those of all rows.
  void read_rows(std::int64_t row, std::int64_t rows, std::span<std::byte> cells) const {
    if (rows == 1) return read_inside_row(row, 0, row_, cells);
    const auto bytes = [this](std::int64_t count) {
      return static_cast<std::size_t>(count) * width_;
    };
    std::vector<std::byte> runs;
    std::size_t offset = 0;
    for (const Part& part : parts_) {
      runs.resize(bytes(part.run * rows));
      part.source.read_cells(row * part.run, part.run * rows, runs);
      for (std::int64_t i = 0; i < rows && part.run > 0; ++i) {
        std::memcpy(cells.data() + bytes(i * row_) + offset, runs.data() + bytes(i * part.run),
                    bytes(part.run));
      }
      offset += bytes(part.run);
    }
  }

  void read_inside_row(std::int64_t row, std::int64_t begin, std::int64_t count,
                       std::span<std::byte> cells) const {
    const std::int64_t end = begin + count;
    std::int64_t run_begin = 0;
    for (const Part& part : parts_) {
      const std::int64_t from = std::max(begin, run_begin);
      const std::int64_t to = std::min(end, run_begin + part.run);
      if (from < to) {
        const auto target = cells.first(static_cast<std::size_t>(to - from) * width_);
        part.source.read_cells(row * part.run + from - run_begin, to - from, target);
        cells = cells.subspan(target.size());
      }
      run_begin += part.run;
    }
  }

  std::vector<Part> parts_;
  std::int64_t row_ = 0;
  std::size_t width_ = cell_width(dtype());
};

bool is_number(DType dtype) { return is_integer(dtype) || is_float(dtype) || dtype == DType::Bool; }

void require_numbers(DType dtype, std::string_view what) {
  if (is_number(dtype)) return;
  throw Error(Code::InvalidInputType, fmt::format("{} of {} elements", what, to_string(dtype)));
}

Dims concatenated_shape(std::span<const Tensor> tensors, std::size_t axis) {
  Dims shape = tensors.front().shape();
  for (const Tensor& tensor : tensors.subspan(1)) {
    if (tensor.dtype() != tensors.front().dtype()) {
      throw Error(Code::InvalidInputType,
                  fmt::format("{} and {} can't be concatenated", to_string(tensors.front().dtype()),
                              to_string(tensor.dtype())));
    }
    Dims expected = tensor.shape();
    if (expected.size() == shape.size()) expected[axis] = shape[axis];
    if (expected != shape) {
      throw Error(Code::ShapeMismatch,
                  fmt::format("[{}] and [{}] can't be concatenated along axis {}",
                              fmt::join(tensors.front().shape(), ", "),
                              fmt::join(tensor.shape(), ", "), axis));
    }
    const auto sum = checked_add(shape[axis], tensor.shape()[axis]);
    if (!sum) throw Error(Code::DimensionOutOfRange, "a concatenated dimension overflows");
    shape[axis] = *sum;
  }
  return shape;
}

Tensor concatenated_strings(std::span<const Tensor> tensors, std::size_t axis, Dims shape) {
  std::vector<std::string> strings;
  if (ponte::element_count(shape) == 0) return Tensor::of_strings(std::move(shape), {});
  const std::int64_t rows = product(std::span(shape).first(axis));
  for (std::int64_t row = 0; row < rows; ++row) {
    for (const Tensor& tensor : tensors) {
      const std::int64_t run = product(std::span(tensor.shape()).subspan(axis));
      const auto begin = tensor.strings().begin() + row * run;
      strings.insert(strings.end(), begin, begin + run);
    }
  }
  return Tensor::of_strings(std::move(shape), std::move(strings));
}

void require_steps(const Tensor& tensor, std::int64_t steps, std::string_view what) {
  require_numbers(tensor.dtype(), what);
  const bool fits = tensor.count() == 1 || (tensor.shape().size() == 1 && tensor.count() == steps);
  if (fits) return;
  throw Error(Code::ShapeMismatch,
              fmt::format("a {} of shape [{}] for {}", what, fmt::join(tensor.shape(), ", "),
                          counted(steps, "step", "steps")));
}

}  // namespace

Tensor reshaped(const Tensor& tensor, std::vector<std::int64_t> shape) {
  if (ponte::element_count(shape) != tensor.count()) {
    throw Error(Code::ShapeMismatch,
                fmt::format("[{}] can't be reshaped to [{}]", fmt::join(tensor.shape(), ", "),
                            fmt::join(shape, ", ")));
  }
  return Tensor(tensor.dtype(), std::move(shape), tensor.data());
}

Tensor transposed(const Tensor& tensor, std::span<const std::int64_t> permutation) {
  const std::size_t rank = tensor.shape().size();
  if (permutation.size() != rank) {
    throw Error(Code::InvalidAxis, fmt::format("a permutation of {} for a tensor of rank {}",
                                               counted(permutation.size(), "axis", "axes"), rank));
  }
  View view = view_of(tensor);
  const Layout before = view.layout;
  std::vector<bool> taken(rank, false);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t axis = axis_of(permutation[i], rank);
    if (taken[axis]) {
      throw Error(Code::InvalidAxis,
                  fmt::format("[{}] is not a permutation", fmt::join(permutation, ", ")));
    }
    taken[axis] = true;
    view.layout.dims[i] = before.dims[axis];
    view.layout.strides[i] = before.strides[axis];
  }
  return seen(tensor, std::move(view));
}

Tensor cast(const Tensor& tensor, DType dtype) {
  if (tensor.dtype() == dtype) return tensor;
  require_numbers(tensor.dtype(), "a cast");
  require_numbers(dtype, "a cast to a tensor");
  return Tensor(dtype, tensor.shape(), std::make_shared<const CastData>(tensor, dtype));
}

Tensor sliced(const Tensor& tensor, std::int64_t axis, std::int64_t begin, std::int64_t end) {
  const std::size_t position = axis_of(axis, tensor.shape().size());
  if (begin < 0 || begin > end || end > tensor.shape()[position]) {
    throw Error(Code::IndexOutOfRange,
                fmt::format("[{}, {}) of a dimension of {}", begin, end, tensor.shape()[position]));
  }
  View view = view_of(tensor);
  view.layout.base += begin * view.layout.strides[position];
  view.layout.dims[position] = end - begin;
  return seen(tensor, std::move(view));
}

Tensor concatenated(std::span<const Tensor> tensors, std::int64_t axis) {
  if (tensors.empty()) throw Error(Code::WrongInputCount, "nothing to concatenate");
  const Tensor& front = tensors.front();
  const std::size_t position = axis_of(axis, front.shape().size());
  Dims shape = concatenated_shape(tensors, position);
  if (tensors.size() == 1) return front;
  if (front.dtype() == DType::String) return concatenated_strings(tensors, position, shape);
  const auto count = ponte::element_count(shape);
  if (!count || !byte_size(front.dtype(), *count)) {
    throw Error(Code::DimensionOutOfRange, "a concatenated tensor has too many elements");
  }
  std::vector<ConcatenatedData::Part> parts;
  for (const Tensor& tensor : tensors) {
    if (tensor.count() == 0) continue;
    parts.push_back({Operand(tensor), product(std::span(tensor.shape()).subspan(position))});
  }
  if (parts.empty()) return Tensor(front.dtype(), std::move(shape), ByteRange{});
  if (parts.size() == 1) return Tensor(front.dtype(), std::move(shape), parts[0].source.data());
  return Tensor(front.dtype(), std::move(shape),
                std::make_shared<const ConcatenatedData>(front.dtype(), *count, std::move(parts)));
}

Tensor dequantized(const Tensor& q, const Tensor& scale, const std::optional<Tensor>& zero_point,
                   std::int64_t axis) {
  require_numbers(q.dtype(), "a quantised tensor");
  const bool is_scalar = scale.count() == 1 && (!zero_point || zero_point->count() == 1);
  const std::size_t position = is_scalar ? 0 : axis_of(axis, q.shape().size());
  const std::int64_t steps = is_scalar ? 1 : q.shape()[position];
  require_steps(scale, steps, "scale");
  std::vector<double> zeros{0};
  if (zero_point) {
    require_steps(*zero_point, steps, "zero point");
    zeros = zero_point->to_f64();
  }
  if (q.count() == 0) return Tensor(DType::Float32, q.shape(), ByteRange{});
  std::vector<float> scales(static_cast<std::size_t>(scale.count()));
  Operand(scale).load(0, std::span(scales));
  const std::int64_t inner =
      is_scalar ? q.count() : product(std::span(q.shape()).subspan(position + 1));
  if (!byte_size(DType::Float32, q.count())) {
    throw Error(Code::DimensionOutOfRange, "a dequantised tensor has too many bytes");
  }
  return Tensor(DType::Float32, q.shape(),
                std::make_shared<const DequantizedData>(q, std::move(scales), std::move(zeros),
                                                        steps, inner));
}

}  // namespace ponte::ir
