"""Builders for operators over axes and windows, beside those in operator_models."""

import operator_models as op


def reduction(b, x, kind, axes, keep_dims=False, out=None):
    reduced = {axis % len(x.shape) for axis in axes}
    shape = [1 if axis in reduced else size for axis, size in enumerate(x.shape)
             if keep_dims or axis not in reduced]
    quantization = out or (None if x.dtype in ("bool", "float32") else x.quantization)
    return b.operator(kind, [x, b.constant(axes)], b.tensor(kind.lower(), shape, quantization, x.dtype),
                      "ReducerOptions", keepDims=keep_dims)


def arg_min(b, x, axis):
    y = b.tensor("arg_min", [size for i, size in enumerate(x.shape) if i != axis % len(x.shape)], None, "int32")
    return b.operator("ARG_MIN", [x, b.constant([axis])], y, "ArgMinOptions",
                      outputType=op.schema.TensorType.INT32)


def mapped(b, x, kind, out=None, options=None, **fields):
    """An operator whose output has the input's shape."""
    y = b.tensor(kind.lower(), x.shape, None if x.dtype == "float32" else out or x.quantization, x.dtype)
    return b.operator(kind, x, y, options, **fields)


def cumsum(b, x, axis, exclusive=False, reverse=False, out=None):
    y = b.tensor("cumsum", x.shape, None if x.dtype == "float32" else out or x.quantization, x.dtype)
    return b.operator("CUMSUM", [x, b.constant([axis])], y, "CumsumOptions", exclusive=exclusive, reverse=reverse)


def resize_bilinear(b, x, size, align_corners=False, half_pixel_centers=False):
    y = b.tensor("resize", [x.shape[0], *size, x.shape[3]], None if x.dtype == "float32" else x.quantization, x.dtype)
    return b.operator("RESIZE_BILINEAR", [x, b.constant(size)], y, "ResizeBilinearOptions",
                      alignCorners=align_corners, halfPixelCenters=half_pixel_centers)


def softmax(b, x, out, out_dtype, beta=1.0):
    y = b.tensor("softmax", x.shape, out, out_dtype)
    return b.operator("SOFTMAX", x, y, "SoftmaxOptions", beta=beta)


def l2_pool(b, x, window=(2, 2), stride=(2, 2), padding="VALID", activation="NONE"):
    batch, height, width, depth = x.shape
    y = b.tensor("pool", [batch, op.windowed_size(height, window[0], stride[0], 1, padding),
                          op.windowed_size(width, window[1], stride[1], 1, padding), depth], None, "float32")
    return b.operator("L2_POOL_2D", x, y, "Pool2DOptions", padding=getattr(op.schema.Padding, padding),
                      strideH=stride[0], strideW=stride[1], filterHeight=window[0], filterWidth=window[1],
                      fusedActivationFunction=op.activation_code(activation))
