"""Operators over axes and windows, beside those in operator_cases."""

import models_axes as axes
from case_table import add_single

IMAGE = (1, 4, 5, 3)
WIDE = dict(x=(0.01, 0), dtype="int16")
AXES = {
    "last": dict(shape=(3, 7), axes=[1]), "first": dict(shape=(5, 4), axes=[0]),
    "negative": dict(shape=(2, 3, 4), axes=[-2]), "two": dict(shape=IMAGE, axes=[1, 2]),
    "two_kept": dict(shape=IMAGE, axes=[1, 2], keep_dims=True), "all": dict(shape=(2, 3, 2), axes=[0, 1, 2]),
    "outer_and_inner": dict(shape=(2, 3, 4), axes=[0, 2]), "size_1": dict(shape=(1, 6, 1), axes=[0, 2]),
    "repeated": dict(shape=(3, 4), axes=[1, -1]), "rank_5": dict(shape=(2, 1, 3, 2, 2), axes=[1, 3]),
}


def reduce_cases(prefix, kind, rows, **parameters):
    add_single(prefix, axes.reduction, {name: {**row, **parameters} for name, row in rows.items()}, kind=kind)


def named(prefix, rows):
    return {f"{prefix}_{name}": row for name, row in rows.items()}


reduce_cases("sum", "SUM", named("int8", AXES), out=(0.3, 5))
reduce_cases("sum", "SUM", {
    "int8_low": dict(shape=(4, 9), axes=[1], x=(0.05, -128), out=(0.7, -128)),
    "int8_high": dict(shape=(4, 9), axes=[0], x=(0.05, 127), out=(0.04, 127)),
    "int8_finer": dict(shape=(4, 9), axes=[0], x=(0.05, 3), out=(0.001, 0)),
})
reduce_cases("sum", "SUM", named("int16", {name: AXES[name] for name in ("last", "two_kept", "all", "negative")}),
             out=(0.09, 0), **WIDE)
reduce_cases("sum", "SUM", {"float": dict(shape=IMAGE, axes=[1, 2], dtype="float32")})
reduce_cases("mean", "MEAN", named("int16", AXES), out=(0.013, 0), **WIDE)
reduce_cases("mean", "MEAN", {
    "int16_zero_points": dict(shape=(4, 9), axes=[1], x=(0.01, 300), dtype="int16", out=(0.02, -77)),
})
for kind in ("REDUCE_MAX", "REDUCE_MIN"):
    reduce_cases(kind.lower(), kind, named("int8", AXES))
    reduce_cases(kind.lower(), kind, {"float": dict(shape=IMAGE, axes=[1, 2], dtype="float32")})
reduce_cases("reduce_all", "REDUCE_ALL", named("bool", AXES), x=None, dtype="bool")

add_single("arg_min", axes.arg_min, {
    "last": dict(shape=(26, 10), axis=1), "one_row": dict(shape=(1, 10), axis=-1),
    "axis_0": dict(shape=(32, 8), axis=0), "axis_minus_2": dict(shape=(2, 9, 4), axis=-2),
    "rank_1": dict(shape=(256,), axis=0),
})
add_single("cumsum", axes.cumsum, {
    "last": dict(shape=(3, 9), axis=1), "first": dict(shape=(6, 4), axis=0),
    "negative_axis": dict(shape=(2, 5, 3), axis=-2), "exclusive": dict(shape=(3, 9), axis=1, exclusive=True),
    "reverse": dict(shape=(3, 9), axis=1, reverse=True),
    "exclusive_reverse": dict(shape=(2, 5, 3), axis=1, exclusive=True, reverse=True),
    "low": dict(shape=(3, 9), axis=1, x=(0.04, -128), out=(0.2, -128)),
    "high": dict(shape=(3, 9), axis=1, x=(0.04, 127), out=(0.3, 127)),
    "rank_1": dict(shape=(17,), axis=0), "rank_4": dict(shape=(2, 1, 3, 2), axis=2),
    "finer": dict(shape=(3, 9), axis=1, out=(0.003, 0)),
    "float": dict(shape=(2, 5, 3), axis=1, dtype="float32"),
    "float_exclusive_reverse": dict(shape=(2, 5, 3), axis=1, dtype="float32", exclusive=True, reverse=True),
}, out=(0.13, 7))
add_single("l2_normalization", axes.mapped, {
    "rows": dict(shape=(5, 8)), "low": dict(shape=(5, 8), x=(0.04, -128)), "high": dict(shape=(5, 8), x=(0.04, 127)),
    "depth_1": dict(shape=(9, 1)), "long": dict(shape=(2, 130)), "rank_1": dict(shape=(7,)),
    "rank_4": dict(shape=(1, 2, 3, 5)), "float": dict(shape=(4, 5), dtype="float32"),
}, kind="L2_NORMALIZATION", options="L2NormOptions", out=(1 / 128, 0), fusedActivationFunction=0)
add_single("log_softmax", axes.mapped, {
    "rows": dict(shape=(5, 8)), "fine": dict(shape=(4, 9), x=(0.001, 0)), "coarse": dict(shape=(4, 9), x=(0.9, 3)),
    "coarsest": dict(shape=(4, 9), x=(14.0, 3)), "depth_1": dict(shape=(6, 1)), "long": dict(shape=(2, 160)),
    "full": dict(shape=(1, 256), x=(0.05, 0)), "rank_1": dict(shape=(11,)), "rank_4": dict(shape=(1, 2, 3, 5)),
}, kind="LOG_SOFTMAX", options="LogSoftmaxOptions", out=(16 / 256, 127))
add_single("resize_bilinear", axes.resize_bilinear, {
    **{f"{dtype}_{name}{suffix}": dict(shape=(1, *source, depth), size=target, dtype=dtype, **flags)
       for dtype, depth in (("int8", 3), ("float32", 1))
       for suffix, flags in (("", {}), ("_corners", dict(align_corners=True)),
                             ("_centers", dict(half_pixel_centers=True)))
       for name, source, target in (("doubled", (3, 4), (6, 8)), ("odd", (3, 5), (7, 4)), ("smaller", (7, 6), (3, 2)))},
    "int8_from_one_pixel": dict(shape=(1, 1, 1, 4), size=(3, 5)),
    "int8_to_one_pixel": dict(shape=(1, 5, 3, 2), size=(1, 1), align_corners=True),
    "int8_batch": dict(shape=(2, 2, 3, 2), size=(5, 4), half_pixel_centers=True),
    "int8_same": dict(shape=(1, 4, 4, 2), size=(4, 4)),
})
add_single("l2_pool_2d", axes.l2_pool, {
    "float": dict(), "float_same": dict(padding="SAME", window=(3, 3)),
    "float_relu6": dict(activation="RELU6", stride=(1, 2)),
}, shape=(1, 5, 6, 2), dtype="float32")
add_single("softmax", axes.softmax, {
    **{f"int8_to_int16_{name}": dict(out=(1 / 65536, -32768), out_dtype="int16", **row)
       for name, row in dict(
           rows=dict(shape=(5, 8)), fine=dict(shape=(4, 9), x=(0.001, 0)), coarse=dict(shape=(4, 9), x=(0.9, 3)),
           depth_1=dict(shape=(6, 1)), full=dict(shape=(1, 256), x=(0.05, 0)), beta=dict(shape=(5, 8), beta=0.5)).items()},
    **{f"int16_{name}": dict(out=(1 / 32768, 0), out_dtype="int16", dtype="int16", **row)
       for name, row in dict(
           rows=dict(shape=(5, 8), x=(0.0005, 0)), fine=dict(shape=(4, 9), x=(1e-5, 0)),
           coarse=dict(shape=(4, 9), x=(0.01, 0)), depth_1=dict(shape=(6, 1), x=(0.0005, 0)),
           long=dict(shape=(1, 300), x=(0.0002, 0)), beta=dict(shape=(2, 3, 5), x=(0.0005, 0), beta=2.5)).items()},
})
