// ponte-worker-onnxruntime LIBRARY: ONNX Runtime through its C API, loaded from the path given.
#include <cstdio>
#include <exception>

#include "runtimes/protocol/serve.h"
#include "workers/onnxruntime/engine.h"

int main(int argc, char** argv) {
  try {
    ponte::worker::OnnxRuntimeEngine engine(argc > 1 ? argv[1] : "libonnxruntime.so");
    return ponte::protocol::serve_coordinator(engine);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
