// Where a network ends when the user says so.
#include "formats/shared/cut.h"

#include <gmock/gmock.h>

namespace ponte::shared {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

ForeignNode node(std::string name, std::vector<std::string> inputs,
                 std::vector<std::string> outputs) {
  ForeignNode made;
  made.name = std::move(name);
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

class CutAt : public testing::Test {
 protected:
  Cut cut(const std::vector<std::string>& names) const {
    std::vector<const ForeignNode*> pointers;
    for (const ForeignNode& each : nodes_) pointers.push_back(&each);
    return cut_at(pointers, names);
  }

  // Out of order; `both` is the name of a node and of another node's value.
  std::vector<ForeignNode> nodes_{
      node("last", {"b", "c"}, {"d"}),
      node("first", {"x"}, {"a", "", "both"}),
      node("both", {"a", ""}, {"b"}),
      node("", {"y", "a"}, {"c"}),
  };
};

TEST_F(CutAt, no_name_leaves_everything) {
  const Cut none = cut({});
  EXPECT_THAT(none.found, IsEmpty());
  EXPECT_THAT(none.leads, ElementsAre(true, true, true, true));
}

TEST_F(CutAt, a_node_gives_its_results) {
  const Cut made = cut({"first"});
  EXPECT_THAT(made.found, ElementsAre("first"));
  EXPECT_THAT(made.outputs, ElementsAre("a", "both"));
  EXPECT_THAT(made.leads, ElementsAre(false, true, false, false));
  EXPECT_THAT(made.taken, UnorderedElementsAre("a", "both", "x"));
}

TEST_F(CutAt, a_name_is_first_of_all_a_node) {
  EXPECT_THAT(cut({"both"}).outputs, ElementsAre("b"));
}

TEST_F(CutAt, a_value_is_named_too_and_the_order_is_the_users) {
  const Cut made = cut({"c", "both", "c"});
  EXPECT_THAT(made.outputs, ElementsAre("c", "b"));
  EXPECT_THAT(made.leads, ElementsAre(false, true, true, true));
  EXPECT_THAT(made.taken, UnorderedElementsAre("a", "b", "c", "x", "y"));
}

TEST_F(CutAt, names_that_are_not_there_and_inputs_are_not_found) {
  const Cut made = cut({"x", "absent", "c", ""});
  EXPECT_THAT(made.found, ElementsAre("c"));
  EXPECT_THAT(cut({"x"}).leads, ElementsAre(true, true, true, true));
}

TEST_F(CutAt, bodies_take_values_from_outside) {
  auto body = std::make_shared<ForeignGraph>();
  body->nodes.push_back(node("inner", {"b"}, {"inside"}));
  body->results = {"inside", "c"};  // one of its own and one of the graph around it
  nodes_.push_back(node("choice", {"x"}, {"e"}));
  nodes_.back().subgraphs.push_back({"then_branch", body});
  const Cut made = cut({"choice"});
  EXPECT_THAT(made.leads, ElementsAre(false, true, true, true, true));
}

TEST_F(CutAt, cycles_end) {
  nodes_.push_back(node("loop", {"f"}, {"f"}));
  EXPECT_THAT(cut({"loop"}).leads, ElementsAre(false, false, false, false, true));
}

}  // namespace
}  // namespace ponte::shared
