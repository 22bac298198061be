// What --set and --threads say about one runtime.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lab/plan.h"

namespace ponte::jobs {

// "onnxruntime.intra_threads=1,2": every combination of the values given for this runtime, the
// threads under the runtime's own name for them. One empty entry where nothing is said. Throws
// UsageError for a text that is not understood or too many threads, UnknownName for a setting that
// the runtime has not.
std::vector<lab::Settings> settings_for(const runtimes::Adapter& adapter,
                                        std::span<const std::string> texts,
                                        std::span<const std::uint64_t> threads);

// Throws UnknownName for a text that speaks of none of these runtimes.
void require_runtimes_of(std::span<const std::string> texts,
                         std::span<const runtimes::Adapter* const> adapters);

// Of a runtime on this machine: four for each processor. More measure how the machine is flooded.
std::uint64_t most_threads();

// Throws UsageError where it is more than that; `flag` is where it stands.
void require_thread_count(std::string_view flag, std::uint64_t count);

}  // namespace ponte::jobs
