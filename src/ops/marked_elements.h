// A bool for each element of the first input: IsNaN and IsInf.
#pragma once

#include "ops/evaluation.h"

namespace ponte::ops {

template <typename F>
void mark_elements(Evaluation& e, const F& holds) {
  const Array x = e.take(0);
  Array out = e.allocate(ir::DType::Bool, x.shape());
  e.charge_steps(x.count());
  const auto marks = out.mutable_as<Bool>();
  x.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_floating_point_v<T>) {
      for (std::size_t i = 0; i < marks.size(); ++i) {
        marks[i] = holds(static_cast<double>(elements[i])) ? Bool::True : Bool::False;
      }
    } else {
      throw Error(Code::InvalidInputType, "floats are needed here");
    }
  });
  e.set(0, std::move(out));
}

}  // namespace ponte::ops
