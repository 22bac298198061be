#include "ops/convolution.h"

#include <algorithm>

#include "ops/matrix_kernel.h"

namespace ponte::ops {
namespace {

// One spatial axis with numbers.
struct Axis {
  std::int64_t input, kernel, stride, dilation, pad, output;
};

// Copies the windows of output positions [first, last) of one image's channels into `columns`, one
// row per (channel, kernel offset), one column per position.
template <typename T>
class Unroller {
 public:
  Unroller(const std::vector<WindowAxis>& windows, std::int64_t channels) : channels_(channels) {
    for (const WindowAxis& axis : windows) {
      axes_.push_back({axis.input.value(), axis.kernel.value(), axis.stride, axis.dilation,
                       axis.pad_begin.value(), axis.output.value()});
      kernel_size_ *= axes_.back().kernel;
      input_size_ *= axes_.back().input;
    }
  }

  void unroll(const T* image, std::int64_t first, std::int64_t last, T* columns) const {
    std::vector<std::int64_t> offset(axes_.size());
    for (std::int64_t c = 0; c < channels_; ++c) {
      for (std::int64_t k = 0; k < kernel_size_; ++k) {
        split(
            k, [](const Axis& a) { return a.kernel; }, offset);
        unroll_row(image + c * input_size_, offset, first, last, columns);
        columns += last - first;
      }
    }
  }

 private:
  template <typename Size>
  void split(std::int64_t index, const Size& size, std::vector<std::int64_t>& coordinates) const {
    for (std::size_t i = axes_.size(); i-- > 0;) {
      coordinates[i] = index % size(axes_[i]);
      index /= size(axes_[i]);
    }
  }

  void unroll_row(const T* channel, const std::vector<std::int64_t>& offset, std::int64_t first,
                  std::int64_t last, T* row) const {
    const Axis& inner = axes_.back();
    std::vector<std::int64_t> position(axes_.size());
    for (std::int64_t p = first; p < last;) {
      split(
          p, [](const Axis& a) { return a.output; }, position);
      const std::int64_t run = std::min(inner.output - position.back(), last - p);
      const std::int64_t line = line_start(position, offset);
      const std::int64_t start =
          position.back() * inner.stride + offset.back() * inner.dilation - inner.pad;
      for (std::int64_t i = 0; i < run; ++i) {
        const std::int64_t at = start + i * inner.stride;
        row[i] = line >= 0 && at >= 0 && at < inner.input ? channel[line + at] : T{0};
      }
      row += run;
      p += run;
    }
  }

  // Where the line of the innermost axis starts within the channel; -1 in the padding.
  std::int64_t line_start(const std::vector<std::int64_t>& position,
                          const std::vector<std::int64_t>& offset) const {
    std::int64_t start = 0;
    for (std::size_t i = 0; i + 1 < axes_.size(); ++i) {
      const std::int64_t at =
          position[i] * axes_[i].stride + offset[i] * axes_[i].dilation - axes_[i].pad;
      if (at < 0 || at >= axes_[i].input) return -1;
      start = start * axes_[i].input + at;
    }
    return start * axes_.back().input;
  }

  std::vector<Axis> axes_;
  std::int64_t channels_;
  std::int64_t kernel_size_ = 1;
  std::int64_t input_size_ = 1;
};

std::int64_t product(const Dims& shape, std::size_t from) {
  std::int64_t result = 1;
  for (std::size_t i = from; i < shape.size(); ++i) result *= shape[i];
  return result;
}

}  // namespace

template <typename T>
std::vector<T> convolve(Services& services, std::span<const T> x, const Dims& x_shape,
                        std::span<const T> w, const Dims& w_shape,
                        const std::vector<WindowAxis>& axes, std::int64_t group) {
  const std::int64_t channels = x_shape[1] / group;
  const std::int64_t filters = w_shape[0] / group;
  const std::int64_t depth = product(w_shape, 1);
  const std::int64_t input_size = product(x_shape, 2);
  std::int64_t positions = 1;
  for (const WindowAxis& axis : axes) positions *= axis.output.value();
  std::vector<T> y(static_cast<std::size_t>(x_shape[0] * w_shape[0] * positions));
  if (y.empty()) return y;
  const Unroller<T> unroller(axes, channels);
  constexpr std::int64_t block_elements = 1 << 18;
  const std::int64_t block = std::min(
      positions, std::max<std::int64_t>(block_elements / std::max<std::int64_t>(depth, 1), 16));
  const std::int64_t blocks = (positions + block - 1) / block;
  services.charge_steps(x_shape[0] * w_shape[0] * positions * depth);
  services.parallel_for(x_shape[0] * group * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<T> columns(static_cast<std::size_t>(depth * block));
    std::vector<T> products(static_cast<std::size_t>(filters * block));
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t image = task / blocks / group, g = task / blocks % group;
      const std::int64_t first = task % blocks * block, last = std::min(positions, first + block);
      unroller.unroll(x.data() + (image * group + g) * channels * input_size, first, last,
                      columns.data());
      gemm(filters, last - first, depth, w.data() + g * filters * depth, columns.data(),
           products.data());
      for (std::int64_t f = 0; f < filters; ++f) {
        std::copy_n(products.data() + f * (last - first), last - first,
                    y.data() + ((image * group + g) * filters + f) * positions + first);
      }
    }
  });
  return y;
}

template std::vector<double> convolve(Services&, std::span<const double>, const Dims&,
                                      std::span<const double>, const Dims&,
                                      const std::vector<WindowAxis>&, std::int64_t);
template std::vector<float> convolve(Services&, std::span<const float>, const Dims&,
                                     std::span<const float>, const Dims&,
                                     const std::vector<WindowAxis>&, std::int64_t);
template std::vector<std::int64_t> convolve(Services&, std::span<const std::int64_t>, const Dims&,
                                            std::span<const std::int64_t>, const Dims&,
                                            const std::vector<WindowAxis>&, std::int64_t);

}  // namespace ponte::ops
