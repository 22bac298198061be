// Runs a graph by its ops: order, memory, threads, budgets; judge and exact arithmetic.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/stop.h"
#include "evaluate/thread_pool.h"
#include "ir/graph.h"
#include "ops/evaluation.h"

namespace ponte::evaluate {

using ops::Arithmetic;
using ops::Array;
using ops::Datum;

struct Options {
  Arithmetic arithmetic = Arithmetic::Judge;
  std::uint64_t seed = 0;  // of random ops without a seed of their own
  int threads = 1;
  std::int64_t memory_bytes = std::int64_t{8} << 30;
  std::int64_t steps = std::numeric_limits<std::int64_t>::max();
  StopToken stop = {};
};

// Sees each node after its evaluation, in order, subgraphs included, and may change the outputs:
// what measures local errors or adds noise.
using Observer = std::function<void(const ir::Node&, const std::vector<Datum>& inputs,
                                    std::vector<Datum>& outputs)>;

// A node whose finite results became infinite in its declared dtype.
struct Overflow {
  std::string node;
  std::string output;
  std::int64_t elements = 0;
};

struct Result {
  std::vector<Datum> outputs;  // in the order of the graph's
  std::vector<Overflow> overflows;
  std::int64_t peak_bytes = 0;
};

// Evaluates one graph any number of times; constants are loaded once. Not for use from several
// threads at once.
class Evaluator final : private ops::Services {
 public:
  Evaluator(const ir::Graph& graph, Options options);
  ~Evaluator() override;

  // Inputs by name; inputs with defaults may be left out. Throws MissingModelInput,
  // InvalidInputType when dtype or shape contradict the graph, and what ops throw, with the node
  // filled in.
  Result run(const std::map<std::string, Datum>& inputs, const Observer& observer = {});

  // Evaluates one node on inputs of the caller's choice.
  std::vector<Datum> run_node(const ir::Node& node, std::vector<Datum> inputs);

  // What a constant counts as from now on.
  void set_constant(const ir::Value& value, Datum datum);

  ops::Services& services() { return *this; }
  void set_seed(std::uint64_t seed) { options_.seed = seed; }

  std::int64_t steps() const { return steps_; }  // that the last run took, or went before it failed
  void limit_steps(std::int64_t steps) { options_.steps = steps; }  // from the next run on

 private:
  struct Frame;
  Arithmetic arithmetic() const override { return options_.arithmetic; }
  std::shared_ptr<ops::MemoryMeter> meter() const override { return meter_; }
  void charge_steps(std::int64_t steps) override;
  void parallel_for(std::int64_t count, std::int64_t grain,
                    const std::function<void(std::int64_t, std::int64_t)>& work) override;
  std::vector<Datum> run_subgraph(const ir::Graph& body, std::vector<Datum> inputs) override;
  Random random(const ir::Node& node) override;

  std::vector<Datum> run_graph(const ir::Graph& graph);
  void run_node_of(const ir::Node& node);
  std::vector<Datum> evaluate(const ir::Node& node, std::vector<Datum> inputs);
  const Datum& constant(const ir::Value& value);
  Datum input_of(const ir::Value& value, const ir::Node& node);

  const ir::Graph& graph_;
  Options options_;
  std::shared_ptr<ops::MemoryMeter> meter_;
  ThreadPool pool_;
  std::atomic<std::int64_t> steps_ = 0;
  std::unordered_map<const ir::Value*, Datum> constants_;
  std::unordered_map<const ir::Value*, Datum> values_;
  // The last node of its own graph that uses a value, for giving memory back.
  std::unordered_map<const ir::Value*, const ir::Node*> last_use_;
  const Observer* observer_ = nullptr;
  std::vector<Overflow> overflows_;
};

}  // namespace ponte::evaluate
