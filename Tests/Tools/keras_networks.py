"""The networks of keras_models.py: MODELS has a function for each that makes it, with a batch of one vector."""

import keras
import tf_keras
from keras import layers

MODELS = {}


def model(shape, *shapes):
    """Registers a network: a function of the inputs' symbolic tensors."""

    def register(build):
        def make():
            inputs = [keras.Input(batch_shape=(1, *s)) for s in (shape, *shapes)]
            return keras.Model(inputs if len(inputs) > 1 else inputs[0], build(*inputs))

        MODELS[build.__name__] = make
        return build

    return register


# Recurrent layers. Those of Keras 2 carry a mark by which the converter makes one operator of an LSTM.

def recurrent(name, layer, steps=6, features=4):
    def make():
        inputs = keras.Input(batch_shape=(1, steps, features))
        return keras.Model(inputs, layers.Dense(3)(layer()(inputs)))

    MODELS[name] = make


for unroll in (False, True):
    kind = "_unrolled" if unroll else ""
    recurrent("lstm" + kind, lambda unroll=unroll: layers.LSTM(5, unroll=unroll))
    recurrent("gru" + kind, lambda unroll=unroll: layers.GRU(5, unroll=unroll))
    recurrent("gru_reset_before" + kind, lambda unroll=unroll: layers.GRU(5, unroll=unroll, reset_after=False))
    recurrent("simple_rnn" + kind, lambda unroll=unroll: layers.SimpleRNN(5, unroll=unroll))
    recurrent("bidirectional_gru" + kind, lambda unroll=unroll: layers.Bidirectional(layers.GRU(4, unroll=unroll)))
recurrent("lstm_sequences", lambda: layers.LSTM(5, return_sequences=True))
recurrent("gru_sequences_unrolled", lambda: layers.GRU(5, return_sequences=True, unroll=True))
recurrent("bidirectional_lstm", lambda: layers.Bidirectional(layers.LSTM(4, return_sequences=True)))
recurrent("gru_stateful_unrolled", lambda: layers.GRU(5, stateful=True, unroll=True))
recurrent("lstm_stateful", lambda: layers.LSTM(5, stateful=True))


def lstm_keras2():
    inputs = tf_keras.Input(batch_shape=(1, 6, 4))
    return tf_keras.Model(inputs, tf_keras.layers.Dense(3)(tf_keras.layers.LSTM(5)(inputs)))


def lstm_two_layers_keras2():
    inputs = tf_keras.Input(batch_shape=(1, 6, 4))
    x = tf_keras.layers.LSTM(6, return_sequences=True)(inputs)
    return tf_keras.Model(inputs, tf_keras.layers.Dense(3)(tf_keras.layers.LSTM(5)(x)))


def bidirectional_lstm_keras2():
    inputs = tf_keras.Input(batch_shape=(1, 6, 4))
    x = tf_keras.layers.Bidirectional(tf_keras.layers.LSTM(4, return_sequences=True))(inputs)
    return tf_keras.Model(inputs, tf_keras.layers.Dense(3)(x))


for build in (lstm_keras2, lstm_two_layers_keras2, bidirectional_lstm_keras2):
    MODELS[build.__name__] = build


# Layers of one kind.

@model((5, 6, 6, 2))
def time_distributed(x):
    x = layers.TimeDistributed(layers.Conv2D(3, 3, activation="relu"))(x)
    return layers.TimeDistributed(layers.Dense(2))(layers.TimeDistributed(layers.Flatten())(x))


@model((20, 4))
def conv1d(x):
    x = layers.Conv1D(6, 5, padding="same", activation="relu")(x)
    x = layers.MaxPooling1D(2)(x)
    x = layers.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu")(x)
    return layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling1D()(x))


@model((5, 6, 3))
def conv2d_transpose(x):
    x = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu")(x)
    return layers.Conv2DTranspose(2, 2, strides=2, padding="valid")(x)


@model((4, 5, 3))
def upsampling2d(x):
    nearest = layers.UpSampling2D(2)(layers.Conv2D(4, 3, padding="same")(x))
    return layers.UpSampling2D(2, interpolation="bilinear")(nearest)


@model((9, 8, 3))
def separable_conv(x):
    x = layers.SeparableConv2D(6, 3, strides=2, padding="same", depth_multiplier=2)(x)
    x = layers.ReLU(max_value=6)(layers.BatchNormalization()(x))
    return layers.Dense(4)(layers.Flatten()(x))


@model((16, 5))
def separable_conv1d(x):
    return layers.Dense(4)(layers.Flatten()(layers.SeparableConv1D(6, 3, activation="relu")(x)))


@model((12,))
def activations(x):
    parts = [layers.Dense(4, activation=name)(x) for name in (
        "tanh", "sigmoid", "elu", "swish", "hard_sigmoid", "softplus", "relu6", "leaky_relu", "softmax")]
    return layers.Concatenate()(parts)


@model((6, 6, 4), (6, 6, 4))
def merging(a, b):
    x = layers.Multiply()([layers.Add()([a, b]), layers.Subtract()([a, b])])
    return layers.Average()([layers.Maximum()([x, a]), layers.Minimum()([x, b])])


# Networks.

def bottleneck(x, filters, expansion, stride):
    y = layers.ReLU(6.0)(layers.BatchNormalization()(layers.Conv2D(x.shape[-1] * expansion, 1, use_bias=False)(x)))
    if stride == 2:
        y = layers.ZeroPadding2D(((0, 1), (0, 1)))(y)
    y = layers.DepthwiseConv2D(3, strides=stride, padding="valid" if stride == 2 else "same", use_bias=False)(y)
    y = layers.ReLU(6.0)(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 1, use_bias=False)(y))
    return layers.Add()([x, y]) if stride == 1 and x.shape[-1] == filters else y


@model((24, 24, 3))
def mobilenet_v2(x):
    x = layers.Resizing(32, 32)(x)
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    for filters, expansion, stride in ((8, 1, 1), (12, 4, 2), (12, 4, 1), (16, 4, 2), (16, 4, 1)):
        x = bottleneck(x, filters, expansion, stride)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(32, 1, activation="relu6")(x))
    return layers.Dense(4, activation="softmax")(x)


@model((25, 10, 1))
def ds_cnn(x):
    x = layers.Conv2D(12, (10, 4), strides=2, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for _ in range(2):
        x = layers.ReLU()(layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(x)))
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(12, 1)(x)))
    x = layers.Dropout(0.4)(x)
    return layers.Dense(5, activation="softmax")(layers.Flatten()(layers.AveragePooling2D(x.shape[1:3])(x)))


@model((40,))
def autoencoder(x):
    for units in (24, 8, 24):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Dense(units)(x)))
    return layers.Dense(40)(x)


@model((12, 12, 3))
def unet(x):
    outer = layers.Conv2D(6, 3, padding="same", activation="relu")(x)
    inner = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPooling2D()(outer))
    x = layers.Concatenate()([layers.Conv2DTranspose(6, 2, strides=2)(inner), outer])
    return layers.Conv2D(2, 1, activation="sigmoid")(x)


@model((6, 8))
def attention(x):
    y = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)]))
    z = layers.Dense(8)(layers.Dense(16, activation="relu")(y))
    return layers.Dense(3)(layers.GlobalAveragePooling1D()(layers.Add()([y, z])))


@model((10, 6))
def conv_gru(x):
    x = layers.Conv1D(8, 3, activation="relu")(x)
    return layers.Dense(4, activation="softmax")(layers.GRU(6, unroll=True)(x))
