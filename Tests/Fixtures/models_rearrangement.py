"""Operators that move, repeat, gather or make elements; each adds one to a model and returns its output tensor, or tensors."""

import numpy as np


def like(b, x, label, shape):
    return b.tensor(label, shape, x.quantization, x.dtype)


def pad(b, x, paddings, value=None):
    y = like(b, x, "pad", [size + sum(pair) for size, pair in zip(x.shape, paddings)])
    inputs = [x, b.constant(paddings)]
    if value is None:
        return b.operator("PAD", inputs, y, "PadOptions")
    inputs.append(b.constant([value], x.dtype, x.quantization, "pad_value"))
    return b.operator("PADV2", inputs, y, "PadV2Options")


def reshape(b, x, new_shape):
    return b.operator("RESHAPE", [x, b.constant(new_shape)], like(b, x, "reshape", new_shape))


def squeeze(b, x):
    y = like(b, x, "squeeze", [size for size in x.shape if size != 1])
    return b.operator("SQUEEZE", x, y, "SqueezeOptions", squeezeDims=[])


def expand_dims(b, x, axis):
    shape = list(x.shape)
    shape.insert(axis, 1)
    return b.operator("EXPAND_DIMS", [x, b.constant([axis])], like(b, x, "expand_dims", shape), "ExpandDimsOptions")


def transpose(b, x, permutation):
    y = like(b, x, "transpose", [x.shape[axis] for axis in permutation])
    return b.operator("TRANSPOSE", [x, b.constant(permutation)], y, "TransposeOptions")


def strided_slice(b, x, begin, end, strides, begin_mask=0, end_mask=0, shrink_mask=0):
    slices = []
    for axis, (first, last, step) in enumerate(zip(begin, end, strides)):
        if shrink_mask >> axis & 1:
            slices.append(first)
        else:
            slices.append(slice(None if begin_mask >> axis & 1 else first,
                                None if end_mask >> axis & 1 else last, step))
    y = like(b, x, "strided_slice", np.empty(x.shape)[tuple(slices)].shape)
    return b.operator("STRIDED_SLICE", [x, *map(b.constant, (begin, end, strides))], y, "StridedSliceOptions",
                      beginMask=begin_mask, endMask=end_mask, shrinkAxisMask=shrink_mask)


def split(b, x, axis, count):
    shape = list(x.shape)
    shape[axis] //= count
    parts = [like(b, x, "split", shape) for _ in range(count)]
    return b.operator("SPLIT", [b.constant([axis]), x], parts, "SplitOptions", numSplits=count)


def split_v(b, x, axis, sizes, written=None):
    """written: the sizes as the file has them, one of which may be -1."""
    parts = []
    for size in sizes:
        shape = list(x.shape)
        shape[axis] = size
        parts.append(like(b, x, "split_v", shape))
    return b.operator("SPLIT_V", [x, b.constant(written or sizes), b.constant([axis])], parts, "SplitVOptions",
                      numSplits=len(sizes))


def concatenation(b, tensors, axis):
    shape = list(tensors[0].shape)
    shape[axis] = sum(tensor.shape[axis] for tensor in tensors)
    return b.operator("CONCATENATION", tensors, like(b, tensors[0], "concatenation", shape), "ConcatenationOptions",
                      axis=axis, fusedActivationFunction=0)


def pack(b, tensors, axis):
    shape = list(tensors[0].shape)
    shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, len(tensors))
    return b.operator("PACK", tensors, like(b, tensors[0], "pack", shape), "PackOptions",
                      valuesCount=len(tensors), axis=axis)


def unpack(b, x, axis):
    shape = list(x.shape)
    count = shape.pop(axis)
    return b.operator("UNPACK", x, [like(b, x, "unpack", shape) for _ in range(count)], "UnpackOptions",
                      num=count, axis=axis)


def slice_(b, x, begin, size):
    shape = [x.shape[i] - begin[i] if n == -1 else n for i, n in enumerate(size)]
    return b.operator("SLICE", [x, b.constant(begin), b.constant(size)], like(b, x, "slice", shape), "SliceOptions")


def reverse(b, x, axes):
    return b.operator("REVERSE_V2", [x, b.constant(axes)], like(b, x, "reverse", x.shape), "ReverseV2Options")


def broadcast_to(b, x, to):
    return b.operator("BROADCAST_TO", [x, b.constant(to)], like(b, x, "broadcast", to), "BroadcastToOptions")


def fill(b, value, to):
    return b.operator("FILL", [b.constant(to), value], like(b, value, "fill", to), "FillOptions")


def depth_to_space(b, x, block):
    batch, height, width, depth = x.shape
    y = like(b, x, "depth_to_space", [batch, height * block, width * block, depth // block**2])
    return b.operator("DEPTH_TO_SPACE", x, y, "DepthToSpaceOptions", blockSize=block)


def space_to_depth(b, x, block):
    batch, height, width, depth = x.shape
    y = like(b, x, "space_to_depth", [batch, height // block, width // block, depth * block**2])
    return b.operator("SPACE_TO_DEPTH", x, y, "SpaceToDepthOptions", blockSize=block)


def space_to_batch(b, x, block, paddings):
    shape = list(x.shape)
    for axis, (size, pair) in enumerate(zip(block, paddings)):
        shape[axis + 1] = (shape[axis + 1] + sum(pair)) // size
        shape[0] *= size
    return b.operator("SPACE_TO_BATCH_ND", [x, b.constant(block), b.constant(paddings)],
                      like(b, x, "space_to_batch", shape), "SpaceToBatchNDOptions")


def batch_to_space(b, x, block, crops):
    shape = list(x.shape)
    for axis, (size, pair) in enumerate(zip(block, crops)):
        shape[axis + 1] = shape[axis + 1] * size - sum(pair)
        shape[0] //= size
    return b.operator("BATCH_TO_SPACE_ND", [x, b.constant(block), b.constant(crops)],
                      like(b, x, "batch_to_space", shape), "BatchToSpaceNDOptions")


def resize_nearest(b, x, size, align=False, half=False):
    y = like(b, x, "resize", [x.shape[0], *size, x.shape[3]])
    return b.operator("RESIZE_NEAREST_NEIGHBOR", [x, b.constant(size)], y, "ResizeNearestNeighborOptions",
                      alignCorners=align, halfPixelCenters=half)


def mirror_pad(b, x, paddings, mode):
    y = like(b, x, "mirror_pad", [size + sum(pair) for size, pair in zip(x.shape, paddings)])
    return b.operator("MIRROR_PAD", [x, b.constant(paddings)], y, "MirrorPadOptions",
                      mode=("REFLECT", "SYMMETRIC").index(mode))


def gather(b, x, indices, axis=0, batch_dims=0):
    first = batch_dims + len(indices.shape) if batch_dims < 0 else batch_dims
    shape = [*x.shape[:axis], *indices.shape[first:], *x.shape[axis:][1:]]
    return b.operator("GATHER", [x, indices], like(b, x, "gather", shape), "GatherOptions",
                      axis=axis, batchDims=batch_dims)


def gather_nd(b, x, indices):
    y = like(b, x, "gather_nd", [*indices.shape[:-1], *x.shape[indices.shape[-1]:]])
    return b.operator("GATHER_ND", [x, indices], y, "GatherNdOptions")


def embedding_lookup(b, table, rows):
    y = like(b, table, "embedding", [*rows.shape, *table.shape[1:]])
    return b.operator("EMBEDDING_LOOKUP", [rows, table], y)


def update_slice(b, x, update, position):
    return b.operator("DYNAMIC_UPDATE_SLICE", [x, update, position], like(b, x, "updated", x.shape),
                      "DynamicUpdateSliceOptions")


def cast(b, x, dtype):
    return b.operator("CAST", x, b.tensor("cast", x.shape, None, dtype), "CastOptions")


def shape_of(b, x):
    return b.operator("SHAPE", x, b.tensor("shape", [len(x.shape)], None, "int32"), "ShapeOptions", outType=2)


def zeros_like(b, x):
    return b.operator("ZEROS_LIKE", x, like(b, x, "zeros", x.shape), "ZerosLikeOptions")


def broadcast_args(b, first, second):
    y = b.tensor("broadcast_args", [max(first.shape[0], second.shape[0])], None, first.dtype)
    return b.operator("BROADCAST_ARGS", [first, second], y)
