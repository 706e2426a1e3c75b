"""Runs the node tests of the onnx package through nncgen: make onnx-node-tests

Every case is imported and computed by the reference arithmetic. Its outputs must be the recorded ones: integers exactly,
floats within a relative and absolute tolerance of 1e-5. Weights of an operator are inputs of its test model; where nncgen
wants constants, the model is tried again with all inputs but the first one made constants, which hold the test's values. Where
even that one must be known, such as the number of elements of a range, all are made constants: what is refused otherwise then
counts among what needs no computation at run time, when it is right.

Cases of integers then become C, which runs on this machine and must give the same outputs. Cases of floats are quantized to
int8 first (--calibrate with --ranges minmax), with the case's own input and seven others, in which each float input has its
values in another order: so they stay where the operator is defined. The C must equal the quantized network's reference in
every bit, for all eight vectors. The quantized network is compared with the float network for the same inputs, rounded as
int8 holds them, and saturated as the output is; in steps of the output's scale. At most so many steps may lie between:

    1    operators on single elements, which become exact tables, that move elements, and that choose among them: the
         output is rounded once (half a step), and its zero point another time (half a step at the ends of the range)
    2    sums, products, quotients, pooling, interpolation, means: a second rounding, of operands in other scales or of the
         result of the first axis; 3 for three axes
    dB   what rounds several times in between: normalizations, roots of sums, recurrent layers, attention, and functions that
         the test writes out as several operators: a signal-to-quantization-noise ratio of at least 20 dB over all vectors

    2 %  of truth values, where the operands of a comparison are closer to each other than a step; numbers of elements are equal

Counted apart: cases whose outputs need no computation at run time (shape arithmetic, constants, identities); those that have
no int8 form, because they convert between integers and floats of no scale, or hold infinities or no numbers, with the
reasons; and a few whose values 8 bits can't hold. Whatever is refused is listed with its reason. Nothing may be wrong.
"""

import argparse
import collections
import concurrent.futures
import json
import math
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
ROUNDED = {"test_averagepool_2d_ceil_last_window_starts_on_pad": 1e-4, "test_gridsample_bicubic": 1e-4}
# Half precision in the file has 11 bits, and is computed in single precision here.
COARSE = {onnx.TensorProto.FLOAT16: 2e-3, onnx.TensorProto.BFLOAT16: 2e-2}
VECTORS = 8
# How many steps of the output's scale may lie between the int8 and the float output, by operator; None where DECIBELS hold.
# 1 step for all others.
STEPS = {
    **dict.fromkeys([
        "AveragePool", "BatchNormalization", "Gemm", "GlobalAveragePool", "GridSample", "MatMul", "Max", "Mean", "Min", "PRelu", "ReduceL1",
        "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare", "Resize", "Softmax", "Sum", "Upsample"], 2),
    # Three axes are three layers one after the other.
    "averagepool_3d": 3,
    **dict.fromkeys([
        "Attention", "GRU", "GroupNormalization", "InstanceNormalization", "LRN", "LSTM", "LayerNormalization", "LogSoftmax",
        "LpNormalization", "LpPool", "MeanVarianceNormalization", "RMSNormalization", "RNN", "ReduceL2", "ReduceProd",
        "RotaryEmbedding", "several"])}
DECIBELS = 20
# How many truth values may differ, where operands of two scales are closer than a step.
COMPARED = 0.02
# Cases that 8 bits can't hold, with the reason. Their C must equal the quantized network's reference like all others.
TOO_WIDE = {
    "softmax_large_number_expanded": "inputs 10,000 apart: a step of int8 is 39, and the exponential of it 10^17",
    "softmax_large_number_expanded_ver18": "inputs 10,000 apart: a step of int8 is 39, and the exponential of it 10^17",
    "reduce_prod_default_axes_keepdims_example": "a product of 12 numbers: those of other orders are 1,000 times as large",
    "reduce_prod_default_axes_keepdims_random": "a product of 12 numbers: those of other orders are 1,000 times as large",
    "lppool_2d_default": "fourth powers: a step of int8 is the fourth power of a quarter of the range",
    "lppool_2d_same_lower": "fourth powers: a step of int8 is the fourth power of a quarter of the range",
}
# Sums that were recorded modulo 256, where the definition says that they saturate.
WRAPPED = {f"qlinearmatmul_{rank}D_int8_{kind}" for rank in (2, 3) for kind in ("float16", "float32")}
FLOATS = {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE, onnx.TensorProto.BFLOAT16}


def read_tensor(path):
    """The array of a .pb file and its element type; None for sequences, maps and optional values."""
    tensor = onnx.TensorProto()
    try:
        tensor.ParseFromString(path.read_bytes())
        return numpy_helper.to_array(tensor), tensor.data_type
    except Exception:
        return None


def plain(array):
    """An array in an element type that the .npy reader knows."""
    if array.dtype.name in ("bfloat16", "float16", "float64"):
        return array.astype(np.float32)
    if array.dtype.name in ("int4", "uint4"):
        return array.astype(np.int8 if array.dtype.name == "int4" else np.uint8)
    return array


def with_constants(model, arrays, kept):
    """The model with all inputs but the first `kept` ones as initializers; when none is kept, with one that is an output too,
    as a network must have an input."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for value, array in list(zip(model.graph.input, arrays))[kept:]:
        copy.graph.initializer.append(numpy_helper.from_array(array, value.name))
        for index, own in enumerate(copy.graph.input):
            if own.name == value.name:
                del copy.graph.input[index]
                break
    if kept == 0:
        copy.graph.input.append(onnx.helper.make_tensor_value_info("beside", onnx.TensorProto.FLOAT, [1]))
        copy.graph.node.append(onnx.helper.make_node("Identity", ["beside"], ["passed"]))
        copy.graph.output.append(onnx.helper.make_tensor_value_info("passed", onnx.TensorProto.FLOAT, [1]))
    return copy


def same(actual, expected, kind, absolute):
    if actual.shape != expected.shape:
        return False
    expected = plain(expected)
    if expected.dtype.kind == "f":
        tolerance = COARSE.get(kind, RELATIVE)
        return np.allclose(
            actual.astype(np.float64), expected.astype(np.float64), rtol=tolerance, atol=max(absolute, tolerance / 10),
            equal_nan=True)
    return np.array_equal(actual.astype(np.int64), expected.astype(np.int64))


def shuffled(array, random):
    """`VECTORS` arrays: the first is the given one, the others have its values in another order, when they are floats."""
    array = plain(array)
    rows = [array] + [
        random.permutation(np.array(array).ravel()).reshape(array.shape) if array.dtype.kind == "f" else array
        for _ in range(VECTORS - 1)]
    return np.ascontiguousarray(np.stack(rows))


class Case:
    """One folder of the package's test data; its variants for nncgen are written into `work`."""

    def __init__(self, source, work):
        self.name = source.name.removeprefix("test_")
        self.work = work / source.name
        self.absolute = ROUNDED.get(source.name, ABSOLUTE)
        model = onnx.load(source / "model.onnx")
        self.operators = [node.op_type for node in model.graph.node]
        self.family = self.operators[0] if len(self.operators) == 1 else "several"
        vectors = source / "test_data_set_0"
        inputs = [read_tensor(vectors / f"input_{i}.pb") for i in range(len(model.graph.input))]
        self.outputs = [read_tensor(vectors / f"output_{i}.pb") for i in range(len(model.graph.output))]
        self.reports = []
        self.isReadable = None not in inputs and None not in self.outputs
        if not self.isReadable:
            return
        arrays = [array for array, _ in inputs]
        self.isFloat = any(kind in FLOATS for _, kind in inputs + self.outputs)
        random = np.random.default_rng(1)
        self.kept = sorted({len(arrays), min(1, len(arrays)), 0}, reverse=True)
        for number, kept in enumerate(self.kept):
            folder = self.work / str(number)
            folder.mkdir(parents=True)
            (folder / "model.onnx").write_bytes(with_constants(model, arrays, kept).SerializeToString())
            for position, array in enumerate(arrays[:kept] or [np.zeros(1, np.float32)]):
                np.save(folder / f"in{position}.npy", shuffled(array, random))

    def verdict(self):
        """What became of the case, and why: `compiled`, `quantized`, `constant`, `evaluated`, `refused` or `wrong`."""
        if not self.isReadable:
            return "refused", "sequences, maps and optional values"
        if not self.reports:
            return "wrong", "the program ended"
        # The last variant but the one without inputs says what is missing.
        inputs = [report for report in self.reports if self.kept[report["variant"]] > 0]
        best = ("refused", reason((inputs or self.reports)[-1].get("error", "")))
        for report in self.reports:
            folder = self.work / str(report["variant"])
            # What can be computed of inputs is not judged by how it is computed of constants.
            isFolded = self.kept[report["variant"]] == 0 and len(self.kept) > 1
            if report["reached"] == "read" or isFolded and best[0] != "refused":
                continue
            for position, (expected, kind) in enumerate(self.outputs):
                actual = np.load(folder / f"out{position}.npy")[0]
                if self.name in WRAPPED:
                    saturated = (actual == -128) | (actual == 127)
                    expected = np.where(saturated & (actual != expected), actual, expected)
                if not same(actual, expected, kind, self.absolute):
                    return "wrong", f"output {position}: {actual.ravel()[:8]} instead of {expected.ravel()[:8]}"
            if "stage" not in report:
                best = ("evaluated", reason(report["error"]))
            elif report["stage"] == "different":
                return "wrong", "as C: " + report.get("error", "")
            elif report["stage"] == "constant":
                return "constant", ""
            elif not report["float"]:
                return "compiled", ""
            else:
                return self.quantized(folder, report["outputs"])
        return best

    def quantized(self, folder, outputs):
        """How far the quantized outputs lie from the float ones."""
        self.steps, self.decibels = 0.0, math.inf
        for position, output in enumerate(outputs):
            actual = np.load(folder / f"quantized{position}.npy").astype(np.float64)
            wanted = np.load(folder / f"rounded{position}.npy").astype(np.float64)
            if output is None:
                share = float((actual != wanted).mean())
                if share > COMPARED:
                    return "wrong", f"quantized, {share:.1%} of the elements of output {position} differ"
                continue
            # Rounded inputs can lead to values that calibration has not seen: they saturate.
            wanted = np.clip(wanted, output["low"], output["high"])
            error = np.abs(actual - wanted)
            self.steps = max(self.steps, float(error.max(initial=0)) / output["scale"])
            noise, signal = float((error**2).sum()), float((wanted**2).sum())
            if noise > 0:
                self.decibels = min(self.decibels, 10 * math.log10(signal / noise) if signal else -math.inf)
        if self.name in TOO_WIDE:
            return "too wide", TOO_WIDE[self.name]
        special = next((STEPS[key] for key in STEPS if self.name.startswith(key)), None)
        limit = special or STEPS.get(self.family, 1)
        if limit is None and self.decibels < DECIBELS:
            return "wrong", f"quantized, only {self.decibels:.1f} dB"
        if limit is not None and self.steps > limit + 1e-3:
            return "wrong", f"quantized, {self.steps:.2f} steps from the float output"
        return "quantized", ""


def reason(text):
    """The first error, without the names of files, nodes and values."""
    line = next((line for line in text.splitlines() if line.startswith("error: ")), text.strip()[:200])
    line = re.sub(r"^error: (\S*\.onnx: )?", "", line)
    line = re.sub(r"^(node \d+ \((\S+)\) `[^`]*`): ", r"\2: ", line)
    line = re.sub(r"^operator \d+ \((\S+)\)( `[^`]*`)?: ", r"\1: ", line)
    return re.sub(r"^(input|output)( \d+)? `[^`]*`: ", r"\1: ", line)


def run(devtool, cases, work, number):
    """Fills the reports of the cases; those that are missing, because the program ended, are run one by one."""
    def batch(some, name):
        listing = work / f"{name}.txt"
        listing.write_text("".join(f"{case.work}\n" for case in some))
        result = subprocess.run([devtool, "cases", str(listing)], capture_output=True, text=True)
        places = {str(case.work): case for case in some}
        for line in result.stdout.splitlines():
            report = json.loads(line)
            places[report["folder"]].reports.append(report)
        return result

    readable = [case for case in cases if case.isReadable]
    result = batch(readable, f"list{number}")
    if result.returncode == 0:
        return
    print(f"the program ended with {result.returncode}: {result.stderr.strip()[-500:]}", file=sys.stderr)
    for case in readable:
        if not case.reports:
            batch([case], f"one{number}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devtool", default=".build/release/devtool")
    parser.add_argument("--list", action="store_true", help="prints each case")
    parser.add_argument("words", nargs="*", help="only cases whose names contain one of these")
    arguments = parser.parse_args()
    data = pathlib.Path(onnx.__file__).parent / "backend/test/data/node"
    folders = sorted(folder for folder in data.iterdir() if (folder / "model.onnx").exists())
    if arguments.words:
        folders = [folder for folder in folders if any(word in folder.name for word in arguments.words)]
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        cases = [Case(folder, work) for folder in folders]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda number: run(arguments.devtool, cases[number::2], work, number), range(2)))
        sys.exit(summary(cases, arguments.list))


def summary(cases, lists):
    groups = collections.defaultdict(lambda: collections.defaultdict(list))
    counts = collections.Counter()
    for case in cases:
        kind, why = case.verdict()
        counts[kind] += 1
        groups[kind][why].append(case)
        if lists:
            print(f"{kind:9} {case.name} {why}")
    worst(groups["quantized"][""])
    for kind, title in [
            ("too wide", "as C, but 8 bits can't hold its values"), ("evaluated", "computed by the reference, no int8 form"),
            ("refused", "refused")]:
        print(f"{title}:")
        for why, some in sorted(groups[kind].items(), key=lambda item: (-len(item[1]), item[0])):
            shown = ", ".join(case.name for case in some[:4]) + (", ..." if len(some) > 4 else "")
            print(f"  {len(some):4}  {why}  ({shown})")
    for why, some in groups["wrong"].items():
        print("\n".join(f"wrong: {case.name}: {why}" for case in some))
    passed = len(cases) - counts["refused"] - counts["wrong"]
    print(
        f"{passed} passed: {counts['compiled']} as C exactly, {counts['quantized']} quantized and as C, {counts['constant']} "
        f"without computation, {counts['evaluated'] + counts['too wide']} as floats only\n"
        f"{counts['refused']} refused\n{counts['wrong']} wrong, of {len(cases)}")
    return 1 if counts["wrong"] or not passed else 0


def worst(cases):
    """The largest distance and the lowest ratio of each operator."""
    families = collections.defaultdict(list)
    for case in cases:
        families[case.family].append(case)
    print(f"{'quantized':24}    cases  steps  farthest{'dB':>39}  noisiest")
    for family, some in sorted(families.items()):
        far = max(some, key=lambda case: case.steps)
        noisy = min(some, key=lambda case: case.decibels)
        print(f"{family:24} {len(some):8} {far.steps:6.2f}  {far.name:40} {noisy.decibels:6.1f}  {noisy.name}")


if __name__ == "__main__":
    main()
