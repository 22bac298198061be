#include "cli/console.h"

#include <unistd.h>

#include <cerrno>

#include "base/descriptor.h"
#include "cli/problem_lines.h"

namespace ponte::cli {
namespace {

// The errno of the failure; 0 when all is written.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

void Console::print(std::string_view text) {
  if (nobody_reads_) return;
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) {
    nobody_reads_ = true;
  } else if (error != 0) {
    throw_system_error(Code::CannotWriteFile, "write to standard output", error);
  }
}

void Console::message(std::string_view line) {
  if (verbosity == Verbosity::Quiet) return;
  write_all(STDERR_FILENO, std::string(line) + '\n');
}

void Console::problems(const Diagnostics& problems) {
  const bool errors_alone = verbosity == Verbosity::Quiet || is_json();
  const Styles styles(use_color(color, read_terminal(STDERR_FILENO)));
  write_all(STDERR_FILENO,
            problem_lines(problems, errors_alone ? Severity::Error : Severity::Note,
                          verbosity == Verbosity::Verbose ? all_problems : usual_problems, styles));
}

Styles Console::output_styles() const {
  return Styles(use_color(color, read_terminal(STDOUT_FILENO)));
}

std::size_t Console::output_columns() const { return read_terminal(STDOUT_FILENO).columns; }

}  // namespace ponte::cli
