"""Quantizes a folder of float networks and measures what that keeps: make float-models MODELS=DIR

DIR holds a folder for each network:

- model.tflite or model.onnx, float or with weights of fewer bits, with one input;
- calibration.npy, typical inputs, float32 [n, the input's shape], from which the ranges are found;
- input.npy, other inputs, on which everything is measured; input-KIND.npy, more of them, measured by themselves;
- labels.npy, the right answers to input.npy, when the accuracy is of interest: integers;
- int8.tflite, the same network as somebody else quantized it, to compare with.

For each network: whether nncgen's float answers equal those of TensorFlow's reference kernels (ONNX Runtime's for .onnx) to
five digits, when Python has them. For each choice of --ranges, and for int8.tflite: the signal-to-quantization-noise ratio of
the first output over each file of inputs, and in how many vectors its largest element is the same as in floats; whether the C
is right, bit for bit, on this machine with these inputs, and on the emulated Cortex-M0 with generated ones; flash and cycles
there. The command fails when float answers or the C differ.

TensorFlow rounds the activations of layers with int8 weights while it runs: of such files only the ratio is printed.

The float networks of MLPerf Tiny are in github.com/mlcommons/tiny, below benchmark/training:
anomaly_detection/trained_models/ad01_fp32.tflite, keyword_spotting/trained_models/kws_ref_model_float32.tflite (weights of
int8; the folder kws_ref_model beside it holds other weights), image_classification/trained_models/pretrainedResnet.tflite, visual_wake_words/trained_models/vww_96_float.tflite, each with
its int8 file beside. Their get_dataset.py and train.py tell how inputs are made of recordings and pictures (pictures: values
from 0 to 255 for pretrainedResnet, from 0 to 1 for vww_96). streaming_wakeword/calibration_samples.npz holds real inputs for
str_ww_ref_model.h5, which tf_keras loads and tf.lite.TFLiteConverter.from_keras_model converts.
"""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np

from measured import Profile, print_table

RANGES = ["auto", "mse", "percentile", "minmax"]
# How far floats may lie from another interpreter's, beside the largest.
TOLERANCE = 1e-5


class Failed(Exception):
    """A command ended with an error; its text."""


class Network:
    def __init__(self, nncgen, folder, scratch):
        self.nncgen, self.folder, self.scratch = nncgen, folder, scratch
        self.float = next(folder / name for name in ("model.tflite", "model.onnx") if (folder / name).exists())
        self.inputs = sorted(folder.glob("input*.npy"), key=lambda path: (path.stem != "input", path.stem))
        self.answers = [self.evaluate(self.float, path).astype(np.float64) for path in self.inputs]
        labels = folder / "labels.npy"
        self.labels = np.load(labels).ravel() if labels.exists() else None
        self.wrong = []

    def run(self, *words):
        done = subprocess.run([self.nncgen, *map(str, words)], capture_output=True, text=True)
        if done.returncode:
            raise Failed(done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"status {done.returncode}")
        return done.stdout

    def evaluate(self, model, inputs):
        """The first output for every vector, as the model holds it."""
        self.run("eval", model, "--input", inputs, "-o", self.scratch / "answer.npy")
        return np.load(self.scratch / "answer.npy")

    def beside_interpreter(self):
        """In words, whether another interpreter computes the same floats."""
        try:
            name, interpret, rounds = interpreter(self.float)
        except ImportError:
            return "not compared: Python has no interpreter for it"
        wanted = [np.stack([interpret(vector) for vector in np.load(path)]).reshape(own.shape).astype(np.float64)
                  for path, own in zip(self.inputs, self.answers)]
        if rounds:
            ratios = ", ".join(f"{decibels(a, b):.1f}" for a, b in zip(self.answers, wanted))
            return f"beside those of {name}, which rounds activations: {ratios} dB"
        worst = max(float(np.max(np.abs(a - b)) / np.max(np.abs(b))) for a, b in zip(self.answers, wanted))
        if worst > TOLERANCE:
            self.wrong.append(f"{self.folder.name}: floats differ from {name}'s")
        return f"equal {name}'s in every bit" if worst == 0 else f"within {worst:.0e} of {name}'s"

    def measured(self, how, model):
        """A line of the table for a quantized model."""
        output = json.loads(self.run("inspect", "--json", model))["outputs"][0]
        cells = [how]
        for path, wanted in zip(self.inputs, self.answers):
            steps = self.evaluate(model, path).astype(np.float64)
            if path.stem == "input" and self.labels is not None:
                right = np.argmax(steps.reshape(len(steps), -1), axis=1) == self.labels
                cells.append(f"{100 * right.mean():.1f} %")
            found = steps if output["scale"] is None else (steps - output["zero_point"]) * output["scale"]
            cells += [f"{decibels(wanted, found):.1f}", agreement(wanted, found)]
        profile = Profile(self.nncgen, model, "cortex-m0")
        return cells + [profile.flash, profile.cycles, self.verified(how, model)]

    def verified(self, how, model):
        everything = self.scratch / "all.npy"
        np.save(everything, np.concatenate([np.load(path) for path in self.inputs]))
        for words in (["host", "--input", everything], ["cortex-m0"]):
            try:
                self.run("verify", model, "--target", *words)
            except Failed as error:
                self.wrong.append(f"{self.folder.name}, {how}: {error}")
                return f"WRONG on {words[0]}"
        return "identical"

    def report(self):
        """Prints the table."""
        calibration = self.folder / "calibration.npy"
        print(f"{self.folder.name}: {len(np.load(calibration))} vectors for calibration, "
              + ", ".join(f"{len(np.load(path))} in {path.name}" for path in self.inputs)
              + f"; float answers {self.beside_interpreter()}")
        rows = []
        for ranges in RANGES:
            model = self.scratch / f"{ranges}.bin"
            self.run("convert", self.float, "--calibrate", calibration, "--ranges", ranges, "-o", model)
            rows.append(self.measured(ranges, model))
        if (self.folder / "int8.tflite").exists():
            rows.append(self.measured("int8.tflite", self.folder / "int8.tflite"))
        header = ["ranges"]
        for path in self.inputs:
            if path.stem == "input" and self.labels is not None:
                header.append("accuracy")
            header += [path.stem + " dB", "same"]
        print_table(header + ["flash", "cycles", "C"], rows, left=[0, len(header) + 2])
        if self.labels is not None:
            answers = np.argmax(self.answers[0].reshape(len(self.labels), -1), axis=1)
            print(f"accuracy in floats {100 * (answers == self.labels).mean():.1f} %")
        print(flush=True)


def interpreter(model):
    """The name of another interpreter, a function from an input to the first output, and whether it rounds activations;
    ImportError without one."""
    if model.suffix == ".onnx":
        import onnxruntime
        session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        entry = session.get_inputs()[0]
        shape = [length if isinstance(length, int) else 1 for length in entry.shape]
        return "ONNX Runtime", lambda vector: session.run(None, {entry.name: vector.reshape(shape)})[0], False
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", message=".*Interpreter is deprecated", category=UserWarning)
    from tensorflow import lite
    own = lite.Interpreter(str(model), experimental_op_resolver_type=lite.experimental.OpResolverType.BUILTIN_REF)
    own.allocate_tensors()
    entry, output = own.get_input_details()[0], own.get_output_details()[0]
    rounds = any(detail["dtype"] == np.int8 for detail in own.get_tensor_details())

    def interpret(vector):
        own.set_tensor(entry["index"], vector.reshape(entry["shape"]))
        own.invoke()
        return own.get_tensor(output["index"]).copy()

    return "TensorFlow", interpret, rounds


def decibels(wanted, found):
    noise = np.sum(np.square(wanted - found))
    return math.inf if noise == 0 else 10 * math.log10(np.sum(np.square(wanted)) / noise)


def agreement(wanted, found):
    count = len(wanted)
    same = np.argmax(wanted.reshape(count, -1), axis=1) == np.argmax(found.reshape(count, -1), axis=1)
    return f"{same.sum()}/{count}"


def main(nncgen, folder):
    models = pathlib.Path(folder).glob("*/model.*") if folder else []
    folders = sorted({path.parent for path in models if path.suffix in (".tflite", ".onnx")
                      and (path.parent / "calibration.npy").exists()})
    if not folders:
        sys.exit("usage: make float-models MODELS=DIR, with a folder for each network: model.tflite or model.onnx,\n"
                 "calibration.npy, input.npy")
    wrong = []
    for entry in folders:
        with tempfile.TemporaryDirectory() as scratch:
            try:
                network = Network(nncgen, entry, pathlib.Path(scratch))
                network.report()
                wrong += network.wrong
            except Failed as error:
                print(f"{entry.name}: {error}\n")
                wrong.append(f"{entry.name}: {error}")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:3])
