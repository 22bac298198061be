#include "ops/matrix_product.h"

#include <fmt/format.h>

#include "ops/broadcast.h"
#include "ops/matrix_kernel.h"

namespace ponte::ops {
namespace {

using ir::Dim;
using ir::Shape;

// What numpy.matmul makes of the operands: vectors become matrices, whose added dim is taken away
// again.
template <typename Dim>
struct Operands {
  std::vector<Dim> a_batch, b_batch;
  Dim m, k_a, k_b, n;
  bool a_is_vector, b_is_vector;

  Operands(const std::vector<Dim>& a, const std::vector<Dim>& b)
      : a_is_vector(a.size() == 1), b_is_vector(b.size() == 1) {
    if (a.empty() || b.empty())
      throw Error(Code::ShapeMismatch, "a scalar has no matrix product");  // C1
    m = a_is_vector ? Dim(1) : a[a.size() - 2];
    k_a = a.back();
    k_b = b_is_vector ? b.back() : b[b.size() - 2];
    n = b_is_vector ? Dim(1) : b.back();
    if (!a_is_vector) a_batch.assign(a.begin(), a.end() - 2);
    if (!b_is_vector) b_batch.assign(b.begin(), b.end() - 2);
  }

  void append_matrix(std::vector<Dim>& shape) const {
    if (!a_is_vector) shape.push_back(m);
    if (!b_is_vector) shape.push_back(n);
  }
};

}  // namespace

void infer_matrix_product(ir::Inference& c) {
  const Operands<Dim> o(c.shape(0), c.shape(1));
  c.require_not_different(o.k_a, o.k_b, "inner dims");  // C2
  const Shape batches[] = {o.a_batch, o.b_batch};
  Shape shape = ir::broadcast(batches, c.node().graph().fresh_dims());  // C3
  o.append_matrix(shape);
  c.set_shape(0, std::move(shape));
}

template <typename T>
std::vector<T> matrix_product(Services& services, std::span<const T> a, const Dims& a_shape,
                              std::span<const T> b, const Dims& b_shape, Dims& shape) {
  const Operands<std::int64_t> o(a_shape, b_shape);
  if (o.k_a != o.k_b)
    throw Error(Code::ShapeMismatch, fmt::format("inner dims {} and {} differ", o.k_a, o.k_b));
  const Dims* const batches[] = {&o.a_batch, &o.b_batch};
  shape = broadcast_dims(batches);
  // Each row of the walk is one matrix.
  Dims walked = shape;
  walked.push_back(1);
  Dims a_walk = o.a_batch, b_walk = o.b_batch;
  a_walk.push_back(1);
  b_walk.push_back(1);
  const RowWalk walk{walked, broadcast_strides(a_walk, walked), broadcast_strides(b_walk, walked)};
  const std::int64_t matrices = walk.rows();
  o.append_matrix(shape);
  std::vector<T> y(static_cast<std::size_t>(count_of(shape)));
  if (y.empty() || o.k_a == 0) return y;
  services.charge_steps(static_cast<std::int64_t>(y.size()) * o.k_a);
  // One product that is shared by all rows of `a` is split by rows, others by matrices.
  const std::int64_t row_block =
      std::max<std::int64_t>(8, (1 << 16) / std::max<std::int64_t>(o.k_a, 1));
  const std::int64_t blocks = (o.m + row_block - 1) / row_block;
  services.parallel_for(matrices * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t matrix = task / blocks, first = task % blocks * row_block;
      const auto [at_a, at_b] = walk.at(matrix);
      gemm(std::min(row_block, o.m - first), o.n, o.k_a, a.data() + (at_a * o.m + first) * o.k_a,
           b.data() + at_b * o.k_a * o.n, y.data() + (matrix * o.m + first) * o.n);
    }
  });
  return y;
}

template std::vector<double> matrix_product(Services&, std::span<const double>, const Dims&,
                                            std::span<const double>, const Dims&, Dims&);
template std::vector<float> matrix_product(Services&, std::span<const float>, const Dims&,
                                           std::span<const float>, const Dims&, Dims&);
template std::vector<std::int64_t> matrix_product(Services&, std::span<const std::int64_t>,
                                                  const Dims&, std::span<const std::int64_t>,
                                                  const Dims&, Dims&);
template std::vector<std::uint64_t> matrix_product(Services&, std::span<const std::uint64_t>,
                                                   const Dims&, std::span<const std::uint64_t>,
                                                   const Dims&, Dims&);

void evaluate_matrix_product(Evaluation& e) {
  const Array& a = e.input(0);
  const Array& b = e.input(1);
  a.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      Dims shape;
      std::vector<T> y =
          matrix_product<T>(e.services(), elements, a.shape(), b.as<T>(), b.shape(), shape);
      e.set(0, Array(a.dtype(), shape, std::move(y), e.services().meter()));
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
}

std::vector<double> squared(std::span<const double> values) {
  std::vector<double> result(values.begin(), values.end());
  for (double& value : result) value *= value;
  return result;
}

void scale_matrix_product(ErrorScale& s) {
  if (!s.output(0).holds<double>()) return;
  const Array& a = s.input(0);
  const Array& b = s.input(1);
  Dims shape;
  std::vector<double> sigma = matrix_product<double>(
      s.services(), squared(a.as<double>()), a.shape(), squared(b.as<double>()), b.shape(), shape);
  const auto y = s.output(0).as<double>();
  const double u = s.unit_roundoff(0);
  const double k = static_cast<double>(a.shape().back());
  for (std::size_t i = 0; i < y.size(); ++i) sigma[i] = sum_sigma(u, k, y[i], sigma[i]);
  s.set(0, std::move(sigma));
}

}  // namespace ponte::ops
