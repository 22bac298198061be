// MatMul. Spec: onnx.ai/onnx/operators/onnx__MatMul.html, which follows numpy.matmul.
// C1: no operand is a scalar. C2: the inner dims are equal. C3: the batch dims broadcast.
#include "ops/matrix_product.h"

namespace ponte::ops {

extern constinit const ir::Op mat_mul_op{
    .name = "MatMul",
    .since = 13,
    .inputs = {{"A",
                ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 |
                    ir::types::u64,
                "T"},
               {"B",
                ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 |
                    ir::types::u64,
                "T"}},
    .outputs = {{"Y",
                 ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 |
                     ir::types::u64,
                 "T"}},
    .infer = infer_matrix_product,
    .evaluate = evaluate_matrix_product,
    .scale = scale_matrix_product};

}  // namespace ponte::ops
