// floordiv in canonical form; ceildiv and mod in terms of it.
#include <algorithm>
#include <limits>

#include "base/error.h"
#include "ir/dim_algebra.h"

namespace ponte::ir {
namespace {

struct Division {
  Dim quotient;
  Dim rest;
};

// The rest of a number divided by a positive one lies in [0, divisor - 1].
Division divide_coefficients(const Dim& dividend, std::int64_t divisor) {
  DimTerms quotients;
  DimTerms rests;
  for (const DimTerm& term : DimAlgebra::terms(dividend)) {
    const std::int64_t quotient = floor_quotient(term.coefficient, divisor);
    const std::int64_t rest = term.coefficient - quotient * divisor;
    if (quotient != 0) quotients.push_back({quotient, term.factors});
    if (rest != 0) rests.push_back({rest, term.factors});
  }
  const std::int64_t constant = DimAlgebra::constant(dividend);
  const std::int64_t quotient = floor_quotient(constant, divisor);
  return {DimAlgebra::make(std::move(quotients), quotient),
          DimAlgebra::make(std::move(rests), constant - quotient * divisor)};
}

// A division by a number among the terms, once.
const DimAtom* inner_division(const Dim& dim) {
  for (const DimTerm& term : DimAlgebra::terms(dim)) {
    if (term.coefficient != 1 || term.factors.size() != 1 || term.factors[0].power != 1) continue;
    const DimAtom& atom = *term.factors[0].atom;
    if (atom.operation == DimOperation::FloorDiv && atom.arguments[1].is_known()) return &atom;
  }
  return nullptr;
}

std::optional<std::int64_t> certain(DimRange range) {
  if (range.lowest != range.highest) return std::nullopt;
  return range.lowest;
}

Dim divide_by_number(const Dim& dividend, std::int64_t divisor) {
  auto [quotient, rest] = divide_coefficients(dividend, divisor);
  if (rest.is_known()) return quotient;
  const Dim multiples = DimAlgebra::make(DimAlgebra::terms(rest), 0);
  if (const std::int64_t common = DimAlgebra::content(multiples + divisor); common > 1) {
    // floor((g p + c) / (g n)) = floor((p + floor(c / g)) / n)
    const std::int64_t constant = floor_quotient(DimAlgebra::constant(rest), common);
    rest = DimAlgebra::divide_exactly(multiples, common) + constant;
    return quotient + divide_by_number(rest, divisor / common);
  }
  if (const DimAtom* inner = inner_division(rest)) {
    // floor((floor(a / m) + p) / n) = floor((a + m p) / (m n))
    const std::int64_t inner_divisor = inner->arguments[1].value();
    if (const auto combined = checked_mul(inner_divisor, divisor)) {
      const Dim division = DimAlgebra::apply(DimOperation::FloorDiv, inner->arguments);
      const Dim others = rest - division;
      return quotient + divide_by_number(inner->arguments[0] + others * inner_divisor, *combined);
    }
  }
  const DimRange number{divisor, divisor};
  if (const auto known = certain(bounds_of_quotient(bounds_of(rest), number))) {
    return quotient + *known;
  }
  return quotient + DimAlgebra::apply(DimOperation::FloorDiv, {rest, divisor});
}

// `monomial` of `term` over that of `divisor`; none where it is not divisible.
std::optional<std::vector<DimFactor>> monomial_quotient(const DimTerm& term,
                                                        const DimTerm& divisor) {
  std::vector<DimFactor> factors = term.factors;
  for (const DimFactor& factor : divisor.factors) {
    const auto found = std::ranges::find_if(factors, [&](const DimFactor& candidate) {
      return DimAlgebra::compare_atoms(*candidate.atom, *factor.atom) == 0;
    });
    if (found == factors.end() || found->power < factor.power) return std::nullopt;
    found->power -= factor.power;
    if (found->power == 0) factors.erase(found);
  }
  return factors;
}

// Polynomial division from the leading term on.
Division divide_polynomial(const Dim& dividend, const Dim& divisor) {
  const DimTerm& leading = DimAlgebra::terms(divisor).front();
  Division result{0, 0};
  Dim open = dividend;
  while (!open.is_known()) {
    const DimTerm term = DimAlgebra::terms(open).front();
    const auto factors = monomial_quotient(term, leading);
    const bool overflows = term.coefficient == std::numeric_limits<std::int64_t>::min();
    const std::int64_t count =
        factors && !overflows ? floor_quotient(term.coefficient, leading.coefficient) : 0;
    if (count != 0) {
      const Dim part = DimAlgebra::of_term({count, *factors});
      result.quotient = result.quotient + part;
      open = open - part * divisor;
    }
    const DimTerms& left = DimAlgebra::terms(open);
    if (!left.empty() && DimAlgebra::compare_monomials(left.front(), term) == 0) {
      const Dim moved = DimAlgebra::of_term(left.front());
      result.rest = result.rest + moved;
      open = open - moved;
    }
  }
  result.rest = result.rest + open;
  return result;
}

bool excludes_0(DimRange range) { return range.lowest > 0 || range.highest < 0; }

// Takes the factors that no value of the symbols makes 0 out of both.
void cancel_common_factors(Dim& dividend, Dim& divisor) {
  const DimTerms& terms = DimAlgebra::terms(divisor);
  if (terms.empty() || DimAlgebra::constant(divisor) != 0) return;
  if (DimAlgebra::constant(dividend) != 0) return;
  for (const DimFactor& factor : std::vector<DimFactor>(terms.front().factors)) {
    if (!excludes_0(factor.atom->range)) continue;
    const DimTerm single{1, {{factor.atom, 1}}};
    const auto divided = [&single](const Dim& dim) -> std::optional<Dim> {
      Dim result = 0;
      if (DimAlgebra::constant(dim) != 0) return std::nullopt;
      for (const DimTerm& term : DimAlgebra::terms(dim)) {
        const auto factors = monomial_quotient(term, single);
        if (!factors) return std::nullopt;
        result = result + DimAlgebra::of_term({term.coefficient, *factors});
      }
      return result;
    };
    for (int i = 0; i < factor.power; ++i) {
      const auto smaller_dividend = divided(dividend);
      const auto smaller_divisor = divided(divisor);
      if (!smaller_dividend || !smaller_divisor) break;
      dividend = *smaller_dividend;
      divisor = *smaller_divisor;
    }
  }
}

// A quotient that the ranges alone decide; the divisor is positive.
std::optional<std::int64_t> decided_quotient(const Dim& dividend, const Dim& divisor) {
  const DimRange range = bounds_of(dividend);
  if (const auto known = certain(bounds_of_quotient(range, bounds_of(divisor)))) return known;
  if (range.lowest >= 0 && bounds_of(divisor - dividend).lowest > 0) return 0;
  if (range.highest < 0 && bounds_of(divisor + dividend).lowest >= 0) return -1;
  return std::nullopt;
}

Dim divide_by_expression(Dim dividend, Dim divisor) {
  if (!excludes_0(bounds_of(divisor))) {
    return DimAlgebra::apply(DimOperation::FloorDiv, {std::move(dividend), std::move(divisor)});
  }
  if (bounds_of(divisor).highest < 0) {
    dividend = Dim(0) - dividend;
    divisor = Dim(0) - divisor;
  }
  cancel_common_factors(dividend, divisor);
  if (divisor.is_known()) return floor_div(dividend, divisor);
  if (const auto known = decided_quotient(dividend, divisor)) return *known;
  auto [quotient, rest] = divide_polynomial(dividend, divisor);
  if (rest == Dim(0)) return quotient;
  if (const auto known = decided_quotient(rest, divisor)) return quotient + *known;
  const std::int64_t divisor_content = DimAlgebra::content(divisor);
  if (divisor_content > 1) {
    const Dim multiples = DimAlgebra::make(DimAlgebra::terms(rest), 0);
    const std::int64_t common = DimAlgebra::content(multiples + divisor_content);
    if (common > 1) {
      const std::int64_t constant = floor_quotient(DimAlgebra::constant(rest), common);
      return quotient + floor_div(DimAlgebra::divide_exactly(multiples, common) + constant,
                                  DimAlgebra::divide_exactly(divisor, common));
    }
  }
  return quotient + DimAlgebra::apply(DimOperation::FloorDiv, {rest, divisor});
}

[[noreturn]] void divided_by_0() {
  throw Error(Code::DimensionOutOfRange, "a dimension is divided by 0");
}

}  // namespace

Dim floor_div(const Dim& a, const Dim& b) {
  if (!b.is_known()) return divide_by_expression(a, b);
  const std::int64_t divisor = b.value();
  if (divisor == 0) divided_by_0();
  if (divisor == 1) return a;
  if (divisor < 0) return floor_div(Dim(0) - a, Dim(0) - b);
  return a.is_known() ? Dim(floor_quotient(a.value(), divisor)) : divide_by_number(a, divisor);
}

Dim ceil_div(const Dim& a, const Dim& b) {
  const bool is_number_above_0 = b.is_known() && b.value() > 0;
  if (is_number_above_0 && a.is_known()) {
    const std::int64_t quotient = floor_quotient(a.value(), b.value());
    return quotient + (a.value() % b.value() != 0 ? 1 : 0);
  }
  if (is_number_above_0 || bounds_of(b).lowest > 0) return floor_div(a + b - 1, b);
  return Dim(0) - floor_div(Dim(0) - a, b);
}

Dim mod(const Dim& a, const Dim& b) {
  if (a.is_known() && b.is_known()) {
    if (b.value() == 0) divided_by_0();
    if (b.value() == -1) return 0;
    const std::int64_t rest = a.value() % b.value();
    return rest != 0 && (rest < 0) != (b.value() < 0) ? rest + b.value() : rest;
  }
  return a - b * floor_div(a, b);
}

}  // namespace ponte::ir
