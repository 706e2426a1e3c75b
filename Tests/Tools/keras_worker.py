"""Converts the networks of keras_networks.py for keras_models.py; a process of its own, since TensorFlow ends with some.

Writes the names of all networks as a line of JSON, then answers each line "NAME FORM FOLDER" of the standard input, when
the folder holds model.tflite, calibration*.npy, input*.npy and what TensorFlow Lite answers to that, wanted*.npy.
"""

import collections
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf

from keras_networks import MODELS

SEED = 7
VECTORS = 8


def randomized(network, rng):
    """Gives normalizations typical statistics; other weights are random already."""
    for layer in network.layers:
        if type(layer).__name__ == "BatchNormalization":
            channels = layer.gamma.shape[0]
            layer.set_weights([rng.uniform(0.7, 1.3, channels), rng.normal(0, 0.2, channels),
                               rng.normal(0, 0.3, channels), rng.uniform(0.6, 1.5, channels)])
    return network


def vectors(network, rng, count):
    """For each input an array of `count` vectors: waves of random frequencies, and noise."""
    arrays = []
    for tensor in network.inputs:
        size = int(np.prod(tensor.shape[1:]))
        phases = rng.uniform(0, 6, (count, 1)) + np.arange(size) * rng.uniform(0.05, 0.9, (count, 1))
        waves = rng.uniform(0.3, 1.0, (count, 1)) * np.sin(phases) + rng.normal(0, 0.15, (count, size))
        arrays.append(waves.reshape([count, *tensor.shape]).astype(np.float32))
    return arrays


def convert(network, form, calibration):
    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    if form != "float":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if form in ("int8", "int16"):
        converter.representative_dataset = lambda: ([a[i] for a in calibration] for i in range(len(calibration[0])))
        mode, kind = {"int8": (tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.int8), "int16": (
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8, tf.int16)}[form]
        converter.target_spec.supported_ops = [mode]
        converter.inference_input_type = converter.inference_output_type = kind
    return converter.convert()


def desktop(contents, arrays):
    """The number of operators, the arrays in the model's types, and what TensorFlow Lite answers."""
    kernels = tf.lite.experimental.OpResolverType
    try:
        interpreter = tf.lite.Interpreter(model_content=contents, experimental_op_resolver_type=kernels.BUILTIN_REF)
    except ValueError:  # the reference kernels are older than the others
        interpreter = tf.lite.Interpreter(
            model_content=contents, experimental_op_resolver_type=kernels.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()
    inputs = [quantized(array, detail) for array, detail in zip(arrays, details)]
    outputs = collections.defaultdict(list)
    for index in range(len(inputs[0])):
        for array, detail in zip(inputs, details):
            interpreter.set_tensor(detail["index"], array[index])
        interpreter.invoke()
        for number, detail in enumerate(interpreter.get_output_details()):
            outputs[number].append(interpreter.get_tensor(detail["index"]))
    return len(interpreter._get_ops_details()), inputs, [np.stack(outputs[number]) for number in sorted(outputs)]


def quantized(array, detail):
    if detail["dtype"] == np.float32:
        return array
    scale, zero = detail["quantization"]
    limits = np.iinfo(detail["dtype"])
    return np.clip(np.round(array / scale) + zero, limits.min, limits.max).astype(detail["dtype"])


def work():
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    with open(os.devnull, "w") as nothing:
        for stream in (1, 2):
            os.dup2(nothing.fileno(), stream)
    answers.write(json.dumps(list(MODELS)) + "\n")
    for line in sys.stdin:
        name, form, folder = line.split()
        keras.utils.set_random_seed(SEED)
        rng = np.random.default_rng(SEED)
        try:
            network = randomized(MODELS[name](), rng)
            calibration, arrays = vectors(network, rng, 24), vectors(network, rng, VECTORS)
            contents = convert(network, form, calibration)
            pathlib.Path(folder, "model.tflite").write_bytes(contents)
            count, inputs, wanted = desktop(contents, arrays)
            for role, values in (("calibration", calibration), ("input", inputs), ("wanted", wanted)):
                for number, array in enumerate(values):
                    np.save(f"{folder}/{role}{number}.npy", array)
            answers.write(json.dumps({"layers": count}) + "\n")
        except Exception as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [repr(error)]
            answers.write(json.dumps({"error": next((line for line in lines if "rror" in line), lines[0])}) + "\n")


if __name__ == "__main__":
    work()
