#include "base/output_tail.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace ponte {

OutputTail::OutputTail(Descriptor pipe) : pipe_(std::move(pipe)), wake_(::eventfd(0, EFD_CLOEXEC)) {
  if (!wake_) throw_system_error(Code::SystemCallFailed, "eventfd", errno);
  const int flags = ::fcntl(pipe_.get(), F_GETFL);
  if (flags < 0 || ::fcntl(pipe_.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    throw_system_error(Code::SystemCallFailed, "fcntl", errno);
  }
  reader_ = std::thread([this] { read_until_closed(); });
}

OutputTail::~OutputTail() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
  reader_.join();
}

OutputTail::Pipe OutputTail::drain() {
  std::array<char, 16384> chunk;
  // A child that writes without end must not keep the caller here.
  for (int round = 0; round < 64; ++round) {
    const std::scoped_lock lock(mutex_);
    const ssize_t count = ::read(pipe_.get(), chunk.data(), chunk.size());
    if (count == 0) return Pipe::Closed;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN ? Pipe::Open : Pipe::Closed;
    total_ += static_cast<std::uint64_t>(count);
    tail_.append(chunk.data(), static_cast<std::size_t>(count));
    if (tail_.size() > limit) tail_.erase(0, tail_.size() - limit);
  }
  return Pipe::Open;
}

void OutputTail::read_until_closed() {
  while (true) {
    std::array<pollfd, 2> waited{{{pipe_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    if (::poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) return;
    if (waited[1].revents != 0) return;
    if (waited[0].revents != 0 && drain() == Pipe::Closed) return;
  }
}

std::string OutputTail::text() {
  drain();
  const std::scoped_lock lock(mutex_);
  return tail_;
}

std::uint64_t OutputTail::total_bytes() {
  drain();
  const std::scoped_lock lock(mutex_);
  return total_;
}

}  // namespace ponte
