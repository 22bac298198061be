// The machine that a measurement ran on, as far as it can change the result. LAB.md, Measuring 9.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/clock.h"
#include "base/json_fwd.h"

namespace ponte::lab {

// What changes while it is measured.
struct MachineState {
  Nanoseconds time{0};
  std::optional<double> frequency_mhz{};  // mean over the processors
  std::optional<double> busy_seconds{};   // of all processors since the machine started
  double own_seconds = 0;                 // of this process and the children that have ended
  std::optional<double> load_average{};   // of one minute
};

// `root` stands for "/" in tests.
MachineState look_at_machine(const std::filesystem::path& root = "/");

// Processor, caches, governor, turbo, SMT, limits, memory, kernel, container. What the machine does
// not tell is null.
Json describe_machine(const std::filesystem::path& root = "/");

// The same with what changed between the two looks: frequencies, and how many processors others
// kept busy.
Json describe_environment(const MachineState& before, const MachineState& after,
                          const std::filesystem::path& root = "/");

// The memory that the processes of this one may hold: the least of its control groups' limits and
// of the machine's memory; 0 where nothing tells.
std::uint64_t memory_limit_bytes(const std::filesystem::path& root = "/");

}  // namespace ponte::lab
