// The reference evaluator behind the protocol's engine: reads a model as `ponte convert` does, and
// runs its graph op by op.
#pragma once

#include <map>
#include <memory>

#include "evaluate/evaluator.h"
#include "ir/graph.h"
#include "runtimes/protocol/engine.h"
#include "runtimes/values/values.h"

namespace ponte::worker {

class ReferenceEngine final : public protocol::Engine {
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
  std::vector<std::string> intermediates() const;
  void run(const evaluate::Observer& observer);
  void keep_outputs_of(const ir::Node& node, const std::vector<ops::Datum>& outputs);

  protocol::LoadRequest request_;
  ops::Arithmetic arithmetic_ = ops::Arithmetic::Judge;
  ir::Model model_;
  std::unique_ptr<evaluate::Evaluator> evaluator_;  // of the model's graph; null: none is loaded
  std::vector<std::string> keep_;
  std::map<std::uint64_t, values::Values> sets_;
  values::Values* selected_ = nullptr;
  evaluate::Result result_;
  values::Values kept_;  // intermediate values of the last execution
};

}  // namespace ponte::worker
