// Gemm. Spec: onnx.ai/onnx/operators/onnx__Gemm.html. alpha A' B' + beta C.
// C1: A and B are matrices. C2: the inner dims are equal. C3: C broadcasts to the product, in one
// direction.
#include <cmath>

#include "ops/broadcast.h"
#include "ops/matrix_product.h"

namespace ponte::ops {
namespace {

void infer_gemm(ir::Inference& c) {
  c.require_rank(0, 2, "A");  // C1
  c.require_rank(1, 2, "B");
  const bool trans_a = c.attributes().i("transA") != 0, trans_b = c.attributes().i("transB") != 0;
  const ir::Shape& a = c.shape(0);
  const ir::Shape& b = c.shape(1);
  c.require_not_different(a[trans_a ? 0 : 1], b[trans_b ? 1 : 0], "inner dims");  // C2
  const ir::Shape y{a[trans_a ? 1 : 0], b[trans_b ? 0 : 1]};
  if (c.has_input(2) && c.is_ranked(2)) {
    const ir::Shape& bias = c.shape(2);
    c.require(bias.size() <= 2, Code::ShapeMismatch, "C has more than two dims");  // C3
    for (std::size_t i = 0; i < bias.size(); ++i) {
      const ir::Dim& dim = bias[bias.size() - 1 - i];
      if (dim.known() != 1) c.require_not_different(dim, y[1 - i], "C and the product");
    }
  }
  c.set_shape(0, y);
}

template <typename T>
std::vector<T> gemm_transposed(std::span<const T> matrix, const Dims& shape) {
  std::vector<T> result(matrix.size());
  const auto rows = static_cast<std::size_t>(shape[0]),
             columns = static_cast<std::size_t>(shape[1]);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < columns; ++k) result[k * rows + i] = matrix[i * columns + k];
  }
  return result;
}

// A' B' without alpha, of operands that were changed by f first.
template <typename T, typename F>
std::vector<T> gemm_product(Services& services, const ir::AttributeReader& attributes,
                            const Array& a, const Array& b, const F& f, Dims& shape) {
  std::vector<T> x(a.as<T>().begin(), a.as<T>().end()), w(b.as<T>().begin(), b.as<T>().end());
  for (T& value : x) value = f(value);
  for (T& value : w) value = f(value);
  Dims x_shape = a.shape(), w_shape = b.shape();
  if (attributes.i("transA") != 0) {
    x = gemm_transposed<T>(x, x_shape);
    std::swap(x_shape[0], x_shape[1]);
  }
  if (attributes.i("transB") != 0) {
    w = gemm_transposed<T>(w, w_shape);
    std::swap(w_shape[0], w_shape[1]);
  }
  return matrix_product<T>(services, x, x_shape, w, w_shape, shape);
}

template <typename T>
void evaluate_gemm_as(Evaluation& e) {
  const auto alpha = static_cast<T>(e.attributes().f("alpha")),
             beta = static_cast<T>(e.attributes().f("beta"));
  Dims shape;
  std::vector<T> y = gemm_product<T>(
      e.services(), e.attributes(), e.input(0), e.input(1), [](T v) { return v; }, shape);
  for (T& value : y) value = static_cast<T>(value * alpha);
  Array result(e.input(0).dtype(), shape, std::move(y), e.services().meter());
  if (e.has_input(2)) {
    result = broadcast_apply<T, T, T>(e, result, e.input(2), result.dtype(),
                                      [&](T a, T c) { return static_cast<T>(a + beta * c); });
    e.require(result.shape() == shape, Code::ShapeMismatch, "C is larger than the product");
  }
  e.set(0, std::move(result));
}

void evaluate_gemm(Evaluation& e) {
  e.input(0).visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      evaluate_gemm_as<T>(e);
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
}

void scale_gemm(ErrorScale& s) {
  if (!s.output(0).holds<double>()) return;
  const Array& a = s.input(0);
  Dims shape;
  const double alpha = s.attributes().f("alpha"), beta = s.attributes().f("beta");
  std::vector<double> sigma = gemm_product<double>(
      s.services(), s.attributes(), a, s.input(1), [](double v) { return v * v; }, shape);
  const double k = static_cast<double>(a.dim(s.attributes().i("transA") != 0 ? 0 : 1));
  const double u = s.unit_roundoff(0);
  const auto y = s.output(0).as<double>();
  const Dims strides = s.has_input(2) ? broadcast_strides(s.input(2).shape(), shape) : Dims{0, 0};
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i) / shape[1],
               column = static_cast<std::int64_t>(i) % shape[1];
    const double bias = s.has_input(2) ? beta * s.input(2).as<double>()[static_cast<std::size_t>(
                                                    row * strides[0] + column * strides[1])]
                                       : 0;
    sigma[i] = std::hypot(sum_sigma(u, k, y[i] - bias, alpha * alpha * sigma[i]), 0.577 * u * y[i]);
  }
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op gemm_op{
    .name = "Gemm",
    .since = 13,
    .inputs =
        {{"A",
          ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 | ir::types::u64,
          "T"},
         {"B",
          ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 | ir::types::u64,
          "T"},
         {"C",
          ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 | ir::types::u64,
          "T", ir::Arity::Optional}},
    .outputs = {{"Y",
                 ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 |
                     ir::types::u64,
                 "T"}},
    .attributes = {{"alpha", ir::AttributeKind::Float, 1.0},
                   {"beta", ir::AttributeKind::Float, 1.0},
                   {"transA", ir::AttributeKind::Int, std::int64_t{0}},
                   {"transB", ir::AttributeKind::Int, std::int64_t{0}}},
    .infer = infer_gemm,
    .evaluate = evaluate_gemm,
    .scale = scale_gemm};

}  // namespace ponte::ops
