#include "cli/progress_line.h"

#include <unistd.h>

#include <cstdio>

#include "base/text.h"

namespace ponte::cli {

ProgressLine::ProgressLine(const Console& console)
    : terminal_(read_terminal(STDERR_FILENO)), is_quiet_(console.verbosity == Verbosity::Quiet) {}

void ProgressLine::show(std::string_view text) {
  const auto now = std::chrono::steady_clock::now();
  if (is_quiet_ || now < next_) return;
  const bool is_animated = may_animate(terminal_);
  next_ = now + (is_animated ? std::chrono::milliseconds(200) : std::chrono::milliseconds(5000));
  const std::string line = shorten(text, terminal_.columns > 1 ? terminal_.columns - 1 : 1);
  std::fprintf(stderr, is_animated ? "\r\x1b[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
  is_drawn_ = is_animated;
}

void ProgressLine::clear() {
  if (!is_drawn_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  is_drawn_ = false;
}

}  // namespace ponte::cli
