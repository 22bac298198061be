// The meaning of layers. Expected values follow the loops of src/caffe/layers of BVLC/caffe,
// written down here a second time, or are numbers small enough to work out by hand.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "formats/caffe/ops.h"
#include "formats/caffe/run.h"

namespace ponte::test {
namespace {

using Shape = std::vector<std::int64_t>;

std::string input(const std::string& name, const Shape& shape) {
  std::string text =
      fmt::format("layer {{ name: '{0}' type: 'Input' top: '{0}' input_param {{ shape {{ ", name);
  for (const std::int64_t dim : shape) text += fmt::format("dim: {} ", dim);
  return text + "} } } ";
}

std::string blob(const Shape& shape, const Numbers& values) {
  std::string text = "blobs { shape { ";
  for (const std::int64_t dim : shape) text += fmt::format("dim: {} ", dim);
  text += "} ";
  for (const float value : values) text += fmt::format("data: {} ", value);
  return text + "} ";
}

std::string layer(const std::string& type, const std::string& parameters,
                  const std::string& bottoms = "bottom: 'x'") {
  return fmt::format("layer {{ name: 'y' type: '{}' {} top: 'y' {} }}", type, bottoms, parameters);
}

std::vector<double> mapped(const Numbers& values, const std::function<double(double)>& f) {
  std::vector<double> result;
  for (const float value : values) result.push_back(f(static_cast<double>(value)));
  return result;
}

// One layer over x; the only output.
ops::Array run_layer(const std::string& type, const std::string& parameters, const Shape& shape,
                     const Numbers& x) {
  auto outputs = run_text(input("x", shape) + layer(type, parameters), {{"x", x}});
  return outputs.empty() ? ops::Array() : outputs.at(0);
}

Code refusal(const std::string& text) {
  Diagnostics problems;
  try {
    read_text(text, problems);
  } catch (const Error& error) {
    return error.code();
  }
  return problems.entries().empty() ? Code::InternalError : problems.entries().front().code;
}

struct PoolSide {
  std::int64_t size, kernel, stride, pad;

  std::int64_t end() const { return size + pad; }
};

struct Pool {
  PoolSide h, w;
  bool round_down;
  bool average;
};

std::int64_t windows(const PoolSide& side, bool round_down, bool is_padded) {
  const double room = static_cast<double>(side.size + 2 * side.pad - side.kernel) /
                      static_cast<double>(side.stride);
  auto count = static_cast<std::int64_t>(round_down ? std::floor(room) : std::ceil(room)) + 1;
  if (is_padded && (count - 1) * side.stride >= side.end()) --count;
  return count;
}

bool has_empty_window(const PoolSide& side, std::int64_t count) {
  return count < 1 || (count - 1) * side.stride - side.pad >= side.size;
}

// PoolingLayer::Reshape and Forward_cpu for one plane.
std::vector<double> pooled(const Pool& p, const Numbers& x, std::int64_t height,
                           std::int64_t width) {
  std::vector<double> y;
  for (std::int64_t i = 0; i < height; ++i) {
    for (std::int64_t j = 0; j < width; ++j) {
      std::int64_t h = i * p.h.stride - p.h.pad, w = j * p.w.stride - p.w.pad;
      std::int64_t h_end = std::min(h + p.h.kernel, p.h.end()),
                   w_end = std::min(w + p.w.kernel, p.w.end());
      const auto count = static_cast<double>((h_end - h) * (w_end - w));
      h = std::max<std::int64_t>(h, 0);
      w = std::max<std::int64_t>(w, 0);
      h_end = std::min(h_end, p.h.size);
      w_end = std::min(w_end, p.w.size);
      double best = -1e30, sum = 0;
      for (std::int64_t a = h; a < h_end; ++a) {
        for (std::int64_t b = w; b < w_end; ++b) {
          const auto value = static_cast<double>(x[static_cast<std::size_t>(a * p.w.size + b)]);
          best = std::max(best, value);
          sum += value;
        }
      }
      y.push_back(p.average ? sum / count : best);
    }
  }
  return y;
}

std::string described(const Pool& p) {
  return fmt::format(
      "pooling_param {{ pool: {} kernel_h: {} kernel_w: {} stride_h: {} stride_w: {} pad_h: {} "
      "pad_w: {} round_mode: {} }}",
      p.average ? "AVE" : "MAX", p.h.kernel, p.w.kernel, p.h.stride, p.w.stride, p.h.pad, p.w.pad,
      p.round_down ? "FLOOR" : "CEIL");
}

// Whether Caffe's result is one that is read, which then is the same.
bool expect_pooling(const Pool& p) {
  const std::string text = described(p);
  SCOPED_TRACE(fmt::format("{} over {} x {}", text, p.h.size, p.w.size));
  const bool is_padded = p.h.pad > 0 || p.w.pad > 0;
  const std::int64_t height = windows(p.h, p.round_down, is_padded),
                     width = windows(p.w, p.round_down, is_padded);
  const Shape shape{1, 1, p.h.size, p.w.size};
  if (has_empty_window(p.h, height) || has_empty_window(p.w, width)) {
    EXPECT_EQ(refusal(input("x", shape) + layer("Pooling", text)), Code::ShapeMismatch);
    return false;
  }
  const Numbers x =
      numbers(static_cast<std::size_t>(p.h.size * p.w.size), static_cast<int>(p.h.size));
  const ops::Array y = run_layer("Pooling", text, shape, x);
  EXPECT_EQ(y.shape(), (Shape{1, 1, height, width}));
  expect_near(y, pooled(p, x, height, width));
  return true;
}

TEST(CaffePooling, PlacesAndDividesWindowsAsCaffeDoes) {
  int cases = 0;
  for (std::int64_t size = 3; size <= 8; ++size) {
    for (std::int64_t kernel = 1; kernel <= 4; ++kernel) {
      for (std::int64_t stride = 1; stride <= 3; ++stride) {
        for (std::int64_t pad = 0; pad < kernel; ++pad) {
          const PoolSide side{size, kernel, stride, pad};
          for (const int mode : {0, 1, 2, 3})
            cases += expect_pooling({side, side, (mode & 1) != 0, (mode & 2) != 0});
        }
      }
    }
  }
  EXPECT_GT(cases, 500);
}

TEST(CaffePooling, ClipsBothAxesWhereOneIsPadded) {
  int cases = 0;
  for (std::int64_t width = 5; width <= 9; ++width) {
    for (std::int64_t kernel = 1; kernel <= 3; ++kernel) {
      for (std::int64_t stride = 1; stride <= 5; ++stride) {
        for (const bool is_average : {false, true}) {
          const PoolSide padded{8, 3, 2, 1}, other{width, kernel, stride, 0};
          const bool is_read = expect_pooling({padded, other, false, is_average});
          EXPECT_TRUE(is_read);
          EXPECT_TRUE(expect_pooling({other, padded, false, is_average}));
          cases += is_read;
        }
      }
    }
  }
  EXPECT_EQ(cases, 150);
}

// Of such a window Caffe's maximum is -FLT_MAX, its place -1, and its average a division by zero or
// by a negative size.
TEST(CaffePooling, SaysThatAWindowReadsNothing) {
  const auto expect = [](const Shape& shape, const std::string& text, const std::string& begin) {
    SCOPED_TRACE(text);
    Diagnostics problems;
    read_text(input("x", shape) + text, problems);
    ASSERT_FALSE(problems.entries().empty());
    EXPECT_EQ(problems.entries().front().code, Code::ShapeMismatch);
    EXPECT_EQ(problems.entries().front().message.substr(0, begin.size()), begin);
  };
  const std::string window = "kernel_size: 1 stride: 4 }";
  const std::string at_the_end = "the last pooling window begins at 8 of 8, so it reads nothing";
  expect({1, 1, 8, 7}, layer("Pooling", "pooling_param { " + window), at_the_end);
  expect({1, 1, 8, 7}, layer("Pooling", "pooling_param { pool: AVE " + window), at_the_end);
  expect({1, 1, 8, 7}, layer("Pooling", "top: 'mask' pooling_param { " + window), at_the_end);
  expect({1, 1, 5, 7}, layer("Pooling", "pooling_param { pool: AVE " + window),
         "the last pooling window begins at 8 of 7");
}

TEST(CaffePooling, GivesTheMaskOfTheLargestElements) {
  const auto outputs =
      run_text(input("x", {1, 2, 2, 4}) +
                   "layer { name: 'p' type: 'Pooling' bottom: 'x' top: 'y' top: 'mask' "
                   "pooling_param { kernel_size: 2 stride: 2 } }",
               {{"x", {1, 5, 2, 2, 3, 4, 2, 9, 0, 0, 1, 0, 7, 0, 0, 0}}});
  ASSERT_EQ(outputs.size(), 2U);
  expect_near(outputs[0], {5, 9, 7, 1});
  expect_near(outputs[1], {1, 7, 4, 2});
}

TEST(CaffePooling, RefusesStochasticPooling) {
  EXPECT_EQ(refusal(input("x", {1, 1, 4, 4}) +
                    layer("Pooling", "pooling_param { pool: STOCHASTIC kernel_size: 2 }")),
            Code::NoReaderForOp);
}

TEST(CaffePooling, SpatialPyramidHasTheBinsOfEachLevel) {
  const ops::Array y =
      run_layer("SPP", "spp_param { pyramid_height: 2 pool: MAX }", {1, 1, 4, 4}, numbers(16));
  EXPECT_EQ(y.shape(), (Shape{1, 5}));
  const Numbers x = numbers(16);
  const auto largest = [&](std::vector<std::size_t> at) {
    double best = -1e30;
    for (const std::size_t i : at) best = std::max(best, static_cast<double>(x[i]));
    return best;
  };
  expect_near(y, {static_cast<double>(*std::ranges::max_element(x)), largest({0, 1, 4, 5}),
                  largest({2, 3, 6, 7}), largest({8, 9, 12, 13}), largest({10, 11, 14, 15})});
}

TEST(CaffeConvolution, ReadsSidesGroupsAndDilation) {
  // Group 1 sees channel 0 alone, group 2 channel 1; kernel 1 x 2, dilated by 2 along both axes.
  const Numbers x = numbers(2 * 3 * 5), w{1, 2, 3, 4};
  const std::string text =
      "convolution_param { num_output: 2 group: 2 kernel_h: 1 kernel_w: 2 pad_h: 0 pad_w: 1 "
      "stride_h: 2 stride_w: 1 dilation: 2 bias_term: true weight_filler { type: 'msra' } } " +
      blob({2, 1, 1, 2}, w) + blob({2}, {10, 20});
  const ops::Array y = run_layer("Convolution", text, {1, 2, 3, 5}, x);
  EXPECT_EQ(y.shape(), (Shape{1, 2, 2, 5}));
  std::vector<double> expected;
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t h = 0; h < 3; h += 2) {
      for (int j = -1; j < 4; ++j) {
        double sum = c == 0 ? 10 : 20;
        for (int k = 0; k < 2; ++k) {
          const int at = j + 2 * k;
          if (at < 0 || at >= 5) continue;
          sum += static_cast<double>(w[2 * c + static_cast<std::size_t>(k)]) *
                 static_cast<double>(x[(c * 3 + h) * 5 + static_cast<std::size_t>(at)]);
        }
        expected.push_back(sum);
      }
    }
  }
  expect_near(y, expected);
}

TEST(CaffeConvolution, DeconvolutionSpreadsEachElement) {
  const std::string text =
      "convolution_param { num_output: 1 kernel_size: 3 stride: 2 pad: 1 bias_term: false } " +
      blob({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const ops::Array y = run_layer("Deconvolution", text, {1, 1, 2, 2}, {1, 10, 100, 1000});
  EXPECT_EQ(y.shape(), (Shape{1, 1, 3, 3}));
  expect_near(y, {5, 46, 50, 1 * 8 + 100 * 2, 1 * 9 + 10 * 7 + 100 * 3 + 1000, 10 * 8 + 1000 * 2,
                  500, 600 + 4000, 5000});
}

TEST(CaffeConvolution, DepthwiseHasOneFilterPerChannel) {
  const std::string text = "convolution_param { num_output: 2 kernel_size: 1 bias_term: false } " +
                           blob({2, 1, 1, 1}, {2, 3});
  for (const char* type : {"ConvolutionDepthwise", "DepthwiseConvolution"})
    expect_near(run_layer(type, text, {1, 2, 1, 2}, {1, 2, 3, 4}), {2, 4, 9, 12});
}

TEST(CaffeConvolution, Im2colLaysWindowsIntoChannels) {
  const ops::Array y =
      run_layer("Im2col", "convolution_param { kernel_size: 2 }", {1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(y.shape(), (Shape{1, 4, 1, 2}));
  expect_near(y, {1, 2, 2, 3, 4, 5, 5, 6});
}

TEST(CaffeInnerProduct, FlattensFromItsAxisAndMayBeTransposed) {
  const Numbers x{1, 2, 3, 4, 5, 6, 7, 8};
  const std::string plain =
      "inner_product_param { num_output: 1 axis: 2 } " + blob({1, 2}, {1, 10}) + blob({1}, {0.5});
  const ops::Array y = run_layer("InnerProduct", plain, {2, 2, 2}, x);
  EXPECT_EQ(y.shape(), (Shape{2, 2, 1}));
  expect_near(y, {21.5, 43.5, 65.5, 87.5});
  const std::string transposed =
      "inner_product_param { num_output: 2 transpose: true bias_term: false } " +
      blob({4, 2}, {1, 0, 0, 1, 1, 0, 0, 1});
  expect_near(run_layer("InnerProduct", transposed, {2, 2, 2}, x), {4, 6, 12, 14});
  // Old files have four dims.
  const std::string old =
      "inner_product_param { num_output: 1 bias_term: false } "
      "blobs { num: 1 channels: 1 height: 1 width: 4 data: 1 data: 1 data: 1 data: 2 }";
  expect_near(run_layer("InnerProduct", old, {2, 2, 2}, x), {14, 34});
}

TEST(CaffeActivation, MatchesItsFormula) {
  const Numbers x{-3, -0.5, 0, 0.25, 1, 7};
  const auto expect = [&](const std::string& type, const std::string& parameters,
                          const std::function<double(double)>& f) {
    SCOPED_TRACE(type + " " + parameters);
    expect_near(run_layer(type, parameters, {2, 3}, x), mapped(x, f), 2e-4);
  };
  expect("ReLU", "", [](double v) { return std::max(v, 0.0); });
  expect("ReLU", "relu_param { negative_slope: 0.1 engine: CAFFE }",
         [](double v) { return v > 0 ? v : 0.1 * v; });
  expect("ReLU6", "", [](double v) { return std::clamp(v, 0.0, 6.0); });
  expect("ELU", "elu_param { alpha: 0.5 }",
         [](double v) { return v > 0 ? v : 0.5 * std::expm1(v); });
  expect("Sigmoid", "", [](double v) { return 1 / (1 + std::exp(-v)); });
  expect("TanH", "", [](double v) { return std::tanh(v); });
  expect("AbsVal", "", [](double v) { return std::abs(v); });
  expect("BNLL", "", [](double v) { return std::log1p(std::exp(v)); });
  expect("Clip", "clip_param { min: -1 max: 0.5 }",
         [](double v) { return std::clamp(v, -1.0, 0.5); });
  expect("Swish", "swish_param { beta: 2 }", [](double v) { return v / (1 + std::exp(-2 * v)); });
  expect("Threshold", "threshold_param { threshold: 0.25 }",
         [](double v) { return v > 0.25 ? 1.0 : 0.0; });
  expect("Power", "power_param { power: 2 scale: 3 shift: 1 }",
         [](double v) { return (1 + 3 * v) * (1 + 3 * v); });
  expect("Power", "power_param { shift: 2 }", [](double v) { return v + 2; });
  expect("Power", "power_param { scale: 0 shift: 3 power: 2 }", [](double) { return 9.0; });
  expect("Power", "", [](double v) { return v; });
  expect("Exp", "", [](double v) { return std::exp(v); });
  expect("Exp", "exp_param { base: 2 scale: 0.5 shift: 1 }",
         [](double v) { return std::pow(2, 1 + 0.5 * v); });
  expect("Log", "log_param { base: 10 scale: 2 shift: 7 }",
         [](double v) { return std::log10(7 + 2 * v); });
  expect("Dropout", "dropout_param { dropout_ratio: 0.9 }", [](double v) { return v; });
  expect("Dropout", "dropout_param { dropout_ratio: 0.75 scale_train: true }",
         [](double v) { return v; });
  expect("Dropout", "dropout_param { dropout_ratio: 0.75 scale_train: false }",
         [](double v) { return v * 0.25; });
  expect("Dropout", "dropout_param { scale_train: false }", [](double v) { return v * 0.5; });
  expect("Split", "", [](double v) { return v; });
  expect("PReLU", "prelu_param { channel_shared: true } " + blob({1}, {0.5}),
         [](double v) { return v > 0 ? v : 0.5 * v; });
}

TEST(CaffeActivation, WhatDropoutAndParameterDoNotKnowIsReported) {
  const std::string x = input("x", {2, 3});
  EXPECT_EQ(refusal(x + layer("Dropout", "dropout_param { keeps: 0.5 }")), Code::UnreadAttribute);
  EXPECT_EQ(
      refusal(x + layer("Dropout", "dropout_param { dropout_ratio: 1.5 scale_train: false }")),
      Code::InvalidAttribute);
  const std::string blobs = blob({2}, {1, 2});
  EXPECT_EQ(
      refusal(x + layer("Parameter", "parameter_param { shape { dim: 2 } scale: 3 }" + blobs, "")),
      Code::UnreadAttribute);
}

TEST(CaffeActivation, MessagesCountOneThingInTheSingular) {
  const auto message = [](const Shape& shape, const std::string& text) {
    Diagnostics problems;
    read_text(input("x", shape) + text, problems);
    return problems.entries().empty() ? "" : problems.entries().front().message;
  };
  EXPECT_EQ(message({1, 4}, layer("Slice", "slice_param { slice_point: 1 }")),
            "1 slice point for 1 top");
  EXPECT_EQ(message({2}, layer("Softmax", "")), "axis 1 of a blob with 1 axis");
  EXPECT_EQ(
      message({1, 4}, layer("Eltwise", "eltwise_param { coeff: 1 }", "bottom: 'x' bottom: 'x'")),
      "1 coefficient for 2 bottoms of SUM");
}

TEST(CaffeActivation, AFieldThatStartsLikeAnIgnoredOneIsReported) {
  const std::string x = input("x", {1, 2, 4, 4});
  const auto outcome = [&](const std::string& type, const std::string& parameters) {
    Diagnostics problems;
    read_text(x + layer(type, parameters), problems);
    return describe(problems);
  };
  const auto expect = [&](const std::string& type, const std::string& ignored,
                          const std::string& alike) {
    SCOPED_TRACE(type);
    EXPECT_EQ(outcome(type, ignored), "");
    EXPECT_NE(outcome(type, alike).find("not interpreted"), std::string::npos);
  };
  expect("ReLU", "relu_param { engine: CAFFE }", "relu_param { engine_mode: 1 }");
  expect("PReLU", "prelu_param { filler { type: 'constant' } }", "prelu_param { filler_mode: 1 }");
  expect("Pooling", "pooling_param { global_pooling: true kernel_size: 4 }",
         "pooling_param { global_pooling: true kernel_shape: 4 }");
  expect("Pooling", "pooling_param { global_pooling: true kernel_h: 4 kernel_w: 4 }",
         "pooling_param { global_pooling: true kernel: 4 }");
  expect("Scale", "scale_param { num_axes: 1 }", "scale_param { num_axes_more: 1 }");
}

TEST(CaffeActivation, PReluHasASlopePerChannel) {
  expect_near(run_layer("PReLU", blob({3}, {1, 2, 3}), {1, 3, 1, 2}, {-1, 1, -1, 1, -1, 1}),
              {-1, 1, -2, 1, -3, 1});
}

TEST(CaffeActivation, SoftmaxIsOverTheChannels) {
  const ops::Array y = run_layer("Softmax", "", {1, 2, 2}, {0, 1, 0, std::log(3.0F) + 1});
  expect_near(y, {0.5, 0.25, 0.5, 0.75});
}

TEST(CaffeNormalization, BatchNormDividesByItsFactor) {
  const std::string blobs = blob({2}, {2, 4}) + blob({2}, {8, 18}) + blob({1}, {2});
  const Numbers x{1, 3, 2, 5};
  const ops::Array y =
      run_layer("BatchNorm", "batch_norm_param { eps: 0 } " + blobs, {1, 2, 1, 2}, x);
  expect_near(y, {0, 1, 0, 1});
  // A factor of 0 makes mean and variance 0.
  const std::string zero = blob({2}, {2, 4}) + blob({2}, {8, 18}) + blob({1}, {0});
  expect_near(run_layer("BatchNorm", "batch_norm_param { eps: 4 } " + zero, {1, 2, 1, 2}, x),
              {0.5, 1.5, 1, 2.5});
  // Statistics of the batch itself, over all but the channels.
  const std::string unused = blob({1}, {2}) + blob({1}, {8}) + blob({1}, {2});
  expect_near(
      run_layer("BatchNorm", "batch_norm_param { eps: 0 use_global_stats: false } " + unused,
                {2, 1, 1, 2}, {1, 1, 3, 3}),
      {-1, -1, 1, 1});
}

TEST(CaffeNormalization, LrnAcrossAndWithinChannels) {
  const Numbers x{1, 2, 3};
  const auto expected = [&](std::size_t c) {
    double sum = 0;
    for (int i = static_cast<int>(c) - 1; i <= static_cast<int>(c) + 1; ++i) {
      if (i >= 0 && i < 3)
        sum += static_cast<double>(x[static_cast<std::size_t>(i)]) *
               static_cast<double>(x[static_cast<std::size_t>(i)]);
    }
    return static_cast<double>(x[c]) * std::pow(2 + 0.6 / 3 * sum, -0.5);
  };
  expect_near(
      run_layer("LRN", "lrn_param { local_size: 3 alpha: 0.6 beta: 0.5 k: 2 }", {1, 3, 1, 1}, x),
      {expected(0), expected(1), expected(2)});
  // Within a channel: windows of 3 x 3 of the padded plane, and no k.
  const auto within = [&](std::size_t i) {
    double sum = 0;
    for (int j = static_cast<int>(i) - 1; j <= static_cast<int>(i) + 1; ++j) {
      if (j >= 0 && j < 3)
        sum += static_cast<double>(x[static_cast<std::size_t>(j)]) *
               static_cast<double>(x[static_cast<std::size_t>(j)]);
    }
    return static_cast<double>(x[i]) * std::pow(1 + 0.6 * sum / 9, -0.5);
  };
  expect_near(
      run_layer("LRN",
                "lrn_param { local_size: 3 alpha: 0.6 beta: 0.5 k: 2 norm_region: WITHIN_CHANNEL }",
                {1, 1, 1, 3}, x),
      {within(0), within(1), within(2)});
}

TEST(CaffeNormalization, MvnAddsEpsilonToTheDeviation) {
  const Numbers x{1, 3, 10, 20};
  expect_near(run_layer("MVN", "mvn_param { eps: 1 }", {1, 2, 1, 2}, x),
              {-0.5, 0.5, -5.0 / 6, 5.0 / 6});
  expect_near(run_layer("MVN", "mvn_param { normalize_variance: false across_channels: true }",
                        {1, 2, 1, 2}, x),
              {-7.5, -5.5, 1.5, 11.5});
}

TEST(CaffeNormalization, NormalizeScalesTheLengthOverChannels) {
  const Numbers x{3, 1, 4, 0};
  expect_near(
      run_layer("Normalize",
                "norm_param { across_spatial: false channel_shared: false } " + blob({2}, {10, 20}),
                {1, 2, 1, 2}, x),
      {6, 10, 16, 0});
  expect_near(run_layer("Normalize", blob({}, {2}), {1, 2, 1, 2}, x),
              mapped(x, [](double v) { return 2 * v / std::sqrt(26.0); }));
}

TEST(CaffeArithmetic, ScaleAndBiasLieAlongTheirAxis) {
  const Numbers x{1, 2, 3, 4, 5, 6};
  expect_near(
      run_layer("Scale",
                "scale_param { bias_term: true } " + blob({2}, {1, 10}) + blob({2}, {0.5, 0}),
                {1, 2, 3}, x),
      {1.5, 2.5, 3.5, 40, 50, 60});
  expect_near(run_layer("Scale", "scale_param { axis: 0 num_axes: 2 } " + blob({1, 2}, {1, 10}),
                        {1, 2, 3}, x),
              {1, 2, 3, 40, 50, 60});
  expect_near(run_layer("Scale", "scale_param { num_axes: 0 } " + blob({}, {3}), {1, 2, 3}, x),
              {3, 6, 9, 12, 15, 18});
  expect_near(run_layer("Bias", "bias_param { axis: -1 } " + blob({3}, {0, 1, 2}), {1, 2, 3}, x),
              {1, 3, 5, 4, 6, 8});
  const auto two = run_text(
      input("x", {1, 2, 3}) + input("s", {2}) + layer("Scale", "", "bottom: 'x' bottom: 's'"),
      {{"x", x}, {"s", {2, 3}}});
  expect_near(two.at(0), {2, 4, 6, 12, 15, 18});
}

TEST(CaffeArithmetic, EltwiseAddsMultipliesAndCompares) {
  const std::string inputs = input("a", {3}) + input("b", {3}) + input("c", {3});
  const std::map<std::string, Numbers> values{
      {"a", {1, 2, 3}}, {"b", {4, -5, 6}}, {"c", {7, 8, 0}}};
  const auto run_op = [&](const std::string& parameters) {
    return run_text(inputs + layer("Eltwise", parameters, "bottom: 'a' bottom: 'b' bottom: 'c'"),
                    values)
        .at(0);
  };
  expect_near(run_op(""), {12, 5, 9});
  expect_near(run_op("eltwise_param { operation: SUM coeff: 2 coeff: -1 coeff: 0.5 }"),
              {1.5, 13, 0});
  expect_near(run_op("eltwise_param { operation: PROD }"), {28, -80, 0});
  expect_near(run_op("eltwise_param { operation: 2 }"), {7, 8, 6});
  EXPECT_EQ(
      refusal(input("a", {3}) + input("b", {1}) + layer("Eltwise", "", "bottom: 'a' bottom: 'b'")),
      Code::ShapeMismatch);
}

TEST(CaffeArithmetic, AxpyScalesPerChannel) {
  const auto y =
      run_text(input("s", {1, 2, 1, 1}) + input("x", {1, 2, 1, 2}) + input("z", {1, 2, 1, 2}) +
                   layer("Axpy", "", "bottom: 's' bottom: 'x' bottom: 'z'"),
               {{"s", {2, 10}}, {"x", {1, 2, 3, 4}}, {"z", {1, 1, 1, 1}}});
  expect_near(y.at(0), {3, 5, 31, 41});
}

TEST(CaffeLinear, ReducesTheTailAxes) {
  const Numbers x{1, -2, 3, 4};
  const auto reduced = [&](const std::string& operation) {
    return run_layer("Reduction",
                     "reduction_param { operation: " + operation + " axis: 1 coeff: 2 }", {2, 2},
                     x);
  };
  expect_near(reduced("SUM"), {-2, 14});
  expect_near(reduced("ASUM"), {6, 14});
  expect_near(reduced("SUMSQ"), {10, 50});
  expect_near(reduced("MEAN"), {-1, 7});
}

TEST(CaffeLinear, ArgMaxTakesTheLastOfEqualElements) {
  const Numbers x{5, 1, 5, 2, 3, 3};
  const auto arg_max = [&](const std::string& parameters) {
    return run_layer("ArgMax", "argmax_param { " + parameters + " }", {2, 3}, x);
  };
  const ops::Array flat = arg_max("");
  EXPECT_EQ(flat.shape(), (Shape{2, 1, 1}));
  expect_near(flat, {2, 2});
  expect_near(arg_max("axis: 1 top_k: 2"), {2, 0, 2, 1});
  expect_near(arg_max("axis: 1 out_max_val: true"), {5, 3});
  const ops::Array both = arg_max("out_max_val: true top_k: 2");
  EXPECT_EQ(both.shape(), (Shape{2, 2, 2}));
  expect_near(both, {2, 0, 5, 5, 2, 1, 3, 3});
}

TEST(CaffeLinear, LooksUpRowsByNumber) {
  const std::string table = "embed_param { num_output: 2 input_dim: 3 } " +
                            blob({3, 2}, {0, 1, 10, 11, 20, 21}) + blob({2}, {0.5, 0});
  const ops::Array y = run_layer("Embed", table, {3}, {2, 0, 1});
  EXPECT_EQ(y.shape(), (Shape{3, 2}));
  expect_near(y, {20.5, 21, 0.5, 1, 10.5, 11});
  const auto rows = run_text(
      input("x", {2, 2}) + input("i", {3}) + layer("BatchReindex", "", "bottom: 'x' bottom: 'i'"),
      {{"x", {1, 2, 3, 4}}, {"i", {1, 1, 0}}});
  expect_near(rows.at(0), {3, 4, 3, 4, 1, 2});
  const auto constant = run_text(
      input("x", {2}) +
          "layer { name: 'p' type: 'Parameter' top: 'p' parameter_param { shape { dim: 2 } } " +
          blob({2}, {4, 5}) + "} " + layer("Eltwise", "", "bottom: 'x' bottom: 'p'"),
      {{"x", {1, 2}}});
  expect_near(constant.at(0), {5, 7});
}

TEST(CaffeShape, JoinsAndCuts) {
  const std::map<std::string, Numbers> values{{"a", {1, 2, 3, 4}}, {"b", {5, 6}}};
  const std::string inputs = input("a", {1, 2, 2}) + input("b", {1, 1, 2});
  for (const char* axis : {"", "concat_param { axis: -2 }", "concat_param { concat_dim: 1 }"})
    expect_near(run_text(inputs + layer("Concat", axis, "bottom: 'a' bottom: 'b'"), values).at(0),
                {1, 2, 3, 4, 5, 6});
  const auto sliced = run_text(input("x", {1, 4, 2}) +
                                   "layer { name: 's' type: 'Slice' bottom: 'x' top: 'p' top: 'q' "
                                   "slice_param { slice_point: 1 } }",
                               {{"x", {1, 2, 3, 4, 5, 6, 7, 8}}});
  expect_near(sliced.at(0), {1, 2});
  expect_near(sliced.at(1), {3, 4, 5, 6, 7, 8});
  EXPECT_EQ(refusal(input("x", {1, 3}) +
                    "layer { name: 's' type: 'Slice' bottom: 'x' top: 'p' top: 'q' }"),
            Code::ShapeMismatch);
  const auto cropped =
      run_text(input("x", {1, 1, 3, 4}) + input("r", {1, 1, 2, 2}) +
                   layer("Crop", "crop_param { offset: 1 offset: 2 }", "bottom: 'x' bottom: 'r'"),
               {{"x", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}, {"r", {0, 0, 0, 0}}});
  expect_near(cropped.at(0), {6, 7, 10, 11});
}

TEST(CaffeShape, ReshapesAsTheProtoDescribes) {
  // The examples in the comments of ReshapeParameter and FlattenParameter; but a negative axis
  // counts from behind the last one, as ReshapeLayer has it, and the comment's -3 is one too far.
  const auto shape_of = [&](const std::string& type, const std::string& parameters,
                            const Shape& x) {
    return run_layer(type, parameters, x, numbers(16)).shape();
  };
  for (const char* parameters :
       {"shape { dim: 2 dim: 2 dim: 4 }", "shape { dim: 2 dim: 4 } axis: 1",
        "shape { dim: 2 dim: 4 } axis: -2", "shape { dim: 0 dim: 2 dim: -1 }"}) {
    SCOPED_TRACE(parameters);
    EXPECT_EQ(shape_of("Reshape", fmt::format("reshape_param {{ {} }}", parameters), {2, 8}),
              (Shape{2, 2, 4}));
  }
  EXPECT_EQ(shape_of("Reshape", "reshape_param { shape { dim: 1 } num_axes: 0 }", {2, 8}),
            (Shape{1, 2, 8}));
  EXPECT_EQ(shape_of("Reshape", "reshape_param { shape { dim: 1 } axis: 1 num_axes: 0 }", {2, 8}),
            (Shape{2, 1, 8}));
  EXPECT_EQ(shape_of("Reshape", "reshape_param { shape { dim: -1 } axis: 0 num_axes: 1 }", {2, 8}),
            (Shape{2, 8}));
  EXPECT_EQ(shape_of("Flatten", "", {2, 2, 2, 2}), (Shape{2, 8}));
  EXPECT_EQ(shape_of("Flatten", "flatten_param { axis: 1 end_axis: -2 }", {2, 2, 2, 2}),
            (Shape{2, 4, 2}));
  EXPECT_EQ(shape_of("Flatten", "flatten_param { axis: 0 }", {2, 8}), (Shape{16}));
}

TEST(CaffeShape, MovesElements) {
  const Numbers x{1, 2, 3, 4, 5, 6};
  expect_near(run_layer("Permute", "permute_param { order: 1 }", {1, 2, 3}, x), {1, 2, 3, 4, 5, 6});
  expect_near(run_layer("Permute", "permute_param { order: 0 order: 2 order: 1 }", {1, 2, 3}, x),
              {1, 4, 2, 5, 3, 6});
  expect_near(run_layer("Tile", "tile_param { axis: 1 tiles: 2 }", {2, 1, 2}, {1, 2, 3, 4}),
              {1, 2, 1, 2, 3, 4, 3, 4});
  expect_near(run_layer("ShuffleChannel", "shuffle_channel_param { group: 2 }", {1, 6, 1, 1}, x),
              {1, 4, 2, 5, 3, 6});
}

// interp_layer.cpp: the corners stay, what lies between them is interpolated. upsample_layer.cpp:
// copies.
TEST(CaffeShape, ResizesBetweenCornersOrByCopies) {
  expect_near(run_layer("Interp", "interp_param { zoom_factor: 2 }", {1, 1, 2, 2}, {1, 3, 5, 11}),
              {1, 2, 3, 3, 5, 7, 5, 8, 11});
  expect_near(run_layer("Upsample", "upsample_param { scale: 2 }", {1, 1, 1, 2}, {4, 7}),
              {4, 4, 7, 7, 4, 4, 7, 7});
}

// roi_pooling_layer.cpp: the second region is x 2..4, y 2..6 after scaling, its bins overlap.
TEST(CaffePooling, PoolsRegions) {
  const std::string text =
      input("x", {1, 1, 8, 6}) + input("r", {2, 5}) +
      layer("ROIPooling", "roi_pooling_param { pooled_h: 2 pooled_w: 2 spatial_scale: 0.5 }",
            "bottom: 'x' bottom: 'r'");
  Numbers x;
  for (int i = 0; i < 48; ++i) x.push_back(static_cast<float>(i));
  expect_near(run_text(text, {{"x", x}, {"r", {0, 0, 0, 2, 2, 0, 4, 4, 8, 12}}}).at(0),
              {0, 1, 6, 7, 27, 28, 39, 40});
}

TEST(CaffeTable, KnowsEveryLayerTypeOfCaffe) {
  for (const shared::ReadRow& row : caffe::read_rows()) {
    if (row.read) continue;
    EXPECT_EQ(refusal(input("x", {1, 1, 4, 4}) + layer(std::string(row.foreign), "")),
              Code::NoReaderForOp)
        << row.foreign;
  }
}

}  // namespace
}  // namespace ponte::test
