// Values of the evaluator go to the protocol's tensors and come back the same.
#include "runtimes/values/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/expect_error.h"

namespace ponte::values {
namespace {

using ops::Array;
using ops::Datum;
using testing::ElementsAre;

Datum floats(std::vector<float> numbers) {
  const auto count = static_cast<std::int64_t>(numbers.size());
  return {Array(ir::DType::Float32, {count}, std::move(numbers))};
}

Datum sequence_of(std::vector<Datum> items) {
  return {ops::Sequence{ir::Type::tensor(ir::DType::Float32),
                        std::make_shared<const std::vector<Datum>>(std::move(items))}};
}

Values there_and_back(const Values& values) {
  return from_host(to_host(values), ops::Arithmetic::Exact);
}

TEST(Values, KeepTheBitsOfTensorsAndStrings) {
  const Values back = there_and_back(
      {{"x", floats({1.5F, -0.0F})},
       {"words", {Array(ir::DType::String, {2}, std::vector<std::string>{"", "bridge"})}},
       {"nibbles", {Array(ir::DType::Int4, {3}, std::vector<std::int64_t>{-8, 7, 1})}}});
  EXPECT_TRUE(std::signbit(back.at("x").array().as<float>()[1]));
  EXPECT_THAT(back.at("words").array().as<std::string>(), ElementsAre("", "bridge"));
  EXPECT_EQ(back.at("nibbles").array().dtype(), ir::DType::Int4);
  EXPECT_THAT(back.at("nibbles").array().to_i64(), ElementsAre(-8, 7, 1));
}

TEST(Values, KeepTheOrderOfSequencesAndThatOneIsEmpty) {
  const Values back = there_and_back(
      {{"two", sequence_of({floats({1}), floats({2, 3})})}, {"none", sequence_of({})}});
  const auto& two = *back.at("two").sequence().items;
  ASSERT_EQ(two.size(), 2U);
  EXPECT_THAT(two[0].array().as<float>(), ElementsAre(1));
  EXPECT_THAT(two[1].array().as<float>(), ElementsAre(2, 3));
  EXPECT_TRUE(back.at("none").sequence().items->empty());
  EXPECT_EQ(back.at("none").sequence().element.as_tensor()->dtype, ir::DType::Float32);
}

TEST(Values, KeepThatAnOptionalHasNone) {
  const ir::Type element = ir::Type::tensor(ir::DType::Float32);
  const Values back = there_and_back(
      {{"some", {ops::OptionalDatum{element, std::make_shared<const Datum>(floats({7}))}}},
       {"none", {ops::OptionalDatum{element, nullptr}}}});
  EXPECT_THAT(back.at("some").array().as<float>(), ElementsAre(7));
  EXPECT_EQ(back.at("none").optional().item, nullptr);
}

TEST(Values, ThatDoNotTravelAreRefused) {
  test::expect_error(Code::InvalidInputType, [] { to_host({{"map", {ops::MapDatum{}}}}); });
  test::expect_error(Code::InvalidInputType, [] {
    to_host({{"nested", sequence_of({sequence_of({floats({1})})})}});
  });
}

TEST(Values, OfTheWrongSizeAreRefused) {
  std::vector<protocol::HostTensor> tensors = to_host({{"x", floats({1, 2})}});
  tensors[0].shape = {3};
  test::expect_error(Code::WorkerProtocol,
                     [&] { from_host(std::move(tensors), ops::Arithmetic::Judge); });
}

}  // namespace
}  // namespace ponte::values
