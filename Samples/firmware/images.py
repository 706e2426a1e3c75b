"""Prints a C header with test images, labels and expected outputs: images.py SAMPLES.npy LABELS.npy EXPECTED.npy

Reads the .npy files itself, so that the firmware builds without NumPy.
"""

import ast
import math
import struct
import sys
from pathlib import Path

TYPES = {"|i1": "b", "<i4": "i", "<i8": "q"}


def read_npy(path: str) -> list[tuple[int, ...]]:
    """The rows of an array of integers: one flat tuple for each index of the first axis."""
    data = Path(path).read_bytes()
    if data[:6] != b"\x93NUMPY":
        sys.exit(f"{path}: is no .npy file")
    length_type, start = ("<H", 10) if data[6] == 1 else ("<I", 12)
    (length,) = struct.unpack_from(length_type, data, 8)
    header = ast.literal_eval(data[start : start + length].decode("latin1"))
    if header["fortran_order"] or header["descr"] not in TYPES:
        sys.exit(f"{path}: only integers in C order are supported")
    count, *shape = header["shape"]
    size = math.prod(shape)
    values = struct.unpack_from(f"<{count * size}{TYPES[header['descr']]}", data, start + length)
    return [values[i * size : (i + 1) * size] for i in range(count)]


def table(name: str, rows: list[tuple[int, ...]]) -> str:
    lines = [f"    {{ {', '.join(map(str, row))} }}," for row in rows]
    return "\n".join([f"static const int8_t {name}[IMAGE_COUNT][{len(rows[0])}] = {{", *lines, "};"])


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    images, labels, expected = (read_npy(path) for path in sys.argv[1:])
    if not len(images) == len(labels) == len(expected) > 0:
        sys.exit("the files must have the same number of vectors, and at least one")
    print("/* Written by images.py. */\n#include <stdint.h>\n")
    print(f"#define IMAGE_COUNT {len(images)}\n")
    print(table("images", images), end="\n\n")
    print(f"static const int8_t labels[IMAGE_COUNT] = {{ {', '.join(str(label) for (label,) in labels)} }};\n")
    print(table("expected", expected))


main()
