// One end of the socket between coordinator and worker. Both ends use this class; each treats what
// it receives as hostile bytes.
#pragma once

#include <chrono>
#include <optional>

#include "base/descriptor.h"
#include "runtimes/protocol/message.h"

namespace ponte::protocol {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;  // none: wait for ever

inline Deadline deadline_after(std::chrono::nanoseconds time) {
  return std::chrono::steady_clock::now() + time;
}

class Channel {
 public:
  explicit Channel(Descriptor socket, Limits limits = {});

  // Two connected ends.
  static std::pair<Descriptor, Descriptor> socket_pair();

  // Throws WorkerTimedOut, WorkerExited (the peer closed its end) or SystemCallFailed.
  void send(const Message& message, Deadline deadline = {});

  // The next message whole. Throws WorkerTimedOut, WorkerExited, or WorkerProtocol; after the last
  // one the channel must not be used again, since nobody knows where the next frame begins.
  Message receive(Deadline deadline = {});

  int descriptor() const { return socket_.get(); }
  const Limits& limits() const { return limits_; }
  void close() { socket_.reset(); }

 private:
  // Reads exactly `size` bytes; a descriptor that comes along is kept in `file`.
  std::string receive_bytes(std::size_t size, Descriptor& file, Deadline deadline);
  void wait(short events, Deadline deadline) const;

  Descriptor socket_;
  Limits limits_;
};

}  // namespace ponte::protocol
