// ponte-worker-opencv: OpenCV's DNN module.
#include "runtimes/protocol/serve.h"
#include "workers/opencv/engine.h"

int main() {
  ponte::worker::OpenCvEngine engine;
  return ponte::protocol::serve_coordinator(engine);
}
