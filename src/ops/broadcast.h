// Element-wise evaluation with multidirectional broadcasting (onnx/docs/Broadcasting.md).
#pragma once

#include <algorithm>
#include <functional>
#include <type_traits>

#include "ops/evaluation.h"

namespace ponte::ops {

// The shape that the operands broadcast to. Throws ShapeMismatch.
Dims broadcast_dims(std::span<const Dims* const> shapes);

// Element strides that walk an operand as if it had the shape `to`: 0 along repeated axes.
Dims broadcast_strides(const Dims& from, const Dims& to);

// Calls row(out_offset, a_offset, b_offset) for every run of `inner` elements along the last axis
// of `shape`.
struct RowWalk {
  Dims shape;
  Dims a_strides;
  Dims b_strides;
  std::int64_t inner() const { return shape.empty() ? 1 : shape.back(); }
  std::int64_t rows() const;
  // Offsets of the operands at the start of a row.
  std::pair<std::int64_t, std::int64_t> at(std::int64_t row) const;
};

// The grain of element-wise loops: elements per task.
inline constexpr std::int64_t elementwise_grain = 1 << 15;

// out[i] = f(a[i], b[i]) over broadcast operands; A, B, R are the computing types.
template <typename A, typename B, typename R, typename F>
Array broadcast_apply(Evaluation& e, const Array& a, const Array& b, ir::DType dtype, const F& f) {
  const Dims* const shapes[] = {&a.shape(), &b.shape()};
  const Dims shape = broadcast_dims(shapes);
  const RowWalk walk{shape, broadcast_strides(a.shape(), shape),
                     broadcast_strides(b.shape(), shape)};
  Array out = e.allocate(dtype, shape);
  const auto x = a.as<A>();
  const auto y = b.as<B>();
  const auto z = out.mutable_as<R>();
  const std::int64_t inner = walk.inner();
  const std::int64_t step_a = shape.empty() ? 0 : walk.a_strides.back();
  const std::int64_t step_b = shape.empty() ? 0 : walk.b_strides.back();
  e.charge_steps(out.count());
  const std::int64_t grain =
      std::max<std::int64_t>(1, elementwise_grain / std::max<std::int64_t>(inner, 1));
  e.parallel_for(walk.rows(), grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto [start_a, start_b] = walk.at(row);
      const A* pa = x.data() + start_a;
      const B* pb = y.data() + start_b;
      R* pz = z.data() + row * inner;
      for (std::int64_t i = 0; i < inner; ++i)
        pz[i] = static_cast<R>(f(pa[i * step_a], pb[i * step_b]));
    }
  });
  return out;
}

// f on the numbers of two inputs of the same dtype, in their computing type; the result has that
// dtype. Integers are given to f as they are held; what overflows must wrap (wrapping_add and its
// kin).
template <typename F>
void evaluate_binary(Evaluation& e, const F& f) {
  const Array a = e.take(0);
  const Array b = e.take(1);
  a.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      e.set(0, broadcast_apply<T, T, T>(e, a, b, a.dtype(), f));
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
}

// The same for comparisons and logic: any computing type that f takes, with a bool result.
template <typename F>
void evaluate_predicate(Evaluation& e, const F& f) {
  const Array a = e.take(0);
  const Array b = e.take(1);
  a.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_invocable_v<F, T, T>) {
      e.set(0, broadcast_apply<T, T, Bool>(e, a, b, ir::DType::Bool, [&](const T& x, const T& y) {
              return f(x, y) ? Bool::True : Bool::False;
            }));
    } else {
      throw Error(Code::InvalidInputType, "the comparison is not defined for this dtype");
    }
  });
}

// out[i] = f(x[i]) in the input's computing type and dtype, in place when this was the input's last
// use. f takes and gives double or float (and integers, where the op does).
template <typename F>
void evaluate_unary(Evaluation& e, const F& f) {
  Array x = e.take(0);
  x.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      const auto values = x.mutable_as<T>();
      e.charge_steps(x.count());
      e.parallel_for(x.count(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          T& value = values[static_cast<std::size_t>(i)];
          value = static_cast<T>(f(value));
        }
      });
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
  e.set(0, std::move(x));
}

// Two's complement arithmetic on integers; plain arithmetic on floats.
template <typename T, typename F>
T wrapping(T a, T b, const F& f) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(f(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
  } else {
    return f(a, b);
  }
}

// Inference: the broadcast of all inputs' shapes.
void infer_broadcast(ir::Inference& c);
// The same, and known integers are combined by f, for shape arithmetic.
void infer_broadcast_known(ir::Inference& c,
                           const std::function<ir::Dim(const ir::Dim&, const ir::Dim&)>& f);
// Inference: the shape of the first input.
void infer_same_shape(ir::Inference& c);

}  // namespace ponte::ops
