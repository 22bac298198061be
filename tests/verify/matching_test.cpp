// Values of two graphs that stand for each other. LAB.md, Judging 5.
#include "verify/matching.h"

#include <gmock/gmock.h>

#include "verify/graphs.h"

namespace ponte::verify {
namespace {

Matches match(const ir::Graph& a, const ir::Graph& b, Names names = Names::AreTheSame) {
  return match_values(a, b, Interface(a, b, {}, Shapes::MustBeEqual), names);
}

TEST(MatchingTest, FindsTheSameNames) {
  const auto a = small_graph(), b = small_graph();
  const Matches matches = match(*a, *b);
  EXPECT_EQ(matches.size(), 4U);
  EXPECT_EQ(matches.at(a->find("relu")), b->find("relu"));
  EXPECT_TRUE(match_node_by_node(*a, matches));
}

TEST(MatchingTest, FindsTheSameSourceTensors) {
  const auto a = small_graph(), b = small_graph();
  b->rename(*b->find("relu"), "other");
  b->find("other")->origin = ir::ValueOrigin{"relu", {}, false};
  EXPECT_EQ(match(*a, *b).at(a->find("relu")), b->find("other"));
  b->find("other")->origin->permutation = {0, 2, 3, 1};
  b->rename(*b->find("conv"), "another");
  EXPECT_EQ(match(*a, *b).at(a->find("conv")), b->find("another"))
      << "the only convolution of the same input";
}

TEST(MatchingTest, StructureNeedsTheSameOp) {
  const auto a = small_graph();
  const auto b = small_graph();
  ir::Node& relu = *b->find("relu")->producer();
  ir::Value& other = b->add("Abs", {b->find("conv")}, {}, "other", &relu);
  b->replace_uses(*b->find("relu"), other);
  b->erase(relu);
  const Matches matches = match(*a, *b);
  EXPECT_FALSE(matches.contains(a->find("relu")));
  EXPECT_FALSE(match_node_by_node(*a, matches));
}

TEST(MatchingTest, NamesOfAnotherProgramAreHints) {
  const auto a = small_graph(), b = small_graph();
  const ir::Value& without_bias = drop_bias(*b);
  EXPECT_EQ(match(*a, *b).at(a->find("conv")), &without_bias);
  const Matches hints = match(*a, *b, Names::AreHints);
  EXPECT_FALSE(hints.contains(a->find("conv")));
  EXPECT_EQ(hints.at(a->find("relu")), b->find("relu"));
}

// A program may give every value a name of its own.
void rename_all(ir::Graph& graph) {
  for (const char* name : {"x", "conv", "relu", "product"})
    graph.rename(*graph.find(name), std::string("other_") + name);
}

TEST(MatchingTest, NeedsNoNames) {
  const auto a = small_graph(), b = small_graph();
  rename_all(*b);
  const Matches matches = match(*a, *b, Names::AreHints);
  EXPECT_EQ(matches.at(a->find("x")), b->find("other_x"));
  EXPECT_EQ(matches.at(a->find("relu")), b->find("other_relu"));
  EXPECT_TRUE(match_node_by_node(*a, matches));
}

TEST(MatchingTest, AnOutputIsTheOneOfTheInterfaceWhateverGivesIt) {
  const auto a = small_graph(), b = small_graph();
  ir::Value& other = b->add("Add", {b->find("relu"), b->find("relu")}, {}, "other");
  b->set_output(0, other);
  EXPECT_EQ(match(*a, *b, Names::AreHints).at(a->find("product")), b->find("product"))
      << "what does the same stands before the interface";
  b->erase(*b->find("product")->producer());
  ir::Graph graph(ops::all_ops());
  graph.add_output(graph.add("Relu", {&graph.add_input("x", floats({4}))}, {}, "y"));
  ir::Graph another(ops::all_ops());
  another.add_output(another.add("Abs", {&another.add_input("x", floats({4}))}, {}, "z"));
  EXPECT_EQ(match(graph, another, Names::AreHints).at(graph.find("y")), another.find("z"));
}

TEST(MatchingTest, OfSeveralNodesThatDoTheSameTheOneWithTheSameConstants) {
  const auto graph = [](std::vector<const char*> order) {
    auto made = std::make_unique<ir::Graph>(ops::all_ops());
    ir::Value& x = made->add_input("x", floats({4}));
    ir::Value& one = made->add_constant("one", constant({4}, 1));
    ir::Value& two = made->add_constant("two", constant({4}, 2));
    for (const char* name : order)
      made->add_output(made->add("Mul", {&x, std::string(name) == "a" ? &one : &two}, {}, name));
    return made;
  };
  const auto a = graph({"a", "b"}), b = graph({"b", "a"});
  b->rename(*b->find("a"), "p");
  b->rename(*b->find("b"), "q");
  const Matches matches = match(*a, *b, Names::AreHints);
  EXPECT_EQ(matches.at(a->find("a")), b->find("p"));
  EXPECT_EQ(matches.at(a->find("b")), b->find("q"));
}

TEST(MatchingTest, InputsOfNodesThatMatchMatch) {
  const auto a = small_graph(), b = small_graph();
  ir::Node& relu = *b->find("relu")->producer();
  ir::Value& other = b->add("Abs", {b->find("conv")}, {}, "other", &relu);
  b->replace_uses(*b->find("relu"), other);
  b->erase(relu);
  Matches matches = match(*a, *b);
  EXPECT_FALSE(matches.contains(a->find("relu")));
  match_inputs({a->find("product")->producer()}, matches);
  EXPECT_EQ(matches.at(a->find("relu")), &other);
}

}  // namespace
}  // namespace ponte::verify
