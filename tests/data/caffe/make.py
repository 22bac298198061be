#!/usr/bin/env python3
"""Makes the caffemodels of this folder: python3 make.py. Field numbers: caffe.proto of BVLC/caffe."""
import pathlib
import struct


def varint(value):
    out = bytearray()
    value &= (1 << 64) - 1
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def integer(field, value):
    return varint(field << 3) + varint(value)


def data(field, payload):
    payload = payload.encode() if isinstance(payload, str) else payload
    return varint(field << 3 | 2) + varint(len(payload)) + payload


def weight(i):
    return ((i * 7) % 11 - 5) / 8


def floats(count, first=0):
    return struct.pack(f"<{count}f", *(weight(i + first) for i in range(count)))


def blob(shape, payload=None):
    count = 1
    for dim in shape:
        count *= dim
    dims = data(7, data(1, b"".join(varint(d) for d in shape)))
    return data(5, payload or floats(count)) + dims


def old_blob(num, channels, height, width):
    """Unpacked elements, and a shape of four numbers."""
    count = num * channels * height * width
    dims = b"".join(integer(i + 1, d) for i, d in enumerate((num, channels, height, width)))
    return dims + b"".join(varint(5 << 3 | 5) + floats(1, i) for i in range(count))


def layer(name, kind, bottoms, tops, *fields):
    message = data(1, name) + data(2, kind)
    message += b"".join(data(3, b) for b in bottoms) + b"".join(data(4, t) for t in tops)
    return data(100, message + b"".join(fields))


def small():
    """conv (3 filters of 2x2, stride 2), BatchNorm and Scale in place, InnerProduct, Softmax."""
    ones = struct.pack("<3f", 2, 3, 4)
    return (
        data(1, "small")
        + layer("in", "Input", [], ["data"], data(143, data(1, data(1, bytes([1, 2, 4, 4])))))
        + layer("conv", "Convolution", ["data"], ["conv"], data(7, blob([3, 2, 2, 2])), data(7, blob([3])),
                data(106, integer(1, 3) + integer(4, 2) + integer(6, 2)))
        + layer("norm", "BatchNorm", ["conv"], ["conv"], data(7, blob([3])), data(7, blob([3], ones)),
                data(7, blob([1], struct.pack("<f", 2))))
        + layer("scale", "Scale", ["conv"], ["conv"], data(7, blob([3], ones)), data(7, blob([3])),
                data(142, integer(4, 1)))
        + layer("fc", "InnerProduct", ["conv"], ["fc"], data(7, blob([5, 12])), data(7, blob([5])),
                data(117, integer(1, 5)))
        + layer("prob", "Softmax", ["fc"], ["prob"])
    )


def old_layer(message, *connections):
    return data(2, message + b"".join(connections))


def v1():
    """The same convolution and inner product as V1 layers, with blobs of the first form."""
    return (
        data(1, "old")
        + data(3, "data")
        + b"".join(integer(4, d) for d in (1, 2, 4, 4))
        + old_layer(data(4, "conv") + integer(5, 4), data(2, "data"), data(3, "conv"),
                    data(6, old_blob(3, 2, 2, 2)), data(6, old_blob(1, 1, 1, 3)),
                    data(10, integer(1, 3) + integer(4, 2) + integer(6, 2)))
        + old_layer(data(4, "fc") + integer(5, 14), data(2, "conv"), data(3, "fc"),
                    data(6, old_blob(1, 1, 5, 12)), data(6, old_blob(1, 1, 1, 5)), data(17, integer(1, 5)))
    )


if __name__ == "__main__":
    folder = pathlib.Path(__file__).parent
    (folder / "small.caffemodel").write_bytes(small())
    (folder / "v1.caffemodel").write_bytes(v1())
