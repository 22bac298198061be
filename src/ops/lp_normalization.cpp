// LpNormalization. Spec: onnx.ai/onnx/operators/onnx__LpNormalization.html. x / the p-norm along
// one axis; a norm of 0 leaves zeros. C1: p is 1 or 2. C2: axis in [-r, r-1].
#include <cmath>
#include <numbers>

#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_lp_normalization(ir::Inference& c) {
  const std::int64_t p = c.attributes().i("p");
  c.require(p == 1 || p == 2, Code::InvalidAttribute, "`p` must be 1 or 2");  // C1
  ir::normalized_axis(c.attributes().i("axis"), c.rank(0));                   // C2
  c.set_shape(0, c.shape(0));
}

template <typename T>
void evaluate_lp_normalization_as(Evaluation& e) {
  Array x = e.take(0);
  const auto axis =
      static_cast<std::size_t>(ir::normalized_axis(e.attributes().i("axis"), x.rank()));
  const bool absolute = e.attributes().i("p") == 1;
  std::int64_t inner = 1;
  for (std::size_t i = axis + 1; i < x.shape().size(); ++i) inner *= x.shape()[i];
  const std::int64_t length = x.shape()[axis];
  const std::int64_t lines = length ? x.count() / length : 0;
  const auto values = x.mutable_as<T>();
  e.charge_steps(x.count());
  for (std::int64_t line = 0; line < lines; ++line) {
    T* first = values.data() + line / inner * inner * length + line % inner;
    T total = 0;
    for (std::int64_t k = 0; k < length; ++k) {
      const T v = first[k * inner];
      total += absolute ? std::abs(v) : v * v;
    }
    const T norm = absolute ? total : std::sqrt(total);
    for (std::int64_t k = 0; k < length; ++k)
      first[k * inner] = norm == 0 ? T{0} : first[k * inner] / norm;
  }
  e.set(0, std::move(x));
}

void evaluate_lp_normalization(Evaluation& e) {
  e.input(0).holds<double>() ? evaluate_lp_normalization_as<double>(e)
                             : evaluate_lp_normalization_as<float>(e);
}

// The norm's relative error grows with the square root of its length.
void scale_lp_normalization(ErrorScale& s) {
  std::vector<double> sigma = s.output(0).to_f64();
  const Array& x = s.input(0);
  const auto axis =
      static_cast<std::size_t>(ir::normalized_axis(s.attributes().i("axis"), x.rank()));
  const double length = static_cast<double>(x.shape()[axis]);
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3 * (1.5 + std::sqrt(length) / 4);
  for (double& y : sigma) y = u * std::abs(y);
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op lp_normalization_op{
    .name = "LpNormalization",
    .since = 22,
    .inputs = {{"input", ir::types::floats, "T"}},
    .outputs = {{"output", ir::types::floats, "T"}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{-1}},
                   {"p", ir::AttributeKind::Int, std::int64_t{2}}},
    .infer = infer_lp_normalization,
    .evaluate = evaluate_lp_normalization,
    .scale = scale_lp_normalization};

}  // namespace ponte::ops
