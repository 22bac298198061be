#include "runtimes/worker.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <charconv>
#include <csignal>
#include <fstream>

#include "base/check.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "runtimes/protocol/fields.h"
#include "runtimes/protocol/serve.h"

namespace ponte::runtimes {
namespace {

using protocol::Deadline;
using protocol::Fields;
using protocol::Message;

constexpr Nanoseconds check_interval = std::chrono::milliseconds(100);
constexpr Nanoseconds time_to_end = std::chrono::seconds(2);
constexpr std::size_t longest_message = 4000;

// A reply that says no.
struct RefusedReply {
  std::string code;
  std::string message;
};

// How often the kernel has killed a process of this machine for want of memory.
std::uint64_t kills_for_memory() {
  std::ifstream file("/proc/vmstat");
  for (std::string line; std::getline(file, line);) {
    std::uint64_t count = 0;
    if (!line.starts_with("oom_kill ")) continue;
    std::from_chars(line.data() + 9, line.data() + line.size(), count);
    return count;
  }
  return 0;
}

// The words that C++ and the usual runtimes abort with when an allocation fails.
bool speaks_of_memory(std::string_view output) {
  constexpr auto words =
      std::to_array<std::string_view>({"std::bad_alloc", "out of memory", "Out of memory",
                                       "Cannot allocate memory", "OutOfMemory"});
  return std::ranges::any_of(
      words, [&](std::string_view word) { return output.find(word) != std::string_view::npos; });
}

std::optional<std::uint64_t> first_execution(const Fields& fields) {
  return fields.has("first_ns") ? std::optional(fields.count("first_ns")) : std::nullopt;
}

Measured read_measured(const Message& reply, const MeasureRequest& request) {
  if (reply.tensors.size() != 2)
    throw Error(Code::WorkerProtocol, "a measurement needs two lists of times");
  const Fields fields(reply.header, "measure");
  Measured measured{.start_ns = protocol::u64_values(reply.tensors[0]),
                    .duration_ns = protocol::u64_values(reply.tensors[1]),
                    .cpu_ns = fields.count("cpu_ns"),
                    .first_ns = first_execution(fields)};
  const std::size_t samples = measured.start_ns.size();
  if (samples != measured.duration_ns.size() || samples < request.count ||
      samples > request.max_count || !std::ranges::is_sorted(measured.start_ns)) {
    throw Error(Code::WorkerProtocol,
                "the times of a measurement contradict each other or the request");
  }
  return measured;
}

// The limit that was passed, and the flag that raises it.
std::string late(Nanoseconds timeout) {
  return fmt::format("no answer within {}; `--timeout` gives it more time",
                     format_duration(std::chrono::duration<double>(timeout)));
}

}  // namespace

Worker::Worker(Process process, protocol::Channel channel, WorkerOptions options)
    : process_(std::move(process)),
      channel_(std::move(channel)),
      options_(std::move(options)),
      machine_kills_at_start_(kills_for_memory()) {}

Worker::~Worker() = default;

Outcome<std::unique_ptr<Worker>> Worker::start(const WorkerCommand& command,
                                               const WorkerOptions& options) {
  const Nanoseconds begin = monotonic_raw_now();
  std::unique_ptr<Worker> worker;
  try {
    auto [own, other] = protocol::Channel::socket_pair();
    Process process({.arguments = command.arguments,
                     .environment = command.environment,
                     .descriptors = {{other.get(), protocol::worker_descriptor}},
                     .working_folder = options.working_folder,
                     .address_space_bytes = options.address_space_bytes});
    worker.reset(
        new Worker(std::move(process), protocol::Channel(std::move(own), options.limits), options));
  } catch (const Error& error) {
    return WorkerFailure{.kind = FailureKind::Exited, .phase = "spawn", .message = error.what()};
  }
  const auto identity = worker->call(
      "hello", {{"protocol", {{"min", protocol::version}, {"max", protocol::version}}}}, {},
      options.timeouts.hello, [](Message& reply) { return protocol::read_identity(reply.header); });
  if (!identity) return identity.failure();
  worker->identity_ = identity.value();
  worker->start_time_ = monotonic_raw_now() - begin;
  return worker;
}

template <typename Read>
auto Worker::call(std::string_view type, Json fields, std::vector<HostTensor> tensors,
                  Nanoseconds timeout, Read read)
    -> Outcome<decltype(read(std::declval<Message&>()))> {
  PONTE_CHECK(!stopped_);
  if (failure_) return *failure_;
  try {
    Message reply = exchange(type, std::move(fields), std::move(tensors), timeout);
    return read(reply);
  } catch (const RefusedReply& refusal) {
    const bool memory = refusal.code == "out_of_memory";
    return WorkerFailure{.kind = memory ? FailureKind::OutOfMemory : FailureKind::Refused,
                         .phase = std::string(type),
                         .message = refusal.message,
                         .reason = refusal.code};
  } catch (const Error& error) {
    WorkerFailure failure = fail(type, timeout, error);
    if (error.kind() == ErrorKind::Interrupted) throw;
    return failure;
  }
}

Message Worker::exchange(std::string_view type, Json fields, std::vector<HostTensor> tensors,
                         Nanoseconds timeout) {
  const Deadline deadline = protocol::deadline_after(timeout);
  Message request{.header = std::move(fields), .tensors = std::move(tensors)};
  request.header["id"] = ++last_id_;
  request.header["type"] = type;
  channel_.send(request, deadline);
  request = {};
  wait_for_reply(deadline);
  Message reply = channel_.receive(deadline);
  const Fields answer(reply.header, "the reply");
  if (answer.count("id") != last_id_)
    throw Error(Code::WorkerProtocol, "a reply to another request");
  if (answer.has("error")) {
    const Fields error(answer.object("error"), "the error");
    throw RefusedReply{shorten(error.text("code"), 100),
                       error.text("message").substr(0, longest_message)};
  }
  return reply;
}

void Worker::wait_for_reply(Deadline deadline) {
  while (true) {
    Nanoseconds left =
        std::max<Nanoseconds>(*deadline - std::chrono::steady_clock::now(), Nanoseconds(0));
    const bool is_last = left == Nanoseconds(0);
    if (options_.memory_bytes || options_.stop.stop_possible())
      left = std::min(left, check_interval);
    const timespec time{.tv_sec = left.count() / 1'000'000'000,
                        .tv_nsec = left.count() % 1'000'000'000};
    std::array<pollfd, 2> waited{
        {{.fd = channel_.descriptor(), .events = POLLIN, .revents = 0},
         {.fd = process_.pid_descriptor(), .events = POLLIN, .revents = 0}}};
    if (::ppoll(waited.data(), waited.size(), &time, nullptr) < 0 && errno != EINTR) {
      throw_system_error(Code::SystemCallFailed, "ppoll", errno);
    }
    if (waited[0].revents != 0) return;
    if (waited[1].revents != 0) throw Error(Code::WorkerExited, "the process ended");
    check_memory();
    throw_if_stopped(options_.stop);
    if (is_last) throw Error(Code::WorkerTimedOut, "no answer in time");
  }
}

void Worker::check_memory() {
  if (!options_.memory_bytes) return;
  const auto peak = process_.peak_memory_bytes();
  if (!peak || *peak <= *options_.memory_bytes) return;
  throw Error(Code::WorkerOutOfMemory,
              fmt::format("it held {} of memory, {} are allowed; `--max-memory` allows more",
                          format_size(*peak), format_size(*options_.memory_bytes)));
}

WorkerFailure Worker::keep(WorkerFailure failure) {
  channel_.close();
  failure.output = process_.output();
  failure_ = failure;
  return failure;
}

WorkerFailure Worker::fail(std::string_view phase, Nanoseconds timeout, const Error& error) {
  if (error.code() == Code::WorkerExited) return fail_by_end(phase, error);
  process_.kill_group();
  const FailureKind kind = error.code() == Code::WorkerTimedOut      ? FailureKind::TimedOut
                           : error.code() == Code::WorkerOutOfMemory ? FailureKind::OutOfMemory
                                                                     : FailureKind::Protocol;
  return keep({.kind = kind,
               .phase = std::string(phase),
               .message = kind == FailureKind::TimedOut ? late(timeout) : error.what()});
}

WorkerFailure Worker::fail_by_end(std::string_view phase, const Error& error) {
  const auto status = process_.wait(time_to_end);
  if (!status) {
    process_.kill_group();
    return keep(
        {.kind = FailureKind::Exited, .phase = std::string(phase), .message = error.what()});
  }
  WorkerFailure failure{.kind = FailureKind::Exited,
                        .phase = std::string(phase),
                        .message = fmt::format("the worker {}", ponte::describe(*status))};
  if (const auto* signalled = std::get_if<Signalled>(&*status)) {
    failure.kind = FailureKind::Crashed;
    failure.signal = signalled->signal;
    const bool killed_for_memory =
        (failure.signal == SIGKILL && kills_for_memory() > machine_kills_at_start_) ||
        (failure.signal == SIGABRT && speaks_of_memory(process_.output()));
    if (killed_for_memory) failure.kind = FailureKind::OutOfMemory;
  }
  return keep(std::move(failure));
}

Outcome<Done> Worker::ping() {
  return call("ping", Json::object(), {}, options_.timeouts.other, [](Message&) { return Done{}; });
}

Outcome<Description> Worker::describe() {
  return call("describe", Json::object(), {}, options_.timeouts.other,
              [](Message& reply) { return protocol::read_description(reply.header); });
}

Outcome<Loaded> Worker::load(const LoadRequest& request) {
  for (const std::string* path : {&request.model, &request.weights}) {
    if (is_utf8(*path)) continue;
    return WorkerFailure{.kind = FailureKind::Refused,
                         .phase = "load",
                         .message = fmt::format("the path `{}` is no UTF-8, and runtimes are told "
                                                "no others; give the file another name",
                                                escape_control(*path, 200))};
  }
  return call("load", protocol::to_json(request), {}, options_.timeouts.load,
              [](Message& reply) { return protocol::read_loaded(reply.header); });
}

Outcome<Done> Worker::set_inputs(std::uint64_t set, std::vector<HostTensor> inputs) {
  return call("set_inputs", {{"set", set}}, std::move(inputs), options_.timeouts.other,
              [](Message&) { return Done{}; });
}

Outcome<RunResult> Worker::run(std::uint64_t set) {
  return call("run", {{"set", set}}, {}, options_.timeouts.run, [](Message& reply) {
    const Fields fields(reply.header, "run");
    return RunResult{.outputs = std::move(reply.tensors),
                     .duration_ns = fields.count("duration_ns"),
                     .first_ns = first_execution(fields)};
  });
}

Outcome<Measured> Worker::measure(const MeasureRequest& request) {
  const Nanoseconds wanted(
      static_cast<std::int64_t>(std::min<std::uint64_t>(request.min_ns, std::uint64_t{1} << 60)));
  return call("measure", protocol::to_json(request), {}, options_.timeouts.run + wanted,
              [&request](Message& reply) { return read_measured(reply, request); });
}

Outcome<Calibration> Worker::calibrate() {
  return call("calibrate", Json::object(), {}, options_.timeouts.other,
              [](Message& reply) { return protocol::read_calibration(reply.header); });
}

Outcome<std::uint64_t> Worker::canary_ns() {
  return call("canary", Json::object(), {}, options_.timeouts.other,
              [](Message& reply) { return Fields(reply.header, "canary").count("ns"); });
}

Outcome<Profile> Worker::profile(std::uint64_t set, std::uint64_t executions) {
  return call("profile", {{"set", set}, {"executions", executions}}, {},
              options_.timeouts.load + options_.timeouts.run,
              [](Message& reply) { return protocol::read_profile(reply.header); });
}

Outcome<MemoryUse> Worker::memory() {
  return call("memory", Json::object(), {}, options_.timeouts.other,
              [](Message& reply) { return protocol::read_memory(reply.header); });
}

Outcome<Done> Worker::bye() {
  auto answer =
      call("bye", Json::object(), {}, options_.timeouts.other, [](Message&) { return Done{}; });
  if (!answer) return answer;
  channel_.close();
  const auto status = process_.wait(time_to_end);
  if (!status) process_.kill_group();
  failure_ = WorkerFailure{
      .kind = FailureKind::Exited, .phase = "bye", .message = "the worker was told to leave"};
  return Done{};
}

Outcome<Done> Worker::stop() {
  PONTE_CHECK(!stopped_);
  if (failure_) return *failure_;
  if (!process_.stop()) return fail_by_end("stop", Error(Code::WorkerExited, "the process ended"));
  stopped_ = true;
  return Done{};
}

void Worker::resume() {
  if (!std::exchange(stopped_, false)) return;
  process_.resume();
}

void Worker::kill() {
  stopped_ = false;
  if (failure_) return;
  process_.kill_group();
  keep({.kind = FailureKind::Exited, .phase = "kill", .message = "ponte killed the worker"});
}

}  // namespace ponte::runtimes
