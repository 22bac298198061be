#include "runtimes/opencv/settings.h"

namespace ponte::runtimes::opencv {

std::vector<protocol::Setting> settings() {
  return {
      {"threads", "integer", "threads of the whole module; unset: as many as OpenCV thinks best",
       ""},
      {"fusion", "boolean", "fuse neighbouring layers; 0 makes every intermediate value observable",
       "1"},
      {"winograd", "boolean", "Winograd's algorithm for 3x3 convolutions, where the version has it",
       "1"},
      {"optimized", "boolean", "vectorised code instead of plain C++", "1"},
      {"backend", "default|opencv|inference_engine|cuda|vkcom",
       "which implementation runs the layers", "opencv"},
  };
}

}  // namespace ponte::runtimes::opencv
