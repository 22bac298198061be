// The insides of Dim: terms, atoms, and the operations on polynomials that its parts share.
#pragma once

#include <functional>

#include "ir/dim.h"

namespace ponte::ir {

enum class DimOperation : std::uint8_t { Symbol, FloorDiv, Min, Max };

// A named symbol, or an operation that no polynomial can say.
struct DimAtom {
  DimOperation operation = DimOperation::Symbol;
  std::string name = {};            // a symbol's
  std::vector<Dim> arguments = {};  // of an operation: dividend and divisor, or two and more
  DimRange range = {};
  std::size_t size = 1;  // atoms and terms in the whole tree
  std::size_t depth = 1;
};

struct DimFactor {
  std::shared_ptr<const DimAtom> atom;
  int power = 1;
};

// A coefficient, never 0, and factors with each atom once, in the order of atoms.
struct DimTerm {
  std::int64_t coefficient = 0;
  std::vector<DimFactor> factors;
};

// Limits of one expression: far above what networks need, low enough that nothing takes long.
inline constexpr std::size_t max_dim_terms = 256;
inline constexpr std::size_t max_dim_size = 2048;
inline constexpr std::size_t max_dim_depth = 64;

struct DimAlgebra {
  static std::int64_t constant(const Dim& dim) { return dim.constant_; }
  static const DimTerms& terms(const Dim& dim);  // empty for a number
  // Terms in descending order without repetition.
  static Dim make(DimTerms terms, std::int64_t constant);
  static Dim of_term(DimTerm term);
  static Dim of_atom(std::shared_ptr<const DimAtom> atom);
  // An operation as it stands, not simplified.
  static Dim apply(DimOperation operation, std::vector<Dim> arguments);

  static int compare_atoms(const DimAtom& a, const DimAtom& b);
  static int compare_monomials(const DimTerm& a, const DimTerm& b);  // graded lexicographic
  static int compare(const Dim& a, const Dim& b);  // an order of expressions, not of numbers

  static Dim replace_atoms(
      const Dim& dim,
      const std::function<Dim(const std::shared_ptr<const DimAtom>& atom)>& replacement);
  static bool mentions(const Dim& dim, const DimAtom& atom);  // as a factor of a term
  static std::size_t size(const Dim& dim);
  static std::size_t depth(const Dim& dim);

  // The greatest number that divides all coefficients and the constant; 0 for the number 0.
  static std::int64_t content(const Dim& dim);
  static Dim divide_exactly(const Dim& dim, std::int64_t divisor);
};

// Bounds of an expression or of a division; the lowest and highest std::int64_t mean no bound.
DimRange bounds_of(const Dim& dim);
DimRange bounds_of_quotient(DimRange dividend, DimRange divisor);

[[noreturn]] void dim_overflows();
std::int64_t checked(std::optional<std::int64_t> number);  // the number, or dim_overflows()
std::int64_t floor_quotient(std::int64_t a,
                            std::int64_t b);  // b is neither 0 nor makes it overflow

}  // namespace ponte::ir
