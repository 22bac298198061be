// Runs with contents that no other run has, for the tests of the store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/store.h"

namespace ponte::store {

inline RunDescription describe_run(std::string plan_key = "plan-1") {
  return {.command_line = "ponte bench model.onnx",
          .plan_key = std::move(plan_key),
          .program_version = "0.1.0"};
}

inline Trial make_trial(std::int64_t ordinal) {
  const std::string n = std::to_string(ordinal);
  return {.id = {},
          .ordinal = ordinal,
          .model = "/models/" + n + ".onnx",
          .model_hash = "model-hash-" + n,
          .runtime = "onnxruntime",
          .version = "1.2" + n,
          .library_hash = "library-hash-" + n,
          .device = "cpu",
          .settings = R"({"threads":")" + n + "\"}",
          .scenario = "single stream",
          .batch = ordinal + 1,
          .status = TrialStatus::Ok,
          .why = ""};
}

// Samples that name their process and their block, so that a lost, doubled or misplaced one shows.
inline Block make_block(std::int64_t process, std::int64_t ordinal, std::size_t samples = 5) {
  Block block{.ordinal = ordinal,
              .position = 2 * ordinal + process % 2,
              .phase = ordinal == 0 ? Phase::Warmup : Phase::Measure,
              .started_ns = static_cast<std::uint64_t>(1'000'000'000 + ordinal)};
  for (std::size_t i = 0; i < samples; ++i) {
    block.samples_ns.push_back(static_cast<std::uint64_t>(process * 1'000'000 + ordinal * 1'000) +
                               i);
  }
  return block;
}

}  // namespace ponte::store
