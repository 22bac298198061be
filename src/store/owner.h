// Which process owns a run, and whether it still lives.
#pragma once

#include <cstdint>
#include <string>

namespace ponte::store {

// One process of one start of one machine; a process number that was given out again is another
// owner.
struct Owner {
  std::int64_t pid = 0;
  std::string boot_id;
  std::int64_t start_ticks = 0;  // since the machine started
};

// Throws SystemCallFailed where /proc can't be read.
Owner this_process();

bool is_alive(const Owner& owner);

}  // namespace ponte::store
