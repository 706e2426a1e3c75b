"""Writes compression.json: what NumPy finds when the steps of `nncgen compress` are applied to small matrices, each weight by
itself. Run: python Tests/Fixtures/make_compression.py

The tests of the module Compression compare with it.
"""

import itertools
import json
import pathlib

import numpy as np

RANDOM = np.random.default_rng(11)


def rounded(values):
    """To the next integers, ties away from zero."""
    return np.sign(values) * np.floor(np.abs(values) + 0.5)


def decibels(before, after):
    return float(10 * np.log10(np.sum(np.square(before)) / np.sum(np.square(before - after))))


def pruned(weights, ratio):
    count = int(np.floor(weights.size * ratio + 0.5))
    order = np.argsort(np.abs(weights).ravel(), kind="stable")
    result = weights.copy().ravel()
    result[order[:count]] = 0
    return result.reshape(weights.shape)


def pruned_pattern(weights, n, m):
    result = weights.copy()
    for row in result:
        for start in range(0, len(row), m):
            part = row[start : start + m]
            part[np.argsort(-np.abs(part), kind="stable")[n:]] = 0
    return result


def on_grid(weights, scale, largest):
    return np.clip(rounded(weights / scale), -largest, largest) * scale


def quantized(weights, bits, per_channel):
    """The largest weight gets the largest integer; scales are float32."""
    largest = 2 ** (bits - 1) - 1
    most = np.abs(weights).max(axis=1, keepdims=True) if per_channel else np.abs(weights).max()
    return on_grid(weights, (most / largest).astype(np.float32).astype(np.float64), largest)


def asymmetric(weights, bits, per_channel):
    """2 ** bits integers from the one next to the least weight on, with zero among them; scales are float32."""
    axis = {"axis": 1, "keepdims": True} if per_channel else {}
    low, high = np.minimum(weights.min(**axis), 0), np.maximum(weights.max(**axis), 0)
    steps = 2**bits - 1
    scale = (high - low) / steps
    first = np.clip(rounded(low / scale), -steps, 0)
    scale = scale.astype(np.float32).astype(np.float64)
    return np.clip(rounded(weights / scale), first, first + steps) * scale


def fixed_point(weights, bits):
    """The power of two for the whole matrix with the least squared error."""
    largest = 2 ** (bits - 1) - 1
    candidates = [on_grid(weights, 2.0**exponent, largest) for exponent in range(-20, 8)]
    return min(candidates, key=lambda candidate: np.sum((weights - candidate) ** 2))


def best_centroids(values, count):
    """The means of the intervals of the sorted values with the least error."""
    values = np.sort(values)
    best, centroids = np.inf, None
    for cuts in itertools.combinations(range(1, len(values)), count - 1):
        parts = np.split(values, cuts)
        error = sum(np.sum((part - part.mean()) ** 2) for part in parts)
        if error < best:
            best, centroids = error, np.array([part.mean() for part in parts])
    return centroids


def shared(weights, count):
    """The nearest of `count` centroids, which are multiples of a scale that 8 bits hold."""
    centroids = best_centroids(weights.ravel(), count)
    scale = np.float64(np.float32(np.abs(centroids).max() / 127))
    centroids = rounded(centroids / scale) * scale
    return centroids[np.abs(weights[..., None] - centroids).argmin(axis=-1)]


def main():
    # Small ones too, for which the best clusters are found by trying all.
    matrices = [RANDOM.standard_normal(shape).astype(np.float32).astype(np.float64) for shape in [(12, 20), (6, 8), (3, 5)]]
    cases = []
    for weights in matrices:
        inputs = RANDOM.standard_normal((7, weights.shape[1])).astype(np.float32).astype(np.float64)
        steps = [({"step": "prune", "ratio": ratio}, pruned(weights, ratio)) for ratio in (0.25, 0.5, 0.9)]
        steps += [({"step": "prune", "keep": f"{n}:{m}"}, pruned_pattern(weights, n, m)) for n, m in [(2, 4), (1, 3)]]
        for bits in (2, 3, 4, 6, 7):
            for per in ("channel", "layer"):
                options = {"step": "quantize", "weights": bits, "scales": "minmax", "per": per}
                steps.append((options, quantized(weights, bits, per == "channel")))
                steps.append(({**options, "scheme": "asymmetric"}, asymmetric(weights, bits, per == "channel")))
            steps.append(({"step": "quantize", "weights": bits, "scheme": "dynamic-fixed-point"}, fixed_point(weights, bits)))
        if weights.size <= 50:
            steps += [({"step": "share", "values": count}, shared(weights, count)) for count in (2, 3, 4)]
        cases.append({
            "rows": weights.shape[0], "columns": weights.shape[1], "weights": weights.ravel().tolist(),
            "inputs": inputs.ravel().tolist(),
            "steps": [{
                "options": {**options, "rounding": "nearest"},
                "density": float(np.count_nonzero(result) / result.size),
                "distinct": int(np.unique(result).size),
                "decibels": decibels(weights, result),
                "output_decibels": decibels(inputs @ weights.T, inputs @ result.T),
            } for options, result in steps],
        })
    target = pathlib.Path(__file__).with_name("compression.json")
    target.write_text(json.dumps({"cases": cases}) + "\n")


main()
