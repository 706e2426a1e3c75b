"""The cases of the operator fixtures, by name: functions that build a model.

A family of operators stands in a module of its own, which is imported at the end.
"""

from functools import partial

import operator_models as op
from case_table import ALL_VALUES, ALL_VALUES_IMAGE, CASES, IMAGE, X, add_cases, add_single, only

# Convolutions. effective is the effective scale, gain a factor on a usual one.

ARITHMETIC = {
    "zero_points_low": dict(x=(0.02, -128), out=(0.1, -128)),
    "zero_points_high": dict(x=(0.02, 127), out=(0.1, 127)),
    "weights_lowest": dict(weights=-128, gain=0.03, x=(0.02, 127)),
    "weights_minus_127": dict(weights=-127, gain=0.03, x=(0.02, -128)),
    "weights_highest": dict(weights=127, gain=0.03),
    "saturating": dict(gain=40),
    "huge_bias": dict(bias=2**30, effective=1e-7),
    "scale_1e-9": dict(bias=2**30, effective=1e-9),
    "scale_below_multiplier": dict(bias=2**30, effective=1e-10),
    "left_shift": dict(weights=1, bias=7, effective=1.9),
    "left_shift_by_many": dict(weights=1, bias=3, effective=37.0, kernel=(1, 1),
                               shape=(1, 16, 16, 1)),
}
# Outputs that turn on the last bits of the multiplier.
MULTIPLIER_BITS = dict(bias="turning", weights=1, effective=1.5e-7, x=(0.037, 0), shape=(1, 16, 16, 1))

add_single("conv_2d", op.conv, {
    "multiplier_bits": dict(kernel=(1, 1), **MULTIPLIER_BITS),
    "multiplier_bits_per_tensor": dict(kernel=(1, 1), per_channel=False, **MULTIPLIER_BITS),
    **ARITHMETIC,
    "per_tensor": dict(per_channel=False),
    "same": dict(), "valid": dict(padding="VALID"),
    "stride_2": dict(stride=(2, 2)),
    "stride_3": dict(stride=(3, 3), shape=(1, 8, 8, 2)),
    "stride_1_by_2": dict(stride=(1, 2)),
    "kernel_even_same": dict(kernel=(2, 4)),
    "kernel_beyond_image": dict(kernel=(5, 7), shape=(1, 3, 4, 2)),
    "kernel_whole_image_valid": dict(kernel=(6, 7), padding="VALID"),
    "dilation_2": dict(dilation=(2, 2)),
    "dilation_2_valid": dict(dilation=(2, 2), padding="VALID"),
    "dilation_3": dict(dilation=(3, 3), shape=(1, 8, 8, 2)),
    "dilation_1_by_3_valid": dict(dilation=(1, 3), padding="VALID", shape=(1, 5, 9, 2)),
    "dilation_2_stride_2": dict(dilation=(2, 2), stride=(2, 2), shape=(1, 9, 8, 2)),
    "dilation_beyond_image": dict(dilation=(4, 5), shape=(1, 4, 4, 2)),
    "relu": dict(activation="RELU"),
    "relu6": dict(activation="RELU6", out=(0.05, -20)),
    "relu6_cut_by_range": dict(activation="RELU6", out=(0.02, -128)),
    "relu_n1_to_1": dict(activation="RELU_N1_TO_1", out=(0.02, 5)),
    "null_bias": dict(bias=None),
    "no_bias_input": dict(bias=None, omit_bias_input=True),
    "pointwise": dict(kernel=(1, 1), shape=ALL_VALUES_IMAGE, filters=5),
    "one_channel_in": dict(shape=(1, 16, 16, 1), filters=2),
    "batch_2": dict(shape=(2, 5, 5, 2)),
    "one_dimensional": dict(shape=(1, 1, 20, 3), kernel=(1, 5)),
    "one_dimensional_valid_stride": dict(shape=(1, 1, 21, 3), kernel=(1, 4), stride=(1, 2), padding="VALID"),
    "column": dict(shape=(1, 20, 1, 3), kernel=(5, 1), stride=(2, 1)),
    "single_pixel": dict(shape=(1, 1, 1, 6), kernel=(3, 3)),
}, shape=IMAGE)

add_single("depthwise_conv_2d", op.depthwise_conv, {
    "multiplier_bits": dict(kernel=(1, 1), multiplier=3, **MULTIPLIER_BITS),
    **only(ARITHMETIC, "zero_points_low", "weights_lowest", "saturating", "scale_1e-9", "left_shift"),
    "per_tensor": dict(per_channel=False),
    "same": dict(), "valid": dict(padding="VALID"),
    "multiplier_2": dict(multiplier=2),
    "multiplier_3_valid": dict(multiplier=3, padding="VALID"),
    "multiplier_8_one_channel": dict(multiplier=8, shape=(1, 9, 7, 1), kernel=(5, 3), stride=(2, 2)),
    "multiplier_2_stride_2": dict(multiplier=2, stride=(2, 2), shape=(1, 8, 8, 3)),
    "stride_2": dict(stride=(2, 2), shape=(1, 8, 8, 4)),
    "stride_2_valid": dict(stride=(2, 2), padding="VALID"),
    "stride_3": dict(stride=(3, 3), shape=(1, 8, 10, 2)),
    "kernel_1_by_1": dict(kernel=(1, 1)),
    "kernel_beyond_image": dict(kernel=(7, 5), shape=(1, 3, 2, 3)),
    "dilation_2": dict(dilation=(2, 2)),
    "dilation_3_by_1_valid": dict(dilation=(3, 1), padding="VALID", shape=(1, 9, 5, 2)),
    "one_dimensional": dict(shape=(1, 1, 20, 3), kernel=(1, 5)),
    "relu": dict(activation="RELU"),
    "relu6": dict(activation="RELU6", out=(0.05, -20)),
    "relu_n1_to_1": dict(activation="RELU_N1_TO_1", out=(0.02, 5)),
    "null_bias": dict(bias=None),  # TFLM crashes
    "no_bias_input": dict(bias=None, omit_bias_input=True),
    "batch_2": dict(shape=(2, 5, 5, 2)),
}, shape=IMAGE)

add_single("fully_connected", op.fully_connected, {
    "multiplier_bits": dict(depth=1, units=2, **MULTIPLIER_BITS),
    "multiplier_bits_per_channel": dict(depth=1, units=4, per_channel=True, **MULTIPLIER_BITS),
    **only(ARITHMETIC, "zero_points_low", "zero_points_high", "weights_lowest", "saturating",
           "huge_bias", "scale_1e-9"),
    "left_shift": dict(weights=1, bias=7, effective=1.9, shape=(128, 2), units=2),
    "per_tensor": dict(),
    "per_channel": dict(per_channel=True),
    "per_channel_rows": dict(per_channel=True, shape=(4, 10)),
    "rows": dict(shape=(3, 12)),
    "rank_1_to_2": dict(shape=(24,)),
    "rank_3_flattened": dict(shape=(2, 3, 10)),
    "rank_3_kept": dict(shape=(2, 3, 10), keep_dims=True),
    "rank_4_one_row": dict(shape=(1, 2, 3, 8), depth=48),
    "rank_4_kept": dict(shape=(1, 2, 3, 8), keep_dims=True, per_channel=True),
    "relu": dict(activation="RELU"),
    "relu6": dict(activation="RELU6", out=(0.05, -20)),
    "relu_n1_to_1": dict(activation="RELU_N1_TO_1", out=(0.02, 5)),
    "null_bias": dict(bias=None),
    "no_bias_input": dict(bias=None, omit_bias_input=True),
    "one_input": dict(shape=(256, 1), units=2),
}, shape=(1, 40))

# Pooling.

POOLING = {
    "valid": dict(),
    "same": dict(padding="SAME", window=(3, 3)),
    "same_stride_1": dict(padding="SAME", window=(3, 3), stride=(1, 1), shape=(1, 5, 5, 3)),
    "same_even_window": dict(padding="SAME", window=(4, 2), stride=(1, 2)),
    "valid_uneven": dict(window=(3, 2), stride=(2, 3), shape=(1, 9, 10, 3)),
    "window_beyond_image": dict(padding="SAME", window=(5, 6), stride=(2, 1), shape=(1, 3, 4, 2)),
    "global": dict(window=(8, 8), stride=(8, 8)),
    "global_one_by_many": dict(window=(1, 17), stride=(1, 1), shape=(1, 1, 17, 5), x=(0.1, 127)),
    "batch_2": dict(shape=(2, 6, 6, 2), x=(0.1, -128)),
    "relu": dict(activation="RELU"),
    "relu6": dict(activation="RELU6", x=(0.05, -10)),
    "relu_n1_to_1": dict(activation="RELU_N1_TO_1", x=(0.02, 7)),
}
add_single("average_pool_2d", partial(op.pool, kind="AVERAGE_POOL_2D"), POOLING)
add_single("max_pool_2d", partial(op.pool, kind="MAX_POOL_2D"), only(
    POOLING, "valid", "same", "same_even_window", "valid_uneven", "window_beyond_image", "relu6"))


# Binary operators.

def build_binary(b, kind, left=ALL_VALUES, right=ALL_VALUES, x=(0.05, -3), y=(0.03, 11),
                 constant=None, **parameters):
    """constant: which of the two inputs, left or right, is a constant if one is."""
    tensors = []
    for side, shape, quantization in (("left", left, x), ("right", right, y)):
        if side == constant:
            tensors.append(b.constant(b.random.randint(-128, 128, shape), "int8", quantization))
        else:
            tensors.append(b.input(shape, quantization))
    b.output(op.binary(b, kind, *tensors, **parameters))


BINARY = {
    "same_shape": dict(),
    "rank_1": dict(left=(256,), right=(256,)),
    "rank_5": dict(left=(1, 2, 3, 2, 4), right=(1, 2, 3, 2, 4)),
    "scalar_left_constant": dict(left=(), constant="left"),
    "scalar_right": dict(right=(), left=(1, 64)),
    "one_element_right_constant": dict(left=ALL_VALUES_IMAGE, right=(1,), constant="right"),
    "channels_right_constant": dict(left=ALL_VALUES_IMAGE, right=(4,), constant="right"),
    "channels_left": dict(left=(1, 1, 1, 4), right=(1, 4, 5, 4)),
    "columns_right": dict(left=(1, 4, 5, 3), right=(1, 4, 1, 3)),
    "both_sides": dict(left=(1, 4, 1, 3), right=(1, 1, 5, 3)),
    "both_sides_rank_5": dict(left=(2, 1, 3, 1, 4), right=(1, 3, 1, 2, 4)),
    "ranks_differ": dict(left=(5, 3), right=(2, 4, 5, 3)),
    "relu": dict(activation="RELU"),
    "relu6": dict(activation="RELU6", out=(0.05, -20)),
    "relu_n1_to_1": dict(activation="RELU_N1_TO_1", out=(0.02, 5)),
    "scales_far_apart": dict(x=(1.0, -128), y=(1e-4, 127), out=(1.0, 0)),
    "saturating": dict(x=(0.5, 0), y=(0.4, 0), out=(0.01, 0)),
    "equal_scales": dict(x=(0.1, 0), y=(0.1, 0), out=(0.1, 0)),
}
add_cases("add", partial(build_binary, kind="ADD"), BINARY)
add_cases("sub", partial(build_binary, kind="SUB"), only(
    BINARY, "same_shape", "scalar_left_constant", "channels_right_constant", "both_sides",
    "both_sides_rank_5", "ranks_differ", "relu", "scales_far_apart"))
add_cases("mul", partial(build_binary, kind="MUL"), {
    **only(BINARY, "same_shape", "scalar_left_constant", "channels_right_constant", "channels_left",
           "both_sides", "both_sides_rank_5", "ranks_differ", "relu6", "scales_far_apart", "saturating"),
    "scale_above_one": dict(x=(2.0, 0), y=(1.5, 0), out=(1.0, -7)),
    "scale_tiny": dict(x=(1e-3, 127), y=(1e-2, -128), out=(0.5, 3)),
})


# Data movement.

def build_concatenation(b, shapes, axis, x=X, constants=()):
    tensors = [b.constant(b.random.randint(-128, 128, shape), "int8", x)
               if position in constants else b.input(shape, x)
               for position, shape in enumerate(shapes)]
    b.output(op.concatenation(b, tensors, axis, x))


add_cases("concatenation", build_concatenation, {
    "axis_0": dict(shapes=[(2, 5), (3, 5)], axis=0),
    "axis_1": dict(shapes=[(1, 2, 5, 3), (1, 4, 5, 3)], axis=1),
    "axis_2": dict(shapes=[(1, 2, 5, 3), (1, 2, 1, 3), (1, 2, 2, 3)], axis=2),
    "axis_3": dict(shapes=[(1, 4, 4, 3), (1, 4, 4, 1)], axis=3),
    "axis_minus_1": dict(shapes=[(1, 7), (1, 9), (1, 1), (1, 2)], axis=-1),
    "five_inputs": dict(shapes=[(1, 2, 2, n) for n in (1, 2, 3, 4, 5)], axis=3),
    "with_constant": dict(shapes=[(1, 4, 3), (1, 2, 3), (1, 3, 3)], axis=1, constants=(1,)),
    "rank_5": dict(shapes=[(1, 2, 2, 1, 3), (1, 2, 2, 2, 3)], axis=3),
})

PADDINGS = {
    "rank_1": dict(shape=(20,), paddings=[(2, 3)]),
    "rank_2": dict(shape=(3, 8), paddings=[(1, 0), (2, 3)], x=(0.1, 127)),
    "rank_3": dict(shape=(2, 3, 4), paddings=[(0, 1), (2, 0), (1, 1)]),
    "image": dict(shape=(1, 5, 6, 3), paddings=[(0, 0), (1, 2), (2, 1), (0, 0)]),
    "batch": dict(shape=(1, 2, 3, 2), paddings=[(1, 1), (1, 0), (0, 1), (1, 1)], x=(0.1, -128)),
    "nothing": dict(shape=(1, 2, 3, 2), paddings=[(0, 0)] * 4),
    "rank_5": dict(shape=(1, 2, 2, 3, 2), paddings=[(1, 0), (0, 1), (1, 1), (0, 2), (1, 0)]),
}
add_single("pad", op.pad, PADDINGS)
add_single("padv2", op.pad, only(PADDINGS, "rank_1", "image", "batch", "rank_5"), value=77)

add_single("reshape", op.reshape, {
    "shape_tensor": dict(new_shape=[4, 64]),
    "shape_tensor_stretched": dict(new_shape=[2, 32, 4], requested=[2, -1, 4]),
    "options_only": dict(new_shape=[1, 16, 16], source="options"),
    "options_only_stretched": dict(new_shape=[1, 256], requested=[1, -1], source="options"),
    "tensor_and_options": dict(new_shape=[1, 2, 2, 8, 8], source="both"),
    "rank_1": dict(new_shape=[256]),
})

add_single("squeeze", op.squeeze, {
    "every_one": dict(shape=(1, 1, 256, 1), dimensions=[]),
    "first": dict(shape=(1, 4, 1, 5), dimensions=[0]), "middle": dict(shape=(1, 4, 1, 5), dimensions=[2]),
    "negative": dict(shape=(1, 4, 5, 1), dimensions=[-1]),
})

add_single("expand_dims", op.expand_dims, {
    "first": dict(axis=0), "middle": dict(axis=1), "minus_1": dict(axis=-1),
}, shape=ALL_VALUES)

add_single("transpose", op.transpose, {
    "rank_1": dict(shape=(9,), permutation=[0]),
    "rank_2": dict(shape=(3, 7), permutation=[1, 0]),
    "rank_3_rotated": dict(shape=(2, 3, 5), permutation=[1, 2, 0]),
    "rank_3_reversed": dict(shape=(2, 3, 5), permutation=[2, 1, 0]),
    "rank_3_last_two": dict(shape=(2, 3, 5), permutation=[0, 2, 1]),
    "channels_first": dict(shape=(1, 3, 4, 5), permutation=[0, 3, 1, 2]),
    "channels_last": dict(shape=(1, 3, 4, 5), permutation=[0, 2, 3, 1]),
    "rank_4_reversed": dict(shape=(2, 3, 4, 5), permutation=[3, 2, 1, 0]),
    "rank_5_reversed": dict(shape=(2, 3, 1, 4, 2), permutation=[4, 3, 2, 1, 0]),
    "rank_5_mixed": dict(shape=(2, 3, 2, 4, 2), permutation=[0, 3, 1, 4, 2]),
})

add_single("strided_slice", op.strided_slice, {
    "rank_1_backwards": dict(shape=(20,), begin=[-1], end=[3], strides=[-3]),
    "rank_2": dict(shape=(5, 9), begin=[1, 2], end=[4, 9], strides=[1, 3]),
    "rank_3_masks": dict(shape=(3, 4, 5), begin=[1, 2, 3], end=[2, 3, 4], strides=[1, 1, 2],
                         begin_mask=0b100, end_mask=0b011),
    "image_crop": dict(begin=[0, 1, 2, 0], end=[1, 7, 8, 4], strides=[1, 1, 1, 1]),
    "negative_ends": dict(begin=[0, -6, -5, -3], end=[1, -1, -2, 4], strides=[1, 1, 1, 1]),
    "ends_beyond_shape": dict(begin=[0, -20, 2, 0], end=[9, 20, 99, 4], strides=[1, 3, 1, 1]),
    "reversed": dict(begin=[0] * 4, end=[0] * 4, strides=[1, -1, -1, -1], begin_mask=15, end_mask=15),
    "backwards_by_two": dict(begin=[0, 6, 7, 3], end=[1, 0, 1, 1], strides=[1, -2, -3, -1]),
    "shrink_batch": dict(begin=[0] * 4, end=[1, 8, 8, 4], strides=[1] * 4, shrink_mask=0b0001),
    "shrink_middle": dict(begin=[0, 3, -2, 0], end=[1, 4, -1, 4], strides=[1] * 4, shrink_mask=0b0110),
    "shrink_last": dict(begin=[0, 0, 0, 2], end=[1, 8, 8, 3], strides=[1, 2, 1, 1], shrink_mask=0b1000),
    "rank_5": dict(shape=(1, 2, 3, 4, 2), begin=[0] * 5, end=[1, 2, 2, 4, 1], strides=[1, 1, 1, 2, 1]),
})

add_single("split", op.split, {
    "axis_0": dict(shape=(4, 5), axis=0, count=2),
    "axis_1": dict(shape=(1, 6, 2, 4), axis=1, count=3),
    "axis_2": dict(shape=(1, 3, 4, 2), axis=2, count=4),
    "axis_3": dict(axis=3, count=2),
    "axis_minus_1": dict(shape=(2, 12), axis=-1, count=3),
    "axis_minus_3": dict(shape=(1, 4, 3, 2), axis=-3, count=2),
    "rank_1": dict(shape=(12,), axis=0, count=4),
})

# Elementwise operators and softmax.

SIGMOID_INPUTS = {
    "scale_0.002": dict(x=(0.002, 0)), "scale_0.01": dict(x=(0.01, 13)),
    "scale_0.05": dict(x=(0.05, -128)), "scale_0.0625": dict(x=(0.0625, 0)),
    "scale_0.1": dict(x=(0.1, 127)), "scale_0.5": dict(x=(0.5, 3)),
    "scale_9": dict(x=(9.0, -5)), "scale_100": dict(x=(100.0, 20)),
}
add_single("logistic", partial(op.unary, kind="LOGISTIC"), SIGMOID_INPUTS,
           shape=ALL_VALUES, out=(1 / 256, -128))
add_single("tanh", partial(op.unary, kind="TANH"), SIGMOID_INPUTS, shape=ALL_VALUES, out=(1 / 128, 0))

RELU_QUANTIZATIONS = {
    "same_scale": dict(x=(0.05, -20)),
    "zero_point_lowest": dict(x=(0.05, -128)),
    "finer_output": dict(x=(0.05, 4), out=(0.0231, -128)),
    "coarser_output": dict(x=(0.05, 4), out=(0.31, -100)),
    "output_zero_point_highest": dict(x=(0.1, -90), out=(0.07, 127)),
}
add_single("relu", partial(op.unary, kind="RELU"), RELU_QUANTIZATIONS, shape=ALL_VALUES)
add_single("relu6", partial(op.unary, kind="RELU6"), only(
    RELU_QUANTIZATIONS, "same_scale", "finer_output", "coarser_output"), shape=ALL_VALUES)

add_single("leaky_relu", partial(op.unary, kind="LEAKY_RELU", options="LeakyReluOptions"), {
    "alpha_0.1": dict(alpha=0.1),
    "alpha_0.3_other_scale": dict(alpha=0.3, out=(0.027, -19)),
    "alpha_0.2_coarse_output": dict(alpha=0.2, out=(0.7, 100)),
    "alpha_1.5": dict(alpha=1.5, out=(0.09, 0)),
    "alpha_negative": dict(alpha=-0.4, out=(0.03, 5)),
    "alpha_zero": dict(alpha=0.0),
}, shape=ALL_VALUES)

add_single("hard_swish", partial(op.unary, kind="HARD_SWISH", options="HardSwishOptions"), {
    "scale_0.05": dict(x=(0.05, -3), out=(0.04, -120)),
    "scale_0.01": dict(x=(0.01, 0), out=(0.008, -20)),
    "scale_0.3": dict(x=(0.3, -128), out=(0.3, -128)),
    "scale_0.0047": dict(x=(0.0047, 127), out=(0.003, 90)),
    "coarse_output": dict(x=(0.03, -60), out=(0.5, 0)),
    "same_scale": dict(x=(0.0234375, 0), out=(0.0234375, 0)),
    # 16-bit shifts by 16 and more: the reference's mask is cut to 16 bits.
    "output_600_times_coarser": dict(x=(0.05, 3), out=(30.0, 4)),
    "output_5000_times_coarser": dict(x=(0.05, -90), out=(250.0, -6)),
    "tiny_input_scale": dict(x=(1e-7, 0), out=(1e-7, 0)),
}, shape=ALL_VALUES)

add_single("softmax", op.softmax, {
    "size_1": dict(shape=(16, 1)),
    "size_2": dict(shape=(128, 2)),
    "size_10": dict(),
    "size_100": dict(shape=(3, 100)),
    "beta_half": dict(beta=0.5), "beta_2": dict(beta=2.0),
    "scale_1e-4": dict(x=(1e-4, 0)),
    "scale_1": dict(x=(1.0, -128)),
    "scale_4": dict(x=(4.0, 40)),
    "scale_40_beta_2": dict(x=(40.0, 40), beta=2.0),
    "rank_1": dict(shape=(10,), x=(0.1, 0)),
    "rank_3": dict(shape=(2, 4, 8), x=(0.2, 127)),
    "rank_4": dict(shape=(1, 4, 4, 16), x=(0.06, 0)),
}, shape=(26, 10))

# Reductions.

add_single("mean", op.mean, {
    "image": dict(axes=[1, 2]),
    "every_axis": dict(axes=[0, 1, 2, 3], out=(0.003, 3)),
    "image_kept": dict(axes=[1, 2], keep_dims=True),
    "image_kept_other_scale": dict(axes=[1, 2], keep_dims=True, out=(0.011, 9)),
    "image_axes_swapped": dict(axes=[2, 1], out=(0.013, -9)),
    "image_uneven": dict(axes=[1, 2], shape=(1, 7, 3, 5), out=(0.02, -128)),
    "axis_1": dict(axes=[1]),
    "axis_2_other_scale": dict(axes=[2], keep_dims=True, out=(0.023, 50)),
    "axis_3": dict(axes=[3], shape=(1, 4, 5, 7), out=(0.03, 0)),
    "axis_minus_1_of_3": dict(axes=[-1], shape=(2, 5, 11), keep_dims=True, out=(0.05, 127)),
    "axes_0_2": dict(axes=[0, 2], shape=(2, 3, 4), out=(0.02, -1)),
    "axis_repeated": dict(axes=[1, -3, 1]),
    "every_axis_kept": dict(axes=[0, 1, 2, 3], keep_dims=True, out=(0.002, -30)),
    "rank_2": dict(axes=[1], shape=(4, 64), x=(0.1, -128), out=(0.1, -128)),
    "coarse_output": dict(axes=[1, 2], out=(0.4, 120)),
    "no_axis": dict(axes=[], out=(0.031, -9)),
})

add_single("arg_max", op.arg_max, {
    "last": dict(shape=(26, 10), axis=1),
    "one_row": dict(shape=(1, 10), axis=-1),
    "axis_0": dict(shape=(32, 8), axis=0),
    "axis_1": dict(axis=1),
    "axis_minus_2": dict(shape=(2, 9, 4), axis=-2),
    "rank_1": dict(shape=(256,), axis=0),
})

# Changes of quantization.

add_single("quantize", op.quantize, {
    "finer": dict(x=(0.05, -3), out=(0.031, 10)),
    "coarser": dict(x=(0.05, 127), out=(0.4, 100)),
    "left_shift": dict(x=(0.5, -7), out=(0.02, 5)),
    "only_zero_point": dict(x=(0.05, -7), out=(0.05, 12)),
    "far_finer": dict(x=(1.0, 0), out=(1e-4, 0)),
    "far_coarser": dict(x=(1e-3, -128), out=(0.1, 3)),
    "int8_to_uint8_other_scale": dict(x=(0.05, -3), out=(0.07, 100), out_dtype="uint8"),
    "uint8_to_int8": dict(x=(0.05, 128), out=(0.05, 0), dtype="uint8"),
    "uint8_to_int8_other_scale": dict(x=(0.05, 100), out=(0.07, -9), dtype="uint8"),
    "float_to_int8": dict(shape=(1, 560), x=(0.05, -3), out=(0.05, -3), dtype="float32"),
    "float_to_int8_ties": dict(shape=(1, 560), x=(0.0625, 0), out=(0.0625, 0), dtype="float32"),
}, shape=ALL_VALUES)
add_single("dequantize", op.dequantize, {
    "scale_0.04": dict(), "scale_1e-4": dict(x=(1e-4, 127)), "scale_7.3": dict(x=(7.3, -128)),
}, shape=ALL_VALUES)
add_single("dequantize_quantize", lambda b, x, out: op.quantize(b, op.dequantize(b, x), out), {
    "same_scale": dict(out=X),
    "other_scale": dict(out=(0.0617, 20)),
    "halved": dict(x=(0.5, -3), out=(1.0, 4)),
}, shape=ALL_VALUES)


# Chains of a few operators.

def pad_then(operator, b, x, value=None):
    """Padding that a compiler may merge into the convolution after it."""
    padded = op.pad(b, x, [(0, 0), (1, 1), (0, 2), (0, 0)], value)
    return operator(b, padded, padding="VALID")


def conv_then_unary(b, x, kind, out=None):
    return op.unary(b, op.conv(b, x, out=(0.05, -20)), kind, out)


def swish(b, x):
    y = op.conv(b, x)
    return op.binary(b, "MUL", y, op.unary(b, y, "LOGISTIC", (1 / 256, -128)), out=(0.03, -110))


def residual(b, x, activation="NONE"):
    y = op.conv(b, x, filters=x.shape[-1], activation="RELU", out=(0.05, -128))
    return op.binary(b, "ADD", x, y, activation)


def hard_swish_then_tanh(b, x):
    y = op.unary(b, op.conv(b, x), "HARD_SWISH", (0.04, -110), "HardSwishOptions")
    return op.unary(b, op.quantize(b, y, (0.02, -30)), "TANH", (1 / 128, 0))


def classifier(b, x):
    y = op.mean(b, op.conv(b, x, filters=8, activation="RELU", out=(0.05, -128)), [1, 2])
    y = op.softmax(b, op.fully_connected(b, y, units=10, gain=6, bias=1000))
    return y, op.arg_max(b, y, 1)


def two_outputs(b, x):
    y = op.conv(b, x)
    return op.pool(b, y, "MAX_POOL_2D"), op.unary(b, y, "LOGISTIC", (1 / 256, -128))


def output_used_inside(b, x):
    y = op.conv(b, x)
    return y, op.unary(b, y, "RELU")


def input_used_three_times(b, x):
    y = op.binary(b, "MUL", x, op.unary(b, x, "TANH", (1 / 128, 0)), out=(0.02, -60))
    return op.binary(b, "ADD", y, x)


def split_then_concatenation(b, x):
    first, second = op.split(b, x, 3, 2)
    return op.concatenation(b, [second, op.unary(b, first, "RELU"), second], 3, x.quantization)


def reshape_then_dense(b, x):
    return op.fully_connected(b, op.reshape(b, x, [1, 126]), units=3, activation="RELU")


def transposed_and_reshaped(b, x):
    return op.reshape(b, op.transpose(b, x, [0, 3, 1, 2]), [3, 42])


def float_in_and_out(b, x):
    y = op.fully_connected(b, op.quantize(b, x, (0.05, -3)), units=4)
    return op.dequantize(b, y)


def separable(b, x):
    y = op.depthwise_conv(b, x, stride=(2, 2), activation="RELU6", out=(6 / 255, -128))
    return op.conv(b, y, filters=8, kernel=(1, 1), activation="RELU6", out=(6 / 255, -128))


def identity_read_twice(b, x):
    """A RELU that changes nothing, read by a RELU6 and by another operator."""
    y = op.conv(b, x, activation="RELU", out=(0.05, -128))
    same = op.unary(b, y, "RELU")
    return op.unary(b, same, "RELU6"), op.unary(b, same, "TANH", (1 / 128, 0))


def nearly_equal_scales_concatenated(b, x):
    """A QUANTIZE that maps every value to itself although the scales differ, before a CONCATENATION."""
    y = op.quantize(b, x, (x.quantization[0] * 1.00001, x.quantization[1]))
    return op.concatenation(b, [y, y], 3, y.quantization)


CHAINS = {
    "identity_read_twice": identity_read_twice,
    "nearly_equal_scales_concatenated": nearly_equal_scales_concatenated,
    "pad_conv_2d": partial(pad_then, op.conv),
    "pad_depthwise_conv_2d": partial(pad_then, op.depthwise_conv),
    "padv2_zero_point_conv_2d": partial(pad_then, op.conv, value=X[1]),
    "padv2_other_value_conv_2d": partial(pad_then, op.conv, value=90),
    "conv_2d_relu": partial(conv_then_unary, kind="RELU"),
    "conv_2d_relu_other_scale": partial(conv_then_unary, kind="RELU", out=(0.021, -128)),
    "conv_2d_relu6": partial(conv_then_unary, kind="RELU6"),
    "conv_2d_relu6_other_scale": partial(conv_then_unary, kind="RELU6", out=(6 / 255, -128)),
    "swish": swish,
    "residual": residual,
    "residual_relu": partial(residual, activation="RELU"),
    "hard_swish_quantize_tanh": hard_swish_then_tanh,
    "classifier_arg_max": classifier,
    "two_outputs": two_outputs,
    "output_used_inside": output_used_inside,
    "input_used_three_times": input_used_three_times,
    "reshape_fully_connected": reshape_then_dense,
    "transpose_reshape": transposed_and_reshaped,
    "separable": separable,
    "only_reshape": partial(op.reshape, new_shape=[1, 126]),
}
for name, build in CHAINS.items():
    add_single("chain", build, {name: dict(shape=IMAGE)})
add_single("chain", split_then_concatenation, {"split_concatenation": dict()})
add_single("chain", float_in_and_out, {"float_in_and_out": dict(shape=(1, 560), x=(0.05, -3), dtype="float32")})
add_cases("add", lambda b, x=X: b.output(op.binary(b, "ADD", *[b.input(ALL_VALUES, x)] * 2)),
          {"input_to_itself": dict()})

import cases_recurrent  # noqa: E402,F401
import cases_wide  # noqa: E402,F401
import cases_rearrangement  # noqa: E402,F401
import cases_matrices  # noqa: E402,F401
import cases_unsigned  # noqa: E402,F401
import cases_arithmetic  # noqa: E402, F401
import cases_axes  # noqa: E402, F401
import cases_control  # noqa: E402, F401
import cases_desktop  # noqa: E402, F401
