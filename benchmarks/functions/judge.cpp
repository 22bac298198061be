// The judge's matrix product and convolution, each beside the loops that its definition says.
#include <benchmark/benchmark.h>

#include "base/random.h"
#include "evaluate/evaluator.h"
#include "ops/all_ops.h"
#include "ops/convolution.h"
#include "ops/matrix_kernel.h"

namespace {

std::vector<double> random_values(std::int64_t count) {
  ponte::Random random(1);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = random.normal();
  return values;
}

void matrix_product(benchmark::State& state) {
  const std::int64_t n = state.range(0);
  const auto a = random_values(n * n), b = random_values(n * n);
  std::vector<double> c(a.size());
  for (auto _ : state) {
    ponte::ops::gemm(n, n, n, a.data(), b.data(), c.data());
    benchmark::DoNotOptimize(c.data());
  }
  state.counters["flops"] = benchmark::Counter(
      2.0 * static_cast<double>(n * n * n) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}
BENCHMARK(matrix_product)->Arg(64)->Arg(256);

void matrix_product_peer(benchmark::State& state) {
  const std::int64_t n = state.range(0);
  const auto a = random_values(n * n), b = random_values(n * n);
  std::vector<double> c(a.size());
  for (auto _ : state) {
    std::ranges::fill(c, 0.0);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t k = 0; k < n; ++k) {
        const double left = a[static_cast<std::size_t>(i * n + k)];
        const double* row = b.data() + k * n;
        double* out = c.data() + i * n;
        for (std::int64_t j = 0; j < n; ++j) out[j] += left * row[j];
      }
    }
    benchmark::DoNotOptimize(c.data());
  }
}
BENCHMARK(matrix_product_peer)->Arg(64)->Arg(256);

// 32 channels of 60 x 80 become 32, by a kernel of 3 x 3, without padding.
constexpr std::int64_t channels = 32, height = 60, width = 80, kernel = 3;
constexpr std::int64_t out_height = height - kernel + 1, out_width = width - kernel + 1;

void convolution(benchmark::State& state) {
  const auto x = random_values(channels * height * width);
  const auto w = random_values(channels * channels * kernel * kernel);
  const auto axis = [](std::int64_t input, std::int64_t output) {
    return ponte::ops::WindowAxis{
        .input = input, .kernel = kernel, .pad_begin = 0, .pad_end = 0, .output = output};
  };
  const ponte::ir::Graph empty(ponte::ops::all_ops());
  ponte::evaluate::Evaluator evaluator(empty, {});
  for (auto _ : state) {
    const auto y =
        ponte::ops::convolve<double>(evaluator.services(), x, {1, channels, height, width}, w,
                                     {channels, channels, kernel, kernel},
                                     {axis(height, out_height), axis(width, out_width)}, 1);
    benchmark::DoNotOptimize(y.data());
  }
}
BENCHMARK(convolution);

void convolution_peer(benchmark::State& state) {
  const auto x = random_values(channels * height * width);
  const auto w = random_values(channels * channels * kernel * kernel);
  std::vector<double> y(static_cast<std::size_t>(channels * out_height * out_width));
  for (auto _ : state) {
    std::ranges::fill(y, 0.0);
    for (std::int64_t tap = 0; tap < channels * channels * kernel * kernel; ++tap) {
      const std::int64_t column = tap % kernel, row = tap / kernel % kernel;
      const std::int64_t in = tap / (kernel * kernel) % channels;
      const std::int64_t out = tap / (kernel * kernel * channels);
      for (std::int64_t i = 0; i < out_height; ++i) {
        const double* source = x.data() + (in * height + i + row) * width + column;
        double* target = y.data() + (out * out_height + i) * out_width;
        for (std::int64_t j = 0; j < out_width; ++j)
          target[j] += w[static_cast<std::size_t>(tap)] * source[j];
      }
    }
    benchmark::DoNotOptimize(y.data());
  }
}
BENCHMARK(convolution_peer);

}  // namespace
