#!/usr/bin/env python3
"""Records what TensorFlow Lite Micro's float kernels answer: the folders floats/<case>/.

The cases are those of operator_cases.py whose names are listed here, with float
tensors in place of int8 ones; see make_operator_models.py for the files.
"""

import sys
from pathlib import Path

import make_operator_models as recorder
import operator_cases
from float_models import converted
from operator_models import ModelBuilder

# About three of each operator that takes floats; small ones.
NAMES = """
    add_channels_left add_scalar_right arg_max_axis_0 arg_max_axis_minus_2 arg_max_last average_pool_2d_batch_2
    average_pool_2d_valid average_pool_2d_valid_uneven batch_matmul_broadcast_both batch_matmul_outer
    batch_matmul_plain concatenation_axis_0 concatenation_axis_2 concatenation_axis_minus_1
    concatenation_with_constant conv_2d_column conv_2d_dilation_2_stride_2 conv_2d_per_tensor
    depthwise_conv_2d_dilation_2 depthwise_conv_2d_multiplier_2 fully_connected_left_shift
    fully_connected_rank_4_one_row hard_swish_output_600_times_coarser hard_swish_scale_0.0047 hard_swish_scale_0.05
    leaky_relu_alpha_0.1 leaky_relu_alpha_0.2_coarse_output leaky_relu_alpha_negative logistic_scale_0.002
    logistic_scale_0.05 logistic_scale_0.1 logistic_scale_9 lstm_clip lstm_clip_beyond_range lstm_sequence
    lstm_time_major lstm_time_major_batch_2 max_pool_2d_same_even_window max_pool_2d_valid
    max_pool_2d_window_beyond_image mean_axes_0_2 mean_image mean_image_uneven mean_no_axis mul_ranks_differ
    pad_batch pad_rank_1 pad_rank_3 pad_rank_5 padv2_batch padv2_image padv2_rank_1 padv2_rank_5
    relu6_coarser_output relu6_finer_output relu6_same_scale relu_coarser_output relu_finer_output
    relu_output_zero_point_highest relu_same_scale relu_zero_point_lowest reshape_options_only reshape_shape_tensor
    reshape_tensor_and_options softmax_beta_half softmax_rank_4 softmax_scale_4 softmax_size_1 split_axis_0
    split_axis_2 split_axis_minus_1 split_rank_1 strided_slice_negative_ends strided_slice_rank_1_backwards
    strided_slice_shrink_batch sub_ranks_differ svdf_int8 svdf_int8_batch_3 svdf_int8_zero_point_lowest
    tanh_scale_0.002 tanh_scale_0.05 tanh_scale_0.1 tanh_scale_9 transpose_channels_last transpose_conv_column
    transpose_rank_1 transpose_rank_3_reversed transpose_rank_5_mixed
""".split()
# Cases whose files keep weights of fewer bits: TensorFlow Lite Micro, which can't run those, answers for the floats.
REDUCED = {"float16": {"half": True, "store": True}, "dynamic_range": {"keep_weights": True}}
REDUCED_CASES = ["conv_2d_stride_2", "depthwise_conv_2d_multiplier_2", "fully_connected_per_channel", "fully_connected_rows"]


class FloatBuilder(ModelBuilder):
    def pack(self):
        contents = converted(super().pack(), half=self.name.endswith("float16"))
        for tensor in self.inputs + self.outputs:
            if tensor.dtype == "int8":
                tensor.dtype = "float32"
        return contents


def chosen():
    cases = {name: operator_cases.CASES[name] for name in NAMES}
    for case in REDUCED_CASES:
        cases.update({f"{case}_{kind}": operator_cases.CASES[case] for kind in REDUCED})
    return cases


def reduce(folder):
    """Writes the file of a recorded case anew, with the weights that its name says."""
    for case in REDUCED_CASES:
        for kind, options in REDUCED.items():
            if folder.name == f"{case}_{kind}":
                b = ModelBuilder(folder.name)
                operator_cases.CASES[case](b)
                (folder / "model.tflite").write_bytes(converted(b.pack(), **options))


if __name__ == "__main__":
    recorder.OUTPUT_FOLDER = Path(__file__).resolve().parent / "floats"
    recorder.CASES = chosen()
    recorder.ModelBuilder = FloatBuilder
    recorder.main(sys.argv[1:])
    for folder in sorted(recorder.OUTPUT_FOLDER.iterdir()):
        reduce(folder)
