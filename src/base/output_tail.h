// The end of what a child process prints, read by a thread so that the child never waits for it.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "base/descriptor.h"

namespace ponte {

// Owns the reading end of a pipe and keeps the last bytes of what comes through it.
class OutputTail {
 public:
  static constexpr std::size_t limit = std::size_t{64} << 10;

  // Throws SystemCallFailed.
  explicit OutputTail(Descriptor pipe);
  ~OutputTail();
  OutputTail(const OutputTail&) = delete;
  OutputTail& operator=(const OutputTail&) = delete;

  // The last `limit` bytes so far, everything that lies in the pipe by now included.
  std::string text();
  // How much came through in all.
  std::uint64_t total_bytes();

 private:
  enum class Pipe { Open, Closed };
  Pipe drain();
  void read_until_closed();

  Descriptor pipe_;
  Descriptor wake_;  // an eventfd that ends the thread
  std::mutex mutex_;
  std::string tail_;
  std::uint64_t total_ = 0;
  std::thread reader_;
};

}  // namespace ponte
