#include "workers/fake/misbehave.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <new>
#include <string>

#include "base/error.h"
#include "base/random.h"
#include "runtimes/protocol/engine.h"
#include "runtimes/protocol/message.h"
#include "runtimes/protocol/serve.h"

namespace ponte::worker {
namespace {

void send_raw(std::string_view bytes, int descriptor = -1) {
  iovec piece{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (descriptor >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  }
  [[maybe_unused]] const ssize_t sent =
      ::sendmsg(protocol::worker_descriptor, &header, MSG_NOSIGNAL);
}

std::string frame(std::string_view header, std::uint32_t header_bytes, std::uint32_t descriptors) {
  const std::array<std::uint32_t, 4> words = {protocol::frame_magic, header_bytes, descriptors, 0};
  return std::string(reinterpret_cast<const char*>(words.data()), sizeof words) +
         std::string(header);
}

std::string frame(std::string_view header, std::uint32_t descriptors = 0) {
  return frame(header, static_cast<std::uint32_t>(header.size()), descriptors);
}

constexpr std::string_view one_float =
    R"({"id":1,"tensors":[{"name":"y","dtype":1,"shape":[1],"offset":0,"bytes":4}]})";

[[noreturn]] void wait_for_ever() {
  while (true) ::pause();
}

void crash(const Misbehaviour& what) {
  const int signal = what.amount == 0 ? SIGSEGV : static_cast<int>(what.amount);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void leave(const Misbehaviour& what) { ::_exit(static_cast<int>(what.amount)); }

void hang(const Misbehaviour&) { wait_for_ever(); }

void hang_deaf(const Misbehaviour&) {
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);
  wait_for_ever();
}

void spin(const Misbehaviour&) {
  std::atomic<std::uint64_t> count{0};
  while (true) count.fetch_add(1, std::memory_order_relaxed);
}

// Touches `amount` bytes and keeps them.
void hog_memory(const Misbehaviour& what) {
  constexpr std::size_t piece = std::size_t{1} << 20;
  for (std::uint64_t held = 0; held < what.amount; held += piece) {
    auto* memory = new char[piece];
    for (std::size_t i = 0; i < piece; i += 4096) *static_cast<volatile char*>(memory + i) = 1;
    ::usleep(100);
  }
  wait_for_ever();
}

void throw_bad_alloc(const Misbehaviour&) { throw std::bad_alloc(); }

void abort_without_memory(const Misbehaviour&) {
  constexpr std::string_view words =
      "terminate called after throwing an instance of 'std::bad_alloc'\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, words.data(), words.size());
  std::signal(SIGABRT, SIG_DFL);
  std::raise(SIGABRT);
}

void refuse(const Misbehaviour& what) {
  throw protocol::Refusal("runtime_error",
                          what.text.empty() ? "the fake runtime refuses" : what.text);
}

void send_garbage(const Misbehaviour& what) {
  Random random(what.amount);
  std::string bytes;
  for (int i = 0; i < 1024; ++i) bytes.push_back(static_cast<char>(random.below(256)));
  send_raw(bytes);
  wait_for_ever();
}

void send_half_a_frame(const Misbehaviour&) {
  send_raw(frame(one_float, static_cast<std::uint32_t>(one_float.size()), 0).substr(0, 30));
  wait_for_ever();
}

void leave_inside_a_frame(const Misbehaviour&) {
  send_raw(frame(one_float).substr(0, 30));
  ::_exit(0);
}

void send_huge_header(const Misbehaviour&) {
  send_raw(frame("", 0xffff'fff0U, 0));
  wait_for_ever();
}

void send_deep_header(const Misbehaviour&) {
  send_raw(frame(R"({"id":1,"x":)" + std::string(100'000, '[')));
  wait_for_ever();
}

void lie_about_shape(const Misbehaviour&) {
  const int file = ::memfd_create("lie", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  const float value = 1;
  [[maybe_unused]] const ssize_t written = ::write(file, &value, sizeof value);
  ::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  send_raw(
      frame(
          R"({"id":1,"tensors":[{"name":"y","dtype":1,"shape":[1000000000],"offset":0,"bytes":4000000000}]})",
          1),
      file);
  wait_for_ever();
}

void send_unsealed(const Misbehaviour&) {
  const int file = ::memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  const float value = 1;
  [[maybe_unused]] const ssize_t written = ::write(file, &value, sizeof value);
  send_raw(frame(one_float, 1), file);
  wait_for_ever();
}

void send_hole(const Misbehaviour&) {
  const int file = ::memfd_create("hole", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  [[maybe_unused]] const int result = ::ftruncate(file, 4'000'000'000);
  ::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  send_raw(
      frame(
          R"({"id":1,"tensors":[{"name":"y","dtype":1,"shape":[1000000000],"offset":0,"bytes":4000000000}]})",
          1),
      file);
  wait_for_ever();
}

void send_pipe(const Misbehaviour&) {
  std::array<int, 2> ends{};
  [[maybe_unused]] const int result = ::pipe(ends.data());
  send_raw(frame(one_float, 1), ends[0]);
  wait_for_ever();
}

void answer_another_request(const Misbehaviour&) {
  send_raw(frame(R"({"id":4000000000})"));
  wait_for_ever();
}

void send_many_tensors(const Misbehaviour&) {
  std::string header = R"({"id":1,"tensors":[)";
  for (int i = 0; i < 70'000; ++i) {
    if (i > 0) header += ',';
    header += R"({"name":"t","dtype":1,"shape":[0],"offset":0,"bytes":0})";
  }
  send_raw(frame(header + "]}"));
  wait_for_ever();
}

void close_connection(const Misbehaviour&) {
  ::close(protocol::worker_descriptor);
  wait_for_ever();
}

// Goes on after it, as a runtime that is only talkative does.
void flood_output(const Misbehaviour& what) {
  const std::string line(1024, 'x');
  for (std::uint64_t written = 0; written < what.amount; written += line.size()) {
    [[maybe_unused]] const ssize_t result = ::write(STDERR_FILENO, line.data(), line.size());
  }
}

// A child that holds every descriptor, and a parent that dies.
void fork_and_crash(const Misbehaviour& what) {
  if (::fork() == 0) wait_for_ever();
  crash(what);
}

// Answers as usual, and is killed `amount` milliseconds later from outside its process group, which
// may stand still by then.
void be_killed_soon(const Misbehaviour& what) {
  const pid_t worker = ::getpid();
  const pid_t child = ::fork();
  if (child > 0) {
    ::waitpid(child, nullptr, 0);
    return;
  }
  ::setsid();
  if (::fork() == 0) {
    ::close_range(0, ~0U, 0);
    ::usleep(static_cast<useconds_t>(what.amount * 1000));
    ::kill(worker, SIGKILL);
  }
  ::_exit(0);
}

struct Row {
  std::string_view action;
  void (*act)(const Misbehaviour&);
};

constexpr auto rows = std::to_array<Row>({
    {"abort_without_memory", abort_without_memory},
    {"answer_another_request", answer_another_request},
    {"bad_alloc", throw_bad_alloc},
    {"close_connection", close_connection},
    {"crash", crash},
    {"deep_header", send_deep_header},
    {"exit", leave},
    {"flood_output", flood_output},
    {"fork_and_crash", fork_and_crash},
    {"garbage", send_garbage},
    {"half_frame", send_half_a_frame},
    {"half_frame_and_exit", leave_inside_a_frame},
    {"hang", hang},
    {"hang_deaf", hang_deaf},
    {"hole", send_hole},
    {"huge_header", send_huge_header},
    {"killed_soon", be_killed_soon},
    {"lie_about_shape", lie_about_shape},
    {"many_tensors", send_many_tensors},
    {"memory_hog", hog_memory},
    {"pipe", send_pipe},
    {"refuse", refuse},
    {"spin", spin},
    {"unsealed", send_unsealed},
});

}  // namespace

void misbehave(const Misbehaviour& what) {
  for (const Row& row : rows) {
    if (row.action == what.action) return row.act(what);
  }
  throw Error(Code::UnknownName, fmt::format("the fake runtime can't `{}`", what.action));
}

}  // namespace ponte::worker
