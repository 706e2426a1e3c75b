"""Gestures of a hand-held 3-axis accelerometer with a 1-D convolutional network.

The data is simulated by this script. Run: python Samples/gesture/train.py
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

import common  # first: it sets up TensorFlow's environment
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

SEED = 2
STEPS = 64  # 1.28 s at 50 Hz
SENSOR_RANGE = 2.0  # g; the sensor saturates there
NOISE = 0.18  # g
CLASSES = ["rest", "swipe", "circle", "eight", "shake", "double tap"]
TRAINING_GESTURES = 6000
TEST_GESTURES = 1200


# --- data ---


def movement(kind: str, progress: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Acceleration (x, y, z) of a gesture without gravity; `progress` runs from 0 to 1 while it lasts."""
    turn = 2 * np.pi * progress
    start = rng.uniform(0, 2 * np.pi)
    still = np.zeros_like(progress)
    match kind:
        case "rest":
            x, y, z = still, still, still
        case "swipe":  # speed up, brake
            x, y, z = np.sin(turn), 0.2 * np.sin(turn), still
        case "circle":
            x, y, z = np.cos(turn + start), np.sin(turn + start), still
        case "eight":
            x, y, z = np.cos(turn + start), np.sin(2 * (turn + start)), still
        case "shake":
            x, y, z = np.sin(rng.uniform(3, 5) * turn + start), still, still
        case "double tap":
            knocks = np.array([0.3, 0.7])[:, None] + rng.normal(0, 0.03, (2, 1))
            after = progress - knocks
            ring = np.where(after >= 0, np.exp(-12 * after) * np.cos(60 * after), 0)
            x, y, z = still, still, 1.5 * ring.sum(axis=0)
    acceleration = np.stack([x, y, z], axis=-1)
    acceleration[(progress < 0) | (progress > 1)] = 0
    return acceleration


def tilt(rng: np.random.Generator) -> np.ndarray:
    """A rotation matrix: the device is never held quite level."""
    (a, b), c = rng.normal(0, 0.2, 2), rng.normal(0, 0.3)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return about_x @ about_y @ about_z


def record(kind: str, rng: np.random.Generator) -> np.ndarray:
    """One recording, (STEPS, 3) in g: random speed, moment, strength, direction and hold, gravity, noise."""
    length = rng.uniform(0.5, 0.95) * STEPS
    begin = rng.uniform(0, STEPS - length)
    progress = (np.arange(STEPS) - begin) / length
    strength = rng.uniform(0.4, 1.2) * rng.choice([-1, 1])
    acceleration = strength * movement(kind, progress, rng) + [0, 0, 1]
    drift = np.cumsum(rng.normal(0, 0.02, (STEPS, 3)), axis=0)
    measured = acceleration @ tilt(rng).T + drift + rng.normal(0, NOISE, (STEPS, 3))
    return np.clip(measured, -SENSOR_RANGE, SENSOR_RANGE)


def generate(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """`count` recordings in random order, equally many of each class, and their labels."""
    labels = rng.permutation(np.arange(count) % len(CLASSES))
    recordings = [record(CLASSES[label], rng) for label in labels]
    return np.stack(recordings).astype(np.float32), labels


# --- network ---


def hard_swish(x):
    """x * relu6(x + 3) / 6, in the form that the converter recognises as HARD_SWISH."""
    return x * tf.nn.relu6(x + 3) * (1 / 6)


def separable(x, channels: int):
    """Depthwise, then pointwise convolution, leaky ReLU."""
    x = layers.SeparableConv1D(channels, 5, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.LeakyReLU(negative_slope=0.1)(x)


def build() -> tf.keras.Model:
    """64x16 -> pool -> 32x24 -> pool -> 16x32 -> mean -> 6 classes."""
    recording = x = layers.Input((STEPS, 3))
    x = layers.Conv1D(16, 5, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Lambda(hard_swish)(x)
    x = layers.MaxPooling1D(2)(x)
    x = separable(x, 24)
    x = layers.MaxPooling1D(2)(x)
    x = separable(x, 32)
    x = layers.GlobalAveragePooling1D()(x)
    return tf.keras.Model(recording, layers.Dense(len(CLASSES), activation="softmax")(x))


def main() -> None:
    common.make_deterministic(SEED)
    rng = np.random.default_rng(SEED)
    recordings, labels = generate(TRAINING_GESTURES, rng)
    test_recordings, test_labels = generate(TEST_GESTURES, rng)
    model = build()
    common.train(
        model, recordings, labels, loss="sparse_categorical_crossentropy", epochs=12, batch=64, rate=5e-3
    )
    data = common.convert_int8(model, calibration=recordings[:300])
    common.write_sample(FOLDER, data, test_recordings, test_labels)
    common.report_classifier(model, data, test_recordings, test_labels)


if __name__ == "__main__":
    main()
