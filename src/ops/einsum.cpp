// Einsum. Spec: onnx.ai/onnx/operators/onnx__Einsum.html. Operands are contracted from left to
// right by matrix products. C1: equation is well-formed and has a term for each input. C2: an axis
// has one size wherever it stands, or 1.
#include <algorithm>
#include <set>

#include "base/checked.h"
#include "ops/einsum_equation.h"
#include "ops/error_scale.h"
#include "ops/matrix_kernel.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_einsum(ir::Inference& c) {
  std::vector<std::size_t> ranks;
  std::vector<ir::Shape> shapes;
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    shapes.push_back(c.shape(i));
    ranks.push_back(shapes.back().size());
  }
  const EinsumEquation equation = parse_einsum(c.attributes().s("equation"), ranks);  // C1
  const auto sizes = einsum_sizes(equation, shapes);                                  // C2
  ir::Shape shape;
  for (const EinsumLabel label : equation.output) shape.push_back(sizes.at(label));
  c.set_shape(0, shape);
}

// An array whose axes have names, each once.
struct Labelled {
  Array array;
  EinsumLabels labels;
};

bool has_label(const EinsumLabels& labels, EinsumLabel label) {
  return std::ranges::count(labels, label) > 0;
}

// Axes with these labels in this order; the array must have them all.
Array arranged(Services& services, const Labelled& operand, const EinsumLabels& order) {
  std::vector<std::int64_t> permutation;
  for (const EinsumLabel label : order) {
    permutation.push_back(std::ranges::find(operand.labels, label) - operand.labels.begin());
  }
  return gathered(services, operand.array,
                  permuted(whole_view(operand.array.shape()), permutation));
}

// Repeated labels become the diagonal, and axes of 1 go: they are put back into the output's shape.
Labelled distinct_axes(Services& services, const Array& array, const EinsumLabels& labels) {
  const Dims strides = row_major_strides(array.shape());
  StridedView view;
  EinsumLabels distinct;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (array.shape()[i] == 1) continue;
    const auto found = std::ranges::find(distinct, labels[i]);
    if (found == distinct.end()) {
      distinct.push_back(labels[i]);
      view.shape.push_back(array.shape()[i]);
      view.strides.push_back(strides[i]);
    } else {
      view.strides[static_cast<std::size_t>(found - distinct.begin())] += strides[i];
    }
  }
  return {gathered(services, array, view), distinct};
}

std::int64_t extent(const Labelled& operand, const EinsumLabels& labels) {
  std::int64_t count = 1;
  for (const EinsumLabel label : labels) {
    count *= operand.array.dim(std::ranges::find(operand.labels, label) - operand.labels.begin());
  }
  return count;
}

Dims shape_of(const Labelled& operand, const EinsumLabels& labels) {
  Dims shape;
  for (const EinsumLabel label : labels) shape.push_back(extent(operand, {label}));
  return shape;
}

template <typename T>
Labelled summed_over(Services& services, const Labelled& operand, const EinsumLabels& kept,
                     const EinsumLabels& gone) {
  EinsumLabels order = kept;
  order.insert(order.end(), gone.begin(), gone.end());
  const Array lines = arranged(services, operand, order);
  Array out =
      Array::zeros(lines.dtype(), shape_of(operand, kept), services.arithmetic(), services.meter());
  const std::int64_t length = extent(operand, gone);
  services.charge_steps(lines.count());
  const auto source = lines.as<T>();
  std::size_t at = 0;
  for (T& sum : out.mutable_as<T>()) {
    for (std::int64_t i = 0; i < length; ++i) sum = static_cast<T>(sum + source[at++]);
  }
  return {std::move(out), kept};
}

template <typename T>
Labelled without_private(Services& services, const Labelled& operand, const Labelled& other,
                         const std::set<EinsumLabel>& wanted) {
  EinsumLabels kept, gone;
  for (const EinsumLabel label : operand.labels) {
    (has_label(other.labels, label) || wanted.contains(label) ? kept : gone).push_back(label);
  }
  return gone.empty() ? operand : summed_over<T>(services, operand, kept, gone);
}

struct ProductSizes {
  std::int64_t batches, m, n, k;
};

template <typename T>
void multiply_batches(Services& services, const ProductSizes& size, std::span<const T> a,
                      std::span<const T> b, std::span<T> c) {
  const auto steps = checked_mul(size.batches * size.m, std::max<std::int64_t>(size.n, 1));
  const auto work = steps ? checked_mul(*steps, std::max<std::int64_t>(size.k, 1)) : std::nullopt;
  if (!work) throw Error(Code::BudgetExceeded, "the contraction needs too many steps");
  services.charge_steps(*work);
  if (size.n == 0 || size.k == 0) return;
  const std::int64_t grain = std::max<std::int64_t>(1, (1 << 16) / (size.n * size.k + 1));
  services.parallel_for(size.batches * size.m, grain, [&](std::int64_t begin, std::int64_t end) {
    while (begin < end) {
      const std::int64_t batch = begin / size.m;
      const std::int64_t rows = std::min(end, (batch + 1) * size.m) - begin;
      gemm<T>(rows, size.n, size.k, a.data() + begin * size.k, b.data() + batch * size.k * size.n,
              c.data() + begin * size.n);
      begin += rows;
    }
  });
}

template <typename T>
Labelled contracted(Services& services, const Labelled& left, const Labelled& right,
                    const std::set<EinsumLabel>& wanted) {
  const Labelled a = without_private<T>(services, left, right, wanted);
  const Labelled b = without_private<T>(services, right, left, wanted);
  EinsumLabels batch, inner, rows, columns;
  for (const EinsumLabel label : a.labels) {
    if (!has_label(b.labels, label)) {
      rows.push_back(label);
    } else {
      (wanted.contains(label) ? batch : inner).push_back(label);
    }
  }
  for (const EinsumLabel label : b.labels) {
    if (!has_label(a.labels, label)) columns.push_back(label);
  }
  const auto joined_labels = [](EinsumLabels x, const EinsumLabels& y, const EinsumLabels& z) {
    x.insert(x.end(), y.begin(), y.end());
    x.insert(x.end(), z.begin(), z.end());
    return x;
  };
  const Array x = arranged(services, a, joined_labels(batch, rows, inner));
  const Array y = arranged(services, b, joined_labels(batch, inner, columns));
  Dims shape = shape_of(a, joined_labels(batch, rows, {}));
  const Dims last = shape_of(b, columns);
  shape.insert(shape.end(), last.begin(), last.end());
  Array out = Array::zeros(x.dtype(), shape, services.arithmetic(), services.meter());
  const ProductSizes size{extent(a, batch), extent(a, rows), extent(b, columns), extent(a, inner)};
  if (out.count() > 0)
    multiply_batches<T>(services, size, x.as<T>(), y.as<T>(), out.mutable_as<T>());
  return {std::move(out), joined_labels(batch, rows, columns)};
}

template <typename T>
Array einsum_as(Services& services, const EinsumEquation& equation,
                const std::vector<Array>& operands) {
  Labelled result = distinct_axes(services, operands[0], equation.inputs[0]);
  for (std::size_t i = 1; i < operands.size(); ++i) {
    std::set<EinsumLabel> wanted(equation.output.begin(), equation.output.end());
    for (std::size_t k = i + 1; k < operands.size(); ++k)
      wanted.insert(equation.inputs[k].begin(), equation.inputs[k].end());
    result = contracted<T>(services, result,
                           distinct_axes(services, operands[i], equation.inputs[i]), wanted);
  }
  EinsumLabels kept, gone;
  for (const EinsumLabel label : equation.output) {
    if (has_label(result.labels, label)) kept.push_back(label);
  }
  for (const EinsumLabel label : result.labels) {
    if (!has_label(kept, label)) gone.push_back(label);
  }
  if (!gone.empty()) result = summed_over<T>(services, result, kept, gone);
  return arranged(services, result, kept);
}

struct EinsumPlan {
  EinsumEquation equation;
  Dims shape;        // of the output
  std::int64_t sum;  // products in one sum
};

EinsumPlan einsum_plan(const ir::AttributeReader& attributes, const std::vector<Array>& operands) {
  std::vector<std::size_t> ranks;
  std::vector<ir::Shape> shapes;
  for (const Array& operand : operands) {
    ranks.push_back(operand.shape().size());
    shapes.push_back(ir::to_shape(operand.shape()));
  }
  EinsumPlan plan{parse_einsum(attributes.s("equation"), ranks), {}, 1};
  for (const auto& [label, size] : einsum_sizes(plan.equation, shapes)) {
    if (!has_label(plan.equation.output, label))
      plan.sum = checked_mul(plan.sum, size.value()).value_or(max_dimension);
  }
  const auto sizes = einsum_sizes(plan.equation, shapes);
  for (const EinsumLabel label : plan.equation.output)
    plan.shape.push_back(sizes.at(label).value());
  count_of(plan.shape);
  return plan;
}

void evaluate_einsum(Evaluation& e) {
  std::vector<Array> operands;
  for (std::size_t i = 0; i < e.input_count(); ++i) operands.push_back(e.input(i));
  const EinsumPlan plan = einsum_plan(e.attributes(), operands);
  operands[0].visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      e.set(0, einsum_as<T>(e.services(), plan.equation, operands).reshaped(plan.shape));
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
}

void scale_einsum(ErrorScale& s) {
  if (!ir::is_float(s.output(0).dtype())) return;
  std::vector<Array> squares;
  for (std::size_t i = 0; i < s.input_count(); ++i) {
    std::vector<double> elements = s.input(i).to_f64();
    for (double& x : elements) x *= x;
    squares.emplace_back(s.input(i).dtype(), s.input(i).shape(), std::move(elements),
                         s.services().meter());
  }
  const EinsumPlan plan = einsum_plan(s.attributes(), squares);
  const Array p2 = einsum_as<double>(s.services(), plan.equation, squares);
  const double k = static_cast<double>(plan.sum) *
                   static_cast<double>(std::max<std::size_t>(squares.size() - 1, 1));
  std::vector<double> sigma = s.output(0).to_f64();
  const auto sums = p2.as<double>();
  for (std::size_t i = 0; i < sigma.size(); ++i)
    sigma[i] = sum_sigma(s.unit_roundoff(0), k, sigma[i], sums[i]);
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op einsum_op{
    .name = "Einsum",
    .since = 28,
    .inputs = {{"Inputs", ir::types::numeric, "T", ir::Arity::Variadic}},
    .outputs = {{"Output", ir::types::numeric, "T"}},
    .attributes = {{"equation", ir::AttributeKind::String, ir::Required{}}},
    .infer = infer_einsum,
    .evaluate = evaluate_einsum,
    .scale = scale_einsum};

}  // namespace ponte::ops
