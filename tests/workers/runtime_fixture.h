// A worker of a runtime of this machine, or a skipped test that says why there is none.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/environment.h"
#include "paths.h"
#include "runtimes/discover.h"

namespace ponte::runtimes {

inline std::string model_path(const std::string& file) {
  return (test::data_folder() / "runtimes" / file).string();
}

inline HostTensor float_tensor(std::string name, std::vector<std::int64_t> shape,
                               std::vector<float> values) {
  HostTensor tensor{
      .name = std::move(name), .dtype = ir::DType::Float32, .shape = std::move(shape)};
  const auto bytes = std::as_bytes(std::span(values));
  tensor.bytes.assign(bytes.begin(), bytes.end());
  return tensor;
}

template <typename T>
std::vector<T> values_of(const HostTensor& tensor) {
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

class RuntimeTest : public testing::Test {
 protected:
  explicit RuntimeTest(std::string name) : name_(std::move(name)) {}

  void SetUp() override {
    search_ = default_search_path();
    search_.worker_folder = test::program_folder();
    const Discovery discovery = discover({.name = name_}, search_);
    if (!discovery.found) GTEST_SKIP() << name_ << " is missing: " << discovery.why_not;
    installation_ = *discovery.found;
    start();
  }

  void start() {
    auto started = Worker::start(worker_command(*find_runtime(name_), installation_, search_));
    ASSERT_TRUE(started) << describe(started.failure());
    worker_ = std::move(started.value());
  }

  Loaded load(const LoadRequest& request) {
    auto loaded = worker_->load(request);
    if (!loaded) {
      ADD_FAILURE() << describe(loaded.failure());
      return {};
    }
    return loaded.value();
  }

  RunResult run(std::vector<HostTensor> inputs) {
    const auto set = worker_->set_inputs(0, std::move(inputs));
    if (!set) {
      ADD_FAILURE() << describe(set.failure());
      return {};
    }
    return run_again();
  }

  RunResult run_again() {
    auto result = worker_->run();
    if (!result) {
      ADD_FAILURE() << describe(result.failure());
      return {};
    }
    return result.value();
  }

  std::string name_;
  SearchPath search_;
  Installation installation_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace ponte::runtimes
