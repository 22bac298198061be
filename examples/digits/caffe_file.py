"""Writes the trained network as Caffe's prototxt and caffemodel.

Both come from one description: a message is a list of (field, value), a nested message is such a list again. SCHEMA has the
names, numbers and types of the fields that are used here, as in caffe.proto of BVLC Caffe 1.0.
"""

import struct

import numpy as np

import network

SCHEMA = {
    "NetParameter": {"name": (1, "string"), "layer": (100, "LayerParameter")},
    "LayerParameter": {
        "name": (1, "string"), "type": (2, "string"), "bottom": (3, "string"), "top": (4, "string"), "param": (6, "ParamSpec"),
        "blobs": (7, "BlobProto"), "convolution_param": (106, "ConvolutionParameter"),
        "inner_product_param": (117, "InnerProductParameter"), "pooling_param": (121, "PoolingParameter"),
        "batch_norm_param": (139, "BatchNormParameter"), "scale_param": (142, "ScaleParameter"),
        "input_param": (143, "InputParameter")},
    "ParamSpec": {"lr_mult": (3, "float"), "decay_mult": (4, "float")},
    "BlobProto": {"data": (5, "packed float"), "shape": (7, "BlobShape")},
    "BlobShape": {"dim": (1, "packed int64")},
    "InputParameter": {"shape": (1, "BlobShape")},
    "ConvolutionParameter": {"num_output": (1, "uint32"), "bias_term": (2, "bool"), "pad": (3, "uint32"),
                             "kernel_size": (4, "uint32"), "stride": (6, "uint32")},
    "PoolingParameter": {"pool": (1, "PoolMethod"), "kernel_size": (2, "uint32"), "stride": (3, "uint32")},
    "InnerProductParameter": {"num_output": (1, "uint32")},
    "BatchNormParameter": {"use_global_stats": (1, "bool"), "moving_average_fraction": (2, "float"), "eps": (3, "float")},
    "ScaleParameter": {"bias_term": (4, "bool")},
}
ENUMS = {"PoolMethod": {"MAX": 0}}
VARINT, LENGTH_DELIMITED, FIXED_32 = 0, 2, 5


def varint(value):
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def key(number, wire_type):
    return varint(number << 3 | wire_type)


def delimited(number, content):
    return key(number, LENGTH_DELIMITED) + varint(len(content)) + content


def encode_field(number, kind, value):
    if kind in SCHEMA:
        return delimited(number, encode(kind, value))
    if kind in ENUMS:
        return key(number, VARINT) + varint(ENUMS[kind][value])
    if kind in ("uint32", "bool"):
        return key(number, VARINT) + varint(int(value))
    if kind == "string":
        return delimited(number, value.encode())
    if kind == "float":
        return key(number, FIXED_32) + struct.pack("<f", value)
    if kind == "packed float":
        return delimited(number, np.asarray(value, "<f4").tobytes())
    if kind == "packed int64":
        return delimited(number, b"".join(varint(element) for element in value))
    raise ValueError(f"no encoding for {kind}")


def encode(message, fields):
    """The binary form of a message."""
    return b"".join(encode_field(*SCHEMA[message][name], value) for name, value in fields)


def print_value(kind, value):
    if kind == "string":
        return f'"{value}"'
    if kind == "bool":
        return "true" if value else "false"
    return f"{value:g}" if kind == "float" else str(value)


def print_text(message, fields, indent=""):
    """The text form of a message, without blobs."""
    lines = []
    for name, value in fields:
        kind = SCHEMA[message][name][1]
        if name == "blobs":
            continue
        if kind in SCHEMA:
            lines += [f"{indent}{name} {{", *print_text(kind, value, indent + "  "), f"{indent}}}"]
        elif kind.startswith("packed"):
            lines += [f"{indent}{name}: {element}" for element in value]
        else:
            lines.append(f"{indent}{name}: {print_value(kind, value)}")
    return lines


def blob(array):
    array = np.asarray(array, np.float32)
    return ("blobs", [("data", array.ravel()), ("shape", [("dim", array.shape)])])


def layer(name, kind, bottom, top, *fields):
    return ("layer", [("name", name), ("type", kind), *([("bottom", bottom)] if bottom else []), ("top", top), *fields])


def net(parameters, statistics):
    """The network as a NetParameter. BatchNorm, Scale and ReLU work in place; the statistics are unnormalised sums."""
    fixed = ("param", [("lr_mult", 0), ("decay_mult", 0)])
    return [
        ("name", "digits"),
        layer("data", "Input", None, "data", ("input_param", [("shape", [("dim", (1, 1, network.SIDE, network.SIDE))])])),
        layer("conv1", "Convolution", "data", "conv1", blob(parameters["conv1_weight"]),
              ("convolution_param", [("num_output", network.CONV1_CHANNELS), ("bias_term", False), ("pad", 1), ("kernel_size", 3),
                                     ("stride", 1)])),
        layer("bn1", "BatchNorm", "conv1", "conv1", fixed, fixed, fixed,
              blob(statistics.mean_sum), blob(statistics.variance_sum), blob([statistics.factor]),
              ("batch_norm_param", [("use_global_stats", True), ("moving_average_fraction", network.MOVING_AVERAGE_FRACTION),
                                    ("eps", network.EPSILON)])),
        layer("scale1", "Scale", "conv1", "conv1", blob(parameters["bn1_scale"]), blob(parameters["bn1_bias"]),
              ("scale_param", [("bias_term", True)])),
        layer("relu1", "ReLU", "conv1", "conv1"),
        layer("conv2", "Convolution", "conv1", "conv2", blob(parameters["conv2_weight"]), blob(parameters["conv2_bias"]),
              ("convolution_param", [("num_output", network.CONV2_CHANNELS), ("pad", 1), ("kernel_size", 3), ("stride", 1)])),
        layer("relu2", "ReLU", "conv2", "conv2"),
        layer("pool2", "Pooling", "conv2", "pool2", ("pooling_param", [("pool", "MAX"), ("kernel_size", 2), ("stride", 2)])),
        layer("ip1", "InnerProduct", "pool2", "ip1", blob(parameters["ip1_weight"]), blob(parameters["ip1_bias"]),
              ("inner_product_param", [("num_output", network.CLASSES)])),
        layer("prob", "Softmax", "ip1", "prob"),
    ]


def write(prototxt, caffemodel, parameters, statistics):
    description = net(parameters, statistics)
    prototxt.write_text("\n".join(print_text("NetParameter", description)) + "\n")
    caffemodel.write_bytes(encode("NetParameter", description))
