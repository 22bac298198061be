// The canary: the same small work each time, whose duration shows contention that nothing else
// shows.
#pragma once

#include <cstdint>

namespace ponte::protocol {

// About 1 ms of dependent arithmetic and of reading memory larger than the second-level cache;
// returns the nanoseconds it took.
std::uint64_t run_canary();

}  // namespace ponte::protocol
