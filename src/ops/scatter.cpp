#include "ops/scatter.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "ops/broadcast.h"
#include "ops/extremes.h"

namespace ponte::ops {
namespace {

template <typename T>
T reduced(T old, T update, Reduction reduction) {
  switch (reduction) {
    case Reduction::Add:
      return wrapping(old, update, std::plus{});
    case Reduction::Multiply:
      return wrapping(old, update, std::multiplies{});
    case Reduction::Maximum:
      return larger(old, update);
    case Reduction::Minimum:
      return smaller(old, update);
    default:
      return update;
  }
}

}  // namespace

Reduction scatter_reduction(const ir::AttributeReader& attributes) {
  const std::string name = attributes.s("reduction");
  if (name == "none") return Reduction::None;
  if (name == "add") return Reduction::Add;
  if (name == "mul") return Reduction::Multiply;
  if (name == "max") return Reduction::Maximum;
  if (name == "min") return Reduction::Minimum;
  throw Error(Code::InvalidAttribute, fmt::format("`reduction` = \"{}\" is no reduction", name));
}

void scatter(Evaluation& e, Array& target, const Array& updates,
             const std::function<std::int64_t(std::int64_t)>& offset, Reduction reduction) {
  e.charge_steps(updates.count());
  updates.visit([&](auto source) {
    using T = std::remove_cv_t<typename decltype(source)::element_type>;
    const auto elements = target.mutable_as<T>();
    for (std::size_t i = 0; i < source.size(); ++i) {
      T& element = elements[static_cast<std::size_t>(offset(static_cast<std::int64_t>(i)))];
      if constexpr (std::is_arithmetic_v<T>) {
        element = reduced(element, source[i], reduction);
      } else {
        e.require(reduction == Reduction::None, Code::InvalidInputType,
                  "the reduction needs numbers");
        element = source[i];
      }
    }
  });
}

void scale_scatter(ErrorScale& s, const std::function<std::int64_t(std::int64_t)>& offset,
                   Reduction reduction) {
  if (!ir::is_float(s.output(0).dtype()) ||
      (reduction != Reduction::Add && reduction != Reduction::Multiply))
    return;
  const std::vector<double> start = s.input(0).to_f64(), updates = s.input(2).to_f64();
  std::vector<double> sigma = s.output(0).to_f64(), count(sigma.size(), 0.0),
                      squares(sigma.size(), 0.0);
  for (std::size_t i = 0; i < updates.size(); ++i) {
    const auto at = static_cast<std::size_t>(offset(static_cast<std::int64_t>(i)));
    count[at] += 1;
    squares[at] += updates[i] * updates[i];
  }
  const double u = s.unit_roundoff(0);
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    if (count[i] == 0) {
      sigma[i] = 0;
    } else if (reduction == Reduction::Add) {
      sigma[i] = sum_sigma(u, count[i], sigma[i], squares[i] + start[i] * start[i]);
    } else {
      sigma[i] = u * std::abs(sigma[i]) * std::sqrt(count[i]) / std::numbers::sqrt3;
    }
  }
  s.set(0, std::move(sigma));
}

}  // namespace ponte::ops
