"""Medians with intervals that assume no distribution."""

import math
import statistics


def interval(values, confidence=0.95):
    """Of the median: (low, high, the confidence it really has), from order statistics (David and Nagaraja, "Order Statistics",
    2003, section 7.1). Where there are too few values for the confidence asked for it is their range."""
    ordered, count = sorted(values), len(values)
    below = [math.comb(count, k) / 2**count for k in range(count + 1)]
    left_out, tail = 0, below[0]
    while left_out + 1 < count / 2 and 2 * (tail + below[left_out + 1]) <= 1 - confidence:
        left_out += 1
        tail += below[left_out]
    return ordered[left_out], ordered[-1 - left_out], max(0.0, 1 - 2 * tail)


def summary(values):
    low, high, confidence = interval(values)
    return {"median": statistics.median(values), "low": low, "high": high, "confidence": confidence, "n": len(values)}


def ratios(numerators, denominators):
    """Of measurements that were taken in turns: one ratio for each turn."""
    return [a / b for a, b in zip(numerators, denominators, strict=True)]
