// What the program says about itself.
#pragma once

#include <cstdint>
#include <string_view>

namespace ponte::jobs {

// "0.1.0"
std::string_view program_version();

// The largest resident set of this process so far (VmHWM); 0 where the kernel does not tell.
std::uint64_t peak_memory_bytes();

}  // namespace ponte::jobs
