"""Networks that ONNX Runtime's quantizer wrote, with vectors recorded with ONNX Runtime; part of make_onnx_models.py.

A small CNN of the operators whose integers ONNX Runtime computes the same way on every machine: convolutions, pooling, a dense
layer. It is quantized in both formats, with signed and unsigned weights, per tensor and per channel. Unsigned weights of it are so
unequal that they need 9 bits without their zero point.
"""

import logging
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

SHAPE = (1, 3, 9, 8)
VARIANTS = {
    "qoperator_u8u8": (QuantFormat.QOperator, QuantType.QUInt8, QuantType.QUInt8, False),
    "qoperator_u8s8_channels": (QuantFormat.QOperator, QuantType.QUInt8, QuantType.QInt8, True),
    "qoperator_s8s8": (QuantFormat.QOperator, QuantType.QInt8, QuantType.QInt8, False),
    "qdq_u8u8_channels": (QuantFormat.QDQ, QuantType.QUInt8, QuantType.QUInt8, True),
    "qdq_u8u8": (QuantFormat.QDQ, QuantType.QUInt8, QuantType.QUInt8, False),
    "qdq_s8s8_channels": (QuantFormat.QDQ, QuantType.QInt8, QuantType.QInt8, True),
}


def float_model(random, layers):
    """Nodes and weights of the CNN; `layers` is conv or dense for a part of it."""
    nodes, constants = [], []

    def weights(name, *shape):
        # More positive than negative weights: the zero points of unsigned ones lie far from the middle.
        values = random.standard_normal(shape) * 0.2 + 0.15
        constants.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def node(operation, *inputs, **attributes):
        nodes.append(
            helper.make_node(operation, inputs, [f"v{len(nodes)}"], name=f"{operation.lower()}_{len(nodes)}", **attributes))
        return nodes[-1].output[0]

    a = node("Relu", node("Conv", "image", weights("w0", 6, 3, 3, 3), weights("b0", 6), pads=[1, 1, 1, 1]))
    a = node("Conv", a, weights("w1", 6, 1, 3, 3), weights("b1", 6), pads=[1, 1, 1, 1], group=6, strides=[2, 1])
    a = node("MaxPool", a, kernel_shape=[2, 2], strides=[1, 2])
    a = node("Conv", a, weights("w2", 8, 6, 1, 1), weights("b2", 8))
    if layers == "dense":
        a = node("Flatten", a)
        a = node("MatMul", a, weights("w3", 8 * 4 * 4, 12))
    else:
        a = node("Flatten", node("GlobalAveragePool", a))
        a = node("Gemm", a, weights("w3", 5, 8), weights("b3", 5), transB=1)
    graph = helper.make_graph(
        nodes, "cnn", [helper.make_tensor_value_info("image", TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info(a, TensorProto.FLOAT, None)], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def move_zero_points(path):
    """Gives each channel of unsigned weights a zero point of its own, which the quantizer puts in the middle."""
    model = onnx.load(path)
    for constant in model.graph.initializer:
        if constant.name.startswith("w") and constant.name.endswith("zero_point"):
            points = numpy_helper.to_array(constant).astype(int)
            points = points + np.resize([50, -55, 40, -45], points.shape)
            constant.CopyFrom(numpy_helper.from_array(points.astype(np.uint8), constant.name))
    onnx.save(model, path)


class Reader(CalibrationDataReader):
    def __init__(self, images):
        self.images = iter(images)

    def get_next(self):
        image = next(self.images, None)
        return None if image is None else {"image": image}


def record(folder, path, vectors):
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(path.read_bytes())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    results = [session.run(None, {"image": vector})[0] for vector in vectors]
    np.save(folder / "input0.npy", np.stack(vectors))
    np.save(folder / "output0.npy", np.stack(results))


def make(target):
    logging.disable(logging.WARNING)
    random = np.random.default_rng(29)
    images = [random.standard_normal(SHAPE).astype(np.float32) for _ in range(16)]
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        for variant, (kind, activations, weights, channels) in VARIANTS.items():
            onnx.save(float_model(random, "dense" if variant == "qdq_u8u8" else "conv"), work / "float.onnx")
            quantize_static(
                str(work / "float.onnx"), str(work / "model.onnx"), Reader(images), quant_format=kind,
                per_channel=channels, activation_type=activations, weight_type=weights)
            if channels and weights == QuantType.QUInt8:
                move_zero_points(work / "model.onnx")
            # Half of the vectors leave the ranges that were seen.
            record(target / variant, work / "model.onnx", images[:2] + [2 * image for image in images[2:4]])
        onnx.save(float_model(random, "dense"), work / "float.onnx")
        quantize_dynamic(str(work / "float.onnx"), str(work / "model.onnx"), weight_type=QuantType.QUInt8)
        record(target / "dynamic", work / "model.onnx", images[:2])
