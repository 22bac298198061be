#include "runtimes/protocol/channel.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace ponte::protocol {
namespace {

// Room for one descriptor more than is allowed, so that a surplus is seen and closed.
constexpr std::size_t most_descriptors = 2;
constexpr std::size_t piece_size = 1 << 20;

union Control {
  char bytes[CMSG_SPACE(sizeof(int) * most_descriptors)];
  cmsghdr header;
};

void attach(msghdr& message, Control& control, int descriptor) {
  std::memset(&control, 0, sizeof control);
  message.msg_control = control.bytes;
  message.msg_controllen = CMSG_SPACE(sizeof descriptor);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
}

// Takes ownership of every descriptor that came along.
std::vector<Descriptor> take_descriptors(msghdr& message) {
  std::vector<Descriptor> descriptors;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(header) + i * sizeof number, sizeof number);
      descriptors.emplace_back(number);
    }
  }
  return descriptors;
}

[[noreturn]] void throw_closed() {
  throw Error(Code::WorkerExited, "the other end closed the connection");
}

}  // namespace

Channel::Channel(Descriptor socket, Limits limits) : socket_(std::move(socket)), limits_(limits) {}

std::pair<Descriptor, Descriptor> Channel::socket_pair() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw_system_error(Code::SystemCallFailed, "socketpair", errno);
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void Channel::send(const Message& message, Deadline deadline) {
  Frame frame = encode(message);
  std::string_view rest = frame.bytes;
  while (!rest.empty()) {
    iovec piece{.iov_base = const_cast<char*>(rest.data()), .iov_len = rest.size()};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    Control control;
    if (frame.memory_file) attach(header, control, frame.memory_file.get());
    const ssize_t sent = ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      frame.memory_file.reset();
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait(POLLOUT, deadline);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      throw_closed();
    } else if (errno != EINTR) {
      throw_system_error(Code::SystemCallFailed, "sending a message", errno);
    }
  }
}

Message Channel::receive(Deadline deadline) {
  Descriptor file;
  const std::string prefix_bytes = receive_bytes(prefix_size, file, deadline);
  const Prefix prefix = decode_prefix(prefix_bytes, limits_);
  if ((prefix.descriptors == 1) != static_cast<bool>(file)) {
    throw Error(Code::WorkerProtocol, "a frame and its memory file don't come together");
  }
  Descriptor surplus;
  const std::string header = receive_bytes(prefix.header_bytes, surplus, deadline);
  if (surplus) throw Error(Code::WorkerProtocol, "a descriptor came inside a frame");
  return decode(header, file, limits_);
}

std::string Channel::receive_bytes(std::size_t size, Descriptor& file, Deadline deadline) {
  std::string bytes;
  while (bytes.size() < size) {
    const std::size_t begin = bytes.size();
    const std::size_t wanted = std::min(size - begin, piece_size);
    bytes.resize(begin + wanted);
    iovec piece{.iov_base = bytes.data() + begin, .iov_len = wanted};
    Control control;
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof control.bytes;
    const ssize_t count = ::recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    const int error = errno;
    bytes.resize(begin + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count > 0) {
      std::vector<Descriptor> descriptors = take_descriptors(header);
      const bool too_many = descriptors.size() > (file ? 0U : 1U);
      if (too_many || (header.msg_flags & MSG_CTRUNC) != 0) {
        throw Error(Code::WorkerProtocol, "more descriptors than one came with a frame");
      }
      if (!descriptors.empty()) file = std::move(descriptors.front());
    } else if (count == 0) {
      if (begin != 0) throw Error(Code::WorkerExited, "the connection ended inside a frame");
      throw_closed();
    } else if (error == EAGAIN || error == EWOULDBLOCK) {
      wait(POLLIN, deadline);
    } else if (error == ECONNRESET) {
      throw_closed();
    } else if (error != EINTR) {
      throw_system_error(Code::SystemCallFailed, "receiving a message", error);
    }
  }
  return bytes;
}

void Channel::wait(short events, Deadline deadline) const {
  pollfd entry{.fd = socket_.get(), .events = events, .revents = 0};
  timespec left{};
  if (deadline) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= *deadline) throw Error(Code::WorkerTimedOut, "no answer in time");
    const auto nanoseconds =
        std::chrono::duration_cast<std::chrono::nanoseconds>(*deadline - now).count();
    left = {.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
  }
  if (::ppoll(&entry, 1, deadline ? &left : nullptr, nullptr) < 0 && errno != EINTR) {
    throw_system_error(Code::SystemCallFailed, "ppoll", errno);
  }
}

}  // namespace ponte::protocol
