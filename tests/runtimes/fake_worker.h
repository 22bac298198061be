// Starts the fake worker with a script written for one test.
#pragma once

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "paths.h"
#include "runtimes/worker.h"

namespace ponte::runtimes {

inline std::string worker_program(const std::string& name) {
  return test::program_folder() / ("ponte-worker-" + name);
}

// A file that is gone with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("ponte-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".json");
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

inline WorkerCommand fake_command(const std::string& script_path) {
  return {.arguments = {worker_program("fake"), script_path}};
}

inline HostTensor floats(std::string name, std::vector<float> values) {
  HostTensor tensor{.name = std::move(name),
                    .dtype = ir::DType::Float32,
                    .shape = {static_cast<std::int64_t>(values.size())},
                    .bytes = {}};
  const auto bytes = std::as_bytes(std::span(values));
  tensor.bytes.assign(bytes.begin(), bytes.end());
  return tensor;
}

inline std::vector<float> float_values(const HostTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

}  // namespace ponte::runtimes
