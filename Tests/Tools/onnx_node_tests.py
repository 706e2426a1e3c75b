"""Runs the node tests of the onnx package through nncgen: make onnx-node-tests

A case has passed when the outputs are the recorded ones: integers exactly, floats within a relative and absolute
tolerance of 1e-5. Weights of an operator are inputs of its test model; where nncgen wants constants, the model is tried
again with all inputs but the first one made constants, which hold the test's values. Integer models are also compiled to C and run on this machine, with the same outputs. Whatever is refused is listed with its reason.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

RELATIVE, ABSOLUTE = 1e-5, 1e-5
# The outputs of these cases are recorded with so few digits.
ROUNDED = {"test_averagepool_2d_ceil_last_window_starts_on_pad": 1e-4}
# Half precision in the file has 11 bits, and is computed in single precision here.
COARSE = {onnx.TensorProto.FLOAT16: 2e-3, onnx.TensorProto.BFLOAT16: 2e-2}


def read_tensor(path):
    """The array of a .pb file and its element type; None for sequences, maps and optional values."""
    tensor = onnx.TensorProto()
    try:
        tensor.ParseFromString(path.read_bytes())
        return numpy_helper.to_array(tensor), tensor.data_type
    except Exception:
        return None


def vectors(folder, model):
    """The arrays of the inputs and of the outputs with their element types, each by its number."""
    def read(prefix, count):
        return [read_tensor(folder / f"{prefix}_{index}.pb") for index in range(count)]

    return read("input", len(model.graph.input)), read("output", len(model.graph.output))


def plain(array):
    """An array in an element type that the .npy reader knows."""
    if array.dtype.name in ("bfloat16", "float16"):
        return array.astype(np.float32)
    if array.dtype.name in ("int4", "uint4"):
        return array.astype(np.int8 if array.dtype.name == "int4" else np.uint8)
    return array


def with_constants(model, arrays, kept):
    """The model with all inputs but the first `kept` ones as initializers."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for value, array in list(zip(model.graph.input, arrays))[kept:]:
        copy.graph.initializer.append(numpy_helper.from_array(array, value.name))
        for index, own in enumerate(copy.graph.input):
            if own.name == value.name:
                del copy.graph.input[index]
                break
    return copy


def same(actual, expected, kind, absolute):
    if actual.size != expected.size or actual.shape != expected.shape:
        return False
    expected = plain(expected)
    if expected.dtype.kind == "f":
        tolerance = COARSE.get(kind, RELATIVE)
        return np.allclose(
            actual.astype(np.float64), expected.astype(np.float64), rtol=tolerance, atol=max(absolute, tolerance / 10),
            equal_nan=True)
    return np.array_equal(actual.astype(np.int64), expected.astype(np.int64))


class Runner:
    def __init__(self, devtool, nncgen):
        self.devtool, self.nncgen = devtool, nncgen

    def evaluate(self, model, arrays, outputs, folder, absolute):
        """'passed', or ('refused' or 'wrong', why)."""
        path = folder / "model.onnx"
        path.write_bytes(model.SerializeToString())
        files = []
        for index, array in enumerate(arrays):
            files.append(str(folder / f"in{index}.npy"))
            np.save(files[-1], np.ascontiguousarray(plain(array)))
        run = subprocess.run(
            [self.devtool, "evaluate", str(path), *files, str(folder / "out")], capture_output=True, text=True)
        if run.returncode != 0:
            if run.returncode not in (1, 2, 3):
                return "wrong", f"exit status {run.returncode}: {run.stderr.strip()[:200]}"
            return "refused", reason(run.stderr)
        for index, (expected, kind) in enumerate(outputs):
            actual = np.load(folder / f"out{index}.npy")
            if not same(actual, expected, kind, absolute):
                return "wrong", f"output {index}: {actual.ravel()[:8]} instead of {expected.ravel()[:8]}"
        if any(kind in (1, 10, 11, 16) for _, kind in outputs) or any(array.dtype.kind == "f" for array in arrays):
            return "passed", ""
        return self.compiled(path, files, outputs, folder)

    def compiled(self, path, files, outputs, folder):
        """The same for the C that is emitted."""
        command = [self.nncgen, "verify", "--target", "host", str(path)]
        for option, arrays in [("--input", files), ("--expect", [folder / f"out{i}.npy" for i in range(len(outputs))])]:
            for array in arrays:
                vector = str(folder / f"vector_{pathlib.Path(array).name}")
                np.save(vector, np.load(array)[None])
                command += [option, vector]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode == 0:
            return "compiled", ""
        kind = "refused" if run.returncode in (2, 3) else "wrong"
        return kind, ("as C: " if kind == "wrong" else "") + reason(run.stderr)

    def case(self, folder):
        model = onnx.load(folder / "model.onnx")
        inputs, outputs = vectors(folder / "test_data_set_0", model)
        if None in inputs or None in outputs:
            return "refused", "sequences, maps and optional values"
        arrays = [array for array, _ in inputs]
        with tempfile.TemporaryDirectory() as name:
            for kept in [len(arrays), 1] if len(arrays) > 1 else [len(arrays)]:
                result = self.evaluate(
                    with_constants(model, arrays, kept), arrays[:kept], outputs, pathlib.Path(name),
                    ROUNDED.get(folder.name, ABSOLUTE))
                if result[0] != "refused":
                    break
        return result


def reason(text):
    """The first error, without the names of files, nodes and values."""
    line = next((line for line in text.splitlines() if line.startswith("error: ")), text.strip()[:200])
    line = re.sub(r"^error: (\S*\.onnx: )?", "", line)
    line = re.sub(r"^(node \d+ \((\S+)\) `[^`]*`): ", r"\2: ", line)
    return re.sub(r"^(input|output) `[^`]*`: ", r"\1: ", line)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devtool", default=".build/release/devtool")
    parser.add_argument("--nncgen", default=".build/release/nncgen")
    parser.add_argument("--list", action="store_true", help="prints each case")
    parser.add_argument("words", nargs="*", help="only cases whose names contain one of these")
    arguments = parser.parse_args()
    data = pathlib.Path(onnx.__file__).parent / "backend/test/data/node"
    folders = sorted(folder for folder in data.iterdir() if (folder / "model.onnx").exists())
    if arguments.words:
        folders = [folder for folder in folders if any(word in folder.name for word in arguments.words)]
    runner = Runner(arguments.devtool, arguments.nncgen)
    counts = collections.Counter()
    refused = collections.defaultdict(list)
    wrong = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for folder, (kind, why) in zip(folders, pool.map(runner.case, folders)):
            name = folder.name.removeprefix("test_")
            counts[kind] += 1
            if kind == "refused":
                refused[why].append(name)
            if kind == "wrong":
                wrong.append(f"{name}: {why}")
            if arguments.list:
                print(f"{kind:9} {name} {why}")
    print("refused:")
    for why, names in sorted(refused.items(), key=lambda item: (-len(item[1]), item[0])):
        shown = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
        print(f"  {len(names):4}  {why}  ({shown})")
    for line in wrong:
        print(f"wrong: {line}")
    passed = counts["passed"] + counts["compiled"]
    print(
        f"{passed} passed ({counts['compiled']} of them as C), {counts['refused']} refused, {counts['wrong']} wrong,"
        f" of {len(folders)}")
    sys.exit(1 if counts["wrong"] or not passed else 0)


if __name__ == "__main__":
    main()
