// What Cast and CastLike do with elements: onnx.ai/onnx/operators/onnx__Cast.html.
#pragma once

#include "ir/narrow_floats.h"
#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {

// The attributes `saturate` and `round_mode`.
struct ConversionRules {
  ir::Saturation saturation = ir::Saturation::Saturate;
  ir::ScaleRounding scale_rounding = ir::ScaleRounding::Up;
};
ConversionRules conversion_rules(const ir::AttributeReader& attributes);

// The elements in another dtype. In judge mode f64, f32, f16 and bf16 are the same numbers; all
// else is on the dtype's real grid. Throws InvalidInputValue for a string that is no number.
Array converted(Evaluation& e, const Array& source, ir::DType dtype, const ConversionRules& rules);

// Inference: shape and known integers of the first input in another dtype.
void infer_conversion(ir::Inference& c, ir::DType dtype);

// One rounding where the output's dtype is narrower than the input's.
void scale_conversion(ErrorScale& s);

// What Cast takes and gives.
inline constexpr ir::TypeSet convertible =
    (ir::types::any_tensor | ir::types::f6) - ir::types::complexes;

}  // namespace ponte::ops
