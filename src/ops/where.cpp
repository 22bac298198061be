// Where. Spec: onnx.ai/onnx/operators/onnx__Where.html. The three inputs broadcast together.
#include "ops/broadcast.h"
#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_where(ir::Inference& c) {
  infer_broadcast(c);
  const auto values = all_known(c);
  if (!values) return;
  for (const ir::Dim& condition : (*values)[0].elements) {
    if (!condition.is_known()) return;
  }
  auto known =
      combined(*values, [](std::span<const ir::Dim> v) { return v[0].value() != 0 ? v[1] : v[2]; });
  if (known) c.set_value(0, std::move(*known));
}

template <typename T>
void choose(Evaluation& e, const Array& condition, const Array& x, const Array& y, Array& out) {
  const Dims& shape = out.shape();
  const Dims outer(shape.begin(), shape.empty() ? shape.end() : shape.end() - 1);
  const std::int64_t inner = shape.empty() ? 1 : shape.back();
  std::array<Dims, 3> strides{broadcast_strides(condition.shape(), shape),
                              broadcast_strides(x.shape(), shape),
                              broadcast_strides(y.shape(), shape)};
  std::array<std::int64_t, 3> step{};
  for (std::size_t i = 0; i < 3 && !shape.empty(); ++i) {
    step[i] = strides[i].back();
    strides[i].pop_back();
  }
  const auto chosen = condition.as<Bool>();
  const auto a = x.as<T>();
  const auto b = y.as<T>();
  const auto target = out.mutable_as<T>();
  const std::int64_t grain = std::max<std::int64_t>(1, elementwise_grain / inner);
  e.parallel_for(out.count() / inner, grain, [&](std::int64_t begin, std::int64_t end) {
    Walk<3> walk(outer, strides, begin);
    for (std::int64_t row = begin; row < end; ++row, walk.advance()) {
      const Bool* c = chosen.data() + walk.offset(0);
      const T* p = a.data() + walk.offset(1);
      const T* q = b.data() + walk.offset(2);
      T* to = target.data() + row * inner;
      for (std::int64_t i = 0; i < inner; ++i) {
        to[i] = c[i * step[0]] == Bool::True ? p[i * step[1]] : q[i * step[2]];
      }
    }
  });
}

void evaluate_where(Evaluation& e) {
  const Array &condition = e.input(0), &x = e.input(1), &y = e.input(2);
  const Dims* const shapes[] = {&condition.shape(), &x.shape(), &y.shape()};
  Array out = e.allocate(x.dtype(), broadcast_dims(shapes));
  if (out.count() > 0) {
    e.charge_steps(out.count());
    x.visit([&](auto elements) {
      choose<std::remove_cv_t<typename decltype(elements)::element_type>>(e, condition, x, y, out);
    });
  }
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op where_op{.name = "Where",
                                       .since = 16,
                                       .inputs = {{"condition", ir::types::boolean},
                                                  {"X", ir::types::plain_tensor, "T"},
                                                  {"Y", ir::types::plain_tensor, "T"}},
                                       .outputs = {{"output", ir::types::plain_tensor, "T"}},
                                       .exactness = ir::Exactness::Moves,
                                       .infer = infer_where,
                                       .evaluate = evaluate_where};

}  // namespace ponte::ops
