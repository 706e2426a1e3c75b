#!/usr/bin/env python3
"""Writes models that can't be compiled: unsupported/<case>.tflite, for the messages about all that is in the way."""

from pathlib import Path

import cases_control as control
import models_rearrangement as move
import operator_models as op

FOLDER = Path(__file__).resolve().parent / "unsupported"
X = (0.04, -5)


def elementwise(b, kind, x, dtype=None, quantization=None, options=None):
    y = b.tensor(kind.lower(), x.shape, quantization or (None if dtype else x.quantization), dtype or x.dtype)
    return b.operator(kind, x, y, options)


def operators(b):
    """Operators of several kinds that are not supported, with supported ones before, between and behind them."""
    x = op.conv(b, b.input((1, 8, 8, 3), X))
    x = elementwise(b, "GELU", x, options="GeluOptions")
    x = op.conv(b, x, filters=2)
    x = b.operator("FlexErf", x, b.tensor("erf", x.shape, X))
    x = elementwise(b, "GELU", x, options="GeluOptions")
    x = move.reshape(b, x, [1, 128])
    x = op.fully_connected(b, x, units=8, activation="TANH")
    sizes, order = b.tensor("values", [1, 3], X), b.tensor("indices", [1, 3], None, "int32")
    b.operator("UNIQUE", x, [sizes, order], "UniqueOptions", idxOutType=op.schema.TensorType.INT32)
    b.output(op.softmax(b, sizes), order)


def types(b):
    """Element types that are not supported: of inputs, of constants, and between operators."""
    audio, words = b.input((1, 16), None, "float32"), b.input((1,), None, "string")
    half = elementwise(b, "CAST", audio, "float16", options="CastOptions")
    half = elementwise(b, "RELU", half, "float16")
    spectrum = b.tensor("spectrum", (1, 9), None, "complex64")
    b.operator("RFFT2D", [audio, b.constant([1, 16])], spectrum, "Rfft2dOptions")
    b.operator("COMPLEX_ABS", spectrum, b.tensor("magnitude", (1, 9), None, "float32"))
    number = b.operator("HASHTABLE_LOOKUP", [words, words, words], b.tensor("number", (1,), None, "int32"))
    count = b.constant([3], "uint32")
    total = b.operator("ADD", [number, count], b.tensor("total", (1,), None, "int32"), "AddOptions")
    b.output(elementwise(b, "CAST", half, "float32", options="CastOptions"), total)


def loops(b):
    """A condition and a loop that depend on the input, with unsupported operators inside of them."""
    x, limit = b.input((2, 6), X), b.input((1,), None, "int32")
    test = control.compare(b, "LESS", control.scalar(b, 2), limit)
    x = control.if_(b, test, [x], control.like(b, x), control.scaled,
                    lambda b, x: elementwise(b, "GELU", x, options="GeluOptions"))
    counter, after, _ = control.while_(
        b, [control.scalar(b, 0), x, limit], lambda b, i, x, limit: control.compare(b, "LESS", i, limit),
        lambda b, i, x, limit: [control.add_numbers(b, i, control.scalar(b, 1)),
                                b.operator("Mystery", x, control.like(b, x)), limit])
    b.output(after, counter)


def floats(b):
    """An int8 network with operators between that compute in floats, and others that no kernel computes."""
    x = op.conv(b, b.input((1, 4, 4, 2), X))
    real = op.dequantize(b, x)
    real = elementwise(b, "EXP", b.operator("SUM", [real, b.constant([3])], b.tensor("sum", (1, 4, 4), None, "float32"),
                                            "ReducerOptions"), options="ExpOptions")
    total = b.operator("SUM", [real, b.constant([2])], b.tensor("total", (1, 4), None, "float32"), "ReducerOptions")
    wide = b.operator("CAST", b.input((1, 4), None, "int32"), b.tensor("wide", (1, 4), None, "int64"), "CastOptions")
    b.output(op.quantize(b, total, X), wide)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for build in (operators, types, loops, floats):
        b = op.ModelBuilder(build.__name__)
        build(b)
        (FOLDER / f"{build.__name__}.tflite").write_bytes(b.pack())
