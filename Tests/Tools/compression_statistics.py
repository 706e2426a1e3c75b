"""Computes with NumPy what `nncgen compress --report` says of every step: from the files alone, which Samples/modelbin.py reads.

Usage: compression_statistics.py NNCGEN FOLDER

FOLDER holds model_float.tflite and calibration.npy. For each step below the compressed network is read back, and of every layer the
number of weights, zeros and different values, and the signal-to-noise ratio of the weights are compared with the report; of the
whole network density, bits, rate, and the signal-to-noise ratio of the outputs. Exits with 1 when one of them differs.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Samples"))
import modelbin

STEPS = [
    {"step": "prune", "ratio": 0.4},
    {"step": "prune", "ratio": 0.4, "scope": "global", "criterion": "taylor"},
    {"step": "prune", "keep": "2:4"},
    {"step": "prune", "decibels": 20},
    {"step": "prune-channels", "ratio": 0.2},
    {"step": "low-rank", "energy": 0.95},
    {"step": "low-rank", "ratio": 0.7, "scope": "network"},
    {"step": "equalize"},
    {"step": "split-outliers", "ratio": 0.05},
    {"step": "quantize", "weights": 8},
    {"step": "quantize", "weights": 4},
    {"step": "quantize", "weights": 4, "scheme": "asymmetric"},
    {"step": "quantize", "weights": 5, "scheme": "fixed-point"},
    {"step": "quantize", "weights": 5, "scheme": "dynamic-fixed-point"},
    {"step": "quantize", "scheme": "ternary"},
    {"step": "quantize", "scheme": "binary"},
    {"step": "mixed-precision", "bits-per-weight": 4},
    {"step": "mixed-precision", "bits-per-weight": 3, "sensitivity": "kl"},
    {"step": "share", "values": 16},
    {"step": "product-quantize", "values": 16, "length": 2},
    {"step": "product-quantize", "values": 16, "length": 2, "stages": 2},
    {"step": "rate-distortion", "rate": 8},
]
WEIGHTED = {"conv_2d", "depthwise_conv_2d", "fully_connected", "transpose_conv"}


def real(tensor: modelbin.Tensor) -> np.ndarray:
    """What the elements stand for, in double precision."""
    values = np.asarray(tensor.data).reshape(tensor.shape)
    quantization = tensor.quantization
    if values.dtype == np.float32 or quantization is None:
        return values.astype(np.float64)
    scales, zeros = np.float64(np.float32(quantization.scales)), np.array(quantization.zero_points)
    if len(scales) > 1:
        shape = [1] * values.ndim
        shape[quantization.axis] = -1
        scales, zeros = scales.reshape(shape), zeros.reshape(shape)
    return scales * (values.astype(np.int64) - zeros)


def layers(path: Path) -> list[np.ndarray]:
    """The weights of all layers, each tensor once, in the order of the operators."""
    model = modelbin.read_model(path)
    seen = dict.fromkeys(operator.inputs[1] for operator in model.operators if operator.mnemonic in WEIGHTED)
    return [real(model.tensors[index]) for index in seen]


def decibels(before: np.ndarray, after: np.ndarray) -> float:
    noise = np.sum(np.square(before - after))
    return float("inf") if noise == 0 else float(10 * np.log10(np.sum(np.square(before)) / noise))


def outputs(nncgen: str, model: Path, vectors: Path, folder: Path) -> np.ndarray:
    """The first output for all vectors, as real numbers."""
    result = folder / "outputs.npy"
    subprocess.run([nncgen, "eval", model, "--input", vectors, "-o", result], check=True, stdout=subprocess.DEVNULL)
    values = np.load(result)
    if values.dtype == np.float32:
        return values.astype(np.float64)
    binary = modelbin.read_model(model)
    tensor = binary.tensors[binary.outputs[0]]
    return real(modelbin.Tensor(tensor.name, tensor.type, list(values.shape), tensor.quantization, values))


def check(nncgen: str, folder: Path, step: dict, work: Path) -> list[str]:
    recipe, report, small = work / "recipe.json", work / "report.json", work / "small.bin"
    recipe.write_text(json.dumps({"steps": [step, {"step": "huffman"}]}))
    subprocess.run(
        [nncgen, "compress", folder / "model_float.tflite", "-o", small, "--recipe", recipe, "--calibrate",
         folder / "calibration.npy", "--report", report], check=True, stdout=subprocess.DEVNULL)
    last = json.loads(report.read_text())["steps"][-1]
    before, after = layers(work / "float.bin"), layers(small)
    differences = []

    def compare(what: str, said, found) -> None:
        said = float(said) if said is not None else None
        if (said is None) != (found is None) or said is not None and not np.isclose(said, found, rtol=1e-6, atol=1e-6):
            differences.append(f"{what}: the report says {said}, NumPy {found}")

    compare("layers", len(last["layers"]), len(after))
    for said, weights in zip(last["layers"], after):
        name = said["name"]
        compare(f"{name} weights", said["weights"], weights.size)
        compare(f"{name} nonzero", said["nonzero"], np.count_nonzero(weights))
        compare(f"{name} distinct", said["distinct"], np.unique(weights).size)
        compare(f"{name} bits", said["bits_per_weight"], 8 * said["bytes"] / weights.size)
    if len(before) == len(after):
        for said, old, new in zip(last["layers"], before, after):
            compare(f"{said['name']} decibels", said["decibels"], decibels(old, new) if old.shape == new.shape else None)
    total = sum(weights.size for weights in before)
    size = sum(said["bytes"] for said in last["layers"])
    compare("density", last["density"], sum(np.count_nonzero(weights) for weights in after) / total)
    compare("bits", last["bits_per_weight"], 8 * size / total)
    compare("rate", last["compression_rate"], 4 * total / size)
    vectors = folder / "calibration.npy"
    compare("output decibels", last["output_decibels"],
            decibels(outputs(nncgen, work / "float.bin", vectors, work), outputs(nncgen, small, vectors, work)))
    return differences


def main() -> int:
    nncgen, folder = sys.argv[1], Path(sys.argv[2])
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        subprocess.run([nncgen, "convert", folder / "model_float.tflite", "-o", work / "float.bin"], check=True,
                       stdout=subprocess.DEVNULL)
        for step in STEPS:
            differences = check(nncgen, folder, step, work)
            failed |= bool(differences)
            print(f"{json.dumps(step)}: {'equal' if not differences else ''}")
            for difference in differences[:5]:
                print(f"  {difference}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
