"""Writes the case files of this folder that say so in their first line.

Expected values are what ONNX Runtime computes for a model of one node. Where it does not implement an op or a dtype they are
what the reference evaluator of the `onnx` package computes, which follows the specification; such cases say so. Needs the
packages onnx, onnxruntime and numpy. One file, because all cases go through the same few functions that build, run and write
them.
"""

import os
import re

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

NotImplementedByRuntime = onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented
FOLDER = os.path.dirname(os.path.abspath(__file__))
NAMES = {
    np.dtype(np.float32): "f32", np.dtype(np.float64): "f64", np.dtype(np.float16): "f16",
    np.dtype(np.int8): "i8", np.dtype(np.int16): "i16", np.dtype(np.int32): "i32", np.dtype(np.int64): "i64",
    np.dtype(np.uint8): "u8", np.dtype(np.uint16): "u16", np.dtype(np.uint32): "u32", np.dtype(np.uint64): "u64",
    np.dtype(np.bool_): "bool", np.dtype(object): "string", np.dtype(np.complex64): "c64",
    np.dtype(ml_dtypes.bfloat16): "bf16", np.dtype(ml_dtypes.float8_e4m3fn): "f8e4m3fn",
    np.dtype(ml_dtypes.float8_e4m3fnuz): "f8e4m3fnuz", np.dtype(ml_dtypes.float8_e5m2): "f8e5m2",
    np.dtype(ml_dtypes.float8_e5m2fnuz): "f8e5m2fnuz", np.dtype(ml_dtypes.float4_e2m1fn): "f4e2m1",
    np.dtype(ml_dtypes.int4): "i4", np.dtype(ml_dtypes.uint4): "u4", np.dtype(ml_dtypes.int2): "i2",
    np.dtype(ml_dtypes.uint2): "u2", np.dtype(ml_dtypes.float8_e8m0fnu): "f8e8m0",
    np.dtype(ml_dtypes.float6_e2m3fn): "f6e2m3", np.dtype(ml_dtypes.float6_e3m2fn): "f6e3m2",
}
FLOATS = ("f32", "f64", "f16", "bf16", "f8", "f4", "f6")
DTYPE_NUMBERS = {number: name for number, name in enumerate(
    "? f32 u8 i8 u16 i16 i32 i64 string bool f16 f64 u32 u64 c64 c128 bf16 f8e4m3fn f8e4m3fnuz f8e5m2 f8e5m2fnuz u4 i4 "
    "f4e2m1 f8e8m0 u2 i2 f6e2m3 f6e3m2".split())}


def f32(*shape):
    """Small numbers of both signs with a few digits, no two of a tensor equal."""
    count = int(np.prod(shape))
    numbers = ((np.arange(count) * 37) % max(count, 1) - count / 2) * 0.375 + 0.125
    return numbers.astype(np.float32).reshape(shape)


def i64(*numbers):
    return np.array(numbers, np.int64)


def scalar(number, dtype=np.int64):
    return np.array(number, dtype)


def strings(*texts):
    return np.array(texts, object)


def scalar_text(x, name):
    if name == "string":
        return '"' + str(x).replace("\\", "\\\\").replace('"', '\\"') + '"'
    if name == "bool":
        return "true" if x else "false"
    if name == "c64":
        return f"{x.real:g}{x.imag:+g}i"
    if name.startswith(FLOATS):
        x = float(x) if name == "f64" else np.float32(x)
        if np.isnan(x):
            return "nan"
        if np.isinf(x):
            return "inf" if x > 0 else "-inf"
        text = repr(float(x)) if name == "f64" else np.format_float_positional(x, unique=True, trim="0") \
            if 1e-4 <= abs(x) < 1e9 or x == 0 else np.format_float_scientific(x, unique=True)
        return text[:-2] if text.endswith(".0") else text
    return str(int(x))


def value_text(array, name=None):
    if isinstance(array, list):
        return "(" + ", ".join(value_text(item) for item in array) + ")"
    array = np.asarray(array)
    name = name or NAMES[array.dtype]
    if array.ndim == 0:
        return scalar_text(array[()], name)
    return "[" + ", ".join(value_text(row, name) for row in array) + "]"


def type_text(array):
    if isinstance(array, list):
        return f"seq({NAMES[array[0].dtype]}[...])" if array else "seq(f32[...])"
    array = np.asarray(array)
    return NAMES[array.dtype] + "[" + ",".join(str(d) for d in array.shape) + "]"


def attribute_text(name, x):
    if isinstance(x, onnx.TensorProto):
        array = to_array(x)
        return f"{name} = {type_text(array)} {value_text(array)}"
    if isinstance(x, bytes):
        x = x.decode()
    if isinstance(x, str):
        return f'{name} = "{x}"'
    if isinstance(x, float):
        return f"{name} = {x!r}"
    if isinstance(x, (list, tuple)):
        return f"{name} = [" + ", ".join(attribute_text("", v)[3:] for v in x) + "]"
    if name in ("to", "dtype", "output_dtype", "precision") and x in DTYPE_NUMBERS:
        return f"{name} = {DTYPE_NUMBERS[x]}"
    return f"{name} = {x}"


def to_array(tensor):
    return numpy_helper.to_array(tensor)


def to_tensor(array, name=""):
    return numpy_helper.from_array(array, name)


def value_info(name, array):
    if isinstance(array, list):
        kind = helper.make_tensor_type_proto(to_tensor(array[0]).data_type, None)
        return helper.make_value_info(name, helper.make_sequence_type_proto(kind))
    return helper.make_tensor_value_info(name, to_tensor(array).data_type, array.shape)


def one_node_model(nodes, given, constants, wanted, opset):
    graph = helper.make_graph(nodes, "g", [value_info(n, a) for n, a in given.items()],
                              [helper.make_empty_tensor_value_info(n) for n in wanted],
                              [to_tensor(a, n) for n, a in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=10)


def is_plain(array):
    """Whether the runtime's Python interface takes and gives this dtype."""
    return isinstance(array, list) or array.dtype.kind in "fiubOc" and array.dtype.type.__module__ == "numpy"


def run_by_onnxruntime(node, given, wanted, opset):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    plain = {n: a for n, a in given.items() if is_plain(a)}
    constants = {n: a for n, a in given.items() if not is_plain(a)}

    def session_of(nodes, names):
        model = one_node_model(nodes, plain, constants, names, opset)
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    session = session_of([node], wanted)
    nodes, names, back = [node], [], []
    for output in session.get_outputs():
        # What has no NumPy dtype of its own leaves as f32, which holds all of its numbers.
        narrow = {"tensor(bfloat16)": ml_dtypes.bfloat16, "tensor(float8e4m3fn)": ml_dtypes.float8_e4m3fn,
                  "tensor(float8e4m3fnuz)": ml_dtypes.float8_e4m3fnuz, "tensor(float8e5m2)": ml_dtypes.float8_e5m2,
                  "tensor(float8e5m2fnuz)": ml_dtypes.float8_e5m2fnuz, "tensor(int4)": ml_dtypes.int4,
                  "tensor(uint4)": ml_dtypes.uint4}.get(output.type)
        back.append(narrow)
        names.append(output.name + "_f32" if narrow else output.name)
        if narrow:
            nodes.append(helper.make_node("Cast", [output.name], [names[-1]], to=TensorProto.FLOAT))
    results = session_of(nodes, names).run(names, plain)
    return [result.astype(dtype) if dtype else result for result, dtype in zip(results, back)]


class File:
    def __init__(self, name):
        self.path = os.path.join(FOLDER, name + ".txt")
        self.parts = [f"# Written by record_cases.py: expected values from ONNX Runtime {onnxruntime.__version__}."]

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        if kind is None:
            with open(self.path, "w") as out:
                out.write("\n\n".join(self.parts) + "\n")

    def raw(self, text):
        """A case without computed values: inference alone, or an error."""
        self.parts.append(re.sub(r"\n +", "\n", text.strip()))

    def case(self, title, op, inputs, const=(), types=None, outputs=("y",), opset=21, reference=False, tolerance=None,
             expected=None, note=None, **attributes):
        """inputs: arrays by name, None for an absent one; const: names that inference may see."""
        if expected is None:
            try:
                expected = self.run(op, inputs, outputs, opset, reference, attributes)
            except NotImplementedByRuntime:
                reference = True
                expected = self.run(op, inputs, outputs, opset, reference, attributes)
        types = types or {}
        title = f"# {op.rpartition('::')[2]}: {title}"
        if reference:
            title += f"\n# expected: reference evaluator of onnx {onnx.__version__}"
        if note:
            title += "\n# " + note
        arguments = ", ".join("_" if array is None else
                              ("const " if name in const else "") + f"{name}: " + (types.get(name) or type_text(array))
                              for name, array in inputs.items())
        results = ", ".join("_" if not name else f"{name}: " + (types.get(name) or type_text(array))
                            for name, array in zip(outputs, expected))
        text = f"{title}\n{results} = {op}({arguments})"
        if attributes:
            text += " {" + ", ".join(attribute_text(k, v) for k, v in attributes.items()) + "}"
        lines = [f"{name} = {value_text(array)}" for name, array in inputs.items() if array is not None]
        lines += [f"{name} = {value_text(array)}" for name, array in zip(outputs, expected) if name]
        if tolerance:
            lines.append(f"tolerance {tolerance}")
        self.parts.append(text + "\n" + "\n".join(lines))

    def run(self, op, inputs, outputs, opset, reference, attributes):
        given = {name: array for name, array in inputs.items() if array is not None}
        domain, _, op = op.rpartition("::")
        node = helper.make_node(op, [n if a is not None else "" for n, a in inputs.items()], list(outputs), domain=domain, **attributes)
        wanted = [n for n in outputs if n]
        if reference:
            results = ReferenceEvaluator(one_node_model([node], given, {}, wanted, opset)).run(wanted, given)
        else:
            results = run_by_onnxruntime(node, given, wanted, opset)
        results = iter(results)
        return [self.tidy(next(results)) if n else None for n in outputs]

    @staticmethod
    def tidy(result):
        if isinstance(result, list):
            return [np.asarray(item) for item in result]
        result = np.asarray(result)
        return result.astype(object) if result.dtype.kind in "US" else result


def record_shapes():
    x = f32(2, 3, 4)
    with File("shape") as f:
        f.case("all dims", "Shape", {"x": x})
        f.case("start and end from the back (C1)", "Shape", {"x": x}, start=-2, end=-1)
        f.case("start beyond the rank is clamped (C1)", "Shape", {"x": x}, start=7)
        f.case("end below the start gives nothing (C1)", "Shape", {"x": x}, start=2, end=1)
        f.case("start far below 0 is clamped (C1)", "Shape", {"x": x}, start=-9)
        f.case("a scalar has none", "Shape", {"x": scalar(3.5, np.float32)})
        f.raw("# Shape: symbols are known values\ny: i64[3] = Shape(x: f32[batch,3,2*n])")
        f.raw("# Shape: unknown rank\ny: i64[...] = Shape(x: f32[...])")
    with File("size") as f:
        f.case("of a matrix", "Size", {"x": f32(3, 5)})
        f.case("of a scalar", "Size", {"x": scalar(3.5, np.float32)})
        f.case("of an empty tensor", "Size", {"x": f32(3, 0)})
        f.raw("# Size: symbolic\ny: i64[] = Size(x: f32[batch,3])")
        f.raw("# Size: unknown rank\ny: i64[] = Size(x: f32[...])")
    with File("squeeze") as f:
        f.case("named axes", "Squeeze", {"x": f32(1, 3, 1, 2), "axes": i64(0)}, const=["axes"])
        f.case("negative axes (C1)", "Squeeze", {"x": f32(1, 3, 1, 2), "axes": i64(-2, 0)}, const=["axes"])
        f.case("all dims of 1 without axes", "Squeeze", {"x": f32(1, 3, 1, 2)})
        f.case("to a scalar", "Squeeze", {"x": f32(1, 1)})
        f.case("known values pass", "Squeeze", {"x": i64(7)}, const=["x"])
        f.case("axes known only while running", "Squeeze", {"x": f32(1, 3, 1, 2), "axes": i64(0)},
               types={"y": "f32[?,?,?]"})
        f.raw("# Squeeze: an axis outside of the rank (C1)\ny = Squeeze(x: f32[1,3], const axes: i64[1])\naxes = [2]\n"
              "error PT3106")
        f.raw("# Squeeze: an axis twice (C1)\ny = Squeeze(x: f32[1,3], const axes: i64[2])\naxes = [0, -2]\nerror PT3106")
        f.raw("# Squeeze: a dim that is not 1 (C2)\ny = Squeeze(x: f32[1,3], const axes: i64[1])\naxes = [1]\nerror PT3105")
        f.raw("# Squeeze: a symbol that might be 1\ny: f32[n] = Squeeze(x: f32[batch,n], const axes: i64[1])\naxes = [0]")
        f.raw("# Squeeze: unknown rank\ny: f32[...] = Squeeze(x: f32[...], const axes: i64[1])\naxes = [0]")
    with File("unsqueeze") as f:
        f.case("in front and behind", "Unsqueeze", {"x": f32(3, 2), "axes": i64(0, 3)}, const=["axes"])
        f.case("negative axes in any order (C1)", "Unsqueeze", {"x": f32(3, 2), "axes": i64(-1, 1)}, const=["axes"])
        f.case("a scalar that is known", "Unsqueeze", {"x": scalar(4), "axes": i64(0)}, const=["x", "axes"])
        f.case("axes known only while running", "Unsqueeze", {"x": f32(3, 2), "axes": i64(1)}, types={"y": "f32[?,?,?]"})
        f.raw("# Unsqueeze: an axis twice (C1)\ny = Unsqueeze(x: f32[3], const axes: i64[2])\naxes = [0, -3]\nerror PT3106")
        f.raw("# Unsqueeze: an axis outside of the rank (C1)\ny = Unsqueeze(x: f32[3], const axes: i64[1])\naxes = [2]\n"
              "error PT3106")
        f.raw("# Unsqueeze: symbols\ny: f32[batch,1,n] = Unsqueeze(x: f32[batch,n], const axes: i64[1])\naxes = [1]")
        f.raw("# Unsqueeze: unknown rank\ny: f32[...] = Unsqueeze(x: f32[...], const axes: i64[1])\naxes = [0]")
    with File("flatten") as f:
        for axis in (0, 1, 2, 3, -1):
            f.case(f"before axis {axis} (C1)", "Flatten", {"x": f32(2, 3, 4)}, axis=axis)
        f.raw("# Flatten: an axis beyond the rank (C1)\ny = Flatten(x: f32[2,3]) {axis = 3}\nerror PT3106")
        f.raw("# Flatten: symbols\ny: f32[batch,12*n] = Flatten(x: f32[batch,3,4*n])")
        f.raw("# Flatten: unknown rank\ny: f32[...] = Flatten(x: f32[...])")


def record_joining():
    with File("concat") as f:
        f.case("negative axis counts from the back (C1)", "Concat", {"a": f32(2, 3), "b": f32(2, 1)}, axis=-1)
        f.case("the first axis", "Concat", {"a": f32(1, 3), "b": f32(2, 3), "c": f32(4, 3)}, axis=0)
        f.case("an axis in the middle", "Concat", {"a": f32(2, 1, 3), "b": f32(2, 4, 3)}, axis=1)
        f.case("an empty part", "Concat", {"a": f32(2, 0), "b": f32(2, 3)}, axis=1)
        f.case("known values", "Concat", {"a": i64(2, 5), "b": i64(-1)}, const=["a", "b"], axis=0)
        f.case("strings", "Concat", {"a": strings("one", "two"), "b": strings("three")}, axis=0)
        f.case("u64", "Concat", {"a": np.array([2**64 - 1], np.uint64), "b": np.array([7], np.uint64)}, axis=0)
        f.case("f16", "Concat", {"a": f32(2).astype(np.float16), "b": f32(3).astype(np.float16)}, axis=0)
        f.case("complex", "Concat", {"a": np.array([1 + 2j], np.complex64), "b": np.array([3 - 0.5j], np.complex64)},
               axis=0, reference=True)
        f.raw("# Concat: an axis outside of the rank (C1)\ny = Concat(a: f32[2], b: f32[3]) {axis = 1}\nerror PT3106")
        f.raw("# Concat: another dim differs (C2)\ny = Concat(a: f32[2,3], b: f32[4,3]) {axis = 1}\nerror PT3105")
        f.raw("# Concat: another rank (C2)\ny = Concat(a: f32[2,3], b: f32[3]) {axis = 0}\nerror PT3105")
        f.raw("# Concat: no axis\ny = Concat(a: f32[2])\nerror PT3102")
        f.raw("# Concat: symbols add up\ny: f32[batch,m + n] = Concat(a: f32[batch,n], b: f32[batch,m]) {axis = 1}")
        f.raw("# Concat: unknown rank\ny: f32[...] = Concat(a: f32[...], b: f32[2]) {axis = 0}")
    with File("split") as f:
        x = f32(6, 2)
        f.case("into equal parts", "Split", {"x": x}, outputs=("a", "b", "c"), num_outputs=3)
        f.case("the last part is smaller (C4)", "Split", {"x": f32(7, 2)}, outputs=("a", "b", "c"), num_outputs=3)
        f.case("by lengths along a negative axis (C1)", "Split", {"x": f32(2, 6), "split": i64(1, 0, 5)},
               const=["split"], outputs=("a", "b", "c"), axis=-1)
        f.case("lengths known only while running", "Split", {"x": x, "split": i64(2, 4)}, outputs=("a", "b"),
               types={"a": "f32[?,2]", "b": "f32[?,2]"})
        f.case("known values", "Split", {"x": i64(4, 5, 6), "split": i64(1, 2)}, const=["x", "split"], outputs=("a", "b"))
        f.raw("# Split: lengths and a number of outputs (C2)\na, b = Split(x: f32[4], const split: i64[2]) {num_outputs = 2}\n"
              "split = [2, 2]\nerror PT3101")
        f.raw("# Split: the lengths do not add up (C3)\na, b = Split(x: f32[4], const split: i64[2])\nsplit = [2, 3]\nerror PT3105")
        f.raw("# Split: the lengths do not add up while running (C3)\na, b = Split(x: f32[4], split: i64[2])\nx = [1, 2, 3, 4]\n"
              "split = [2, 1]\nerror PT3105")
        f.raw("# Split: a negative length (C3)\na, b = Split(x: f32[4], split: i64[2])\nx = [1, 2, 3, 4]\nsplit = [-1, 5]\n"
              "error PT3105")
        f.raw("# Split: another number of lengths (C3)\na, b = Split(x: f32[4], const split: i64[3])\nsplit = [1, 1, 2]\n"
              "error PT3105")
        f.raw("# Split: another number of outputs (C4)\na, b = Split(x: f32[4]) {num_outputs = 3}\nerror PT3101")
        f.raw("# Split: symbols\na: f32[n,batch], b: f32[n,batch] = Split(x: f32[2*n,batch]) {num_outputs = 2}")
        f.raw("# Split: unknown rank\na: f32[...], b: f32[...] = Split(x: f32[...]) {num_outputs = 2}")


def record_slicing():
    x = f32(4, 5)
    with File("slice") as f:
        def both(title, starts, ends, axes=None, steps=None, data=x, **more):
            inputs = {"x": data, "starts": i64(*starts), "ends": i64(*ends), "axes": None if axes is None else i64(*axes),
                      "steps": None if steps is None else i64(*steps)}
            while inputs[list(inputs)[-1]] is None:
                inputs.popitem()
            const = [name for name in inputs if name != "x" and inputs[name] is not None]
            f.case(title, "Slice", inputs, const=const, **more)
        both("all axes", (1, 0), (3, 4))
        both("negative starts and ends (C4)", (-3, 1), (-1, -1))
        both("ends beyond the axis (C4)", (1, -9), (1000, 2**63 - 1))
        both("named axes", (2,), (5,), axes=(-1,))
        both("steps", (0, 3), (4, 0), axes=(1, 0), steps=(2, -1))
        both("backwards over the whole axis (C4)", (-1,), (-2**63,), axes=(1,), steps=(-1,))
        both("backwards from beyond the axis (C4)", (99,), (-99,), axes=(1,), steps=(-2,))
        both("nothing is left", (3,), (2,), axes=(0,))
        both("a step far beyond the axis", (1,), (5,), axes=(1,), steps=(2**62,))
        both("strings", (1,), (3,), data=strings("a", "b", "c", "d"))
        f.case("known values", "Slice", {"x": i64(2, 3, 5, 7), "s": i64(1), "e": i64(3)}, const=["x", "s", "e"])
        f.case("starts known only while running", "Slice", {"x": x, "s": i64(1), "e": i64(3), "axes": i64(0)},
               const=["axes"], types={"y": "f32[?,5]"})
        f.case("i32 bounds", "Slice", {"x": x, "s": np.array([1], np.int32), "e": np.array([3], np.int32)}, const=["s", "e"])
        f.raw("# Slice: lists of different length (C1)\ny = Slice(x: f32[4,5], const s: i64[2], const e: i64[1])\n"
              "s = [0, 0] e = [1]\nerror PT3105")
        f.raw("# Slice: an axis twice (C2)\ny = Slice(x: f32[4,5], const s: i64[2], const e: i64[2], const a: i64[2])\n"
              "s = [0, 0] e = [1, 1] a = [0, -2]\nerror PT3106")
        f.raw("# Slice: more axes than there are (C2)\ny = Slice(x: f32[4], const s: i64[2], const e: i64[2])\n"
              "s = [0, 0] e = [1, 1]\nerror PT3106")
        f.raw("# Slice: a step of 0 (C3)\ny = Slice(x: f32[4], const s: i64[1], const e: i64[1], const a: i64[1], const st: i64[1])\n"
              "s = [0] e = [1] a = [0] st = [0]\nerror PT5003")
        f.raw("# Slice: the rest of a symbol\ny: f32[batch,max(n - 1, 0)] = Slice(x: f32[batch,n], const s: i64[1], const e: i64[1], "
              "const a: i64[1])\ns = [1] e = [9223372036854775807] a = [1]")
        f.raw("# Slice: a symbol backwards\ny: f32[n] = Slice(x: f32[n], const s: i64[1], const e: i64[1], const a: i64[1], "
              "const st: i64[1])\ns = [-1] e = [-9223372036854775807] a = [0] st = [-1]")
        f.raw("# Slice: unknown rank\ny: f32[...] = Slice(x: f32[...], const s: i64[1], const e: i64[1])\ns = [0] e = [1]")
    with File("gather") as f:
        f.case("rows", "Gather", {"x": x, "i": i64(3, 0, 3)})
        f.case("columns by a matrix of indices, from the back (C1, C2)", "Gather", {"x": x, "i": np.array([[0, -1], [2, -5], [1, 1]])},
               axis=-1)
        f.case("a scalar index drops the axis", "Gather", {"x": f32(2, 3, 4), "i": scalar(1)}, axis=1)
        f.case("a known shape's element", "Gather", {"x": i64(8, 3, 224), "i": scalar(-1)}, const=["x", "i"])
        f.case("i32 indices of strings", "Gather", {"x": strings("a", "b", "c"), "i": np.array([2, 0], np.int32)})
        f.case("nothing", "Gather", {"x": x, "i": np.zeros((0, 2), np.int64)})
        f.raw("# Gather: a scalar (C1)\ny = Gather(x: f32[], i: i64[1])\nerror PT3106")
        f.raw("# Gather: an axis outside of the rank (C1)\ny = Gather(x: f32[2], i: i64[1]) {axis = 1}\nerror PT3106")
        f.raw("# Gather: an index beyond the axis (C2)\ny = Gather(x: f32[2], i: i64[1])\nx = [1, 2] i = [2]\nerror PT5004")
        f.raw("# Gather: an index below the axis (C2)\ny = Gather(x: f32[2], i: i64[1])\nx = [1, 2] i = [-3]\nerror PT5004")
        f.raw("# Gather: symbols\ny: f32[a,p,q,c] = Gather(x: f32[a,b,c], i: i64[p,q]) {axis = 1}")
        f.raw("# Gather: unknown rank\ny: f32[...] = Gather(x: f32[2,3], i: i64[...])")
    with File("transpose") as f:
        f.case("reversed without perm", "Transpose", {"x": f32(2, 3, 4)})
        f.case("a permutation", "Transpose", {"x": f32(2, 3, 4)}, perm=[1, 2, 0])
        f.case("channels last", "Transpose", {"x": f32(2, 3, 4, 5)}, perm=[0, 2, 3, 1])
        f.case("a large matrix in tiles", "Transpose", {"x": f32(19, 21)}, perm=[1, 0])
        f.case("nothing moves", "Transpose", {"x": f32(1, 3, 1)}, perm=[2, 1, 0])
        f.case("a scalar", "Transpose", {"x": scalar(2.5, np.float32)})
        f.case("bool", "Transpose", {"x": np.array([[True, False, True], [False, False, True]])})
        f.case("known values", "Transpose", {"x": np.array([[1, 2, 3], [4, 5, 6]])}, const=["x"])
        f.raw("# Transpose: perm too short (C1)\ny = Transpose(x: f32[2,3]) {perm = [0]}\nerror PT3101")
        f.raw("# Transpose: an axis twice (C1)\ny = Transpose(x: f32[2,3]) {perm = [0, 0]}\nerror PT3101")
        f.raw("# Transpose: symbols\ny: f32[n,4,batch] = Transpose(x: f32[batch,n,4]) {perm = [1, 2, 0]}")
        f.raw("# Transpose: unknown rank\ny: f32[...] = Transpose(x: f32[...])")


def record_filling():
    with File("constant") as f:
        f.case("a tensor", "Constant", {}, value=to_tensor(f32(2, 3)))
        f.case("a tensor of integers", "Constant", {}, value=to_tensor(i64(2, 3)))
        f.case("one float", "Constant", {}, value_float=2.5)
        f.case("floats", "Constant", {}, value_floats=[1.5, -2.0, 3.0])
        f.case("one integer", "Constant", {}, value_int=-7)
        f.case("integers", "Constant", {}, value_ints=[3, 1, 4])
        f.case("one string", "Constant", {}, value_string="word")
        f.case("strings", "Constant", {}, value_strings=["one", "two"])
        f.raw("# Constant: no value (C1)\ny = Constant()\nerror PT3101")
        f.raw("# Constant: two values (C1)\ny = Constant() {value_int = 1, value_float = 2.0}\nerror PT3101")
    with File("constant_of_shape") as f:
        f.case("zeros", "ConstantOfShape", {"s": i64(2, 3)}, const=["s"])
        f.case("a value of another dtype", "ConstantOfShape", {"s": i64(2, 3)}, const=["s"], value=to_tensor(np.array([-7], np.int32)))
        f.case("known values", "ConstantOfShape", {"s": i64(3)}, const=["s"], value=to_tensor(i64(1)))
        f.case("a scalar", "ConstantOfShape", {"s": np.zeros(0, np.int64)}, const=["s"], value=to_tensor(np.array([2.5], np.float32)))
        f.case("no elements", "ConstantOfShape", {"s": i64(2, 0)}, const=["s"])
        f.case("a shape known only while running", "ConstantOfShape", {"s": i64(2, 3)}, types={"y": "f32[?,?]"})
        f.raw("# ConstantOfShape: two values (C1)\ny = ConstantOfShape(const s: i64[1]) {value = f32[2] [1, 2]}\ns = [3]\nerror PT3101")
        f.raw("# ConstantOfShape: a negative dim (C2)\ny = ConstantOfShape(const s: i64[1])\ns = [-3]\nerror PT3105")
        f.raw("# ConstantOfShape: a negative dim while running (C2)\ny = ConstantOfShape(s: i64[1])\ns = [-3]\nerror PT3108")
        f.raw("# ConstantOfShape: more than memory can hold\ny = ConstantOfShape(s: i64[2])\ns = [1000000, 1000000]\nerror PT5002")
    with File("expand") as f:
        f.case("rows and columns", "Expand", {"x": f32(3, 1), "s": i64(2, 3, 4)}, const=["s"])
        f.case("the input is larger than the shape (C1)", "Expand", {"x": f32(2, 3), "s": i64(1)}, const=["s"])
        f.case("a scalar", "Expand", {"x": scalar(2.5, np.float32), "s": i64(2, 3)}, const=["s"])
        f.case("to nothing", "Expand", {"x": f32(1, 3), "s": i64(0, 3)}, const=["s"])
        f.case("known values", "Expand", {"x": i64(5), "s": i64(3)}, const=["x", "s"])
        f.case("a shape known only while running", "Expand", {"x": f32(3, 1), "s": i64(2, 3, 4)}, types={"y": "f32[?,?,?]"})
        f.raw("# Expand: dims that do not broadcast (C1)\ny = Expand(x: f32[2], const s: i64[1])\ns = [3]\nerror PT3105")
        f.raw("# Expand: a negative dim (C2)\ny = Expand(x: f32[1], const s: i64[1])\ns = [-1]\nerror PT3105")
        f.raw("# Expand: symbols\ny: f32[batch,4,n] = Expand(x: f32[batch,1,n], const s: i64[2])\ns = [4, 1]")
        f.raw("# Expand: unknown rank\ny: f32[...] = Expand(x: f32[...], s: i64[2])")
    with File("tile") as f:
        f.case("both axes", "Tile", {"x": f32(2, 3), "r": i64(2, 3)}, const=["r"])
        f.case("one axis", "Tile", {"x": f32(2, 3), "r": i64(1, 2)}, const=["r"])
        f.case("nothing", "Tile", {"x": f32(2, 3), "r": i64(1, 0)}, const=["r"])
        f.case("strings", "Tile", {"x": strings("a", "b"), "r": i64(2)}, const=["r"], reference=True)
        f.case("known values", "Tile", {"x": i64(5, 7), "r": i64(2)}, const=["x", "r"])
        f.case("repeats known only while running", "Tile", {"x": f32(2, 3), "r": i64(2, 1)}, types={"y": "f32[?,?]"})
        f.raw("# Tile: too few repeats (C1)\ny = Tile(x: f32[2,3], const r: i64[1])\nr = [2]\nerror PT3105")
        f.raw("# Tile: a negative repeat (C2)\ny = Tile(x: f32[2], const r: i64[1])\nr = [-1]\nerror PT5003")
        f.raw("# Tile: symbols\ny: f32[2*batch,n] = Tile(x: f32[batch,n], const r: i64[2])\nr = [2, 1]")
    with File("where") as f:
        c = np.array([[True], [False], [True]])
        f.case("broadcasts all three", "Where", {"c": c, "a": f32(4), "b": f32(2, 1, 1)})
        f.case("scalars", "Where", {"c": scalar(False, np.bool_), "a": scalar(1.5, np.float32), "b": scalar(-2.0, np.float32)})
        f.case("strings", "Where", {"c": np.array([True, False]), "a": strings("a", "b"), "b": strings("c", "d")})
        f.case("known values", "Where", {"c": np.array([True, False]), "a": i64(1, 2), "b": i64(3)}, const=["c", "a", "b"])
        f.case("i64", "Where", {"c": c, "a": i64(7), "b": np.array([[1, 2]])})
        f.raw("# Where: dims that do not broadcast\ny = Where(c: bool[2], a: f32[3], b: f32[1])\nerror PT3105")
        f.raw("# Where: different dtypes\ny = Where(c: bool[2], a: f32[2], b: f64[2])\nerror PT3104")
        f.raw("# Where: symbols\ny: f32[batch,3] = Where(c: bool[3], a: f32[batch,1], b: f32[])")
    with File("range") as f:
        def three(a, b, c, dtype):
            return {"start": scalar(a, dtype), "limit": scalar(b, dtype), "delta": scalar(c, dtype)}
        every = ["start", "limit", "delta"]
        f.case("upwards", "Range", three(3, 10, 3, np.int64), const=every)
        f.case("downwards", "Range", three(10, 4, -2, np.int32), const=every)
        f.case("nothing", "Range", three(4, 4, 1, np.int64), const=every)
        f.case("floats", "Range", three(0.5, 2.0, 0.25, np.float32), const=every)
        f.case("doubles", "Range", three(1.0, -1.0, -0.4, np.float64), const=every)
        f.case("i16", "Range", three(-5, 5, 4, np.int16), const=every)
        f.case("a limit known only while running", "Range", three(0, 4, 1, np.int64), const=["start", "delta"], types={"y": "i64[?]"})
        f.raw("# Range: more than one element (C1)\ny = Range(start: i64[2], limit: i64[], delta: i64[])\nerror PT3105")
        f.raw("# Range: a delta of 0 (C2)\ny = Range(start: i64[], limit: i64[], delta: i64[])\nstart = 0 limit = 3 delta = 0\n"
              "error PT5003")
        f.raw("# Range: NaN (C2)\ny = Range(start: f32[], limit: f32[], delta: f32[])\nstart = 0 limit = nan delta = 1\nerror PT5003")
        f.raw("# Range: more than memory can hold\ny = Range(start: i64[], limit: i64[], delta: i64[])\n"
              "start = -9223372036854775808 limit = 9223372036854775807 delta = 1\nerror PT3108")


BF16, E4M3, E5M2 = ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2
NUMBER = {name: number for number, name in DTYPE_NUMBERS.items()}


def record_casts():
    reals = np.array([0, -0.0, 1.5, -2.5, 3.7, -0.3, 250.49, np.inf, -np.inf, np.nan, 70000, 1e-9], np.float32)
    finite = np.array([0.0, 1.5, -2.5, 3.7, -0.3, 100.2], np.float32)
    with File("cast") as f:
        for to in ("f64", "f16", "bf16"):
            f.case(f"f32 to {to}", "Cast", {"x": reals}, to=NUMBER[to])
        for to in ("f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz"):
            f.case(f"f32 to {to}, saturating", "Cast", {"x": reals}, to=NUMBER[to])
            f.case(f"f32 to {to}, overflowing", "Cast", {"x": reals}, to=NUMBER[to], saturate=0)
        for to in ("i8", "i16", "i32", "i64"):
            f.case(f"f32 to {to} is truncated", "Cast", {"x": finite}, to=NUMBER[to])
        f.case("f32 to u8 is truncated", "Cast", {"x": np.abs(finite)}, to=NUMBER["u8"])
        f.case("f32 to bool", "Cast", {"x": reals}, to=NUMBER["bool"])
        f.case("f32 to string", "Cast", {"x": np.array([0.5, -314.15926, 7, 1e-5], np.float32)}, to=NUMBER["string"],
               expected=[strings("0.5", "-314.15927", "7", "0.00001")],
               note="by the specification: plain notation, in the shortest form that reads back as the same number")
        f.case("f64 to f32", "Cast", {"x": np.array([0.1, 1e300, -1e-300, 16777217.0])}, to=NUMBER["f32"])
        f.case("f16 to f32", "Cast", {"x": np.array([0.1, -65504, 6e-8], np.float16)}, to=NUMBER["f32"])
        f.case("bf16 to f16", "Cast", {"x": np.array([0.1, -65504, 3.0], BF16)}, to=NUMBER["f16"])
        f.case("f8e4m3fn to f16", "Cast", {"x": np.array([0.1, -448, 1.125], E4M3)}, to=NUMBER["f16"])
        f.case("f8e5m2 to f32", "Cast", {"x": np.array([0.1, np.inf, -1.25], E5M2)}, to=NUMBER["f32"])
        f.case("i64 to f32 rounds once", "Cast", {"x": i64(16777217, -7, 2**62 + 1)}, to=NUMBER["f32"])
        f.case("i32 to f16", "Cast", {"x": np.array([2049, 2051, -65519, 65520], np.int32)}, to=NUMBER["f16"])
        f.case("i64 to i8 wraps around", "Cast", {"x": i64(200, -129, 2**40 + 5)}, to=NUMBER["i8"])
        f.case("i16 to u16 wraps around", "Cast", {"x": np.array([-1, 300], np.int16)}, to=NUMBER["u16"])
        f.case("u64 to i64 wraps around", "Cast", {"x": np.array([2**64 - 1, 5], np.uint64)}, to=NUMBER["i64"])
        f.case("i64 to bool", "Cast", {"x": i64(0, 1, -256)}, to=NUMBER["bool"])
        f.case("i64 to string", "Cast", {"x": i64(0, -2**63)}, to=NUMBER["string"])
        f.case("bool to f32", "Cast", {"x": np.array([True, False])}, to=NUMBER["f32"])
        f.case("bool to i64, known", "Cast", {"x": np.array([True, False])}, const=["x"], to=NUMBER["i64"])
        f.case("bool to string", "Cast", {"x": np.array([True, False])}, to=NUMBER["string"])
        f.case("string to f32", "Cast", {"x": strings("0.1", "-1e3", "+INF", "-inf", "nan", "1E8", "+7")}, to=NUMBER["f32"])
        f.case("string to f64", "Cast", {"x": strings("0.1", "1e-300")}, to=NUMBER["f64"])
        f.case("string to i64", "Cast", {"x": strings("9007199254740993", "-5")}, to=NUMBER["i64"])
        f.case("i64 to i32, known", "Cast", {"x": i64(5, 7)}, const=["x"], to=NUMBER["i32"])
        f.case("u8 to u4 wraps around", "Cast", {"x": np.array([3, 18, 255], np.uint8)}, to=NUMBER["u4"], reference=True,
               expected=[np.array([3, 2, 15], ml_dtypes.uint4)], note="by the specification: higher bits are discarded")
        f.case("i8 to i4 wraps around", "Cast", {"x": np.array([3, 9, -9], np.int8)}, to=NUMBER["i4"],
               expected=[np.array([3, -7, 7], ml_dtypes.int4)], note="by the specification: higher bits are discarded")
        f.case("i4 to i8", "Cast", {"x": np.array([-8, 7, 0], ml_dtypes.int4)}, to=NUMBER["i8"])
        f.case("i2 to f32", "Cast", {"x": np.array([-2, 1, 0], ml_dtypes.int2)}, to=NUMBER["f32"],
               expected=[np.array([-2, 1, 0], np.float32)], note="by the specification")
        f.case("f32 to f4e2m1", "Cast", {"x": np.array([0.3, 0.75, 5.1, -100, 2.5], np.float32)}, to=NUMBER["f4e2m1"],
               expected=[np.array([0.5, 1, 6, -6, 2], ml_dtypes.float4_e2m1fn)], note="by the specification of the dtype")
        f.case("f32 to f6e2m3", "Cast", {"x": np.array([0.3, 7.4, -100], np.float32)}, to=NUMBER["f6e2m3"],
               expected=[np.array([0.25, 7.5, -7.5], ml_dtypes.float6_e2m3fn)], note="by the specification of the dtype")
        scales = np.array([1, 3, 2.9, 5, 0.7], np.float32)
        for mode, expected in (("up", [1, 4, 4, 8, 1]), ("down", [1, 2, 2, 4, 0.5]), ("nearest", [1, 4, 2, 4, 0.5])):
            f.case(f"f32 to f8e8m0, {mode} (C2)", "Cast", {"x": scales}, to=NUMBER["f8e8m0"], round_mode=mode,
                   expected=[np.array(expected, ml_dtypes.float8_e8m0fnu)], note="by the specification: powers of two")
        f.raw("# Cast: a string that is no number\ny = Cast(x: string[1]) {to = f32}\nx = [\"word\"]\nerror PT5003")
        f.raw("# Cast: to complex numbers (C1)\ny = Cast(x: f32[1]) {to = c64}\nerror PT3101")
        f.raw("# Cast: an unknown rounding (C2)\ny = Cast(x: f32[1]) {to = f32, round_mode = \"sideways\"}\nerror PT3101")
        f.raw("# Cast: symbols\ny: f16[batch,3] = Cast(x: f32[batch,3]) {to = f16}")
        f.raw("# Cast: unknown rank\ny: i64[...] = Cast(x: f32[...]) {to = i64}")
    with File("cast_like") as f:
        f.case("the dtype of the second input", "CastLike", {"x": finite, "like": i64(5)})
        f.case("f8, overflowing", "CastLike", {"x": reals, "like": np.array([1], E4M3)}, saturate=0, opset=19, reference=True)
        f.raw("# CastLike: an unknown rounding (C1)\ny = CastLike(x: f32[1], like: f16[1]) {round_mode = \"sideways\"}\n"
              "error PT3101")
        f.raw("# CastLike: symbols\ny: f16[batch] = CastLike(x: f32[batch], like: f16[...])")


def record_quantisation():
    x = np.array([[0, 2, -3, 1000], [1.5, -0.5, 2.5, -1000], [0.75, 3.25, -128, 127]], np.float32)
    with File("quantize_linear") as f:
        f.case("one scale, u8 by default", "QuantizeLinear", {"x": x, "s": scalar(2, np.float32)})
        f.case("one scale and zero point", "QuantizeLinear", {"x": x, "s": scalar(0.5, np.float32), "z": scalar(-3, np.int8)})
        f.case("per axis (C2)", "QuantizeLinear", {"x": x, "s": np.array([0.5, 1, 4], np.float32), "z": np.array([0, 128, 7], np.uint8)},
               axis=0)
        f.case("per axis from the back (C2)", "QuantizeLinear",
               {"x": x, "s": np.array([0.5, 1, 4, 2], np.float32), "z": np.array([0, 1, -2, 3], np.int16)}, axis=-1)
        f.case("in blocks, the last one smaller (C2)", "QuantizeLinear",
               {"x": x, "s": np.array([[0.5, 1], [2, 4], [1, 0.25]], np.float32),
                "z": np.array([[0, 1], [2, 3], [4, 5]], np.int8)}, axis=1, block_size=3)
        f.case("u4", "QuantizeLinear", {"x": x, "s": scalar(1, np.float32), "z": scalar(3, ml_dtypes.uint4)})
        f.case("f8, saturating", "QuantizeLinear", {"x": x, "s": scalar(1.5, np.float32), "z": scalar(0, E4M3)})
        f.case("f8, overflowing", "QuantizeLinear", {"x": x, "s": scalar(1.5, np.float32), "z": scalar(0, E4M3)}, saturate=0)
        f.case("f16", "QuantizeLinear", {"x": np.where(x[:, :2] == 3.25, 3.5, x[:, :2]).astype(np.float16), "s": scalar(0.1, np.float16), "z": scalar(0, np.int16)}, opset=21,
               reference=True)
        f.case("output_dtype (C1)", "QuantizeLinear", {"x": x, "s": scalar(2, np.float32)}, output_dtype=NUMBER["i16"], opset=21,
               reference=True)
        f.raw("# QuantizeLinear: output_dtype and zero point differ (C1)\ny = QuantizeLinear(x: f32[2], s: f32[], z: i8[]) "
              "{output_dtype = u8}\nerror PT3101")
        f.raw("# QuantizeLinear: a zero point of another shape (C2)\ny = QuantizeLinear(x: f32[2], s: f32[], z: i8[2])\nerror PT3105")
        f.raw("# QuantizeLinear: a scale that is not as long as the axis (C2)\ny = QuantizeLinear(x: f32[2,3], s: f32[2])\n"
              "error PT3105")
        f.raw("# QuantizeLinear: a scale with too few blocks (C2)\ny = QuantizeLinear(x: f32[2,6], s: f32[2,2]) "
              "{block_size = 2}\nerror PT3105")
        f.raw("# QuantizeLinear: symbols\ny: i8[batch,3] = QuantizeLinear(x: f32[batch,3], s: f32[], z: i8[])")
    with File("dequantize_linear") as f:
        q = np.array([[0, 1, -3, 127], [-128, 5, 7, 11], [2, 3, 4, 6]], np.int8)
        f.case("one scale", "DequantizeLinear", {"x": q, "s": scalar(0.1, np.float32)})
        f.case("one scale and zero point", "DequantizeLinear", {"x": q, "s": scalar(0.3, np.float32), "z": scalar(-3, np.int8)})
        f.case("per axis (C2)", "DequantizeLinear", {"x": q, "s": np.array([0.1, 0.2, 4], np.float32), "z": np.array([0, 1, 7], np.int8)},
               axis=0)
        f.case("in blocks (C2)", "DequantizeLinear",
               {"x": q, "s": np.array([[0.1, 1], [2, 4], [1, 0.3]], np.float32), "z": np.array([[0, 1], [2, 3], [4, 5]], np.int8)},
               axis=1, block_size=2)
        f.case("a zero point in a vector of one", "DequantizeLinear",
               {"x": q, "s": scalar(0.3, np.float32), "z": np.array([2], np.int8)})
        f.case("i32", "DequantizeLinear", {"x": np.array([10**6, -5], np.int32), "s": scalar(0.1, np.float32)})
        f.case("u16", "DequantizeLinear", {"x": np.array([65535, 5], np.uint16), "s": scalar(0.1, np.float32), "z": scalar(32767, np.uint16)})
        f.case("i4", "DequantizeLinear", {"x": np.array([-8, 7], ml_dtypes.int4), "s": scalar(0.1, np.float32)})
        f.case("f8", "DequantizeLinear", {"x": np.array([-448, 0.5], E4M3), "s": scalar(0.1, np.float32)})
        f.case("f16", "DequantizeLinear", {"x": q, "s": scalar(0.1, np.float16)})
        f.raw("# DequantizeLinear: output_dtype that is no float (C1)\ny = DequantizeLinear(x: i8[2], s: f32[]) {output_dtype = i8}\n"
              "error PT3101")
        f.raw("# DequantizeLinear: a zero point of another dtype\ny = DequantizeLinear(x: i8[2], s: f32[], z: u8[])\nerror PT3104")
        f.raw("# DequantizeLinear: output_dtype says the dtype (C1)\ny: f16[batch] = DequantizeLinear(x: i8[batch], s: f32[]) "
              "{output_dtype = f16}")


def record_layout():
    with File("pad") as f:
        x = f32(3, 4)
        f.case("zeros", "Pad", {"x": x, "p": i64(1, 0, 0, 2)}, const=["p"])
        f.case("a constant", "Pad", {"x": x, "p": i64(0, 1, 2, 0), "c": scalar(-7.5, np.float32)}, const=["p"])
        for mode in ("reflect", "edge", "wrap"):
            f.case(mode, "Pad", {"x": x, "p": i64(2, 3, 1, 2)}, const=["p"], mode=mode)
        f.case("some axes, from the back (C2)", "Pad", {"x": x, "p": i64(1, 2), "c": None, "a": i64(-1)}, const=["p", "a"])
        f.case("negative pads remove", "Pad", {"x": x, "p": i64(-1, 1, 0, -2)}, const=["p"])
        f.case("removed before it is continued", "Pad", {"x": x, "p": i64(0, -1, 0, 2)}, const=["p"], mode="edge")
        f.case("three axes", "Pad", {"x": f32(2, 3, 2), "p": i64(0, 1, 1, 1, 0, 1)}, const=["p"], mode="reflect")
        f.case("an empty axis", "Pad", {"x": f32(0, 2), "p": i64(1, 0, 1, 1)}, const=["p"])
        f.case("bool", "Pad", {"x": np.array([True, True]), "p": i64(1, 1)}, const=["p"])
        f.case("pads known only while running", "Pad", {"x": x, "p": i64(1, 0, 0, 2)}, types={"y": "f32[?,?]"})
        f.raw("# Pad: too few pads (C1)\ny = Pad(x: f32[2,3], const p: i64[2])\np = [1, 1]\nerror PT3105")
        f.raw("# Pad: an axis twice (C2)\ny = Pad(x: f32[2,3], const p: i64[4], _, const a: i64[2])\np = [1, 1, 1, 1] a = [0, 0]\n"
              "error PT3106")
        f.raw("# Pad: an unknown mode (C3)\ny = Pad(x: f32[2], p: i64[2]) {mode = \"mirror\"}\nerror PT3101")
        f.raw("# Pad: more is removed than there is (C4)\ny = Pad(x: f32[2], const p: i64[2])\np = [-2, -1]\nerror PT3105")
        f.raw("# Pad: more is removed than there is, at the other end added (C4)\ny = Pad(x: f32[2], p: i64[2])\nx = [1, 2] p = [-3, 5]\n"
              "error PT3105")
        f.raw("# Pad: nothing to reflect (C5)\ny = Pad(x: f32[0], p: i64[2]) {mode = \"reflect\"}\nx = [] p = [1, 0]\nerror PT5003")
        f.raw("# Pad: symbols\ny: f32[batch + 2,n] = Pad(x: f32[batch,n], const p: i64[4])\np = [1, 0, 1, 0]")
        f.raw("# Pad: unknown rank\ny: f32[...] = Pad(x: f32[...], p: i64[4])")
    with File("depth_to_space") as f:
        x = f32(1, 8, 2, 3)
        f.case("depth last", "DepthToSpace", {"x": x}, blocksize=2)
        f.case("depth first (C3)", "DepthToSpace", {"x": x}, blocksize=2, mode="CRD")
        f.raw("# DepthToSpace: another rank (C1)\ny = DepthToSpace(x: f32[8,2,3]) {blocksize = 2}\nerror PT3105")
        f.raw("# DepthToSpace: channels that are left over (C2)\ny = DepthToSpace(x: f32[1,6,2,3]) {blocksize = 2}\nerror PT3105")
        f.raw("# DepthToSpace: an unknown mode (C3)\ny = DepthToSpace(x: f32[1,8,2,3]) {blocksize = 2, mode = \"RCD\"}\nerror PT3101")
        f.raw("# DepthToSpace: no block\ny = DepthToSpace(x: f32[1,8,2,3]) {blocksize = 0}\nerror PT3101")
        f.raw("# DepthToSpace: symbols\ny: f32[batch,2,2*h,6] = DepthToSpace(x: f32[batch,8,h,3]) {blocksize = 2}")
    with File("space_to_depth") as f:
        x = f32(1, 2, 4, 6)
        f.case("depth last", "SpaceToDepth", {"x": x}, blocksize=2)
        crd = x.reshape(1, 2, 2, 2, 3, 2).transpose(0, 1, 3, 5, 2, 4).reshape(1, 8, 2, 3)
        f.case("depth first (C3)", "SpaceToDepth", {"x": x}, blocksize=2, mode="CRD", expected=[crd],
               note="the reverse of DepthToSpace's formula in this mode")
        f.raw("# SpaceToDepth: another rank (C1)\ny = SpaceToDepth(x: f32[2,4,6]) {blocksize = 2}\nerror PT3105")
        f.raw("# SpaceToDepth: rows that are left over (C2)\ny = SpaceToDepth(x: f32[1,2,5,6]) {blocksize = 2}\nerror PT3105")
        f.raw("# SpaceToDepth: columns that are left over while running (C2)\ny = SpaceToDepth(x: f32[1,1,2,w]) {blocksize = 2}\n"
              "x = [[[[1, 2, 3], [4, 5, 6]]]]\nerror PT3105")
        f.raw("# SpaceToDepth: symbols\ny: f32[batch,4*c,h,3] = SpaceToDepth(x: f32[batch,c,2*h,6]) {blocksize = 2}")
    with File("one_hot") as f:
        values = np.array([-1.5, 2], np.float32)
        f.case("at the end", "OneHot", {"i": i64(1, 0, 2), "d": scalar(4), "v": values}, const=["d"])
        f.case("another axis, from the back (C1)", "OneHot", {"i": np.array([[1, -2, 5], [-9, 0, 3]]), "d": i64(4), "v": values},
               const=["d"], axis=-2)
        f.case("the first axis", "OneHot", {"i": i64(1, 0), "d": scalar(3), "v": i64(0, 1)}, const=["d"], axis=0)
        f.case("indices that are floats", "OneHot", {"i": np.array([1, 0, 2], np.float32), "d": scalar(3, np.float32), "v": i64(5, 6)},
               types={"y": "i64[3,?]"})
        f.raw("# OneHot: an axis outside of the rank (C1)\ny = OneHot(i: i64[2], d: i64[], v: f32[2]) {axis = 2}\nerror PT3106")
        f.raw("# OneHot: two depths (C2)\ny = OneHot(i: i64[2], d: i64[2], v: f32[2])\nerror PT3105")
        f.raw("# OneHot: three values (C3)\ny = OneHot(i: i64[2], d: i64[], v: f32[3])\nerror PT3105")
        f.raw("# OneHot: symbols\ny: f32[batch,4] = OneHot(i: i64[batch], const d: i64[], v: f32[2])\nd = 4")
    with File("trilu") as f:
        x = f32(4, 5)
        for upper in (1, 0):
            for k in (None, 1, -2, 9, -9):
                inputs = {"x": x} if k is None else {"x": x, "k": scalar(k)}
                f.case(f"{'upper' if upper else 'lower'} triangle, k = {k or 0}", "Trilu", inputs, upper=upper)
        f.case("a batch", "Trilu", {"x": f32(2, 3, 2)})
        f.raw("# Trilu: a vector (C1)\ny = Trilu(x: f32[3])\nerror PT3105")
        f.raw("# Trilu: two numbers (C2)\ny = Trilu(x: f32[3,3], k: i64[2])\nerror PT3105")
        f.raw("# Trilu: symbols\ny: f32[n,m] = Trilu(x: f32[n,m])")


def record_indexing():
    x = f32(3, 4)
    with File("gather_elements") as f:
        f.case("along the first axis", "GatherElements", {"x": x, "i": np.array([[2, -3, 1], [0, 0, -1]])})
        f.case("along the last axis (C1)", "GatherElements", {"x": x, "i": np.array([[3, -4], [0, 0], [1, 2]])}, axis=-1)
        f.case("i32 indices in the middle", "GatherElements", {"x": f32(2, 3, 2), "i": np.array([[[1, 2]], [[0, -1]]], np.int32)}, axis=1)
        f.raw("# GatherElements: an axis outside of the rank (C1)\ny = GatherElements(x: f32[2], i: i64[2]) {axis = 1}\nerror PT3106")
        f.raw("# GatherElements: another rank (C2)\ny = GatherElements(x: f32[2], i: i64[2,1])\nerror PT3105")
        f.raw("# GatherElements: indices larger than the data (C2)\ny = GatherElements(x: f32[1,2], i: i64[2,1]) {axis = 1}\n"
              "x = [[1, 2]] i = [[0], [0]]\nerror PT3105")
        f.raw("# GatherElements: an index beyond the axis (C3)\ny = GatherElements(x: f32[2], i: i64[1])\nx = [1, 2] i = [2]\n"
              "error PT5004")
        f.raw("# GatherElements: symbols\ny: f32[p,q] = GatherElements(x: f32[n,m], i: i64[p,q])")
    with File("gather_nd") as f:
        d = f32(2, 3, 4)
        f.case("elements", "GatherND", {"x": d, "i": np.array([[0, 2, -1], [1, 0, 0]])})
        f.case("slices", "GatherND", {"x": d, "i": np.array([[[1, 2]], [[0, -3]], [[1, 1]]])})
        f.case("a batch dim (C2)", "GatherND", {"x": d, "i": np.array([[2], [0]])}, batch_dims=1)
        f.raw("# GatherND: a scalar (C1)\ny = GatherND(x: f32[], i: i64[1])\nerror PT3105")
        f.raw("# GatherND: too many batch dims (C2)\ny = GatherND(x: f32[2,3], i: i64[2,1]) {batch_dims = 2}\nerror PT3101")
        f.raw("# GatherND: batch dims that differ (C2)\ny = GatherND(x: f32[2,3], i: i64[3,1]) {batch_dims = 1}\nerror PT3105")
        f.raw("# GatherND: tuples longer than the rank (C3)\ny = GatherND(x: f32[2,3], i: i64[1,3])\nerror PT3105")
        f.raw("# GatherND: an index beyond its axis (C4)\ny = GatherND(x: f32[2], i: i64[1,1])\nx = [1, 2] i = [[-3]]\nerror PT5004")
        f.raw("# GatherND: symbols\ny: f32[k,m] = GatherND(x: f32[n,m], i: i64[k,1])")
    with File("scatter_elements") as f:
        i, u = np.array([[2, -3, 1], [0, 0, -1]]), f32(2, 3)
        for reduction in ("none", "max", "min"):
            f.case(f"reduction {reduction}", "ScatterElements", {"x": x, "i": np.array([[2, -3, 1], [0, 1, -1]]), "u": u}, reduction=reduction)
        twice = np.array([[1, 1, 0], [1, 2, 2], [0, 3, 0]])
        for reduction in ("add", "mul"):
            f.case(f"an index twice, reduction {reduction}", "ScatterElements", {"x": x, "i": twice, "u": f32(3, 3)}, reduction=reduction,
                   axis=1)
        f.case("integers", "ScatterElements", {"x": i64(1, 2, 3), "i": i64(-1), "u": i64(9)})
        f.case("strings", "ScatterElements", {"x": strings("a", "b"), "i": i64(1), "u": strings("c")})
        f.raw("# ScatterElements: an axis outside of the rank (C1)\ny = ScatterElements(x: f32[2], i: i64[1], u: f32[1]) {axis = 1}\n"
              "error PT3106")
        f.raw("# ScatterElements: updates of another shape (C2)\ny = ScatterElements(x: f32[2], i: i64[1], u: f32[2])\nerror PT3105")
        f.raw("# ScatterElements: indices of another rank (C2)\ny = ScatterElements(x: f32[2], i: i64[1,1], u: f32[1,1])\nerror PT3105")
        f.raw("# ScatterElements: an index beyond the axis (C3)\ny = ScatterElements(x: f32[2], i: i64[1], u: f32[1])\n"
              "x = [1, 2] i = [2] u = [3]\nerror PT5004")
        f.raw("# ScatterElements: an unknown reduction (C4)\ny = ScatterElements(x: f32[2], i: i64[1], u: f32[1]) {reduction = \"sub\"}\n"
              "error PT3101")
    with File("scatter_nd") as f:
        f.case("elements", "ScatterND", {"x": x, "i": np.array([[0, 1], [-1, -1]]), "u": np.array([10, 20], np.float32)})
        f.case("slices", "ScatterND", {"x": x, "i": np.array([[2], [0]]), "u": f32(2, 4) + 100})
        for reduction in ("add", "mul", "max", "min"):
            f.case(f"an index twice, reduction {reduction}", "ScatterND",
                   {"x": x, "i": np.array([[2], [0], [2]]), "u": f32(3, 4)}, reduction=reduction)
        f.case("known values", "ScatterND", {"x": i64(1, 3, 224), "i": np.array([[2]]), "u": i64(7)}, const=["x", "i", "u"])
        f.raw("# ScatterND: a scalar (C1)\ny = ScatterND(x: f32[], i: i64[1], u: f32[])\nerror PT3105")
        f.raw("# ScatterND: tuples longer than the rank (C2)\ny = ScatterND(x: f32[2], i: i64[1,2], u: f32[1])\nerror PT3105")
        f.raw("# ScatterND: updates of another shape (C3)\ny = ScatterND(x: f32[2,3], i: i64[1,1], u: f32[1,2])\nerror PT3105")
        f.raw("# ScatterND: an index beyond its axis (C4)\ny = ScatterND(x: f32[2], i: i64[1,1], u: f32[1])\n"
              "x = [1, 2] i = [[2]] u = [3]\nerror PT5004")
        f.raw("# ScatterND: an unknown reduction (C5)\ny = ScatterND(x: f32[2], i: i64[1,1], u: f32[1]) {reduction = \"sub\"}\nerror PT3101")
    with File("top_k") as f:
        data = np.array([[1, 5, 5, -2, 3], [7, 0, 7, 7, -1], [2, 2, 2, 2, 2]], np.float32)
        two = ("v", "i")
        f.case("largest first, ties by index", "TopK", {"x": data, "k": i64(3)}, const=["k"], outputs=two)
        f.case("smallest first", "TopK", {"x": data, "k": i64(2)}, const=["k"], outputs=two, largest=0)
        f.case("another axis (C1)", "TopK", {"x": data, "k": i64(2)}, const=["k"], outputs=two, axis=0)
        f.case("the whole axis of integers", "TopK", {"x": i64(4, 9, 1), "k": i64(3)}, const=["k"], outputs=two)
        f.case("K known only while running", "TopK", {"x": data, "k": i64(1)}, outputs=two, types={"v": "f32[3,?]", "i": "i64[3,?]"})
        f.raw("# TopK: an axis outside of the rank (C1)\nv, i = TopK(x: f32[3], k: i64[1]) {axis = 1}\nerror PT3106")
        f.raw("# TopK: more than there are (C2)\nv, i = TopK(x: f32[3], const k: i64[1])\nk = [4]\nerror PT5003")
        f.raw("# TopK: more than there are, while running (C2)\nv, i = TopK(x: f32[2], k: i64[1])\nx = [1, 2] k = [3]\nerror PT5003")
        f.raw("# TopK: two numbers (C2)\nv, i = TopK(x: f32[3], k: i64[2])\nerror PT3105")
        f.raw("# TopK: symbols\nv: f32[batch,5], i: i64[batch,5] = TopK(x: f32[batch,n], const k: i64[1])\nk = [5]")
    with File("non_zero") as f:
        f.case("of a matrix", "NonZero", {"x": np.array([[0, 1.5, 0], [-2, 0, 3]], np.float32)}, types={"y": "i64[2,?]"})
        f.case("of bools", "NonZero", {"x": np.array([True, False, True])}, types={"y": "i64[1,?]"})
        f.case("of known integers", "NonZero", {"x": i64(0, 3, 0, -1)}, const=["x"])
        f.case("none", "NonZero", {"x": np.zeros((2, 3), np.float32)}, types={"y": "i64[2,?]"},
               expected=[np.zeros((2, 0), np.int64)], note="by the specification")
    with File("compress") as f:
        marks = np.array([False, True, True])
        f.case("slices of an axis (C1)", "Compress", {"x": f32(2, 3, 2), "c": marks}, types={"y": "f32[2,?,2]"}, axis=-2)
        f.case("a condition that is shorter (C2)", "Compress", {"x": f32(2, 4), "c": marks}, types={"y": "f32[2,?]"}, axis=1)
        f.case("elements of the whole", "Compress", {"x": i64(5, 6, 7, 8), "c": marks}, types={"y": "i64[?]"})
        f.raw("# Compress: a condition that is longer (C2)\ny = Compress(x: f32[2], c: bool[3])\nx = [1, 2] c = [true, true, true]\nerror PT3105")
        f.raw("# Compress: a condition of two axes (C2)\ny = Compress(x: f32[4], c: bool[2,2])\nerror PT3105")
        f.raw("# Compress: an axis outside of the rank (C1)\ny = Compress(x: f32[3], c: bool[3]) {axis = 1}\nerror PT3106")
    with File("elu") as f:
        f.case("of both signs", "Elu", {"x": np.array([-90, -3, -0.5, 0, 2.5], np.float32)})
        f.case("with a factor", "Elu", {"x": f32(2, 3)}, alpha=0.5)
    with File("softplus") as f:
        f.case("far from zero and near", "Softplus", {"x": np.array([-20, -3, -0.0625, 0, 2.5, 100], np.float32)})
        f.case("of a matrix", "Softplus", {"x": f32(2, 3)})
    with File("non_max_suppression") as f:
        boxes = np.array([[[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [1, 11.1, 0, 10.1], [0, 100, 1, 101]]], np.float32)
        scores = np.array([[[0.9, 0.75, 0.6, 0.95, 0.5, 0.3], [0.1, 0.75, 0.75, 0.2, 0.5, 0.9]]], np.float32)
        open_types = {"y": "i64[?,3]"}
        f.case("two classes", "NonMaxSuppression",
               {"b": boxes, "s": scores, "m": i64(3), "t": np.array([0.5], np.float32), "c": np.array([0.25], np.float32)}, types=open_types)
        f.case("without a score threshold", "NonMaxSuppression",
               {"b": boxes, "s": scores, "m": scalar(9), "t": scalar(0.2, np.float32)}, types=open_types)
        centres = np.array([[[0.5, 0.5, 1, 1], [0.5, 0.6, 1, 1], [0.5, 10.5, 1, 1]]], np.float32)
        f.case("boxes by their centre", "NonMaxSuppression",
               {"b": centres, "s": np.array([[[0.4, 0.9, 0.2]]], np.float32), "m": i64(2), "t": np.array([0.5], np.float32)},
               types=open_types, center_point_box=1)
        f.case("a score at the threshold", "NonMaxSuppression",
               {"b": centres, "s": np.array([[[0.5, 0.25, 0.75]]], np.float32), "m": i64(9), "t": np.array([0.9], np.float32),
                "c": np.array([0.5], np.float32)}, types=open_types, center_point_box=1)
        f.raw("# NonMaxSuppression: nothing without a maximum\ny: i64[?,3] = NonMaxSuppression(b: f32[1,1,4], s: f32[1,1,1])\n"
              "b = [[[0, 0, 1, 1]]] s = [[[1]]]\ny = []")
        f.raw("# NonMaxSuppression: boxes of another rank (C1)\ny = NonMaxSuppression(b: f32[1,4], s: f32[1,1,1])\nerror PT3105")
        f.raw("# NonMaxSuppression: scores for other boxes (C1)\ny = NonMaxSuppression(b: f32[1,2,4], s: f32[1,1,3])\nerror PT3105")
        f.raw("# NonMaxSuppression: a threshold above 1 (C2)\ny = NonMaxSuppression(b: f32[1,1,4], s: f32[1,1,1], m: i64[], t: f32[])\n"
              "b = [[[0, 0, 1, 1]]] s = [[[1]]] m = 1 t = 1.5\nerror PT5003")


def record_arithmetic():
    with File("cum_sum") as f:
        x = f32(3, 4)
        for exclusive in (0, 1):
            for reverse in (0, 1):
                f.case(f"exclusive {exclusive}, reverse {reverse}", "CumSum", {"x": x, "axis": scalar(1)}, exclusive=exclusive, reverse=reverse)
        f.case("the first axis, from the back (C1)", "CumSum", {"x": x, "axis": scalar(-2, np.int32)})
        f.case("integers", "CumSum", {"x": i64(1, 2, 3), "axis": scalar(0)})
        f.raw("# CumSum: an axis outside of the rank (C1)\ny = CumSum(x: f32[3], const a: i64[])\na = 1\nerror PT3106")
        f.raw("# CumSum: two axes (C1)\ny = CumSum(x: f32[3], a: i64[2])\nerror PT3105")
        f.raw("# CumSum: symbols\ny: f32[n,m] = CumSum(x: f32[n,m], a: i64[])")
    with File("einsum") as f:
        a, b, c = f32(2, 3), f32(3, 4), f32(4, 5)
        f.case("a matrix product", "Einsum", {"a": a, "b": b}, equation="ij,jk->ik")
        f.case("a batched product with spaces", "Einsum", {"a": f32(2, 3, 4), "b": f32(2, 4, 5)}, equation="b i k , b k j -> b j i", reference=True)
        f.case("implicit output", "Einsum", {"a": a, "b": b}, equation="ij,jk")
        f.case("implicit output in ASCII order", "Einsum", {"a": a}, equation="bA", reference=True)
        f.case("a sum over everything", "Einsum", {"a": a}, equation="ij->")
        f.case("a transposition", "Einsum", {"a": f32(2, 3, 4)}, equation="ijk->kij")
        f.case("a diagonal", "Einsum", {"a": f32(3, 3)}, equation="ii->i")
        f.case("a trace", "Einsum", {"a": f32(3, 3)}, equation="ii")
        f.case("an ellipsis", "Einsum", {"a": f32(5, 2, 3), "b": f32(5, 3, 4)}, equation="...ij,...jk->...ik")
        f.case("a broadcast ellipsis", "Einsum", {"a": f32(1, 2, 3), "b": f32(5, 3, 4)}, equation="...ij,...jk->...ik")
        f.case("three operands", "Einsum", {"a": a, "b": b, "c": c}, equation="ij,jk,kl->il")
        f.case("an outer product", "Einsum", {"a": f32(2), "b": f32(3)}, equation="i,j->ij")
        f.case("labels that only one operand has", "Einsum", {"a": f32(2, 3), "b": f32(4, 5)}, equation="ij,kl->ik")
        f.case("an element-wise product", "Einsum", {"a": a, "b": a}, equation="ij,ij->ij")
        f.case("integers", "Einsum", {"a": np.array([[1, 2], [3, 4]]), "b": i64(5, 6)}, equation="ij,j->i")
        f.case("bilinear attention", "Einsum", {"a": f32(2, 3, 2, 4), "b": f32(2, 5, 2, 4)}, equation="bnqd,bkqd->bqnk", tolerance=1e-6)
        f.raw("# Einsum: a term too many (C1)\ny = Einsum(a: f32[2]) {equation = \"i,i->i\"}\nerror PT3101")
        f.raw("# Einsum: an output that is no input (C1)\ny = Einsum(a: f32[2]) {equation = \"i->j\"}\nerror PT3101")
        f.raw("# Einsum: an output twice (C1)\ny = Einsum(a: f32[2]) {equation = \"i->ii\"}\nerror PT3101")
        f.raw("# Einsum: a character that is no letter (C1)\ny = Einsum(a: f32[2]) {equation = \"1->1\"}\nerror PT3101")
        f.raw("# Einsum: a term of another rank (C1)\ny = Einsum(a: f32[2]) {equation = \"ij->i\"}\nerror PT3105")
        f.raw("# Einsum: an axis of two sizes (C2)\ny = Einsum(a: f32[2,3], b: f32[4,5]) {equation = \"ij,jk->ik\"}\nerror PT3105")
        f.raw("# Einsum: symbols\ny: f32[batch,n,m] = Einsum(a: f32[batch,n,k], b: f32[batch,k,m]) {equation = \"bij,bjk->bik\"}")
        f.raw("# Einsum: unknown rank\ny: f32[...] = Einsum(a: f32[...], b: f32[2]) {equation = \"ij,j->i\"}")
    odd = np.array([1.5, -2, np.nan, 0.5], np.float32)
    with File("max") as f:
        f.case("three inputs", "Max", {"a": f32(2, 3), "b": f32(3), "c": scalar(0.125, np.float32)})
        f.case("NaN wins", "Max", {"a": odd, "b": odd[::-1].copy()})
        f.case("one input", "Max", {"a": f32(3)})
        f.case("u64", "Max", {"a": np.array([2**64 - 1, 0], np.uint64), "b": np.array([5, 6], np.uint64)})
        f.case("known values", "Max", {"a": i64(1, 9), "b": i64(4)}, const=["a", "b"])
        f.raw("# Max: dims that do not broadcast\ny = Max(a: f32[2], b: f32[3])\nerror PT3105")
        f.raw("# Max: symbols\ny: f32[batch,3] = Max(a: f32[batch,3], b: f32[3])")
    with File("min") as f:
        f.case("three inputs", "Min", {"a": f32(2, 3), "b": f32(3), "c": scalar(0.125, np.float32)})
        f.case("NaN wins", "Min", {"a": odd, "b": odd[::-1].copy()})
        f.case("known values", "Min", {"a": i64(1, 9), "b": i64(4)}, const=["a", "b"])
        f.case("i8", "Min", {"a": np.array([-128, 5], np.int8), "b": np.array([3], np.int8)})
        f.raw("# Min: dims that do not broadcast\ny = Min(a: f32[2], b: f32[3])\nerror PT3105")
    with File("clip") as f:
        x = np.array([-3, -1, 0, 2, 5, np.inf], np.float32)
        f.case("both bounds", "Clip", {"x": x, "low": scalar(-1.5, np.float32), "high": scalar(2.5, np.float32)})
        f.case("only the upper bound", "Clip", {"x": x, "low": None, "high": scalar(2.5, np.float32)})
        f.case("only the lower bound", "Clip", {"x": x, "low": scalar(0, np.float32)})
        f.case("no bounds", "Clip", {"x": x})
        f.case("bounds that cross", "Clip", {"x": x, "low": scalar(3, np.float32), "high": scalar(-1, np.float32)})
        f.case("integers, known", "Clip", {"x": i64(-5, 3, 9), "low": scalar(0), "high": scalar(7)}, const=["x", "low", "high"])
        f.case("u8", "Clip", {"x": np.array([1, 200], np.uint8), "low": scalar(5, np.uint8), "high": scalar(100, np.uint8)})
        f.raw("# Clip: a bound of two elements (C1)\ny = Clip(x: f32[2], low: f32[2])\nerror PT3105")
        f.raw("# Clip: symbols\ny: f32[batch,3] = Clip(x: f32[batch,3], low: f32[], high: f32[])")
    with File("abs") as f:
        f.case("floats", "Abs", {"x": np.array([-1.5, 0, -0.0, np.inf, -np.inf, np.nan], np.float32)})
        f.case("the lowest integer stays", "Abs", {"x": np.array([-128, 127, -1], np.int8)})
        f.case("unsigned", "Abs", {"x": np.array([2**64 - 1, 0], np.uint64)})
        f.case("known values", "Abs", {"x": i64(-4, 4)}, const=["x"])
        f.raw("# Abs: symbols\ny: f32[batch,3] = Abs(x: f32[batch,3])")
        f.raw("# Abs: bools\ny = Abs(x: bool[2])\nerror PT3104")
    with File("sign") as f:
        f.case("floats", "Sign", {"x": np.array([-1.5, 0, -0.0, np.inf, 3e-40], np.float32)})
        f.case("integers, known", "Sign", {"x": i64(-4, 0, 4)}, const=["x"])
        f.case("unsigned", "Sign", {"x": np.array([0, 200], np.uint8)})
        f.raw("# Sign: symbols\ny: f32[batch] = Sign(x: f32[batch])")
    with File("mod") as f:
        a, b = np.array([7, -7, 7, -7, 6, 0]), np.array([3, 3, -3, -3, -3, 5])
        f.case("integers take the sign of the divisor", "Mod", {"a": a, "b": b})
        f.case("integers take the sign of the dividend with fmod (C1)", "Mod", {"a": a, "b": b}, fmod=1)
        f.case("floats with fmod", "Mod", {"a": (a + 0.5).astype(np.float32), "b": b.astype(np.float32)}, fmod=1)
        real = (a + 0.5).astype(np.float32)
        f.case("floats without fmod", "Mod", {"a": real, "b": b.astype(np.float32)}, expected=[np.mod(real, b.astype(np.float32))],
               note="from NumPy's mod, which the specification names as its model")
        f.case("unsigned", "Mod", {"a": np.array([7, 250], np.uint8), "b": np.array([4], np.uint8)})
        f.case("the lowest integer by -1", "Mod", {"a": i64(-2**63), "b": i64(-1)}, expected=[i64(0)], note="by the specification")
        f.case("known values", "Mod", {"a": i64(7, 8), "b": i64(4)}, const=["a", "b"])
        f.raw("# Mod: fmod is 2 (C1)\ny = Mod(a: i64[1], b: i64[1]) {fmod = 2}\nerror PT3101")
        f.raw("# Mod: an integer by 0 (C2)\ny = Mod(a: i64[1], b: i64[1])\na = [1] b = [0]\nerror PT5003")
        f.raw("# Mod: special numbers\n# expected: the list of the specification\ny: f32[6] = Mod(a: f32[6], b: f32[6])\n"
              "a = [inf, 1, 5, -5, 0, nan] b = [2, 0, inf, inf, -3, 1]\ny = [nan, nan, 5, inf, 0, nan]")
    with File("xor") as f:
        f.case("broadcasts", "Xor", {"a": np.array([[True], [False]]), "b": np.array([True, False, True])})
        f.raw("# Xor: symbols\ny: bool[batch,3] = Xor(a: bool[batch,1], b: bool[3])")
    special = np.array([1, np.nan, np.inf, -np.inf, -0.0], np.float32)
    with File("is_nan") as f:
        f.case("f32", "IsNaN", {"x": special})
        f.case("f16", "IsNaN", {"x": special.astype(np.float16)})
        f.raw("# IsNaN: symbols\ny: bool[batch] = IsNaN(x: f32[batch])")
    with File("is_inf") as f:
        f.case("both", "IsInf", {"x": special})
        f.case("only positive", "IsInf", {"x": special}, detect_negative=0)
        f.case("only negative", "IsInf", {"x": special}, detect_positive=0)
        f.raw("# IsInf: symbols\ny: bool[batch] = IsInf(x: f32[batch])")
    with File("round") as f:
        f.case("halves to even", "Round", {"x": np.array([0.5, 1.5, 2.5, -0.5, -1.5, 2.3, -2.7, np.inf, np.nan], np.float32)})
        f.case("f64", "Round", {"x": np.array([4503599627370497.5, -3.5])})
        f.raw("# Round: symbols\ny: f32[batch] = Round(x: f32[batch])")


def record_containers():
    a, b = f32(2, 3), f32(1, 3)
    pair = [a, b]
    with File("sequence_construct") as f:
        f.case("two tensors", "SequenceConstruct", {"a": a, "b": b}, types={"y": "seq(f32[?,3])"})
        f.raw("# SequenceConstruct: different dtypes (C1)\ny = SequenceConstruct(a: f32[2], b: f64[2])\nerror PT3104")
    with File("sequence_empty") as f:
        f.raw("# SequenceEmpty: f32 by default\ny: seq(f32[...]) = SequenceEmpty()\ny = ()")
        f.raw("# SequenceEmpty: another dtype\ny: seq(i64[...]) = SequenceEmpty() {dtype = i64}\ny = ()")
    with File("sequence_insert") as f:
        t = f32(4, 3)
        f.case("at the end", "SequenceInsert", {"s": pair, "t": t}, types={"y": "seq(f32[...])"})
        f.case("from the back (C2)", "SequenceInsert", {"s": pair, "t": t, "p": scalar(-1)}, types={"y": "seq(f32[...])"})
        f.case("in front", "SequenceInsert", {"s": pair, "t": t, "p": scalar(0, np.int32)}, types={"y": "seq(f32[...])"})
        f.raw("# SequenceInsert: another dtype (C1)\ny = SequenceInsert(s: seq(f32[...]), t: i64[2])\nerror PT3104")
        f.raw("# SequenceInsert: beyond the end (C2)\ny = SequenceInsert(s: seq(f32[...]), t: f32[1], p: i64[])\n"
              "s = ([1]) t = [2] p = 2\nerror PT5004")
        f.raw("# SequenceInsert: shapes are joined\ny: seq(f32[?,3]) = SequenceInsert(s: seq(f32[2,3]), t: f32[4,3])")
    with File("sequence_at") as f:
        f.case("from the back (C1)", "SequenceAt", {"s": pair, "p": scalar(-1)}, types={"y": "f32[...]"})
        f.raw("# SequenceAt: beyond the end (C1)\ny = SequenceAt(s: seq(f32[...]), p: i64[])\ns = ([1]) p = 1\nerror PT5004")
        f.raw("# SequenceAt: the element's type\ny: f32[n,3] = SequenceAt(s: seq(f32[n,3]), p: i64[])")
        f.raw("# SequenceAt: a tensor is no sequence\ny = SequenceAt(s: f32[2], p: i64[])\nerror PT3104")
    with File("sequence_erase") as f:
        f.case("the last", "SequenceErase", {"s": pair}, types={"y": "seq(f32[...])"})
        f.case("the first (C1)", "SequenceErase", {"s": pair, "p": scalar(0)}, types={"y": "seq(f32[...])"})
        f.raw("# SequenceErase: beyond the end (C1)\ny = SequenceErase(s: seq(f32[...]), p: i64[])\ns = ([1]) p = 1\nerror PT5004")
        f.raw("# SequenceErase: nothing is left (C1)\ny = SequenceErase(s: seq(f32[...]))\ns = ()\nerror PT5004")
    with File("sequence_length") as f:
        f.case("of two", "SequenceLength", {"s": pair})
    with File("concat_from_sequence") as f:
        f.case("along an axis (C1)", "ConcatFromSequence", {"s": pair}, axis=-2, types={"y": "f32[...]"})
        f.case("along a new axis (C1)", "ConcatFromSequence", {"s": [a, a + 1]}, axis=-1, new_axis=1, types={"y": "f32[...]"})
        f.raw("# ConcatFromSequence: an axis outside of the rank (C1)\ny = ConcatFromSequence(s: seq(f32[2,3])) {axis = 2}\nerror PT3106")
        f.raw("# ConcatFromSequence: other dims (C2)\ny = ConcatFromSequence(s: seq(f32[...])) {axis = 1}\n"
              "s = ([[1, 2]], [[1], [2]])\nerror PT3105")
        f.raw("# ConcatFromSequence: an empty sequence (C3)\ny = ConcatFromSequence(s: seq(f32[...])) {axis = 0}\ns = ()\nerror PT5003")
        f.raw("# ConcatFromSequence: types\ny: f32[n,?,3] = ConcatFromSequence(s: seq(f32[n,3])) {axis = 1, new_axis = 1}")
    with File("split_to_sequence") as f:
        x = f32(3, 4)
        f.case("one by one", "SplitToSequence", {"x": x}, types={"y": "seq(f32[1,4])"})
        f.case("without the axis", "SplitToSequence", {"x": x}, keepdims=0, types={"y": "seq(f32[4])"})
        f.case("chunks, the last one smaller (C2)", "SplitToSequence", {"x": x, "s": scalar(2)}, const=["s"], types={"y": "seq(f32[?,4])"})
        f.case("lengths along the last axis (C1, C2)", "SplitToSequence", {"x": x, "s": i64(1, 3)}, const=["s"], axis=-1,
               types={"y": "seq(f32[3,?])"})
        f.raw("# SplitToSequence: an axis outside of the rank (C1)\ny = SplitToSequence(x: f32[3]) {axis = 1}\nerror PT3106")
        f.raw("# SplitToSequence: lengths that do not add up (C2)\ny = SplitToSequence(x: f32[3], s: i64[2])\nx = [1, 2, 3] s = [1, 1]\n"
              "error PT3105")
        f.raw("# SplitToSequence: chunks of 0 (C2)\ny = SplitToSequence(x: f32[3], s: i64[])\nx = [1, 2, 3] s = 0\nerror PT5003")
    with File("optional") as f:
        f.raw("# Optional: of a tensor\ny: optional(f32[2]) = Optional(x: f32[2])\nx = [1, 2]\ny = [1, 2]")
        f.raw("# Optional: of a sequence\ny: optional(seq(f32[2])) = Optional(x: seq(f32[2]))\nx = ([1, 2], [3, 4])\ny = ([1, 2], [3, 4])")
        f.raw("# Optional: empty (C1)\ny: optional(f32[2]) = Optional() {type = type f32[2]}\ny = none")
        f.raw("# Optional: neither an input nor a type (C1)\ny = Optional()\nerror PT3102")
    with File("optional_has_element") as f:
        f.raw("# OptionalHasElement: it has\ny: bool[] = OptionalHasElement(x: optional(f32[2]))\nx = [1, 2]\ny = true")
        f.raw("# OptionalHasElement: it is empty\ny: bool[] = OptionalHasElement(x: optional(f32[2]))\nx = none\ny = false")
        f.raw("# OptionalHasElement: a tensor\ny: bool[] = OptionalHasElement(x: f32[2])\nx = [1, 2]\ny = true")
        f.raw("# OptionalHasElement: nothing\ny: bool[] = OptionalHasElement()\ny = false")
    with File("optional_get_element") as f:
        f.raw("# OptionalGetElement: of an optional\ny: f32[2] = OptionalGetElement(x: optional(f32[2]))\nx = [1, 2]\ny = [1, 2]")
        f.raw("# OptionalGetElement: a tensor is given back\ny: f32[2] = OptionalGetElement(x: f32[2])\nx = [1, 2]\ny = [1, 2]")
        f.raw("# OptionalGetElement: empty (C1)\ny = OptionalGetElement(x: optional(f32[2]))\nx = none\nerror PT5003")
    with File("identity") as f:
        f.case("a tensor", "Identity", {"x": f32(2, 3)})
        f.case("known values", "Identity", {"x": i64(2, 3)}, const=["x"])
        f.raw("# Identity: a sequence\ny: seq(f32[n]) = Identity(x: seq(f32[n]))")
    with File("dropout") as f:
        f.case("inference changes nothing", "Dropout", {"x": f32(2, 3), "r": scalar(0.75, np.float32)}, outputs=("y", "mask"))
        f.case("training without a ratio of 0 (C1)", "Dropout", {"x": f32(2, 3), "r": scalar(0, np.float32), "t": scalar(True, np.bool_)},
               outputs=("y", "mask"))
        f.raw("# Dropout: a ratio of 1 (C1)\ny = Dropout(x: f32[2], r: f32[], t: bool[])\nx = [1, 2] r = 1 t = true\nerror PT5003")
        f.raw("# Dropout: symbols\ny: f32[batch,3], m: bool[batch,3] = Dropout(x: f32[batch,3])")
    with File("random_ops") as f:
        f.raw("# RandomNormal: types (C1)\ny: f16[2,3] = RandomNormal() {shape = [2, 3], dtype = f16}")
        f.raw("# RandomNormal: no float (C1)\ny = RandomNormal() {shape = [2, 3], dtype = i64}\nerror PT3101")
        f.raw("# RandomNormal: a negative dim (C2)\ny = RandomNormal() {shape = [2, -3]}\nerror PT3105")
        f.raw("# RandomNormalLike: the input's dtype and shape (C1)\ny: f64[batch,3] = RandomNormalLike(x: f64[batch,3])")
        f.raw("# RandomNormalLike: the input is no float (C1)\ny = RandomNormalLike(x: i64[2])\nerror PT3101")
        f.raw("# RandomUniform: f32 by default (C1)\ny: f32[2,3] = RandomUniform() {shape = [2, 3]}")
        f.raw("# RandomUniform: a negative dim (C2)\ny = RandomUniform() {shape = [-1]}\nerror PT3105")
        f.raw("# RandomUniformLike: another dtype than the input's (C1)\ny: bf16[n] = RandomUniformLike(x: i64[n]) {dtype = bf16}")


def record_arithmetic():
    unary = {"Ceil": f32(3, 4), "Exp": f32(2, 3), "Floor": f32(3, 4), "Log": np.abs(f32(2, 3)), "Neg": f32(2, 3), "Relu": f32(2, 3),
             "Sigmoid": f32(2, 3) * 3, "Sqrt": np.abs(f32(2, 3)), "Tanh": f32(2, 3)}
    for op, x in unary.items():
        with File(op.lower()) as f:
            f.case("numbers of both signs" if x.min() < 0 else "positive numbers", op, {"x": x})
            f.case("f16", op, {"x": x.astype(np.float16)})
            f.case("infinities and NaN", op, {"x": np.array([np.inf, -np.inf, np.nan], np.float32)})
            f.case("an empty tensor", op, {"x": f32(2, 0)})
            f.raw(f"# {op}: symbols\ny: f32[batch,3] = {op}(x: f32[batch,3])")
            f.raw(f"# {op}: unknown rank\ny: f32[...] = {op}(x: f32[...])")
            f.raw(f"# {op}: another dtype\ny = {op}(x: bool[2])\nerror PT3104")
    with File("not") as f:
        f.case("both", "Not", {"x": np.array([[True, False]])})
        f.raw("# Not: symbols\ny: bool[n,2] = Not(x: bool[n,2])")
    for op in ("Add", "Sub", "Mul", "Div"):
        with File(op.lower()) as f:
            f.case("the same shape", op, {"a": f32(2, 3), "b": f32(2, 3) + np.float32(0.5)})
            f.case("broadcast both ways", op, {"a": f32(3, 1), "b": f32(2, 1, 4) + np.float32(0.5)})
            f.case("a scalar", op, {"a": f32(2, 3), "b": scalar(-1.5, np.float32)})
            f.case("f16", op, {"a": f32(2, 3).astype(np.float16), "b": (f32(3) + np.float32(0.5)).astype(np.float16)})
            f.case("integers", op, {"a": np.array([[7, -7], [9, 2]], np.int32), "b": np.array([2, -3], np.int32)})
            f.case("known values", op, {"a": i64(6, 9), "b": i64(3)}, const=["a", "b"])
            f.raw(f"# {op}: symbols\ny: f32[batch,n] = {op}(a: f32[batch,1], b: f32[n])")
            f.raw(f"# {op}: dims that do not broadcast\ny = {op}(a: f32[2], b: f32[3])\nerror PT3105")
            f.raw(f"# {op}: two dtypes\ny = {op}(a: f32[2], b: f64[2])\nerror PT3104")
    with File("pow") as f:
        f.case("exponents of another dtype", "Pow", {"a": np.abs(f32(2, 3)), "b": np.array([2, 0, 1], np.int64)})
        f.case("roots", "Pow", {"a": np.abs(f32(3, 1)), "b": np.array([0.5, -1], np.float32)})
        f.case("integers", "Pow", {"a": np.array([2, -3], np.int64), "b": np.array([5, 3], np.int64)})
        f.raw("# Pow: symbols\ny: f32[batch,n] = Pow(a: f32[batch,1], b: f32[n])")
    for op in ("And", "Or"):
        with File(op.lower()) as f:
            f.case("all four, broadcast", op, {"a": np.array([[True], [False]]), "b": np.array([True, False])})
            f.raw(f"# {op}: symbols\ny: bool[n,2] = {op}(a: bool[n,1], b: bool[2])")
            f.raw(f"# {op}: dims that do not broadcast\ny = {op}(a: bool[2], b: bool[3])\nerror PT3105")
    for op in ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"):
        with File(re.sub("(?<=[a-z])([A-Z])", r"_\1", op).lower()) as f:
            f.case("below, equal, above, broadcast", op, {"a": np.array([[1], [2.5]], np.float32), "b": np.array([0.5, 1, 2.5], np.float32)})
            f.case("NaN", op, {"a": np.array([np.nan, 1], np.float32), "b": np.array([np.nan, np.nan], np.float32)})
            f.case("integers", op, {"a": i64(-1, 2, 3), "b": i64(2)})
            f.raw(f"# {op}: symbols\ny: bool[n,2] = {op}(a: i64[n,1], b: i64[2])")
            f.raw(f"# {op}: dims that do not broadcast\ny = {op}(a: f32[2], b: f32[3])\nerror PT3105")
    with File("sum") as f:
        f.case("three, broadcast", "Sum", {"a": f32(2, 3), "b": f32(3) * 2, "c": f32(2, 1)})
        f.case("one alone", "Sum", {"a": f32(2, 3)})
        f.raw("# Sum: symbols\ny: f32[batch,n] = Sum(a: f32[batch,1], b: f32[n])")
    with File("leaky_relu") as f:
        f.case("the default slope", "LeakyRelu", {"x": f32(2, 3)})
        f.case("another slope", "LeakyRelu", {"x": f32(2, 3)}, alpha=0.25)
        f.raw("# LeakyRelu: symbols\ny: f32[n] = LeakyRelu(x: f32[n])")
    with File("p_relu") as f:
        f.case("a slope for each channel", "PRelu", {"x": f32(1, 3, 2), "s": np.array([[0.5], [-1], [2]], np.float32)})
        f.raw("# PRelu: the slope must broadcast to the input\ny = PRelu(x: f32[3], s: f32[2,3])\nerror PT3105")


def record_networks():
    x = f32(1, 2, 5, 4)
    with File("conv") as f:
        w, b = f32(3, 2, 3, 2), f32(3)
        f.case("with a bias (C5)", "Conv", {"x": x, "w": w, "b": b})
        f.case("pads, strides, dilations", "Conv", {"x": f32(1, 2, 7, 6), "w": w}, pads=[2, 1, 0, 1], strides=[2, 1], dilations=[1, 2])
        f.case("groups (C3, C4)", "Conv", {"x": f32(1, 4, 3, 3), "w": f32(6, 2, 2, 2)}, group=2)
        f.case("SAME_UPPER", "Conv", {"x": x, "w": w}, auto_pad="SAME_UPPER", strides=[2, 2])
        f.case("SAME_LOWER", "Conv", {"x": x, "w": w}, auto_pad="SAME_LOWER", strides=[2, 2])
        f.case("one spatial axis", "Conv", {"x": f32(2, 3, 6), "w": f32(2, 3, 4)}, kernel_shape=[4])
        f.case("three spatial axes", "Conv", {"x": f32(1, 1, 3, 4, 2), "w": f32(2, 1, 2, 2, 2)})
        f.raw("# Conv: no spatial axis (C1)\ny = Conv(x: f32[2,3], w: f32[4,3])\nerror PT3105")
        f.raw("# Conv: another rank of W (C2)\ny = Conv(x: f32[1,2,5], w: f32[3,2,1,1])\nerror PT3105")
        f.raw("# Conv: other channels (C3)\ny = Conv(x: f32[1,2,5], w: f32[3,4,1])\nerror PT3105")
        f.raw("# Conv: filters left over (C4)\ny = Conv(x: f32[1,4,5], w: f32[3,2,1]) {group = 2}\nerror PT3105")
        f.raw("# Conv: another length of B (C5)\ny = Conv(x: f32[1,2,5], w: f32[3,2,1], b: f32[4])\nerror PT3105")
        f.raw("# Conv: kernel_shape is not W's (C6)\ny = Conv(x: f32[1,2,5], w: f32[3,2,1]) {kernel_shape = [2]}\nerror PT3105")
        f.raw("# Conv: symbols\ny: f32[batch,3,h - 2,floordiv(w + 1, 2)] = Conv(x: f32[batch,2,h,w], k: f32[3,2,3,2]) {strides = [1, 2], pads = [0, 0, 0, 1]}")
    with File("conv_transpose") as f:
        w = f32(2, 3, 3, 2)
        f.case("with a bias", "ConvTranspose", {"x": x, "w": w, "b": f32(3)})
        f.case("strides, pads, output padding", "ConvTranspose", {"x": x, "w": w}, strides=[2, 3], pads=[1, 0, 0, 1], output_padding=[1, 0])
        f.case("groups", "ConvTranspose", {"x": f32(1, 4, 3), "w": f32(4, 2, 2)}, group=2)
        f.case("dilations", "ConvTranspose", {"x": x, "w": w}, dilations=[2, 1])
    with File("gemm") as f:
        a, b, c = f32(2, 3), f32(3, 4), f32(4)
        f.case("with C", "Gemm", {"a": a, "b": b, "c": c})
        f.case("transposed and scaled", "Gemm", {"a": f32(3, 2), "b": f32(4, 3), "c": f32(2, 1)}, transA=1, transB=1, alpha=0.5, beta=-2.0)
        f.case("without C", "Gemm", {"a": a, "b": b})
        f.raw("# Gemm: inner dims differ\ny = Gemm(a: f32[2,3], b: f32[4,5])\nerror PT3105")
        f.raw("# Gemm: symbols\ny: f32[batch,4] = Gemm(a: f32[batch,3], b: f32[3,4])")
    with File("mat_mul") as f:
        f.case("matrices", "MatMul", {"a": f32(2, 3), "b": f32(3, 4)})
        f.case("broadcast batches", "MatMul", {"a": f32(2, 1, 2, 3), "b": f32(4, 3, 2)})
        f.case("a vector on the left", "MatMul", {"a": f32(3), "b": f32(2, 3, 4)})
        f.case("a vector on the right", "MatMul", {"a": f32(2, 3), "b": f32(3)})
        f.raw("# MatMul: inner dims differ\ny = MatMul(a: f32[2,3], b: f32[4,5])\nerror PT3105")
        f.raw("# MatMul: symbols\ny: f32[batch,n,4] = MatMul(a: f32[batch,n,3], b: f32[3,4])")
    with File("batch_normalization") as f:
        f.case("inference", "BatchNormalization", {"x": x, "s": f32(2), "b": f32(2) * 2, "m": f32(2) + 1, "v": np.abs(f32(2)) + 1},
               opset=15, epsilon=0.01)
        f.raw("# BatchNormalization: symbols\ny: f32[n,2] = BatchNormalization(x: f32[n,2], s: f32[2], b: f32[2], m: f32[2], v: f32[2])")
    with File("max_pool") as f:
        f.case("with indices", "MaxPool", {"x": x}, outputs=("y", "i"), kernel_shape=[2, 3], strides=[1, 2])
        f.case("pads and ceil_mode", "MaxPool", {"x": x}, kernel_shape=[2, 2], strides=[2, 3], pads=[1, 0, 0, 1], ceil_mode=1)
        f.case("dilations", "MaxPool", {"x": x}, kernel_shape=[2, 2], dilations=[3, 1])
    with File("average_pool") as f:
        f.case("pads are left out", "AveragePool", {"x": x}, kernel_shape=[2, 3], pads=[1, 1, 0, 0])
        f.case("pads are counted", "AveragePool", {"x": x}, kernel_shape=[2, 3], pads=[1, 1, 0, 0], count_include_pad=1)
        f.case("ceil_mode", "AveragePool", {"x": x}, kernel_shape=[2, 2], strides=[2, 3], ceil_mode=1)
    for op, name in (("GlobalAveragePool", "global_average_pool"), ("GlobalMaxPool", "global_max_pool")):
        with File(name) as f:
            f.case("two spatial axes", op, {"x": x})
            f.raw(f"# {op}: symbols\ny: f32[batch,3,1,1] = {op}(x: f32[batch,3,h,w])")
    with File("lrn") as f:
        f.case("an odd size", "LRN", {"x": f32(1, 5, 2, 2)}, size=3, alpha=0.5, beta=0.25, bias=2.0)
        f.case("more than the channels", "LRN", {"x": f32(1, 2, 3, 1)}, size=5)
    with File("lp_normalization") as f:
        f.case("p = 2 along the last axis", "LpNormalization", {"x": f32(2, 3)})
        f.case("p = 1 along the first axis", "LpNormalization", {"x": f32(2, 3)}, axis=0, p=1)
    with File("softmax") as f:
        f.case("the last axis", "Softmax", {"x": f32(2, 3)})
        f.case("the middle one, large numbers (C1)", "Softmax", {"x": f32(2, 3, 2) * 100}, axis=-2)
        f.raw("# Softmax: an axis outside of the rank (C1)\ny = Softmax(x: f32[2]) {axis = 1}\nerror PT3106")
    for op, name in (("ReduceSum", "reduce_sum"), ("ReduceMean", "reduce_mean")):
        with File(name) as f:
            f.case("one axis, kept", op, {"x": f32(2, 3, 4), "a": i64(1)}, const=["a"])
            f.case("two axes from the back, dropped", op, {"x": f32(2, 3, 4), "a": i64(-1, 0)}, const=["a"], keepdims=0)
            f.case("all", op, {"x": f32(2, 3)})
            f.case("no axes mean nothing to do", op, {"x": f32(2, 3), "a": i64()}, const=["a"], noop_with_empty_axes=1)
            f.raw(f"# {op}: an axis outside of the rank\ny = {op}(x: f32[2], const a: i64[1])\na = [1]\nerror PT3106")
            f.raw(f"# {op}: symbols\ny: f32[batch,1] = {op}(x: f32[batch,n], const a: i64[1])\na = [1]")
    with File("arg_max") as f:
        x = np.array([[1, 3, 3, 0], [5, 2, 5, 5], [-1, -2, -3, -1]], np.float32)
        f.case("the first of equals", "ArgMax", {"x": x}, axis=1)
        f.case("the last of equals", "ArgMax", {"x": x}, axis=-1, select_last_index=1, keepdims=0)
        f.case("the first axis (C1)", "ArgMax", {"x": x})
        f.raw("# ArgMax: an axis outside of the rank (C1)\ny = ArgMax(x: f32[2]) {axis = 1}\nerror PT3106")
        f.raw("# ArgMax: no elements\ny = ArgMax(x: f32[0,2])\nx = []\nerror PT5003")
        f.raw("# ArgMax: symbols\ny: i64[batch] = ArgMax(x: f32[batch,n]) {axis = 1, keepdims = 0}")
    with File("reshape") as f:
        f.case("-1 takes the rest (C1)", "Reshape", {"x": f32(2, 3, 4), "s": i64(4, -1)}, const=["s"])
        f.case("0 copies (C2)", "Reshape", {"x": f32(2, 3, 4), "s": i64(0, -1, 2)}, const=["s"])
        f.case("0 with allowzero", "Reshape", {"x": f32(0, 3), "s": i64(3, 0)}, const=["s"], allowzero=1)
        f.case("known values pass", "Reshape", {"x": i64(5, 7), "s": i64(2, 1)}, const=["x", "s"])
        f.raw("# Reshape: two -1 (C1)\ny = Reshape(x: f32[4], const s: i64[2])\ns = [-1, -1]\nerror PT3105")
        f.raw("# Reshape: nothing to copy (C2)\ny = Reshape(x: f32[4], const s: i64[2])\ns = [4, 0]\nerror PT3105")
        f.raw("# Reshape: another count (C3)\ny = Reshape(x: f32[4], const s: i64[1])\ns = [5]\nerror PT3105")
        f.raw("# Reshape: 0 and -1 with allowzero (C4)\ny = Reshape(x: f32[4], const s: i64[2]) {allowzero = 1}\ns = [0, -1]\nerror PT3105")
        f.raw("# Reshape: symbols\ny: f32[batch,floordiv(12*batch*n, batch)] = Reshape(x: f32[batch,3,4*n], const s: i64[2])\ns = [0, -1]")
        f.raw("# Reshape: only the rank is known\ny: f32[?,?] = Reshape(x: f32[batch,3], s: i64[2])")
    with File("lstm") as f:
        x, w, r, b = f32(3, 2, 4) / 8, f32(1, 12, 4) / 32, f32(1, 12, 3) / 32, f32(1, 24) / 16
        f.case("all outputs", "LSTM", {"x": x, "w": w, "r": r, "b": b}, outputs=("y", "h", "c"), hidden_size=3, tolerance=1e-6,
               note="the runtime's own roundings over three steps")
        f.case("backwards with lengths, states and peepholes", "LSTM",
               {"x": x, "w": w, "r": r, "b": b, "l": np.array([3, 2], np.int32), "h": f32(1, 2, 3), "c": f32(1, 2, 3) * 2, "p": f32(1, 9)},
               outputs=("y", "yh", "yc"), hidden_size=3, direction="reverse")
        f.case("both directions, other activations", "LSTM", {"x": x, "w": f32(2, 12, 4) / 32, "r": f32(2, 12, 3) / 32}, hidden_size=3,
               direction="bidirectional", activations=["Sigmoid", "Relu", "Tanh", "HardSigmoid", "Tanh", "Softsign"], outputs=("", "h"),
               types={"h": "f32[2,2,3]"})


def record_resampling():
    x, image = f32(1, 2, 3, 4), f32(1, 1, 4, 6)

    def scales(*numbers):
        return np.array(numbers, np.float32)

    with File("resize") as f:
        def by_scales(title, s, data=x, **more):
            f.case(title, "Resize", {"x": data, "r": None, "s": scales(*s)}, const=["s"], **more)

        def by_sizes(title, sizes, data=x, **more):
            f.case(title, "Resize", {"x": data, "r": None, "s": None, "z": i64(*sizes)}, const=["z"], **more)
        by_scales("the nearest element", (1, 1, 2, 3))
        for mode in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
            by_scales(f"the nearest, {mode}", (1, 1, 1.5, 0.5), nearest_mode=mode, coordinate_transformation_mode="asymmetric")
        for coordinates in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
            by_scales(f"linear, {coordinates}", (1, 1, 2, 1.5), mode="linear", coordinate_transformation_mode=coordinates, tolerance=1e-6,
                      note="the runtime computes coordinates in single precision")
            by_sizes(f"cubic, {coordinates}, to one row", (1, 2, 1, 7), mode="cubic", coordinate_transformation_mode=coordinates, tolerance=1e-5,
                     note="the runtime computes coordinates in single precision")
        by_scales("half_pixel_symmetric with a size that is rounded down", (1, 1, 1, 1.6), mode="linear", data=image,
                  coordinate_transformation_mode="half_pixel_symmetric", tolerance=1e-6, reference=True)
        by_sizes("sizes alone", (1, 2, 5, 3))
        by_sizes("cubic with another coefficient, the outside excluded", (1, 1, 9, 8), data=image, mode="cubic", cubic_coeff_a=-0.5,
                 exclude_outside=1, tolerance=1e-5, note="the runtime computes coordinates in single precision")
        for mode in ("linear", "cubic"):
            by_sizes(f"{mode} with antialias", (1, 1, 2, 3), data=f32(1, 1, 7, 8), mode=mode, antialias=1, tolerance=1e-5,
                     note="the runtime computes coordinates in single precision")
        for policy in ("not_larger", "not_smaller"):
            by_sizes(f"the aspect ratio kept, {policy}", (7, 8), mode="linear", axes=[2, 3], keep_aspect_ratio_policy=policy, tolerance=1e-6,
                     note="the runtime computes coordinates in single precision")
        by_scales("axes from the back (C3)", (2, 0.5), axes=[-1, -2])
        f.case("a part of the input, with what is beside it", "Resize",
               {"x": image, "r": np.array([0, 0, 0.25, -0.25, 1, 1, 0.75, 1.25], np.float32), "s": None, "z": i64(1, 1, 3, 5)},
               const=["r", "z"], mode="linear", coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=10.0,
               tolerance=1e-5, note="the runtime computes coordinates in single precision")
        f.case("the nearest of a part", "Resize",
               {"x": image, "r": np.array([0, 0, 0.25, -0.25, 1, 1, 0.75, 1.25], np.float32), "s": scales(1, 1, 1.5, 1)},
               const=["r", "s"], coordinate_transformation_mode="tf_crop_and_resize", reference=True, extrapolation_value=10.0,
               note="the runtime does not look at the region")
        f.case("integers, the nearest", "Resize", {"x": np.arange(6, dtype=np.uint8).reshape(1, 1, 2, 3), "r": None, "s": scales(1, 1, 2, 2)},
               const=["s"], reference=True)
        f.case("integers, means are rounded", "Resize", {"x": np.array([[0, 10, 255]], np.uint8), "r": None, "s": scales(1, 2)},
               const=["s"], mode="linear", reference=True, note="the runtime cuts off")
        f.case("strings", "Resize", {"x": strings("a", "b"), "r": None, "s": scales(2)}, const=["s"],
               expected=[strings("a", "a", "b", "b")], note="neither the runtime nor the reference evaluator takes strings: each is there twice")
        f.case("doubles", "Resize", {"x": f32(1, 4).astype(np.float64), "r": None, "s": scales(1, 0.5)}, const=["s"], mode="linear",
               reference=True)
        f.case("sizes known only while running", "Resize", {"x": x, "r": None, "s": None, "z": i64(1, 2, 2, 2)},
               types={"y": "f32[?,?,?,?]"})
        f.case("a scale of one changes nothing", "Resize", {"x": x, "r": None, "s": scales(1, 1, 1, 1)}, const=["s"], mode="cubic")
        f.raw("# Resize: neither scales nor sizes (C1)\ny = Resize(x: f32[2])\nerror PT5003")
        f.raw("# Resize: scales and sizes (C1)\ny = Resize(x: f32[2], _, const s: f32[1], const z: i64[1])\ns = [2]\nz = [4]\nerror PT5003")
        f.raw("# Resize: too few scales (C2)\ny = Resize(x: f32[2,3], _, const s: f32[1])\ns = [2]\nerror PT3105")
        f.raw("# Resize: an axis twice (C3)\ny = Resize(x: f32[2,3], _, const s: f32[2]) {axes = [1, -1]}\ns = [2, 2]\nerror PT3106")
        f.raw("# Resize: a scale of 0 (C4)\ny = Resize(x: f32[2], _, const s: f32[1])\ns = [0]\nerror PT5003")
        f.raw("# Resize: a size below 0 (C4)\ny = Resize(x: f32[2], _, _, const z: i64[1])\nz = [-1]\nerror PT5003")
        f.raw("# Resize: no region (C5)\ny = Resize(x: f32[2], _, const s: f32[1]) "
              "{coordinate_transformation_mode = \"tf_crop_and_resize\"}\ns = [2]\nerror PT5003")
        f.raw("# Resize: nothing to sample (C6)\ny = Resize(x: f32[0], _, _, const z: i64[1])\nz = [3]\nerror PT5003")
        f.raw("# Resize: an unknown mode (C7)\ny = Resize(x: f32[2], _, const s: f32[1]) {mode = \"lanczos\"}\ns = [2]\nerror PT3101")
        f.raw("# Resize: antialias of the nearest (C7)\ny = Resize(x: f32[2], _, const s: f32[1]) {antialias = 1}\ns = [2]\nerror PT3101")
        f.raw("# Resize: symbols\ny: f32[batch,2*n,?] = Resize(x: f32[batch,n,m], _, const s: f32[3])\ns = [1, 2, 0.5]")
        f.raw("# Resize: sizes of symbols\ny: f32[3,5] = Resize(x: f32[batch,n], _, _, const z: i64[2])\nz = [3, 5]")
        f.raw("# Resize: unknown rank\ny: f32[...] = Resize(x: f32[...], _, const s: f32[1])\ns = [2]")
    with File("max_roi_pool") as f:
        rois = np.array([[0, 0, 0, 4, 3], [1, 1.4, 0.6, 2.5, 3], [0, 5, 4, 2, 1], [1, -3, -2, 9, 9], [0, 9, 9, 12, 12]], np.float32)
        f.case("whole, broken, turned round and outside", "MaxRoiPool", {"x": f32(2, 2, 4, 5), "r": rois}, pooled_shape=[2, 3])
        f.case("a scale", "MaxRoiPool", {"x": f32(2, 1, 6, 5), "r": rois}, pooled_shape=[3, 2], spatial_scale=0.5)
        f.case("more bins than elements", "MaxRoiPool", {"x": f32(2, 1, 4, 5), "r": rois[:2]}, pooled_shape=[7, 7])
        f.raw("# MaxRoiPool: another rank (C1)\ny = MaxRoiPool(x: f32[1,2,3], r: f32[4,5]) {pooled_shape = [2, 2]}\nerror PT3105")
        f.raw("# MaxRoiPool: regions of four numbers (C1)\ny = MaxRoiPool(x: f32[1,2,3,3], r: f32[4,4]) {pooled_shape = [2, 2]}\nerror PT3105")
        f.raw("# MaxRoiPool: one pooled size (C2)\ny = MaxRoiPool(x: f32[1,2,3,3], r: f32[4,5]) {pooled_shape = [2]}\nerror PT3101")
        f.raw("# MaxRoiPool: an image that is not there (C3)\ny = MaxRoiPool(x: f32[1,1,1,1], r: f32[1,5]) {pooled_shape = [1, 1]}\n"
              "x = [[[[1]]]]\nr = [[1, 0, 0, 0, 0]]\nerror PT5003")
        f.raw("# MaxRoiPool: symbols\ny: f32[n,c,2,3] = MaxRoiPool(x: f32[b,c,h,w], r: f32[n,5]) {pooled_shape = [2, 3]}")


def record_ml():
    lists = dict(nodes_treeids=[0, 0, 0, 0, 0, 4, 4, 4], nodes_nodeids=[0, 1, 2, 3, 4, 0, 1, 2], nodes_featureids=[1, 0, 0, 0, 0, 2, 0, 0],
                 nodes_modes=["BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF", "BRANCH_GT", "LEAF", "LEAF"],
                 nodes_values=[0.5, -1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0], nodes_truenodeids=[1, 3, 0, 0, 0, 1, 0, 0],
                 nodes_falsenodeids=[2, 4, 0, 0, 0, 2, 0, 0], nodes_missing_value_tracks_true=[1, 0, 0, 0, 0, 0, 0, 0])
    x = np.array([[-2, 0, 3], [0, 0.5, 2], [1, 1, 1], [0, np.nan, np.nan]], np.float32)
    def votes(prefix, ids):
        weights = [0.25, -0.5, 1.5, 0.75, 0.125]
        return {f"{prefix}_treeids": [0, 0, 0, 4, 4], f"{prefix}_nodeids": [2, 3, 4, 1, 2], f"{prefix}_ids": ids, f"{prefix}_weights": weights}
    op = "ai.onnx.ml::TreeEnsembleClassifier"
    with File("tree_ensemble_classifier") as f:
        for transform in ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"):
            f.case(f"three classes, {transform}", op, {"x": x}, outputs=("label", "scores"), classlabels_int64s=[7, 8, 9],
                   post_transform=transform, base_values=[0.0, 0.25, 0.5], **lists, **votes("class", [0, 1, 2, 1, 0]))
        for transform in ("NONE", "LOGISTIC"):
            f.case(f"all votes for the first of two classes, {transform}", op, {"x": x}, outputs=("label", "scores"),
                   classlabels_strings=["no", "yes"], post_transform=transform, **lists, **votes("class", [0] * 5))
        f.raw(f"# TreeEnsembleClassifier: no labels (C2)\ny, z = {op}(x: f32[1,2])\nerror PT3101")
        f.raw(f"# TreeEnsembleClassifier: X has three axes (C1)\ny, z = {op}(x: f32[1,2,3]) {{classlabels_int64s = [1, 2]}}\nerror PT3105")
        f.raw(f"# TreeEnsembleClassifier: a tree that goes in a circle (C3)\ny, z = {op}(x: f32[1,1]) {{classlabels_int64s = [1, 2, 3], nodes_treeids = [0], "
              'nodes_nodeids = [0], nodes_featureids = [0], nodes_modes = ["BRANCH_LT"], nodes_values = [0.5], nodes_truenodeids = [0], '
              "nodes_falsenodeids = [0]}\nx = [[0]]\nerror PT3101")
    op = "ai.onnx.ml::TreeEnsembleRegressor"
    with File("tree_ensemble_regressor") as f:
        for how in ("SUM", "AVERAGE", "MIN", "MAX"):
            f.case(f"two targets, {how}", op, {"x": x}, n_targets=2, aggregate_function=how, **lists, **votes("target", [0, 1, 0, 1, 0]))
            f.case(f"base values, {how}", op, {"x": x}, n_targets=1, aggregate_function=how, base_values=[0.5], **lists,
                   **votes("target", [0] * 5))
        f.raw(f"# TreeEnsembleRegressor: symbols\ny: f32[batch,2] = {op}(x: f32[batch,5]) {{n_targets = 2}}")
        f.raw(f"# TreeEnsembleRegressor: lists of different lengths (C2)\ny = {op}(x: f32[1,1]) {{n_targets = 1, nodes_treeids = [0]}}\nx = [[0]]\nerror PT3101")


if __name__ == "__main__":
    for recorder in [function for name, function in list(globals().items()) if name.startswith("record_")]:
        recorder()
