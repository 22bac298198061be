// min and max in canonical form: flat, without what never wins, common parts taken out.
#include <algorithm>
#include <map>
#include <numeric>

#include "base/error.h"
#include "ir/dim_algebra.h"

namespace ponte::ir {
namespace {

constexpr std::size_t max_arguments = 16;

DimOperation opposite(DimOperation operation) {
  return operation == DimOperation::Min ? DimOperation::Max : DimOperation::Min;
}

// k * min(a, b) + rest is min(k * a + rest, k * b + rest) where k > 0, and max(...) where k < 0.
void flatten(DimOperation operation, const Dim& argument, std::vector<Dim>& out) {
  for (const DimTerm& term : DimAlgebra::terms(argument)) {
    if (term.factors.size() != 1 || term.factors[0].power != 1) continue;
    const DimAtom& atom = *term.factors[0].atom;
    if (atom.operation != (term.coefficient > 0 ? operation : opposite(operation))) continue;
    const Dim rest = argument - DimAlgebra::of_term(term);
    for (const Dim& inner : atom.arguments)
      flatten(operation, rest + inner * term.coefficient, out);
    return;
  }
  out.push_back(argument);
  if (out.size() > 4 * max_arguments) {
    throw Error(Code::CountTooLarge, "a symbolic dimension grows past the limit of its expression");
  }
}

void sort_without_repetition(std::vector<Dim>& arguments) {
  std::ranges::sort(arguments,
                    [](const Dim& a, const Dim& b) { return DimAlgebra::compare(a, b) < 0; });
  arguments.erase(std::unique(arguments.begin(), arguments.end()), arguments.end());
}

bool never_wins(DimOperation operation, const Dim& candidate, const Dim& other) {
  try {
    const DimRange range = bounds_of(candidate - other);
    return operation == DimOperation::Min ? range.lowest >= 0 : range.highest <= 0;
  } catch (const Error&) {
    return false;  // the difference can't be written down
  }
}

void drop_what_never_wins(DimOperation operation, std::vector<Dim>& arguments) {
  for (std::size_t i = 0; i < arguments.size();) {
    bool drops = false;
    for (std::size_t j = 0; j < arguments.size() && !drops; ++j) {
      drops = j != i && never_wins(operation, arguments[i], arguments[j]);
    }
    if (drops) {
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

// The polynomial with the smallest coefficients that any argument has.
Dim common_part(const std::vector<Dim>& arguments) {
  const auto precedes = [](const DimTerm& a, const DimTerm& b) {
    return DimAlgebra::compare_monomials(a, b) > 0;
  };
  struct Seen {
    std::int64_t lowest = 0;
    std::size_t times = 0;
  };
  std::map<DimTerm, Seen, decltype(precedes)> monomials(precedes);
  std::int64_t constant = DimAlgebra::constant(arguments.front());
  for (const Dim& argument : arguments) {
    constant = std::min(constant, DimAlgebra::constant(argument));
    for (const DimTerm& term : DimAlgebra::terms(argument)) {
      Seen& seen = monomials[term];
      seen.lowest = seen.times == 0 ? term.coefficient : std::min(seen.lowest, term.coefficient);
      ++seen.times;
    }
  }
  DimTerms terms;
  for (const auto& [term, seen] : monomials) {
    const std::int64_t lowest =
        seen.times < arguments.size() ? std::min<std::int64_t>(seen.lowest, 0) : seen.lowest;
    if (lowest != 0) terms.push_back({lowest, term.factors});
  }
  return DimAlgebra::make(std::move(terms), constant);
}

Dim extreme(DimOperation operation, const Dim& a, const Dim& b) {
  if (DimAlgebra::compare(a, b) > 0) return extreme(operation, b, a);  // one result for both orders
  if (never_wins(operation, a, b)) return b;
  if (never_wins(operation, b, a)) return a;
  // What both share is no part of the decision, even where it is itself a min or max.
  const Dim shared = common_part({a, b});
  std::vector<Dim> arguments;
  flatten(operation, a - shared, arguments);
  flatten(operation, b - shared, arguments);
  sort_without_repetition(arguments);
  drop_what_never_wins(operation, arguments);
  if (arguments.size() == 1) return shared + arguments.front();
  if (arguments.size() > max_arguments) {
    throw Error(Code::CountTooLarge, "a symbolic dimension grows past the limit of its expression");
  }
  const Dim common = common_part(arguments);
  std::int64_t divisor = 0;
  for (Dim& argument : arguments) {
    argument = argument - common;
    divisor = std::gcd(divisor, DimAlgebra::content(argument));
  }
  for (Dim& argument : arguments) argument = DimAlgebra::divide_exactly(argument, divisor);
  sort_without_repetition(arguments);
  return shared + common + DimAlgebra::apply(operation, std::move(arguments)) * divisor;
}

}  // namespace

Dim min(const Dim& a, const Dim& b) {
  if (a.is_known() && b.is_known()) return std::min(a.value(), b.value());
  return extreme(DimOperation::Min, a, b);
}

Dim max(const Dim& a, const Dim& b) {
  if (a.is_known() && b.is_known()) return std::max(a.value(), b.value());
  return extreme(DimOperation::Max, a, b);
}

}  // namespace ponte::ir
