"""ONNX files that ponte writes again give bit-identical results in ONNX Runtime.

usage: unchanged_results.py PONTE [MODELS_FOLDER [NAME_CONTAINS]]

The folder is by default that of the tests' models ($PONTE_MODELS, or ../shared/models beside the
repository); without it the exit code is 77. Every .onnx file below the folder and every case of
*.tar.xz in it is converted to ONNX, and both files run on the same seeded inputs. What ONNX Runtime
can't load or run before must fail the same way after.
"""

import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import numpy as np
import onnxruntime as ort

ort.set_default_logger_severity(4)
# What numpy has a type for; ONNX Runtime takes the others as ml_dtypes arrays.
DTYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
          "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(int16)": np.int16,
          "tensor(int8)": np.int8, "tensor(uint8)": np.uint8, "tensor(uint16)": np.uint16,
          "tensor(uint32)": np.uint32, "tensor(uint64)": np.uint64, "tensor(bool)": np.bool_}


def session(path):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def made_up_inputs(s):
    random = np.random.default_rng(7)
    inputs = {}
    for value in s.get_inputs():
        if value.type not in DTYPES:
            return None
        shape = [d if isinstance(d, int) else 2 for d in value.shape]
        if value.type == "tensor(float)" or value.type == "tensor(double)" or value.type == "tensor(float16)":
            array = random.standard_normal(shape)
        else:
            array = random.integers(0, 2, shape)
        inputs[value.name] = np.asarray(array).astype(DTYPES[value.type])
    return inputs


def ort_value(array, tensor):
    """Narrow dtypes, which numpy has not, go by the number of their dtype."""
    if array.dtype.kind in "fiubOSU" and array.dtype.type.__module__ == "numpy":
        return array
    return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(array, tensor.data_type)


def stored_value(path, kind):
    import onnx
    from onnx import numpy_helper
    if kind.startswith("seq("):
        return numpy_helper.to_list(onnx.SequenceProto.FromString(path.read_bytes()))
    if kind.startswith("optional("):
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(path.read_bytes()))
    tensor = onnx.TensorProto.FromString(path.read_bytes())
    return ort_value(numpy_helper.to_array(tensor), tensor)


def stored_inputs(folder, s):
    inputs = {}
    for i, value in enumerate(s.get_inputs()):
        path = folder / "test_data_set_0" / f"input_{i}.pb"
        if not path.exists():
            return None
        inputs[value.name] = stored_value(path, value.type)
    return inputs


def ort_array(value):
    try:
        return value.numpy()
    except Exception:  # a dtype that numpy has not
        import ctypes
        size = value.tensor_size_in_bytes()
        return np.frombuffer(ctypes.string_at(value.data_ptr(), size), np.uint8)


def result(path, case_folder):
    """("ok", outputs) or the stage at which ONNX Runtime refused."""
    try:
        s = session(path)
    except Exception as error:
        return "load", str(error).split(":")[1:3]
    try:
        inputs = stored_inputs(case_folder, s) if case_folder else None
        if inputs is None:
            inputs = made_up_inputs(s)
        if inputs is None:
            return "inputs", None
        if any(isinstance(value, ort.OrtValue) for value in inputs.values()):
            values = {name: value if isinstance(value, ort.OrtValue) else ort.OrtValue.ortvalue_from_numpy(value)
                      for name, value in inputs.items()}
            return "ok", [ort_array(value) for value in s.run_with_ort_values(None, values)]
        return "ok", s.run(None, inputs)
    except Exception as error:
        return "run", str(error).split(":")[1:3]


def same(a, b):
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, np.ndarray) and a.dtype != object:
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return np.array_equal(a, b)


RANDOM = ("bernoulli", "dropout", "random", "training_dropout")


def check(ponte, model, case_folder, out):
    written = out / "written.onnx"
    for old in out.iterdir():
        old.unlink()
    done = subprocess.run([ponte, "convert", str(model), "-o", str(written)], capture_output=True, text=True)
    before, detail_before = result(model, case_folder)
    if done.returncode != 0:
        if before == "load":
            return "refused, as ONNX Runtime does", True
        return "not converted: " + done.stderr.strip()[:300], False
    after, detail_after = result(written, case_folder)
    if before != after:
        return f"{before} before, {after} after: {detail_before} {detail_after}", False
    if before != "ok":
        return f"not run: {before}", True
    if any(word in str(model) for word in RANDOM):
        return "random: not compared", True
    return ("same", True) if same(detail_before, detail_after) else ("results differ", False)


def main():
    beside = pathlib.Path(__file__).resolve().parents[3] / "../shared/models"
    ponte, folder = sys.argv[1], pathlib.Path(os.environ.get("PONTE_MODELS", beside)) / "onnx"
    if len(sys.argv) > 2:
        folder = pathlib.Path(sys.argv[2])
    if not folder.is_dir():
        print(f"skipped: {folder} is not there; PONTE_MODELS names another folder")
        return 77
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    counts, failures = {}, []
    with tempfile.TemporaryDirectory() as temporary:
        temporary = pathlib.Path(temporary)
        out = temporary / "out"
        out.mkdir()
        models = [(m, None) for m in sorted(folder.rglob("*.onnx"))]
        for archive in sorted(folder.rglob("*.tar.xz")):
            tarfile.open(archive).extractall(temporary / archive.name)
            models += [(m, m.parent) for m in sorted((temporary / archive.name).rglob("model.onnx"))]
        for model, case in models:
            if wanted not in str(model):
                continue
            outcome, good = check(ponte, model, case, out)
            counts[outcome if good else "FAILED"] = counts.get(outcome if good else "FAILED", 0) + 1
            if not good:
                failures.append(f"{model}: {outcome}")
                print(failures[-1], flush=True)
    print(counts)
    if not counts:
        print("no model was found")
    return 1 if failures or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
