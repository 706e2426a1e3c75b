"""Writes the small ONNX models that the tests of the front end read, with vectors recorded with ONNX Runtime.

  python Tests/Fixtures/make_onnx_models.py [names of models]

needs the packages onnx and onnxruntime.
"""

import pathlib
import shutil
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import onnx_quantized

FOLDER = pathlib.Path(__file__).parent / "onnx"
random = np.random.default_rng(7)


def weights(*shape, scale=0.4):
    return (random.standard_normal(shape) * scale).astype(np.float32)


class Model:
    """A graph that grows node by node."""

    def __init__(self, name, opset=17, domains=()):
        self.name, self.opset, self.domains = name, opset, domains
        self.nodes, self.inputs, self.outputs, self.constants, self.functions = [], [], [], [], []

    def input(self, name, shape, kind=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def constant(self, array, name=None):
        name = name or f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, operation, *inputs, count=1, **attributes):
        names = [
            value if isinstance(value, str) else self.constant(value) for value in inputs]
        outputs = [f"v{len(self.nodes)}" + (f"_{i}" if i else "") for i in range(count)]
        self.nodes.append(
            helper.make_node(operation, names, outputs, name=f"{operation.lower()}_{len(self.nodes)}", **attributes))
        return outputs[0] if count == 1 else outputs

    def output(self, name, shape, kind=TensorProto.FLOAT):
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def write(self, *vectors):
        """The model, and each input with the outputs that ONNX Runtime gives."""
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(name, 1) for name in self.domains]
        model = helper.make_model(graph, opset_imports=opsets, functions=self.functions, ir_version=8)
        folder = FOLDER / self.name
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(model.SerializeToString())
        if not vectors:
            return
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        results = session.run(None, {value.name: vector for value, vector in zip(self.inputs, vectors)})
        for index, vector in enumerate(vectors):
            np.save(folder / f"input{index}.npy", vector[None])
        for index, result in enumerate(results):
            np.save(folder / f"output{index}.npy", result[None])


def cnn():
    """What exporters of image networks write: normalizations, a residual, flattening by shape arithmetic."""
    model = Model("cnn")
    x = model.input("image", ["batch", 3, 9, 8])
    a = model.node("Conv", x, weights(4, 3, 3, 3), weights(4), pads=[1, 1, 1, 1], strides=[2, 1])
    a = model.node(
        "BatchNormalization", a, weights(4) + 1, weights(4), weights(4), np.abs(weights(4)) + np.float32(0.5))
    a = model.node("Relu", a)
    b = model.node("Conv", a, weights(4, 1, 3, 3), pads=[1, 1, 1, 1], group=4)
    b = model.node("Clip", b, np.float32(0), np.float32(6))
    b = model.node("Conv", b, weights(4, 4, 1, 1), weights(4))
    c = model.node("Add", a, b)
    c = model.node("MaxPool", c, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    c = model.node("Conv", model.node("Concat", c, c, axis=1), weights(6, 4, 2, 2), group=2, auto_pad="SAME_UPPER")
    shape = model.node("Shape", c)
    batch = model.node("Unsqueeze", model.node("Gather", shape, np.int64(0), axis=0), np.array([0]))
    flat = model.node("Reshape", c, model.node("Concat", batch, np.array([-1]), axis=0))
    d = model.node("Gemm", flat, weights(5, 72), weights(5), transB=1)
    model.output(model.node("Softmax", d, axis=-1), ["batch", 5])
    model.write(weights(1, 3, 9, 8, scale=1))


def sound():
    """One-dimensional convolutions, pooling of the time axis, a sigmoid gate."""
    model = Model("sound", opset=11)
    x = model.input("sound", [1, 2, 20])
    a = model.node("Conv", x, weights(4, 2, 5), weights(4), strides=[2], pads=[2, 1], dilations=[1])
    a = model.node("LeakyRelu", a, alpha=0.1)
    a = model.node("Mul", a, model.node("Sigmoid", a))
    a = model.node("AveragePool", a, kernel_shape=[3], strides=[2], pads=[1, 1], count_include_pad=1)
    a = model.node("Transpose", a, perm=[0, 2, 1])
    a = model.node("MatMul", a, weights(4, 3))
    model.output(model.node("ReduceMean", a, axes=[1], keepdims=0), [1, 3])
    model.write(weights(1, 2, 20, scale=1))


def functions():
    """A function that the model defines, called twice with an attribute."""
    model = Model("functions", opset=18, domains=["local"])
    body = [
        helper.make_node("Mul", ["x", "factor"], ["scaled"]), helper.make_node("Elu", ["scaled"], ["y"]),
        helper.make_node("Constant", [], ["factor"]),
    ]
    body[2].attribute.append(onnx.AttributeProto(
        name="value_float", ref_attr_name="factor", type=onnx.AttributeProto.FLOAT))
    body = [body[2], body[0], body[1]]
    model.functions.append(helper.make_function(
        "local", "Scaled", ["x"], ["y"], body, [helper.make_opsetid("", 18)], attributes=["factor"]))
    x = model.input("x", [2, 3])
    a = model.node("Scaled", x, domain="local", factor=2.0)
    model.output(model.node("Scaled", a, domain="local", factor=-0.5), [2, 3])
    model.write(weights(2, 3, scale=1))


def qlinear():
    """Operators on uint8 with scales among their inputs, as ONNX Runtime's quantizer writes them."""
    model = Model("qlinear", opset=13, domains=["com.microsoft"])

    def scale(value):
        return np.float32(value)

    def zero(value):
        return np.uint8(value)

    x = model.input("image", [1, 3, 6, 6], TensorProto.UINT8)
    filters = random.integers(-90, 90, (4, 3, 3, 3)).astype(np.int8)
    a = model.node(
        "QLinearConv", x, scale(0.02), zero(117), filters, random.uniform(0.004, 0.01, 4).astype(np.float32),
        np.zeros(4, np.int8), scale(0.05), zero(131), random.integers(-900, 900, 4).astype(np.int32), pads=[1, 1, 1, 1])
    more = random.integers(60, 200, (4, 1, 3, 3)).astype(np.uint8)
    b = model.node(
        "QLinearConv", a, scale(0.05), zero(131), more, scale(0.01), zero(128), scale(0.04), zero(120), group=4,
        strides=[1, 1], pads=[1, 1, 1, 1])
    c = model.node(
        "QLinearAdd", a, scale(0.05), zero(131), b, scale(0.04), zero(120), scale(0.06), zero(125),
        domain="com.microsoft")
    c = model.node("QLinearLeakyRelu", c, scale(0.06), zero(125), scale(0.05), zero(100), alpha=0.2, domain="com.microsoft")
    d = model.node(
        "QLinearGlobalAveragePool", c, scale(0.05), zero(100), scale(0.03), zero(90), channels_last=0,
        domain="com.microsoft")
    flat = model.node("Flatten", d)
    dense = random.integers(-120, 120, (4, 5)).astype(np.int8)
    model.output(
        model.node(
            "QGemm", flat, scale(0.03), zero(90), dense, scale(0.01), np.int8(0),
            random.integers(-300, 300, 5).astype(np.int32), scale(0.02), zero(100), domain="com.microsoft"), [1, 5],
        TensorProto.UINT8)
    model.write(random.integers(0, 255, (1, 3, 6, 6), endpoint=True).astype(np.uint8))


def qdq():
    """Floats between integers: quantization and dequantization around each operator."""
    model = Model("qdq", opset=13)

    def around(value, step, point):
        parameters = [np.float32(step), np.int8(point)]
        return model.node("DequantizeLinear", model.node("QuantizeLinear", value, *parameters), *parameters)

    def filters(shape, axis=0):
        steps = random.uniform(0.004, 0.02, shape[axis]).astype(np.float32)
        integers = random.integers(-127, 127, shape).astype(np.int8)
        points = np.zeros(shape[axis], np.int8)
        return model.node("DequantizeLinear", integers, steps, points, axis=axis), steps

    x = around(model.input("image", [1, 2, 6, 5]), 0.02, 3)
    w, steps = filters((4, 2, 3, 3))
    bias = model.node(
        "DequantizeLinear", random.integers(-900, 900, 4).astype(np.int32), steps * np.float32(0.02),
        np.zeros(4, np.int32), axis=0)
    a = around(model.node("Relu", model.node("Conv", x, w, bias, pads=[1, 1, 1, 1])), 0.03, -128)
    a = around(model.node("MaxPool", a, kernel_shape=[2, 2], strides=[2, 2]), 0.03, -128)
    w, _ = filters((24, 3), axis=1)
    flat = model.node("Reshape", a, np.array([1, 24]))
    y = around(model.node("MatMul", flat, w), 0.1, 5)
    model.output(y, [1, 3])
    model.write(weights(1, 2, 6, 5, scale=1))


def unsupported():
    """Three nodes that can't be taken, among others that can."""
    model = Model("unsupported")
    x = model.input("x", [1, 2, 4, 4])
    a = model.node("Relu", x)
    b = model.node("NonZero", a)
    c = model.node("Det", a)
    d = model.node("Relu", b)
    e = model.node("MaxPool", a, kernel_shape=[2, 2], dilations=[2, 2])
    model.output(d, None, TensorProto.INT64)
    model.output(c, None)
    model.output(e, None)
    model.write()


def recurrent_layer(kind, random, inputs, units, directions=1):
    """Weights, recurrent weights and biases, as large as training begins with."""
    rows = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind] * units
    shapes = [(directions, rows, inputs), (directions, rows, units), (directions, 2 * rows)]
    return [(random.uniform(-1, 1, shape) / np.sqrt(units)).astype(np.float32) for shape in shapes]


def recurrent():
    """Both directions, both forms of the reset gate, states from constants and from another layer, all outputs."""
    random = np.random.default_rng(11)
    model = Model("recurrent", opset=14)
    x = model.input("x", [7, 1, 3])
    initial = random.uniform(-1, 1, (2, 1, 5)).astype(np.float32)
    y, _, cell = model.node(
        "LSTM", x, *recurrent_layer("LSTM", random, 3, 5, 2), np.array([7], np.int32), initial, initial / 2,
        count=3, hidden_size=5, direction="bidirectional", clip=3.0)
    y = model.node("Reshape", model.node("Transpose", y, perm=[0, 2, 1, 3]), np.array([7, 1, 10]))
    y, last = model.node(
        "GRU", y, *recurrent_layer("GRU", random, 10, 4), count=2, hidden_size=4, direction="reverse",
        linear_before_reset=1)
    y = model.node("Squeeze", y, np.array([1]))
    y, _ = model.node("GRU", y, *recurrent_layer("GRU", random, 4, 4), "", last, count=2, hidden_size=4)
    y = model.node("Squeeze", y, np.array([1]))
    y = model.node("RNN", y, *recurrent_layer("RNN", random, 4, 6), hidden_size=6, activations=["Relu"])
    y = model.node("Squeeze", y, np.array([1]))
    _, last = model.node("RNN", y, *recurrent_layer("RNN", random, 6, 3), count=2, hidden_size=3, direction="reverse")
    model.output(last, [1, 1, 3])
    model.output(cell, [2, 1, 5])
    model.write(random.standard_normal((7, 1, 3)).astype(np.float32))


def unsupported_recurrent():
    """Variants of recurrent layers that are refused."""
    random = np.random.default_rng(12)
    model = Model("unsupported_recurrent", opset=14)
    x = model.input("x", [7, 1, 3])

    def add(kind, *more, **attributes):
        model.output(model.node(kind, x, *recurrent_layer(kind, random, 3, 2), *more, hidden_size=2, **attributes), None)

    add("LSTM", "", "", "", np.ones((1, 6), np.float32))
    add("LSTM", input_forget=1)
    add("GRU", activations=["HardSigmoid", "Tanh"])
    add("RNN", activations=["Elu"])
    add("RNN", np.array([6], np.int32))
    model.output(model.node("RNN", x, *recurrent_layer("RNN", random, 4, 2), hidden_size=2), None)
    model.write()


if __name__ == "__main__":
    # Those that draw from one sequence of random numbers are written together; the others can be named.
    sequence, others = [cnn, sound, functions, qlinear, qdq, unsupported], [recurrent, unsupported_recurrent]
    words = sys.argv[1:]
    for make in [make for make in others if make.__name__ in words] if words else sequence + others:
        shutil.rmtree(FOLDER / make.__name__, ignore_errors=True)
        make()
    onnx_quantized.make(FOLDER)
