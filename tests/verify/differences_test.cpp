// Where two graphs are not the same. LAB.md, Judging 5.
#include "verify/differences.h"

#include <gmock/gmock.h>

#include "verify/graphs.h"

namespace ponte::verify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Matches match(const ir::Graph& a, const ir::Graph& b, Names names = Names::AreTheSame) {
  return match_values(a, b, Interface(a, b, {}, Shapes::MustBeEqual), names);
}

std::vector<std::string> described(const std::vector<DifferentConstant>& constants) {
  std::vector<std::string> lines;
  for (const DifferentConstant& constant : constants)
    lines.push_back(constant.node->name() + ": " + constant.constant + " " + constant.what);
  return lines;
}

TEST(DifferencesTest, ADroppedBiasIsOne) {
  const auto a = small_graph(), b = small_graph();
  drop_bias(*b);
  const Matches hints = match(*a, *b, Names::AreHints);
  EXPECT_THAT(described(different_constants(*a, *b, hints)),
              ElementsAre("conv_node: b is not there"));
  EXPECT_EQ(difference_of_node(*a->find("conv")->producer(), *b, hints),
            "has 2 inputs instead of 3");
  EXPECT_EQ(difference_of_node(*a->find("relu")->producer(), *b, hints), "");
}

TEST(DifferencesTest, AnAttributeIsNamed) {
  const auto a = small_graph(), b = small_graph();
  for (const auto* graph : {&a, &b}) {
    const std::int64_t pad = graph == &a ? 0 : 1;
    (*graph)->set_attribute(*(*graph)->find("conv")->producer(), "pads",
                            std::vector<std::int64_t>{pad, 0, 1 - pad, 0});
  }
  EXPECT_EQ(difference_of_node(*a->find("conv")->producer(), *b, match(*a, *b)),
            "has another `pads`");
}

TEST(DifferencesTest, SaysThatANodeIsOfAnotherOp) {
  const auto a = small_graph(), b = small_graph();
  ir::Node& relu = *b->find("relu")->producer();
  ir::Value& other = b->add("Abs", {b->find("conv")}, {}, "other", &relu);
  b->replace_uses(*b->find("relu"), other);
  b->erase(relu);
  b->rename(other, "relu");
  EXPECT_EQ(difference_of_node(*a->find("relu")->producer(), *b, match(*a, *b)),
            "is of the op Abs");
}

TEST(DifferencesTest, NamesConstantsThatDiffer) {
  const auto a = small_graph(), b = small_graph();
  b->set_tensor(*b->find("w"), constant({5, 3, 3, 3}, 99));
  b->set_input(*b->find("conv")->producer(), 2, nullptr);
  EXPECT_THAT(described(different_constants(*a, *b, match(*a, *b))),
              ElementsAre("conv_node: w has other values", "conv_node: b is not there"));
}

TEST(DifferencesTest, OwnConstantsAreThoseThatNoNameOfTheOtherHas) {
  const auto a = small_graph(), b = small_graph();
  EXPECT_THAT(own_constants(*a, *b), IsEmpty());
  b->rename(*b->find("w"), "weights");
  ir::Value& folded = b->add_constant("folded", constant({5}, 9));
  b->replace_uses(*b->find("b"), folded);
  EXPECT_THAT(own_constants(*a, *b), ElementsAre(&folded));
}

TEST(DifferencesTest, ANodeThatIsMissingIsNamed) {
  const auto a = small_graph(), b = small_graph();
  ir::Node& relu = *b->find("relu")->producer();
  b->replace_uses(*b->find("relu"), *b->find("conv"));
  b->erase(relu);
  Matches matches = match(*a, *b);
  const ir::Node& missing = *a->find("relu")->producer();
  match_inputs({&missing, a->find("product")->producer()}, matches);
  EXPECT_EQ(difference_of_node(missing, *b, matches), "is not there");
}

TEST(DifferencesTest, WhatStandsBetweenTwoNodesIsNamed) {
  const auto a = small_graph(), b = small_graph();
  ir::Node& product = *b->find("product")->producer();
  ir::Value& first = b->add("Abs", {b->find("relu")}, {}, "first", &product);
  ir::Value& second = b->add("Mul", {&first, b->find("relu")}, {}, "second", &product);
  b->set_input(product, 0, &second);
  const Matches matches = match(*a, *b);
  const ir::Node& node = *a->find("product")->producer();
  const auto found = difference_of_inputs(node, *b, matches, {});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->region, ElementsAre(first.producer(), second.producer()));
  EXPECT_EQ(found->what, "`first` (Abs) to `second` (Mul) stand between `relu` and `product_node`");
  const ops::Datum same = tensor({2}, {1, 2});
  EXPECT_FALSE(difference_of_inputs(node, *b, matches, {{b->find("relu"), same}, {&second, same}}))
      << "what changes no value is none";
}

TEST(DifferencesTest, WhatStandsBeforeAnOutputIsNamed) {
  const auto a = small_graph(), b = small_graph();
  ir::Value& last = b->add("Abs", {b->find("product")}, {}, "last");
  b->set_output(0, last);
  const Interface interface(*a, *b, {}, Shapes::MustBeEqual);
  const auto found = difference_of_outputs(*a, *b, interface, match(*a, *b), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->what, "`last` (Abs) stands between `product` and the output `last`");
  EXPECT_FALSE(
      difference_of_outputs(*a, *a, Interface(*a, *a, {}, Shapes::MustBeEqual), match(*a, *a), {}));
}

TEST(DifferencesTest, AnotherInputIsNamed) {
  const auto a = small_graph(), b = small_graph();
  b->set_input(*b->find("relu")->producer(), 0, b->find("x"));
  const auto found = difference_of_inputs(*a->find("relu")->producer(), *b, match(*a, *b), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->what, "`relu_node` reads `x` instead of `conv`");
}

// if (c) y = op(x, k) else y = x
std::unique_ptr<ir::Graph> branches(const char* op, std::uint64_t seed) {
  auto graph = std::make_unique<ir::Graph>(ops::all_ops());
  ir::Value& x = graph->add_input("x", floats({4}));
  ir::Value& c = graph->add_input("c", ir::Type::tensor(ir::DType::Bool, {}));
  ir::NodeSpec spec{.domain = "", .op = "If", .name = "choice", .inputs = {&c}};
  auto taken = graph->make_subgraph();
  ir::Value& k = taken->add_constant("k", constant({4}, seed));
  taken->add_output(taken->add(op, {&x, &k}, {}, "inner"));
  auto other = graph->make_subgraph();
  other->add_output(other->add("Relu", {&x}, {}, "same"));
  spec.subgraphs.push_back({"then_branch", std::move(taken), false});
  spec.subgraphs.push_back({"else_branch", std::move(other), false});
  spec.outputs = {"y"};
  graph->add_output(*graph->add(std::move(spec)).output(0));
  return graph;
}

TEST(DifferencesTest, BodiesAreCompared) {
  const auto a = branches("Mul", 1), b = branches("Add", 1), c = branches("Mul", 2);
  const auto found = difference_of_bodies(*a, *b, match(*a, *b), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(name_of(*found->region.front()), "inner");
  EXPECT_EQ(found->what, "`inner`, inside `choice`, is of the op Add");
  EXPECT_FALSE(difference_of_bodies(*a, *c, match(*a, *c), {}));
  const auto constants = different_constants(*a, *c, match(*a, *c));
  ASSERT_EQ(constants.size(), 1U);
  EXPECT_EQ(constants[0].constant, "k");
  EXPECT_EQ(name_of(*constants[0].node), "inner");
}

}  // namespace
}  // namespace ponte::verify
