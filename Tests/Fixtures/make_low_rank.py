"""Writes low_rank.json: how close factors of a rank come, by NumPy. Run: python Tests/Fixtures/make_low_rank.py

The tests of the step `low-rank` compare with it.
"""

import json
import pathlib

import numpy as np

RANDOM = np.random.default_rng(11)
# Of the mean of the diagonal of the second moments, as the compressor adds it.
DAMPING = 0.01


def exact(values):
    """Floats that are short as decimals."""
    return np.round(values * 64) / 64


def decaying(*shape):
    """Random weights [filters, height, width, depth] whose channels are mixtures of few, and some noise."""
    few = max(1, min(shape[0], shape[-1]) // 2)
    core = RANDOM.standard_normal((few, *shape[1:-1], few))
    weights = np.einsum("np,pyxq,qc->nyxc", RANDOM.standard_normal((shape[0], few)), core,
                        RANDOM.standard_normal((few, shape[-1])))
    return exact(weights + 0.3 * weights.std() * RANDOM.standard_normal(shape))


def truncated(matrix, rank):
    u, s, v = np.linalg.svd(matrix, full_matrices=False)
    return (u[:, :rank] * s[:rank]) @ v[:rank]


def channels(weights, rank):
    matrix = weights.reshape(weights.shape[0], -1)
    return truncated(matrix, rank).reshape(weights.shape)


def spatial(weights, rank):
    n, h, w, c = weights.shape
    matrix = weights.transpose(0, 2, 1, 3).reshape(n * w, h * c)
    return truncated(matrix, rank).reshape(n, w, h, c).transpose(0, 2, 1, 3)


def leading(matrix, rank):
    return np.linalg.svd(matrix, full_matrices=False)[0][:, :rank]


def tucker(weights, rank):
    """Higher-order orthogonal iteration over filters and channels."""
    n, h, w, c = weights.shape
    tensor = weights.reshape(n, h * w, c)
    right = leading(tensor.transpose(2, 0, 1).reshape(c, -1), rank)
    for _ in range(500):
        left = leading(np.einsum("ntc,cq->ntq", tensor, right).reshape(n, -1), rank)
        right = leading(np.einsum("ntc,np->cpt", tensor, left).reshape(c, -1), rank)
    return np.einsum("ntc,np,mp,cq,dq->mtd", tensor, left, left, right, right).reshape(weights.shape)


def polyadic(weights, rank):
    """Alternating least squares over filters, taps and channels: the best of many random starts."""
    n, h, w, c = weights.shape
    tensor = weights.reshape(n, h * w, c)
    best = None
    for _ in range(20):
        a, b, d = (RANDOM.standard_normal((size, rank)) for size in tensor.shape)
        for _ in range(300):
            a = solve(np.einsum("ntc,tr,cr->nr", tensor, b, d), (b.T @ b) * (d.T @ d))
            b = solve(np.einsum("ntc,nr,cr->tr", tensor, a, d), (a.T @ a) * (d.T @ d))
            d = solve(np.einsum("ntc,nr,tr->cr", tensor, a, b), (a.T @ a) * (b.T @ b))
        found = np.einsum("nr,tr,cr->ntc", a, b, d)
        if best is None or np.sum((found - tensor) ** 2) < np.sum((best - tensor) ** 2):
            best = found
    return best.reshape(weights.shape)


def solve(right, gram):
    return right @ np.linalg.pinv(gram)


def outputs(weights, inputs, rank):
    """The mean squared error of a dense layer's outputs, whose bias takes back the means, and its mean squared sums."""
    centred = inputs - inputs.mean(axis=0)
    moments = centred.T @ centred / len(inputs)
    damped = moments + DAMPING * np.mean(np.diag(moments)) * np.eye(len(moments))
    components = leading(weights @ np.linalg.cholesky(damped), rank)
    change = components @ components.T @ weights - weights
    return float(np.trace(change @ moments @ change.T))


def main():
    methods = {"svd": channels, "spatial": spatial, "tucker": tucker, "cp": polyadic}
    cases = []
    for method, shape, ranks in [
        ("svd", (12, 1, 1, 20), (1, 3, 6)),
        ("svd", (10, 3, 3, 4), (2, 5)),
        ("spatial", (8, 3, 3, 6), (1, 4, 8)),
        ("spatial", (6, 5, 2, 8), (5,)),
        ("tucker", (8, 3, 3, 10), (1, 3, 5)),
        ("cp", (8, 3, 3, 10), (1, 4, 9)),
    ]:
        weights = decaying(*shape)
        for rank in ranks:
            error = float(np.sum((methods[method](weights, rank) - weights) ** 2))
            cases.append({
                "method": method, "shape": shape, "rank": rank, "error": error, "weights": weights.ravel().tolist(),
            })
    measured = []
    for filters, depth, rank in [(8, 12, 2), (8, 12, 4), (20, 9, 4)]:
        weights = decaying(filters, 1, 1, depth).reshape(filters, depth)
        inputs = exact(RANDOM.standard_normal((64, depth)) @ RANDOM.standard_normal((depth, depth)) + 1)
        measured.append({
            "filters": filters, "depth": depth, "rank": rank, "weights": weights.ravel().tolist(),
            "inputs": inputs.ravel().tolist(), "error": outputs(weights, inputs, rank),
        })
    target = pathlib.Path(__file__).with_name("low_rank.json")
    target.write_text(json.dumps({"cases": cases, "measured": measured}) + "\n")


if __name__ == "__main__":
    main()
