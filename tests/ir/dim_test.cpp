#include "ir/dim.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <ostream>

#include "base/expect_error.h"
#include "base/random.h"

namespace ponte::ir {

void PrintTo(const Dim& dim, std::ostream* out) { *out << dim.to_string(); }

namespace {

using test::expect_error;

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

Dim named(const char* name) { return Dim::symbol(name); }
Dim positive(const char* name) { return Dim::symbol(name, {1, max_dimension}); }
std::string text(const Dim& dim) { return dim.to_string(); }

TEST(Dim, NumbersAreDimensions) {
  EXPECT_EQ(Dim().known(), 0);
  EXPECT_EQ((Dim(3) * 4 + 5).value(), 17);
  EXPECT_EQ(Dim(-2).to_string(), "-2");
  EXPECT_TRUE(Dim(3).is_known());
  EXPECT_EQ(named("x").known(), std::nullopt);
  EXPECT_EQ(Dim(lowest).to_string(), "-9223372036854775808");
}

TEST(Dim, DivisionOfNumbersRoundsDownForEverySign) {
  for (std::int64_t a = -13; a <= 13; ++a) {
    for (std::int64_t b = -5; b <= 5; ++b) {
      if (b == 0) continue;
      const auto down =
          static_cast<std::int64_t>(std::floor(static_cast<double>(a) / static_cast<double>(b)));
      const auto up =
          static_cast<std::int64_t>(std::ceil(static_cast<double>(a) / static_cast<double>(b)));
      EXPECT_EQ(floor_div(Dim(a), b), Dim(down)) << a << " / " << b;
      EXPECT_EQ(ceil_div(Dim(a), b), Dim(up)) << a << " / " << b;
      EXPECT_EQ(mod(Dim(a), b), Dim(a - b * down)) << a << " / " << b;
    }
  }
}

TEST(Dim, NumbersAtTheEndsOfTheirRangeAreRightOrRefused) {
  EXPECT_EQ(ceil_div(Dim(highest), 2), Dim((highest - 1) / 2 + 1));
  EXPECT_EQ(mod(Dim(lowest), -1), Dim(0));
  EXPECT_EQ(min(Dim(lowest), highest), Dim(lowest));
  expect_error(Code::DimensionOutOfRange, [] { Dim(highest) + 1; });
  expect_error(Code::DimensionOutOfRange, [] { Dim(lowest) - 1; });
  expect_error(Code::DimensionOutOfRange, [] { Dim(highest) * 2; });
  expect_error(Code::DimensionOutOfRange, [] { floor_div(Dim(lowest), -1); });
  expect_error(Code::DimensionOutOfRange, [] { Dim(0) - Dim(lowest); });
}

TEST(Dim, DivisionByTheNumber0IsRefused) {
  expect_error(Code::DimensionOutOfRange, [] { floor_div(Dim(3), 0); });
  expect_error(Code::DimensionOutOfRange, [] { ceil_div(named("x"), 0); });
  expect_error(Code::DimensionOutOfRange, [] { mod(Dim(3), 0); });
  const Dim quotient = floor_div(3, named("x"));
  expect_error(Code::DimensionOutOfRange, [&] {
    quotient.substitute([](std::string_view) { return std::optional<Dim>(0); });
  });
}

TEST(Dim, CoefficientsThatOverflowAreRefused) {
  expect_error(Code::DimensionOutOfRange, [] { named("x") * highest * 2; });
  expect_error(Code::DimensionOutOfRange, [] { named("x") * highest + named("x"); });
  expect_error(Code::DimensionOutOfRange, [] { named("x") + highest + 1; });
}

TEST(Dim, PolynomialsAreCanonical) {
  const Dim x = named("x"), y = named("y");
  EXPECT_EQ(x + y, y + x);
  EXPECT_EQ((x + y) * (x - y), x * x - y * y);
  EXPECT_EQ(x - x, Dim(0));
  EXPECT_TRUE((x + 3 - x).is_known());
  EXPECT_EQ(x * 0, Dim(0));
  EXPECT_EQ(text(y * x * 2 + x * x - 1), "x*x + 2*x*y - 1");
  EXPECT_EQ(text(Dim(0) - x), "-x");
  EXPECT_NE(x, y);
  EXPECT_NE(x, x + 1);
  EXPECT_NE(x, Dim(1));
}

TEST(Dim, DivisionsAreWrittenInOneWay) {
  const Dim x = named("x"), y = named("y");
  EXPECT_EQ(floor_div(x * 4 + y * 12, 4), x + y * 3);
  EXPECT_EQ(text(floor_div(x * 4 + y, 4)), "x + floordiv(y, 4)");
  EXPECT_EQ(text(floor_div(x - 1, 2) + 1), "floordiv(x + 1, 2)");
  EXPECT_EQ(ceil_div(x, 2), floor_div(x + 1, 2));
  EXPECT_EQ(text(floor_div(x * 2 + 3, 4)), "floordiv(x + 1, 2)");
  EXPECT_EQ(floor_div(floor_div(x + 1, 2) + 1, 2), floor_div(x + 3, 4));
  EXPECT_EQ(floor_div(x, -3), floor_div(Dim(0) - x, 3));
  EXPECT_EQ(mod(x * 6, 3), Dim(0));
  EXPECT_EQ(mod(x, 4), x - floor_div(x, 4) * 4);
  EXPECT_EQ(mod(x * 5 + 7, 5), Dim(2));
}

TEST(Dim, RangesDecideDivisions) {
  const Dim small = Dim::symbol("small", {0, 3});
  EXPECT_EQ(floor_div(small, 4), Dim(0));
  EXPECT_EQ(floor_div(small + 4, 4), Dim(1));
  EXPECT_EQ(mod(small, 4), small);
  EXPECT_EQ(floor_div(small, Dim::symbol("large", {4, 9})), Dim(0));
}

TEST(Dim, FactorsThatCanNotBe0Cancel) {
  const Dim x = named("x"), y = positive("y"), z = positive("z");
  EXPECT_EQ(floor_div(x * y, y), x);
  EXPECT_EQ(floor_div(x * y * z * 6, y * z * 3), x * 2);
  EXPECT_EQ(floor_div((x + 1) * (y + z), y + z), x + 1);
  EXPECT_EQ(floor_div(x * y + y * 3, y), x + 3);
  EXPECT_EQ(text(floor_div(x * y, x)), "floordiv(x*y, x)") << "x may be 0";
  EXPECT_EQ(ceil_div(x * y, y), x);
  EXPECT_EQ(mod(x * y, y), Dim(0));
  EXPECT_EQ(floor_div(y, y + 1), Dim(0));
}

TEST(Dim, MinAndMaxAreDecidedWhereRangesAllow) {
  const Dim x = named("x"), y = named("y");
  EXPECT_EQ(max(x, 0), x);
  EXPECT_EQ(max(x, x + 1), x + 1);
  EXPECT_EQ(min(x, x + y), x);
  EXPECT_EQ(min(x, max(x, y)), x);
  EXPECT_EQ(min(x, highest), x);
  EXPECT_EQ(max(x, lowest), x);
  EXPECT_EQ(min(floor_div(x, 2), x), floor_div(x, 2));
  EXPECT_EQ(max(max(x - 3, 0), 0), max(x - 3, 0));
}

TEST(Dim, MinAndMaxAreWrittenInOneWay) {
  const Dim x = named("x"), y = named("y"), z = named("z");
  EXPECT_EQ(min(x, y), min(y, x));
  EXPECT_EQ(min(min(x, y), z), min(x, min(z, y)));
  EXPECT_EQ(min(x + 3, y + 3), min(x, y) + 3);
  EXPECT_EQ(min(x + z, y + z), min(x, y) + z);
  EXPECT_EQ(max(x * 2, y * 6), max(x, y * 3) * 2);
  EXPECT_EQ(min(min(x, y) + 1, z), min(min(x + 1, z), y + 1));
  EXPECT_EQ(text(min(y, x)), "min(x, y)");
  EXPECT_EQ(text(max(x - 2, 0)), "max(x, 2) - 2");
}

TEST(Dim, RangesComeFromIntervals) {
  const Dim a = Dim::symbol("a", {2, 5}), b = Dim::symbol("b", {-3, 4});
  const auto expect_range = [](const Dim& dim, std::int64_t low, std::int64_t high) {
    EXPECT_EQ(dim.range().lowest, low) << dim.to_string();
    EXPECT_EQ(dim.range().highest, high) << dim.to_string();
  };
  expect_range(7, 7, 7);
  expect_range(a * 3 - 1, 5, 14);
  expect_range(a * b, -15, 20);
  expect_range(b * b, 0, 16);
  expect_range(floor_div(b, a), -2, 2);
  expect_range(mod(b, 7), 0, 6);
  expect_range(mod(b, a), 0, 4);
  expect_range(a * b * b - b * b, 0, 64);
  expect_range(a - floor_div(a, 2), 1, 3);
  expect_range(max(b, 0), 0, 4);
  expect_range(named("x") * named("x") * named("x"), 0, highest);
  EXPECT_GE((positive("x") * positive("y") - positive("x")).range().lowest, 0);
}

TEST(Dim, CompareSaysOnlyWhatIsCertain) {
  const Dim x = named("x"), y = named("y");
  EXPECT_EQ(compare(3, 3), Comparison::Equal);
  EXPECT_EQ(compare(3, 4), Comparison::Different);
  EXPECT_EQ(compare(x, x), Comparison::Equal);
  EXPECT_EQ(compare(x, x + 1), Comparison::Different);
  EXPECT_EQ(compare(x, y), Comparison::Unknown);
  EXPECT_EQ(compare(x, 3), Comparison::Unknown);
  EXPECT_EQ(compare(x, -1), Comparison::Different);
  EXPECT_EQ(compare(x * 2, y * 2 + 1), Comparison::Different) << "even and odd";
  EXPECT_EQ(compare(x, highest), Comparison::Different);
  EXPECT_EQ(compare(x * highest, Dim(0) - y * highest - 5), Comparison::Different);
  EXPECT_EQ(compare(x * highest, Dim(0) - x * highest), Comparison::Unknown) << "overflows";
}

TEST(Dim, SubstitutionSimplifies) {
  const Dim x = named("x"), y = named("y");
  const Dim sum = floor_div(x + 1, 2) * y + min(x, y);
  const auto with = [&](std::optional<Dim> x_value, std::optional<Dim> y_value) {
    return sum.substitute([&](std::string_view name) { return name == "x" ? x_value : y_value; });
  };
  EXPECT_EQ(with(5, 4), Dim(16));
  EXPECT_EQ(with({}, {}), sum);
  EXPECT_EQ(with(3, {}), y * 2 + min(y, 3));
  EXPECT_EQ(with(named("n") * 2, {}), named("n") * y + min(named("n") * 2, y));
  EXPECT_EQ(sum.symbols(), (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(Dim(3).symbols().empty());
}

TEST(Dim, OnlyABareSymbolHasAName) {
  EXPECT_EQ(named("batch").symbol_name(), "batch");
  EXPECT_EQ((named("batch") * 2).symbol_name(), "");
  EXPECT_EQ((named("batch") + 1).symbol_name(), "");
  EXPECT_EQ(min(named("a"), named("b")).symbol_name(), "");
  EXPECT_EQ(Dim(3).symbol_name(), "");
}

TEST(Dim, TextParsesWithSpacesSignsAndParentheses) {
  const Dim x = named("x"), y = named("y");
  EXPECT_EQ(parse_dim(" 2 * (x+ 1)*y-3 "), x * y * 2 + y * 2 - 3);
  EXPECT_EQ(parse_dim("ceildiv(x, 2)"), ceil_div(x, 2));
  EXPECT_EQ(parse_dim("mod(x, 2)"), mod(x, 2));
  EXPECT_EQ(parse_dim("min(x, y, 3)"), min(min(x, y), 3));
  EXPECT_EQ(parse_dim("min"), named("min"));
  EXPECT_EQ(parse_dim("-9223372036854775808"), Dim(lowest));
  EXPECT_EQ(parse_dim("?12").symbol_name(), "?12");
}

TEST(Dim, AnyNameSurvivesTheText) {
  const std::vector<std::string> names{"batch size",  "a+b",   "3d", "\"", "\\",
                                       "line\nbreak", "größe", "x)", ",",  std::string("a\0b", 3)};
  for (const std::string& name : names) {
    const Dim dim = Dim::symbol(name) * 2 + 1;
    EXPECT_EQ(parse_dim(dim.to_string()), dim) << dim.to_string();
    EXPECT_EQ(dim.to_string().find('\n'), std::string::npos);
  }
  EXPECT_EQ(text(named("batch size") + 1), "\"batch size\" + 1");
}

TEST(Dim, TextThatIsNoDimensionIsRefused) {
  for (const char* bad :
       {"", " ", "2x", "x +", "x y", "(x", "x)", "floordiv(x)", "floordiv(x, 2", "sin(x, 2)",
        "\"\"", "\"x", "\"\\x4\"", "9223372036854775808", "1..2", "*x", "x**2", "min()"}) {
    expect_error(Code::TextSyntax, [&] { parse_dim(bad); });
  }
  expect_error(Code::TextSyntax, [] { parse_dim(std::string(100000, '(')); });
  expect_error(Code::TextSyntax, [] { parse_dim("x + " + std::string(100000, '-')); });
}

TEST(Dim, ExpressionsHaveALimit) {
  expect_error(Code::CountTooLarge, [] {
    Dim sum = 0;
    for (int i = 0; i < 2000; ++i) sum = sum + Dim::symbol("s" + std::to_string(i));
  });
  expect_error(Code::CountTooLarge, [] {
    Dim product = 1;
    for (int i = 0; i < 2000; ++i) product = product * named("x");
  });
  expect_error(Code::CountTooLarge, [] {
    Dim nested = named("x");
    for (int i = 0; i < 2000; ++i) nested = floor_div(nested * named("x") + 1, named("y"));
  });
  expect_error(Code::CountTooLarge, [] {
    Dim least = named("x");
    for (int i = 0; i < 2000; ++i) least = min(least, Dim::symbol("s" + std::to_string(i)));
  });
  expect_error(Code::CountTooLarge, [] {
    Dim doubled = named("x");
    for (int i = 0; i < 2000; ++i) doubled = doubled * (Dim::symbol("s" + std::to_string(i)) + 1);
  });
}

// A random expression as a tree, evaluated without any algebra.
struct Tree {
  char operation;  // one of 'n' (number), 's' (symbol), + - * / c % m M
  std::int64_t number = 0;
  std::string name = {};
  std::shared_ptr<Tree> left = nullptr;
  std::shared_ptr<Tree> right = nullptr;
};

struct TestSymbol {
  const char* name;
  DimRange range;
};
constexpr TestSymbol test_symbols[] = {
    {"a", {0, max_dimension}}, {"b", {1, 30}}, {"c", {-4, 6}}, {"d", {2, 7}}, {"e", {-9, -1}}};

using Values = std::map<std::string, std::int64_t, std::less<>>;

std::shared_ptr<Tree> random_tree(Random& random, int depth) {
  auto tree = std::make_shared<Tree>();
  const std::uint64_t kind = random.below(depth > 0 ? 12 : 3);
  if (kind == 0) {
    tree->operation = 'n';
    tree->number = static_cast<std::int64_t>(random.below(13)) - 4;
  } else if (kind <= 2) {
    tree->operation = 's';
    tree->name = test_symbols[random.below(std::size(test_symbols))].name;
  } else {
    tree->operation = "+-*+-/c%mM"[random.below(10)];
    tree->left = random_tree(random, depth - 1);
    tree->right = random_tree(random, depth - 1);
  }
  return tree;
}

// None where something is divided by 0.
std::optional<std::int64_t> evaluated(const Tree& tree, const Values& values) {
  if (tree.operation == 'n') return tree.number;
  if (tree.operation == 's') return values.find(tree.name)->second;
  const auto left = evaluated(*tree.left, values);
  const auto right = evaluated(*tree.right, values);
  if (!left || !right) return std::nullopt;
  const std::int64_t a = *left, b = *right;
  const bool divides = tree.operation == '/' || tree.operation == 'c' || tree.operation == '%';
  if (divides && b == 0) return std::nullopt;
  const auto down = [](std::int64_t x, std::int64_t y) {
    std::int64_t quotient = x / y;
    while (quotient * y > x && y > 0) --quotient;
    while (quotient * y < x && y < 0) --quotient;
    return quotient;
  };
  switch (tree.operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return down(a, b);
    case 'c':
      return -down(-a, b);
    case '%':
      return a - b * down(a, b);
    case 'm':
      return std::min(a, b);
    default:
      return std::max(a, b);
  }
}

Dim as_dim(const Tree& tree) {
  if (tree.operation == 'n') return tree.number;
  if (tree.operation == 's') {
    for (const TestSymbol& symbol : test_symbols) {
      if (tree.name == symbol.name) return Dim::symbol(tree.name, symbol.range);
    }
  }
  const Dim a = as_dim(*tree.left), b = as_dim(*tree.right);
  switch (tree.operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return floor_div(a, b);
    case 'c':
      return ceil_div(a, b);
    case '%':
      return mod(a, b);
    case 'm':
      return min(a, b);
    default:
      return max(a, b);
  }
}

Values random_values(Random& random) {
  Values values;
  for (const auto& [name, range] : test_symbols) {
    const std::int64_t width = std::min<std::int64_t>(range.highest - range.lowest, 40);
    values[name] = range.lowest +
                   static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(width) + 1));
  }
  return values;
}

// The dimension; none where it can't be built (divided by 0, or past the limits).
std::optional<Dim> built(const Tree& tree) {
  try {
    return as_dim(tree);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<std::int64_t> value_at(const Dim& dim, const Values& values) {
  return dim
      .substitute(
          [&](std::string_view name) -> std::optional<Dim> { return values.find(name)->second; })
      .known();
}

TEST(DimProperty, ExpressionsHaveTheValuesOfDirectArithmetic) {
  Random random(20261);
  int checked = 0;
  for (int i = 0; i < 6000; ++i) {
    const auto tree = random_tree(random, 1 + static_cast<int>(random.below(4)));
    const auto dim = built(*tree);
    if (!dim) continue;
    const DimRange range = dim->range();
    for (int j = 0; j < 6; ++j) {
      const Values values = random_values(random);
      const auto expected = evaluated(*tree, values);
      if (!expected) continue;
      ++checked;
      ASSERT_EQ(value_at(*dim, values), expected) << dim->to_string();
      ASSERT_LE(range.lowest, *expected) << dim->to_string();
      ASSERT_GE(range.highest, *expected) << dim->to_string();
    }
  }
  EXPECT_GT(checked, 15000);
}

// The text does not carry ranges.
std::optional<Dim> without_ranges(const Dim& dim) {
  try {
    return dim.substitute(
        [](std::string_view name) -> std::optional<Dim> { return Dim::symbol(std::string(name)); });
  } catch (const Error&) {
    return std::nullopt;
  }
}

TEST(DimProperty, TextRoundTrips) {
  Random random(20262);
  int checked = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto tree = random_tree(random, 3);
    const auto ranged = built(*tree);
    const auto dim = ranged ? without_ranges(*ranged) : std::nullopt;
    if (!dim) continue;
    ++checked;
    const Dim again = parse_dim(dim->to_string());
    ASSERT_EQ(again, *dim) << dim->to_string() << " | " << again.to_string();
    ASSERT_EQ(again.to_string(), dim->to_string());
  }
  EXPECT_GT(checked, 1500);
}

TEST(DimProperty, SumsAndProductsDoNotDependOnTheirOrder) {
  Random random(20263);
  int checked = 0;
  for (int i = 0; i < 1500; ++i) {
    const auto a = built(*random_tree(random, 2));
    const auto b = built(*random_tree(random, 2));
    const auto c = built(*random_tree(random, 2));
    if (!a || !b || !c) continue;
    ++checked;
    ASSERT_EQ(*a + *b + *c, *c + (*b + *a));
    ASSERT_EQ(*a * (*b + *c), *b * *a + *c * *a);
    ASSERT_EQ(*a - *b, Dim(0) - (*b - *a));
    ASSERT_EQ(min(*a, *b), min(*b, *a));
    ASSERT_EQ(max(*a, *b) + *c, max(*b + *c, *a + *c))
        << a->to_string() << " | " << b->to_string() << " | " << c->to_string();
    ASSERT_EQ(floor_div(*a + *b * 6, 6), floor_div(*a, 6) + *b);
    ASSERT_EQ(compare(*a, *a), Comparison::Equal);
    ASSERT_EQ(compare(*a, *a + 1), Comparison::Different);
  }
  EXPECT_GT(checked, 800);
}

TEST(DimProperty, WhatCompareSaysHoldsForEveryValue) {
  Random random(20264);
  int decided = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto left = random_tree(random, 2), right = random_tree(random, 2);
    const auto a = built(*left), b = built(*right);
    if (!a || !b) continue;
    const Comparison comparison = compare(*a, *b);
    if (comparison == Comparison::Unknown) continue;
    for (int j = 0; j < 8; ++j) {
      const Values values = random_values(random);
      const auto x = evaluated(*left, values), y = evaluated(*right, values);
      if (!x || !y) continue;
      ++decided;
      ASSERT_EQ(*x == *y, comparison == Comparison::Equal)
          << a->to_string() << " and " << b->to_string();
    }
  }
  EXPECT_GT(decided, 1000);
}

}  // namespace
}  // namespace ponte::ir
