"""Writes small int8 .tflite models with the schema's object API.

ModelBuilder collects tensors and operators of a model; the functions after it
each add one operator to a model and return its output tensor, or tensors.
"""

import contextlib
import math
import zlib

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

TYPES = {"int8": schema.TensorType.INT8, "uint8": schema.TensorType.UINT8, "int16": schema.TensorType.INT16,
         "int32": schema.TensorType.INT32, "int64": schema.TensorType.INT64, "bool": schema.TensorType.BOOL,
         "float32": schema.TensorType.FLOAT32, "int4": schema.TensorType.INT4,
         "float16": schema.TensorType.FLOAT16, "complex64": schema.TensorType.COMPLEX64,
         "string": schema.TensorType.STRING, "uint32": schema.TensorType.UINT32,
         "resource": schema.TensorType.RESOURCE}

def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Tensor:
    """A tensor of the model being built; quantization is (scale, zero point)."""

    def __init__(self, index, shape, dtype, quantization):
        self.index, self.shape = index, list(shape)
        self.dtype, self.quantization = dtype, quantization
        self.range = None  # the lowest and highest value of test vectors, where not all of the type's will do


class ModelBuilder:
    """Collects tensors and operators of the main subgraph and of others, then packs the FlatBuffer."""

    def __init__(self, name):
        self.name = name
        self.random = np.random.RandomState(zlib.crc32(name.encode()))
        self.inputs, self.outputs, self.tensors, self.operators = [], [], [], []
        self.codes, self.buffers = [], [self._new(schema.BufferT)]
        self.subgraphs = [None]  # the main one is packed last
        self.reference = None  # computes the outputs for inputs, where TFLM has no kernels

    @staticmethod
    def _new(kind, **fields):
        instance = kind()
        for field, value in fields.items():
            assert hasattr(instance, field), f"{kind.__name__} has no {field}"
            setattr(instance, field, value)
        return instance

    def tensor(self, label, shape, quantization=None, dtype="int8", data=None, axis=0, variable=False):
        """Adds a tensor; data makes it a constant, a list of scales per-channel on axis."""
        buffer = 0
        if data is not None:
            packed = np.asarray(data, dtype=np.dtype("int8" if dtype == "int4" else dtype).newbyteorder("<"), order="C")
            assert list(packed.shape) == list(shape), (label, packed.shape, shape)
            if dtype == "int4":  # two to a byte, the first in the low half
                nibbles = np.append(packed.ravel(), np.zeros(packed.size % 2, np.int8)).astype(np.uint8) & 15
                packed = nibbles[::2] | nibbles[1::2] << 4
            buffer = len(self.buffers)
            self.buffers.append(self._new(schema.BufferT, data=np.frombuffer(packed.tobytes(), np.uint8)))
        parameters = None
        if quantization is not None:
            scales = np.atleast_1d(np.asarray(quantization[0], np.float32))
            parameters = self._new(
                schema.QuantizationParametersT, scale=[float(scale) for scale in scales],
                zeroPoint=[int(quantization[1])] * len(scales), quantizedDimension=axis)
        index = len(self.tensors)
        self.tensors.append(self._new(
            schema.TensorT, name=f"{label}_{index}", shape=list(shape), type=TYPES[dtype],
            buffer=buffer, quantization=parameters, isVariable=variable))
        return Tensor(index, shape, dtype, quantization)

    def input(self, shape, quantization, dtype="int8"):
        """Adds a model input; a float one's quantization only guides its test vectors."""
        written = None if dtype == "float32" else quantization
        tensor = self.tensor("input", shape, written, dtype)
        tensor.quantization = quantization
        self.inputs.append(tensor)
        return tensor

    def constant(self, values, dtype="int32", quantization=None, label="constant"):
        values = np.asarray(values)
        return self.tensor(label, values.shape, quantization, dtype, values)

    def output(self, *tensors):
        self.outputs.extend(tensors)

    @contextlib.contextmanager
    def subgraph(self, *inputs):
        """Collects another subgraph; its number, and copies of the tensors inputs that are its inputs."""
        outer = self.inputs, self.outputs, self.tensors, self.operators
        self.inputs, self.outputs, self.tensors, self.operators = [], [], [], []
        number = len(self.subgraphs)
        self.subgraphs.append(None)
        self.inputs = [self.tensor("argument", x.shape, x.quantization, x.dtype) for x in inputs]
        yield number, *self.inputs
        self.subgraphs[number] = self._packed(f"subgraph_{number}")
        self.inputs, self.outputs, self.tensors, self.operators = outer

    def _packed(self, name):
        return self._new(
            schema.SubGraphT, name=name, tensors=self.tensors, operators=self.operators,
            inputs=[tensor.index for tensor in self.inputs],
            outputs=[tensor.index for tensor in self.outputs])

    def operator(self, name, inputs, outputs, options=None, **fields):
        """Adds an operator; None among the inputs is an omitted optional one, a name in small letters a custom operator."""
        code = name if name != name.upper() else getattr(schema.BuiltinOperator, name)
        if code not in self.codes:
            self.codes.append(code)
        entry = self._new(
            schema.OperatorT, opcodeIndex=self.codes.index(code),
            inputs=[-1 if tensor is None else tensor.index for tensor in as_list(inputs)],
            outputs=[tensor.index for tensor in as_list(outputs)])
        if options:
            entry.builtinOptionsType = getattr(schema.BuiltinOptions, options)
            entry.builtinOptions = self._new(getattr(schema, options + "T"), **fields)
        self.operators.append(entry)
        return outputs

    def pack(self):
        self.subgraphs[0] = self._packed("main")
        codes = [self._new(schema.OperatorCodeT, builtinCode=32, deprecatedBuiltinCode=32, version=1, customCode=code)
                 if isinstance(code, str) else
                 self._new(schema.OperatorCodeT, builtinCode=code,
                           deprecatedBuiltinCode=min(code, 127), version=1) for code in self.codes]
        model = self._new(schema.ModelT, version=3, description=self.name, operatorCodes=codes,
                          subgraphs=self.subgraphs, buffers=self.buffers)
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


# Operators.

def activation_code(name):
    return getattr(schema.ActivationFunctionType, name)


def windowed_size(size, window, stride, dilation, padding):
    """Output height or width of a convolution or a pooling."""
    covered = 0 if padding == "SAME" else (window - 1) * dilation
    return math.ceil((size - covered) / stride)


def weights_and_bias(b, shape, channel_axis, summands, channels, x, out, *, weights="random",
                     bias="random", gain=1.0, effective=None, per_channel=True, weights_dtype="int8",
                     bias_dtype=None, weights_zero=0):
    """The constants of a weighted sum.

    Their scale lets a sum of random products span most of the output range,
    times gain; effective sets the effective scale (input * weights / output).
    Sums of 16-bit inputs get 64-bit biases, unless bias_dtype says something else.
    """
    steps = 256 if x.dtype == "int16" else 1  # to a step of 8 bits
    sum_deviation = 5000 * math.sqrt(summands) * steps
    if weights_dtype == "int4":
        sum_deviation /= 16
    scale = effective or gain * 50 * steps / sum_deviation
    jitter = b.random.uniform(0.6, 1.5, channels) if per_channel else np.ones(1)
    scales = (scale * jitter * out[0] / x.quantization[0]).astype(np.float32)
    low, high = {"int8": (-127, 127), "int4": (-8, 7)}[weights_dtype]
    values = (b.random.randint(low, high + 1, shape) if isinstance(weights, str) and weights == "random"
              else np.broadcast_to(weights, shape))
    weights_tensor = b.tensor("weights", shape, (scales, weights_zero), weights_dtype, values, channel_axis)
    if bias is None:
        return weights_tensor, None
    if bias == "random":
        bias_values = b.random.uniform(-1.5, 1.5, channels) * sum_deviation
    elif bias == "turning":  # where the output turns from 90 to 91 steps above its zero point
        bias_values = np.full(channels, 90.5 * out[0] / x.quantization[0] / scales.astype(float))
    else:  # a size, of which every other channel gets the negative
        bias_values = bias * np.where(np.arange(channels) % 2, -1, 1)
    bias_scales = np.float32(x.quantization[0]) * scales
    bias_dtype = bias_dtype or ("int64" if x.dtype == "int16" else "int32")
    return weights_tensor, b.tensor("bias", [channels], (bias_scales, 0), bias_dtype,
                                    bias_values.astype(bias_dtype))


def conv(b, x, filters=4, kernel=(3, 3), stride=(1, 1), dilation=(1, 1), padding="SAME",
         activation="NONE", out=(0.05, 3), omit_bias_input=False, **constants):
    batch, height, width, depth = x.shape
    weights, bias = weights_and_bias(b, [filters, *kernel, depth], 0, kernel[0] * kernel[1] * depth,
                                     filters, x, out, **constants)
    y = b.tensor("conv", [batch, windowed_size(height, kernel[0], stride[0], dilation[0], padding),
                          windowed_size(width, kernel[1], stride[1], dilation[1], padding), filters], out,
                 x.dtype)
    return b.operator("CONV_2D", [x, weights] if omit_bias_input else [x, weights, bias], y,
                      "Conv2DOptions", padding=getattr(schema.Padding, padding),
                      strideH=stride[0], strideW=stride[1], dilationHFactor=dilation[0],
                      dilationWFactor=dilation[1], fusedActivationFunction=activation_code(activation))


def depthwise_conv(b, x, multiplier=1, kernel=(3, 3), stride=(1, 1), dilation=(1, 1), padding="SAME",
                   activation="NONE", out=(0.05, 3), omit_bias_input=False, **constants):
    batch, height, width, depth = x.shape
    channels = depth * multiplier
    weights, bias = weights_and_bias(b, [1, *kernel, channels], 3, kernel[0] * kernel[1],
                                     channels, x, out, **constants)
    y = b.tensor("depthwise", [batch, windowed_size(height, kernel[0], stride[0], dilation[0], padding),
                               windowed_size(width, kernel[1], stride[1], dilation[1], padding),
                               channels], out, x.dtype)
    return b.operator("DEPTHWISE_CONV_2D", [x, weights] if omit_bias_input else [x, weights, bias], y,
                      "DepthwiseConv2DOptions", padding=getattr(schema.Padding, padding),
                      strideH=stride[0], strideW=stride[1], dilationHFactor=dilation[0],
                      dilationWFactor=dilation[1], depthMultiplier=multiplier,
                      fusedActivationFunction=activation_code(activation))


def fully_connected(b, x, units=5, depth=None, keep_dims=False, activation="NONE", out=(0.05, 3),
                    per_channel=False, omit_bias_input=False, **constants):
    depth = depth or x.shape[-1]
    weights, bias = weights_and_bias(b, [units, depth], 0, depth, units, x, out,
                                     per_channel=per_channel, **constants)
    rows = x.shape[:-1] if keep_dims else [math.prod(x.shape) // depth]
    y = b.tensor("dense", [*rows, units], out, x.dtype)
    return b.operator("FULLY_CONNECTED", [x, weights] if omit_bias_input else [x, weights, bias], y,
                      "FullyConnectedOptions", keepNumDims=keep_dims,
                      fusedActivationFunction=activation_code(activation))


def pool(b, x, kind, window=(2, 2), stride=(2, 2), padding="VALID", activation="NONE"):
    batch, height, width, depth = x.shape
    y = b.tensor("pool", [batch, windowed_size(height, window[0], stride[0], 1, padding),
                          windowed_size(width, window[1], stride[1], 1, padding), depth],
                 x.quantization, x.dtype)
    return b.operator(kind, x, y, "Pool2DOptions", padding=getattr(schema.Padding, padding),
                      strideH=stride[0], strideW=stride[1], filterHeight=window[0],
                      filterWidth=window[1], fusedActivationFunction=activation_code(activation))


def binary(b, kind, left, right, activation="NONE", out=(0.09, -4)):
    y = b.tensor(kind.lower(), np.broadcast_shapes(left.shape, right.shape), out)
    return b.operator(kind, [left, right], y, kind.capitalize() + "Options",
                      fusedActivationFunction=activation_code(activation))


def unary(b, x, kind, out=None, options=None, **fields):
    """An elementwise operator; where out is not given it keeps x's quantization."""
    return b.operator(kind, x, b.tensor(kind.lower(), x.shape, out or x.quantization), options, **fields)


def softmax(b, x, beta=1.0):
    return unary(b, x, "SOFTMAX", (1 / 256, -128), "SoftmaxOptions", beta=beta)


def concatenation(b, tensors, axis, out):
    shape = list(tensors[0].shape)
    shape[axis] = sum(tensor.shape[axis] for tensor in tensors)
    return b.operator("CONCATENATION", tensors, b.tensor("concatenation", shape, out),
                      "ConcatenationOptions", axis=axis, fusedActivationFunction=0)


def pad(b, x, paddings, value=None):
    y = b.tensor("pad", [size + sum(pair) for size, pair in zip(x.shape, paddings)], x.quantization)
    inputs = [x, b.constant(paddings)]
    if value is None:
        return b.operator("PAD", inputs, y, "PadOptions")
    inputs.append(b.constant([value], "int8", x.quantization, "pad_value"))
    return b.operator("PADV2", inputs, y, "PadV2Options")


def reshape(b, x, new_shape, requested=None, source="tensor"):
    """source: where the shape stands, in a tensor, in the options, or in both."""
    requested = requested or new_shape
    inputs = [x] if source == "options" else [x, b.constant(requested)]
    fields = {} if source == "tensor" else {"newShape": list(requested)}
    return b.operator("RESHAPE", inputs, b.tensor("reshape", new_shape, x.quantization),
                      "ReshapeOptions" if fields else None, **fields)


def squeeze(b, x, dimensions):
    dropped = [axis % len(x.shape) for axis in dimensions]
    shape = [size for axis, size in enumerate(x.shape)
             if not (axis in dropped if dimensions else size == 1)]
    return b.operator("SQUEEZE", x, b.tensor("squeeze", shape, x.quantization),
                      "SqueezeOptions", squeezeDims=list(dimensions))


def expand_dims(b, x, axis):
    shape = list(x.shape)
    shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, 1)
    return b.operator("EXPAND_DIMS", [x, b.constant([axis])],
                      b.tensor("expand_dims", shape, x.quantization), "ExpandDimsOptions")


def mean(b, x, axes, keep_dims=False, out=None):
    reduced = {axis % len(x.shape) for axis in axes}
    shape = [1 if axis in reduced else size for axis, size in enumerate(x.shape)
             if keep_dims or axis not in reduced]
    return b.operator("MEAN", [x, b.constant(axes)], b.tensor("mean", shape, out or x.quantization),
                      "ReducerOptions", keepDims=keep_dims)


def quantize(b, x, out, out_dtype="int8"):
    return b.operator("QUANTIZE", x, b.tensor("quantize", x.shape, out, out_dtype), "QuantizeOptions")


def dequantize(b, x):
    return b.operator("DEQUANTIZE", x, b.tensor("dequantize", x.shape, None, "float32"),
                      "DequantizeOptions")


def transpose(b, x, permutation):
    y = b.tensor("transpose", [x.shape[axis] for axis in permutation], x.quantization)
    return b.operator("TRANSPOSE", [x, b.constant(permutation)], y, "TransposeOptions")


def strided_slice(b, x, begin, end, strides, begin_mask=0, end_mask=0, shrink_mask=0):
    slices = []
    for axis, (first, last, step) in enumerate(zip(begin, end, strides)):
        if shrink_mask >> axis & 1:
            slices.append(first)
        else:
            slices.append(slice(None if begin_mask >> axis & 1 else first,
                                None if end_mask >> axis & 1 else last, step))
    shape = np.empty(x.shape)[tuple(slices)].shape
    return b.operator("STRIDED_SLICE", [x, *map(b.constant, (begin, end, strides))],
                      b.tensor("strided_slice", shape, x.quantization), "StridedSliceOptions",
                      beginMask=begin_mask, endMask=end_mask, shrinkAxisMask=shrink_mask)


def split(b, x, axis, count):
    shape = list(x.shape)
    shape[axis] //= count
    parts = [b.tensor("split", shape, x.quantization) for _ in range(count)]
    return b.operator("SPLIT", [b.constant([axis]), x], parts, "SplitOptions", numSplits=count)


def arg_max(b, x, axis):
    y = b.tensor("arg_max", [size for i, size in enumerate(x.shape) if i != axis % len(x.shape)],
                 None, "int32")
    return b.operator("ARG_MAX", [x, b.constant([axis])], y, "ArgMaxOptions",
                      outputType=schema.TensorType.INT32)
