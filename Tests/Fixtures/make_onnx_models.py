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
        for role, arrays in [("input", vectors), ("output", results)]:
            for index, array in enumerate(arrays):
                # Integers of 64 bits have 32 in the graph.
                narrow = array.astype(np.int32) if array.dtype == np.int64 else array
                np.save(folder / f"{role}{index}.npy", narrow[None])


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


def integers():
    """Arithmetic, comparisons, choices and movement of plain integers of all widths."""
    model = Model("integers", opset=18)
    a = model.input("a", [2, 5], TensorProto.INT8)
    b = model.input("b", [2, 5], TensorProto.INT32)
    c = model.input("c", [2, 5], TensorProto.UINT8)
    places = model.input("places", [2, 3], TensorProto.INT64)
    small = model.node("Cast", a, to=TensorProto.INT32)
    odd = np.array([3, -4, 5, -6, 7], np.int32)
    rest = model.node("Mod", b, odd)
    part = model.node("Div", b, odd)
    test = model.node("And", model.node("Greater", b, small), model.node("Not", model.node("Equal", rest, np.int32(0))))
    chosen = model.node("Where", test, model.node("Mul", b, rest), model.node("Sub", part, small))
    clipped = model.node("Clip", chosen, np.int32(-900), np.int32(1000))
    model.output(model.node("CumSum", clipped, np.int64(1), exclusive=1, reverse=1), [2, 5], TensorProto.INT32)
    bits = model.node("BitShift", c, np.array([0, 1, 2, 7, 8], np.uint8), direction="LEFT")
    bits = model.node("BitwiseXor", model.node("BitwiseNot", bits), model.node("BitwiseAnd", c, np.uint8(0x5A)))
    model.output(bits, [2, 5], TensorProto.UINT8)
    model.output(model.node("Add", model.node("Max", a, np.int8(-20)), a), [2, 5], TensorProto.INT8)
    model.output(model.node("GatherElements", b, places, axis=1), [2, 3], TensorProto.INT32)
    rows = model.node("Gather", model.node("Transpose", clipped, perm=[1, 0]), places, axis=0)
    model.output(model.node("ReduceSum", rows, np.array([1, 2]), keepdims=0), [2], TensorProto.INT32)
    model.output(
        model.node("ScatterElements", b, np.array([[4, 0, -2], [1, 1, 1]]), np.array([[7, 8, 9]] * 2, np.int32),
                   axis=1, reduction="add"), [2, 5], TensorProto.INT32)
    model.output(model.node("OneHot", places, np.int64(5), np.array([2, 9])), [2, 3, 5], TensorProto.INT64)
    model.output(model.node("ArgMin", a, axis=1, select_last_index=1), [2, 1], TensorProto.INT64)
    model.write(
        np.array([[-128, 127, 3, -20, 3], [5, -7, -7, 90, 100]], np.int8),
        np.array([[1000, -1001, 17, 2**31 - 1, -5], [0, 4, -2**31, 6, 21]], np.int32),
        np.array([[0, 255, 129, 3, 77], [1, 2, 4, 8, 16]], np.uint8), np.array([[0, -1, 3], [-5, 4, 2]]))


def matrices():
    """Products of computed matrices, sums over named axes, attention with a mask, normalizations."""
    model = Model("matrices", opset=18)
    x = model.input("x", [2, 6, 8])
    query, key, value = [
        model.node("Transpose", model.node("Reshape", model.node("MatMul", x, weights(8, 8)), np.array([2, 6, 2, 4])),
                   perm=[0, 2, 1, 3]) for _ in range(3)]
    scores = model.node("MatMul", query, model.node("Transpose", key, perm=[0, 1, 3, 2]))
    mask = np.triu(np.full((6, 6), -np.inf, np.float32), 1)
    shares = model.node("Softmax", model.node("Add", model.node("Div", scores, np.float32(2)), mask), axis=-1)
    mixed = model.node("Einsum", shares, value, equation="bhqk,bhkd->bqhd")
    flat = model.node("Add", x, model.node("Reshape", mixed, np.array([2, 6, 8])))
    normal = model.node("LayerNormalization", flat, weights(8) + 1, weights(8), axis=-1)
    gate = model.node("Trilu", model.node("Einsum", normal, normal, equation="bij,bkj->bik"), np.int64(0), upper=0)
    model.output(model.node("Hardmax", gate, axis=2), [2, 6, 6])
    product = model.node("Gemm", model.node("ReduceProd", normal, np.array([1]), keepdims=0),
                         model.node("ReduceMax", gate, np.array([1]), keepdims=0), weights(8, 6), transA=1, alpha=0.5,
                         beta=2.0)
    model.output(product, [8, 6])
    model.output(model.node("Pow", model.node("Abs", product), np.array([1, 2, 0.5, -1, 3, 2], np.float32)), [8, 6])
    model.write(weights(2, 6, 8, scale=1))


def pictures():
    """Transposed convolutions, other sizes by several filters, pooling with gaps, neighbours among channels."""
    model = Model("pictures", opset=18)
    x = model.input("image", [1, 4, 7, 6])
    a = model.node("ConvTranspose", x, weights(4, 2, 3, 2), weights(4), strides=[2, 1], pads=[1, 0, 0, 1], group=2,
                   output_padding=[1, 0])
    b = model.node("ConvTranspose", x, weights(4, 3, 2, 2), dilations=[2, 1], auto_pad="SAME_UPPER", strides=[2, 2])
    model.output(model.node("LRN", a, size=3, alpha=0.3, bias=1.5), None)
    model.output(model.node("MaxPool", b, kernel_shape=[2, 3], dilations=[2, 1], strides=[1, 2], pads=[1, 0, 0, 1]), None)
    model.output(
        model.node("AveragePool", b, kernel_shape=[3, 2], strides=[2, 2], pads=[1, 1, 1, 0], ceil_mode=1,
                   count_include_pad=1), None)
    model.output(model.node("Resize", x, "", np.array([1, 1, 1.5, 2], np.float32), mode="linear"), None)
    model.output(model.node("Resize", x, "", "", np.array([1, 4, 5, 11]), mode="cubic"), None)
    model.output(
        model.node("Resize", x, "", "", np.array([1, 4, 4, 3]), mode="linear", antialias=1,
                   coordinate_transformation_mode="align_corners"), None)
    model.output(model.node("DepthToSpace", x, blocksize=2, mode="CRD"), None)
    model.output(model.node("LpPool", x, kernel_shape=[2, 2], strides=[2, 2], p=2), None)
    model.output(model.node("Pad", x, np.array([0, 0, 2, -1, 0, 0, 0, 3]), mode="reflect"), None)
    model.write(weights(1, 4, 7, 6, scale=1))


def control():
    """A loop and a scan that are unrolled, and a choice that is known; spectra of a signal."""
    model = Model("control", opset=18)
    x = model.input("signal", [1, 24, 1])
    frames = model.node("STFT", x, np.int64(4), np.hanning(8).astype(np.float32))
    power = model.node("ReduceSum", model.node("Mul", frames, frames), np.array([3]), keepdims=0)

    def graph(name, nodes, inputs, outputs):
        def info(names):
            return [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in names]

        return helper.make_graph(nodes, name, info(inputs), info(outputs))

    loop = graph(
        "loop", [
            helper.make_node("Mul", ["state", "half"], ["scaled"]), helper.make_node("Add", ["scaled", "bias"], ["next"]),
            helper.make_node("Less", ["round", "last"], ["again"]), helper.make_node("ReduceMax", ["next"], ["most"]),
        ], [("round", TensorProto.INT64, []), ("given", TensorProto.BOOL, []), ("state", TensorProto.FLOAT, None)],
        [("again", TensorProto.BOOL, []), ("next", TensorProto.FLOAT, None), ("most", TensorProto.FLOAT, None)])
    for name, value in [("half", np.float32(0.5)), ("bias", weights(5)), ("last", np.int64(2))]:
        model.constant(value, name)
    state, most = model.node("Loop", np.int64(9), np.array(True), power, count=2, body=loop)
    model.output(most, [3, 1, 1, 1])
    scan = graph(
        "scan", [helper.make_node("Add", ["sum", "row"], ["total"]), helper.make_node("Tanh", ["total"], ["bent"])],
        [("sum", TensorProto.FLOAT, None), ("row", TensorProto.FLOAT, None)],
        [("total", TensorProto.FLOAT, [1, 5]), ("bent", TensorProto.FLOAT, [1, 5])])
    _, bent = model.node(
        "Scan", weights(1, 5), state, count=2, body=scan, num_scan_inputs=1, scan_input_axes=[1],
        scan_output_axes=[1], scan_input_directions=[1])
    model.output(bent, [1, 5, 5])
    branches = {
        f"{name}_branch": graph(name, [helper.make_node(operation, [bent], ["y"])], [], [("y", TensorProto.FLOAT, None)])
        for name, operation in [("then", "Neg"), ("else", "Abs")]}
    model.output(model.node("If", model.node("Less", model.node("Size", bent), np.int64(25)), **branches), [1, 5, 5])
    model.write(weights(1, 24, 1, scale=1))


def runtime():
    """Operators that ONNX Runtime's optimizers write."""
    model = Model("runtime", opset=17, domains=["com.microsoft"])

    def fused(operation, *inputs, **attributes):
        return model.node(operation, *inputs, domain="com.microsoft", **attributes)

    x = model.input("x", [2, 3, 4])
    a = fused("FusedMatMul", x, weights(4, 4), transB=1, alpha=0.5)
    a = fused("BiasGelu", a, weights(4))
    a = fused("SkipLayerNormalization", a, x, weights(4) + 1, weights(4), weights(4), epsilon=1e-5)
    a = fused("FastGelu", fused("QuickGelu", a), weights(4))
    flat = model.node("Reshape", a, np.array([6, 4]))
    model.output(
        fused("FusedGemm", flat, weights(4, 3), weights(3), activation="LeakyRelu", activation_alpha=0.2), [6, 3])
    image = model.node("Reshape", fused("Gelu", a), np.array([1, 2, 3, 4]))
    model.output(
        fused("FusedConv", image, weights(2, 2, 3, 3), weights(2), pads=[1, 1, 1, 1], activation="Clip",
              activation_params=[-0.5, 0.5]), [1, 2, 3, 4])
    model.write(weights(2, 3, 4, scale=1))


def qdq_upscaling():
    """A transposed convolution, a maximum and the place of the largest class between quantizations."""
    model = Model("qdq_upscaling", opset=13)

    def around(value, step, point):
        parameters = [np.float32(step), np.int8(point)]
        return model.node("DequantizeLinear", model.node("QuantizeLinear", value, *parameters), *parameters)

    x = around(model.input("image", [1, 4, 3, 3]), 0.02, 3)
    steps = random.uniform(0.004, 0.02, 3).astype(np.float32)
    filters = random.integers(-127, 127, (4, 3, 2, 2)).astype(np.int8)
    w = model.node("DequantizeLinear", filters, steps, np.zeros(3, np.int8), axis=1)
    bias = model.node(
        "DequantizeLinear", random.integers(-900, 900, 3).astype(np.int32), steps * np.float32(0.02),
        np.zeros(3, np.int32), axis=0)
    a = around(model.node("ConvTranspose", x, w, bias, strides=[2, 2]), 0.05, -10)
    b = around(model.node("Max", a, around(model.node("Relu", a), 0.05, -10)), 0.05, -10)
    model.output(b, [1, 3, 6, 6])
    model.output(model.node("ArgMax", b, axis=1, keepdims=0), [1, 6, 6], TensorProto.INT64)
    model.write(weights(1, 4, 3, 3, scale=1))


def unsupported():
    """Three nodes that can't be taken, among others that can."""
    model = Model("unsupported")
    x = model.input("x", [1, 2, 4, 4])
    a = model.node("Relu", x)
    b = model.node("NonZero", a)
    c = model.node("Det", a)
    d = model.node("Relu", b)
    e = model.node("Unique", a)
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


def lists():
    """The first elements of plain integers: largest and smallest, along several axes, some, one or all of them."""
    random = np.random.default_rng(13)
    model = Model("lists", opset=11)
    x, y = model.input("x", [3, 8, 5], TensorProto.INT32), model.input("y", [2, 40], TensorProto.INT64)
    for source, shape, kind, rows in (
        (x, [3, 8, 5], TensorProto.INT32, [(1, 4, 1), (0, 3, 0), (-1, 1, 1)]),
        (y, [2, 40], TensorProto.INT64, [(1, 7, 0), (-1, 40, 1)]),
    ):
        for axis, kept, largest in rows:
            values, places = model.node(
                "TopK", source, np.array([kept]), count=2, axis=axis, largest=largest, sorted=1)
            dims = [kept if i == axis % len(shape) else size for i, size in enumerate(shape)]
            model.output(values, dims, kind)
            model.output(places, dims, TensorProto.INT64)
    # Few different values, so that many are equal.
    model.write(random.integers(-4, 5, (3, 8, 5)).astype(np.int32), random.integers(-10, 10, (2, 40)))


def qdq_lists():
    """The largest elements between quantizations."""
    random = np.random.default_rng(14)
    model = Model("qdq_lists", opset=13)

    def around(value, step, point):
        parameters = [np.float32(step), np.int8(point)]
        return model.node("DequantizeLinear", model.node("QuantizeLinear", value, *parameters), *parameters)

    x = around(model.input("x", [1, 30]), 0.05, 3)
    values, places = model.node("TopK", x, np.array([5]), count=2, axis=1)
    model.output(around(values, 0.05, 3), [1, 5])
    model.output(places, [1, 5], TensorProto.INT64)
    model.write(random.standard_normal((1, 30)).astype(np.float32))


if __name__ == "__main__":
    # Those that draw from one sequence of random numbers are written together; the others can be named.
    sequence = [
        cnn, sound, functions, qlinear, qdq, unsupported, integers, matrices, pictures, control, runtime, qdq_upscaling,
    ]
    others = [recurrent, unsupported_recurrent, lists, qdq_lists]
    words = sys.argv[1:]
    for make in [make for make in others if make.__name__ in words] if words else sequence + others:
        shutil.rmtree(FOLDER / make.__name__, ignore_errors=True)
        make()
    onnx_quantized.make(FOLDER)
