// Progress of long work on standard error: a line that is drawn over on a terminal, a plain one
// every few seconds elsewhere, nothing when quiet.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/terminal.h"
#include "cli/console.h"

namespace ponte::cli {

class ProgressLine {
 public:
  explicit ProgressLine(const Console& console);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Shows it unless another was shown a moment ago.
  void show(std::string_view text);
  void clear();

 private:
  TerminalEnvironment terminal_;
  bool is_quiet_;
  bool is_drawn_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace ponte::cli
