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


def lstm(b, x, units=5, time_major=False, cell_clip=0.0, hidden=(1 / 128, 0), cell_power=-11, weights=0.02,
         bias=0):
    inputs = x.shape[2]
    batch = x.shape[1 if time_major else 0]

    def matrix(label, depth):
        return b.tensor(label, [units, depth], (weights * b.random.uniform(0.5, 1.5), 0), "int8",
                        b.random.randint(-127, 128, [units, depth]))

    own = [matrix("weights", inputs) for _ in range(4)]
    recurrent = [matrix("recurrent", units) for _ in range(4)]
    size = max(1, int(1 / (x.quantization[0] * weights)))
    biases = [b.tensor("bias", [units], (x.quantization[0] * weights, 0), "int32" if x.dtype == "int8" else "int64",
                       bias + b.random.randint(-size, size + 1, [units])) for _ in range(4)]
    states = [b.tensor("hidden", [batch, units], hidden, x.dtype, variable=True),
              b.tensor("cell", [batch, units], (2.0 ** cell_power, 0), "int16", variable=True)]
    y = b.tensor("lstm", [*x.shape[:2], units], hidden, x.dtype)
    return b.operator("UNIDIRECTIONAL_SEQUENCE_LSTM",
                      [x, *own, *recurrent, None, None, None, *biases, None, None, *states, None, None, None, None], y,
                      "UnidirectionalSequenceLSTMOptions", fusedActivationFunction=op.activation_code("TANH"),
                      cellClip=cell_clip, projClip=0.0, timeMajor=time_major)


add_single("lstm", lstm, {
    "one_step": dict(shape=(1, 1, 4)),
    "sequence": dict(),
    "time_major": dict(shape=(6, 1, 3), time_major=True),
    "time_major_batch_2": dict(shape=(4, 2, 3), time_major=True),
    "batch_2": dict(shape=(2, 5, 3)),
    "one_unit": dict(units=1),
    "clip": dict(cell_clip=0.8),
    "clip_beyond_range": dict(cell_clip=300.0),
    "hidden_zero_point": dict(hidden=(0.005, -40)),
    "hidden_zero_point_lowest": dict(hidden=(1 / 255, -128), x=(0.03, 127)),
    "cell_power_15": dict(cell_power=-15),
    "cell_power_9": dict(cell_power=-9),
    "saturating": dict(weights=0.5),
    "small_weights": dict(weights=0.0005, units=9),
    "keyword": dict(shape=(1, 12, 10), units=16),
}, shape=(1, 7, 4), x=(0.04, -5))

# Data and hidden states of 16 bits, with 64-bit biases.
add_single("lstm_16x8", lstm, {
    "one_step": dict(shape=(1, 1, 4)),
    "sequence": dict(),
    "time_major_batch_2": dict(shape=(4, 2, 3), time_major=True),
    "batch_2": dict(shape=(2, 5, 3)),
    "clip": dict(cell_clip=0.8),
    "hidden_small": dict(hidden=(0.00001, 0)),
    "cell_power_15": dict(cell_power=-15),
    "cell_power_9": dict(cell_power=-9),
    "saturating": dict(weights=0.5),
    "small_weights": dict(weights=0.0005, units=9),
    "bias_beyond_32_bits": dict(weights=0.0000001, bias=2**33 + 12345),
    "keyword": dict(shape=(1, 12, 10), units=16),
}, shape=(1, 7, 4), dtype="int16", x=(0.0003, 0), hidden=(1 / 32768, 0))

def keyword_model(b):
    """Spectra of 40 bands, of which each inference gets one: two layers with a memory, then classes."""
    x = b.input((1, 40), (0.04, -128))
    x = svdf(b, x, units=12, rank=1, memory=8, out=(0.05, -128), activation="RELU")
    x = svdf(b, x, units=8, rank=2, memory=6, out=(0.06, -128), activation="RELU")
    b.output(op.softmax(b, op.fully_connected(b, x, units=4)))


add_cases("chain", keyword_model, {"svdf_keyword_model": dict()})
