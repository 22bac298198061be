// QuantizeLinear. Spec: onnx.ai/onnx/operators/onnx__QuantizeLinear.html.
// C1: the output is of output_dtype or of the zero point's dtype, u8 without both; both must agree.
// C2: scale and zero point have one shape, that of a tensor, an axis or of blocks. Ties round to
// even; what is out of range becomes the end of the range.
#include <algorithm>
#include <cmath>

#include "ir/narrow_floats.h"
#include "ops/broadcast.h"
#include "ops/error_scale.h"
#include "ops/quantization.h"

namespace ponte::ops {
namespace {

using ir::DType;

constexpr ir::TypeSet quantized_types = ir::types::i8 | ir::types::u8 | ir::types::i16 |
                                        ir::types::u16 | ir::types::f8 | ir::types::int4 |
                                        ir::types::int2 | ir::types::f4 | ir::types::f6;

// Undefined where the zero point's dtype is not known yet.
DType quantized_dtype(const ir::AttributeReader& attributes, bool has_zero_point,
                      DType zero_point) {
  if (attributes.i("output_dtype") == 0) return has_zero_point ? zero_point : DType::Uint8;
  const DType wanted = attributes.dtype("output_dtype");
  if (!quantized_types.has(wanted) ||
      (has_zero_point && zero_point != DType::Undefined && zero_point != wanted)) {
    throw Error(Code::InvalidAttribute, "`output_dtype` is no dtype of the output");  // C1
  }
  return wanted;
}

void infer_quantize_linear(ir::Inference& c) {
  c.set_dtype(0, quantized_dtype(c.attributes(), c.has_input(2), c.dtype(2)));
  infer_quantization(c);  // C2
}

// The dtype that the quotient is rounded to before anything else; Undefined for none.
DType quotient_dtype(const Evaluation& e) {
  if (e.arithmetic() == Arithmetic::Judge) return DType::Undefined;
  if (e.attributes().i("precision") != 0) return e.attributes().dtype("precision");
  const DType scale = e.input(1).dtype();
  return ir::is_float(scale) && scale != DType::Float8E8M0 ? scale : DType::Float32;
}

class Quantizer {
 public:
  Quantizer(const Evaluation& e, DType output)
      : output_(output),
        quotient_(quotient_dtype(e)),
        range_(ir::range(output)),
        saturation_(e.attributes().i("saturate") != 0 ? ir::Saturation::Saturate
                                                      : ir::Saturation::Overflow) {}

  double operator()(double x, double scale, double zero_point) const {
    double quotient = x / scale;
    if (quotient_ != DType::Undefined) quotient = ir::round_to(quotient_, quotient);
    if (ir::is_float(output_)) {
      return ir::decode_float(output_,
                              ir::encode_float(output_, quotient + zero_point, saturation_));
    }
    if (std::isnan(quotient)) return zero_point;
    return std::clamp(std::nearbyint(quotient) + zero_point, range_.lowest, range_.highest);
  }

 private:
  DType output_;
  DType quotient_;
  ir::Range range_;
  ir::Saturation saturation_;
};

void evaluate_quantize_linear(Evaluation& e) {
  const Array &x = e.input(0), &scale = e.input(1);
  const DType dtype = quantized_dtype(e.attributes(), e.has_input(2),
                                      e.has_input(2) ? e.input(2).dtype() : DType::Undefined);
  const QuantizationLayout layout(e, x, scale);
  const Quantizer quantize(e, dtype);
  const std::vector<double> scales = scale.to_f64(), zeros = zero_points(e, 2, scale.count());
  Array out = e.allocate(dtype, x.shape());
  e.charge_steps(out.count());
  const std::vector<double> values = x.to_f64();
  out.visit([&](auto held) {
    using Y = std::remove_cv_t<typename decltype(held)::element_type>;
    if constexpr (std::is_arithmetic_v<Y>) {
      const auto target = out.mutable_as<Y>();
      e.parallel_for(out.count(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          const std::size_t k = layout.scale_of(i);
          const auto at = static_cast<std::size_t>(i);
          target[at] = static_cast<Y>(quantize(values[at], scales[k], zeros[k]));
        }
      });
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
  e.set(0, std::move(out));
}

// Half a step of the integers; a rounding of the coarse floats.
void scale_quantize_linear(ErrorScale& s) {
  if (ir::is_float(s.output(0).dtype())) return scale_one_rounding(s);
  s.set(0, std::vector<double>(static_cast<std::size_t>(s.output(0).count()), 0.5));
}

}  // namespace

extern constinit const ir::Op quantize_linear_op{
    .name = "QuantizeLinear",
    .since = 28,
    .inputs = {{"x", ir::types::f32 | ir::types::f16 | ir::types::bf16 | ir::types::i32},
               {"y_scale", ir::types::f32 | ir::types::f16 | ir::types::bf16 | ir::types::i32 |
                               ir::types::f8e8m0},
               {"y_zero_point", quantized_types, "T3", ir::Arity::Optional}},
    .outputs = {{"y", quantized_types, "T3"}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{1}},
                   {"block_size", ir::AttributeKind::Int, std::int64_t{0}},
                   {"output_dtype", ir::AttributeKind::Int, std::int64_t{0}},
                   {"precision", ir::AttributeKind::Int, std::int64_t{0}},
                   {"saturate", ir::AttributeKind::Int, std::int64_t{1}}},
    .infer = infer_quantize_linear,
    .evaluate = evaluate_quantize_linear,
    .scale = scale_quantize_linear};

}  // namespace ponte::ops
