// Verifies correct conversions over seeds, optimisation levels and numbers of threads of ONNX
// Runtime: every verdict must be `equivalent`. equivalence_sweep RUNS MODEL...
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <exception>

#include "base/temporary_folder.h"
#include "verify/sabotage/trial.h"

namespace {

using namespace ponte;
using namespace ponte::sabotage;

constexpr auto levels = std::to_array<const char*>({"0", "1", "2", "99"});

// How much of what rounding explains the worst output used.
double worst(const verify::VerifyResult& result) {
  double ratio = 0;
  for (const verify::OutputVerdict& output : result.outputs) {
    if (output.bound > 0) ratio = std::max(ratio, output.rms_error() / output.bound);
  }
  return ratio;
}

int sweep(std::uint64_t runs, std::span<char*> models) {
  const test::TemporaryFolder scratch;
  std::vector<Saboteur> sources;
  for (const char* path : models) {
    jobs::ModelOptions model;
    model.path = path;
    sources.emplace_back(model, scratch.path());
  }
  std::uint64_t equivalent = 0;
  double worst_of_all = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const std::size_t model = run % sources.size();
    const std::uint64_t turn = run / sources.size();
    const std::string level = levels[turn % levels.size()];
    const std::string threads = turn / levels.size() % 2 == 0 ? "1" : "2";
    const verify::VerifyResult result = sources[model].verify_clean(
        1000 + run, {{"graph_optimization_level", level}, {"intra_threads", threads}});
    const bool good = result.verdict == verify::Verdict::Equivalent;
    equivalent += good ? 1 : 0;
    worst_of_all = std::max(worst_of_all, worst(result));
    fmt::print("{} level {} threads {} seed {}: {}, {:.2f} of the bound{}\n", models[model], level,
               threads, 1000 + run, verify::to_string(result.verdict), worst(result),
               good ? "" : "; " + result.culprit_why);
    for (const verify::OutputVerdict& output : result.outputs) {
      fmt::print("  {} of {}: {:.1f} bits, {:.1f} expected {}\n", output.name, output.subject,
                 output.comparison ? output.comparison->bits : 0, output.expected_bits, output.why);
    }
  }
  fmt::print("{} of {} runs equivalent, at most {:.2f} of the bound\n", equivalent, runs,
             worst_of_all);
  return equivalent == runs ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    return sweep(std::strtoull(argv[1], nullptr, 10), std::span(argv + 2, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
