#!/usr/bin/env python3
"""Makes the models of this folder with the onnx package (1.23.2): small graphs whose numbers can be counted by hand."""

import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
FLOAT = TensorProto.FLOAT


def weights(name, *shape):
    values = numpy.linspace(-1, 1, num=int(numpy.prod(shape)), dtype=numpy.float32)
    return numpy_helper.from_array(values.reshape(shape), name)


def shape_constant(name, *dims):
    return numpy_helper.from_array(numpy.array(dims, dtype=numpy.int64), name)


def value(name, shape, dtype=FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def save(name, nodes, inputs, outputs, initializers=(), extra_opsets=(), opset=17, ir_version=8):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    opsets = [helper.make_opsetid("", opset), *extra_opsets]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="make_models.py", ir_version=ir_version)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def counted():
    """Every op whose cost is counted, with sizes of which no two are equal where it matters."""
    nodes = [
        helper.make_node("Conv", ["x", "conv_w", "conv_b"], ["conv"], "conv", group=2, pads=[1, 1, 1, 1]),
        helper.make_node("ConvTranspose", ["conv", "up_w"], ["up"], "up", strides=[2, 2]),
        helper.make_node("Reshape", ["up", "flat_shape"], ["flat"], "flat"),
        helper.make_node("Gemm", ["flat", "gemm_w", "gemm_b"], ["gemm"], "gemm", transB=1),
        helper.make_node("MatMul", ["gemm", "product_w"], ["y"], "product"),
        helper.make_node("LSTM", ["steps", "lstm_w", "lstm_r"], ["states"], "lstm", hidden_size=4),
    ]
    save("counted", nodes,
         [value("x", [2, 6, 9, 7]), value("steps", [5, 2, 3])],
         [value("y", [2, 11]), value("states", [5, 1, 2, 4])],
         [weights("conv_w", 4, 3, 3, 3), weights("conv_b", 4), weights("up_w", 4, 5, 2, 2),
          shape_constant("flat_shape", 2, 1260), weights("gemm_w", 3, 1260), weights("gemm_b", 3),
          weights("product_w", 3, 11), weights("lstm_w", 1, 16, 3), weights("lstm_r", 1, 16, 4)])


def open_batch():
    """A batch without a size, and a dimension without even a name."""
    save("open_batch", [helper.make_node("MatMul", ["x", "w"], ["y"], "product"),
                        helper.make_node("Relu", ["z"], ["r"], "relu")],
         [value("x", ["batch", 6]), value("z", [None, 2])],
         [value("y", ["batch", 5]), value("r", [None, 2])], [weights("w", 6, 5)])


def branches():
    """A product in a branch: the data decide whether it is computed."""
    then = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["a"], "inner")], "then", [], [value("a", [2, 3])])
    other = helper.make_graph([helper.make_node("Relu", ["x"], ["b"], "relu")], "else", [], [value("b", [2, 3])])
    save("branches", [helper.make_node("If", ["which"], ["y"], "if", then_branch=then, else_branch=other)],
         [value("which", [], TensorProto.BOOL), value("x", [2, 3])], [value("y", [2, 3])], [weights("w", 3, 3)])


def foreign_domain():
    """An op of a domain that nobody else knows."""
    save("foreign_domain", [helper.make_node("Twist", ["x"], ["y"], "twist", domain="test.unknown", turns=3)],
         [value("x", [2, 3])], [value("y", [2, 3])], extra_opsets=[helper.make_opsetid("test.unknown", 1)])


def mismatch():
    """Two products whose inner sizes contradict each other, with a name that is hostile to terminals."""
    save("mismatch", [helper.make_node("MatMul", ["x", "w"], ["a"], "first\x1b[31m"),
                      helper.make_node("MatMul", ["x", "w"], ["b"], "second")],
         [value("x", [2, 7])], [value("a", [2, 5]), value("b", [2, 5])], [weights("w", 6, 5)])


def old_softmax():
    """A softmax over all axes from the second on, as Softmax was before opset 13: a reader needs several nodes for it."""
    save("old_softmax", [helper.make_node("MatMul", ["x", "w"], ["product"], "product"),
                         helper.make_node("Softmax", ["product"], ["shares"], "softmax"),
                         helper.make_node("Relu", ["shares"], ["y"], "relu")],
         [value("x", [2, 3, 4])], [value("y", [2, 3, 5])], [weights("w", 4, 5)], opset=11)


def scaled():
    """y = 2 x + 1, and samples of which the largest is at the place that the label says in 3 of 4 rows."""
    save("scaled", [helper.make_node("Mul", ["x", "two"], ["doubled"], "double"),
                    helper.make_node("Add", ["doubled", "one"], ["y"], "shift")],
         [value("x", [2, 3])], [value("y", [2, 3])],
         [numpy_helper.from_array(numpy.float32(2), "two"), numpy_helper.from_array(numpy.float32(1), "one")])
    rows = numpy.array([[3, 1, 2], [1, 3, 2], [1, 2, 3], [2, 3, 1]], dtype=numpy.float32)
    numpy.savez(HERE / "scaled_samples.npz", x=rows, classes=numpy.array([0, 1, 2, 2]))


def defaults():
    """An input with a default, in a version that has it for a value to override and in one that asks for it."""
    nodes = [helper.make_node("Add", ["x", "b"], ["y"], "add")]
    for name, version in (("constant_inputs", 3), ("default_inputs", 8)):
        save(name, nodes, [value("x", [2, 3]), value("b", [3])], [value("y", [2, 3])], [weights("b", 3)],
             ir_version=version)


def unevaluable():
    """Ops without an evaluation, one of them twice and one in a branch."""
    then = helper.make_graph([helper.make_node("Cos", ["x"], ["a"], "inner")], "then", [], [value("a", [2, 3])])
    other = helper.make_graph([helper.make_node("Relu", ["x"], ["b"], "relu")], "else", [], [value("b", [2, 3])])
    save("unevaluable", [helper.make_node("Sin", ["x"], ["s"], "first"),
                         helper.make_node("Sin", ["s"], ["t"], "second"),
                         helper.make_node("If", ["which"], ["u"], "if", then_branch=then, else_branch=other),
                         helper.make_node("Add", ["t", "u"], ["y"], "add")],
         [value("which", [], TensorProto.BOOL), value("x", [2, 3])], [value("y", [2, 3])])


counted()
defaults()
unevaluable()
old_softmax()
scaled()
open_batch()
branches()
foreign_domain()
mismatch()
