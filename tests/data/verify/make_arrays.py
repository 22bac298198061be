"""Makes the arrays beside it, with NumPy 1.26 or 2: python make_arrays.py. input_0.pb is a TensorProto, field by field."""

import pathlib
import struct

import numpy as np

folder = pathlib.Path(__file__).parent
counts = np.arange(6, dtype=np.float32).reshape(2, 3)

np.savez(folder / "stored.npz", x=counts, labels=np.array([3, 1], dtype=np.int64))
np.savez_compressed(folder / "deflated.npz", x=counts)
np.save(folder / "fortran.npy", np.asfortranarray(counts.astype(">f8")))
np.save(folder / "pickled.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)


def field(number, wire_type, payload):
    head = bytes([number << 3 | wire_type])
    return head + (bytes([len(payload)]) if wire_type == 2 else b"") + payload


message = (field(1, 0, b"\x02") + field(1, 0, b"\x03") + field(2, 0, b"\x01") + field(8, 2, b"x")
           + field(9, 2, struct.pack("<6f", *counts.flat)))
(folder / "test_data_set_0" / "input_0.pb").write_bytes(message)
