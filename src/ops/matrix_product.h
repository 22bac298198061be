// Batched matrix product with the broadcasting of numpy.matmul, and its error scale: what MatMul
// and its kin share.
#pragma once

#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {

// Inputs 0 and 1, output 0.
void infer_matrix_product(ir::Inference& c);
void evaluate_matrix_product(Evaluation& e);
void scale_matrix_product(ErrorScale& s);

// The elements of numpy.matmul(a, b); T is the computing type of both. `shape` receives the
// result's shape.
template <typename T>
std::vector<T> matrix_product(Services& services, std::span<const T> a, const Dims& a_shape,
                              std::span<const T> b, const Dims& b_shape, Dims& shape);

// The values times themselves: the operands of an error scale.
std::vector<double> squared(std::span<const double> values);

}  // namespace ponte::ops
