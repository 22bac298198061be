"""Writes the trained network as ONNX, opset 17."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import network


def model(parameters, statistics):
    """The network as a ModelProto: data f32[batch,1,8,8] -> prob f32[batch,10]."""
    arrays = dict(parameters, bn1_mean=statistics.mean(), bn1_variance=statistics.variance())
    convolution = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [1, 1]}
    nodes = [
        helper.make_node("Conv", ["data", "conv1_weight"], ["conv1"], name="conv1", **convolution),
        helper.make_node("BatchNormalization", ["conv1", "bn1_scale", "bn1_bias", "bn1_mean", "bn1_variance"], ["bn1"], name="bn1",
                         epsilon=float(network.EPSILON)),
        helper.make_node("Relu", ["bn1"], ["relu1"], name="relu1"),
        helper.make_node("Conv", ["relu1", "conv2_weight", "conv2_bias"], ["conv2"], name="conv2", **convolution),
        helper.make_node("Relu", ["conv2"], ["relu2"], name="relu2"),
        helper.make_node("MaxPool", ["relu2"], ["pool2"], name="pool2", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pool2"], ["flat"], name="flat", axis=1),
        helper.make_node("Gemm", ["flat", "ip1_weight", "ip1_bias"], ["ip1"], name="ip1", transB=1),
        helper.make_node("Softmax", ["ip1"], ["prob"], name="prob", axis=1),
    ]
    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, ["batch", 1, network.SIDE, network.SIDE])],
        [helper.make_tensor_value_info("prob", TensorProto.FLOAT, ["batch", network.CLASSES])],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in arrays.items()])
    result = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="digits")
    onnx.checker.check_model(result, full_check=True)
    return result


def write(path, parameters, statistics):
    path.write_bytes(model(parameters, statistics).SerializeToString(deterministic=True))
