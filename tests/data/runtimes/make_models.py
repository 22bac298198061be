"""Makes the small models of this folder: python3 make_models.py (needs numpy and onnx).

The weights are small integers and halves, so that every result is exact in float32 and the tests can state it.
"""

import pathlib
import struct

import numpy as np
import onnx
from onnx import TensorProto, helper

folder = pathlib.Path(__file__).parent


def save(name, nodes, inputs, outputs, constants=(), opset=13):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(constants))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    model.producer_name = "ponte tests"
    onnx.checker.check_model(model)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


def value(name, dtype, shape):
    return helper.make_tensor_value_info(name, dtype, shape)


# y = relu(x w): one open dimension, one node without a name.
save(
    "linear",
    [helper.make_node("MatMul", ["x", "w"], ["product"], name="multiply"), helper.make_node("Relu", ["product"], ["y"])],
    [value("x", TensorProto.FLOAT, ["batch", 3])],
    [value("y", TensorProto.FLOAT, ["batch", 2])],
    [helper.make_tensor("w", TensorProto.FLOAT, [3, 2], [1, -1, 2, -2, 3, 0.5])],
)

# A state: total_out = total_in + x.
save(
    "counter",
    [helper.make_node("Add", ["total_in", "x"], ["total_out"])],
    [value("x", TensorProto.FLOAT, [2]), value("total_in", TensorProto.FLOAT, [2])],
    [value("total_out", TensorProto.FLOAT, [2])],
)

# Strings pass through.
save(
    "words",
    [helper.make_node("Identity", ["x"], ["y"])],
    [value("x", TensorProto.STRING, ["n"])],
    [value("y", TensorProto.STRING, ["n"])],
)

# A sequence comes out: x of [4] in pieces of 1 and 3.
save(
    "pieces",
    [helper.make_node("SplitToSequence", ["x", "lengths"], ["y"], axis=0)],
    [value("x", TensorProto.FLOAT, [4])],
    [helper.make_tensor_sequence_value_info("y", TensorProto.FLOAT, None)],
    [helper.make_tensor("lengths", TensorProto.INT64, [2], [1, 3])],
)

# Dtypes that few bindings carry: f16 and bf16 casts of x.
save(
    "narrow",
    [
        helper.make_node("Cast", ["x"], ["half"], to=TensorProto.FLOAT16),
        helper.make_node("Cast", ["x"], ["brain"], to=TensorProto.BFLOAT16),
        helper.make_node("Cast", ["x"], ["nibbles"], to=TensorProto.INT4),
    ],
    [value("x", TensorProto.FLOAT, [3])],
    [
        value("half", TensorProto.FLOAT16, [3]),
        value("brain", TensorProto.BFLOAT16, [3]),
        value("nibbles", TensorProto.INT4, [3]),
    ],
    opset=21,
)

# A file that is no model.
(folder / "broken.onnx").write_bytes(b"\x08\x08this is no model")

# Caffe: a 1x1 convolution of two channels to three, relu in place, and the sum over all of it.
prototxt = """\
name: "tiny"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 2 dim: 3 } } }
layer {
  name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 3 kernel_size: 1 }
}
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer {
  name: "sum" type: "InnerProduct" bottom: "conv" top: "sum"
  inner_product_param { num_output: 2 }
}
"""
(folder / "tiny.prototxt").write_text(prototxt)


def varint(number):
    out = b""
    while True:
        out += bytes([number & 0x7F | (0x80 if number > 0x7F else 0)])
        number >>= 7
        if number == 0:
            return out


def field(number, payload):  # length-delimited
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def blob(array):  # BlobProto: shape = 7 (BlobShape: dim = 1, packed), data = 5 (packed floats)
    dims = b"".join(varint(dim) for dim in array.shape)
    return field(7, field(1, dims)) + field(5, struct.pack(f"<{array.size}f", *array.ravel()))


def layer(name, kind, blobs):  # LayerParameter: name = 1, type = 2, blobs = 7
    return field(1, name.encode()) + field(2, kind.encode()) + b"".join(field(7, blob(b)) for b in blobs)


conv_weights = np.array([[1, 2], [-1, 1], [0.5, -2]], np.float32).reshape(3, 2, 1, 1)
conv_bias = np.array([0, 1, -1], np.float32)
sum_weights = np.stack([np.ones(18), np.arange(18) - 8]).astype(np.float32)
sum_bias = np.array([0.5, 0], np.float32)
(folder / "tiny.caffemodel").write_bytes(
    field(1, b"tiny")
    + field(100, layer("conv", "Convolution", [conv_weights, conv_bias]))
    + field(100, layer("sum", "InnerProduct", [sum_weights, sum_bias]))
)

# What tests/workers/opencv_test.cpp expects for data = 0, 1, ..., 11.
data = np.arange(12, dtype=np.float64).reshape(2, 6)
conv = np.maximum(conv_weights.reshape(3, 2).astype(np.float64) @ data + conv_bias[:, None], 0)
print("conv", conv.ravel().tolist())
print("sum", (sum_weights.astype(np.float64) @ conv.ravel() + sum_bias).tolist())
