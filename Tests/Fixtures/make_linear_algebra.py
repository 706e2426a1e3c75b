"""Writes linear_algebra.json: what NumPy finds for small matrices and lists. Run: python Tests/Fixtures/make_linear_algebra.py

The tests of the module LinearAlgebra compare with it.
"""

import itertools
import json
import pathlib

import numpy as np

RANDOM = np.random.default_rng(7)


def matrices():
    """Names and matrices: tall, wide, square, of low rank, badly scaled, with zeros."""
    yield "tall", RANDOM.standard_normal((9, 4))
    yield "wide", RANDOM.standard_normal((3, 8))
    yield "square", RANDOM.standard_normal((6, 6))
    yield "low_rank", RANDOM.standard_normal((8, 2)) @ RANDOM.standard_normal((2, 5))
    yield "graded", RANDOM.standard_normal((6, 5)) * 10.0 ** -np.arange(0, 15, 3)
    yield "zero_column", RANDOM.standard_normal((5, 3)) * [1, 0, 1]
    yield "zeros", np.zeros((3, 2))
    yield "one", np.array([[-2.5]])
    yield "equal_values", np.eye(4) * 3


def clusters(values, count):
    """The least error of all ways to cut the sorted values into `count` intervals."""
    values = np.sort(values)
    best = np.inf
    for cuts in itertools.combinations(range(1, len(values)), count - 1):
        parts = np.split(values, cuts)
        best = min(best, sum(float(np.sum((part - part.mean()) ** 2)) for part in parts))
    return best


def main():
    rows = []
    for name, matrix in matrices():
        right = RANDOM.standard_normal((matrix.shape[0], 2))
        gram = matrix.T @ matrix
        rows.append({
            "name": name, "rows": matrix.shape[0], "columns": matrix.shape[1], "values": matrix.ravel().tolist(),
            "singular_values": np.linalg.svd(matrix, compute_uv=False).tolist(),
            "gram_eigenvalues": np.linalg.eigvalsh(gram)[::-1].tolist(),
            "right": right.ravel().tolist(),
            "solution": (np.linalg.pinv(matrix, rcond=1e-12) @ right).ravel().tolist(),
        })
    lists = []
    for size, count in [(9, 1), (9, 2), (10, 3), (12, 4), (12, 11), (12, 12)]:
        values = RANDOM.standard_normal(size).round(1)
        lists.append({"values": values.tolist(), "count": count, "error": clusters(values, count)})
    signals = []
    for rows_, columns, rank, noise in [(60, 40, 5, 0.1), (30, 80, 3, 0.3), (64, 64, 8, 0.05), (50, 20, 0, 1.0)]:
        signal = RANDOM.standard_normal((rows_, rank)) @ RANDOM.standard_normal((rank, columns))
        values = np.linalg.svd(signal + noise * RANDOM.standard_normal((rows_, columns)), compute_uv=False)
        signals.append({"rows": rows_, "columns": columns, "rank": rank, "singular_values": values.tolist()})
    target = pathlib.Path(__file__).with_name("linear_algebra.json")
    target.write_text(json.dumps({"matrices": rows, "lists": lists, "signals": signals}, indent=1) + "\n")


if __name__ == "__main__":
    main()
