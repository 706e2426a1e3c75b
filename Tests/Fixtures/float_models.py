"""Makes the float network of an int8 .tflite file: real values take the place of quantized ones.

    python float_models.py FOLDER

writes model_float.tflite from the folder's model.tflite, and calibration.npy, real values of 40 vectors of samples.npy.
"""

import sys
from pathlib import Path

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

NUMBERS = {schema.TensorType.INT8: "<i1", schema.TensorType.INT16: "<i2", schema.TensorType.INT32: "<i4"}


def real_values(tensor, data):
    """The real values of a quantized constant, whose scales may change along an axis."""
    values = np.frombuffer(bytes(data), NUMBERS[tensor.type]).reshape(tensor.shape).astype(np.float64)
    parameters = tensor.quantization
    shape = [1] * values.ndim
    if len(parameters.scale) > 1:
        shape[parameters.quantizedDimension] = -1
    scales = np.asarray(parameters.scale, np.float64).reshape(shape)
    zero_points = np.asarray(parameters.zeroPoint, np.float64).reshape(shape)
    return ((values - zero_points) * scales).astype("<f4")


def to_float(model, half=False, keep_weights=False):
    """Changes a ModelT of the schema's object API in place.

    half rounds the constants to float16; keep_weights leaves the int8 constants as they are, as files of "dynamic range"
    quantization have them.
    """
    for tensor in model.subgraphs[0].tensors:
        data = model.buffers[tensor.buffer].data
        is_constant = data is not None and len(data) > 0
        is_quantized = tensor.quantization is not None and tensor.quantization.scale is not None \
            and len(tensor.quantization.scale) > 0
        if keep_weights and is_constant and tensor.type == schema.TensorType.INT8:
            continue
        if is_constant and is_quantized:
            values = real_values(tensor, data)
            if half:
                values = values.astype("<f2").astype("<f4")
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(values.tobytes(), np.uint8)
            tensor.buffer = len(model.buffers)
            model.buffers.append(buffer)
        if tensor.type in (schema.TensorType.INT8, schema.TensorType.INT16) or is_constant and is_quantized:
            tensor.type = schema.TensorType.FLOAT32
        tensor.quantization = None
    used = {tensor.buffer for tensor in model.subgraphs[0].tensors}
    for index, buffer in enumerate(model.buffers):
        if index not in used:
            buffer.data = None
    model.metadata = None


def store_halves(model):
    """Stores the float constants as float16, each with a DEQUANTIZE behind it, as converters do."""
    graph = model.subgraphs[0]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    model.operatorCodes.append(code)
    for index, tensor in enumerate(list(graph.tensors)):
        data = model.buffers[tensor.buffer].data
        if tensor.type != schema.TensorType.FLOAT32 or data is None or len(data) == 0:
            continue
        wide = schema.TensorT()
        wide.name, wide.shape, wide.type = f"{tensor.name}_wide", tensor.shape, schema.TensorType.FLOAT32
        halves = np.frombuffer(bytes(data), "<f4").astype("<f2")
        model.buffers[tensor.buffer].data = np.frombuffer(halves.tobytes(), np.uint8)
        tensor.type = schema.TensorType.FLOAT16
        for operator in graph.operators:
            operator.inputs = [len(graph.tensors) if i == index else i for i in operator.inputs]
        widening = schema.OperatorT()
        widening.opcodeIndex = len(model.operatorCodes) - 1
        widening.inputs, widening.outputs = [index], [len(graph.tensors)]
        graph.tensors.append(wide)
        graph.operators.insert(0, widening)


def converted(contents, store=False, **options):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(contents, 0))
    to_float(model, **options)
    if store:
        store_halves(model)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def main(folder):
    contents = (folder / "model.tflite").read_bytes()
    (folder / "model_float.tflite").write_bytes(converted(contents))
    graph = schema.ModelT.InitFromObj(schema.Model.GetRootAs(contents, 0)).subgraphs[0]
    parameters = graph.tensors[graph.inputs[0]].quantization
    samples = np.load(folder / "samples.npy")[::5].astype(np.float32)
    np.save(folder / "calibration.npy", (samples - np.float32(parameters.zeroPoint[0])) * np.float32(parameters.scale[0]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
