// The worker's side of the protocol: answers requests until it is told `bye` or the coordinator is
// gone.
#pragma once

#include "runtimes/protocol/channel.h"
#include "runtimes/protocol/engine.h"

namespace ponte::protocol {

// The descriptor under which every worker finds its end of the socket.
inline constexpr int worker_descriptor = 3;

// Returns the exit status of the worker: 0 after `bye` or when the other end was closed, 1 when it
// broke the protocol.
int serve(Channel& channel, Engine& engine);

// serve() on the descriptor above; what a worker's main() calls. Says on standard error what this
// program is for when that descriptor is no socket, and returns 2.
int serve_coordinator(Engine& engine);

}  // namespace ponte::protocol
