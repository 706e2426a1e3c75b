"""Handwritten digits, 8x8 pixels, with a small residual network.

The data (1797 images) ships with scikit-learn. Run: python Samples/digits/train.py
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

import common  # first: it sets up TensorFlow's environment
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow.keras import layers

SEED = 1
TEST_IMAGES = 360
CALIBRATION_IMAGES = 300


def load() -> list[np.ndarray]:
    """Training images, test images, training labels, test labels; pixels from 0 to 1."""
    digits = load_digits()
    images = (digits.images[..., None] / 16).astype(np.float32)
    return train_test_split(
        images, digits.target, test_size=TEST_IMAGES, stratify=digits.target, random_state=SEED
    )


def shifted(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The images, and each again moved by one pixel up, down, left and right."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    corners = [(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)]
    copies = [padded[:, y : y + 8, x : x + 8] for y, x in corners]
    return np.concatenate(copies), np.tile(labels, len(corners))


def convolution(x, channels: int, kernel: int = 3, stride: int = 1, relu: bool = True):
    """Convolution and batch normalization, which the converter folds into it."""
    x = layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(x) if relu else x


def residual(x, channels: int, stride: int = 1):
    """Two 3x3 convolutions beside a shortcut: the input itself, or its 1x1 projection."""
    shortcut = x if stride == 1 else convolution(x, channels, kernel=1, stride=stride, relu=False)
    x = convolution(x, channels, stride=stride)
    x = convolution(x, channels, relu=False)
    return layers.ReLU()(layers.Add()([x, shortcut]))


def build() -> tf.keras.Model:
    """8x8x16 -> residual -> 4x4x24 -> residual -> mean -> 10 classes."""
    image = x = layers.Input((8, 8, 1))
    x = convolution(x, 16)
    x = residual(x, 16)
    x = residual(x, 24, stride=2)
    x = layers.GlobalAveragePooling2D()(x)
    return tf.keras.Model(image, layers.Dense(10, activation="softmax")(x))


def main() -> None:
    common.make_deterministic(SEED)
    train_images, test_images, train_labels, test_labels = load()
    model = build()
    common.train(
        model,
        *shifted(train_images, train_labels),
        loss="sparse_categorical_crossentropy",
        epochs=12,
        batch=64,
        rate=4e-3,
    )
    data = common.convert_int8(model, calibration=train_images[:CALIBRATION_IMAGES])
    common.write_sample(FOLDER, data, test_images, test_labels)
    some = slice(CALIBRATION_IMAGES)
    common.write_float_sample(FOLDER, model, train_images[some], train_labels[some], test_images)
    common.report_classifier(model, data, test_images, test_labels)


if __name__ == "__main__":
    main()
