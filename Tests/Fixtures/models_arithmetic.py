"""Builders for comparisons, selections and arithmetic on single elements."""

import numpy as np

import operator_models as op

UNIT_16 = (1 / 32768, 0)


def pointwise(b, kind, dtypes, shapes, quantizations=(None, None), out=None, out_dtype=None, constant=None,
              ranges=(None, None), options=None, **fields):
    """An operator on tensors that broadcast; constant is the position of a constant operand."""
    inputs = []
    for position, (dtype, shape) in enumerate(zip(dtypes, shapes)):
        quantization = quantizations[position] if position < len(quantizations) else None
        limits = ranges[position] if position < len(ranges) else None
        if position == constant:
            low, high = limits or {"int8": (-128, 127), "int16": (-32768, 32767), "int32": (-9000, 9000),
                                   "bool": (0, 1), "float32": (-4, 4)}[dtype]
            if dtype == "float32":
                values = b.random.uniform(low, high, shape)
            else:
                values = b.random.randint(low, high + 1, shape)
            inputs.append(b.constant(values, dtype, quantization))
        else:
            tensor = b.input(shape, quantization, dtype)
            tensor.range = limits
            inputs.append(tensor)
    if "fusedActivationFunction" in fields:
        fields["fusedActivationFunction"] = op.activation_code(fields["fusedActivationFunction"])
    result = np.broadcast_shapes(*[tuple(shape) for shape in shapes])
    y = b.tensor(kind.lower(), result, out, out_dtype or dtypes[-1])
    b.output(b.operator(kind, inputs, y, options, **fields))


def single(b, kind, dtype, shape, x=None, out=None, out_dtype=None, limits=None, options=None, **fields):
    """An operator with one input."""
    tensor = b.input(shape, x, dtype)
    tensor.range = limits
    y = b.tensor(kind.lower(), shape, out, out_dtype or dtype)
    b.output(b.operator(kind, tensor, y, options, **fields))


def real_chain(b, kinds, x, out, shape=(1, 256), limits=None, constant=None):
    """DEQUANTIZE, operators on floats, QUANTIZE; constant is a second operand of the operators."""
    tensor = b.input(shape, x)
    tensor.range = limits
    value = op.dequantize(b, tensor)
    for kind in kinds:
        y = b.tensor(kind.lower(), shape, None, "float32")
        operands = [value] if constant is None else [value, b.constant(np.array([constant]), "float32")]
        value = b.operator(kind, operands, y, "DivOptions" if kind == "DIV" else None)
    b.output(op.quantize(b, value, out))
