// Sums and products of polynomials in canonical form, and what can be asked of a Dim.
#include "ir/dim.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/check.h"
#include "base/error.h"
#include "ir/dim_algebra.h"

namespace ponte::ir {
namespace {

const DimTerms no_terms;

std::int64_t times(std::int64_t a, std::int64_t b) { return checked(checked_mul(a, b)); }
std::int64_t plus(std::int64_t a, std::int64_t b) { return checked(checked_add(a, b)); }

[[noreturn]] void too_large() {
  throw Error(Code::CountTooLarge, "a symbolic dimension grows past the limit of its expression");
}

std::size_t size_of(const DimTerm& term) {
  std::size_t size = 1;
  for (const DimFactor& factor : term.factors) size += factor.atom->size;
  return size;
}

int degree(const DimTerm& term) {
  int degree = 0;
  for (const DimFactor& factor : term.factors) degree += factor.power;
  return degree;
}

DimTerm product(const DimTerm& a, const DimTerm& b) {
  DimTerm result{times(a.coefficient, b.coefficient), {}};
  auto left = a.factors.begin();
  auto right = b.factors.begin();
  while (left != a.factors.end() || right != b.factors.end()) {
    const int order = left == a.factors.end() ? 1
                      : right == b.factors.end()
                          ? -1
                          : DimAlgebra::compare_atoms(*left->atom, *right->atom);
    if (order < 0) {
      result.factors.push_back(*left++);
    } else if (order > 0) {
      result.factors.push_back(*right++);
    } else {
      result.factors.push_back({left->atom, left->power + right->power});
      ++left, ++right;
    }
  }
  if (static_cast<std::size_t>(degree(result)) > max_dim_depth) too_large();
  return result;
}

// Brings terms into canonical form.
Dim collected(DimTerms terms, std::int64_t constant) {
  std::stable_sort(terms.begin(), terms.end(), [](const DimTerm& a, const DimTerm& b) {
    return DimAlgebra::compare_monomials(a, b) > 0;
  });
  DimTerms merged;
  for (DimTerm& term : terms) {
    if (!merged.empty() && DimAlgebra::compare_monomials(merged.back(), term) == 0) {
      merged.back().coefficient = plus(merged.back().coefficient, term.coefficient);
    } else {
      if (!merged.empty() && merged.back().coefficient == 0) merged.pop_back();
      merged.push_back(std::move(term));
    }
  }
  if (!merged.empty() && merged.back().coefficient == 0) merged.pop_back();
  return DimAlgebra::make(std::move(merged), constant);
}

Dim scaled(const Dim& dim, std::int64_t factor) {
  if (factor == 1) return dim;
  if (factor == 0) return 0;
  DimTerms terms = DimAlgebra::terms(dim);
  for (DimTerm& term : terms) term.coefficient = times(term.coefficient, factor);
  return DimAlgebra::make(std::move(terms), times(DimAlgebra::constant(dim), factor));
}

void collect_symbols(const Dim& dim, std::set<std::string>& names) {
  for (const DimTerm& term : DimAlgebra::terms(dim)) {
    for (const DimFactor& factor : term.factors) {
      if (factor.atom->operation == DimOperation::Symbol) names.insert(factor.atom->name);
      for (const Dim& argument : factor.atom->arguments) collect_symbols(argument, names);
    }
  }
}

Dim extreme(DimOperation operation, const std::vector<Dim>& arguments) {
  Dim result = arguments.front();
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    result = operation == DimOperation::Min ? min(result, arguments[i]) : max(result, arguments[i]);
  }
  return result;
}

}  // namespace

void dim_overflows() {
  throw Error(Code::DimensionOutOfRange, "a number overflows in the arithmetic of dimensions");
}

std::int64_t checked(std::optional<std::int64_t> number) {
  if (!number) dim_overflows();
  return *number;
}

const DimTerms& DimAlgebra::terms(const Dim& dim) { return dim.terms_ ? *dim.terms_ : no_terms; }

Dim DimAlgebra::make(DimTerms terms, std::int64_t constant) {
  Dim result(constant);
  if (terms.empty()) return result;
  std::size_t size = 0;
  for (const DimTerm& term : terms) size += size_of(term);
  if (terms.size() > max_dim_terms || size > max_dim_size) too_large();
  result.terms_ = std::make_shared<const DimTerms>(std::move(terms));
  return result;
}

Dim DimAlgebra::of_term(DimTerm term) {
  if (term.factors.empty()) return term.coefficient;
  DimTerms terms;
  terms.push_back(std::move(term));
  return make(std::move(terms), 0);
}

Dim DimAlgebra::of_atom(std::shared_ptr<const DimAtom> atom) {
  return of_term({1, {{std::move(atom), 1}}});
}

Dim DimAlgebra::apply(DimOperation operation, std::vector<Dim> arguments) {
  DimAtom atom{.operation = operation};
  for (const Dim& argument : arguments) {
    atom.size += size(argument);
    atom.depth = std::max(atom.depth, 1 + depth(argument));
  }
  if (atom.size > max_dim_size || atom.depth > max_dim_depth) too_large();
  if (operation == DimOperation::FloorDiv) {
    atom.range = bounds_of_quotient(bounds_of(arguments[0]), bounds_of(arguments[1]));
  } else {
    atom.range = bounds_of(arguments[0]);
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      const auto choose = [operation](std::int64_t a, std::int64_t b) {
        return operation == DimOperation::Min ? std::min(a, b) : std::max(a, b);
      };
      const DimRange next = bounds_of(arguments[i]);
      atom.range.lowest = choose(atom.range.lowest, next.lowest);
      atom.range.highest = choose(atom.range.highest, next.highest);
    }
  }
  atom.arguments = std::move(arguments);
  return of_atom(std::make_shared<const DimAtom>(std::move(atom)));
}

int DimAlgebra::compare_atoms(const DimAtom& a, const DimAtom& b) {
  if (&a == &b) return 0;
  if (a.operation != b.operation) return a.operation < b.operation ? -1 : 1;
  if (a.operation == DimOperation::Symbol) return a.name.compare(b.name);
  if (a.arguments.size() != b.arguments.size()) {
    return a.arguments.size() < b.arguments.size() ? -1 : 1;
  }
  for (std::size_t i = 0; i < a.arguments.size(); ++i) {
    if (const int order = compare(a.arguments[i], b.arguments[i])) return order;
  }
  return 0;
}

int DimAlgebra::compare_monomials(const DimTerm& a, const DimTerm& b) {
  if (const int difference = degree(a) - degree(b)) return difference;
  for (std::size_t i = 0; i < a.factors.size() && i < b.factors.size(); ++i) {
    if (const int order = compare_atoms(*a.factors[i].atom, *b.factors[i].atom)) return -order;
    if (const int order = a.factors[i].power - b.factors[i].power) return order;
  }
  return static_cast<int>(a.factors.size()) - static_cast<int>(b.factors.size());
}

int DimAlgebra::compare(const Dim& a, const Dim& b) {
  const DimTerms& left = terms(a);
  const DimTerms& right = terms(b);
  if (&left != &right) {
    for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
      if (const int order = compare_monomials(left[i], right[i])) return -order;
      if (left[i].coefficient != right[i].coefficient) {
        return left[i].coefficient < right[i].coefficient ? -1 : 1;
      }
    }
    if (left.size() != right.size()) return left.size() > right.size() ? -1 : 1;
  }
  if (a.constant_ == b.constant_) return 0;
  return a.constant_ < b.constant_ ? -1 : 1;
}

Dim DimAlgebra::replace_atoms(
    const Dim& dim,
    const std::function<Dim(const std::shared_ptr<const DimAtom>& atom)>& replacement) {
  Dim result = constant(dim);
  for (const DimTerm& term : terms(dim)) {
    Dim replaced = term.coefficient;
    for (const DimFactor& factor : term.factors) {
      const Dim base = replacement(factor.atom);
      for (int i = 0; i < factor.power; ++i) replaced = replaced * base;
    }
    result = result + replaced;
  }
  return result;
}

bool DimAlgebra::mentions(const Dim& dim, const DimAtom& atom) {
  return std::ranges::any_of(terms(dim), [&](const DimTerm& term) {
    return std::ranges::any_of(term.factors, [&](const DimFactor& factor) {
      return compare_atoms(*factor.atom, atom) == 0;
    });
  });
}

std::size_t DimAlgebra::size(const Dim& dim) {
  std::size_t size = 1;
  for (const DimTerm& term : terms(dim)) size += size_of(term);
  return size;
}

std::size_t DimAlgebra::depth(const Dim& dim) {
  std::size_t depth = 0;
  for (const DimTerm& term : terms(dim)) {
    for (const DimFactor& factor : term.factors) depth = std::max(depth, factor.atom->depth);
  }
  return depth;
}

std::int64_t DimAlgebra::content(const Dim& dim) {
  const auto magnitude = [](std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);
    return number < 0 ? ~bits + 1 : bits;
  };
  std::uint64_t divisor = magnitude(constant(dim));
  for (const DimTerm& term : terms(dim)) divisor = std::gcd(divisor, magnitude(term.coefficient));
  const auto result = static_cast<std::int64_t>(divisor);
  return result < 0 ? 1 : result;
}

Dim DimAlgebra::divide_exactly(const Dim& dim, std::int64_t divisor) {
  if (divisor == 1) return dim;
  DimTerms divided = terms(dim);
  for (DimTerm& term : divided) term.coefficient /= divisor;
  return make(std::move(divided), constant(dim) / divisor);
}

Dim Dim::symbol(std::string name, DimRange range) {
  PONTE_CHECK(!name.empty() && range.lowest <= range.highest);
  return DimAlgebra::of_atom(
      std::make_shared<const DimAtom>(DimAtom{.name = std::move(name), .range = range}));
}

std::optional<std::int64_t> Dim::known() const {
  if (!is_known()) return std::nullopt;
  return constant_;
}

std::int64_t Dim::value() const {
  PONTE_CHECK(is_known());
  return constant_;
}

std::string_view Dim::symbol_name() const {
  if (!terms_ || terms_->size() != 1 || constant_ != 0) return {};
  const DimTerm& term = terms_->front();
  if (term.coefficient != 1 || term.factors.size() != 1 || term.factors[0].power != 1) return {};
  return term.factors[0].atom->name;
}

DimRange Dim::range() const { return bounds_of(*this); }

std::vector<std::string> Dim::symbols() const {
  std::set<std::string> names;
  collect_symbols(*this, names);
  return {names.begin(), names.end()};
}

Dim Dim::substitute_with(const void* context,
                         std::optional<Dim> (*lookup)(const void*, std::string_view)) const {
  if (is_known()) return *this;
  return DimAlgebra::replace_atoms(*this, [&](const std::shared_ptr<const DimAtom>& atom) -> Dim {
    if (atom->operation == DimOperation::Symbol) {
      const std::optional<Dim> replacement = lookup(context, atom->name);
      return replacement ? *replacement : DimAlgebra::of_atom(atom);
    }
    std::vector<Dim> arguments;
    for (const Dim& argument : atom->arguments) {
      arguments.push_back(argument.substitute_with(context, lookup));
    }
    if (atom->operation == DimOperation::FloorDiv) return floor_div(arguments[0], arguments[1]);
    return extreme(atom->operation, arguments);
  });
}

bool operator==(const Dim& a, const Dim& b) {
  if (!a.terms_ || !b.terms_) return a.terms_ == b.terms_ && a.constant_ == b.constant_;
  return DimAlgebra::compare(a, b) == 0;
}

Dim operator+(const Dim& a, const Dim& b) {
  const std::int64_t constant = plus(a.constant_, b.constant_);
  if (!a.terms_ && !b.terms_) return constant;
  if (!a.terms_ || !b.terms_) {
    Dim result = a.terms_ ? a : b;
    result.constant_ = constant;
    return result;
  }
  DimTerms terms = *a.terms_;
  terms.insert(terms.end(), b.terms_->begin(), b.terms_->end());
  return collected(std::move(terms), constant);
}

Dim operator-(const Dim& a, const Dim& b) {
  if (!b.terms_) {
    std::int64_t constant = 0;
    if (__builtin_sub_overflow(a.constant_, b.constant_, &constant)) dim_overflows();
    Dim result = a;
    result.constant_ = constant;
    return result;
  }
  return a + scaled(b, -1);
}

Dim operator*(const Dim& a, const Dim& b) {
  if (!a.terms_) return b.terms_ ? scaled(b, a.constant_) : Dim(times(a.constant_, b.constant_));
  if (!b.terms_) return scaled(a, b.constant_);
  if (a.terms_->size() * b.terms_->size() > 4 * max_dim_terms) too_large();
  DimTerms terms;
  for (const DimTerm& left : *a.terms_) {
    for (const DimTerm& right : *b.terms_) terms.push_back(product(left, right));
  }
  const auto add_scaled = [&terms](const DimTerms& others, std::int64_t factor) {
    if (factor == 0) return;
    for (const DimTerm& term : others) {
      terms.push_back({times(term.coefficient, factor), term.factors});
    }
  };
  add_scaled(*a.terms_, b.constant_);
  add_scaled(*b.terms_, a.constant_);
  return collected(std::move(terms), times(a.constant_, b.constant_));
}

Comparison compare(const Dim& a, const Dim& b) {
  if (a.is_known() && b.is_known()) {
    return a.value() == b.value() ? Comparison::Equal : Comparison::Different;
  }
  if (a == b) return Comparison::Equal;
  try {
    const Dim difference = a - b;
    const DimRange range = bounds_of(difference);
    if (range.lowest == 0 && range.highest == 0) return Comparison::Equal;
    if (range.lowest > 0 || range.highest < 0) return Comparison::Different;
    const std::int64_t constant = DimAlgebra::constant(difference);
    const std::int64_t divisor =
        DimAlgebra::content(DimAlgebra::make(DimAlgebra::terms(difference), 0));
    if (divisor > 1 && constant % divisor != 0) return Comparison::Different;
  } catch (const Error&) {
    return Comparison::Unknown;  // the difference can't be written down
  }
  return Comparison::Unknown;
}

}  // namespace ponte::ir
