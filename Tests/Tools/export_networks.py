"""Networks of PyTorch, scikit-learn and Keras for the 8 x 8 digits of scikit-learn, trained for a few seconds, with fixed seeds."""

import logging
import warnings

import numpy as np
import torch
import torch.nn.functional as functional
from sklearn.datasets import load_diabetes, load_digits
from torch import nn

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.set_num_threads(1)


def digits():
    """Images [n,8,8] from 0 to 1, and their labels."""
    images, labels = load_digits(return_X_y=True)
    return (images.reshape(-1, 8, 8) / 16).astype(np.float32), labels


class Convolutions(nn.Module):
    """Convolutions with normalizations."""

    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.second, self.other = nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.last = nn.Linear(16 * 4 * 4, 10)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.norm(self.first(x))), 2)
        x = functional.relu(self.other(self.second(x)))
        return self.last(torch.flatten(x, 1))


class Gate(nn.Module):
    """Squeeze and excitation."""

    def __init__(self, channels):
        super().__init__()
        self.squeeze = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, 4, 1), nn.ReLU(), nn.Conv2d(4, channels, 1), nn.Hardsigmoid())

    def forward(self, x):
        return x * self.squeeze(x)


class Inverted(nn.Module):
    """The inverted residual of MobileNetV2 and V3."""

    def __init__(self, channels, wide, activation, gated):
        super().__init__()
        layers = [nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), activation()]
        layers += [
            nn.Conv2d(wide, wide, 3, padding=1, groups=wide, bias=False), nn.BatchNorm2d(wide), activation()]
        layers += [Gate(wide)] if gated else []
        layers += [nn.Conv2d(wide, channels, 1, bias=False), nn.BatchNorm2d(channels)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.layers(x)


class Mobile(nn.Module):
    """MobileNet blocks at two resolutions, which a resize brings together again."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.Hardswish())
        self.fine = Inverted(8, 16, nn.ReLU6, False)
        self.down = nn.Conv2d(8, 8, 3, stride=2, padding=1)
        self.coarse = Inverted(8, 24, nn.Hardswish, True)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.end = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(16, 10))

    def forward(self, x):
        fine = self.fine(self.stem(x))
        coarse = self.coarse(self.down(fine))
        small = functional.interpolate(fine, scale_factor=0.5, mode="bilinear", align_corners=False)
        both = torch.cat([fine, self.up(coarse + small)], dim=1)
        return self.end(both)


class Keywords(nn.Module):
    """One-dimensional convolutions over the rows of an image as time."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(8, 16, 3, padding=1), nn.BatchNorm1d(16), nn.ReLU(),
            nn.Conv1d(16, 16, 3, padding=1, groups=16), nn.BatchNorm1d(16), nn.ReLU(), nn.Conv1d(16, 24, 1), nn.SiLU(),
            nn.AvgPool1d(2), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(24, 10))

    def forward(self, x):
        return functional.log_softmax(self.layers(x[:, 0]), dim=1)


class Dense(nn.Module):
    """A multilayer perceptron with a GELU and a layer normalization."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 32), nn.GELU(), nn.LayerNorm(32), nn.Linear(32, 24), nn.Tanh(), nn.Linear(24, 10),
            nn.Softmax(dim=1))

    def forward(self, x):
        return self.layers(x)


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 12, 3, stride=2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(12, 8, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 2, stride=2), nn.Sigmoid())

    def forward(self, x):
        return self.layers(x)


class Recurrent(nn.Module):
    """A recurrent layer over the rows of an image; the last state decides."""

    def __init__(self, kind):
        super().__init__()
        self.layer = kind(8, 20, batch_first=True)
        self.last = nn.Linear(20, 10)

    def forward(self, x):
        states, _ = self.layer(x[:, 0])
        return self.last(states[:, -1])


def trained(network, epochs=6):
    """The network after some passes over three quarters of the digits."""
    images, labels = digits()
    count = len(images) * 3 // 4
    inputs, targets = torch.tensor(images[:count, None]), torch.tensor(labels[:count])
    optimizer = torch.optim.Adam(network.parameters(), 0.01)
    generator = torch.Generator().manual_seed(1)
    network.train()
    for _ in range(epochs):
        for some in torch.randperm(count, generator=generator).split(64):
            optimizer.zero_grad()
            answer = network(inputs[some])
            if answer.dim() == 4:
                loss = functional.mse_loss(answer, inputs[some])
            else:
                loss = functional.cross_entropy(answer, targets[some])
            loss.backward()
            optimizer.step()
    return network.eval()


def torch_networks():
    """Names with trained networks of PyTorch; all take images [n,1,8,8]."""
    makers = {
        "cnn": Convolutions, "mobile": Mobile, "keywords": Keywords, "mlp": Dense, "autoencoder": Autoencoder,
        "lstm": lambda: Recurrent(nn.LSTM), "gru": lambda: Recurrent(nn.GRU)}
    for name, make in makers.items():
        torch.manual_seed(0)
        yield name, trained(make())


def scikit_models():
    """Names with fitted models of scikit-learn, their features, and options of the exporter."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    images, labels = digits()
    pixels = images.reshape(len(images), 64)
    features, values = load_diabetes(return_X_y=True, scaled=False)
    features, values = features.astype(np.float32), values / 100
    named = np.array(["no", "one", "two", "3", "4", "5", "6", "7", "8", "9"])

    def classifier():
        return MLPClassifier((24,), max_iter=60, random_state=0)

    def regressor():
        return MLPRegressor(hidden_layer_sizes=(16,), max_iter=300, random_state=0)

    plain = {"zipmap": False}
    yield "mlp_classifier", classifier().fit(pixels, labels), pixels, plain
    yield "mlp_classifier zipmap", classifier().fit(pixels, labels), pixels, {"zipmap": True}
    yield "mlp_classifier strings", classifier().fit(pixels, named[labels]), pixels, plain
    yield "mlp_classifier of two", classifier().fit(pixels, labels % 2), pixels, plain
    yield "scaler, mlp_classifier", make_pipeline(StandardScaler(), classifier()).fit(pixels, labels * 3 - 1), pixels, plain
    yield "scaler, mlp_regressor", make_pipeline(StandardScaler(), regressor()).fit(features, values), features, {}
    both = np.stack([values, -values], 1)
    yield "scaler, mlp_regressor of two", make_pipeline(StandardScaler(), regressor()).fit(features, both), features, {}
    yield "logistic_regression", LogisticRegression(max_iter=200).fit(pixels, labels), pixels, plain


def keras_networks():
    """Names with trained networks of Keras, and the shape of an input without its batch."""
    import keras
    from keras import layers

    images, labels = digits()
    keras.utils.set_random_seed(0)
    networks = [("keras cnn", (8, 8, 1), [
        layers.Conv2D(8, 3, padding="same"), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(),
        layers.DepthwiseConv2D(3, padding="same"), layers.Conv2D(16, 1, activation="relu"),
        layers.GlobalAveragePooling2D()])]
    networks += [("keras lstm", (8, 8), [layers.LSTM(12)]), ("keras gru", (8, 8), [layers.GRU(12)])]
    for name, shape, parts in networks:
        network = keras.Sequential([keras.Input(shape), *parts, layers.Dense(10, activation="softmax")])
        network.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
        network.fit(images.reshape(-1, *shape)[:1300], labels[:1300], epochs=8, batch_size=64, verbose=0)
        yield name, network, shape
