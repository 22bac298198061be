// The fake runtime: reports scripted latencies on virtual time and gives scripted outputs.
#pragma once

#include <map>

#include "runtimes/protocol/engine.h"
#include "workers/fake/script.h"

namespace ponte::worker {

class FakeEngine final : public protocol::Engine {
 public:
  // `script` holds until a model is loaded.
  explicit FakeEngine(Script script);

  // Does what the script says about this phase. "wrong_answer" and "nan" wait until the outputs are
  // asked for.
  void at(std::string_view phase);

  protocol::Identity identity() override;
  protocol::Description describe() override;
  protocol::Loaded load(const protocol::LoadRequest& request) override;
  void set_inputs(std::uint64_t set, std::vector<protocol::HostTensor> inputs) override;
  void select(std::uint64_t set) override;
  void execute() override;
  void after_execution() override;
  std::vector<protocol::HostTensor> outputs() override;
  protocol::Measured measure(const protocol::MeasureRequest& request) override;
  protocol::Calibration calibrate() override;
  std::uint64_t canary_ns() override;
  protocol::Profile profile(std::uint64_t set, std::uint64_t executions) override;
  protocol::MemoryUse memory() override;

 private:
  std::uint64_t next_latency();
  std::uint64_t measured_execution();
  protocol::HostTensor output_of(const ScriptedOutput& scripted) const;
  void spoil(std::vector<protocol::HostTensor>& outputs) const;

  Script script_;
  protocol::LoadRequest request_;
  runtimes::fake::LatencyModel latency_;
  runtimes::fake::LatencyModel canary_;
  std::map<std::uint64_t, std::vector<protocol::HostTensor>> sets_;
  std::vector<protocol::HostTensor>* selected_ = nullptr;
  std::vector<protocol::HostTensor> outputs_;
  std::map<std::string, std::uint64_t, std::less<>> visits_;
  std::uint64_t executions_ = 0;
  std::uint64_t virtual_ns_ = 0;
  std::string wrong_;  // how the outputs are spoilt; empty: not
};

}  // namespace ponte::worker
