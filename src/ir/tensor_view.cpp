#include "ir/tensor_view.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "ir/element_expression.h"
#include "ir/packed_bits.h"

namespace ponte::ir {
namespace {

// What one read of the source costs more than copying, in bytes.
constexpr double cost_of_read = 8192;
// The most bytes that are read from the source at once.
constexpr std::uint64_t scratch_bytes = std::uint64_t{4} << 20;

std::vector<std::int64_t> row_major_strides(const std::vector<std::int64_t>& dims) {
  std::vector<std::int64_t> strides(dims.size());
  std::int64_t stride = 1;
  for (std::size_t i = dims.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= dims[i];
  }
  return strides;
}

// The same elements with as few axes as possible, at least one.
Layout merged(const Layout& layout) {
  Layout result{layout.base, {}, {}};
  for (std::size_t i = 0; i < layout.dims.size(); ++i) {
    if (layout.dims[i] == 1) continue;
    const bool continues =
        !result.dims.empty() && result.strides.back() == layout.strides[i] * layout.dims[i];
    if (continues) {
      result.dims.back() *= layout.dims[i];
      result.strides.back() = layout.strides[i];
    } else {
      result.dims.push_back(layout.dims[i]);
      result.strides.push_back(layout.strides[i]);
    }
  }
  if (result.dims.empty()) return {layout.base, {1}, {1}};
  return result;
}

bool is_contiguous(const Layout& merged) {
  return merged.dims.size() == 1 && merged.strides[0] == 1;
}

// One axis of a box: steps in the source and in the cells that are filled.
struct BoxAxis {
  std::int64_t length;
  std::int64_t source_stride;
  std::int64_t cell_stride;
};

// Tiles keep the cache lines of both sides at hand.
template <std::size_t Width>
void copy_plane(const std::byte* from, std::byte* to, const BoxAxis& outer, const BoxAxis& inner) {
  constexpr auto width = static_cast<std::int64_t>(Width);
  constexpr std::int64_t tile = 32;
  for (std::int64_t begin = 0; begin < outer.length; begin += tile) {
    const std::int64_t end = std::min(begin + tile, outer.length);
    for (std::int64_t j = 0; j < inner.length; ++j) {
      const std::byte* source = from + j * inner.source_stride * width;
      std::byte* target = to + j * inner.cell_stride * width;
      for (std::int64_t i = begin; i < end; ++i) {
        std::memcpy(target + i * outer.cell_stride * width,
                    source + i * outer.source_stride * width, Width);
      }
    }
  }
}

template <std::size_t Width>
void copy_cells(const std::byte* from, std::byte* to, std::span<const BoxAxis> axes) {
  constexpr auto width = static_cast<std::int64_t>(Width);
  const BoxAxis& axis = axes[0];
  if (axes.size() == 2 && axis.cell_stride < axes[1].cell_stride) {
    return copy_plane<Width>(from, to, axis, axes[1]);
  }
  if (axes.size() == 1 && axis.source_stride == 1 && axis.cell_stride == 1) {
    std::memcpy(to, from, static_cast<std::size_t>(axis.length) * Width);
    return;
  }
  for (std::int64_t i = 0; i < axis.length; ++i) {
    const std::byte* source = from + i * axis.source_stride * width;
    std::byte* target = to + i * axis.cell_stride * width;
    if (axes.size() == 1) {
      std::memcpy(target, source, Width);
    } else {
      copy_cells<Width>(source, target, axes.subspan(1));
    }
  }
}

void copy_cells(std::size_t width, const std::byte* from, std::byte* to,
                std::span<const BoxAxis> axes) {
  switch (width) {
    case 1:
      return copy_cells<1>(from, to, axes);
    case 2:
      return copy_cells<2>(from, to, axes);
    case 4:
      return copy_cells<4>(from, to, axes);
    case 8:
      return copy_cells<8>(from, to, axes);
    default:
      return copy_cells<16>(from, to, axes);
  }
}

class ViewData : public BlockwiseExpression {
 public:
  ViewData(DType dtype, std::int64_t count, View view)
      : BlockwiseExpression(dtype, count),
        source_(dtype, view.source),
        view_(std::move(view)),
        merged_(merged(view_.layout)),
        inner_(row_major_strides(merged_.dims)) {}

  const View& view() const { return view_; }

 protected:
  void read_elements(std::int64_t first, std::int64_t count,
                     std::span<std::byte> packed) const override {
    const int bits = info(dtype()).bits;
    if (bits >= 8) {
      read_part(0, merged_.base, first, first + count, packed);
      return;
    }
    std::vector<std::byte> cells(static_cast<std::size_t>(count));
    read_part(0, merged_.base, first, first + count, cells);
    pack_bits(bits, cells, packed);
  }

 private:
  // Cells [begin, end) of what lies below `axis` at `base`: split into at most three boxes per
  // axis.
  void read_part(std::size_t axis, std::int64_t base, std::int64_t begin, std::int64_t end,
                 std::span<std::byte> cells) const {
    if (begin == end) return;
    const std::int64_t inner = inner_[axis];
    const std::int64_t stride = merged_.strides[axis];
    const auto take = [&](std::int64_t count) {
      const auto part = cells.first(static_cast<std::size_t>(count) * width_);
      cells = cells.subspan(part.size());
      return part;
    };
    if (begin % inner != 0) {
      const std::int64_t index = begin / inner;
      const std::int64_t stop = std::min(end - index * inner, inner);
      const std::int64_t start = begin % inner;
      read_part(axis + 1, base + index * stride, start, stop, take(stop - start));
      begin = index * inner + stop;
    }
    if (end - begin >= inner) {
      const std::int64_t length = (end - begin) / inner;
      read_box(axis, base + begin / inner * stride, length, take(length * inner));
      begin += length * inner;
    }
    if (begin < end) {
      read_part(axis + 1, base + begin / inner * stride, 0, end - begin, cells);
    }
  }

  // `length` steps of `axis` and all that lies below it.
  void read_box(std::size_t axis, std::int64_t base, std::int64_t length,
                std::span<std::byte> cells) const {
    std::vector<BoxAxis> axes{{length, merged_.strides[axis], inner_[axis]}};
    for (std::size_t i = axis + 1; i < merged_.dims.size(); ++i) {
      axes.push_back({merged_.dims[i], merged_.strides[i], inner_[i]});
    }
    std::ranges::sort(axes, std::greater<>(), &BoxAxis::source_stride);
    const Plan plan = cheapest_plan(axes);
    const BoxAxis once{1, 0, 0};
    const auto outer = std::span(axes).first(plan.level);
    const BoxAxis rows = outer.empty() ? once : outer.back();
    Piece piece{rows, {axes.begin() + static_cast<std::ptrdiff_t>(plan.level), axes.end()}};
    if (piece.at_once.empty()) piece.at_once.push_back({1, 1, 1});
    const BoxAxis stepped = piece.at_once[0];
    std::vector<std::byte> scratch;
    for_each_index(
        outer.first(outer.empty() ? 0 : outer.size() - 1), base, 0,
        [&](std::int64_t source, std::int64_t cell) {
          for (std::int64_t step = 0; step < stepped.length; step += plan.steps) {
            piece.at_once[0].length = std::min(plan.steps, stepped.length - step);
            read_piece(
                piece, source + step * stepped.source_stride,
                cells.subspan(static_cast<std::size_t>(cell + step * stepped.cell_stride) * width_),
                scratch);
          }
        });
  }

  // Rows that are read one by one, each of them at once.
  struct Piece {
    BoxAxis rows;
    std::vector<BoxAxis> at_once;
  };

  void read_piece(const Piece& piece, std::int64_t source, std::span<std::byte> cells,
                  std::vector<std::byte>& scratch) const {
    const std::int64_t span = span_of(piece.at_once);
    const auto bytes = static_cast<std::size_t>(span) * width_;
    const BoxAxis& rows = piece.rows;
    const bool is_run = piece.at_once.size() == 1 && piece.at_once[0].source_stride == 1 &&
                        piece.at_once[0].cell_stride == 1;
    if (is_run) {
      for (std::int64_t i = 0; i < rows.length; ++i) {
        const auto cell = static_cast<std::size_t>(i * rows.cell_stride) * width_;
        source_.read_cells(source + i * rows.source_stride, span, cells.subspan(cell, bytes));
      }
      return;
    }
    // Several rows are gathered, so that what lies side by side in the result is copied together.
    const auto most = static_cast<std::int64_t>(std::max<std::uint64_t>(scratch_bytes / bytes, 1));
    const std::int64_t gathered = std::min({rows.length, most, std::int64_t{64}});
    scratch.resize(bytes * static_cast<std::size_t>(gathered));
    std::vector<BoxAxis> axes = piece.at_once;
    axes.insert(axes.begin(), {gathered, span, rows.cell_stride});
    for (std::int64_t row = 0; row < rows.length; row += gathered) {
      axes[0].length = std::min(gathered, rows.length - row);
      for (std::int64_t i = 0; i < axes[0].length; ++i) {
        source_.read_cells(source + (row + i) * rows.source_stride, span,
                           std::span(scratch).subspan(static_cast<std::size_t>(i) * bytes, bytes));
      }
      const auto cell = static_cast<std::size_t>(row * rows.cell_stride) * width_;
      copy_cells(width_, scratch.data(), cells.data() + cell, axes);
    }
  }

  template <typename Visit>
  static void for_each_index(std::span<const BoxAxis> axes, std::int64_t source, std::int64_t cell,
                             const Visit& visit) {
    if (axes.empty()) {
      visit(source, cell);
      return;
    }
    for (std::int64_t i = 0; i < axes[0].length; ++i) {
      for_each_index(axes.subspan(1), source + i * axes[0].source_stride,
                     cell + i * axes[0].cell_stride, visit);
    }
  }

  static std::int64_t span_of(std::span<const BoxAxis> axes) {
    std::int64_t span = 1;
    for (const BoxAxis& axis : axes) span += (axis.length - 1) * axis.source_stride;
    return span;
  }

  // Axes before `level` are stepped over one by one; of axis `level`, `steps` come with each read.
  struct Plan {
    std::size_t level;
    std::int64_t steps;
  };

  Plan cheapest_plan(std::span<const BoxAxis> axes) const {
    const auto most = static_cast<std::int64_t>(scratch_bytes / width_);
    double reads = 1;
    Plan best{axes.size(), 1};
    std::optional<double> best_cost;
    for (std::size_t level = 0; level < axes.size(); ++level) {
      const BoxAxis& axis = axes[level];
      const std::int64_t below = span_of(axes.subspan(level + 1));
      if (below <= most) {
        const std::int64_t steps = std::min(axis.length, 1 + (most - below) / axis.source_stride);
        const std::int64_t pieces = (axis.length + steps - 1) / steps;
        const auto bytes = static_cast<double>(below + (steps - 1) * axis.source_stride) *
                           static_cast<double>(width_);
        const double cost = reads * static_cast<double>(pieces) * (cost_of_read + bytes);
        if (!best_cost || cost < *best_cost) {
          best = {level, steps};
          best_cost = cost;
        }
      }
      reads *= static_cast<double>(axis.length);
    }
    return best;
  }

  Operand source_;
  View view_;
  Layout merged_;
  std::vector<std::int64_t> inner_;  // cells below one step of each axis
  std::size_t width_ = cell_width(dtype());
};

}  // namespace

View view_of(const Tensor& tensor) {
  if (const auto* data = dynamic_cast<const ViewData*>(tensor.data().get())) {
    if (data->view().layout.dims == tensor.shape()) return data->view();
  }
  // Without elements the strides mean nothing, and their product may overflow.
  std::vector<std::int64_t> strides = tensor.count() > 0
                                          ? row_major_strides(tensor.shape())
                                          : std::vector<std::int64_t>(tensor.shape().size(), 0);
  return {tensor.data(), tensor.count(), {0, tensor.shape(), std::move(strides)}};
}

Tensor make_view(DType dtype, View view) {
  const std::vector<std::int64_t> shape = view.layout.dims;
  if (std::ranges::find(shape, 0) != shape.end()) return Tensor(dtype, shape, ByteRange{});
  const std::int64_t count =
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  const Layout flat = merged(view.layout);
  if (is_contiguous(flat)) {
    if (flat.base == 0 && count == view.source_count) return Tensor(dtype, shape, view.source);
    const BitGroup group = bit_group(info(dtype).bits);
    const std::optional<ByteRange> range = view.source->range();
    // Bits that belong to the next element would stand in the unused part of the last byte.
    const bool ends_byte = count % group.elements == 0 || flat.base + count == view.source_count;
    if (range && flat.base % group.elements == 0 && ends_byte) {
      const auto offset = static_cast<std::uint64_t>(flat.base / group.elements) * group.bytes;
      return Tensor(dtype, shape, range->part(offset, *byte_size(dtype, count)));
    }
  }
  return Tensor(dtype, shape, std::make_shared<const ViewData>(dtype, count, std::move(view)));
}

}  // namespace ponte::ir
