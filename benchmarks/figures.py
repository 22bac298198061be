"""The figures that ponte must reach, one function each: it yields rows, or raises Skip with the reason why there are none."""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess

import commands
import intervals
import model_files

MEGABYTE = 10**6


class Skip(Exception):
    """What is missing here to take a figure."""


@dataclasses.dataclass
class Effort:
    scale: float       # part of the usual repetitions and sizes
    repetitions: int   # of A against A, at most, in this call
    kept: pathlib.Path  # where such repetitions are kept from call to call


class Place:
    """Where programs, models and scratch files are, and how long to measure."""

    def __init__(self, root, programs, scratch, models, effort):
        self.root, self.programs, self.scratch, self.models, self.effort = root, programs, scratch, models, effort
        self.ponte = programs / "ponte"

    def model(self, name):
        path = self.models / name
        if not path.exists():
            raise Skip(f"no model {path}; PONTE_MODELS names another folder")
        return path

    def program(self, name):
        path = self.programs / name
        if not path.exists():
            raise Skip(f"{name} is not built (cmake -DPONTE_BENCHMARKS=ON; tools/setup)")
        return path

    def times(self, count):
        """How often, at this scale of the effort."""
        return max(1, round(count * self.effort.scale))

    def folder(self, name):
        path = self.scratch / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def require_room(self, size):
        free = shutil.disk_usage(self.scratch).free
        if free < size:
            raise Skip(f"{size // MEGABYTE:,} MB of disk are needed, {free // MEGABYTE:,} are free in {self.scratch}")

    def python(self, module):
        """The interpreter of the project's environment, where it has this module."""
        path = self.root / ".venv/bin/python"
        if not path.exists() or subprocess.run([path, "-c", f"import {module}"], capture_output=True, check=False).returncode:
            return None
        return path


def row(name, values, unit, target=None, scale=1.0, peer=None):
    """A figure whose median must not be above its target. `peer`: (its name, its values, taken in turns with these)."""
    measured = intervals.summary([value * scale for value in values])
    result = {"figure": name, "unit": unit, "target": target, **measured, "pass": None, "peer": None}
    if target is not None:
        result["pass"] = measured["median"] <= target
    if peer is not None:
        result["peer"] = {"name": peer[0], **intervals.summary(intervals.ratios(values, peer[1]))}
    return result


def command_row(place, name, command, peer_name, peer, count, target_ms, accept=(0,)):
    own, other = commands.in_turns(place.times(count), lambda: commands.seconds(command, accept), peer)
    return row(name, own, "ms", target_ms, scale=1000, peer=(peer_name, other))


def version(place):
    """`ponte --version` within 10 ms, beside a program that does nothing."""
    yield command_row(place, "ponte --version", [place.ponte, "--version"], "true",
                      lambda: commands.seconds(["true"]), 201, 10)


def inspect(place):
    """`ponte inspect` of an ONNX file of 40 MB within 50 ms, beside `cat` of the same file."""
    model = place.folder("inspect") / "chain.onnx"
    with model_files.written(model_files.write_onnx, model, 40 * MEGABYTE):
        yield command_row(place, "ponte inspect, ONNX file of 40 MB", [place.ponte, "inspect", model], "cat",
                          lambda: commands.seconds(["cat", model]), 51, 50)


def convert(place):
    """mtcnn-det3 from Caffe to ONNX within 15 ms, beside `cp` and `sync` of its files."""
    graph, weights = (place.model(f"caffe/mtcnn-det3/det3.{kind}") for kind in ("prototxt", "caffemodel"))
    folder = place.folder("convert")
    copy = f'cp "{graph}" "{weights}" "{folder}" && sync "{folder}/det3.prototxt" "{folder}/det3.caffemodel"'
    yield command_row(place, "ponte convert, mtcnn-det3", [place.ponte, "convert", graph, "-o", folder / "det3.onnx"],
                      "cp and sync", lambda: commands.seconds(["sh", "-c", copy]), 101, 15)


def memory_row(place, name, files, base, count):
    """Peak memory above that of the program itself."""
    out = place.folder("memory") / "converted.onnx"
    command = [place.ponte, "convert", files[0], "-o", out]
    peaks = [commands.peak_bytes(place.programs, command) - base for _ in range(count)]
    for path in out.parent.glob("converted*"):
        path.unlink()
    return row(name, peaks, "MB", 30, scale=1 / MEGABYTE)


def memory(place):
    """Peak resident memory of a conversion at most 30 MB above that of `ponte --version`, whatever the size of the weights."""
    place.program("benchmark_peak_memory")
    folder = place.folder("memory-models")
    base = commands.peak_bytes(place.programs, [place.ponte, "--version"])
    writers = (("ONNX", model_files.write_onnx, (1, 100)), ("ONNX with external data", model_files.write_external_onnx, (2200,)),
               ("Caffe", model_files.write_caffe, (1, 100)))
    for kind, write, sizes in writers:
        for size in sizes:
            place.require_room(2 * size * MEGABYTE)
            suffix = ".prototxt" if kind == "Caffe" else ".onnx"
            with model_files.written(write, folder / f"chain{suffix}", size * MEGABYTE) as files:
                yield memory_row(place, f"peak memory, {kind} of {size} MB", files, base, 3)


def remove_all(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.sync()


def large(place):
    """An ONNX model of 6 GB with external data, converted to ONNX, beside `cp` and `sync` of the same bytes: at most 1.2 times."""
    size = round(6000 * min(1.0, place.effort.scale)) * MEGABYTE
    place.require_room(round(2.2 * size))
    out = place.folder("large-out")
    try:
        with model_files.written(model_files.write_external_onnx, place.folder("large") / "chain.onnx", size) as files:
            os.sync()
            yield from large_rows(place, files, out, size)
    finally:
        shutil.rmtree(out)


def large_rows(place, files, out, size):
    copies = [out / path.name for path in files]
    copy = f'cp {" ".join(map(str, files))} "{out}" && sync {" ".join(map(str, copies))}'

    def timed(command):
        remove_all(out)
        return commands.seconds(command)

    own, other = commands.in_turns(5, lambda: timed([place.ponte, "convert", files[0], "-o", out / "chain.onnx"]),
                                   lambda: timed(["sh", "-c", copy]))
    yield row(f"convert of {size / 1e9:g} GB over cp and sync", intervals.ratios(own, other), "x", 1.2)
    yield row(f"convert of {size / 1e9:g} GB", own, "s", peer=("cp and sync", other))
    remove_all(out)
    if (place.programs / "benchmark_peak_memory").exists():
        base = commands.peak_bytes(place.programs, [place.ponte, "--version"])
        yield memory_row(place, f"peak memory, ONNX with external data of {size // MEGABYTE} MB", files, base, 1)


def loop(place):
    """ONNX Runtime's latency in ponte's worker over that in a plain C loop: the 90 % interval within 0.98 to 1.02 on three models."""
    program = place.program("benchmark_loop_and_worker")
    place.program("benchmark_plain_loop")
    converted = place.folder("loop") / "det3.onnx"
    commands.output([place.ponte, "convert", place.model("caffe/mtcnn-det3/det3.prototxt"), "-o", converted])
    models = (place.model("onnx/ultraface-slim/version-slim-320.onnx"), place.model("onnx/dtln/model_1.onnx"), converted)
    for seed, name in enumerate(models, 1):
        command = [program, name, str(place.times(180)), str(seed), place.folder("loop")]
        result = json.loads(commands.output(command).splitlines()[-1])
        yield {"figure": f"ponte bench over a C loop, {pathlib.Path(name).stem}", "unit": "x", "target": [0.98, 1.02],
               "median": result["ratio"], "low": result["low"], "high": result["high"], "confidence": result["confidence"],
               "n": result["process_pairs"], "pass": result["low"] >= 0.98 and result["high"] <= 1.02, "peer": None,
               "details": result}


def judge(place):
    """One unperturbed evaluation of ultraface-slim (320 x 240) within 0.3 s, beside the reference evaluator of the onnx package."""
    model = place.model("onnx/ultraface-slim/version-slim-320.onnx")
    python, count = place.python("onnx.reference"), place.times(21)
    with commands.Repeater([place.program("benchmark_judge"), model]) as own:
        if python is None:
            own()
            yield row("judge, ultraface-slim", [own() for _ in range(count)], "s", 0.3)
            return
        with commands.Repeater([python, place.root / "benchmarks/peers/onnx_reference.py", model]) as other:
            times = commands.in_turns(count, own, other)
            yield row("judge, ultraface-slim", times[0], "s", 0.3, peer=("onnx.reference", times[1]))


def verify(place):
    """`ponte verify` of ultraface-slim with its defaults within 10 s, beside two sessions of ONNX Runtime and `allclose`."""
    onnx = place.model("onnx/ultraface-slim/version-slim-320.onnx")
    python = place.python("onnxruntime")
    peer = [python, place.root / "benchmarks/peers/usual_check.py", onnx] if python else ["true"]
    for model in (place.model("caffe/ultraface-slim-320/slim-320.prototxt"), onnx):
        yield command_row(place, f"ponte verify, {model.name}", [place.ponte, "verify", model],
                          "allclose of two sessions" if python else "true", lambda: commands.seconds(peer), 5, 10_000)


def functions(place):
    """Single functions, each beside a peer that does the least that could do its work (Google Benchmark)."""
    command = [place.program("benchmark_functions"), "--benchmark_format=json", "--benchmark_repetitions=" + str(place.times(11)),
               "--benchmark_enable_random_interleaving=true", f"--benchmark_min_time={0.1 * min(1.0, place.effort.scale)}"]
    os.environ["PONTE_MODELS"] = str(place.models)
    times = {}
    for result in json.loads(commands.output(command))["benchmarks"]:
        if result["run_type"] == "iteration" and not result.get("error_occurred"):
            times.setdefault(result["run_name"].split("/repeats")[0], []).append(result["real_time"])
    for name, values in times.items():
        if "_peer" in name:
            continue
        peer = times.get(re.sub(r"^([a-z_]+)", r"\1_peer", name))
        yield row(name, values, "us", scale=1e-3, peer=("its peer", peer) if peer else None)


def demo(place):
    """`make demo` under a minute once everything is built."""
    count = place.times(3)
    command = ["make", "-C", place.root, "demo"]
    commands.seconds(command)
    yield row("make demo, built", [commands.seconds(command) for _ in range(count)], "s", 60)


def self_comparison(place, model, seed):
    """One model twice, with the defaults: whether ponte claims a difference."""
    command = [place.ponte, "bench", model, model, "--runtime", "onnxruntime", "--json", "--seed", str(seed)]
    document = json.loads(commands.output(command))
    comparison = document["comparisons"][0]
    return {"seed": seed, **{key: comparison[key] for key in ("verdict", "ratio", "ci_low", "ci_high", "process_pairs")}}


def twins(place):
    """A against A with the defaults, 40 times: at most two differences are claimed.

    Each repetition is kept, so that they may be taken in parts and over several calls.
    """
    model = place.model("onnx/ultraface-slim/version-slim-320.onnx")
    known = json.loads(commands.output([place.ponte, "runtimes", "--json"], accept=(0, 5)))["runtimes"]
    if not any(each["name"] == "onnxruntime" and each["found"] for each in known):
        raise Skip("ONNX Runtime is not installed (tools/setup)")
    os.environ["XDG_DATA_HOME"] = str(place.folder("twins"))
    kept, wanted = place.effort.kept, 40
    done = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    for seed in range(len(done) + 1, min(wanted, len(done) + place.effort.repetitions) + 1):
        done.append(self_comparison(place, model, seed))
        with open(kept, "a", encoding="utf-8") as file:
            file.write(json.dumps(done[-1]) + "\n")
    claimed = sum(each["verdict"] != "no difference detected" for each in done)
    covered = sum(each["ci_low"] <= 1 <= each["ci_high"] for each in done)
    yield {"figure": "A against A, differences claimed", "unit": "", "target": 2, "median": claimed, "low": claimed, "high": claimed,
           "confidence": 1.0, "n": len(done), "pass": claimed <= 2 if len(done) >= wanted or claimed > 2 else None, "peer": None,
           "details": {"intervals_with_1": covered, "repetitions": done}}


FIGURES = (version, inspect, convert, memory, large, judge, verify, loop, functions, demo, twins)
