// Bounds of expressions: interval arithmetic, made tighter where atoms depend on each other.
#include <algorithm>
#include <limits>

#include "base/error.h"
#include "ir/dim_algebra.h"

namespace ponte::ir {
namespace {

constexpr std::int64_t no_lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t no_highest = std::numeric_limits<std::int64_t>::max();
constexpr DimRange anything{no_lowest, no_highest};

// What overflows has no bound on that side.
std::int64_t saturated(std::optional<std::int64_t> number, bool is_negative) {
  if (number) return *number;
  return is_negative ? no_lowest : no_highest;
}

DimRange sum(DimRange a, DimRange b) {
  const auto add = [](std::int64_t x, std::int64_t y) {
    return saturated(checked_add(x, y), x < 0);
  };
  const bool no_low = a.lowest == no_lowest || b.lowest == no_lowest;
  const bool no_high = a.highest == no_highest || b.highest == no_highest;
  return {no_low ? no_lowest : add(a.lowest, b.lowest),
          no_high ? no_highest : add(a.highest, b.highest)};
}

DimRange negated(DimRange range) {
  const std::int64_t lowest = range.highest == no_highest  ? no_lowest
                              : range.highest == no_lowest ? no_highest
                                                           : -range.highest;
  return {lowest, range.lowest == no_lowest ? no_highest : -range.lowest};
}

DimRange hull(std::initializer_list<std::int64_t> bounds) {
  return {std::min(bounds), std::max(bounds)};
}

std::int64_t product(std::int64_t a, std::int64_t b) {
  if (a == 0 || b == 0) return 0;
  const bool is_negative = (a < 0) != (b < 0);
  const bool is_infinite = a == no_lowest || a == no_highest || b == no_lowest || b == no_highest;
  return saturated(is_infinite ? std::nullopt : checked_mul(a, b), is_negative);
}

DimRange product(DimRange a, DimRange b) {
  DimRange result = hull({product(a.lowest, b.lowest), product(a.lowest, b.highest),
                          product(a.highest, b.lowest), product(a.highest, b.highest)});
  result.highest = std::max(result.highest, -no_highest);  // the highest number, negated
  return result;
}

DimRange intersection(DimRange a, DimRange b) {
  return {std::max(a.lowest, b.lowest), std::min(a.highest, b.highest)};
}

DimRange power(DimRange base, int exponent) {
  DimRange result{1, 1};
  for (int i = 0; i < exponent; ++i) result = product(result, base);
  if (exponent % 2 == 0) result.lowest = std::max<std::int64_t>(result.lowest, 0);
  return result;
}

// Each term by itself.
DimRange plain_bounds(const Dim& dim) {
  const std::int64_t constant = DimAlgebra::constant(dim);
  DimRange result{constant, constant};
  for (const DimTerm& term : DimAlgebra::terms(dim)) {
    DimRange bounds{term.coefficient, term.coefficient};
    for (const DimFactor& factor : term.factors) {
      bounds = product(bounds, power(factor.atom->range, factor.power));
    }
    result = sum(result, bounds);
  }
  return result;
}

DimRange quotient_by_positive(DimRange dividend, DimRange divisor) {
  const auto divide = [](std::int64_t a, std::int64_t b, std::int64_t infinity) {
    if (b == no_highest) return std::int64_t{a < 0 ? -1 : 0};
    return a == infinity ? a : floor_quotient(a, b);
  };
  return hull({divide(dividend.lowest, divisor.lowest, no_lowest),
               divide(dividend.lowest, divisor.highest, no_lowest),
               divide(dividend.highest, divisor.lowest, no_highest),
               divide(dividend.highest, divisor.highest, no_highest)});
}

// Bounds by looking behind the atoms, as long as the effort lasts.
class Bounds {
 public:
  DimRange of(const Dim& dim, int depth = 3) {
    DimRange result = plain_bounds(dim);
    const DimTerms& terms = DimAlgebra::terms(dim);
    const bool can_be_tighter = terms.size() > 1 && terms.size() <= max_terms;
    if (!can_be_tighter || depth == 0) return result;
    for (const DimTerm& term : terms) {
      for (const DimFactor& factor : term.factors) {
        if (effort_ <= 0) return result;
        if (factor.atom->operation == DimOperation::Symbol || factor.power != 1) continue;
        result = intersection(result, without(dim, term, factor.atom, depth));
      }
    }
    return intersection(result, shifted(dim));
  }

 private:
  static constexpr std::size_t max_terms = 12;
  int effort_ = 100;

  DimRange without(const Dim& dim, const DimTerm& term, const std::shared_ptr<const DimAtom>& atom,
                   int depth) {
    --effort_;
    try {
      if (atom->operation == DimOperation::FloorDiv)
        return without_division(dim, term, atom, depth);
      return term.factors.size() == 1 ? without_extreme(dim, term, atom, depth) : anything;
    } catch (const Error&) {
      return anything;  // some intermediate result can't be written down
    }
  }

  // k * max(a, b) + rest is the greater of k * a + rest and k * b + rest where k > 0.
  DimRange without_extreme(const Dim& dim, const DimTerm& term,
                           const std::shared_ptr<const DimAtom>& atom, int depth) {
    const std::int64_t coefficient = term.coefficient;
    const Dim rest = dim - Dim(coefficient) * DimAlgebra::of_atom(atom);
    if (DimAlgebra::mentions(rest, *atom)) return anything;
    const bool greatest = (atom->operation == DimOperation::Max) == (coefficient > 0);
    std::optional<DimRange> result;
    for (const Dim& argument : atom->arguments) {
      const DimRange next = of(rest + Dim(coefficient) * argument, depth - 1);
      if (!result) {
        result = next;
      } else if (greatest) {
        result = DimRange{std::max(result->lowest, next.lowest),
                          std::max(result->highest, next.highest)};
      } else {
        result = DimRange{std::min(result->lowest, next.lowest),
                          std::min(result->highest, next.highest)};
      }
    }
    return *result;
  }

  // b * floordiv(p, b) is p less a rest in [0, b - 1].
  DimRange without_division(const Dim& dim, const DimTerm& term,
                            const std::shared_ptr<const DimAtom>& atom, int depth) {
    const Dim& dividend = atom->arguments[0];
    const Dim& divisor = atom->arguments[1];
    const DimRange divisor_range = bounds_of(divisor);
    if (divisor_range.lowest <= 0) return anything;
    const Dim division = DimAlgebra::of_atom(atom);
    const Dim whole = divisor * division;
    // scale * dim = count * whole + rest
    std::int64_t scale = 1;
    std::int64_t count = 0;
    if (divisor.is_known()) {
      if (term.factors.size() != 1) return anything;
      scale = divisor.value();
      count = term.coefficient;
    } else {
      const DimTerm& leading = DimAlgebra::terms(whole).front();
      if (DimAlgebra::compare_monomials(leading, term) != 0) return anything;
      if (term.coefficient % leading.coefficient != 0) return anything;
      count = term.coefficient / leading.coefficient;
    }
    const Dim rest = Dim(scale) * dim - Dim(count) * whole;
    if (DimAlgebra::mentions(rest, *atom)) return anything;
    const DimRange remainders = sum({1, divisor_range.highest}, {-1, -1});
    const DimRange scaled = sum(of(rest + Dim(count) * dividend, depth - 1),
                                negated(product({count, count}, remainders)));
    const DimRange positive{scale, scale};
    // Rounded inwards: the lowest up, the highest down.
    return {negated(quotient_by_positive(negated(scaled), positive)).lowest,
            quotient_by_positive(scaled, positive).highest};
  }

  // Written over atoms that begin at 0, terms of either sign no longer hide each other's bounds.
  DimRange shifted(const Dim& dim) {
    --effort_;
    const bool has_negative = std::ranges::any_of(
        DimAlgebra::terms(dim), [](const DimTerm& term) { return term.coefficient < 0; });
    if (!has_negative) return anything;
    try {
      return plain_bounds(
          DimAlgebra::replace_atoms(dim, [](const std::shared_ptr<const DimAtom>& atom) -> Dim {
            const std::int64_t lowest = atom->range.lowest;
            if (lowest <= 0) return DimAlgebra::of_atom(atom);
            DimAtom begins_at_0 = *atom;
            begins_at_0.range = sum(atom->range, {-lowest, -lowest});
            return DimAlgebra::of_atom(std::make_shared<const DimAtom>(begins_at_0)) + lowest;
          }));
    } catch (const Error&) {
      return anything;
    }
  }
};

}  // namespace

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

DimRange bounds_of_quotient(DimRange dividend, DimRange divisor) {
  DimRange result{no_highest, no_lowest};  // of nothing: divided by 0 alone
  const auto include = [&result](DimRange part) {
    result = {std::min(result.lowest, part.lowest), std::max(result.highest, part.highest)};
  };
  if (divisor.highest > 0) {
    include(quotient_by_positive(dividend,
                                 {std::max<std::int64_t>(divisor.lowest, 1), divisor.highest}));
  }
  if (divisor.lowest < 0) {
    const DimRange part{divisor.lowest, std::min<std::int64_t>(divisor.highest, -1)};
    include(quotient_by_positive(negated(dividend), negated(part)));
  }
  return result.lowest <= result.highest ? result : anything;
}

DimRange bounds_of(const Dim& dim) {
  if (dim.is_known()) return {dim.value(), dim.value()};
  return Bounds().of(dim);
}

}  // namespace ponte::ir
