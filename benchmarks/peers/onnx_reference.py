"""Evaluates MODEL once for each line that it reads, by the reference evaluator of the onnx package, and prints the nanoseconds.

It is what the judge is compared with: another evaluation that was written to be read, and not to be fast.
"""

import sys
import time

import numpy
from onnx.reference import ReferenceEvaluator

evaluator = ReferenceEvaluator(sys.argv[1])
random = numpy.random.default_rng(1)
inputs = {}
for name, declared in zip(evaluator.input_names, evaluator.input_types):
    shape = [dim.dim_value or 1 for dim in declared.tensor_type.shape.dim]
    inputs[name] = random.standard_normal(shape, dtype=numpy.float32)
for _ in sys.stdin:
    begin = time.perf_counter_ns()
    evaluator.run(None, inputs)
    print(time.perf_counter_ns() - begin, flush=True)
