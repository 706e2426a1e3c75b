"""Cases of weighted operators on other types than int8 alone: weights of 4 bits, 16-bit activations."""

from functools import partial

import operator_models as op
from case_table import IMAGE, add_single, only

INT4 = dict(weights_dtype="int4")
add_single("conv_2d_int4", op.conv, {
    "same": dict(),
    "valid_stride_2": dict(padding="VALID", stride=(2, 2)),
    "odd_count": dict(filters=3, kernel=(3, 3), shape=(1, 5, 5, 1)),
    "per_tensor": dict(per_channel=False),
    "lowest": dict(weights=-8, x=(0.02, 127)),
    "highest": dict(weights=7, x=(0.02, -128), activation="RELU"),
    "pointwise": dict(kernel=(1, 1), filters=5),
    "dilation_2": dict(dilation=(2, 2), shape=(1, 8, 8, 2)),
    "batch_2": dict(shape=(2, 5, 5, 2)),
    "no_bias_input": dict(bias=None, omit_bias_input=True),
}, shape=IMAGE, **INT4)
add_single("depthwise_conv_2d_int4", op.depthwise_conv, {
    "same": dict(),
    "odd_count": dict(kernel=(3, 1), shape=(1, 6, 6, 3)),
    "multiplier_2_stride_2": dict(multiplier=2, stride=(2, 2), shape=(1, 8, 8, 3)),
    "per_tensor_relu6": dict(per_channel=False, activation="RELU6", out=(0.05, -20)),
    "dilation_2_valid": dict(dilation=(2, 2), padding="VALID"),
    "lowest": dict(weights=-8, x=(0.02, 127)),
}, shape=IMAGE, **INT4)
add_single("fully_connected_int4", op.fully_connected, {
    "per_tensor": dict(),
    "odd_count": dict(shape=(3, 7), units=3),
    "rows": dict(shape=(3, 12)),
    "rank_3_kept": dict(shape=(2, 3, 10), keep_dims=True),
    "relu": dict(activation="RELU"),
    "lowest": dict(weights=-8, x=(0.02, 127)),
    "no_bias_input": dict(bias=None, omit_bias_input=True),
}, shape=(1, 40), **INT4)

# 16-bit activations, with 64-bit biases where nothing else is said.
X16 = (0.0003, 0)
INT16 = dict(dtype="int16", x=X16, out=(0.0004, 0))
WIDE_BIAS = 3 * 2**33 + 12345
ROUNDING = {
    "multiplier_bits": dict(bias="turning", weights=1, effective=1.5e-3),
    "bias_beyond_32_bits": dict(bias=WIDE_BIAS, effective=1.7e-7),
    "bias_of_45_bits": dict(bias=2**45 - 77, effective=2**-32, gain=1),
    "weights_lowest": dict(weights=-128, gain=0.03),
    "weights_highest": dict(weights=127, gain=0.03),
    "saturating": dict(gain=40),
    "scale_1e-10": dict(bias=2**31, effective=1e-10),
    "left_shift": dict(weights=1, bias=3, effective=37.0),
    "left_shift_by_seven": dict(weights=-1, bias=5, effective=127.9, per_channel=False),
    "multiplier_beyond_15_bits": dict(effective=0.99999),
}
INT32_ROUNDING = {
    "int32": dict(), "int32_per_tensor": dict(per_channel=False),
    "int32_huge_bias": dict(bias=2**30, effective=1e-7),
    "int32_multiplier_bits": dict(bias="turning", weights=1, effective=1.5e-3),
    "int32_left_shift": dict(weights=1, bias=3, effective=37.0),
    "int32_scale_1e-10": dict(bias=2**30, effective=1e-10),
}
INT32_ROUNDING = {name: dict(bias_dtype="int32", **row) for name, row in INT32_ROUNDING.items()}

add_single("conv_2d_16x8", op.conv, {
    **ROUNDING, **INT32_ROUNDING,
    "same": dict(), "valid": dict(padding="VALID"), "per_tensor": dict(per_channel=False),
    "stride_2": dict(stride=(2, 2)), "stride_1_by_3": dict(stride=(1, 3)),
    "kernel_even_same": dict(kernel=(2, 4)),
    "kernel_beyond_image": dict(kernel=(5, 7), shape=(1, 3, 4, 2)),
    "dilation_2": dict(dilation=(2, 2)),
    "dilation_1_by_3_valid": dict(dilation=(1, 3), padding="VALID", shape=(1, 5, 9, 2)),
    "dilation_beyond_image": dict(dilation=(4, 5), shape=(1, 4, 4, 2)),
    "relu": dict(activation="RELU"), "relu6": dict(activation="RELU6"),
    "relu_n1_to_1": dict(activation="RELU_N1_TO_1"),
    "no_bias_input": dict(bias=None, omit_bias_input=True),
    "pointwise": dict(kernel=(1, 1), filters=5),
    "deep": dict(kernel=(1, 1), shape=(1, 1, 2, 300), weights=-128, gain=0.01),
    "batch_2": dict(shape=(2, 5, 5, 2)),
    "one_dimensional": dict(shape=(1, 1, 20, 3), kernel=(1, 5)),
    "single_pixel": dict(shape=(1, 1, 1, 6)),
}, shape=IMAGE, **INT16)
add_single("depthwise_conv_2d_16x8", op.depthwise_conv, {
    **only(ROUNDING, "multiplier_bits", "bias_beyond_32_bits", "weights_lowest", "saturating", "left_shift"),
    "same": dict(), "valid": dict(padding="VALID"), "per_tensor": dict(per_channel=False),
    "multiplier_2": dict(multiplier=2), "multiplier_8_one_channel": dict(multiplier=8, shape=(1, 9, 7, 1), kernel=(5, 3)),
    "stride_2": dict(stride=(2, 2), shape=(1, 8, 8, 4)), "stride_3_valid": dict(stride=(3, 3), padding="VALID"),
    "kernel_beyond_image": dict(kernel=(7, 5), shape=(1, 3, 2, 3)),
    "dilation_2": dict(dilation=(2, 2)),
    "dilation_3_by_1_valid": dict(dilation=(3, 1), padding="VALID", shape=(1, 9, 5, 2)),
    "relu": dict(activation="RELU"), "relu6": dict(activation="RELU6"),
    "no_bias_input": dict(bias=None, omit_bias_input=True),
    "batch_2": dict(shape=(2, 5, 5, 2)),
}, shape=IMAGE, **INT16)
add_single("fully_connected_16x8", op.fully_connected, {
    **ROUNDING, **INT32_ROUNDING,
    "per_tensor": dict(), "per_channel": dict(per_channel=True), "rows": dict(shape=(3, 12)),
    "per_channel_rows_int32": dict(per_channel=True, shape=(4, 10), bias_dtype="int32"),
    "rank_1_to_2": dict(shape=(24,)), "rank_3_kept": dict(shape=(2, 3, 10), keep_dims=True),
    "deep": dict(shape=(1, 600), weights=-128, gain=0.01),
    "relu": dict(activation="RELU"), "relu6": dict(activation="RELU6"),
    "no_bias_input": dict(bias=None, omit_bias_input=True),
    "one_input": dict(shape=(200, 1), units=2),
}, shape=(1, 40), **INT16)
for kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
    add_single(kind.lower() + "_int16", partial(op.pool, kind=kind), {
        "valid": dict(),
        "same": dict(padding="SAME", window=(3, 3)),
        "same_stride_1": dict(padding="SAME", window=(3, 3), stride=(1, 1), shape=(1, 5, 5, 3)),
        "valid_uneven": dict(window=(3, 2), stride=(2, 3), shape=(1, 9, 10, 3)),
        "window_beyond_image": dict(padding="SAME", window=(5, 6), stride=(2, 1), shape=(1, 3, 4, 2)),
        "batch_2": dict(shape=(2, 6, 6, 2)),
        "relu": dict(activation="RELU"),
        "relu6": dict(activation="RELU6"),
    }, dtype="int16", x=X16)
