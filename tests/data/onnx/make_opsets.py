#!/usr/bin/env python3
"""Makes opsets/*.onnx with the packages onnx (1.23.2) and onnxruntime (1.32.0).

before_V.onnx   nodes of opset V-1 in the form that V changed
carried_V.onnx  nodes of opset V-1 that no later opset can say
after_V.onnx    nodes of opset V in a form that V-1 can say too
refused_V.onnx  nodes of opset V that V-1 can't say; the metadata says for each which opset it needs

The inputs of the nodes are initialisers. Each result `y` has an initialiser `expected y`: what ONNX Runtime computes, or,
where it has no kernel for so old an opset, what the formula beside the case gives.
"""

import pathlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

HERE = pathlib.Path(__file__).parent / "opsets"
RANDOM = np.random.default_rng(11)
cases = {}  # (kind, version) -> list of (node, inputs, outputs, formula, needs)


def floats(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


def integers(*values):
    return np.array(values, dtype=np.int64)


def case(kind, version, op, inputs, attributes=None, outputs=1, formula=None, needs=None, types=None):
    """`inputs` maps names to arrays, to None for an absent input, or to a type for an input of the graph."""
    made = cases.setdefault((kind, version), [])
    prefix = f"{op.lower()}{len(made)}"
    names = [f"{prefix}_{name}" if value is not None else "" for name, value in inputs.items()]
    results = [f"{prefix}_y{i}" for i in range(outputs)]
    node = helper.make_node(op, names, results, prefix, **(attributes or {}))
    values = {name: value for name, value in zip(names, inputs.values()) if name}
    made.append((node, values, results, formula, needs))


def model_of(version, entries, results=True):
    initializers, inputs, outputs = [], [], []
    for node, values, names, _, _ in entries:
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                initializers.append(numpy_helper.from_array(value, name))
            else:
                inputs.append(helper.make_tensor_value_info(name, *value))
        outputs += [onnx.ValueInfoProto(name=name) for name in names]
    graph = helper.make_graph([entry[0] for entry in entries], "opsets", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=8)


def computed(version, entry):
    try:
        session = ort.InferenceSession(model_of(version, [entry]).SerializeToString(), providers=["CPUExecutionProvider"])
        runtime = session.run(None, {})
    except Exception as error:  # no kernel, or an opset that it does not know
        runtime = None
        if entry[3] is None:
            raise SystemExit(f"{entry[0].op_type} {version}: {error}")
    if entry[3] is None:
        return runtime
    own = entry[3](*[v for v in entry[1].values()])
    own = own if isinstance(own, list) else [own]
    if runtime is not None:
        for a, b in zip(runtime, own):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    return own


def write():
    for old in HERE.glob("*.onnx"):
        old.unlink()
    for (kind, version), entries in sorted(cases.items()):
        own = version - 1 if kind in ("before", "carried") else version
        model = model_of(own, entries)
        if kind in ("before", "after"):
            for entry in entries:
                for name, value in zip(entry[2], computed(own, entry)):
                    model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), "expected " + name))
        if kind == "refused":
            for entry in entries:
                helper.set_model_props(model, {e[0].name: str(e[4]) for e in entries})
        (HERE / f"{kind}_{version}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def along(b, axis, rank):
    return b.reshape([1] * axis + list(b.shape) + [1] * (rank - axis - b.ndim))


x, y = floats(2, 3), floats(2, 3)
positive = np.abs(floats(2, 3)) + np.float32(0.5)

case("before", 2, "Pad", {"x": x}, {"paddings": [1, 0, 0, 2], "value": 0.5},
     formula=lambda a: np.pad(a, [(1, 0), (0, 2)], constant_values=0.5))
case("before", 2, "Split", {"x": floats(2, 5)}, {"axis": 1, "split": [2, 3]}, 2, formula=lambda a: [a[:, :2], a[:, 2:]])
case("carried", 2, "Split", {"x": floats(4), "split": np.array([1, 3], dtype=np.float32)}, {"axis": 0}, 2)
case("before", 4, "Concat", {"a": x, "b": floats(2, 2)}, formula=lambda a, b: np.concatenate([a, b], 1))
case("before", 5, "Reshape", {"x": x}, {"shape": [3, -1]}, formula=lambda a: a.reshape(3, 2))

hint = {"consumed_inputs": [0]}
for op, formula in {"Abs": np.abs, "Ceil": np.ceil, "Elu": lambda a: np.where(a > 0, a, np.expm1(a)),
                    "Exp": np.exp, "Floor": np.floor, "Neg": np.negative,
                    "Relu": lambda a: np.maximum(a, 0), "Sigmoid": sigmoid, "Tanh": np.tanh}.items():
    case("before", 6, op, {"x": x}, hint, formula=formula)
for op, formula in {"Log": np.log, "Sqrt": np.sqrt}.items():
    case("before", 6, op, {"x": positive}, hint, formula=formula)
for op, formula in {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}.items():
    case("before", 6, op, {"a": x, "b": positive}, hint, formula=formula)
for op, formula in {"Max": np.maximum, "Min": np.minimum, "Sum": np.add}.items():
    case("before", 6, op, {"a": x, "b": y}, hint, formula=formula)
case("before", 6, "Clip", {"x": x}, {"min": -0.5, "max": 0.25, **hint}, formula=lambda a: np.clip(a, -0.5, 0.25))
case("before", 6, "LeakyRelu", {"x": x}, {"alpha": 0.25, **hint}, formula=lambda a: np.where(a < 0, 0.25 * a, a))
case("before", 6, "PRelu", {"x": x, "slope": floats(1)}, hint, formula=lambda a, s: np.where(a < 0, s * a, a))
case("before", 6, "Dropout", {"x": x}, {"is_test": 1, "consumed_inputs": [0]}, formula=lambda a: a)
case("before", 6, "Cast", {"x": x * 3}, {"to": "INT32"}, formula=lambda a: a.astype(np.int32))


def normalized(a, scale, b, mean, var):
    s = lambda v: v.reshape(1, -1, *[1] * (a.ndim - 2))
    return s(scale) * (a - s(mean)) / np.sqrt(s(var) + np.float32(1e-5)) + s(b)


def batch():
    return {"x": floats(2, 3, 2), "scale": floats(3), "b": floats(3), "mean": floats(3), "var": np.abs(floats(3)) + 1}


case("before", 6, "BatchNormalization", batch(), {"is_test": 1, "consumed_inputs": [0, 0, 0, 1, 1]}, formula=normalized)
case("before", 7, "BatchNormalization", batch(), {"is_test": 1}, formula=normalized)
case("before", 9, "BatchNormalization", batch(), {"spatial": 1})
case("carried", 9, "BatchNormalization", batch(), {"spatial": 0})
case("before", 14, "BatchNormalization", batch())
case("carried", 14, "BatchNormalization", batch(), outputs=5)
case("carried", 6, "Tile", {"x": x, "tiles": np.array(2, np.float32), "axis": np.array(0, np.float32)})

a4, per_channel = floats(2, 3, 4, 5), np.abs(floats(3)) + np.float32(0.5)
for op, formula in {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}.items():
    case("before", 7, op, {"a": a4, "b": per_channel}, {"broadcast": 1, "axis": 1},
         formula=lambda a, b, f=formula: f(a, along(b, 1, 4)))
case("before", 7, "Add", {"a": a4, "b": floats(4, 5)}, {"broadcast": 1}, formula=np.add)
case("before", 7, "Pow", {"a": np.abs(a4), "b": floats(3, 4)}, {"broadcast": 1, "axis": 1},
     formula=lambda a, b: np.power(a, along(b, 1, 4)))
case("before", 7, "Equal", {"a": np.arange(6).reshape(2, 3), "b": integers(0, 4)}, {"broadcast": 1, "axis": 0},
     formula=lambda a, b: a == along(b, 0, 2))
for op, formula in {"Greater": np.greater, "Less": np.less}.items():
    case("before", 7, op, {"a": x, "b": floats(2)}, {"broadcast": 1, "axis": 0},
         formula=lambda a, b, f=formula: f(a, along(b, 0, 2)))
bits = x > 0
for op, formula in {"And": np.logical_and, "Or": np.logical_or, "Xor": np.logical_xor}.items():
    case("before", 7, op, {"a": bits, "b": np.array([True, False])}, {"broadcast": 1, "axis": 0},
         formula=lambda a, b, f=formula: f(a, along(b, 0, 2)))
case("before", 7, "Gemm", {"a": x, "b": floats(3, 4), "c": floats(4)}, {"broadcast": 1},
     formula=lambda a, b, c: a @ b + c)
case("before", 7, "PRelu", {"x": floats(2, 3, 4), "slope": floats(3)},
     formula=lambda a, s: np.where(a < 0, along(s, 1, 3) * a, a))
case("before", 7, "Dropout", {"x": x}, {"is_test": 1, "ratio": 0.25}, formula=lambda a: a)


def lstm(a, w, r):
    hidden = np.zeros((a.shape[1], 2), np.float32)
    cell, states = hidden, []
    for step in a:
        i, o, f, c = np.split(step @ w[0].T + hidden @ r[0].T, 4, axis=1)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(c)
        hidden = sigmoid(o) * np.tanh(cell)
        states.append(hidden)
    return np.stack(states)[:, None]


case("before", 7, "LSTM", {"x": floats(3, 2, 4), "w": floats(1, 8, 4), "r": floats(1, 8, 2)},
     {"hidden_size": 2, "output_sequence": 1}, formula=lstm)
body = helper.make_graph([helper.make_node("Add", ["s", "i"], ["t"], "add"), helper.make_node("Identity", ["t"], ["o"], "copy")],
                         "body", [helper.make_tensor_value_info(n, 1, [2]) for n in "si"],
                         [helper.make_tensor_value_info(n, 1, [2]) for n in "to"])
case("carried", 9, "Scan", {"l": None, "s": floats(1, 2), "i": floats(1, 3, 2)}, {"body": body, "num_scan_inputs": 1}, 2)
case("refused", 9, "Scan", {"s": floats(2), "i": floats(3, 2)}, {"body": body, "num_scan_inputs": 1}, 2, needs=9)

case("before", 10, "Dropout", {"x": x})
case("carried", 10, "Dropout", {"x": x}, outputs=2)
case("before", 10, "Slice", {"x": floats(4, 5)}, {"starts": [1, -3], "ends": [3, 5], "axes": [0, 1]})
case("before", 10, "TopK", {"x": floats(3, 6)}, {"k": 2}, 2)
case("before", 11, "Clip", {"x": x}, {"min": -0.5})
case("before", 11, "Pad", {"x": x}, {"pads": [0, 1, 2, 0], "value": 2.5})
case("before", 12, "Dropout", {"x": x}, {"ratio": 0.25})
case("before", 13, "ReduceSum", {"x": floats(2, 3, 4)}, {"axes": [0, -1], "keepdims": 0})
case("before", 13, "Squeeze", {"x": floats(1, 3, 1)}, {"axes": [2]})
case("before", 13, "Unsqueeze", {"x": x}, {"axes": [0, 3]})
case("before", 13, "Split", {"x": floats(5, 2)}, {"split": [1, 4]}, 2)
case("before", 13, "Split", {"x": floats(2, 6)}, {"axis": 1}, 3)
case("before", 13, "Softmax", {"x": floats(2, 3, 4)})
case("before", 13, "Softmax", {"x": floats(2, 3, 4)}, {"axis": 2})
case("before", 18, "ReduceMean", {"x": floats(2, 3, 4)}, {"axes": [1]})
case("before", 18, "Split", {"x": floats(4, 3)}, outputs=2)
case("before", 18, "Split", {"x": floats(4, 3), "split": integers(1, 3)}, outputs=2)

for op in ("Max", "Min", "Sum"):
    case("after", 8, op, {"a": x, "b": y})
    case("refused", 8, op, {"a": x, "b": floats(3)}, needs=8)
case("after", 10, "Slice", {"x": floats(4, 5), "starts": integers(1, -3), "ends": integers(3, 5), "axes": integers(0, -1)})
case("after", 10, "Slice", {"x": floats(4, 5), "starts": integers(1), "ends": integers(3), "axes": None, "steps": integers(1)})
case("refused", 10, "Slice", {"x": x, "starts": integers(0), "ends": integers(2), "axes": integers(1), "steps": integers(2)},
     needs=10)
case("refused", 10, "Slice", {"x": x, "starts": (7, [1]), "ends": integers(2)}, needs=10)
case("after", 10, "TopK", {"x": floats(3, 6), "k": integers(2)}, outputs=2)
case("refused", 10, "TopK", {"x": x, "k": (7, [1])}, outputs=2, needs=10)
case("refused", 10, "MaxPool", {"x": a4}, {"kernel_shape": [3, 2], "ceil_mode": 1}, needs=10)
case("refused", 10, "Mod", {"a": integers(5), "b": integers(3)}, needs=10)

case("after", 11, "ArgMax", {"x": a4}, {"axis": -2})
case("after", 11, "Concat", {"a": x, "b": floats(2, 2)}, {"axis": -1})
case("after", 11, "Flatten", {"x": a4}, {"axis": -1})
case("after", 11, "Gather", {"x": x, "i": integers(2, 0)}, {"axis": -1})
case("after", 11, "OneHot", {"i": integers(1, 0, 2), "d": integers(3), "v": np.array([-1, 1], np.float32)}, {"axis": -2})
case("after", 11, "ReduceMean", {"x": a4}, {"axes": [-1, 1]})
case("after", 11, "ReduceSum", {"x": a4}, {"axes": [-2], "keepdims": 0})
case("after", 11, "Split", {"x": x}, {"axis": -1, "split": [1, 2]}, 2)
case("after", 11, "Squeeze", {"x": floats(1, 3, 1)}, {"axes": [-1]})
case("after", 11, "TopK", {"x": a4, "k": integers(2)}, {"axis": -3}, 2)
case("after", 11, "Unsqueeze", {"x": x}, {"axes": [-1, 0]})
case("refused", 11, "Squeeze", {"x": (1, None)}, {"axes": [-1]}, needs=11)
case("refused", 11, "Gemm", {"a": x, "b": floats(3, 4)}, needs=11)
case("refused", 11, "TopK", {"x": x, "k": integers(1)}, {"largest": 0}, 2, needs=11)
case("refused", 11, "TopK", {"x": np.arange(4, dtype=np.int16), "k": integers(1)}, {}, 2, needs=11)
low, high = np.array(-0.5, np.float32), np.array(0.75, np.float32)
case("after", 11, "Clip", {"x": x, "min": low, "max": high})
case("after", 11, "Clip", {"x": x, "min": None, "max": high})
case("refused", 11, "Clip", {"x": x, "min": (1, [])}, needs=11)
case("after", 11, "Pad", {"x": x, "pads": integers(0, 1, 2, 0), "value": high})
case("refused", 11, "Pad", {"x": x, "pads": (7, [4])}, needs=11)
case("after", 12, "Dropout", {"x": x, "ratio": np.array(0.25, np.float32)})
case("refused", 12, "Dropout", {"x": x, "ratio": None, "mode": np.array(True)}, needs=12)
case("refused", 12, "Dropout", {"x": x}, {"seed": 3}, needs=12)

case("after", 13, "ReduceSum", {"x": a4, "axes": integers(1, 3)}, {"keepdims": 0})
case("after", 13, "ReduceSum", {"x": a4, "axes": integers()})
case("refused", 13, "ReduceSum", {"x": x, "axes": (7, [1])}, needs=13)
case("refused", 13, "ReduceSum", {"x": x, "axes": integers()}, {"noop_with_empty_axes": 1}, needs=13)
case("after", 13, "Squeeze", {"x": floats(1, 3, 1), "axes": integers(0)})
case("after", 13, "Unsqueeze", {"x": x, "axes": integers(1)})
case("after", 13, "Split", {"x": x, "split": integers(1, 2)}, {"axis": 1}, 2)
case("after", 13, "Softmax", {"x": floats(2, 3, 4)}, {"axis": 2})
case("refused", 13, "Softmax", {"x": floats(2, 3, 4)}, {"axis": 1}, needs=13)
case("refused", 13, "Softmax", {"x": (1, None)}, needs=13)
scale, zero = np.array(0.25, np.float32), np.array(3, np.uint8)
case("after", 13, "QuantizeLinear", {"x": x, "scale": scale, "zero": zero})
case("after", 13, "DequantizeLinear", {"x": np.arange(6, dtype=np.uint8).reshape(2, 3), "scale": scale, "zero": zero})
scales, zeros = np.array([0.5, 0.25, 2], np.float32), np.array([0, 3, 1], np.uint8)
case("refused", 13, "QuantizeLinear", {"x": x, "scale": scales, "zero": zeros}, needs=13)
case("refused", 13, "DequantizeLinear", {"x": np.arange(6, dtype=np.uint8).reshape(2, 3), "scale": scales, "zero": zeros}, needs=13)
case("refused", 14, "Add", {"a": np.arange(3, dtype=np.int8), "b": np.arange(3, dtype=np.int8)}, needs=14)
case("refused", 14, "Reshape", {"x": floats(0, 3), "shape": integers(3, 0)}, {"allowzero": 1}, needs=14)
case("refused", 14, "Trilu", {"x": x}, needs=14)
case("refused", 14, "LSTM", {"x": floats(2, 3, 4), "w": floats(1, 8, 4), "r": floats(1, 8, 2)},
     {"hidden_size": 2, "layout": 1}, needs=14)
case("after", 14, "BatchNormalization", batch(), {"training_mode": 0})
case("after", 14, "Reshape", {"x": x, "shape": integers(3, 2)}, {"allowzero": 0})

case("after", 18, "ReduceMean", {"x": a4, "axes": integers(0, 2)})
case("refused", 18, "ReduceMean", {"x": x, "axes": (7, [1])}, needs=18)
case("after", 18, "Split", {"x": floats(4, 6)}, {"axis": 1, "num_outputs": 3}, 3)
case("refused", 18, "Split", {"x": floats(5)}, {"num_outputs": 2}, 2, needs=18)
case("refused", 18, "Pad", {"x": x, "pads": integers(1, 2), "value": high, "axes": integers(1)}, needs=18)
scatter = {"x": floats(3), "i": integers(2, 0), "u": floats(2)}
case("after", 18, "ScatterElements", scatter, {"reduction": "add"})
case("refused", 18, "ScatterElements", scatter, {"reduction": "max"}, needs=18)
scatter = {"x": floats(3), "i": integers([2], [0]), "u": floats(2)}
case("after", 18, "ScatterND", scatter, {"reduction": "mul"})
case("refused", 18, "ScatterND", scatter, {"reduction": "min"}, needs=18)
case("after", 19, "Pad", {"x": x, "pads": integers(0, 1, 0, 2)}, {"mode": "reflect"})
case("refused", 19, "Pad", {"x": x, "pads": integers(0, 1, 0, 2)}, {"mode": "wrap"}, needs=19)
case("after", 28, "Mod", {"a": floats(4) * 7, "b": positive.reshape(6)[:4]}, {"fmod": 1}, formula=np.fmod)
case("after", 28, "Mod", {"a": integers(-7, 7), "b": integers(3, -3)}, formula=np.mod)
case("refused", 28, "Mod", {"a": floats(3), "b": floats(3)}, needs=28)

image, twice, half = floats(1, 1, 4, 6), np.array([1, 1, 2, 1.5], np.float32), np.array([1, 1, 0.6, 0.5], np.float32)
no_floats = np.array([], np.float32)
case("before", 11, "Resize", {"x": image, "scales": twice})
case("before", 11, "Resize", {"x": image, "scales": half})
case("before", 11, "Resize", {"x": image, "scales": half}, {"mode": "linear"})
case("carried", 11, "Resize", {"x": image, "scales": np.array([1, 1, 2, 0.5], np.float32)})
corner = {"coordinate_transformation_mode": "asymmetric"}
case("after", 11, "Resize", {"x": image, "roi": no_floats, "scales": twice}, corner | {"nearest_mode": "floor"})
case("after", 11, "Resize", {"x": image, "roi": no_floats, "scales": half}, corner | {"mode": "linear"})
case("refused", 11, "Resize", {"x": image, "roi": no_floats, "scales": twice}, corner, needs=11)
case("refused", 11, "Resize", {"x": image, "roi": no_floats, "scales": twice}, {"mode": "linear"}, needs=11)
case("refused", 11, "Resize", {"x": image, "roi": no_floats, "scales": no_floats, "sizes": integers(1, 1, 2, 3)}, corner | {"mode": "linear"},
     needs=11)
for_nearest = {"coordinate_transformation_mode": "tf_half_pixel_for_nn"}
case("before", 13, "Resize", {"x": image, "roi": no_floats, "scales": twice}, for_nearest | {"nearest_mode": "floor"})
case("before", 13, "Resize", {"x": image, "roi": no_floats, "scales": no_floats, "sizes": integers(1, 1, 3, 5)},
     for_nearest | {"nearest_mode": "floor"})
case("carried", 13, "Resize", {"x": image, "roi": no_floats, "scales": twice}, for_nearest | {"nearest_mode": "ceil"})
case("after", 13, "Resize", {"x": image, "roi": no_floats, "scales": twice}, {"mode": "cubic"})
case("refused", 13, "Resize", {"x": image, "roi": None, "scales": None, "sizes": integers(1, 1, 2, 3)}, needs=13)
case("after", 19, "Resize", {"x": image, "roi": None, "scales": twice}, {"mode": "linear", "antialias": 1})
case("refused", 19, "Resize", {"x": image, "roi": None, "scales": half},
     {"mode": "linear", "coordinate_transformation_mode": "half_pixel_symmetric"}, needs=19)

write()
