"""Cases of TRANSPOSE_CONV, of BATCH_MATMUL, and of FULLY_CONNECTED with other weights than constants without zero point."""

from functools import partial

import numpy as np

import operator_models as op
from case_table import IMAGE, X, add_cases, add_single, only
from cases_wide import INT16, ROUNDING, X16


def transpose_conv(b, x, filters=3, kernel=(3, 3), stride=(2, 2), padding="SAME", size=None, activation="NONE",
                   out=(0.05, 3), bias_dtype=None, **constants):
    """size: height and width of the output, where it is not the usual one."""
    batch, height, width, depth = x.shape
    if size is None:
        extra = [max(0, kernel[axis] - stride[axis]) if padding == "VALID" else 0 for axis in (0, 1)]
        size = (height * stride[0] + extra[0], width * stride[1] + extra[1])
    taps = max(1, kernel[0] * kernel[1] // (stride[0] * stride[1]))
    weights, bias = op.weights_and_bias(b, [filters, *kernel, depth], 0, taps * depth, filters, x, out,
                                        bias_dtype=bias_dtype, **constants)
    shape = [batch, *size, filters]
    y = b.tensor("transpose_conv", shape, out, x.dtype)
    return b.operator("TRANSPOSE_CONV", [b.constant(shape), weights, x] + ([] if bias is None else [bias]), y,
                      "TransposeConvOptions", padding=getattr(op.schema.Padding, padding), strideH=stride[0],
                      strideW=stride[1], fusedActivationFunction=op.activation_code(activation))


TRANSPOSE = {
    "same": dict(), "valid": dict(padding="VALID"), "no_bias": dict(bias=None),
    "per_tensor": dict(per_channel=False),
    "stride_1": dict(stride=(1, 1)), "stride_1_valid": dict(stride=(1, 1), padding="VALID", kernel=(2, 3)),
    "stride_1_by_2": dict(stride=(1, 2)), "stride_3": dict(stride=(3, 3)), "stride_3_by_2_valid": dict(
        stride=(3, 2), padding="VALID"),
    "kernel_2": dict(kernel=(2, 2)), "kernel_4": dict(kernel=(4, 4)), "kernel_5_by_2": dict(kernel=(5, 2)),
    "kernel_below_stride": dict(kernel=(1, 2), stride=(3, 3)),
    "kernel_below_stride_valid": dict(kernel=(2, 1), stride=(3, 2), padding="VALID", size=(17, 13)),
    "odd_size": dict(size=(11, 13)), "odd_size_kernel_4": dict(size=(11, 13), kernel=(4, 4)),
    "stride_3_odd_size": dict(stride=(3, 3), size=(16, 19)),
    "size_beyond_filters": dict(size=(15, 17)), "size_below_filters": dict(size=(7, 9)),
    "relu": dict(activation="RELU"), "relu6": dict(activation="RELU6", out=(0.05, -20)),
    "relu_n1_to_1": dict(activation="RELU_N1_TO_1", out=(0.02, 5)),
    "zero_points_low": dict(x=(0.02, -128), out=(0.1, -128)),
    "zero_points_high": dict(x=(0.02, 127), out=(0.1, 127)),
    "saturating": dict(gain=40), "weights_lowest": dict(weights=-128, gain=0.03, x=(0.02, 127)),
    "batch_2": dict(shape=(2, 3, 4, 2)), "single_pixel": dict(shape=(1, 1, 1, 5), kernel=(4, 4), stride=(4, 4)),
    "single_pixel_valid": dict(shape=(1, 1, 1, 5), kernel=(4, 3), padding="VALID"),
    "row": dict(shape=(1, 1, 9, 2), kernel=(1, 4)), "column": dict(shape=(1, 9, 1, 2), kernel=(4, 1), stride=(2, 1)),
}
add_single("transpose_conv", transpose_conv, TRANSPOSE, shape=IMAGE)
add_single("transpose_conv_16x8", transpose_conv, {
    **only(TRANSPOSE, "same", "valid", "no_bias", "per_tensor", "stride_1", "kernel_4", "kernel_below_stride", "odd_size",
           "stride_3_odd_size", "saturating", "batch_2", "relu"),
    **only(ROUNDING, "bias_beyond_32_bits", "multiplier_bits", "left_shift"),
    "bias_of_16_bits": dict(bias_dtype="int16", bias=3000, effective=2e-4),
}, shape=IMAGE, **INT16)


def batch_matmul(b, left=(2, 4, 5), right=(2, 5, 3), adj_x=False, adj_y=False, x=X, y=(0.03, 11), out=(0.2, 3),
                 constant=None, dtype="int8"):
    """constant: which of the two inputs, left or right, is a constant if one is."""
    tensors = []
    low, high = {"int8": (-128, 127), "int16": (-32768, 32767)}[dtype]
    for side, shape, quantization in (("left", left, x), ("right", right, y)):
        if side == constant:
            tensors.append(b.constant(b.random.randint(low, high + 1, shape), dtype, quantization))
        else:
            tensors.append(b.input(shape, quantization, dtype))
    shape = [*np.broadcast_shapes(left[:-2], right[:-2]), left[-1 if adj_x else -2], right[-2 if adj_y else -1]]
    result = b.tensor("batch_matmul", shape, out, dtype)
    b.output(b.operator("BATCH_MATMUL", tensors, result, "BatchMatMulOptions", adjX=adj_x, adjY=adj_y))


MATMUL = {
    "plain": dict(), "adj_x": dict(left=(2, 5, 4), adj_x=True), "adj_y": dict(right=(2, 3, 5), adj_y=True),
    "adj_both": dict(left=(2, 5, 4), right=(2, 3, 5), adj_x=True, adj_y=True),
    "rank_2": dict(left=(4, 6), right=(6, 3)),
    "rank_4": dict(left=(1, 2, 3, 4), right=(1, 2, 4, 5)),
    "rank_5": dict(left=(2, 1, 2, 3, 4), right=(2, 1, 2, 4, 2)),
    "broadcast_right": dict(left=(3, 2, 4), right=(1, 4, 5)),
    "broadcast_left": dict(left=(1, 2, 4), right=(3, 4, 5)),
    "broadcast_both": dict(left=(2, 1, 3, 4), right=(1, 3, 4, 2)),
    "broadcast_rank": dict(left=(2, 3, 3, 4), right=(4, 2)),
    "broadcast_rank_left": dict(left=(3, 4), right=(2, 4, 2)),
    "broadcast_right_adj_x": dict(left=(3, 4, 2), right=(1, 4, 5), adj_x=True),
    "right_constant": dict(constant="right"), "left_constant": dict(constant="left"),
    "right_constant_shared": dict(left=(2, 3, 6), right=(6, 4), constant="right"),
    "right_constant_shared_adj_y": dict(left=(2, 3, 6), right=(4, 6), adj_y=True, constant="right"),
    "vector": dict(left=(1, 1, 9), right=(1, 9, 1)), "outer": dict(left=(1, 5, 1), right=(1, 1, 6)),
    "saturating": dict(out=(0.003, 0)),
    "multiplier_bits": dict(left=(1, 16, 1), right=(1, 1, 16), x=(0.037, 0), y=(0.0111, 0), out=(0.0171, 0)),
    "multiplier_bits_2": dict(left=(1, 16, 1), right=(1, 1, 16), x=(0.1234567, 0), y=(0.7654321, 0), out=(7.0003, 0)),
}
add_cases("batch_matmul", batch_matmul, {
    **MATMUL,
    "zero_points_low": dict(x=(0.02, -128), y=(0.03, -128), out=(0.3, -128)),
    "zero_points_high": dict(x=(0.02, 127), y=(0.03, 127), out=(0.3, 127)),
    "right_constant_no_zero_point": dict(left=(2, 3, 6), right=(6, 4), constant="right", y=(0.03, 0)),
    "left_shift": dict(x=(1.0, 0), y=(1.5, 0), out=(0.5, -4), left=(1, 16, 1), right=(1, 1, 16)),
})
add_cases("batch_matmul_int16", batch_matmul, {
    name: {**row, "x": X16, "y": (0.0002, 0), "out": (row.get("out", (0.2,))[0] * 3e-3, 0)}
    for name, row in MATMUL.items()}, dtype="int16")


def dense_of_data(b, shape=(1, 12), units=4, x=X, y=(0.03, 11), out=(0.2, 3), bias=True, keep_dims=False,
                  activation="NONE"):
    data, weights = b.input(shape, x), b.input((units, shape[-1]), y)
    inputs = [data, weights]
    if bias:
        inputs.append(b.constant(b.random.randint(-2000, 2000, units), "int32", (x[0] * y[0], 0)))
    rows = shape[:-1] if keep_dims else [int(np.prod(shape)) // shape[-1]]
    result = b.tensor("dense", [*rows, units], out)
    b.output(b.operator("FULLY_CONNECTED", inputs, result, "FullyConnectedOptions", keepNumDims=keep_dims,
                        fusedActivationFunction=op.activation_code(activation)))


add_cases("fully_connected_of_data", dense_of_data, {
    "plain": dict(), "symmetric": dict(y=(0.03, 0)), "no_bias": dict(bias=False), "rows": dict(shape=(3, 7)),
    "rank_3_kept": dict(shape=(2, 3, 5), keep_dims=True), "relu": dict(activation="RELU"),
    "zero_points_low": dict(x=(0.02, -128), y=(0.03, -128), out=(0.3, -128)),
    "zero_points_high": dict(x=(0.02, 127), y=(0.03, 127), out=(0.3, 127)),
})
add_single("fully_connected_zero_point", op.fully_connected, {
    "small": dict(weights=np.arange(-100, 100).reshape(5, 40), weights_zero=20),
    "large": dict(weights_zero=-77), "lowest": dict(weights=-128, weights_zero=127, gain=0.03),
    "rows": dict(weights_zero=5, shape=(3, 12)), "no_bias_input": dict(weights_zero=5, bias=None, omit_bias_input=True),
}, shape=(1, 40))


def scale_rounding(b):
    """A sum that the product of the inputs' scales in double precision takes to 65, rounded to a float to 64."""
    ramp, rest = np.arange(500) % 256 - 128, 2051806
    column = np.zeros(500, int)
    for index in np.argsort(-np.abs(ramp), kind="stable"):
        if ramp[index]:
            column[index] = np.clip(int(rest / ramp[index]), -127, 127)
            rest -= column[index] * ramp[index]
    assert rest == 0
    x = b.input((1, 500), (0.04753198102116585, 0))
    y = b.constant(column.reshape(500, 1), "int8", (0.07482920587062836, 0))
    result = b.tensor("batch_matmul", (1, 1), (113.14459991455078, 0))
    b.output(b.operator("BATCH_MATMUL", [x, y], result, "BatchMatMulOptions"))


add_cases("batch_matmul", scale_rounding, {"scale_rounding": dict()})
