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

PREFIXES = [
    "add_channels_left", "add_relu6", "add_relu_n1_to_1", "add_scalar_right", "arg_max_", "average_pool_2d_",
    "batch_matmul_",
    "concatenation_", "conv_2d_", "depthwise_conv_2d_", "fully_connected_", "hard_swish_", "leaky_relu_",
    "logistic_", "lstm_clip", "lstm_sequence", "lstm_time_major", "max_pool_2d_", "mean_", "mul_rank", "mul_relu", "pad_", "padv2_", "relu_", "relu6_", "reshape_",
    "softmax_", "split_", "strided_slice_", "sub_rank", "sub_relu", "svdf_int8", "tanh_", "transpose_",
    "transpose_conv_",
]
OTHER_TYPES = ("int4", "16x8", "int16", "of_data", "fully_connected_zero_point")
EACH = 3  # cases a prefix
LIMIT = 20_000  # bytes of a case's files
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
    cases = {}
    for prefix in PREFIXES:
        names = [name for name in operator_cases.CASES
                 if max((p for p in PREFIXES if name.startswith(p)), key=len, default="") == prefix
                 and not any(word in name for word in OTHER_TYPES)]
        cases.update({name: operator_cases.CASES[name] for name in names[::max(1, len(names) // EACH)]})
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
        if sum(file.stat().st_size for file in folder.iterdir()) > LIMIT:
            recorder.shutil.rmtree(folder)
            print(f"too large, removed: {folder.name}")
