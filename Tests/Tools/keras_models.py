"""Networks as Keras writes them, converted by TensorFlow Lite in five forms, through nncgen: make keras-models

Every network has random weights of a fixed seed and is converted to float32, with dynamic range and float16 weights, to
int8 with int8 inputs and outputs, and to int16 activations with int8 weights. What nncgen answers is compared with
TensorFlow Lite Micro, in every bit; where that can't run a model, with TensorFlow Lite's own kernels, which round in
another way in some operators, so that a few units between them are no error. Floats must agree to five digits, but those
of dynamic range, where TensorFlow Lite quantizes activations while it runs, only to 40 dB. Float forms are then quantized
with --calibrate, which prints the signal-to-noise ratio of the answers. The C of every form is compiled and run on this
machine and on the emulated Cortex-M0.

Verdicts: "identical", decibels of the float forms, or what nncgen refuses and why. The command fails when something is
different; what is refused or can't be converted is listed. --record writes the models that the tests keep, with answers
of TensorFlow Lite Micro, and of TensorFlow Lite for floats: Tests/Fixtures/keras.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

# Units between integer answers and those of TensorFlow Lite's own kernels, where TensorFlow Lite Micro can't run a model.
OTHER_ROUNDING = 3
DECIBELS = {"float": 90, "float16": 90, "dynamic": 40}
FORMS = ["float", "dynamic", "float16", "int8", "int16"]
# What the tests keep.
RECORDED = ["gru_unrolled_int8", "gru_stateful_unrolled_int8", "lstm_two_layers_keras2_int8", "unet_int8", "attention_int8",
            "mobilenet_v2_int8", "gru_float", "lstm_sequences_float"]
RECORDS = pathlib.Path(__file__).resolve().parents[1] / "Fixtures" / "keras"


MICRO = """
import sys
import numpy as np
from tflite_micro import runtime
folder, inputs, outputs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
interpreter = runtime.Interpreter.from_file(folder + "/model.tflite", arena_size=1 << 22)
arrays = [np.load(f"{folder}/input{i}.npy") for i in range(inputs)]
answers = []
for index in range(len(arrays[0])):
    for number, array in enumerate(arrays):
        interpreter.set_input(array[index], number)
    interpreter.invoke()
    answers.append([np.array(interpreter.get_output(number)) for number in range(outputs)])
for number in range(outputs):
    np.save(f"{folder}/micro{number}.npy", np.stack([answer[number] for answer in answers]))
"""


def micro(folder, inputs, outputs):
    """What TensorFlow Lite Micro answers; None when it can't run the model. It aborts on some, so it runs by itself."""
    done = subprocess.run([sys.executable, "-c", MICRO, folder, str(inputs), str(outputs)], capture_output=True)
    return None if done.returncode else [np.load(f"{folder}/micro{number}.npy") for number in range(outputs)]


def run(nncgen, *words):
    done = subprocess.run([nncgen, *map(str, words)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def refusal(errors):
    """The obstacles of an error, or its first line."""
    lines = [line for line in errors.splitlines() if not line.startswith("note: ")]
    found = [line.strip() for line in lines if line.startswith("  ") and line.strip()[:1].isdigit()]
    texts = [text.split(": ", 1)[-1] for text in found] or [line.split(": ", 2)[-1] for line in lines[:1]]
    return "; ".join(dict.fromkeys(texts))


def decibels(wanted, found):
    signal = sum(float(np.sum(np.square(a, dtype=np.float64))) for a in wanted)
    noise = sum(float(np.sum(np.square(a.astype(np.float64) - b))) for a, b in zip(wanted, found))
    return np.inf if noise == 0 else 10 * np.log10(signal / noise)


class Checker:
    def __init__(self, nncgen, targets):
        self.nncgen, self.targets = nncgen, targets
        self.different = 0

    def reason(self, status, errors):
        """Why a command ended with a status; one that is no refusal of the model is an error."""
        if status not in (3, 4):
            self.different += 1
        return f"CRASHED with status {status}" if status < 0 else refusal(errors)

    def answers(self, folder, path, inputs, extra=()):
        """nncgen's own evaluation, or its refusal."""
        status, _, errors = run(self.nncgen, "eval", path, "--input", ",".join(inputs), "-o", f"{folder}/own.npy", *extra)
        if status:
            return None, self.reason(status, errors)
        names = sorted(pathlib.Path(folder).glob("own*.npy"))
        arrays = [np.load(name) for name in names]
        for name in names:
            name.unlink()
        return arrays, None

    def verify(self, path, inputs, extra=()):
        """Whether the C is right, in words."""
        for target in self.targets:
            status, output, errors = run(
                self.nncgen, "verify", "--target", target, *extra, path, *(["--input", ",".join(inputs)] if not extra else []))
            if status:
                return f"C on {target}: {self.reason(status, errors)}", errors
        return "C identical", errors + output

    def check(self, folder, form):
        path = f"{folder}/model.tflite"
        names = sorted(map(str, pathlib.Path(folder).glob("input*.npy")))
        wanted = [np.load(name) for name in sorted(pathlib.Path(folder).glob("wanted*.npy"))]
        own, reason = self.answers(folder, path, names)
        if own is None:
            return f"refused: {reason}"
        if form in ("int8", "int16"):
            exact = micro(folder, len(names), len(wanted))
            reference = "TFLM" if exact is not None else "TFLite, TFLM can't run it"
            wanted = wanted if exact is None else exact
            worst = max(int(np.max(np.abs(a.astype(np.int64) - b))) for a, b in zip(wanted, own))
            if worst > (0 if exact is not None else OTHER_ROUNDING):
                self.different += 1
                return f"DIFFERENT from {reference}, by up to {worst}"
            equal = f"up to {worst} beside" if worst else "identical to"
            return f"{equal} {reference}; {self.verify(path, names)[0]}"
        ratio = decibels(wanted, own)
        if ratio < DECIBELS[form]:
            self.different += 1
            return f"DIFFERENT: {ratio:.1f} dB beside TFLite's floats"
        beside = "float equal" if ratio >= 90 else f"{ratio:.1f} dB beside TFLite"
        calibration = ",".join(sorted(map(str, pathlib.Path(folder).glob("calibration*.npy"))))
        verdict, text = self.verify(path, names, ["--calibrate", calibration])
        ratios = [line.split("ratio of ")[1].split(" over")[0] for line in text.splitlines() if "ratio of " in line]
        least = min(ratios, key=lambda ratio: float(ratio.split()[0]), default="?")
        return f"{beside}; int8 {least}; {verdict}"


def record(name, folder):
    """Keeps a model and its vectors for the tests."""
    target = RECORDS / name
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(f"{folder}/model.tflite", target)
    answers = "wanted" if name.endswith("float") else "micro"
    for role, kept in (("input", "input"), (answers, "output")):
        files = sorted(pathlib.Path(folder).glob(f"{role}*.npy"))
        for number, file in enumerate(files):
            shutil.copy(file, target / (f"{kept}.npy" if len(files) == 1 else f"{kept}{number}.npy"))


class Worker:
    """A process that converts, started anew when it ends."""

    def __init__(self):
        self.names = self.start()

    def start(self):
        """The names of the networks."""
        self.process = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).with_name("keras_worker.py")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return json.loads(self.process.stdout.readline() or "[]")

    def convert(self, name, form, folder):
        if self.process.poll() is not None:
            self.start()
        self.process.stdin.write(f"{name} {form} {folder}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            return {"error": f"TensorFlow ended with status {self.process.wait()}"}
        return json.loads(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nncgen", required=True)
    parser.add_argument("--targets", default="host,cortex-m0")
    parser.add_argument("--keep", help="folder for the models and their vectors")
    parser.add_argument("--record", action="store_true", help="writes what the tests keep")
    parser.add_argument("words", nargs="*", help="MODEL or MODEL:FORM; all without them")
    options = parser.parse_args()
    checker, worker = Checker(options.nncgen, options.targets.split(",")), Worker()
    print(f"{'model':<26} {'form':<8} {'layers':>6}  verdict")
    for name in worker.names:
        for form in FORMS:
            if options.words and name not in options.words and f"{name}:{form}" not in options.words:
                continue
            with tempfile.TemporaryDirectory() as folder:
                if options.keep:
                    folder = f"{options.keep}/{name}_{form}"
                    os.makedirs(folder, exist_ok=True)
                answer = worker.convert(name, form, folder)
                verdict = (f"not converted: {answer['error'][:150]}" if "error" in answer
                           else checker.check(folder, form))
                if options.record and f"{name}_{form}" in RECORDED:
                    record(f"{name}_{form}", folder)
            print(f"{name:<26} {form:<8} {answer.get('layers', ''):>6}  {verdict}", flush=True)
    if not worker.names:
        sys.exit("TensorFlow can't be started")
    if checker.different:
        sys.exit(f"{checker.different} differ")


if __name__ == "__main__":
    main()
