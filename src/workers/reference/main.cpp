// ponte-worker-reference: the judge as a runtime.
#include "runtimes/protocol/serve.h"
#include "workers/reference/engine.h"

int main() {
  ponte::worker::ReferenceEngine engine;
  return ponte::protocol::serve_coordinator(engine);
}
