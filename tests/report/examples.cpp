#include "report/examples.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "paths.h"
#include "report/fields.h"

namespace ponte::report {
namespace {

const std::filesystem::path report_data = test::data_folder() / "report";

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Box and Muller: the same on every standard library, unlike std::normal_distribution.
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) / 9007199254740992.0; }
  double operator()() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform());
  }

 private:
  std::mt19937_64 engine_;
};

TrialSamples samples_of(const Json& trial, std::uint64_t seed) {
  TrialSamples out{text_field(trial, "id"), {}, {}};
  const auto median = number_field(trial, "median_ns");
  if (!median) return out;
  Normal normal(seed);
  const int processes = static_cast<int>(number_field(trial, "processes").value_or(1));
  const int count = static_cast<int>(number_field(trial, "samples").value_or(0));
  for (int process = 0; process < processes; ++process) {
    const double shift = 0.005 * normal();
    for (int i = process; i < count; i += processes) {
      const double slow = normal.uniform() < 0.012 ? 0.25 + 0.6 * normal.uniform() : 0;
      const double tail = normal.uniform() < 0.2 ? 0.05 * normal.uniform() : 0;
      out.latencies_ns.push_back(*median * std::exp(shift + 0.009 * normal() + tail + slow));
      out.process.push_back(process);
    }
  }
  return out;
}

}  // namespace

Json example(std::string_view name) {
  std::string text = file_text(report_data / (std::string(name) + ".json"));
  EXPECT_FALSE(text.empty()) << name;
  const std::string mark = "@long@";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    text.replace(at, mark.size(), std::string(10'000, 'A'));
  }
  return parse_json(text);
}

Json nearly_a_difference() {
  Json document = example("bench_only");
  document["comparisons"][0].update(
      {{"ci_low", 0.977}, {"ci_high", 0.998}, {"claim_low", 0.97}, {"claim_high", 1.005}});
  return document;
}

std::vector<TrialSamples> example_samples(const Json& document) {
  std::vector<TrialSamples> out;
  const Json analysis = as_analysis(document);
  for (const Json& trial : items(field(field(analysis, "bench"), "trials")))
    out.push_back(samples_of(trial, 1000 + out.size()));
  return out;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path path = report_data / "golden" / name;
  const char* const update = std::getenv("PONTE_UPDATE_GOLDENS");
  if (update && std::string_view(update) == "1") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text, file_text(path)) << "PONTE_UPDATE_GOLDENS=1 writes " << path;
}

}  // namespace ponte::report
