"""Cases of operators for which only TensorFlow Lite has kernels, and TFLM none. What they answer is computed here, as
TensorFlow Lite's reference kernels do it.
"""

from functools import partial

import numpy as np

import models_axes as axes
from case_table import ALL_VALUES, X, add_cases


def top_k(b, count, shape, x=X, dtype="int8"):
    data = b.input(shape, x, dtype)
    values = b.tensor("values", [*shape[:-1], count], x, dtype)
    indices = b.tensor("indices", values.shape, None, "int32")
    b.output(*b.operator("TOPK_V2", [data, b.constant(count)], [values, indices], "TopKV2Options"))

    def answer(values):
        order = np.argsort(-values.astype(np.int64), axis=-1, kind="stable")[..., :count]
        return [np.take_along_axis(values, order, -1), order.astype(np.int32)]

    b.reference = answer


def half_away(values):
    """Rounded to the nearest integer, and ties away from zero."""
    return np.trunc(values + np.copysign(values.dtype.type(0.5), values))


def mapped(b, kind, function, x=X, out=X):
    """A table that is computed in single precision; function gets the real values and the lowest one of the output."""
    data = b.input(ALL_VALUES, x)
    options = "ExpOptions" if kind == "EXP" else None
    b.output(b.operator(kind, data, b.tensor(kind.lower(), ALL_VALUES, out), options))
    (scale, zero), (out_scale, out_zero) = (map(np.float32, pair) for pair in (x, out))

    def answer(values):
        lowest = np.float32(-128 - out_zero) * out_scale
        y = function(scale * (values.astype(np.float32) - zero), lowest)
        # In double precision the half below would be another number for large y; a float has no fraction there.
        steps = half_away((y * (np.float32(1) / out_scale)).astype(np.float64)) + out_zero
        return [np.clip(steps, -128, 127).astype(np.int8)]

    b.reference = answer


def exponential(x, lowest):
    return np.exp(x.astype(np.float64)).astype(np.float32)


def logarithm(x, lowest):
    return np.where(x > 0, np.log(np.maximum(x, 1e-30).astype(np.float64)).astype(np.float32), lowest)


def resize(b, shape, size, x=(0.01, 0), align_corners=False, half_pixel_centers=False):
    b.output(axes.resize_bilinear(b, b.input(shape, x, "int16"), size, align_corners, half_pixel_centers))

    def positions(source, target):
        """The pixels around each position, with the distances from the first in 1024ths."""
        spans = (source - 1, target - 1) if align_corners and target > 1 else (source, target)
        step = (1024 * spans[0] + spans[1] // 2) // spans[1]
        place = np.arange(target, dtype=np.int64) * step + (step // 2 - 512 if half_pixel_centers else 0)
        first = np.maximum(place, 0) // 1024
        return first, np.minimum((place + 1023) // 1024, source - 1), place - 1024 * first

    def answer(values):
        image = values.astype(np.int64)
        (top, bottom, down), (left, right, along) = (positions(shape[axis], size[axis - 1]) for axis in (1, 2))
        down, along = down[:, None, None], along[None, :, None]
        total = (image[:, top][:, :, left] * (1024 - down) * (1024 - along)
                 + image[:, bottom][:, :, left] * down * (1024 - along)
                 + image[:, top][:, :, right] * (1024 - down) * along
                 + image[:, bottom][:, :, right] * down * along)
        return [np.trunc((total + np.where(total > 0, 1 << 19, -(1 << 19))) / (1 << 20)).astype(np.int16)]

    b.reference = answer


add_cases("top_k", top_k, {
    **{f"{dtype}_{name}": dict(dtype=dtype, x=x, **row)
       for dtype, x in (("int8", X), ("int16", (0.001, 0)), ("int32", None))
       for name, row in (("three", dict(shape=(4, 12), count=3)), ("all", dict(shape=(2, 3, 7), count=7)),
                         ("one", dict(shape=(5, 6), count=1)))},
    "int8_rank_1": dict(shape=(40,), count=8), "int8_long": dict(shape=(2, 300), count=5),
    "int8_rank_4": dict(shape=(2, 1, 3, 9), count=4),
})
add_cases("exp_int8", partial(mapped, kind="EXP", function=exponential), {
    "small": dict(x=(0.03, 20), out=(0.1, -128)), "falling": dict(x=(0.02, 127), out=(1 / 256, -128)),
    "saturating": dict(x=(0.1, -20), out=(0.5, -100)), "fine": dict(x=(0.004, 0), out=(0.01, -5)),
    "coarse": dict(x=(0.13, -10), out=(3.7, -128)),
})
add_cases("log_int8", partial(mapped, kind="LOG", function=logarithm), {
    "positive": dict(x=(0.05, -128), out=(0.03, 10)), "half": dict(x=(0.05, 3), out=(0.03, -20)),
    "negative": dict(x=(0.02, 127), out=(0.1, 0)), "fine": dict(x=(0.0003, -90), out=(0.07, 127)),
    "saturating": dict(x=(3.0, -128), out=(0.01, -40)), "of_softplus": dict(x=(0.31, -128), out=(0.017, -128)),
})
add_cases("resize_bilinear_int16", resize, {
    **{f"{name}{suffix}": dict(shape=(1, *source, 3), size=target, **flags)
       for suffix, flags in (("", {}), ("_corners", dict(align_corners=True)), ("_centers", dict(half_pixel_centers=True)))
       for name, source, target in (("doubled", (3, 4), (6, 8)), ("odd", (3, 5), (7, 4)), ("smaller", (7, 6), (3, 2)))},
    "from_one_pixel": dict(shape=(1, 1, 1, 4), size=(3, 5)),
    "to_one_pixel": dict(shape=(1, 5, 3, 2), size=(1, 1), align_corners=True),
    "batch": dict(shape=(2, 2, 3, 2), size=(5, 4), half_pixel_centers=True),
})
