// Statistics and report of a big run: its figures beside one sort of its samples, its page beside
// the samples as JSON.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/random.h"
#include "report/report.h"
#include "statistics/ratio.h"
#include "statistics/tails.h"

namespace {

using namespace ponte;

constexpr std::size_t samples = 100'000;

std::vector<double> latencies(std::size_t count) {
  Random random(1);
  std::vector<double> values(count);
  for (double& value : values) value = 1e6 * std::exp(0.05 * random.normal());
  return values;
}

void tail_bound(benchmark::State& state) {
  const auto series = latencies(samples);
  for (auto _ : state) benchmark::DoNotOptimize(statistics::bound_tail(series, 0.99));
}
BENCHMARK(tail_bound);

void tail_bound_peer(benchmark::State& state) {
  const auto series = latencies(samples);
  for (auto _ : state) {
    auto copy = series;
    std::ranges::sort(copy);
    benchmark::DoNotOptimize(copy.data());
  }
}
BENCHMARK(tail_bound_peer);

void ratio(benchmark::State& state) {
  const auto values = latencies(2 * 30 * 20);
  std::vector<statistics::ProcessPair> pairs(30);
  for (std::size_t i = 0; i < values.size(); i += 2)
    pairs[i / 40].block_pairs.push_back({values[i], values[i + 1]});
  for (auto _ : state) benchmark::DoNotOptimize(statistics::estimate_ratio(pairs));
}
BENCHMARK(ratio);

void ratio_peer(benchmark::State& state) {
  const auto values = latencies(2 * 30 * 20);
  for (auto _ : state) {
    auto copy = values;
    std::ranges::sort(copy);
    benchmark::DoNotOptimize(copy.data());
  }
}
BENCHMARK(ratio_peer);

std::vector<report::TrialSamples> trials() {
  std::vector<int> process(samples / 2);
  for (std::size_t i = 0; i < process.size(); ++i) process[i] = static_cast<int>(i / 5000);
  return {{"t1", latencies(samples / 2), process}, {"t2", latencies(samples / 2), process}};
}

void report_page(benchmark::State& state) {
  const Json document = {{"schema", "ponte/bench/1"},
                         {"run", 1},
                         {"trials",
                          {{{"id", "t1"}, {"runtime", "a"}, {"status", "ok"}, {"median_ns", 1e6}},
                           {{"id", "t2"}, {"runtime", "b"}, {"status", "ok"}, {"median_ns", 1e6}}}},
                         {"comparisons", Json::array()}};
  const auto measured = trials();
  for (auto _ : state)
    benchmark::DoNotOptimize(report::html({document, measured, "ponte bench"}).data());
}
BENCHMARK(report_page);

void report_page_peer(benchmark::State& state) {
  const auto measured = trials();
  for (auto _ : state) {
    Json all = Json::array();
    for (const auto& trial : measured) all.push_back(trial.latencies_ns);
    benchmark::DoNotOptimize(json_line(all).data());
  }
}
BENCHMARK(report_page_peer);

}  // namespace
