"""Cases of uint8 models, as older converters write them. TFLM has no kernels for them, so what they answer is computed here,
as TensorFlow Lite's reference kernels for uint8 do it: zero points are subtracted from data and weights, and sums are scaled
by MultiplyByQuantizedMultiplier with double rounding.
"""

import math
from functools import partial

import numpy as np

import operator_models as op
from case_table import IMAGE, add_cases

X = (0.04, 123)


def scaled(sums, factor):
    """sums times a factor as a fixed-point number of 31 bits, rounded to nearest and then half away from zero."""
    significand, shift = math.frexp(factor)
    multiplier = round(significand * 2**31)
    if multiplier == 2**31:
        multiplier, shift = multiplier // 2, shift + 1
    high = ((sums.astype(np.int64) << max(0, shift)) * multiplier + 2**30) >> 31
    right = max(0, -shift)
    remainder, half = high & ((1 << right) - 1), ((1 << right) - 1 >> 1) + (high < 0)
    return (high >> right) + (remainder > half)


def clamped(values, out, activation="NONE"):
    low, high = {"NONE": (0, 255), "RELU": (out[1], 255),
                 "RELU6": (out[1], out[1] + int(np.rint(np.float32(6) / np.float32(out[0]))))}[activation]
    return np.clip(values + out[1], max(0, low), min(255, high)).astype(np.uint8)


def scale_of(tensor):
    return float(np.float32(tensor.quantization[0]))


def windows(size, window, stride, dilation, padding):
    """Number of positions of a window, and where the first one begins."""
    count = op.windowed_size(size, window, stride, dilation, padding)
    return count, -(max(0, (count - 1) * stride + (window - 1) * dilation + 1 - size) // 2)


def patches(x, kernel, stride, dilation, padding, fill):
    """[batch, rows, columns, kernel rows, kernel columns, channels]; taps outside of the image are fill."""
    (rows, top), (columns, left) = (
        windows(x.shape[axis + 1], kernel[axis], stride[axis], dilation[axis], padding) for axis in (0, 1))
    result = np.full((x.shape[0], rows, columns, *kernel, x.shape[3]), fill, np.int64)
    for oy, ox, ky, kx in np.ndindex(rows, columns, *kernel):
        iy, ix = top + oy * stride[0] + ky * dilation[0], left + ox * stride[1] + kx * dilation[1]
        if 0 <= iy < x.shape[1] and 0 <= ix < x.shape[2]:
            result[:, oy, ox, ky, kx] = x[:, iy, ix]
    return result


def parameters(b, shape, channels, x, out, zero, span, gain=1.0):
    """Weights within span around their zero point, as far as uint8 goes, and a bias."""
    low, high = max(0, zero - span), min(255, zero + span)
    values = b.random.randint(low, high + 1, shape)
    values.ravel()[:2] = low, high
    summands = math.prod(shape) // channels
    scale = np.float32(gain * 50 / (span * 40 * math.sqrt(summands)) * out[0] / x.quantization[0])
    bias = b.random.randint(-2000, 2000, channels) * span // 16
    bias_scale = np.float32(x.quantization[0]) * scale
    return (b.tensor("weights", shape, (scale, zero), "uint8", values), values.astype(np.int64) - zero,
            b.tensor("bias", [channels], (bias_scale, 0), "int32", bias), bias)


def factor(x, weights, out):
    return scale_of(x) * scale_of(weights) / float(np.float32(out[0]))


def convolution(b, depthwise=False, shape=IMAGE, filters=4, kernel=(3, 3), stride=(1, 1), dilation=(1, 1), padding="SAME",
                activation="NONE", x=X, out=(0.05, 117), zero=128, span=127):
    data = b.input(shape, x, "uint8")
    channels = shape[3] * 2 if depthwise else filters
    weights, w, bias, c = parameters(
        b, [1, *kernel, channels] if depthwise else [filters, *kernel, shape[3]], channels, data, out, zero, span)
    size = [windows(shape[axis + 1], kernel[axis], stride[axis], dilation[axis], padding)[0] for axis in (0, 1)]
    y = b.tensor("convolution", [shape[0], *size, channels], out, "uint8")
    name, options = ("DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions") if depthwise else ("CONV_2D", "Conv2DOptions")
    b.output(b.operator(
        name, [data, weights, bias], y, options, padding=getattr(op.schema.Padding, padding), strideH=stride[0],
        strideW=stride[1], dilationHFactor=dilation[0], dilationWFactor=dilation[1],
        fusedActivationFunction=op.activation_code(activation), **({"depthMultiplier": 2} if depthwise else {})))

    def answer(values):
        taps = patches(values.astype(np.int64) - x[1], kernel, stride, dilation, padding, 0)
        if depthwise:
            sums = np.einsum("nyxabc,abc->nyxc", np.repeat(taps, 2, axis=5), w[0])
        else:
            sums = np.einsum("nyxabc,oabc->nyxo", taps, w)
        return [clamped(scaled(sums + c, factor(data, weights, out)), out, activation)]

    b.reference = answer


def dense(b, shape=(2, 20), units=5, x=X, out=(0.05, 117), zero=128, span=127, activation="NONE"):
    data = b.input(shape, x, "uint8")
    weights, w, bias, c = parameters(b, [units, shape[1]], units, data, out, zero, span)
    y = b.tensor("dense", [shape[0], units], out, "uint8")
    b.output(b.operator("FULLY_CONNECTED", [data, weights, bias], y, "FullyConnectedOptions",
                        fusedActivationFunction=op.activation_code(activation)))
    b.reference = lambda values: [clamped(
        scaled((values.astype(np.int64) - x[1]) @ w.T + c, factor(data, weights, out)), out, activation)]


def pool(b, kind, shape=(1, 7, 6, 3), window=(2, 3), stride=(2, 1), padding="SAME", activation="NONE", x=X):
    data = b.input(shape, x, "uint8")
    size = [windows(shape[axis + 1], window[axis], stride[axis], 1, padding)[0] for axis in (0, 1)]
    y = b.tensor("pool", [shape[0], *size, shape[3]], x, "uint8")
    b.output(b.operator(kind, data, y, "Pool2DOptions", padding=getattr(op.schema.Padding, padding), strideH=stride[0],
                        strideW=stride[1], filterHeight=window[0], filterWidth=window[1],
                        fusedActivationFunction=op.activation_code(activation)))

    def answer(values):
        taps = patches(values.astype(np.int64), window, stride, (1, 1), padding, -1)
        inside = taps >= 0
        count = inside.sum((3, 4))
        result = (np.where(inside, taps, 0).sum((3, 4)) + count // 2) // count
        return [clamped((result if kind == "AVERAGE_POOL_2D" else taps.max((3, 4))) - x[1], x, activation)]

    b.reference = answer


def add(b, left=(1, 64), right=(1, 64), x=X, y=(0.03, 7), out=(0.06, 99), activation="NONE"):
    tensors = [b.input(left, x, "uint8"), b.input(right, y, "uint8")]
    result = b.tensor("add", np.broadcast_shapes(left, right), out, "uint8")
    b.output(b.operator("ADD", tensors, result, "AddOptions", fusedActivationFunction=op.activation_code(activation)))

    def answer(a, c):
        twice = 2 * max(scale_of(tensor) for tensor in tensors)
        sides = [scaled((values.astype(np.int64) - zero) << 20, scale_of(tensor) / twice)
                 for values, zero, tensor in ((a, x[1], tensors[0]), (c, y[1], tensors[1]))]
        return [clamped(scaled(sides[0] + sides[1], twice / ((1 << 20) * float(np.float32(out[0])))), out, activation)]

    b.reference = answer


def chain(b):
    """A border, a concatenation and a convolution; the border is an output too."""
    data = b.input(IMAGE, X, "uint8")
    padded = b.tensor("pad", [1, 8, 9, 3], X, "uint8")
    b.operator("PAD", [data, b.constant([[0, 0], [1, 1], [1, 1], [0, 0]])], padded, "PadOptions")
    joined = b.tensor("concatenation", [1, 8, 9, 6], X, "uint8")
    b.operator("CONCATENATION", [padded, padded], joined, "ConcatenationOptions", axis=3)
    weights, w, bias, c = parameters(b, [2, 3, 3, 6], 2, joined, (0.05, 117), 140, 120)
    out = b.tensor("convolution", [1, 6, 7, 2], (0.05, 117), "uint8")
    b.operator("CONV_2D", [joined, weights, bias], out, "Conv2DOptions", padding=op.schema.Padding.VALID, strideH=1,
               strideW=1, dilationHFactor=1, dilationWFactor=1)
    b.output(out, padded)

    def answer(values):
        image = np.pad(values, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=X[1])
        both = np.concatenate([image, image], 3).astype(np.int64) - X[1]
        sums = np.einsum("nyxabc,oabc->nyxo", patches(both, (3, 3), (1, 1), (1, 1), "VALID", 0), w)
        return [clamped(scaled(sums + c, factor(joined, weights, (0.05, 117))), (0.05, 117)), image]

    b.reference = answer


WEIGHTS = {
    "symmetric": dict(), "zero_point_140": dict(zero=140), "zero_point_100_narrow": dict(zero=100, span=90),
    "zero_point_0": dict(zero=0, span=255), "zero_point_255": dict(zero=255, span=255),
    "zero_points_low": dict(x=(0.02, 0), out=(0.1, 0), zero=120), "zero_points_high": dict(x=(0.02, 255), out=(0.1, 255)),
    "relu": dict(activation="RELU", zero=131), "relu6": dict(activation="RELU6", out=(0.05, 60)),
}
WINDOWS = {
    "valid_zero_point_130": dict(padding="VALID", zero=130), "stride_2_zero_point_130": dict(stride=(2, 2), zero=130),
    "stride_3_by_2_zero_point_110": dict(stride=(3, 2), zero=110), "kernel_even_zero_point_110": dict(kernel=(2, 4), zero=110),
    "batch_2_zero_point_110": dict(shape=(2, 5, 5, 2), zero=110),
    "kernel_beyond_image_zero_point_130": dict(kernel=(5, 7), shape=(1, 3, 4, 2), zero=130),
}
add_cases("uint8_conv_2d", convolution, {
    **WEIGHTS, **WINDOWS, "dilation_2": dict(dilation=(2, 2), zero=130), "pointwise": dict(kernel=(1, 1), zero=130)})
add_cases("uint8_depthwise_conv_2d", partial(convolution, depthwise=True), {
    **WEIGHTS, **WINDOWS, "dilation_2": dict(dilation=(2, 2), zero=100, span=90)})
add_cases("uint8_fully_connected", dense, WEIGHTS)
for kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
    add_cases("uint8_" + kind.lower(), partial(pool, kind=kind), {
        "same": dict(), "valid": dict(padding="VALID"), "global": dict(window=(7, 6), padding="VALID"),
        "zero_point_low": dict(x=(0.02, 0)), "relu": dict(activation="RELU"), "relu6": dict(activation="RELU6")})
add_cases("uint8_add", add, {
    "same_shape": dict(), "channels": dict(left=(1, 4, 5, 4), right=(4,)), "relu": dict(activation="RELU"),
    "saturating": dict(out=(0.01, 128))})
add_cases("uint8_chain", chain, {"pad_concatenation_conv_2d": dict()})
