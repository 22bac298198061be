// What an op's evaluate function sees: one node with its inputs, and the services of the evaluator.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "ir/inference.h"
#include "ops/array.h"
#include "ops/datum.h"

namespace ponte::ops {

// What the evaluator provides. One object serves a whole run; its functions may be called from any
// thread.
class Services {
 public:
  virtual ~Services() = default;
  virtual Arithmetic arithmetic() const = 0;
  virtual std::shared_ptr<MemoryMeter> meter() const = 0;
  // Counts work (about one per element operation); throws BudgetExceeded or Interrupted.
  virtual void charge_steps(std::int64_t steps) = 0;
  // Calls work(begin, end) over parts of [0, count), each of at least `grain` (the last may be
  // shorter), perhaps on several threads. What it throws is thrown again.
  virtual void parallel_for(std::int64_t count, std::int64_t grain,
                            const std::function<void(std::int64_t, std::int64_t)>& work) = 0;
  // Runs a body with these inputs and gives its outputs; outer values are those of the current run.
  virtual std::vector<Datum> run_subgraph(const ir::Graph& body, std::vector<Datum> inputs) = 0;
  // The generator for a node's draws: decided by the run's seed and the node's name, or by the op's
  // own seed.
  virtual Random random(const ir::Node& node) = 0;
};

class Evaluation {
 public:
  Evaluation(const ir::Node& node, std::vector<Datum> inputs, Services& services);

  const ir::Node& node() const { return node_; }
  const ir::AttributeReader& attributes() const { return attributes_; }
  Services& services() const { return services_; }
  Arithmetic arithmetic() const { return services_.arithmetic(); }

  std::size_t input_count() const { return inputs_.size(); }
  bool has_input(std::size_t i) const { return i < inputs_.size() && !inputs_[i].is_absent(); }
  const Array& input(std::size_t i) const;  // throws InvalidInputType when it is no tensor
  const Datum& datum(std::size_t i) const { return inputs_.at(i); }
  // The input moved out, so that its memory can be written in place when this was its last use.
  Array take(std::size_t i);

  std::size_t output_count() const { return outputs_.size(); }
  bool wants(std::size_t i) const { return node_.output(i) != nullptr; }
  Array allocate(ir::DType dtype, Dims shape) const;  // zeros, on the budget
  void set(std::size_t output, Array array);
  void set(std::size_t output, Datum datum);
  std::vector<Datum>& outputs() { return outputs_; }

  void charge_steps(std::int64_t steps) const { services_.charge_steps(steps); }
  void parallel_for(std::int64_t count, std::int64_t grain,
                    const std::function<void(std::int64_t, std::int64_t)>& work) const {
    services_.parallel_for(count, grain, work);
  }
  std::vector<Datum> run_subgraph(std::string_view name, std::vector<Datum> inputs) const;
  Random random() const { return services_.random(node_); }

  void require(bool holds, Code code, const std::string& message) const {
    if (!holds) throw Error(code, message);
  }

 private:
  const ir::Node& node_;
  ir::AttributeReader attributes_;
  std::vector<Datum> inputs_;
  std::vector<Datum> outputs_;
  Services& services_;
};

}  // namespace ponte::ops
