"""What the training scripts of all samples share.

From a trained Keras model to the files of a sample folder:

    model.tflite   full integer: int8 input and output, int8 weights per channel
    input.npy      16 test vectors, first axis = the vectors, then the shape of the tensor
    output.npy     what TensorFlow Lite Micro (PyPI package `tflite-micro`) answers to them
    samples.npy    a held-out set, quantized like the input
    labels.npy     its classes, int32

and, for what starts from floats:

    model_float.tflite   the same network in float32
    calibration.npy      inputs of the training set, float32
    calibration_labels.npy   their classes, int32
    samples_float.npy    the held-out set, float32
"""

import contextlib
import io
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # a GPU would not repeat the same sums
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # nor would kernels chosen by the CPU's model

from collections import Counter
from pathlib import Path

import numpy as np
import tensorflow as tf
from tflite_micro import runtime
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

TEST_VECTORS = 16
HELD_OUT = 200
ARENA_BYTES = 1 << 20
OPERATORS = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}


# --- training ---


def make_deterministic(seed: int) -> None:
    """Seeds every generator and gives up parallel sums, so that a retraining gives the same bytes."""
    tf.keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def train(model: tf.keras.Model, inputs, targets, loss: str, epochs: int, batch: int, rate: float) -> None:
    """Trains with Adam, the learning rate falling from `rate` to zero along a cosine."""
    steps = epochs * -(-len(inputs) // batch)
    schedule = tf.keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(tf.keras.optimizers.Adam(schedule), loss=loss)
    model.fit(inputs, targets, batch_size=batch, epochs=epochs, verbose=2)


def predict(model: tf.keras.Model, inputs: np.ndarray) -> np.ndarray:
    """The answers of the float model."""
    return model.predict(inputs, batch_size=256, verbose=0)


# --- conversion ---


def converter_of_one(model: tf.keras.Model) -> tf.lite.TFLiteConverter:
    """A converter of `model` with a batch size of 1."""
    one = tf.keras.Input(batch_shape=(1, *model.input_shape[1:]))
    return tf.lite.TFLiteConverter.from_keras_model(tf.keras.Model(one, model(one, training=False)))


def convert_float(model: tf.keras.Model) -> bytes:
    """Converts `model` in float32."""
    with contextlib.redirect_stdout(io.StringIO()):
        return converter_of_one(model).convert()


def convert_int8(model: tf.keras.Model, calibration: np.ndarray) -> bytes:
    """Converts `model`, activation ranges taken from `calibration`."""
    converter = converter_of_one(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([row[None].astype(np.float32)] for row in calibration)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    with contextlib.redirect_stdout(io.StringIO()):  # a page about resources
        return converter.convert()


# --- the int8 model ---


class Int8Model:
    """A .tflite model with one int8 input and one int8 output, run by TensorFlow Lite Micro."""

    def __init__(self, data: bytes):
        self.interpreter = runtime.Interpreter.from_bytes(data, arena_size=ARENA_BYTES)
        self.input = self.interpreter.get_input_details(0)
        self.output = self.interpreter.get_output_details(0)
        assert self.input["dtype"] == self.output["dtype"] == np.int8

    def quantize(self, values: np.ndarray) -> np.ndarray:
        """Float rows as int8 vectors: one axis for the vectors, then the shape of the input tensor."""
        scale, zero = self._scale_and_zero_point(self.input)
        quantized = np.clip(np.round(values / scale) + zero, -128, 127).astype(np.int8)
        return quantized.reshape(-1, *self.input["shape"])

    def dequantize_input(self, vectors: np.ndarray) -> np.ndarray:
        """The real values that int8 input vectors stand for."""
        scale, zero = self._scale_and_zero_point(self.input)
        return scale * (vectors.astype(np.float32) - zero)

    def dequantize_output(self, vectors: np.ndarray) -> np.ndarray:
        """The real values that int8 output vectors stand for."""
        scale, zero = self._scale_and_zero_point(self.output)
        return scale * (vectors.astype(np.float32) - zero)

    def run(self, vectors: np.ndarray) -> np.ndarray:
        """The output vectors for int8 input vectors, one inference each."""
        outputs = []
        for vector in vectors:
            self.interpreter.set_input(vector, 0)
            self.interpreter.invoke()
            outputs.append(np.array(self.interpreter.get_output(0), dtype=np.int8))
        return np.stack(outputs)

    def test_vectors(self, samples: np.ndarray) -> np.ndarray:
        """Zero point, minimum, maximum, ramp, alternating extremes, then the first of `samples`."""
        shape = tuple(self.input["shape"])
        size = int(np.prod(shape))
        _, zero = self._scale_and_zero_point(self.input)
        corners = [
            np.full(size, zero),
            np.full(size, -128),
            np.full(size, 127),
            np.round(np.linspace(-128, 127, size)),
            np.where(np.arange(size) % 2 == 0, -128, 127),
        ]
        corners = np.stack(corners).astype(np.int8).reshape(-1, *shape)
        return np.concatenate([corners, samples[: TEST_VECTORS - len(corners)]])

    @staticmethod
    def _scale_and_zero_point(details: dict) -> tuple[float, int]:
        parameters = details["quantization_parameters"]
        return float(parameters["scales"][0]), int(parameters["zero_points"][0])


# --- the files ---


def save_npy(path: Path, array: np.ndarray) -> None:
    """Writes version 1.0 of the format, C order."""
    with path.open("wb") as file:
        np.lib.format.write_array(file, np.ascontiguousarray(array), version=(1, 0))


def write_sample(folder: Path, data: bytes, held_out: np.ndarray, labels: np.ndarray) -> None:
    """Writes all files of a sample; `held_out` are float rows the training has not seen, shuffled."""
    model = Int8Model(data)
    samples = model.quantize(held_out[:HELD_OUT])
    vectors = model.test_vectors(samples)
    (folder / "model.tflite").write_bytes(data)
    save_npy(folder / "input.npy", vectors)
    save_npy(folder / "output.npy", model.run(vectors))
    save_npy(folder / "samples.npy", samples)
    save_npy(folder / "labels.npy", labels[:HELD_OUT].astype(np.int32))


def write_float_sample(
    folder: Path, model: tf.keras.Model, calibration: np.ndarray, labels: np.ndarray, held_out: np.ndarray
) -> None:
    """Writes the network in floats, some of its training inputs with their classes, and the rows of `samples.npy` as floats."""
    (folder / "model_float.tflite").write_bytes(convert_float(model))
    save_npy(folder / "calibration.npy", calibration.astype(np.float32))
    save_npy(folder / "calibration_labels.npy", labels.astype(np.int32))
    save_npy(folder / "samples_float.npy", held_out[:HELD_OUT].astype(np.float32))


# --- the report ---


def describe(data: bytes) -> str:
    """Operators, parameters, multiply-accumulates and size of a .tflite model."""
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    graph = model.subgraphs[0]
    operators, parameters, macs = Counter(), {}, 0
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        name = OPERATORS[max(code.builtinCode, code.deprecatedBuiltinCode)]
        operators[name] += 1
        output = np.prod(graph.tensors[operator.outputs[0]].shape)
        if name in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            weights = graph.tensors[operator.inputs[1]].shape
            # Per output: all weights of one filter; a depthwise filter has its channels on the last axis.
            macs += int(output * np.prod(weights[1:-1] if name == "DEPTHWISE_CONV_2D" else weights[1:]))
            for index in operator.inputs[1:]:
                if index >= 0:
                    parameters[index] = int(np.prod(graph.tensors[index].shape))
    listed = ", ".join(f"{count} {name}" for name, count in sorted(operators.items()))
    return f"operators: {listed}\nparameters: {sum(parameters.values())}, MACs: {macs}, bytes: {len(data)}"


def report_classifier(model: tf.keras.Model, data: bytes, inputs: np.ndarray, labels: np.ndarray) -> None:
    """Prints the model and its accuracy on all of `inputs` and on the part that is kept in the folder."""
    int8 = Int8Model(data)
    answers = {
        "float": predict(model, inputs).argmax(axis=-1),
        "int8": int8.run(int8.quantize(inputs)).argmax(axis=-1).reshape(-1),
    }
    print(describe(data))
    for name, answer in answers.items():
        hits = answer == labels
        kept = hits[:HELD_OUT]
        print(f"{name} accuracy: {hits.mean():.2%} of {len(hits)}, {kept.mean():.2%} of the {len(kept)} kept")
