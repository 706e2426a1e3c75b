"""Exports networks as users do and runs them through nncgen: make exported-models

PyTorch networks through both exporters, ONNX Runtime's static quantization of one of them in both of its forms, models of
scikit-learn through skl2onnx, and of Keras through tf2onnx. One line each:

- layers: nodes of the file;
- verdict: float networks are quantized with --calibrate; the other models are read as they are. `refused` with the reason;
- agreement with ONNX Runtime on vectors that were not used for calibration: the signal-to-noise ratio of the first output,
  and in how many vectors its largest element, or the label, is the same. For models that are quantized in the file, how many
  outputs lie 0, 1, 2, ... steps apart;
- the C against nncgen's reference, bit for bit, on this machine and on an emulated Cortex-M0.

The exit status is 1 when something is wrong: a float network that is read differently from ONNX Runtime (beyond 1e-4, or 2e-2
for layers that it quantizes while they run), C that differs, less than 20 dB, or outputs more than 2 steps apart.
"""

import argparse
import collections
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch

import export_networks

CALIBRATION, TEST = 64, 48
# Models that the tests keep, in Tests/Fixtures/exported: name, exporter, opset, and the folder.
KEPT = {
    ("cnn", "dynamo", 18): "torch_cnn_dynamo",
    ("keywords", "torchscript", 17): "torch_keywords_torchscript",
    ("mobile", "torchscript", 17): "torch_mobile_torchscript",
    ("cnn QDQ uint8 x int8 by channel", "onnxruntime", 17): "runtime_cnn_qdq",
    ("mlp_classifier zipmap", "skl2onnx", 21): "scikit_classifier_zipmap",
    ("mlp_classifier strings", "skl2onnx", 21): "scikit_classifier_strings",
    ("scaler, mlp_regressor", "skl2onnx", 21): "scikit_scaler_regressor",
}


class Model:
    """A file of a model with vectors [n, the input's shape]."""

    def __init__(self, name, exporter, path, calibration, test, quantized=False, tolerance=1e-4):
        self.name, self.exporter, self.path, self.quantized = name, exporter, path, quantized
        # How far floats may lie from ONNX Runtime's, beside the largest.
        self.tolerance = tolerance
        self.calibration, self.test = calibration, test
        model = onnx.load(path)
        self.opset = max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
        self.layers = len(model.graph.node)
        self.ends_with = model.graph.node[-1].op_type
        self.scale = output_scale(model) if quantized else None
        self.strings = [
            text.decode() for value in model.graph.initializer if value.data_type == onnx.TensorProto.STRING
            for text in value.string_data]

    def wanted(self, vectors):
        """The outputs of ONNX Runtime, each for all vectors; floats or labels."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        model = with_exact_sums(onnx.load(self.path)).SerializeToString() if self.quantized else str(self.path)
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        rows = [session.run(None, {name: vector}) for vector in vectors]
        return [self.numbers([row[position] for row in rows]) for position in range(len(rows[0]))]

    def numbers(self, answers):
        """The answers as one array: maps without their keys, and strings as places in the list of classes."""
        if isinstance(answers[0], list):
            return np.array([[list(entry.values()) for entry in answer] for answer in answers], np.float32)
        answers = np.stack([np.asarray(answer) for answer in answers])
        return answers if answers.dtype.kind in "fiub" else np.vectorize(self.strings.index)(answers)

    def record(self, folder):
        """Writes the model with vectors, and with what ONNX Runtime answers."""
        folder.mkdir(parents=True, exist_ok=True)
        vectors = np.concatenate([self.calibration[:12], self.test[:4]])
        model = onnx.load(self.path)
        # The exporter notes which lines of which files a node comes from.
        graph = model.graph
        for part in [
                model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer,
                *model.functions]:
            part.ClearField("doc_string")
            part.ClearField("metadata_props")
        (folder / "model.onnx").write_bytes(model.SerializeToString())
        np.save(folder / "input.npy", vectors)
        for position, answers in enumerate(self.wanted(vectors)):
            np.save(folder / f"output{position}.npy", answers)


def with_exact_sums(model):
    """The model with unsigned weights where they meet unsigned activations.

    On x86 processors without VNNI, ONNX Runtime's sums of products of unsigned and signed bytes saturate at 16 bits. Weights
    and their zero point moved up by 128 mean the same, and sums of unsigned bytes are exact on all processors.
    """
    arrays = {value.name: onnx.numpy_helper.to_array(value) for value in model.graph.initializer}
    moved = set()
    for node in model.graph.node:
        if node.op_type not in ("QLinearConv", "QLinearMatMul", "QGemm"):
            continue
        zero_points = [arrays.get(node.input[position]) for position in (2, 5)]
        if all(array is not None for array in zero_points) and [array.dtype for array in zero_points] == ["uint8", "int8"]:
            moved.update([node.input[3], node.input[5]])
    for value in model.graph.initializer:
        if value.name in moved:
            array = (arrays[value.name].astype(np.int16) + 128).astype(np.uint8)
            value.CopyFrom(onnx.numpy_helper.from_array(array, value.name))
    return model


def output_scale(model):
    """The scale of the first output: of the node that makes floats of it, or that writes it as integers."""
    values = {value.name: onnx.numpy_helper.to_array(value) for value in model.graph.initializer}
    name = model.graph.output[0].name
    node = next(node for node in model.graph.node if name in node.output)
    return float(values[node.input[1]]) if node.op_type == "DequantizeLinear" else None


def torch_models(folder):
    images, _ = export_networks.digits()
    images = images[:, None, None]
    vectors = images[:CALIBRATION], images[-TEST:]
    for name, network in export_networks.torch_networks():
        example = torch.tensor(images[0])
        for exporter, opset in [("torchscript", 11), ("torchscript", 17), ("dynamo", 18), ("dynamo", 21)]:
            path = folder / f"{name}_{exporter}_{opset}.onnx"
            axes = {"input_names": ["image"], "output_names": ["answer"], "opset_version": opset}
            try:
                if exporter == "dynamo":
                    torch.onnx.export(
                        network, (example,), path, dynamo=True, verbose=False,
                        # Without a word about it, weights come into a file of their own.
                        **({} if opset > 18 else {"external_data": False}),
                        dynamic_shapes={"x": {0: torch.export.Dim.DYNAMIC}}, **axes)
                else:
                    torch.onnx.export(
                        network, (example,), path, dynamo=False,
                        dynamic_axes={"image": {0: "batch"}, "answer": {0: "batch"}}, **axes)
            except Exception as error:
                print(f"{name}: {exporter} {opset} can't export it: {str(error).splitlines()[0]}", file=sys.stderr)
                continue
            yield Model(name, exporter, path, *vectors)


def runtime_models(folder, path, calibration, test):
    """The network in `path`, quantized by ONNX Runtime."""
    from onnxruntime.quantization import (
        CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static)
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.vectors = iter(calibration)

        def get_next(self):
            vector = next(self.vectors, None)
            return None if vector is None else {"image": vector}

    prepared = folder / "prepared.onnx"
    quant_pre_process(str(path), str(prepared))
    forms = [("int8", "int8", False), ("int8", "int8", True), ("uint8", "int8", True), ("uint8", "uint8", False)]
    for form in [QuantFormat.QDQ, QuantFormat.QOperator]:
        for activations, weights, per_channel in forms:
            name = f"cnn {form.name} {activations} x {weights}" + (" by channel" if per_channel else "")
            target = folder / f"{name.replace(' ', '_')}.onnx"
            quantize_static(
                str(prepared), str(target), Reader(), quant_format=form, per_channel=per_channel,
                activation_type=QuantType[f"Q{activations.replace('int', 'Int').replace('u', 'U')}"],
                weight_type=QuantType[f"Q{weights.replace('int', 'Int').replace('u', 'U')}"])
            yield Model(name, "onnxruntime", target, calibration, test, quantized=True)
    target = folder / "dynamic.onnx"
    quantize_dynamic(str(prepared), str(target))
    # ONNX Runtime rounds the layers' inputs to 8 bits, which nncgen does by calibration later.
    yield Model("cnn, dynamic", "onnxruntime", target, calibration, test, tolerance=2e-2)


def scikit_models(folder):
    from skl2onnx import to_onnx

    for name, model, features, options in export_networks.scikit_models():
        path = folder / f"{name.replace(' ', '_').replace(',', '')}.onnx"
        path.write_bytes(to_onnx(model, features[:1], options=options or None).SerializeToString())
        rows = features[:, None]
        yield Model(name, "skl2onnx", path, rows[:CALIBRATION], rows[-TEST:])


def keras_models(folder):
    """Through tf2onnx; none when it is not installed, which is said."""
    try:
        import tensorflow
        import tf2onnx
    except ImportError as error:
        print(f"no networks of Keras: {error}", file=sys.stderr)
        return
    images, _ = export_networks.digits()
    for name, network, shape in export_networks.keras_networks():
        path = folder / f"{name.replace(' ', '_')}.onnx"
        signature = [tensorflow.TensorSpec((None, *shape), tensorflow.float32, name="image")]
        tf2onnx.convert.from_function(
            tensorflow.function(lambda image: network(image)), input_signature=signature, opset=17, output_path=str(path))
        vectors = images.reshape(-1, 1, *shape)
        yield Model(name, "tf2onnx", path, vectors[:CALIBRATION], vectors[-TEST:])


def all_models(folder):
    exported = list(torch_models(folder))
    yield from exported
    cnn = next(model for model in exported if model.name == "cnn" and model.opset == 17)
    yield from runtime_models(folder, cnn.path, cnn.calibration, cnn.test)
    yield from scikit_models(folder)
    yield from keras_models(folder)


class Runner:
    def __init__(self, nncgen, targets):
        self.nncgen, self.targets = nncgen, targets

    def run(self, *words):
        return subprocess.run([self.nncgen, *map(str, words)], capture_output=True, text=True)

    def row(self, model, folder):
        """The cells of a line, and what is wrong."""
        cells = [model.name, model.exporter, str(model.opset), str(model.layers)]
        calibration, test, answer = folder / "calibration.npy", folder / "test.npy", folder / "answer.npy"
        np.save(calibration, model.calibration)
        np.save(test, model.test)
        options = [] if model.quantized else ["--calibrate", calibration]
        binary = folder / "model.bin"
        converted = self.run("convert", model.path, *options, "-o", binary)
        if converted.returncode:
            return cells + ["refused: " + reason(converted.stderr)], []
        wrong = []
        wanted = model.wanted(model.test)[0]
        self.run("eval", model.path, "--input", test, "-o", answer)
        read = np.load(answer)
        if not model.quantized:
            error = np.abs(read - wanted.reshape(read.shape)).max() / max(1, np.abs(wanted).max())
            if error > model.tolerance:
                wrong.append(f"as floats, answers lie {error:.2g} apart")
            self.run("eval", binary, "--input", test, "-o", answer)
            read = np.load(answer)
        output = json.loads(self.run("inspect", "--json", binary).stdout)["outputs"][0]
        cells.append("quantized" if not model.quantized else "as it is")
        cells += self.compared(model, read, wanted.reshape(read.shape), output, wrong)
        for target in self.targets:
            verified = self.run("verify", model.path, *options, "--target", target)
            cells.append("identical" if verified.returncode == 0 else "NOT")
            if verified.returncode:
                wrong.append(f"{target}: {verified.stderr.strip()[-300:]}")
        return cells, wrong

    def compared(self, model, read, wanted, output, wrong):
        """The cells for the agreement with ONNX Runtime."""
        if model.quantized:
            scale = model.scale or 1
            steps = np.rint(np.abs(read.astype(np.float64) - wanted) / scale).astype(int)
            if steps.max() > 2:
                wrong.append(f"outputs lie {steps.max()} steps apart")
            histogram = collections.Counter(steps.ravel().tolist())
            return [" ".join(f"{distance}:{count}" for distance, count in sorted(histogram.items())), agreement(read, wanted)]
        if wanted.dtype.kind != "f":
            return ["", f"{int((read == wanted).reshape(len(wanted), -1).all(1).sum())}/{len(wanted)}"]
        real = (read.astype(np.float64) - output["zero_point"]) * output["scale"]
        if model.ends_with == "LogSoftmax":
            # LOG_SOFTMAX has a fixed scale and ends at -16.
            wanted = np.maximum(wanted, -16)
        noise = float(((real - wanted) ** 2).sum())
        decibels = 10 * math.log10(float((wanted.astype(np.float64) ** 2).sum()) / noise) if noise else math.inf
        if decibels < 20:
            wrong.append(f"only {decibels:.1f} dB")
        return [f"{decibels:.1f} dB", agreement(real, wanted)]


def agreement(answers, wanted):
    """In how many vectors the largest element is the same."""
    rows, others = answers.reshape(len(answers), -1), wanted.reshape(len(wanted), -1)
    if rows.shape[1] == 1 or rows.shape[1] > 32:
        return ""
    return f"{int((rows.argmax(1) == others.argmax(1)).sum())}/{len(rows)}"


def reason(text):
    lines = [line.strip() for line in text.splitlines() if not line.startswith("note: ")]
    return " ".join(lines)[:300]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nncgen", default=".build/release/nncgen")
    parser.add_argument("--keep", help="folder for the models, which are removed without it")
    parser.add_argument("--targets", default="host,cortex-m0")
    parser.add_argument("--record", help="folder for the models that the tests keep; nothing else is done")
    parser.add_argument("words", nargs="*", help="only models whose names or exporters contain one of these")
    arguments = parser.parse_args()
    runner = Runner(str(pathlib.Path(arguments.nncgen).resolve()), arguments.targets.split(","))
    titles = ["model", "exporter", "opset", "layers", "verdict", "agreement", "answers", *runner.targets]
    rows, wrong = [titles], []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(arguments.keep or name)
        folder.mkdir(parents=True, exist_ok=True)
        for model in all_models(folder):
            if arguments.record:
                kept = KEPT.get((model.name, model.exporter, model.opset))
                if kept:
                    model.record(pathlib.Path(arguments.record) / kept)
                continue
            words = arguments.words
            if words and not any(word in f"{model.name} {model.exporter} {model.opset}" for word in words):
                continue
            cells, errors = runner.row(model, folder)
            print(" | ".join(cells), flush=True)
            for error in errors:
                print(f"  wrong: {error}", flush=True)
            rows.append(cells)
            wrong += errors
    if arguments.record:
        return
    refused = sum(len(row) == 5 for row in rows)
    print(f"{len(rows) - 1} models: {len(rows) - 1 - refused} taken, {refused} refused, {len(wrong)} findings")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
