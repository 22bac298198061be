#!/usr/bin/env python3
"""Computes the accuracy of digits.onnx anew with onnxruntime; ends with 1 when it is not what accuracy.json says."""

import json
import pathlib
import sys

import numpy as np
import onnxruntime

FOLDER = pathlib.Path(__file__).resolve().parent


def main():
    expected = json.loads((FOLDER / "accuracy.json").read_text())
    with np.load(FOLDER / "test_set.npz") as test_set:
        data, labels = test_set["data"], test_set["labels"]
    session = onnxruntime.InferenceSession(FOLDER / "digits.onnx", providers=["CPUExecutionProvider"])
    (outputs,) = session.run(["prob"], {"data": data})
    right = int((outputs.argmax(axis=1) == labels).sum())
    print(f"onnxruntime: {right} of {len(labels)} = {right / len(labels):.4%}")
    print(f"accuracy.json: {expected['test_samples']} samples, {expected['accuracy']:.4%}")
    same = len(labels) == expected["test_samples"] and right == round(expected["accuracy"] * len(labels))
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
