// A rewrite of a graph: nodes added, values replaced; committed whole or not at all.
#pragma once

#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/graph.h"

namespace ponte::ir {

// Until commit() the graph has the added nodes and nothing else that is new; without it they are
// taken back. One patch of a graph is open at a time.
class Patch {
 public:
  // New nodes stand before `at`, so they take what is defined before it.
  Patch(Graph& graph, Node& at);
  ~Patch();
  Patch(const Patch&) = delete;
  Patch& operator=(const Patch&) = delete;

  // As Graph::add() and Graph::add_constant(); names are made unique from the hint.
  Value& add(std::string_view op, std::vector<Value*> inputs, Attributes attributes = {},
             std::string_view name_hint = {});
  Node& add(NodeSpec spec);
  Value& constant(std::string_view name_hint, Tensor tensor);

  // From commit() on, whatever took `from` takes `to`. `from` is a result of `at` or of a node
  // behind it; `to` is defined before `at`.
  void replace(Value& from, Value& to);

  // Replaces, infers again whatever that changes, and erases the nodes and constants that nothing
  // uses any more, beginning with the producers of what was replaced. Added nodes get the origins
  // of all that were erased; a value that stands for another one gets its origin and annotations. A
  // graph's outputs keep their names. Throws TypesDisagree where a value's type contradicts that of
  // the one it stands for, and what inference throws; then the graph is as it was before the patch.
  void commit();

 private:
  class Journal;
  void check_order() const;
  bool is_own(const Value& value) const;
  Value& with_name_of_output(Value& from, Value& to);
  void hand_over(Value& from, Value& to, Journal& journal);
  void take_over_uses(Value& from, Value& to, Journal& journal);
  void take_over_name(Value& from, Value& to, Journal& journal);
  void infer_downstream(Journal& journal);
  std::set<NodeOrigin> erase_unused();
  void take_back();

  Graph& graph_;
  Node& at_;
  std::vector<std::pair<Node*, std::shared_ptr<const Record>>> records_around_;
  std::vector<Node*> added_;
  std::vector<Value*> constants_;
  std::vector<std::pair<Value*, Value*>> replacements_;
  bool is_open_ = true;
};

}  // namespace ponte::ir
