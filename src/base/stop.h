// Stopping early: a token that long work looks at, and Ctrl-C as its source.
#pragma once

#include <stop_token>

namespace ponte {

using StopToken = std::stop_token;

// Throws Error(Code::Interrupted) once a stop is requested.
void throw_if_stopped(const StopToken& token);

// From now on the first SIGINT, SIGTERM or SIGHUP (unless it was ignored) requests a stop on the
// returned token, and the second ends the process at once with exit code 130. Further calls return
// the same token. Call it before starting threads or processes.
StopToken install_interrupt_handler();

}  // namespace ponte
