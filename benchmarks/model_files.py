"""Models of any size: chains of matrix products whose weights are random, written without a library.

onnx/onnx.proto of onnx/onnx and src/caffe/proto/caffe.proto of BVLC/caffe give the numbers of the fields.
"""

import contextlib
import random

FLOAT = 1
WIDTH = 1024
BYTES_OF_LAYER = 4 * WIDTH * WIDTH


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def bytes_head(field, size):
    return varint(field << 3 | 2) + varint(size)


def blob(field, value):
    value = value.encode() if isinstance(value, str) else value
    return bytes_head(field, len(value)) + value


def weights(layer):
    """Small floats: random bytes below an exponent that keeps them under 0.01."""
    values = bytearray(random.Random(layer).randbytes(BYTES_OF_LAYER))
    values[3::4] = b"\x3b" * (BYTES_OF_LAYER // 4)
    return values


def layer_count(size):
    return max(1, round(size / BYTES_OF_LAYER))


def onnx_value(name):
    dims = blob(1, number(1, 1)) + blob(1, number(1, WIDTH))
    return blob(1, name) + blob(2, blob(1, number(1, FLOAT) + blob(2, dims)))


def onnx_node(op, inputs, output, name):
    return b"".join(blob(1, each) for each in inputs) + blob(2, output) + blob(3, name) + blob(4, op)


def onnx_graph_parts(layers):
    """Nodes before and values after the initialisers."""
    nodes, value = [], "x"
    for i in range(layers):
        nodes.append(onnx_node("MatMul", [value, f"w{i}"], f"product{i}", f"matmul{i}"))
        nodes.append(onnx_node("Relu", [f"product{i}"], f"y{i}", f"relu{i}"))
        value = f"y{i}"
    before = b"".join(blob(1, node) for node in nodes) + blob(2, "chain")
    return before, blob(11, onnx_value("x")) + blob(12, onnx_value(value))


def onnx_tensor_head(layer):
    return number(1, WIDTH) + number(1, WIDTH) + number(2, FLOAT) + blob(8, f"w{layer}")


def external_tensor(layer, data_name):
    entries = {"location": data_name, "offset": str(layer * BYTES_OF_LAYER), "length": str(BYTES_OF_LAYER)}
    data = b"".join(blob(13, blob(1, key) + blob(2, value)) for key, value in entries.items())
    return onnx_tensor_head(layer) + data + number(14, 1)


def write_model(file, graph_size, write_graph):
    file.write(number(1, 8) + blob(2, "benchmarks") + bytes_head(7, graph_size))
    write_graph()
    file.write(blob(8, number(2, 17)))


def write_onnx(path, size):
    """A model of about `size` bytes that has its weights inside."""
    layers = layer_count(size)
    before, after = onnx_graph_parts(layers)
    heads = [onnx_tensor_head(i) + bytes_head(9, BYTES_OF_LAYER) for i in range(layers)]
    tensors = [bytes_head(5, len(head) + BYTES_OF_LAYER) + head for head in heads]
    with open(path, "wb") as file:
        def write_graph():
            file.write(before)
            for i, tensor in enumerate(tensors):
                file.write(tensor)
                file.write(weights(i))
            file.write(after)
        write_model(file, len(before) + sum(map(len, tensors)) + layers * BYTES_OF_LAYER + len(after), write_graph)
    return [path]


def write_external_onnx(path, size):
    """The same with its weights in a file beside it."""
    layers, data = layer_count(size), path.with_suffix(".data")
    before, after = onnx_graph_parts(layers)
    tensors = b"".join(blob(5, external_tensor(i, data.name)) for i in range(layers))
    with open(path, "wb") as file:
        write_model(file, len(before) + len(tensors) + len(after), lambda: file.write(before + tensors + after))
    with open(data, "wb") as file:
        for i in range(layers):
            file.write(weights(i))
    return [path, data]


def write_caffe(path, size):
    """A prototxt of inner products and its caffemodel of about `size` bytes."""
    layers, weight_file = layer_count(size), path.with_suffix(".caffemodel")
    text = [f'name: "chain"\ninput: "x"\ninput_shape {{ dim: 1 dim: {WIDTH} }}']
    value = "x"
    with open(weight_file, "wb") as file:
        file.write(blob(1, "chain"))
        for i in range(layers):
            text.append(f'layer {{ name: "product{i}" type: "InnerProduct" bottom: "{value}" top: "y{i}" '
                        f"inner_product_param {{ num_output: {WIDTH} bias_term: false }} }}")
            value = f"y{i}"
            head = blob(1, f"product{i}") + blob(2, "InnerProduct")
            shape = blob(7, blob(1, varint(WIDTH) * 2))
            data_head = bytes_head(5, BYTES_OF_LAYER)
            blob_size = len(shape) + len(data_head) + BYTES_OF_LAYER
            blob_head = bytes_head(7, blob_size)
            file.write(bytes_head(100, len(head) + len(blob_head) + blob_size) + head + blob_head + shape + data_head)
            file.write(weights(i))
    path.write_text("\n".join(text) + "\n")
    return [path, weight_file]


@contextlib.contextmanager
def written(write, path, size):
    """The files of a model, which are gone afterwards."""
    files = []
    try:
        files = write(path, size)
        yield files
    finally:
        for file in files or [path, path.with_suffix(".data"), path.with_suffix(".caffemodel")]:
            file.unlink(missing_ok=True)
