"""What each way to compress a float network costs and buys: one row a recipe.

Usage: compression_table.py NNCGEN FOLDER TARGET

FOLDER holds model_float.tflite, calibration.npy, calibration_labels.npy, samples_float.npy and labels.npy. Each row is a run of
`nncgen compress --report` with the recipe in ROWS; cycles, flash and RAM are measured on the target, and the emitted C must
answer like the reference. Exits with 1 when it does not.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def quantize(bits: int, scheme: str = "symmetric") -> dict:
    return {"step": "quantize", "weights": bits, "scheme": scheme}


PRUNE = {"step": "prune", "ratio": 0.5, "rounds": 4}
SHARE = {"step": "share", "values": 16}
HUFFMAN = {"step": "huffman"}
FIXED, DYNAMIC = "fixed-point", "dynamic-fixed-point"

ROWS = (
    [("int8", [quantize(8)])]
    + [(f"{bits} bits, {scheme}", [quantize(bits, scheme)]) for scheme in ("symmetric", DYNAMIC, FIXED) for bits in (8, 6, 4)]
    + [
        ("4 bits, asymmetric", [quantize(4, "asymmetric")]),
        ("8 bits, activations of 16", [{"step": "quantize", "activations": 16}]),
        ("16 bits, activations of 16", [{"step": "quantize", "weights": 16, "activations": 16}]),
        ("mixed, 4 bits", [{"step": "mixed-precision", "bits-per-weight": 4}]),
        ("mixed, 4 bits, by KL", [{"step": "mixed-precision", "bits-per-weight": 4, "sensitivity": "kl"}]),
        ("mixed, 0.5 % less accuracy", [{"step": "mixed-precision", "accuracy-loss": 0.005}]),
        ("mixed, 1.58 million cycles", [{"step": "mixed-precision", "cycles": 1_580_000}]),
    ]
    + [("pruned", [PRUNE])]
    + [(f"pruned + {bits} bits, {scheme}", [PRUNE, quantize(bits, scheme)]) for scheme in (DYNAMIC, FIXED) for bits in (8, 6, 4)]
    + [
        ("ternary", [{"step": "quantize", "scheme": "ternary"}]),
        ("binary", [{"step": "quantize", "scheme": "binary"}]),
        ("shared, 16 values", [SHARE]),
        ("64 rows of 4 shared + Huffman", [{"step": "product-quantize", "values": 64, "length": 4}, HUFFMAN]),
        ("pruned + shared", [PRUNE, SHARE]),
        ("pruned + shared + Huffman", [PRUNE, SHARE, HUFFMAN]),
        ("rate-distortion 10x", [{"step": "rate-distortion", "rate": 10}, HUFFMAN]),
        ("rate-distortion 16x", [{"step": "rate-distortion", "rate": 16}, HUFFMAN]),
        ("rate-distortion 25x (tiny)", [{"step": "rate-distortion", "rate": 25}, HUFFMAN]),
        ("rate-distortion 32x", [{"step": "rate-distortion", "rate": 32}, HUFFMAN]),
    ]
)


def run(nncgen: str, folder: Path, target: str, steps: list[dict]) -> dict:
    with tempfile.TemporaryDirectory() as temporary:
        recipe, report = Path(temporary, "recipe.json"), Path(temporary, "report.json")
        recipe.write_text(json.dumps({"steps": steps}))
        subprocess.run(
            [nncgen, "compress", folder / "model_float.tflite", "-o", Path(temporary, "model.bin"), "--recipe", recipe,
             "--calibrate", folder / "calibration.npy", "--calibrate-labels", folder / "calibration_labels.npy",
             "--eval", folder / "samples_float.npy", "--labels", folder / "labels.npy", "--target", target, "--report", report],
            check=True, stdout=subprocess.DEVNULL)
        return json.loads(report.read_text())


def main() -> int:
    nncgen, folder, target = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    names = ["recipe", "density", "bits", "rate", "output dB", "accuracy", "cycles", "flash", "RAM"]
    widths = [34, 8, 6, 6, 9, 8, 10, 7, 6]

    def show(cells: list[str]) -> None:
        print("  ".join(f"{cell:{'<' if i == 0 else '>'}{width}}" for i, (cell, width) in enumerate(zip(cells, widths))), flush=True)

    show(names)
    differs = False
    for index, (name, steps) in enumerate(ROWS):
        report = run(nncgen, folder, target, steps)
        if index == 0:
            first = report["steps"][0]
            show(["float", f"{first['density']:.1%}", "32.00", "1.0x", "", f"{first['accuracy']:.1%}"])
        last, measured = report["steps"][-1], report["measured"]
        differs |= not measured["identical"]
        show([name, f"{last['density']:.1%}", f"{last['bits_per_weight']:.2f}", f"{last['compression_rate']:.1f}x",
              f"{float(last['output_decibels']):.1f}", f"{last['accuracy']:.1%}", f"{measured['cycles']:,}",
              f"{measured['flash']:,}", f"{measured['ram']:,}"])
    if differs:
        print("the C of a row differs from the reference", file=sys.stderr)
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
