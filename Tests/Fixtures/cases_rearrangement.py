"""The cases of operators that move, repeat, gather or make elements, for all element types that TFLM has them for."""

import numpy as np

import models_rearrangement as op
from case_table import X, add_cases
from operator_models import as_list

TYPES = {"int8": X, "int16": (0.01, 0), "int32": None, "bool": None, "uint8": (0.04, 130)}


def add_typed(prefix, operator, rows, dtypes):
    """Cases of an operator with one input; the first type has them all, the others some of them, in turns."""

    def build(b, shape, dtype, x=None, **parameters):
        tensor = b.input(shape, x or TYPES[dtype], dtype)
        b.output(*as_list(operator(b, tensor, **parameters)))

    period = max(1, min(len(rows), max(3, len(dtypes) - 1)))
    for position, (suffix, row) in enumerate(rows.items()):
        for turn, dtype in enumerate(dtypes):
            if turn in (0, position % period + 1):
                add_cases(f"{prefix}_{dtype}", build, {suffix: row}, dtype=dtype)


WIDE = ("int16", "int32", "bool")

# The operators of models_rearrangement that are old; their int8 cases stand in operator_cases.

add_typed("reshape", op.reshape, {
    "to_rank_1": dict(shape=(2, 3, 5), new_shape=[30]), "to_rank_4": dict(shape=(3, 20), new_shape=[1, 2, 5, 6]),
    "scalar": dict(shape=(1, 1), new_shape=[1]),
}, ("int16", "int32", "bool", "uint8"))
add_typed("squeeze", op.squeeze, {"every_one": dict(shape=(1, 4, 1, 5))}, ("int16", "int32"))
add_typed("expand_dims", op.expand_dims, {"middle": dict(shape=(4, 5), axis=1)}, ("int16",))
add_typed("transpose", op.transpose, {
    "rank_2": dict(shape=(3, 7), permutation=[1, 0]),
    "rank_3_rotated": dict(shape=(2, 3, 5), permutation=[1, 2, 0]),
    "rank_5_mixed": dict(shape=(2, 3, 1, 4, 2), permutation=[0, 3, 1, 4, 2]),
}, ("int16",))
add_typed("strided_slice", op.strided_slice, {
    "rank_1_backwards": dict(shape=(20,), begin=[-1], end=[3], strides=[-3]),
    "masks": dict(shape=(3, 4, 5), begin=[1, 2, 3], end=[2, 3, 4], strides=[1, 1, 2], begin_mask=4, end_mask=3),
    "shrink_last": dict(shape=(1, 6, 3, 4), begin=[0, 0, 0, 2], end=[1, 6, 3, 3], strides=[1, 2, 1, 1], shrink_mask=8),
}, WIDE)
add_typed("split", op.split, {
    "axis_0": dict(shape=(4, 5), axis=0, count=2), "axis_2": dict(shape=(1, 3, 4, 2), axis=2, count=4),
}, ("int16", "int32"))
PADDINGS = {
    "rank_1": dict(shape=(20,), paddings=[(2, 3)]),
    "image": dict(shape=(1, 3, 4, 3), paddings=[(0, 0), (1, 2), (2, 1), (0, 0)]),
}
add_typed("pad", op.pad, PADDINGS, ("int16", "int32"))
add_typed("padv2", op.pad, {name: dict(row, value=31) for name, row in PADDINGS.items()}, ("int16", "int32"))
add_typed("padv2_lowest", op.pad, {"rank_2": dict(shape=(3, 4), paddings=[(1, 0), (2, 2)], value=-2**31)}, ("int32",))

# New operators.

add_typed("split_v", op.split_v, {
    "axis_0": dict(shape=(6, 4), axis=0, sizes=[1, 3, 2]),
    "axis_1": dict(shape=(1, 5, 2, 3), axis=1, sizes=[4, 1]),
    "axis_minus_1": dict(shape=(2, 3, 7), axis=-1, sizes=[2, 2, 3]),
    "one_part": dict(shape=(3, 4), axis=1, sizes=[4]),
    "rank_5": dict(shape=(1, 2, 1, 5, 3), axis=3, sizes=[1, 1, 3]),
    "rank_1": dict(shape=(9,), axis=0, sizes=[3, 1, 5]),
    "rest": dict(shape=(2, 9), axis=1, sizes=[3, 6], written=[3, -1]),
}, ("int8", "int16", "int32"))
add_typed("unpack", op.unpack, {
    "axis_0": dict(shape=(3, 4), axis=0), "axis_1": dict(shape=(2, 3, 4), axis=1),
    "axis_minus_1": dict(shape=(1, 2, 3, 4), axis=-1), "axis_minus_4": dict(shape=(2, 1, 3, 2), axis=-4),
    "one": dict(shape=(1, 7), axis=0), "rank_1": dict(shape=(5,), axis=0),
    "rank_5": dict(shape=(2, 1, 2, 3, 2), axis=3),
}, ("int8", "int16", "int32"))
add_typed("slice", op.slice_, {
    "rank_1": dict(shape=(12,), begin=[3], size=[5]),
    "rank_2_rest": dict(shape=(4, 6), begin=[1, 2], size=[-1, -1]),
    "rank_3": dict(shape=(3, 4, 5), begin=[0, 1, 2], size=[3, 2, 1]),
    "image": dict(shape=(1, 5, 6, 3), begin=[0, 1, 2, 0], size=[1, 3, -1, 3]),
    "rows": dict(shape=(1, 5, 6, 2), begin=[0, 2, 0, 0], size=[1, 2, 6, 2]),
    "rank_5": dict(shape=(2, 2, 1, 3, 2), begin=[1, 0, 0, 1, 0], size=[1, 2, 1, 2, 2]),
    "everything": dict(shape=(2, 3), begin=[0, 0], size=[2, 3]),
}, ("int8", "int16", "int32", "bool"))
add_typed("reverse_v2", op.reverse, {
    "rank_1": dict(shape=(11,), axes=[0]), "rank_2_first": dict(shape=(3, 5), axes=[0]),
    "rank_2_last": dict(shape=(3, 5), axes=[-1]), "middle_two": dict(shape=(2, 3, 4, 2), axes=[1, 2]),
    "all": dict(shape=(2, 3, 4), axes=[2, 0, 1]), "rank_5": dict(shape=(2, 1, 3, 2, 2), axes=[2]),
    "size_1": dict(shape=(1, 4), axes=[0]),
}, ("int8", "int16", "int32", "bool", "uint8"))
add_typed("broadcast_to", op.broadcast_to, {
    "one_value": dict(shape=(1,), to=[7]), "rows": dict(shape=(1, 5), to=[4, 5]),
    "columns": dict(shape=(4, 1), to=[4, 6]), "new_axes": dict(shape=(3, 2), to=[2, 2, 3, 2]),
    "both": dict(shape=(1, 3, 1, 2), to=[2, 3, 4, 2]), "same": dict(shape=(2, 3), to=[2, 3]),
    "rank_5": dict(shape=(2, 1, 1, 3), to=[2, 2, 3, 1, 3]),
}, ("int8", "int16", "int32", "bool", "uint8"))
add_typed("fill", op.fill, {
    "rank_1": dict(shape=(), to=[9]), "rank_3": dict(shape=(), to=[2, 3, 4]), "rank_0": dict(shape=(), to=[1]),
}, ("int8", "int32"))
add_typed("depth_to_space", op.depth_to_space, {
    "block_2": dict(shape=(1, 2, 3, 8), block=2), "block_3": dict(shape=(2, 1, 2, 9), block=3),
    "block_1": dict(shape=(1, 2, 2, 3), block=1), "one_pixel": dict(shape=(1, 1, 1, 16), block=4),
}, ("int8",))
add_typed("space_to_depth", op.space_to_depth, {
    "block_2": dict(shape=(1, 4, 6, 2), block=2), "block_3": dict(shape=(2, 3, 6, 1), block=3),
    "block_1": dict(shape=(1, 2, 2, 3), block=1), "one_block": dict(shape=(1, 4, 4, 3), block=4),
}, ("int8",))
add_typed("space_to_batch_nd", op.space_to_batch, {
    "plain": dict(shape=(1, 4, 6, 2), block=[2, 2], paddings=[(0, 0), (0, 0)]),
    "uneven_blocks": dict(shape=(2, 3, 4, 2), block=[3, 2], paddings=[(0, 0), (0, 0)]),
    "padded": dict(shape=(1, 3, 5, 2), x=(0.1, 0), block=[2, 3], paddings=[(1, 0), (2, 2)]),
    "padded_zero_point": dict(shape=(1, 3, 5, 2), x=(0.1, -77), block=[2, 2], paddings=[(1, 2), (0, 1)]),
    "rank_3": dict(shape=(2, 6, 3), block=[3], paddings=[(0, 0)]),
    "rank_3_padded": dict(shape=(1, 5, 2), x=(0.1, 0), block=[4], paddings=[(2, 1)]),
}, ("int8",))
add_typed("batch_to_space_nd", op.batch_to_space, {
    "plain": dict(shape=(4, 2, 3, 2), block=[2, 2], crops=[(0, 0), (0, 0)]),
    "uneven_blocks": dict(shape=(12, 1, 2, 2), block=[3, 2], crops=[(0, 0), (0, 0)]),
    "cropped": dict(shape=(6, 2, 3, 2), block=[2, 3], crops=[(1, 0), (2, 2)]),
    "rank_3": dict(shape=(6, 2, 3), block=[3], crops=[(0, 0)]),
    "rank_3_cropped": dict(shape=(4, 2, 2), block=[4], crops=[(2, 1)]),
}, ("int8",))
SIZES = {
    "double": dict(shape=(1, 3, 4, 2), size=[6, 8]), "half": dict(shape=(1, 4, 6, 2), size=[2, 3]),
    "up_odd": dict(shape=(1, 3, 5, 2), size=[7, 11]), "down_odd": dict(shape=(2, 7, 9, 1), size=[3, 4]),
    "to_one": dict(shape=(1, 5, 4, 3), size=[1, 1]), "from_one": dict(shape=(1, 1, 1, 3), size=[4, 5]),
    "same": dict(shape=(1, 3, 4, 2), size=[3, 4]), "mixed": dict(shape=(1, 3, 8, 2), size=[10, 3]),
}
for suffix, options in {"": {}, "_align": dict(align=True), "_half": dict(half=True),
                        "_align_half": dict(align=True, half=True)}.items():
    add_typed("resize_nearest_neighbor", op.resize_nearest, {
        name + suffix: dict(row, **options) for name, row in SIZES.items()}, ("int8", "int16"))
for mode in ("REFLECT", "SYMMETRIC"):
    add_typed(f"mirror_pad_{mode.lower()}", op.mirror_pad, {
        name: dict(row, mode=mode) for name, row in {
            "rank_1": dict(shape=(6,), paddings=[(2, 3)]),
            "rank_2": dict(shape=(3, 5), paddings=[(1, 2), (0, 4)]),
            "image": dict(shape=(1, 4, 5, 2), paddings=[(0, 0), (1, 2), (3, 1), (0, 0)]),
            "rank_3": dict(shape=(2, 3, 4), paddings=[(1, 1), (0, 2), (3, 0)]),
            "nothing": dict(shape=(2, 3), paddings=[(0, 0), (0, 0)]),
        }.items()}, ("int8",))


def build_pack(b, shape, count, axis, dtype):
    b.output(op.pack(b, [b.input(shape, TYPES[dtype], dtype) for _ in range(count)], axis))


def build_concatenation(b, shapes, axis, dtype):
    b.output(op.concatenation(b, [b.input(shape, TYPES[dtype], dtype) for shape in shapes], axis))


for dtype in ("int16", "int32", "bool"):
    add_cases(f"concatenation_{dtype}", build_concatenation, {
        "axis_0": dict(shapes=[(2, 5), (3, 5)], axis=0),
        "axis_minus_1": dict(shapes=[(1, 7), (1, 3), (1, 1)], axis=-1),
    }, dtype=dtype)
for dtype in ("int8", "int16", "int32"):
    add_cases(f"pack_{dtype}", build_pack, {
        "axis_0": dict(shape=(3, 2), count=3, axis=0), "axis_1": dict(shape=(2, 3), count=2, axis=1),
        "axis_minus_1": dict(shape=(2, 3), count=4, axis=-1), "one": dict(shape=(5,), count=1, axis=0),
        "scalars": dict(shape=(), count=3, axis=0), "rank_4": dict(shape=(1, 2, 3, 2), count=2, axis=2),
    }, dtype=dtype)


def indices(b, values=None, shape=None, bound=1, dtype="int32"):
    """A constant, or an input with values below bound."""
    if values is not None:
        return b.constant(values, dtype, label="indices")
    tensor = b.input(shape, None, dtype)
    tensor.range = (0, bound - 1)
    return tensor


def build_gather(b, shape, axis=0, batch_dims=0, dtype="int8", **parameters):
    b.output(op.gather(b, b.input(shape, TYPES[dtype], dtype), indices(b, **parameters), axis, batch_dims))


GATHERS = {
    "rows": dict(shape=(5, 3), values=[4, 0, 0, 2]), "scalar": dict(shape=(5, 3), values=3),
    "columns": dict(shape=(2, 6), axis=1, values=[5, 1, 3]), "stride": dict(shape=(2, 9), axis=1, values=[1, 3, 5, 7]),
    "matrix": dict(shape=(4, 2, 3), axis=1, values=[[1, 0], [0, 0]]),
    "last": dict(shape=(3, 7), axis=1, values=[[6, 0, 3], [2, 2, 1]]),
    "batch": dict(shape=(2, 4, 3), axis=1, batch_dims=1, values=[[3, 0], [1, 1]]),
    "batch_outer": dict(shape=(2, 3, 4, 2), axis=2, batch_dims=1, values=[[3, 0], [1, 1]]),
    "batch_minus_1": dict(shape=(2, 4), axis=1, batch_dims=-1, values=[[3, 0], [1, 2]]),
    "rank_1": dict(shape=(8,), values=[7, 7, 1, 0, 3]),
}
GATHERS_ND = {
    "elements": dict(shape=(3, 4), values=[[2, 3], [0, 0], [1, 2]]),
    "rows": dict(shape=(3, 4), values=[[2], [0], [2], [1]]),
    "one": dict(shape=(3, 4, 2), values=[1, 3]),
    "nested": dict(shape=(2, 3, 2, 2), values=[[[1, 2], [0, 0]], [[1, 0], [0, 1]]]),
    "depth_4": dict(shape=(2, 3, 2, 2), values=[[1, 2, 0, 1], [0, 1, 1, 0]]),
    "rank_1": dict(shape=(6,), values=[[5], [0]]),
    "negative_inside": dict(shape=(3, 4), values=[[1, -2], [2, -8], [0, 7]]),
}


def build_gather(b, operator, shape, values, variable, dtype="int8", bound=None, **parameters):
    """variable: the indices are an input, with values below bound."""
    x = b.input(shape, TYPES[dtype], dtype)
    list_ = indices(b, shape=np.shape(values), bound=bound) if variable else indices(b, values)
    b.output(operator(b, x, list_, **parameters))


for suffix, row in GATHERS.items():
    bound = row["shape"][row.get("axis", 0)]
    add_cases("gather_constant", build_gather, {suffix: row}, operator=op.gather, variable=False)
    add_cases("gather_variable", build_gather, {suffix: row}, operator=op.gather, variable=True, bound=bound)
for suffix, row in GATHERS_ND.items():
    add_cases("gather_nd_constant", build_gather, {suffix: row}, operator=op.gather_nd, variable=False)
    if suffix != "negative_inside":
        add_cases("gather_nd_variable", build_gather, {suffix: row}, operator=op.gather_nd, variable=True,
                  bound=min(row["shape"]))


def build_embedding(b, shape, rows, constant):
    table = (b.constant(b.random.randint(-128, 128, shape), "int8", X, "table") if constant == "table"
             else b.input(shape, X))
    b.output(op.embedding_lookup(b, table, indices(b, rows) if constant == "rows" else
                                 indices(b, shape=[len(rows)], bound=shape[0])))


add_cases("embedding_lookup", build_embedding, {
    "table": dict(shape=(7, 5), rows=[0] * 4, constant="table"), "rows": dict(shape=(4, 6), rows=[3, 0, 3], constant="rows"),
    "nothing_constant": dict(shape=(3, 2), rows=[0] * 5, constant=None),
    "rank_3": dict(shape=(4, 2, 3), rows=[0] * 2, constant="table"),
})


def build_update(b, shape, update, position=None, dtype="int8", low=-3, high=6):
    x, y = b.input(shape, TYPES[dtype], dtype), b.input(update, TYPES[dtype], dtype)
    if position is None:
        place = b.input([len(shape)], None, "int32")
        place.range = (low, high)
    else:
        place = b.constant(position, label="position")
    b.output(op.update_slice(b, x, y, place))


for dtype in ("int8", "int16", "int32"):
    add_cases(f"dynamic_update_slice_{dtype}", build_update, {
        "constant": dict(shape=(4, 5), update=(2, 3), position=[1, 2]),
        "constant_outside": dict(shape=(4, 5), update=(2, 3), position=[-1, 9]),
        "variable": dict(shape=(3, 4, 2), update=(2, 1, 2)), "rank_1": dict(shape=(9,), update=(4,)),
        "whole": dict(shape=(3, 3), update=(3, 3)), "rank_4": dict(shape=(1, 4, 3, 2), update=(1, 1, 3, 2)),
    }, dtype=dtype)


def build_cast(b, source, target, shape=(1, 256)):
    b.output(op.cast(b, b.input(shape, TYPES[source], source), target))


add_cases("cast", build_cast, {
    f"{source}_to_{target}": dict(source=source, target=target)
    for source in ("int8", "int16", "int32", "bool") for target in ("int8", "int16", "int32")})

add_typed("shape", op.shape_of, {
    "rank_1": dict(shape=(5,)), "rank_4": dict(shape=(1, 2, 3, 4)),
}, ("int8", "int32"))
add_typed("zeros_like", op.zeros_like, {
    "rank_1": dict(shape=(5,)), "rank_3": dict(shape=(2, 3, 4)),
}, ("int8", "int32"))


def build_broadcast_args(b, first, second):
    b.output(op.reshape(b, b.input((2, 3), X), [6]), op.broadcast_args(b, b.constant(first), b.constant(second)))


add_cases("broadcast_args", build_broadcast_args, {
    "same": dict(first=[2, 3], second=[2, 3]), "ones": dict(first=[1, 3, 1], second=[4, 1, 5]),
    "longer": dict(first=[2, 1, 4], second=[3, 1]), "shorter": dict(first=[5], second=[1, 6, 1]),
})
