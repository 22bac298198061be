#!/usr/bin/env python3
"""Records what ml_dtypes, numpy and onnx make of narrow floats, for narrow_floats_test.cpp.

Made with ml_dtypes 0.6.0, numpy 2.4.6 and onnx 1.23.2. One file per dtype, in hexadecimal:
  decode PATTERN F32        the float32 bits of every pattern; NaN is 7fc00000
  digest CRC32              instead, for 16-bit dtypes: of all 65,536 of them, little-endian
  encode F64 CODE SATURATED the pattern of a number given by its float64 bits, with and without
                            saturation (the same where the dtype has only one of them)
"""

import pathlib
import warnings
import zlib

import ml_dtypes
import numpy as np
import onnx.numpy_helper

warnings.simplefilter("ignore")
folder = pathlib.Path(__file__).parent

DTYPES = {
    "f16": np.float16,
    "bf16": ml_dtypes.bfloat16,
    "f8e4m3fn": ml_dtypes.float8_e4m3fn,
    "f8e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "f8e5m2": ml_dtypes.float8_e5m2,
    "f8e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "f8e8m0": ml_dtypes.float8_e8m0fnu,
    "f6e2m3": ml_dtypes.float6_e2m3fn,
    "f6e3m2": ml_dtypes.float6_e3m2fn,
    "f4e2m1": ml_dtypes.float4_e2m1fn,
}
BITS = {"f16": 16, "bf16": 16, "f6e2m3": 6, "f6e3m2": 6, "f4e2m1": 4}


def decoded(dtype, bits):
    codes = np.arange(2**bits, dtype=np.uint16 if bits > 8 else np.uint8)
    values = codes.view(dtype).astype(np.float32)
    raw = values.view(np.uint32).copy()
    raw[np.isnan(values)] = 0x7FC00000
    return raw


def hard_numbers(raw, wide):
    """Every number, every middle between two neighbours, and what lies just beside them."""
    values = np.unique(raw.view(np.float32)[np.isfinite(raw.view(np.float32))]).astype(np.float64)
    if len(values) > 300:
        picks = np.random.default_rng(7).choice(len(values) - 1, 80, replace=False)
        edges = np.concatenate([np.arange(4), np.arange(len(values) - 5, len(values) - 1)])
        picks = np.unique(np.concatenate([picks, edges, [len(values) // 2 - 2, len(values) // 2 + 1]]))
    else:
        picks = np.arange(len(values) - 1)
    low, high = values[picks], values[picks + 1]
    middle = low / 2 + high / 2
    beyond = values[-1] + (values[-1] - values[-2]) * np.array([0.25, 0.5, 0.75, 1, 2])
    numbers = np.concatenate([low, high, middle, beyond, -beyond, [0.0, 1e30, -1e30, 1e-40, -1e-40]])
    numbers = numbers.astype(wide)
    beside = [np.nextafter(numbers, wide(np.inf)), np.nextafter(numbers, wide(-np.inf))]
    special = np.array([np.inf, -np.inf, np.nan, -np.nan, -0.0], wide)
    return np.concatenate([numbers, *beside, special])


for name, dtype in DTYPES.items():
    bits = BITS.get(name, 8)
    raw = decoded(dtype, bits)
    lines = []
    if bits == 16:
        lines.append(f"digest {zlib.crc32(raw.tobytes()):08x}")
    else:
        lines += [f"decode {code:02x} {value:08x}" for code, value in enumerate(raw)]
    wide = np.float64 if name == "f16" else np.float32
    numbers = hard_numbers(raw, wide)
    if name == "f8e8m0":  # elsewhere onnx's table and ml_dtypes differ
        numbers = numbers[(numbers >= 2.0**-126) & (numbers <= 2.0**127)]
    store = np.uint16 if bits == 16 else np.uint8
    codes = numbers.astype(dtype).view(store)
    saturated = codes
    if name.startswith("f8e4") or name.startswith("f8e5"):
        saturated = onnx.numpy_helper.saturate_cast(numbers, np.dtype(dtype)).view(store)
    seen = set()
    for number, code, other in zip(numbers.astype(np.float64).view(np.uint64), codes, saturated):
        if number not in seen:
            lines.append(f"encode {number:016x} {code:x} {other:x}")
            seen.add(number)
    (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")
