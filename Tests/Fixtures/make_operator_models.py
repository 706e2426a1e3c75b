#!/usr/bin/env python3
"""Records the operator fixtures: tiny int8 models and what TFLM answers to them.

Every case is a model of one operator, or a chain of a few, written straight as
a FlatBuffer. TensorFlow Lite Micro's interpreter runs it on eight input
vectors, and the folder operators/<case>/ beside this script gets model.tflite,
input.npy and output.npy (input0.npy, input1.npy, ... where there are several).
The first axis of an .npy file counts the vectors; the tensor's own shape, with
its batch dimension, follows.

operator_cases.py lists the cases, operator_models.py writes the models.

Needs the PyPI package tflite_micro alone, which brings numpy, flatbuffers and
the schema's object API:

    pip install tflite_micro
    python make_operator_models.py [words that a case's name must contain]

Each case runs in a process of its own, as TFLM aborts on some models. A case
that TFLM refuses is printed with TFLM's reason and leaves no folder. Cases of
uint8, for which TFLM has no kernels, compute their answers themselves.
The result depends on nothing but the cases listed: random numbers are seeded by
the case's name, so a case can be added or changed without moving another.
"""

import math
import multiprocessing
import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from tflite_micro import runtime

from operator_cases import CASES
from operator_models import ModelBuilder

OUTPUT_FOLDER = Path(__file__).resolve().parent / "operators"
VECTOR_COUNT = 8
ARENA_BYTES = 1 << 20


def input_vectors(b, tensor, position):
    """Zero points, minima, maxima, a ramp, alternating extremes, then random ones.

    Inputs after a model's first one get other ramps and the opposite alternation,
    so that a binary operator meets many pairs of values. Values of a float input
    lie around the quantized values it is made for, half of its ramp on rounding ties.
    """
    scale, zero_point = tensor.quantization or (1, 0)
    low, high = tensor.range or {
        "int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "int32": (-2**31, 2**31 - 1),
        "bool": (0, 1), "float32": (-140, 140)}[tensor.dtype]
    count = math.prod(tensor.shape)
    positions = np.arange(count)
    if tensor.dtype == "float32":
        ramp = positions % 560 / 2 + low
        noise = b.random.uniform(low, high, (3, count))
    else:
        # Steps that are odd reach every value of a type; those of wide types are large.
        step = (1, 95, 151)[position % 3] * max(1, (high - low + 1) // 256 | 1)
        ramp = (positions * step + position) % (high - low + 1) + low
        noise = b.random.randint(low, high + 1, (3, count), dtype=np.int64 if high >= 2**31 - 1 else int)
    constants = [np.full(count, value) for value in (min(max(zero_point, low), high), low, high)]
    alternating = np.where((positions + position) % 2, high, low)
    vectors = np.stack([*constants, ramp, alternating, *noise])
    if tensor.dtype == "float32":
        vectors = (vectors - zero_point) * scale
    return vectors.astype(tensor.dtype).reshape([VECTOR_COUNT, *tensor.shape])


def save(folder, stem, arrays):
    for number, array in enumerate(arrays):
        path = folder / (f"{stem}.npy" if len(arrays) == 1 else f"{stem}{number}.npy")
        with open(path, "wb") as file:
            np.lib.format.write_array(file, np.ascontiguousarray(array), version=(1, 0))


def run(interpreter, count, *inputs):
    """The count outputs that TFLM answers to one vector."""
    for index, values in enumerate(inputs):
        interpreter.set_input(values, index)
    interpreter.invoke()
    return [np.array(interpreter.get_output(index)) for index in range(count)]


def record(name, build, error_log):
    """Builds one case, runs it and writes its folder (in a process of its own)."""
    for stream in (1, 2):
        os.dup2(error_log.fileno(), stream)
    b = ModelBuilder(name)
    build(b)
    model = b.pack()
    answer = b.reference or partial(
        run, runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES), len(b.outputs))
    inputs = [input_vectors(b, tensor, position) for position, tensor in enumerate(b.inputs)]
    outputs = [[] for _ in b.outputs]
    for vector in range(VECTOR_COUNT):
        for values, output in zip(outputs, answer(*(values[vector] for values in inputs))):
            values.append(output)
    for values, tensor in zip(outputs, b.outputs):
        assert list(values[0].shape) == tensor.shape, (values[0].shape, tensor.shape)
        assert values[0].dtype == tensor.dtype
    folder = OUTPUT_FOLDER / name
    folder.mkdir(parents=True)
    (folder / "model.tflite").write_bytes(model)
    save(folder, "input", inputs)
    save(folder, "output", [np.stack(values) for values in outputs])


def main(words):
    processes = multiprocessing.get_context("fork")
    chosen = {name: build for name, build in CASES.items()
              if not words or any(word in name for word in words)}
    if not words:
        shutil.rmtree(OUTPUT_FOLDER, ignore_errors=True)
    refused = 0
    for name, build in chosen.items():
        shutil.rmtree(OUTPUT_FOLDER / name, ignore_errors=True)
        with tempfile.TemporaryFile("w+") as error_log:
            process = processes.Process(target=record, args=(name, build, error_log))
            process.start()
            process.join()
            if process.exitcode != 0:
                error_log.seek(0)
                own_words, _, traceback = error_log.read().partition("Traceback")
                reason = " | ".join([*own_words.splitlines(), *traceback.splitlines()[-1:]])
                print(f"refused: {name} (exit code {process.exitcode}): {reason}")
                refused += 1
    print(f"{len(chosen) - refused} cases recorded, {refused} refused")


if __name__ == "__main__":
    main(sys.argv[1:])
