#!/usr/bin/env python3
"""Trains the example network on scikit-learn's digits and writes it as ONNX and as Caffe, with its test set and accuracy."""

import os

# One thread and one order of summation, so that the same machine writes the same bytes; read when numpy is loaded.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import json
import pathlib

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import caffe_file
import network
import onnx_file

SEED = 20240501
EPOCHS = 40
BATCH = 32
RATE = 2e-3
TEST_FRACTION = 0.25


def load():
    """Training data, test data, training labels, test labels; pixels in [0, 1]."""
    digits = load_digits()
    data = (digits.images / 16).astype(np.float32)[:, None]
    return train_test_split(data, digits.target.astype(np.int64), test_size=TEST_FRACTION, random_state=SEED, stratify=digits.target)


def train(data, labels):
    """Adam with a cosine schedule for a fixed number of epochs; the test set has no part in it."""
    random = np.random.Generator(np.random.PCG64(SEED))
    parameters = network.make_parameters(random)
    statistics = network.Statistics(network.CONV1_CHANNELS)
    optimizer = network.Adam(parameters)
    batches = len(data) // BATCH
    for epoch in range(EPOCHS):
        order = random.permutation(len(data))
        total = 0.0
        for index in range(batches):
            chosen = order[index * BATCH:(index + 1) * BATCH]
            progress = (epoch * batches + index) / (EPOCHS * batches)
            loss, gradients = network.loss_and_gradients(parameters, statistics, data[chosen], labels[chosen])
            optimizer.step(parameters, gradients, RATE * 0.5 * (1 + np.cos(np.pi * progress)))
            total += float(loss)
        print(f"epoch {epoch + 1:2}: loss {total / batches:.5f}")
    return parameters, statistics


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent, help="where the files go")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    train_data, test_data, train_labels, test_labels = load()
    parameters, statistics = train(train_data, train_labels)
    right = int((network.probabilities(parameters, statistics, test_data).argmax(axis=1) == test_labels).sum())
    accuracy = right / len(test_labels)

    onnx_file.write(out / "digits.onnx", parameters, statistics)
    caffe_file.write(out / "digits.prototxt", out / "digits.caffemodel", parameters, statistics)
    np.savez(out / "test_set.npz", data=test_data, labels=test_labels)
    (out / "accuracy.json").write_text(json.dumps({"test_samples": len(test_labels), "accuracy": accuracy}) + "\n")
    print(f"parameters: {sum(array.size for array in parameters.values())}")
    print(f"batch normalisation factor: {statistics.factor:.6g}")
    print(f"test accuracy: {right} of {len(test_labels)} = {accuracy:.4%}")


if __name__ == "__main__":
    main()
