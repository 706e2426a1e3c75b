"""Compares every tensor of a network with what TensorFlow Lite Micro computes for it.

    python layers.py NNCGEN DIR

For each folder below DIR with a model.tflite and input.npy the network runs twice on every vector: in the PyPI package
`tflite-micro` with all tensors preserved, and in `nncgen eval --tensors`. Every tensor that an operator writes must have
the same bytes in both. Needs `pip install --pre tflite-micro`.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from tflite_micro import runtime


def compare(nncgen: str, folder: pathlib.Path) -> tuple[int, int]:
    """Compares all tensors of one model; gives the numbers of tensors and of differing ones."""
    model = folder / "model.tflite"
    inputs = np.load(folder / "input.npy")
    with tempfile.TemporaryDirectory() as work:
        command = [nncgen, "eval", str(model), "--input", str(folder / "input.npy"), "--tensors", work]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        ours = {int(path.stem): np.load(path) for path in pathlib.Path(work).glob("*.npy")}
    interpreter = runtime.Interpreter.from_bytes(
        model.read_bytes(),
        intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors,
        arena_size=4 << 20,
    )
    differing = set()
    for row, vector in enumerate(inputs):
        shape = interpreter.get_input_details(0)["shape"]
        interpreter.set_input(np.reshape(vector, shape), 0)
        interpreter.invoke()
        for index, values in ours.items():
            theirs = np.asarray(interpreter.GetTensor(index, 0)["tensor_data"])
            if theirs.dtype != values.dtype or theirs.tobytes() != values[row].tobytes():
                differing.add(index)
    for index in sorted(differing):
        print(f"  tensor {index} differs")
    return len(ours), len(differing)


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    nncgen = str(pathlib.Path(sys.argv[1]).resolve())
    total = failed = 0
    for model in sorted(pathlib.Path(sys.argv[2]).glob("*/model.tflite")):
        tensors, differing = compare(nncgen, model.parent)
        print(f"{model.parent.name}: {tensors} tensors compared, {differing} differ")
        total += 1
        failed += differing > 0
    print(f"{total - failed} passed, {failed} failed")
    return 0 if total > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
