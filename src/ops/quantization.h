// Which scale and zero point belongs to which element: per tensor, per axis or blocked, as
// onnx.ai/onnx/operators/onnx__QuantizeLinear.html has it.
#pragma once

#include "ops/evaluation.h"
#include "ops/strides.h"

namespace ponte::ops {

// Inference of both ops: shapes that fit, and x's shape for the output.
void infer_quantization(ir::Inference& c);

class QuantizationLayout {
 public:
  // Throws ShapeMismatch where the scale, or a zero point of another shape, does not fit;
  // InvalidAttribute, InvalidAxis.
  QuantizationLayout(Evaluation& e, const Array& x, const Array& scale);

  // The index of the scale for an element.
  std::size_t scale_of(std::int64_t element) const {
    if (is_per_tensor_) return 0;
    const std::int64_t position = element / split_.inner % split_.length;
    if (block_ == 0) return static_cast<std::size_t>(position);
    const std::int64_t outer = element / split_.inner / split_.length;
    return static_cast<std::size_t>((outer * blocks_ + position / block_) * split_.inner +
                                    element % split_.inner);
  }

 private:
  bool is_per_tensor_ = false;
  AxisSplit split_;
  std::int64_t block_ = 0;
  std::int64_t blocks_ = 0;
};

// The zero points as the numbers they are held as, or zeros where there are none.
std::vector<double> zero_points(const Evaluation& e, std::size_t input, std::int64_t count);

}  // namespace ponte::ops
