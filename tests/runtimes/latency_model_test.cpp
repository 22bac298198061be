// The fake's latencies have the properties that their parameters name.
#include "runtimes/fake/latency_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ponte::runtimes::fake {
namespace {

std::vector<double> log_latencies(const LatencyParameters& parameters, int count) {
  LatencyModel model(parameters);
  std::vector<double> values;
  for (int i = 0; i < count; ++i)
    values.push_back(std::log(static_cast<double>(model.next_ns()) / parameters.base_ns));
  return values;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double covariance(const std::vector<double>& values, std::size_t lag) {
  const double center = mean(values);
  double sum = 0;
  for (std::size_t i = 0; i + lag < values.size(); ++i)
    sum += (values[i] - center) * (values[i + lag] - center);
  return sum / static_cast<double>(values.size() - lag);
}

TEST(LatencyModelTest, WithoutNoiseEveryExecutionTakesTheBaseTime) {
  LatencyModel model({.base_ns = 1234});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(model.next_ns(), 1234U);
}

TEST(LatencyModelTest, TheSameSeedAndProcessGiveTheSameLatencies) {
  const LatencyParameters parameters{.process_noise = 0.01, .noise = 0.05, .seed = 3, .process = 4};
  EXPECT_EQ(log_latencies(parameters, 100), log_latencies(parameters, 100));
  LatencyParameters other = parameters;
  other.process = 5;
  EXPECT_NE(log_latencies(parameters, 100), log_latencies(other, 100));
}

TEST(LatencyModelTest, NoiseAndCorrelationAreThoseAskedFor) {
  const auto values =
      log_latencies({.base_ns = 1e9, .noise = 0.05, .correlation = 0.7, .seed = 1}, 200'000);
  EXPECT_NEAR(std::sqrt(covariance(values, 0)), 0.05, 0.002);
  EXPECT_NEAR(covariance(values, 1) / covariance(values, 0), 0.7, 0.02);
}

TEST(LatencyModelTest, ProcessesDifferByTheirNoise) {
  std::vector<double> levels;
  for (std::uint64_t process = 0; process < 20'000; ++process) {
    levels.push_back(log_latencies(
        {.base_ns = 1e9, .process_noise = 0.01, .seed = 9, .process = process}, 1)[0]);
  }
  EXPECT_NEAR(mean(levels), 0, 0.0005);
  EXPECT_NEAR(std::sqrt(covariance(levels, 0)), 0.01, 0.0005);
}

TEST(LatencyModelTest, BurstsHaveTheirLengthAndFactor) {
  const auto values = log_latencies(
      {.base_ns = 1e6, .burst_rate = 0.001, .burst_length = 10, .burst_factor = 3}, 100'000);
  std::size_t length = 0;
  int bursts = 0;
  for (const double value : values) {
    if (value > 1) {
      EXPECT_NEAR(value, std::log(3), 1e-5);
      ++length;
    } else if (length > 0) {
      EXPECT_EQ(length % 10, 0U);
      bursts += static_cast<int>(length / 10);
      length = 0;
    }
  }
  EXPECT_NEAR(bursts, 100, 35);
}

TEST(LatencyModelTest, WarmUpDecaysToTheBaseTime) {
  LatencyModel model({.base_ns = 1000, .warm_up_factor = 8, .warm_up_length = 3});
  EXPECT_EQ(model.next_ns(), 8000U);
  EXPECT_EQ(model.next_ns(), 4000U);
  EXPECT_EQ(model.next_ns(), 2000U);
  EXPECT_EQ(model.next_ns(), 1000U);
}

TEST(LatencyModelTest, OnlyNoisyBlocksAreSlower) {
  LatencyModel model(
      {.base_ns = 1e6, .noisy_block_share = 0.2, .noisy_block_noise = 0.4, .seed = 5});
  int noisy = 0;
  for (int block = 0; block < 5000; ++block) {
    model.begin_block();
    const std::uint64_t first = model.next_ns();
    EXPECT_EQ(first, model.next_ns());
    EXPECT_GE(first, 1'000'000U);
    noisy += first > 1'000'000U ? 1 : 0;
  }
  EXPECT_NEAR(noisy, 1000, 120);
}

}  // namespace
}  // namespace ponte::runtimes::fake
