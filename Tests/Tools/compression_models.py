"""Compresses every model of a folder without any data: losslessly, and to weights of 4 bits.

Usage: compression_models.py NNCGEN MODELS TARGET

Every folder below MODELS holds model.tflite (or .onnx), input.npy and output.npy. `exact` must give the recorded outputs in
every bit with less flash than the model as it is, or as much where no kernel has a smaller form; both are emitted with the
default objective. Exits with 1 otherwise.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def call(*words) -> str:
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


def profile(nncgen: str, model: Path, target: str) -> dict:
    figures = json.loads(call(nncgen, "profile", "--target", target, "--json", model))
    return {"flash": figures["flash"]["code"] + figures["flash"]["weights"], "count": figures[figures["unit"]]}


def main() -> int:
    nncgen, models, target = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    failed = False
    for path in sorted(models.glob("*/model.*")):
        folder = path.parent
        with tempfile.TemporaryDirectory() as temporary:
            exact, few = Path(temporary, "exact.bin"), Path(temporary, "few.bin")
            call(nncgen, "compress", path, "-o", exact, "--recipe", "exact")
            verified = subprocess.run(
                [nncgen, "verify", "--target", target, exact, "--input", folder / "input.npy", "--expect",
                 folder / "output.npy"], capture_output=True, text=True)
            before, after = profile(nncgen, path, target), profile(nncgen, exact, target)
            report = Path(temporary, "report.json")
            call(nncgen, "compress", path, "-o", few, "--weights", 4, "--report", report)
            last = json.loads(report.read_text())["steps"][-1]
            four = profile(nncgen, few, target)
        ok = verified.returncode == 0 and after["flash"] <= before["flash"]
        failed |= not ok
        print(f"{folder.name}\n"
              f"  as it is    flash {before['flash']:9,}  cycles {before['count']:12,}  file {path.stat().st_size:9,}\n"
              f"  exact       flash {after['flash']:9,}  cycles {after['count']:12,}  {verified.stdout.strip() or verified.stderr.strip()}\n"
              f"  4 bits      flash {four['flash']:9,}  cycles {four['count']:12,}  "
              f"{last['bits_per_weight']:.2f} bits a weight, outputs {float(last['output_decibels']):.1f} dB, without data"
              + ("" if ok else "\n  FAILED"), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
