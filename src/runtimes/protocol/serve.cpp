#include "runtimes/protocol/serve.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <new>

#include "base/error.h"
#include "base/json.h"
#include "runtimes/protocol/fields.h"

namespace ponte::protocol {
namespace {

// What one request changes or answers. The session outlives single requests; the message is the
// request's.
struct Request {
  Engine& engine;
  const Fields& fields;
  const Json& header;
  std::vector<HostTensor> tensors;
};

Message answer(Json header) { return {.header = std::move(header), .tensors = {}}; }

Message hello(Request& request) {
  const Fields range(request.fields.object("protocol"), "protocol");
  if (range.integer("min") > version || range.integer("max") < version) {
    throw Refusal("unsupported_protocol",
                  fmt::format("this worker speaks version {} of the protocol", version));
  }
  Identity identity = request.engine.identity();
  identity.protocol = version;
  return answer(to_json(identity));
}

Message ping(Request&) { return answer(Json::object()); }

Message describe(Request& request) { return answer(to_json(request.engine.describe())); }

Message load(Request& request) {
  request.engine.first_ns.reset();
  return answer(to_json(request.engine.load(read_load_request(request.header))));
}

Message set_inputs(Request& request) {
  request.engine.set_inputs(request.fields.count("set"), std::move(request.tensors));
  return answer(Json::object());
}

// after_execution() is due however the execution and the reading of its outputs went.
class ExecutionEnd {
 public:
  explicit ExecutionEnd(Engine& engine) : engine_(engine) {}
  ~ExecutionEnd() { engine_.after_execution(); }
  ExecutionEnd(const ExecutionEnd&) = delete;
  ExecutionEnd& operator=(const ExecutionEnd&) = delete;

 private:
  Engine& engine_;
};

Message run(Request& request) {
  Engine& engine = request.engine;
  engine.select(request.fields.count("set"));
  const ExecutionEnd end(engine);
  const std::uint64_t duration = timed_execution(engine);
  Message reply = answer({{"duration_ns", duration}});
  if (!engine.first_ns) {
    engine.first_ns = duration;
    reply.header["first_ns"] = duration;
  }
  reply.tensors = engine.outputs();
  return reply;
}

Message measure(Request& request) {
  const MeasureRequest wanted = read_measure_request(request.header);
  request.engine.select(wanted.set);
  const Measured measured = request.engine.measure(wanted);
  Message reply = answer({{"cpu_ns", measured.cpu_ns}});
  if (measured.first_ns) reply.header["first_ns"] = *measured.first_ns;
  reply.tensors.push_back(u64_tensor("start_ns", measured.start_ns));
  reply.tensors.push_back(u64_tensor("duration_ns", measured.duration_ns));
  return reply;
}

Message calibrate(Request& request) { return answer(to_json(request.engine.calibrate())); }

Message canary(Request& request) { return answer({{"ns", request.engine.canary_ns()}}); }

Message profile(Request& request) {
  return answer(to_json(request.engine.profile(request.fields.count("set"),
                                               request.fields.count_or("executions", 1))));
}

Message memory(Request& request) { return answer(to_json(request.engine.memory())); }

struct Row {
  std::string_view type;
  Message (*handle)(Request&);
};

constexpr auto rows = std::to_array<Row>({
    {"hello", hello},
    {"ping", ping},
    {"describe", describe},
    {"load", load},
    {"set_inputs", set_inputs},
    {"run", run},
    {"measure", measure},
    {"calibrate", calibrate},
    {"canary", canary},
    {"profile", profile},
    {"memory", memory},
    {"bye", ping},
});

Message handle(std::string_view type, Request& request) {
  for (const Row& row : rows) {
    if (row.type == type) return row.handle(request);
  }
  throw Refusal("unknown_message", fmt::format("this worker does not know `{}`", type));
}

Message error_reply(std::string_view code, std::string_view message) {
  return answer({{"error", {{"code", code}, {"message", message}}}});
}

Message reply_to(std::string_view type, Request& request) {
  try {
    return handle(type, request);
  } catch (const Refusal& refusal) {
    return error_reply(refusal.code(), refusal.what());
  } catch (const Error& error) {
    return error_reply("invalid_request", error.what());
  } catch (const std::bad_alloc&) {
    return error_reply("out_of_memory", "the memory did not suffice");
  } catch (const std::exception& error) {
    return error_reply("runtime_error", error.what());
  }
}

}  // namespace

int serve(Channel& channel, Engine& engine) {
  try {
    while (true) {
      Message message = channel.receive();
      const Fields fields(message.header, "the request");
      const std::uint64_t id = fields.count("id");
      const std::string type = fields.text("type");
      Request request{.engine = engine,
                      .fields = fields,
                      .header = message.header,
                      .tensors = std::move(message.tensors)};
      Message reply = reply_to(type, request);
      reply.header["id"] = id;
      channel.send(reply);
      if (type == "bye") return 0;
    }
  } catch (const Error& error) {
    if (error.code() == Code::WorkerExited) return 0;
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

int serve_coordinator(Engine& engine) {
  struct stat status {};
  if (::fstat(worker_descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) {
    std::fputs(
        "this program is a worker of ponte, which starts it by itself; `ponte runtimes` lists the "
        "workers\n",
        stderr);
    return 2;
  }
  Channel channel{Descriptor(worker_descriptor)};
  return serve(channel, engine);
}

}  // namespace ponte::protocol
