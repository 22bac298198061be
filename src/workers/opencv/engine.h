// OpenCV's DNN module behind the protocol's engine. An execution is setInput of every input and
// forward: what a program does for each image.
#pragma once

#include <map>
#include <opencv2/dnn.hpp>

#include "runtimes/protocol/engine.h"

namespace ponte::worker {

class OpenCvEngine final : public protocol::Engine {
 public:
  protocol::Identity identity() override;
  protocol::Description describe() override;
  protocol::Loaded load(const protocol::LoadRequest& request) override;
  void set_inputs(std::uint64_t set, std::vector<protocol::HostTensor> inputs) override;
  void select(std::uint64_t set) override;
  void execute() override;
  void after_execution() override;
  std::vector<protocol::HostTensor> outputs() override;
  protocol::Profile profile(std::uint64_t set, std::uint64_t executions) override;

 private:
  struct Input {
    std::string name;
    cv::Mat mat;
  };

  void choose_outputs();

  protocol::LoadRequest request_;
  cv::dnn::Net network_;
  std::vector<std::string> output_names_;
  std::vector<cv::Mat> outputs_;
  std::map<std::uint64_t, std::vector<Input>> sets_;
  std::vector<Input>* selected_ = nullptr;
};

}  // namespace ponte::worker
