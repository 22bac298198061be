#include "paths.h"

#include <cstdlib>

namespace ponte::test {

namespace fs = std::filesystem;

fs::path source_folder() { return PONTE_SOURCE_DIR; }

fs::path data_folder() { return source_folder() / "tests/data"; }

fs::path program_folder() { return PONTE_PROGRAM_DIR; }

fs::path models_folder() {
  const char* folder = std::getenv("PONTE_MODELS");
  return folder ? fs::path(folder) : source_folder() / "../shared/models";
}

std::string missing_models() {
  return models_folder().string() + " is not there; PONTE_MODELS names another folder";
}

}  // namespace ponte::test
