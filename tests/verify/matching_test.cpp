// Values of two graphs that stand for each other. LAB.md, Judging 5.
#include "verify/matching.h"

#include <gmock/gmock.h>

#include "verify/graphs.h"

namespace ponte::verify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> described(const std::vector<DifferentConstant>& constants) {
  std::vector<std::string> lines;
  for (const DifferentConstant& constant : constants)
    lines.push_back(constant.node->name() + ": " + constant.constant + " " + constant.what);
  return lines;
}

TEST(MatchingTest, FindsTheSameNames) {
  const auto a = small_graph(), b = small_graph();
  const Matches matches = match_values(*a, *b);
  EXPECT_EQ(matches.size(), 4U);
  EXPECT_EQ(matches.at(a->find("relu")), b->find("relu"));
  EXPECT_TRUE(match_node_by_node(*a, matches));
  EXPECT_THAT(different_constants(*a, *b, matches), IsEmpty());
}

TEST(MatchingTest, FindsTheSameSourceTensors) {
  const auto a = small_graph(), b = small_graph();
  b->rename(*b->find("relu"), "other");
  b->find("other")->origin = ir::ValueOrigin{"relu", {}, false};
  EXPECT_EQ(match_values(*a, *b).at(a->find("relu")), b->find("other"));
  b->find("other")->origin->permutation = {0, 2, 3, 1};
  b->rename(*b->find("conv"), "another");
  EXPECT_EQ(match_values(*a, *b).at(a->find("conv")), b->find("another"))
      << "the only convolution of the same input";
}

TEST(MatchingTest, StructureNeedsTheSameOp) {
  const auto a = small_graph();
  const auto b = small_graph();
  ir::Node& relu = *b->find("relu")->producer();
  ir::Value& other = b->add("Abs", {b->find("conv")}, {}, "other", &relu);
  b->replace_uses(*b->find("relu"), other);
  b->erase(relu);
  const Matches matches = match_values(*a, *b);
  EXPECT_FALSE(matches.contains(a->find("relu")));
  EXPECT_FALSE(match_node_by_node(*a, matches));
}

TEST(MatchingTest, NamesOfAnotherProgramAreHints) {
  const auto a = small_graph(), b = small_graph();
  ir::Node& conv = *b->find("conv")->producer();
  ir::Value& without_bias = b->add("Conv", {b->find("x"), b->find("w")}, {}, "bare", &conv);
  b->replace_uses(*b->find("conv"), without_bias);
  b->erase(conv);
  b->rename(without_bias, "conv");
  EXPECT_EQ(match_values(*a, *b).at(a->find("conv")), &without_bias);
  const Matches hints = match_values(*a, *b, Names::AreHints);
  EXPECT_FALSE(hints.contains(a->find("conv")));
  EXPECT_EQ(hints.at(a->find("relu")), b->find("relu"));
  EXPECT_THAT(described(different_constants(*a, *b, hints)),
              ElementsAre("conv_node: b is not there"));
  EXPECT_EQ(difference_of_node(*a->find("conv")->producer(), *b), "has 2 inputs instead of 3");
  EXPECT_EQ(difference_of_node(*a->find("relu")->producer(), *b), "");
}

TEST(MatchingTest, SaysThatANodeIsOfAnotherOp) {
  const auto a = small_graph(), b = small_graph();
  ir::Node& relu = *b->find("relu")->producer();
  ir::Value& other = b->add("Abs", {b->find("conv")}, {}, "other", &relu);
  b->replace_uses(*b->find("relu"), other);
  b->erase(relu);
  b->rename(other, "relu");
  EXPECT_EQ(difference_of_node(*a->find("relu")->producer(), *b), "is of the op Abs");
}

TEST(MatchingTest, NamesConstantsThatDiffer) {
  const auto a = small_graph(), b = small_graph();
  b->set_tensor(*b->find("w"), constant({5, 3, 3, 3}, 99));
  b->set_input(*b->find("conv")->producer(), 2, nullptr);
  EXPECT_THAT(described(different_constants(*a, *b, match_values(*a, *b))),
              ElementsAre("conv_node: w has other values", "conv_node: b is not there"));
}

TEST(MatchingTest, OwnConstantsAreThoseThatNoNameOfTheOtherHas) {
  const auto a = small_graph(), b = small_graph();
  EXPECT_THAT(own_constants(*a, *b), IsEmpty());
  b->rename(*b->find("w"), "weights");
  ir::Value& folded = b->add_constant("folded", constant({5}, 9));
  b->replace_uses(*b->find("b"), folded);
  EXPECT_THAT(own_constants(*a, *b), ElementsAre(&folded));
}

}  // namespace
}  // namespace ponte::verify
