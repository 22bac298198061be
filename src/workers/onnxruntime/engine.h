// ONNX Runtime behind the protocol's engine. An execution is one call of Run whose outputs the
// runtime allocates: what a plain C program does, so that its latency is theirs.
#pragma once

#include <map>
#include <optional>

#include "runtimes/protocol/engine.h"
#include "workers/onnxruntime/library.h"

namespace ponte::worker {

class OnnxRuntimeEngine final : public protocol::Engine {
 public:
  explicit OnnxRuntimeEngine(std::string library_path) : library_path_(std::move(library_path)) {}
  ~OnnxRuntimeEngine() override;

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
  // Inputs as Run wants them: names and values side by side.
  struct InputSet {
    std::vector<std::string> names;
    std::vector<Owned<OrtValue>> values;
    std::vector<const char*> name_pointers;
    std::vector<const OrtValue*> value_pointers;
  };

  Library& library();
  Owned<OrtSession> make_session(OrtSessionOptions* options);
  void choose_outputs(const std::vector<protocol::ValueInfo>& outputs);
  void run(OrtSession* session);

  std::string library_path_;
  std::optional<Library> library_;
  protocol::LoadRequest request_;
  Owned<OrtSession> session_{nullptr, nullptr};
  std::vector<std::string> more_outputs_;  // values of the graph that are none of its outputs
  std::vector<std::string> output_names_;
  std::vector<const char*> output_name_pointers_;
  std::vector<OrtValue*> outputs_;
  std::map<std::uint64_t, InputSet> sets_;
  InputSet* selected_ = nullptr;
};

}  // namespace ponte::worker
