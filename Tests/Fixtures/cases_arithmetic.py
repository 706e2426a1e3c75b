"""Comparisons, selections, and arithmetic on single elements."""

import models_arithmetic as arithmetic
from case_table import add_cases

SAME = ((3, 7), (3, 7))
SHAPES = {
    "": SAME,
    "_scalar_left": ((), (2, 5)),
    "_channels": ((2, 3, 4), (4,)),
    "_both_sides": ((2, 1, 3), (4, 1)),
    "_rank_4": ((1, 3, 1, 2), (2, 1, 4, 1)),
}
RANK_5 = {"_rank_5": ((2, 1, 2, 1, 3), (1, 2, 1, 3, 1))}
SMALL = (-2, 2)


def rows(shapes, **parameters):
    return {name.strip("_") or "plain": dict(shapes=pair, **parameters) for name, pair in shapes.items()}


def named(prefix, entries):
    return {f"{prefix}_{name}": value for name, value in entries.items()}


COMPARISONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
for index, kind in enumerate(COMPARISONS):
    shape = list(SHAPES.values())[index % len(SHAPES)]
    cases = {
        "int8_same_scale": dict(dtypes=("int8", "int8"), shapes=SAME, quantizations=[(0.05, -3)] * 2),
        "int8_two_scales": dict(dtypes=("int8", "int8"), shapes=shape, quantizations=[(0.05, -128), (0.031, 127)]),
        "int8_tiny_scale": dict(dtypes=("int8", "int8"), shapes=SAME, quantizations=[(2e-3, 5), (1.7e-3, 9)]),
        "int8_constant": dict(dtypes=("int8", "int8"), shapes=((4, 9), (1,)), quantizations=[(0.9, 0), (0.4, -7)],
                              constant=1),
        "int32": dict(dtypes=("int32", "int32"), shapes=shape, ranges=[SMALL, SMALL]),
        "int32_extremes": dict(dtypes=("int32", "int32"), shapes=SAME),
        "int32_constant": dict(dtypes=("int32", "int32"), shapes=((5, 3), ()), ranges=[SMALL, SMALL], constant=1),
        "float": dict(dtypes=("float32", "float32"), shapes=shape, quantizations=[(0.05, 0), (0.05, 0)]),
    }
    if kind in ("EQUAL", "NOT_EQUAL"):
        cases["bool"] = dict(dtypes=("bool", "bool"), shapes=((3, 1), (4,)))
    add_cases(kind.lower(), arithmetic.pointwise, {f"compared_{name}": case for name, case in cases.items()},
              kind=kind, out_dtype="bool")

for kind in ("MAXIMUM", "MINIMUM"):
    add_cases(kind.lower(), arithmetic.pointwise, {
        **named("int8", rows({**SHAPES, **RANK_5}, dtypes=("int8", "int8"), quantizations=[(0.05, -3)] * 2,
                             out=(0.05, -3))),
        "int16": dict(dtypes=("int16", "int16"), shapes=((2, 3, 4), (4,)), quantizations=[(0.05, 0)] * 2,
                      out=(0.05, 0)),
        "int32": dict(dtypes=("int32", "int32"), shapes=((2, 1, 3), (4, 1))),
        "int32_constant": dict(dtypes=("int32", "int32"), shapes=((7,), (1,)), constant=1),
        "int16_constants": dict(dtypes=("int16", "int16"), shapes=((2, 5), (5,)), quantizations=[(0.05, 0)] * 2,
                                out=(0.05, 0), constant=1),
        "float": dict(dtypes=("float32", "float32"), shapes=SAME, quantizations=[(0.05, 0)] * 2),
    }, kind=kind, options="MaximumMinimumOptions")

for kind in ("LOGICAL_AND", "LOGICAL_OR"):
    add_cases(kind.lower(), arithmetic.pointwise, rows(SHAPES, dtypes=("bool", "bool")), kind=kind)
add_cases("logical_not", arithmetic.single, {"plain": dict(shape=(17,)), "rank_4": dict(shape=(2, 1, 3, 2))},
          kind="LOGICAL_NOT", dtype="bool")

for dtype, quantization in (("int8", (0.05, -3)), ("int16", (0.01, 0)), ("float32", (0.05, 0))):
    add_cases("select_v2", arithmetic.pointwise, named(dtype, {
        "same": dict(shapes=((3, 5), (3, 5), (3, 5))),
        "scalar_condition": dict(shapes=((), (3, 5), (3, 5))),
        "one_alternative": dict(shapes=((3, 5), (), (3, 5))),
        "rows": dict(shapes=((3, 1), (3, 5), (1, 5))),
        "rank_5": dict(shapes=((2, 1, 1, 2, 1), (1, 3, 1, 1, 2), (2, 1, 2, 1, 1))),
        "constant": dict(shapes=((4, 3), (4, 3), (1,)), constant=2),
    }), kind="SELECT_V2", dtypes=("bool", dtype, dtype), quantizations=[None, quantization, quantization],
        out=None if dtype == "float32" else quantization)

# ADD, SUB and MUL of wider integers.
for kind in ("ADD", "SUB", "MUL"):
    options = kind.capitalize() + "Options"
    product = kind == "MUL"
    add_cases(kind.lower(), arithmetic.pointwise, {
        **named("int16", rows({**SHAPES, **RANK_5}, dtypes=("int16", "int16"), quantizations=[(0.01, 0), (0.013, 0)],
                              out=(3.0 if product else 0.02, 0))),
        "int16_same_scale": dict(dtypes=("int16", "int16"), shapes=SAME, quantizations=[(0.01, 0)] * 2, out=(0.01, 0)),
        "int16_saturating": dict(dtypes=("int16", "int16"), shapes=SAME, quantizations=[(0.01, 0), (0.017, 0)],
                                 out=(0.006, 0)),
        "int16_far_scales": dict(dtypes=("int16", "int16"), shapes=SAME, quantizations=[(1e-4, 0), (1.7, 0)],
                                 out=(2.0, 0)),
        "int16_constant": dict(dtypes=("int16", "int16"), shapes=((3, 4), (4,)), quantizations=[(0.01, 0)] * 2,
                               out=(0.9 if product else 0.02, 0), constant=1),
        "int16_constant_scalar": dict(dtypes=("int16", "int16"), shapes=((), (3, 4)), quantizations=[(0.01, 0)] * 2,
                                      out=(0.9 if product else 0.02, 0), constant=0),
        **{f"int16_{name.lower()}": dict(dtypes=("int16", "int16"), shapes=SAME, quantizations=[(0.001, 0)] * 2,
                                         out=(0.0015, 0), fusedActivationFunction=name)
           for name in ("RELU", "RELU6", "RELU_N1_TO_1")},
        **named("int32", rows({**SHAPES, **RANK_5}, dtypes=("int32", "int32"), ranges=[(-9000, 9000)] * 2)),
        "int32_constant": dict(dtypes=("int32", "int32"), shapes=((5,), ()), ranges=[(-9000, 9000)] * 2, constant=1),
        "int32_extremes": dict(dtypes=("int32", "int32"), shapes=SAME),
        **{f"int32_{name.lower()}": dict(dtypes=("int32", "int32"), shapes=SAME, ranges=[(-9, 9)] * 2,
                                         fusedActivationFunction=name)
           for name in ("RELU", "RELU6", "RELU_N1_TO_1")},
    }, kind=kind, options=options)

add_cases("div", arithmetic.pointwise, {
    **named("int8", rows({**SHAPES, **RANK_5}, dtypes=("int8", "int8"), quantizations=[(0.05, 3), (0.05, -128)],
                         out=(0.3, -4), ranges=[(30, 127), (-125, 127)])),
    "int8_negative": dict(dtypes=("int8", "int8"), shapes=SAME, quantizations=[(0.4, 100), (0.05, 127)],
                          out=(0.9, 10), ranges=[(-128, 60), (-128, 120)]),
    "int8_relu6": dict(dtypes=("int8", "int8"), shapes=SAME, quantizations=[(0.4, -128), (0.05, -128)],
                       out=(0.1, -128), ranges=[(-60, 127), (-120, 127)], fusedActivationFunction="RELU6"),
    "int32": dict(dtypes=("int32", "int32"), shapes=SAME, ranges=[(-10000, 10000), (1, 50)]),
    "int32_negative": dict(dtypes=("int32", "int32"), shapes=((2, 1, 3), (4, 1)), ranges=[(-999, 999), (-50, -1)]),
    "int32_constant": dict(dtypes=("int32", "int32"), shapes=((9,), ()), ranges=[None, (7, 9)], constant=1),
    "int32_relu_n1_to_1": dict(dtypes=("int32", "int32"), shapes=SAME, ranges=[(-99, 99), (1, 50)],
                               fusedActivationFunction="RELU_N1_TO_1"),
    "float": dict(dtypes=("float32", "float32"), shapes=((4, 5), (5,)), quantizations=[(0.05, 0)] * 2,
                  ranges=[None, (1, 90)]),
}, kind="DIV", options="DivOptions")
for kind in ("FLOOR_DIV", "FLOOR_MOD"):
    add_cases(kind.lower(), arithmetic.pointwise, {
        "float": dict(dtypes=("float32", "float32"), shapes=SAME, ranges=[None, (1, 90)]),
        "float_negative": dict(dtypes=("float32", "float32"), shapes=((2, 1, 5), (4, 1)), ranges=[None, (-90, -1)]),
    }, kind=kind, quantizations=[(0.05, 0), (0.07, 0)])
add_cases("squared_difference", arithmetic.pointwise, {
    **named("int8", rows({**SHAPES, **RANK_5}, dtypes=("int8", "int8"), quantizations=[(0.05, 3), (0.031, -128)],
                         out=(0.3, -100))),
    "int8_fine_output": dict(dtypes=("int8", "int8"), shapes=SAME, quantizations=[(0.05, 3)] * 2, out=(0.01, -128)),
    "int16": dict(dtypes=("int16", "int16"), shapes=SAME, quantizations=[(0.01, 0), (0.013, 0)], out=(9.0, 0)),
    "int16_channels": dict(dtypes=("int16", "int16"), shapes=((2, 3, 4), (4,)), quantizations=[(0.01, 0)] * 2,
                           out=(3.0, 0), constant=1),
    "int32": dict(dtypes=("int32", "int32"), shapes=((2, 1, 3), (4, 1)), ranges=[(-9000, 9000)] * 2),
    "float": dict(dtypes=("float32", "float32"), shapes=SAME, quantizations=[(0.05, 0)] * 2),
}, kind="SQUARED_DIFFERENCE")
for dtype, quantization in (("int8", (0.05, -9)), ("float32", (0.05, 0))):
    add_cases("add_n", arithmetic.pointwise, named(dtype, {
        "two": dict(dtypes=(dtype,) * 2, shapes=((3, 7),) * 2),
        "three": dict(dtypes=(dtype,) * 3, shapes=((2, 1, 3),) * 3),
        "five": dict(dtypes=(dtype,) * 5, shapes=((4,),) * 5),
        "constant": dict(dtypes=(dtype,) * 3, shapes=((2, 2),) * 3, constant=1),
    }), kind="ADD_N", quantizations=[quantization] * 5, out=None if dtype == "float32" else (0.13, 20))
add_cases("prelu", arithmetic.pointwise, {
    **{f"{dtype}_{name}": dict(dtypes=(dtype, "int8"), shapes=shapes, quantizations=[x, (0.02, alpha)], out=out,
                               out_dtype=dtype)
       for dtype, x, out in (("int8", (0.05, -3), (0.04, 5)), ("int16", (0.003, 0), (0.004, 0)))
       for name, shapes, alpha in (("channels", ((2, 3, 4), (4,)), 4), ("scalar", ((3, 9), ()), -128),
                                   ("same", ((2, 5), (2, 5)), 127), ("rank_4", ((1, 3, 2, 2), (1, 1, 2)), 0))},
    "int8_constant": dict(dtypes=("int8", "int8"), shapes=((4, 6), (6,)), quantizations=[(0.05, 127), (0.01, 3)],
                          out=(0.02, -128), constant=1),
    "float": dict(dtypes=("float32", "float32"), shapes=((4, 5), (5,)), quantizations=[(0.05, 0)] * 2),
}, kind="PRELU")

# Single operands.

FULL = (1, 256)
ODD = (2, 1, 3, 2)
WIDE = (2, 31)
add_cases("abs", arithmetic.single, {
    "int8": dict(dtype="int8", shape=FULL, x=(0.05, -3), out=(0.05, -3)),
    "int8_other_scale": dict(dtype="int8", shape=FULL, x=(0.05, 127), out=(0.11, -128)),
    "int8_finer": dict(dtype="int8", shape=FULL, x=(0.05, -128), out=(0.011, 9)),
    "int8_rank_4": dict(dtype="int8", shape=ODD, x=(0.05, 0), out=(0.05, -128)),
    "int16": dict(dtype="int16", shape=WIDE, x=(0.05, 0), out=(0.05, 0)),
    "int16_other_scale": dict(dtype="int16", shape=WIDE, x=(0.05, 0), out=(0.031, 0)),
    "int16_plain": dict(dtype="int16", shape=WIDE),
    "float": dict(dtype="float32", shape=ODD, x=(0.05, 0)),
}, kind="ABS")
add_cases("rsqrt", arithmetic.single, {
    "int8": dict(dtype="int8", shape=FULL, x=(0.05, -128), out=(0.04, -128)),
    "int8_finer": dict(dtype="int8", shape=FULL, x=(0.4, -128), out=(0.003, 9)),
    "int8_coarse": dict(dtype="int8", shape=FULL, x=(1e-3, -128), out=(0.4, -100)),
    "int16": dict(dtype="int16", shape=WIDE, x=(0.01, 0), out=(0.001, 0), limits=(0, 32767)),
    "int16_small": dict(dtype="int16", shape=WIDE, x=(0.01, 0), out=(0.0004, 0), limits=(0, 40)),
    "float": dict(dtype="float32", shape=ODD, x=(0.05, 0), limits=(1, 99)),
}, kind="RSQRT")
add_cases("elu", arithmetic.single, {
    "int8": dict(dtype="int8", shape=FULL, x=(0.05, -3), out=(0.04, -100)),
    "int8_high": dict(dtype="int8", shape=FULL, x=(0.01, 127), out=(0.005, 127)),
    "int8_coarse": dict(dtype="int8", shape=FULL, x=(0.3, 0), out=(0.25, -128)),
    "int8_rank_4": dict(dtype="int8", shape=ODD, x=(0.05, 0), out=(0.05, 0)),
    "float": dict(dtype="float32", shape=ODD, x=(0.05, 0)),
}, kind="ELU")
add_cases("real", arithmetic.real_chain, {
    **{kind.lower(): dict(kinds=[kind], x=(0.05, -3), out=(0.05, 4), limits=limits)
       for kind, limits in (("NEG", None), ("SQUARE", None), ("SQRT", (-3, 127)), ("EXP", (-128, 60)),
                            ("LOG", (-2, 127)), ("SIN", None), ("COS", None), ("FLOOR", None), ("CEIL", None),
                            ("ROUND", None), ("ABS", None), ("RSQRT", (-2, 127)), ("ELU", None))},
    "exp_fine": dict(kinds=["EXP"], x=(0.01, 3), out=(0.02, -128)),
    "round_ties": dict(kinds=["ROUND"], x=(0.5, 0), out=(1.0, 0)),
    "sin_far": dict(kinds=["SIN"], x=(7.3, -20), out=(1 / 128, 0)),
    "chain_exp_sqrt_log": dict(kinds=["EXP", "SQRT", "LOG"], x=(0.05, 0), out=(0.03, 0)),
    "chain_square_rsqrt": dict(kinds=["SQUARE", "RSQRT"], x=(0.05, -128), out=(0.1, -128), limits=(-120, 127)),
    "floor_div": dict(kinds=["FLOOR_DIV"], x=(0.05, -3), out=(1.0, 0), constant=0.75),
    "floor_mod": dict(kinds=["FLOOR_MOD"], x=(0.05, -3), out=(0.01, 0), constant=-0.75),
    "div": dict(kinds=["DIV"], x=(0.05, -3), out=(0.03, 0), constant=3.3),
    "maximum": dict(kinds=["MAXIMUM"], x=(0.05, -3), out=(0.05, 0), constant=1.3),
    "squared_difference": dict(kinds=["SQUARED_DIFFERENCE"], x=(0.05, -3), out=(0.3, -100), constant=1.3),
})
for kind in ("NEG", "SQUARE", "FLOOR", "CEIL", "ROUND", "SQRT"):
    add_cases(kind.lower(), arithmetic.single, {"float": {}}, kind=kind, dtype="float32", shape=ODD, x=(0.05, 0),
              limits=(1, 99) if kind == "SQRT" else None)

# int16 and int32 of operators that also know bytes.
add_cases("relu", arithmetic.single, {
    "int16": dict(x=(0.05, 0), out=(0.05, 0)), "int16_finer": dict(x=(0.05, 0), out=(0.011, 0)),
    "int16_coarser": dict(x=(0.05, 0), out=(0.31, 0)),
}, kind="RELU", dtype="int16", shape=WIDE)
add_cases("relu6", arithmetic.single, {
    "int16": dict(x=(0.001, 0), out=(0.001, 0)), "int16_coarse": dict(x=(0.7, 0), out=(0.7, 0)),
    "int16_below_six": dict(x=(1e-5, 0), out=(1e-5, 0)),
}, kind="RELU6", dtype="int16", shape=WIDE)
add_cases("leaky_relu", arithmetic.single, {
    "int16": dict(alpha=0.1, x=(0.05, 0), out=(0.05, 0)), "int16_above_one": dict(alpha=1.7, x=(0.05, 0), out=(0.04, 0)),
    "int16_negative": dict(alpha=-0.3, x=(0.05, 0), out=(0.07, 0)),
    "int16_zero_points": dict(alpha=0.3, x=(0.05, -900), out=(0.07, 1200)),
}, kind="LEAKY_RELU", dtype="int16", shape=WIDE, options="LeakyReluOptions")
for kind in ("LOGISTIC", "TANH"):
    add_cases(kind.lower(), arithmetic.single, {
        "int16_power_of_two": dict(x=(1 / 4096, 0)),
        "int16_double_power_of_two": dict(x=(1 / 2048, 0)),
        "int16_general": dict(x=(0.00043, 0)),
        "int16_fine": dict(x=(1e-5, 0)),
        "int16_coarse": dict(x=(0.02, 0)),
        "int16_coarsest": dict(x=(1.9, 0), limits=(-40, 40)),
        "int16_odd_shape": dict(x=(1 / 4096, 0), shape=(3, 1, 7)),
    }, kind=kind, dtype="int16", shape=(4, 64), out=arithmetic.UNIT_16)
add_cases("quantize", arithmetic.single, {
    f"{source}_to_{target}_{name}": dict(dtype=source, out_dtype=target, x=x, out=out, limits=limits)
    for source, target, limits in (
        ("int8", "int16", None), ("int8", "int32", None), ("int16", "int8", None), ("int16", "int16", None),
        ("int16", "int32", None), ("int32", "int8", (-40000, 40000)), ("int32", "int16", (-4000000, 4000000)))
    for name, x, out in (("finer", (0.05, 5), (0.013, -7)), ("coarser", (0.003, -9), (0.4, 20)))
}, kind="QUANTIZE", shape=WIDE, options="QuantizeOptions")
add_cases("quantize", arithmetic.single, {
    "float_to_int16": dict(dtype="float32", out_dtype="int16", x=(0.05, 0), out=(0.05, 0)),
}, kind="QUANTIZE", shape=WIDE, options="QuantizeOptions")
add_cases("dequantize", arithmetic.single, {
    "int16": dict(dtype="int16", out_dtype="float32", x=(0.0007, 0)),
}, kind="DEQUANTIZE", shape=WIDE, options="DequantizeOptions")

# Ratios of scales whose last bits decide.
RATIO = dict(x=(0.9, 0), out=(0.08, 0))
for kind in ("RELU", "ABS"):
    add_cases(kind.lower(), arithmetic.single, {"ratio_bits": RATIO}, kind=kind, dtype="int8", shape=FULL)
add_cases("leaky_relu", arithmetic.single, {
    "ratio_bits": dict(alpha=1.7, x=(0.05, 0), out=(0.04, 0)),
    "identity_bits": dict(alpha=0.5, **RATIO),
}, kind="LEAKY_RELU", dtype="int8", shape=FULL, options="LeakyReluOptions")
add_cases("sub", arithmetic.pointwise, {
    "ratio_bits": dict(quantizations=[(0.3093, 0), (0.1553, 0)], out=(0.1014, 0), ranges=[None, (-72, -72)]),
}, kind="SUB", dtypes=("int8", "int8"), shapes=(FULL, (1,)), constant=1, options="SubOptions")
add_cases("rsqrt", arithmetic.single, {
    "int16_ratio_bits": dict(x=(0.0862, 0), out=(0.000405, 0), limits=(1, 60)),
}, kind="RSQRT", dtype="int16", shape=WIDE)
