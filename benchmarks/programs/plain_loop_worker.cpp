// benchmark_plain_loop LIBRARY: the plain loop as a worker, so that the lab can measure it in turns
// with ponte's own worker. Between two looks at the clock there is nothing but plain_loop.c.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "programs/plain_loop.h"
#include "runtimes/protocol/serve.h"

namespace {

using namespace ponte::protocol;

void require_success(const char* problem) {
  if (problem != nullptr) throw Refusal("runtime_error", problem);
}

class PlainLoopEngine final : public Engine {
 public:
  explicit PlainLoopEngine(const char* library) : library_(library) {}

  Identity identity() override {
    return {.worker = "benchmark_plain_loop", .runtime = "plain loop", .library_path = library_};
  }
  Description describe() override { return {.devices = {"cpu"}, .formats = {"onnx"}}; }

  Loaded load(const LoadRequest& request) override {
    loop_ = {};
    inputs_.clear();
    require_success(plain_loop_open(&loop_, library_, request.model.c_str()));
    return {};
  }

  // The numbers of element types are ONNX's on both sides.
  void set_inputs(std::uint64_t, std::vector<HostTensor> inputs) override {
    inputs_ = std::move(inputs);
    for (HostTensor& input : inputs_) {
      const PlainLoopInput plain{.name = input.name.c_str(),
                                 .type = static_cast<ONNXTensorElementDataType>(input.dtype),
                                 .shape = input.shape.data(),
                                 .rank = input.shape.size(),
                                 .data = input.bytes.data(),
                                 .bytes = input.bytes.size()};
      require_success(plain_loop_add_input(&loop_, &plain));
    }
  }

  Measured measure(const MeasureRequest& request) override {
    if (request.batch != 1) throw Refusal("unsupported", "the plain loop times one execution");
    Measured measured;
    if (!first_ns) {
      first_ns = run({.count = 1, .max_count = 1}).duration_ns.front();
      measured = run(request);
      measured.first_ns = first_ns;
      return measured;
    }
    return run(request);
  }

  void select(std::uint64_t) override {}
  void execute() override { run({.count = 1, .max_count = 1}); }
  void after_execution() override {}
  std::vector<HostTensor> outputs() override { return {}; }

 private:
  // Times go to memory that was touched before, so that nothing but the loop runs between them.
  Measured run(const MeasureRequest& request) {
    if (start_ns_.size() < request.max_count) {
      start_ns_.resize(request.max_count);
      duration_ns_.resize(request.max_count);
    }
    std::size_t done = 0;
    const std::clock_t before = std::clock();
    require_success(plain_loop_run(&loop_, request.count, request.min_ns, request.max_count,
                                   start_ns_.data(), duration_ns_.data(), &done));
    const auto cpu_ns = static_cast<std::uint64_t>(std::clock() - before) * 1000;
    const auto end = static_cast<std::ptrdiff_t>(done);
    return {.start_ns = {start_ns_.begin(), start_ns_.begin() + end},
            .duration_ns = {duration_ns_.begin(), duration_ns_.begin() + end},
            .cpu_ns = cpu_ns};
  }

  const char* library_;
  PlainLoop loop_{};
  std::vector<HostTensor> inputs_;
  std::vector<std::uint64_t> start_ns_;
  std::vector<std::uint64_t> duration_ns_;
};

}  // namespace

int main(int argc, char** argv) {
  PlainLoopEngine engine(argc > 1 ? argv[1] : "libonnxruntime.so");
  return serve_coordinator(engine);
}
