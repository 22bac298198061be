// Gemm. Spec: onnx.ai/onnx/operators/onnx__Gemm.html. alpha A' B' + beta C.
// C1: A and B are matrices. C2: the inner dims are equal. C3: C broadcasts to the product, in one
// direction.
#include <cmath>

#include "ops/broadcast.h"
#include "ops/matrix_product.h"
#include "ops/strides.h"

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
std::vector<T> transposed(std::span<const T> matrix, const Dims& shape) {
  std::vector<T> result(matrix.size());
  copy_transposed(matrix.data(), shape[1], shape[1], shape[0], result.data(), shape[0]);
  return result;
}

// A' B' without alpha, and its shape. The B' of a fully connected layer is the transpose of weights
// that may be large: then it is the transpose of B A'^T, whose other matrices are small.
template <typename T>
std::vector<T> gemm_product(Services& services, const ir::AttributeReader& attributes,
                            std::span<const T> a, Dims a_shape, std::span<const T> b,
                            const Dims& b_shape, Dims& shape) {
  const bool trans_a = attributes.i("transA") != 0, trans_b = attributes.i("transB") != 0;
  std::vector<T> changed_a;
  if (trans_a != trans_b) {
    changed_a = transposed(a, a_shape);
    a = changed_a;
    std::swap(a_shape[0], a_shape[1]);
  }
  if (!trans_b) return matrix_product<T>(services, a, a_shape, b, b_shape, shape);
  const std::vector<T> product = matrix_product<T>(services, b, b_shape, a, a_shape, shape);
  std::vector<T> result = transposed<T>(product, shape);
  std::swap(shape[0], shape[1]);
  return result;
}

template <typename T>
void evaluate_gemm_as(Evaluation& e) {
  const auto alpha = static_cast<T>(e.attributes().f("alpha")),
             beta = static_cast<T>(e.attributes().f("beta"));
  Dims shape;
  const Array& a = e.input(0);
  const Array& b = e.input(1);
  std::vector<T> y = gemm_product<T>(e.services(), e.attributes(), a.as<T>(), a.shape(), b.as<T>(),
                                     b.shape(), shape);
  for (T& value : y) value = static_cast<T>(value * alpha);
  Array result(a.dtype(), shape, std::move(y), e.services().meter());
  if (e.has_input(2)) {
    result = broadcast_apply<T, T, T>(e, result, e.input(2), result.dtype(), [&](T product, T c) {
      return static_cast<T>(product + beta * c);
    });
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
  const Array& b = s.input(1);
  Dims shape;
  const double alpha = s.attributes().f("alpha"), beta = s.attributes().f("beta");
  std::vector<double> sigma =
      gemm_product<double>(s.services(), s.attributes(), squared(a.as<double>()), a.shape(),
                           squared(b.as<double>()), b.shape(), shape);
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
