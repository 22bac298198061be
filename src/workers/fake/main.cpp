// ponte-worker-fake [SCRIPT]: a runtime that does what a script says, so that everything around a
// runtime can be tested. A model of the format `fake` is a script; the one on the command line
// decides what happens before a model is loaded, and with models of other formats.
#include <cstdio>
#include <exception>

#include "runtimes/protocol/serve.h"
#include "workers/fake/fake_engine.h"

int main(int argc, char** argv) {
  try {
    ponte::worker::FakeEngine engine(argc > 1 ? ponte::worker::read_script(argv[1])
                                              : ponte::worker::Script{});
    engine.at("spawn");
    return ponte::protocol::serve_coordinator(engine);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
