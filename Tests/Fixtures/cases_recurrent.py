"""The cases of layers with states: what one vector leaves, the next one finds."""

import operator_models as op
from case_table import add_cases, add_single


def svdf(b, x, units=4, rank=2, memory=5, state=(0.003, 0), dtype="int16", times=0.004, out=(0.05, 3),
         bias=True, activation="NONE", weights=127):
    batch, inputs = x.shape
    filters = units * rank
    high = {"int8": 127, "int16": 32767}[dtype]
    features = b.tensor("features", [filters, inputs], (0.01, 0), "int8",
                        b.random.randint(-weights, weights + 1, [filters, inputs]))
    time_scale = times * 127 / high
    time_weights = b.tensor("times", [filters, memory], (time_scale, 0), dtype,
                            b.random.randint(-high, high + 1, [filters, memory]))
    bias_tensor = None
    if bias:
        scale = float(op.np.float32(state[0]) * op.np.float32(time_scale))
        size = max(1, int(2 * out[0] * 60 / scale))
        bias_tensor = b.tensor("bias", [units], (scale, 0), "int32", b.random.randint(-size, size + 1, [units]))
    states = b.tensor("state", [batch, filters * memory], state, dtype, variable=True)
    y = b.tensor("svdf", [batch, units], out)
    return b.operator("SVDF", [x, features, time_weights, bias_tensor, states], y, "SVDFOptions", rank=rank,
                      fusedActivationFunction=op.activation_code(activation))


add_single("svdf", svdf, {
    "int16": dict(),
    "int16_rank_1": dict(rank=1, memory=8),
    "int16_one_unit": dict(units=1, rank=3),
    "int16_memory_1": dict(memory=1),
    "int16_batch_2": dict(shape=(2, 9)),
    "int16_one_input": dict(shape=(1, 1), units=7),
    "int16_saturating": dict(state=(0.00001, 0), out=(0.02, -7)),
    "int16_keyword": dict(shape=(1, 40), units=16, rank=2, memory=8, x=(0.04, -128)),
    "int8": dict(dtype="int8", state=(0.4, 0)),
    "int8_rank_1": dict(dtype="int8", state=(0.4, 0), rank=1, memory=3),
    "int8_batch_3": dict(dtype="int8", state=(0.3, 0), shape=(3, 7)),
    "int8_zero_point": dict(dtype="int8", state=(0.4, -11)),
    "int8_zero_point_lowest": dict(dtype="int8", state=(0.2, -128), x=(0.03, 127)),
    "int8_saturating": dict(dtype="int8", state=(0.02, 0), weights=128 - 1, out=(0.3, 100)),
}, shape=(1, 12))
