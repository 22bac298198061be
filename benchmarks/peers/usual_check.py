"""The usual check of a model: two sessions of ONNX Runtime, one input, `allclose`. What `ponte verify` is compared with."""

import sys

import numpy
import onnxruntime

outputs = []
for level in (onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL, onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
    random = numpy.random.default_rng(1)
    inputs = {each.name: random.standard_normal([dim if isinstance(dim, int) else 1 for dim in each.shape], dtype=numpy.float32)
              for each in session.get_inputs()}
    outputs.append(session.run(None, inputs))
sys.exit(0 if all(numpy.allclose(a, b, rtol=1e-3, atol=1e-5) for a, b in zip(*outputs)) else 1)
