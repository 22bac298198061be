// benchmark_judge MODEL: evaluates the model once without perturbation for each line that it reads,
// on as many threads as `ponte verify` uses, and prints the nanoseconds that it took.
#include <fmt/format.h>

#include <iostream>
#include <thread>

#include "base/clock.h"
#include "jobs/model_options.h"
#include "verify/inputs.h"

namespace {

void run(const char* path) {
  ponte::Diagnostics problems;
  ponte::jobs::ModelOptions options;
  options.path = path;
  const auto source = ponte::jobs::read_model(options, problems);
  const ponte::ir::Graph& graph = *source.model.graph;
  const auto inputs =
      ponte::verify::make_inputs(graph, ponte::verify::InputKind::Normal, {}).values;
  const auto threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  ponte::evaluate::Evaluator evaluator(graph, {.threads = threads});
  for (std::string line; std::getline(std::cin, line);) {
    const auto begin = ponte::monotonic_raw_now();
    static_cast<void>(evaluator.run(inputs));
    std::cout << (ponte::monotonic_raw_now() - begin).count() << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    run(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
