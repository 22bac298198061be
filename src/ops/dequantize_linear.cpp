// DequantizeLinear. Spec: onnx.ai/onnx/operators/onnx__DequantizeLinear.html.
// C1: the output is of output_dtype, or of the scale's dtype. C2: scale and zero point have one
// shape, that of a tensor, an axis or of blocks.
#include "ops/broadcast.h"
#include "ops/error_scale.h"
#include "ops/quantization.h"

namespace ponte::ops {
namespace {

using ir::DType;

constexpr ir::TypeSet dequantized_types = ir::types::f32 | ir::types::f16 | ir::types::bf16;

DType dequantized_dtype(const ir::AttributeReader& attributes, DType scale) {
  const DType dtype = attributes.i("output_dtype") != 0 ? attributes.dtype("output_dtype") : scale;
  if (dtype != DType::Undefined && !dequantized_types.has(dtype)) {
    throw Error(Code::InvalidAttribute,
                "the output can't be " + std::string(to_string(dtype)));  // C1
  }
  return dtype;
}

void infer_dequantize_linear(ir::Inference& c) {
  c.set_dtype(0, dequantized_dtype(c.attributes(), c.dtype(1)));
  infer_quantization(c);  // C2
}

template <typename T>
void dequantize(Evaluation& e, const Array& x, const Array& scale, Array& out) {
  const QuantizationLayout layout(e, x, scale);
  const std::vector<double> scales = scale.to_f64(), zeros = zero_points(e, 2, scale.count());
  const auto target = out.mutable_as<T>();
  x.visit([&](auto in) {
    using X = std::remove_cv_t<typename decltype(in)::element_type>;
    if constexpr (std::is_arithmetic_v<X>) {
      e.parallel_for(out.count(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          const std::size_t k = layout.scale_of(i);
          const auto at = static_cast<std::size_t>(i);
          target[at] =
              static_cast<T>(static_cast<double>(in[at]) - zeros[k]) * static_cast<T>(scales[k]);
        }
      });
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
}

void evaluate_dequantize_linear(Evaluation& e) {
  const Array &x = e.input(0), &scale = e.input(1);
  Array out = e.allocate(dequantized_dtype(e.attributes(), scale.dtype()), x.shape());
  e.charge_steps(out.count());
  out.holds<double>() ? dequantize<double>(e, x, scale, out) : dequantize<float>(e, x, scale, out);
  e.set(0, std::move(out));
}

constexpr ir::TypeSet dequantize_linear_inputs =
    ir::types::i8 | ir::types::u8 | ir::types::i16 | ir::types::u16 | ir::types::i32 |
    ir::types::f8 | ir::types::int4 | ir::types::int2 | ir::types::f4 | ir::types::f6;

}  // namespace

extern constinit const ir::Op dequantize_linear_op{
    .name = "DequantizeLinear",
    .since = 28,
    .inputs = {{"x", dequantize_linear_inputs, "T1"},
               {"x_scale", dequantized_types | ir::types::f8e8m0},
               {"x_zero_point", dequantize_linear_inputs, "T1", ir::Arity::Optional}},
    .outputs = {{"y", dequantized_types}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{1}},
                   {"block_size", ir::AttributeKind::Int, std::int64_t{0}},
                   {"output_dtype", ir::AttributeKind::Int, std::int64_t{0}}},
    .infer = infer_dequantize_linear,
    .evaluate = evaluate_dequantize_linear,
    .scale = scale_one_rounding};

}  // namespace ponte::ops
