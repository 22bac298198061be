#include "ir/type.h"

#include <gtest/gtest.h>

#include "base/expect_error.h"

namespace ponte::ir {
namespace {

using test::expect_error;

const Dim batch = Dim::symbol("batch");
const Dim width = Dim::symbol("width");

TEST(Type, TextOfEachKindRoundTrips) {
  const Type image = Type::tensor(DType::Float32, {batch, 3, floor_div(width, 2) + 1});
  const std::pair<Type, const char*> cases[] = {
      {{}, "?"},
      {image, "f32[batch,3,floordiv(width, 2) + 1]"},
      {Type::tensor(DType::Int64), "i64[...]"},
      {Type::tensor(DType::Bool, Shape{}), "bool[]"},
      {Type::tensor(DType::Undefined), "?[...]"},
      {Type::tensor(DType::Undefined, {2, min(batch, width)}), "?[2,min(batch, width)]"},
      {Type::tensor(DType::Float8E4M3FNUZ, {Dim::symbol("a]b")}), "f8e4m3fnuz[\"a]b\"]"},
      {Type::sequence_of(image), "seq(f32[batch,3,floordiv(width, 2) + 1])"},
      {Type::sequence_of({}), "seq(?)"},
      {Type::optional_of(Type::tensor(DType::Float32, {2})), "optional(f32[2])"},
      {Type::map_of(DType::String, Type::tensor(DType::Float32)), "map(string,f32[...])"},
      {Type::map_of(DType::Int64, Type::sequence_of(Type::optional_of({}))),
       "map(i64,seq(optional(?)))"},
  };
  for (const auto& [type, text] : cases) {
    EXPECT_EQ(to_string(type), text);
    EXPECT_EQ(parse_type(text), type) << text;
  }
  for (int i = 1; i < dtype_count; ++i) {
    const Type type = Type::tensor(static_cast<DType>(i), {1});
    EXPECT_EQ(parse_type(to_string(type)), type);
  }
}

TEST(Type, NamesOfTheSpecificationParseToo) {
  EXPECT_EQ(parse_type("float[2]"), Type::tensor(DType::Float32, {2}));
}

TEST(Type, TextThatIsNoTypeIsRefused) {
  for (const char* bad : {"", "f32", "f32[", "f32[2", "f32[2,]", "f32[,2]", "f33[2]", "f32[..]",
                          "f32[2] ", "seq(f32[2]", "seq()", "map(f32[2])", "map(string)",
                          "optional", "??", "undefined[2]", "[2]"}) {
    expect_error(Code::TextSyntax, [&] { parse_type(bad); });
  }
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "seq(";
  expect_error(Code::TextSyntax, [&] { parse_type(deep); });
}

TEST(Type, EqualityLooksInside) {
  const auto sequence = [](std::int64_t dim) {
    return Type::sequence_of(Type::tensor(DType::Int8, {dim}));
  };
  EXPECT_EQ(sequence(2), sequence(2));
  EXPECT_NE(sequence(2), sequence(3));
  EXPECT_NE(Type::tensor(DType::Int8), Type::tensor(DType::Int8, Shape{}));
  EXPECT_NE(Type(), sequence(2));
  EXPECT_NE(Type::map_of(DType::Int64, {}), Type::map_of(DType::String, {}));
  EXPECT_NE(Type::sequence_of({}), Type::optional_of({}));
}

Type common(const char* a, const char* b) {
  int count = 0;
  return least_common(parse_type(a), parse_type(b),
                      [&count] { return Dim::symbol("fresh" + std::to_string(count++)); });
}

TEST(Type, LeastCommonKeepsWhatBothSay) {
  EXPECT_EQ(to_string(common("f32[batch,3]", "f32[batch,3]")), "f32[batch,3]");
  EXPECT_EQ(to_string(common("f32[batch,3,5]", "f32[batch,4,x]")), "f32[batch,fresh0,fresh1]");
  EXPECT_EQ(to_string(common("f32[2]", "f32[2,3]")), "f32[...]");
  EXPECT_EQ(to_string(common("f32[2]", "f32[...]")), "f32[...]");
  EXPECT_EQ(to_string(common("f32[2]", "i64[2]")), "?[2]");
  EXPECT_EQ(to_string(common("f32[2]", "?")), "?");
  EXPECT_EQ(to_string(common("f32[2]", "seq(f32[2])")), "?");
  EXPECT_EQ(to_string(common("seq(f32[2])", "seq(f32[3])")), "seq(f32[fresh0])");
  EXPECT_EQ(to_string(common("optional(f32[2])", "optional(i8[2])")), "optional(?[2])");
  EXPECT_EQ(to_string(common("map(i64,f32[2])", "map(string,f32[2])")), "map(?,f32[2])");
}

std::string refined(const char* a, const char* b) {
  return to_string(refine(parse_type(a), parse_type(b)));
}

TEST(Type, RefineTakesWhatEitherSays) {
  EXPECT_EQ(refined("?", "f32[2]"), "f32[2]");
  EXPECT_EQ(refined("f32[2]", "?"), "f32[2]");
  EXPECT_EQ(refined("?[2]", "f32[...]"), "f32[2]");
  EXPECT_EQ(refined("f32[...]", "?[2,x]"), "f32[2,x]");
  EXPECT_EQ(refined("f32[x,3,y]", "f32[4,z,w]"), "f32[4,3,y]");
  EXPECT_EQ(refined("seq(f32[x])", "seq(?[3])"), "seq(f32[3])");
  EXPECT_EQ(refined("optional(?)", "optional(f32[3])"), "optional(f32[3])");
  EXPECT_EQ(refined("map(?,f32[...])", "map(i64,?)"), "map(i64,f32[...])");
}

TEST(Type, RefineRefusesContradictions) {
  const std::pair<const char*, const char*> cases[] = {{"f32[2]", "f32[3]"},
                                                       {"f32[2]", "i64[2]"},
                                                       {"f32[2]", "f32[2,1]"},
                                                       {"f32[2]", "seq(f32[2])"},
                                                       {"seq(f32[2])", "seq(i8[2])"},
                                                       {"f32[x]", "f32[x + 1]"},
                                                       {"map(i64,?)", "map(string,?)"},
                                                       {"f32[2*x + 1]", "f32[2*x]"},
                                                       {"optional(?)", "seq(?)"}};
  for (const auto& [a, b] : cases) {
    expect_error(Code::TypesDisagree, [&] { refine(parse_type(a), parse_type(b)); });
    expect_error(Code::TypesDisagree, [&] { refine(parse_type(b), parse_type(a)); });
  }
}

TEST(Type, ShapesOfNumbers) {
  EXPECT_EQ(known_dims({2, 3}), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(known_dims({}), std::vector<std::int64_t>());
  EXPECT_EQ(known_dims({2, batch}), std::nullopt);
  const std::vector<std::int64_t> dims{4, 5};
  EXPECT_EQ(to_shape(dims), (Shape{4, 5}));
  EXPECT_EQ(element_count({2, batch, 3}), batch * 6);
  EXPECT_EQ(element_count({}), Dim(1));
  EXPECT_EQ(element_count({max_dimension, max_dimension, 0}), Dim(0));
  expect_error(Code::DimensionOutOfRange, [] { element_count({max_dimension, max_dimension}); });
}

}  // namespace
}  // namespace ponte::ir
