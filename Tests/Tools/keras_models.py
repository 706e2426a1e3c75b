"""Networks as Keras writes them, converted by TensorFlow Lite in five forms, through nncgen: make keras-models

Every network has random weights of a fixed seed and is converted to float32, with dynamic range and float16 weights, to
int8 with int8 inputs and outputs, and to int16 activations with int8 weights. What nncgen answers is compared with
TensorFlow Lite Micro, in every bit; where that can't run a model, with TensorFlow Lite's own kernels, which round in
another way in some operators, so that a few units between them are no error. Floats must agree to five digits, but those
of dynamic range, where TensorFlow Lite quantizes activations while it runs, only to 40 dB. Float forms are then quantized with --calibrate, which prints the signal-to-noise ratio
of the answers. The C of every form is compiled and run on this machine and on the emulated Cortex-M0.

Verdicts: "identical", decibels of the float forms, or what nncgen refuses and why. The command fails when something is
different; what is refused or can't be converted is listed. --record writes the models that the tests keep, with answers
of TensorFlow Lite Micro, and of TensorFlow Lite for floats: Tests/Fixtures/keras.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np

IS_WORKER = "--worker" in sys.argv
if IS_WORKER:  # converts; it is a process of its own, since TensorFlow ends with some models
    import keras
    import tensorflow as tf
    import tf_keras
    from keras import layers

SEED = 7
VECTORS = 8
# Units between integer answers and those of TensorFlow Lite's own kernels, where TensorFlow Lite Micro can't run a model.
OTHER_ROUNDING = 3
DECIBELS = {"float": 90, "float16": 90, "dynamic": 40}
FORMS = ["float", "dynamic", "float16", "int8", "int16"]
# What the tests keep.
RECORDED = ["gru_unrolled_int8", "gru_stateful_unrolled_int8", "lstm_two_layers_keras2_int8", "unet_int8", "attention_int8",
            "mobilenet_v2_int8", "gru_float", "lstm_sequences_float"]
RECORDS = pathlib.Path(__file__).resolve().parents[1] / "Fixtures" / "keras"
MODELS = {}


def model(shape, *shapes):
    """Registers a network: a function of the inputs' symbolic tensors."""

    def register(build):
        def make():
            inputs = [keras.Input(batch_shape=(1, *s)) for s in (shape, *shapes)]
            return keras.Model(inputs if len(inputs) > 1 else inputs[0], build(*inputs))

        MODELS[build.__name__] = make
        return build

    return register


# Recurrent layers. Those of Keras 2 carry a mark by which the converter makes one operator of an LSTM.

def recurrent(name, layer, steps=6, features=4):
    def make():
        inputs = keras.Input(batch_shape=(1, steps, features))
        return keras.Model(inputs, layers.Dense(3)(layer()(inputs)))

    MODELS[name] = make


for unroll in (False, True):
    kind = "_unrolled" if unroll else ""
    recurrent("lstm" + kind, lambda unroll=unroll: layers.LSTM(5, unroll=unroll))
    recurrent("gru" + kind, lambda unroll=unroll: layers.GRU(5, unroll=unroll))
    recurrent("gru_reset_before" + kind, lambda unroll=unroll: layers.GRU(5, unroll=unroll, reset_after=False))
    recurrent("simple_rnn" + kind, lambda unroll=unroll: layers.SimpleRNN(5, unroll=unroll))
    recurrent("bidirectional_gru" + kind, lambda unroll=unroll: layers.Bidirectional(layers.GRU(4, unroll=unroll)))
recurrent("lstm_sequences", lambda: layers.LSTM(5, return_sequences=True))
recurrent("gru_sequences_unrolled", lambda: layers.GRU(5, return_sequences=True, unroll=True))
recurrent("bidirectional_lstm", lambda: layers.Bidirectional(layers.LSTM(4, return_sequences=True)))
recurrent("gru_stateful_unrolled", lambda: layers.GRU(5, stateful=True, unroll=True))
recurrent("lstm_stateful", lambda: layers.LSTM(5, stateful=True))


def lstm_keras2():
    inputs = tf_keras.Input(batch_shape=(1, 6, 4))
    return tf_keras.Model(inputs, tf_keras.layers.Dense(3)(tf_keras.layers.LSTM(5)(inputs)))


def lstm_two_layers_keras2():
    inputs = tf_keras.Input(batch_shape=(1, 6, 4))
    x = tf_keras.layers.LSTM(6, return_sequences=True)(inputs)
    return tf_keras.Model(inputs, tf_keras.layers.Dense(3)(tf_keras.layers.LSTM(5)(x)))


def bidirectional_lstm_keras2():
    inputs = tf_keras.Input(batch_shape=(1, 6, 4))
    x = tf_keras.layers.Bidirectional(tf_keras.layers.LSTM(4, return_sequences=True))(inputs)
    return tf_keras.Model(inputs, tf_keras.layers.Dense(3)(x))


for build in (lstm_keras2, lstm_two_layers_keras2, bidirectional_lstm_keras2):
    MODELS[build.__name__] = build


# Layers of one kind.

@model((5, 6, 6, 2))
def time_distributed(x):
    x = layers.TimeDistributed(layers.Conv2D(3, 3, activation="relu"))(x)
    return layers.TimeDistributed(layers.Dense(2))(layers.TimeDistributed(layers.Flatten())(x))


@model((20, 4))
def conv1d(x):
    x = layers.Conv1D(6, 5, padding="same", activation="relu")(x)
    x = layers.MaxPooling1D(2)(x)
    x = layers.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu")(x)
    return layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling1D()(x))


@model((5, 6, 3))
def conv2d_transpose(x):
    x = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu")(x)
    return layers.Conv2DTranspose(2, 2, strides=2, padding="valid")(x)


@model((4, 5, 3))
def upsampling2d(x):
    nearest = layers.UpSampling2D(2)(layers.Conv2D(4, 3, padding="same")(x))
    return layers.UpSampling2D(2, interpolation="bilinear")(nearest)


@model((9, 8, 3))
def separable_conv(x):
    x = layers.SeparableConv2D(6, 3, strides=2, padding="same", depth_multiplier=2)(x)
    x = layers.ReLU(max_value=6)(layers.BatchNormalization()(x))
    return layers.Dense(4)(layers.Flatten()(x))


@model((16, 5))
def separable_conv1d(x):
    return layers.Dense(4)(layers.Flatten()(layers.SeparableConv1D(6, 3, activation="relu")(x)))


@model((12,))
def activations(x):
    parts = [layers.Dense(4, activation=name)(x) for name in (
        "tanh", "sigmoid", "elu", "swish", "hard_sigmoid", "softplus", "relu6", "leaky_relu", "softmax")]
    return layers.Concatenate()(parts)


@model((6, 6, 4), (6, 6, 4))
def merging(a, b):
    x = layers.Multiply()([layers.Add()([a, b]), layers.Subtract()([a, b])])
    return layers.Average()([layers.Maximum()([x, a]), layers.Minimum()([x, b])])


# Networks.

def bottleneck(x, filters, expansion, stride):
    y = layers.ReLU(6.0)(layers.BatchNormalization()(layers.Conv2D(x.shape[-1] * expansion, 1, use_bias=False)(x)))
    if stride == 2:
        y = layers.ZeroPadding2D(((0, 1), (0, 1)))(y)
    y = layers.DepthwiseConv2D(3, strides=stride, padding="valid" if stride == 2 else "same", use_bias=False)(y)
    y = layers.ReLU(6.0)(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 1, use_bias=False)(y))
    return layers.Add()([x, y]) if stride == 1 and x.shape[-1] == filters else y


@model((24, 24, 3))
def mobilenet_v2(x):
    x = layers.Resizing(32, 32)(x)
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    for filters, expansion, stride in ((8, 1, 1), (12, 4, 2), (12, 4, 1), (16, 4, 2), (16, 4, 1)):
        x = bottleneck(x, filters, expansion, stride)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(32, 1, activation="relu6")(x))
    return layers.Dense(4, activation="softmax")(x)


@model((25, 10, 1))
def ds_cnn(x):
    x = layers.Conv2D(12, (10, 4), strides=2, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for _ in range(2):
        x = layers.ReLU()(layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(x)))
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(12, 1)(x)))
    x = layers.Dropout(0.4)(x)
    return layers.Dense(5, activation="softmax")(layers.Flatten()(layers.AveragePooling2D(x.shape[1:3])(x)))


@model((40,))
def autoencoder(x):
    for units in (24, 8, 24):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Dense(units)(x)))
    return layers.Dense(40)(x)


@model((12, 12, 3))
def unet(x):
    outer = layers.Conv2D(6, 3, padding="same", activation="relu")(x)
    inner = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPooling2D()(outer))
    x = layers.Concatenate()([layers.Conv2DTranspose(6, 2, strides=2)(inner), outer])
    return layers.Conv2D(2, 1, activation="sigmoid")(x)


@model((6, 8))
def attention(x):
    y = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)]))
    z = layers.Dense(8)(layers.Dense(16, activation="relu")(y))
    return layers.Dense(3)(layers.GlobalAveragePooling1D()(layers.Add()([y, z])))


@model((10, 6))
def conv_gru(x):
    x = layers.Conv1D(8, 3, activation="relu")(x)
    return layers.Dense(4, activation="softmax")(layers.GRU(6, unroll=True)(x))


# Conversion.

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


# References.

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


# nncgen.

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


def work():
    """Converts a model for each line of the standard input, and answers with a line of JSON."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    with open(os.devnull, "w") as nothing:
        for stream in (1, 2):
            os.dup2(nothing.fileno(), stream)
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


class Worker:
    """A process that converts, started anew when it ends."""

    def __init__(self):
        self.process = None

    def convert(self, name, form, folder):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, __file__, "--worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True)
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
    for name in MODELS:
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
    if checker.different:
        sys.exit(f"{checker.different} differ")


if __name__ == "__main__":
    work() if IS_WORKER else main()
