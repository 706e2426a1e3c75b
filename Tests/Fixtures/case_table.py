"""The table of the fixtures' cases, and how rows get into it."""

from functools import partial

import operator_models as op

X = (0.04, -5)  # the usual input quantization
IMAGE = (1, 6, 7, 3)
ALL_VALUES = (1, 256)  # shapes in which a vector can hold every int8 value
ALL_VALUES_IMAGE = (1, 8, 8, 4)
CASES = {}


def only(rows, *names):
    return {name: rows[name] for name in names}


def add_cases(prefix, build, rows, **defaults):
    for suffix, parameters in rows.items():
        name = f"{prefix}_{suffix}"
        assert name not in CASES, name
        CASES[name] = partial(build, **{**defaults, **parameters})


def add_single(prefix, operator, rows, **defaults):
    """Cases of one operator with one input, whose shape and quantization are shape and x."""

    def build(b, shape=ALL_VALUES_IMAGE, x=X, dtype="int8", **parameters):
        b.output(*op.as_list(operator(b, b.input(shape, x, dtype), **parameters)))

    add_cases(prefix, build, rows, **defaults)
