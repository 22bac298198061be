#!/usr/bin/env python3
"""Makes the small models of this folder with the onnx package (1.23.2): every kind of message that a file can hold."""

import pathlib

import numpy as np
import onnx
from onnx import AttributeProto, SparseTensorProto, TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def value(name, shape, dtype=FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def tensor(name, values, dtype=np.float32):
    return numpy_helper.from_array(np.array(values, dtype=dtype), name)


def model(nodes, inputs, outputs, initializers=(), opsets=(("", 21),), **graph_parts):
    graph = helper.make_graph(nodes, "graph", inputs, outputs, initializers, **graph_parts)
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets]
    return helper.make_model(graph, opset_imports=imports, producer_name="make_fixtures.py", ir_version=10)


def save(name, made, extra=b""):
    (HERE / f"{name}.onnx").write_bytes(made.SerializeToString(deterministic=True) + extra)


def unknown_field(number, text):
    """A field that no version of the specification has."""
    tag = (number << 3) | 2
    head = bytearray()
    while tag > 0x7F:
        head.append(tag & 0x7F | 0x80)
        tag >>= 7
    return bytes(head) + bytes([tag, len(text)]) + text


def tensors():
    """Each dtype once as raw bytes and once in the typed field that the specification gives it."""
    values = {"FLOAT": [1.5, -2, 3e-9], "DOUBLE": [1.5, -2, 1e300], "FLOAT16": [1.5, -2, 6e-8], "BFLOAT16": [1.5, -2, 3e38],
              "FLOAT8E4M3FN": [1.5, -2, 448], "FLOAT8E4M3FNUZ": [1.5, -2, 240], "FLOAT8E5M2": [1.5, -2, 57344],
              "FLOAT8E5M2FNUZ": [1.5, -2, 57344], "FLOAT8E8M0": [1, 2, 0.5], "FLOAT4E2M1": [1.5, -2, 6],
              "INT8": [1, -2, 127], "INT16": [1, -2, 32767], "INT32": [1, -2, 1 << 30], "INT64": [1, -2, 1 << 62],
              "UINT8": [1, 2, 255], "UINT16": [1, 2, 65535], "UINT32": [1, 2, 0xFFFFFFFF], "UINT64": [1, 2, (1 << 64) - 1],
              "INT4": [1, -2, 7], "UINT4": [1, 2, 15], "INT2": [1, -2, 0], "UINT2": [1, 2, 3],
              "BOOL": [True, False, True], "COMPLEX64": [1 + 2j, -3j, 4], "COMPLEX128": [1 + 2j, -3j, 4]}
    made = []
    for name, items in values.items():
        dtype = getattr(TensorProto, name)
        array = np.array(items).astype(helper.tensor_dtype_to_np_dtype(dtype))
        made.append(numpy_helper.from_array(array, name.lower() + " raw"))
        made.append(helper.make_tensor(name.lower() + " typed", dtype, [3], array))
    made.append(helper.make_tensor("string typed", TensorProto.STRING, [2, 1], [b"\xc3\xa4", b""]))
    made.append(tensor("empty", np.zeros((0, 3))))
    save("tensors", model([helper.make_node("Identity", ["float raw"], ["y"])], [], [value("y", [3])], made,
                          opsets=(("", 25),)))


def sparse(name, shape, values, indices):
    made = SparseTensorProto(dims=shape)
    made.values.CopyFrom(tensor(name, values))
    made.indices.CopyFrom(tensor("", indices, np.int64))
    return made


def attributes():
    """A node of an unknown domain with an attribute of every kind, and fields that nobody knows."""
    inner = helper.make_graph([helper.make_node("Relu", ["x"], ["r"])], "inner", [], [value("r", [2])])
    node = helper.make_node("Twist", ["x", "", "c"], ["y"], "twist", domain="test.unknown", doc_string="turns",
                            f=1.5, i=-3, s="text", t=tensor("", [1, 2]), g=inner, floats=[1.5, 2], ints=[1, -1],
                            strings=["a", ""], tensors=[tensor("", [3]), tensor("", 4)], graphs=[inner],
                            tp=helper.make_tensor_type_proto(FLOAT, [2, "n"]),
                            type_protos=[helper.make_sequence_type_proto(helper.make_tensor_type_proto(INT64, None))],
                            sparse_tensor=sparse("", [4], [5, 6], [1, 3]), sparse_tensors=[sparse("", [2, 2], [7], [[1, 0]])])
    node.overload = "second"
    entry = node.metadata_props.add()
    entry.key, entry.value = "namespace", "block.0"
    if hasattr(node, "device_configurations"):
        node.device_configurations.add().configuration_id = "two"
    made = model([node], [value("x", [2])], [value("y", [2])], [tensor("c", [9])], opsets=(("", 21), ("test.unknown", 1)))
    made.graph.ParseFromString(made.graph.SerializeToString() + unknown_field(900, b"of the graph"))
    save("attributes", made, unknown_field(901, b"of the model"))


def parts():
    """What stands beside nodes: metadata, annotations, types of every kind, sparse initialisers, training, devices."""
    nodes = [helper.make_node("Add", ["x", "d"], ["a"], "add"), helper.make_node("Add", ["a", "s"], ["y"], "sparse"),
             helper.make_node("SequenceConstruct", ["a", "a"], ["q"], "pair")]
    made = model(nodes, [value("x", ["batch", 3]), value("d", [3]), helper.make_value_info("o", helper.make_optional_type_proto(
        helper.make_sequence_type_proto(helper.make_tensor_type_proto(FLOAT, None)))),
        helper.make_value_info("m", helper.make_map_type_proto(TensorProto.STRING, helper.make_tensor_type_proto(FLOAT, []))),
        value("open", [None, 4])],
                 [value("y", ["batch", 3]), helper.make_value_info("q", helper.make_sequence_type_proto(
                     helper.make_tensor_type_proto(FLOAT, ["batch", 3])))],
                 [tensor("d", [1, 2, 3])], doc_string="a graph", value_info=[value("a", ["batch", 3])],
                 sparse_initializer=[sparse("s", [3], [5], [1])])
    made.doc_string, made.domain, made.model_version, made.producer_version = "a model", "test", 7, "1.0"
    made.graph.input[0].doc_string = "the input"
    made.graph.input[0].type.tensor_type.shape.dim[0].denotation = "DATA_BATCH"
    made.graph.input[0].type.denotation = "TENSOR"
    for holder, key in ((made.graph, "zeta"), (made.graph, "alpha"), (made, "licence")):
        entry = holder.metadata_props.add()
        entry.key, entry.value = key, "text"
    annotation = made.graph.quantization_annotation.add()
    annotation.tensor_name = "a"
    entry = annotation.quant_parameter_tensor_names.add()
    entry.key, entry.value = "SCALE_TENSOR", "d"
    training = made.training_info.add()
    training.algorithm.CopyFrom(helper.make_graph([helper.make_node("Identity", ["t"], ["u"])], "step", [], [value("u", [1])],
                                                  [tensor("t", [4])]))
    entry = training.update_binding.add()
    entry.key, entry.value = "d", "u"
    if hasattr(made, "configuration"):
        device = made.configuration.add()
        device.name, device.num_devices = "two", 2
    save("parts", made)


def function(name, inputs, outputs, nodes, attributes=(), defaults=(), overload=""):
    made = helper.make_function("local", name, inputs, outputs, nodes,
                                [helper.make_opsetid("", 21), helper.make_opsetid("local", 1)], list(attributes), list(defaults))
    made.overload = overload
    return made


def reference(node, name, of, kind):
    node.attribute.append(AttributeProto(name=name, ref_attr_name=of, type=kind))
    return node


def call(op, inputs, outputs, name, overload="", **attributes):
    node = helper.make_node(op, inputs, outputs, name, domain="local", **attributes)
    node.overload = overload
    return node


def functions():
    """Attributes given, defaulted and absent; calls inside bodies; overloads; a branch in a body."""
    leak = reference(helper.make_node("LeakyRelu", ["x"], ["y"], "leak"), "alpha", "slope", AttributeProto.FLOAT)
    given = function("Leak", ["x"], ["y"], [leak], [], [helper.make_attribute("slope", 0.5)])
    absent = function("Leak", ["x"], ["y"], [reference(helper.make_node("LeakyRelu", ["x"], ["y"], "leak"), "alpha", "slope",
                                                       AttributeProto.FLOAT)], ["slope"], [], "plain")
    then = helper.make_graph([helper.make_node("Neg", ["h"], ["n"])], "then", [], [value("n", None)])
    other = helper.make_graph([helper.make_node("Identity", ["h"], ["k"])], "else", [], [value("k", None)])
    chosen = function("Chosen", ["x", "which", "unused"], ["y", "h"], [
        reference(call("Leak", ["x"], ["h"], "inner"), "slope", "steep", AttributeProto.FLOAT),
        helper.make_node("If", ["which"], ["y"], "branch", then_branch=then, else_branch=other)], ["steep"])
    nodes = [call("Chosen", ["a", "yes"], ["b", "c"], "first", steep=0.25), call("Leak", ["c"], ["d"], "second"),
             call("Leak", ["d"], ["e"], "third", "plain"), helper.make_node("Add", ["b", "e"], ["y"], "sum")]
    made = model(nodes, [value("a", [2])], [value("y", [2])], [tensor("yes", True, np.bool_)], opsets=(("", 21), ("local", 1)))
    made.functions.extend([given, absent, chosen])
    save("functions", made)


def control():
    """Loop, If and Scan with names from around them."""
    body = helper.make_graph([helper.make_node("Add", ["s", "w"], ["t"]), helper.make_node("Identity", ["t"], ["scan"]),
                              helper.make_node("Identity", ["go"], ["on"])], "body",
                             [value("i", [], INT64), value("go", [], BOOL), value("s", [2])],
                             [value("on", [], BOOL), value("t", [2]), value("scan", [2])])
    sums = helper.make_graph([helper.make_node("Add", ["p", "e"], ["r"]), helper.make_node("Identity", ["r"], ["o"])], "sums",
                             [value("p", [2]), value("e", [2])], [value("r", [2]), value("o", [2])])
    then = helper.make_graph([helper.make_node("Mul", ["last", "two"], ["m"])], "then", [], [value("m", [2])], [tensor("two", 2)])
    other = helper.make_graph([helper.make_node("Neg", ["last"], ["n"])], "else", [], [value("n", [2])])
    save("control", model([helper.make_node("Loop", ["count", "", "x"], ["last", "all"], "loop", body=body),
                           helper.make_node("Scan", ["x", "all"], ["end", "sums"], "scan", body=sums, num_scan_inputs=1),
                           helper.make_node("If", ["which"], ["y"], "if", then_branch=then, else_branch=other)],
                          [value("x", [2]), value("which", [], BOOL)], [value("y", [2]), value("sums", [3, 2])],
                          [tensor("count", 3, np.int64), tensor("w", [1, 10])]))


def outside(name, offset, length, shape, dtype=FLOAT, location="external.data"):
    made = TensorProto(name=name, dims=shape, data_type=dtype, data_location=TensorProto.EXTERNAL)
    for key, text in (("location", location), ("offset", offset), ("length", length)):
        entry = made.external_data.add()
        entry.key, entry.value = key, str(text)
    return made


def external():
    """Data beside the model: of initialisers that share and overlap, of attributes, bodies, subgraphs and training."""
    data = np.arange(600, dtype=np.float32)
    (HERE / "external.data").write_bytes(data.tobytes())
    constant = helper.make_node("Constant", [], ["k"], "constant", value=outside("", 16, 8, [2]))
    branch = helper.make_graph([helper.make_node("Identity", ["inner"], ["b"])], "branch", [], [value("b", [2])],
                               [outside("inner", 24, 8, [2])])
    add = function("AddFour", ["x"], ["y"], [helper.make_node("Constant", [], ["four"], value=outside("", 32, 8, [2])),
                                             helper.make_node("Add", ["x", "four"], ["y"])])
    nodes = [constant, helper.make_node("If", ["yes"], ["i"], "if", then_branch=branch, else_branch=branch),
             call("AddFour", ["k"], ["f"], "call"), helper.make_node("Sum", ["f", "i", "low", "shared", "over"], ["s"], "sum"),
             helper.make_node("ReduceSum", ["large"], ["total"], "total", keepdims=0), helper.make_node("Add", ["s", "total"], ["y"], "add")]
    made = model(nodes, [], [value("y", [2])],
                 [tensor("yes", True, np.bool_), outside("low", 0, 8, [2]), outside("shared", 0, 8, [2]), outside("over", 4, 8, [2]),
                  outside("large", 400, 2000, [500])], opsets=(("", 21), ("local", 1)))
    made.functions.append(add)
    training = made.training_info.add()
    training.initialization.CopyFrom(helper.make_graph([helper.make_node("Identity", ["t"], ["u"])], "start", [], [value("u", [2])],
                                                       [outside("t", 40, 8, [2])]))
    save("external", made)


tensors()
attributes()
parts()
functions()
control()
external()
