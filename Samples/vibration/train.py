"""Anomaly detection on motor vibrations with an autoencoder.

The network has seen healthy motors only; what it reconstructs badly is an anomaly.
The data is simulated by this script. Run: python Samples/vibration/train.py
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

import common  # first: it sets up TensorFlow's environment
import numpy as np
import tensorflow as tf
from sklearn.metrics import roc_auc_score
from tensorflow.keras import layers

SEED = 3
SAMPLE_RATE = 4096  # Hz
SECONDS = 1.0
FRAME = 256  # samples of one spectrum: 128 bands of 16 Hz
BANDS = FRAME // 2
TRAINING_SIGNALS = 4000
TEST_SIGNALS = 1000
ALARM_QUANTILE = 0.99  # one healthy training signal in a hundred is above the threshold


# --- data ---


def motor(kind: str, rng: np.random.Generator) -> np.ndarray:
    """One second of acceleration of a motor at 47-50 Hz under a random load."""
    time = np.arange(int(SAMPLE_RATE * SECONDS)) / SAMPLE_RATE
    shaft = rng.uniform(47, 50)  # revolutions per second: the load decides the slip
    load = (50 - shaft) / 3

    def tone(frequency: float, amplitude: float) -> np.ndarray:
        return amplitude * np.sin(2 * np.pi * frequency * time + rng.uniform(0, 2 * np.pi))

    def spread(mean: float) -> float:
        return mean * np.exp(rng.normal(0, 0.2))

    imbalance = rng.uniform(1.8, 4) if kind == "imbalance" else 1
    signal = tone(shaft, spread(1.0) * imbalance)
    signal += tone(2 * shaft, spread(0.4)) + tone(3 * shaft, spread(0.2))
    signal += tone(100, spread(0.3))  # the magnetic field of the 50 Hz mains
    mesh = 19 * shaft  # the teeth of the gear, modulated by the shaft
    signal += tone(mesh, spread(0.3 + 0.4 * load)) * (1 + 0.3 * np.sin(2 * np.pi * shaft * time))
    if kind == "bearing":
        signal += bearing_fault(time, shaft, rng)
    return signal + rng.normal(0, spread(0.15), time.shape)


def bearing_fault(time: np.ndarray, shaft: float, rng: np.random.Generator) -> np.ndarray:
    """A damaged outer race: every passing ball knocks on it and the housing rings."""
    knock_rate = 3.58 * shaft
    knocks = np.arange(int(knock_rate * SECONDS)) / knock_rate + rng.normal(0, 0.02 / knock_rate)
    after = time - knocks[np.searchsorted(knocks, time, side="right") - 1]
    resonance = rng.uniform(1300, 1700)
    ring = np.exp(-600 * np.abs(after)) * np.sin(2 * np.pi * resonance * after)
    return rng.uniform(0.2, 1.2) * ring


def spectrum(signal: np.ndarray) -> np.ndarray:
    """Mean power of the bands over half-overlapping frames, from -60 dB -> 0 to +20 dB -> 1."""
    frames = np.lib.stride_tricks.sliding_window_view(signal, FRAME)[:: FRAME // 2]
    amplitude = np.abs(np.fft.rfft(frames * np.hanning(FRAME))[:, :BANDS]) / (FRAME / 4)
    decibel = 10 * np.log10((amplitude**2).mean(axis=0) + 1e-12)
    return np.clip((decibel + 60) / 80, 0, 1)


def generate(kinds: list[str], rng: np.random.Generator) -> np.ndarray:
    """The features of one motor of each of `kinds`."""
    return np.stack([spectrum(motor(kind, rng)) for kind in kinds]).astype(np.float32)


# --- network ---


def build() -> tf.keras.Model:
    """128 -> 32 -> 8 -> 32 -> 128, fully connected."""
    features = x = layers.Input((BANDS,))
    for units in (32, 8, 32):
        x = layers.Dense(units, activation="relu")(x)
    return tf.keras.Model(features, layers.Dense(BANDS)(x))


def anomaly_score(features: np.ndarray, reconstruction: np.ndarray) -> np.ndarray:
    """Mean square error of the reconstruction."""
    return np.mean((features - reconstruction.reshape(features.shape)) ** 2, axis=-1)


def int8_score(model: common.Int8Model, features: np.ndarray) -> np.ndarray:
    """The same as firmware computes it: from the int8 input and output, in real units."""
    vectors = model.quantize(features)
    real = model.dequantize_input(vectors), model.dequantize_output(model.run(vectors))
    return anomaly_score(real[0].reshape(features.shape), real[1])


def report(data: bytes, name: str, training: np.ndarray, scores: np.ndarray, labels: np.ndarray) -> None:
    """Prints the area under the ROC curve, and what a threshold taken from the training data finds."""
    kept = slice(common.HELD_OUT)
    print(f"{name} AUC: {roc_auc_score(labels, scores):.4f} of {len(labels)},", end=" ")
    print(f"{roc_auc_score(labels[kept], scores[kept]):.4f} of the {common.HELD_OUT} kept")
    threshold = np.quantile(training, ALARM_QUANTILE)
    alarm = scores > threshold
    found, false = alarm[labels == 1].mean(), alarm[labels == 0].mean()
    print(f"{name} threshold {threshold:.6f}: {found:.1%} of the anomalies found, {false:.1%} false alarms")


def main() -> None:
    common.make_deterministic(SEED)
    rng = np.random.default_rng(SEED)
    healthy = generate(["healthy"] * TRAINING_SIGNALS, rng)
    labels = rng.permutation(np.arange(TEST_SIGNALS) % 2)  # 1: anomaly
    kinds = [rng.choice(["bearing", "imbalance"]) if label else "healthy" for label in labels]
    test = generate(kinds, rng)
    model = build()
    common.train(model, healthy, healthy, loss="mean_squared_error", epochs=80, batch=64, rate=3e-3)
    data = common.convert_int8(model, calibration=healthy[:500])
    common.write_sample(FOLDER, data, test, labels)

    print(common.describe(data))
    int8 = common.Int8Model(data)
    float_scores = [anomaly_score(part, common.predict(model, part)) for part in (healthy, test)]
    report(data, "float", *float_scores, labels)
    int8_scores = [int8_score(int8, part) for part in (healthy, test)]
    report(data, "int8", *int8_scores, labels)


if __name__ == "__main__":
    main()
