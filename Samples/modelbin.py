"""Writes and reads model.bin, the model container of nncgen; needs NumPy only.

    python modelbin.py show MODEL.bin      lists tensors and operators
    python modelbin.py example OUT.bin     writes a small int8 network, see `example_network`

`Sources/Frontends/ModelBinary/FORMAT.md` describes the format, with the operators and their attributes.
"""

import json
import math
import struct
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

ALIGNMENT = 16
TYPES = {name: np.dtype(name).newbyteorder("<") for name in
         ("int8", "uint8", "int16", "int32", "int64", "float32", "bool")}


class FormatError(ValueError):
    """The file is no valid model.bin, or the model can't be written as one."""


@dataclass
class Quantization:
    """Real value = scale * (integer - zero point); several scales change along `axis`."""
    scales: list[float]
    zero_points: list[int]
    axis: int | None = None


@dataclass
class Tensor:
    """An input, an intermediate result or, with `data`, a constant."""
    name: str
    type: str
    shape: list[int]
    quantization: Quantization | None = None
    data: np.ndarray | None = None


@dataclass
class Operator:
    """One step of the network; `inputs` and `outputs` are indices of tensors, attributes that are floats are float32."""
    mnemonic: str
    inputs: list[int]
    outputs: list[int]
    attributes: dict = field(default_factory=dict)
    #: Index and name in the model that it comes from, for messages; its own ones without it.
    origin: tuple[int, str] | None = None


@dataclass
class State:
    """What lasts from one inference to the next: `current` is read, `next` is written; both are indices of tensors."""
    current: int
    next: int
    #: What it holds before the first inference.
    initial: np.ndarray


class Model(NamedTuple):
    tensors: list[Tensor]
    operators: list[Operator]
    inputs: list[int]
    outputs: list[int]
    states: list[State] = []


def constant(name: str, data: np.ndarray, scales=None, axis: int | None = None) -> Tensor:
    """A constant tensor; `scales` is one scale or one for each slice along `axis`, the zero points are 0."""
    scales = None if scales is None else [float(scale) for scale in np.atleast_1d(scales)]
    quantization = scales and Quantization(scales, [0] * len(scales), axis)
    return Tensor(name, data.dtype.name, list(data.shape), quantization, data)


def write_model(path, tensors, operators, inputs, outputs, states=()) -> None:
    """Writes a model; equal constants are stored once. `write_model(path, *read_model(other))` copies one."""
    payload, blocks, known = bytearray(), [], {}

    def block(tensor: Tensor) -> int:
        if list(tensor.data.shape) != list(tensor.shape) or tensor.data.dtype.newbyteorder("<") != TYPES[tensor.type]:
            raise FormatError(f"the data of `{tensor.name}` is not {tensor.type} of the shape {tensor.shape}")
        content = tensor.data.astype(TYPES[tensor.type]).tobytes()
        if content not in known:
            payload.extend(bytes(-len(payload) % ALIGNMENT))
            blocks.append({"offset": len(payload), "size": len(content), "crc32": zlib.crc32(content)})
            payload.extend(content)
            known[content] = len(blocks) - 1
        return known[content]

    def number(value: float):
        """The shortest digits that give the float32 back; JSON has no infinities, so they become strings."""
        return float(str(np.float32(value))) if math.isfinite(value) else str(float(value))

    def tensor_json(tensor: Tensor) -> dict:
        if tensor.type not in TYPES:
            raise FormatError(f"`{tensor.name}` has the unknown type `{tensor.type}`")
        out = {"name": tensor.name, "type": tensor.type, "shape": tensor.shape}
        if (quantization := tensor.quantization) is not None:
            out["quantization"] = {"scales": [number(scale) for scale in quantization.scales],
                                   "zero_points": quantization.zero_points, "axis": quantization.axis}
        if tensor.data is not None:
            out["encoding"] = [{"kind": "dense", "block": block(tensor)}]
        return out

    def operator_json(index: int, operator: Operator) -> dict:
        attributes = {name: {"float": number(value)} if isinstance(value, (float, np.floating)) else value
                      for name, value in operator.attributes.items()}
        origin_index, origin_name = operator.origin or (index, operator.mnemonic.upper())
        return {"operator": operator.mnemonic, "attributes": attributes, "inputs": operator.inputs,
                "outputs": operator.outputs, "origin": {"index": origin_index, "name": origin_name}}

    def state_json(state: State) -> dict:
        tensor = tensors[state.current]
        initial = Tensor(tensor.name, tensor.type, tensor.shape, data=np.asarray(state.initial))
        return {"current": state.current, "next": state.next, "initial": block(initial)}

    header = {"tensors": [tensor_json(tensor) for tensor in tensors],
              "operators": [operator_json(index, operator) for index, operator in enumerate(operators)],
              "inputs": inputs, "outputs": outputs, "blocks": blocks}
    if states:
        header["states"] = [state_json(state) for state in states]
    text = json.dumps(header, ensure_ascii=False, allow_nan=False, separators=(",", ":"),
                      default=lambda value: value.tolist()).encode()  # NumPy's numbers and arrays
    start = b"NNCG" + struct.pack("<III", 1, len(text), zlib.crc32(text)) + text
    Path(path).write_bytes(start + bytes(-len(start) % ALIGNMENT) + payload)


def read_model(path) -> Model:
    """Reads a model and checks its checksums; whether the operators fit together is left to nncgen."""
    data = Path(path).read_bytes()
    if len(data) < 16 or data[:4] != b"NNCG":
        raise FormatError(f"{path}: does not start like a model.bin")
    version, size, checksum = struct.unpack_from("<III", data, 4)
    if version != 1:
        raise FormatError(f"{path}: has format version {version}; only version 1 is known")
    text = data[16 : 16 + size]
    if len(text) != size or zlib.crc32(text) != checksum:
        raise FormatError(f"{path}: the graph header is cut off or does not match its checksum")
    header = json.loads(text)
    payload = (16 + size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT

    def constant_data(tensor: dict) -> np.ndarray | None:
        if "encoding" not in tensor:
            return None
        numbers = None
        for step in tensor["encoding"]:
            numbers = decode_step(step, tensor, numbers)
        if len(numbers) != math.prod(tensor["shape"]):
            raise FormatError(f"{path}: the constant `{tensor['name']}` does not have the size of its shape")
        return numbers.astype(integer_type(tensor)).view(TYPES[tensor["type"]]).reshape(tensor["shape"])

    def integer_type(tensor: dict) -> np.dtype:
        """The integers with the bits of a tensor's elements."""
        element = TYPES[tensor["type"]]
        return {"f": np.dtype("<i4"), "b": np.dtype("u1")}.get(element.kind, element)

    def decode_step(step: dict, tensor: dict, numbers: np.ndarray | None) -> np.ndarray:
        """The numbers after a step of an encoding, from those before it."""
        if step["kind"] == "sparse":
            places = np.cumsum(decode_step(step["gaps"][0], tensor, None) + 1) - 1
            elements = np.zeros(math.prod(tensor["shape"]), np.int64)
            elements[places] = numbers
            return elements
        content = block(tensor, step["block"])
        if step["kind"] == "packed":
            count, width = step["count"], step["bits"]
            bits = np.unpackbits(np.frombuffer(content, np.uint8))[: count * width].astype(np.int64)
            return bits.reshape(count, width) @ (1 << np.arange(width, dtype=np.int64)[::-1]) + step["offset"]
        if step["kind"] == "huffman":
            return np.array(decode_huffman(content, step["count"]), np.int64)
        elements = np.frombuffer(content, integer_type(tensor)).astype(np.int64)
        if step["kind"] == "dense":
            return elements
        if step["kind"] == "codebook":
            return elements.reshape(-1, step.get("width", 1))[numbers].reshape(-1)
        raise FormatError(f"{path}: `{tensor['name']}` has the unknown encoding {step['kind']}")

    def decode_huffman(content: bytes, count: int) -> list[int]:
        width, per_length = content[0], np.frombuffer(content[1:31], "<u2")
        total = int(per_length.sum())
        values = np.frombuffer(content[31 : 31 + total * width], f"<i{width}").tolist()
        codes, code, place = {}, 0, 0
        for length, number in enumerate(per_length.tolist(), start=1):
            for _ in range(number):
                codes[length, code] = values[place]
                code, place = code + 1, place + 1
            code *= 2
        numbers, code, length = [], 0, 0
        for bit in np.unpackbits(np.frombuffer(content[31 + total * width :], np.uint8)).tolist():
            if len(numbers) == count:
                break
            code, length = code * 2 + bit, length + 1
            if (length, code) in codes:
                numbers.append(codes[length, code])
                code, length = 0, 0
        return numbers

    def block(tensor: dict, index: int) -> bytes:
        entry = header["blocks"][index]
        start = payload + entry["offset"]
        content = data[start : start + entry["size"]]
        if len(content) != entry["size"] or zlib.crc32(content) != entry["crc32"]:
            raise FormatError(f"{path}: the constant `{tensor['name']}` is cut off or does not match its checksum")
        return content

    def block_data(tensor: dict, index: int) -> np.ndarray:
        content = block(tensor, index)
        if len(content) != math.prod(tensor["shape"]) * TYPES[tensor["type"]].itemsize:
            raise FormatError(f"{path}: the constant `{tensor['name']}` does not have the size of its shape")
        return np.frombuffer(content, TYPES[tensor["type"]]).reshape(tensor["shape"])

    def read_tensor(tensor: dict) -> Tensor:
        quantization = tensor.get("quantization")
        if quantization is not None:
            scales = [float(np.float32(scale)) for scale in quantization["scales"]]
            quantization = Quantization(scales, quantization["zero_points"], quantization["axis"])
        return Tensor(tensor["name"], tensor["type"], tensor["shape"], quantization, constant_data(tensor))

    def read_operator(operator: dict) -> Operator:
        attributes = {name: float(np.float32(value["float"])) if isinstance(value, dict) else value
                      for name, value in operator["attributes"].items()}
        return Operator(operator["operator"], operator["inputs"], operator["outputs"], attributes,
                        (operator["origin"]["index"], operator["origin"]["name"]))

    states = [State(state["current"], state["next"], block_data(header["tensors"][state["current"]], state["initial"]))
              for state in header.get("states", [])]
    return Model([read_tensor(tensor) for tensor in header["tensors"]],
                 [read_operator(operator) for operator in header["operators"]], header["inputs"], header["outputs"], states)


def example_network() -> Model:
    """An image of 8x8 -> 3x3 convolution, 4 channels, stride 2, ReLU -> dense layer, 3 scores; random weights."""
    random = np.random.default_rng(1)

    def quantized(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Symmetric int8 weights and a scale for each output channel, which is the first axis."""
        scales = np.abs(weights).reshape(len(weights), -1).max(axis=1) / 127
        return np.round(weights / scales.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.int8), scales

    def layer(name: str, shape: tuple, input_scale: float) -> list[Tensor]:
        """Weights and bias; a bias has the scale input scale * weight scale."""
        weights, scales = quantized(random.normal(0, 1 / math.sqrt(math.prod(shape[1:])), shape))
        bias = np.round(random.normal(0, 0.1, shape[0]) / (input_scale * scales)).astype(np.int32)
        return [constant(f"{name}/weights", weights, scales, axis=0),
                constant(f"{name}/bias", bias, input_scale * scales, axis=0)]

    # In a real network these scales come from the ranges that calibration data reach.
    image = Tensor("image", "int8", [1, 8, 8, 1], Quantization([1 / 255], [-128]))
    features = Tensor("features", "int8", [1, 4, 4, 4], Quantization([2 / 255], [-128]))
    scores = Tensor("scores", "int8", [1, 3], Quantization([4 / 255], [0]))
    tensors = [image, *layer("conv", (4, 3, 3, 1), 1 / 255), features, *layer("dense", (3, 64), 2 / 255), scores]
    operators = [
        Operator("conv_2d", [0, 1, 2], [3],
                 {"stride": [2, 2], "dilation": [1, 1], "padding": "same", "activation": "relu"}),
        Operator("fully_connected", [3, 4, 5], [6], {"activation": "none", "shape": [1, 3]}),
    ]
    return Model(tensors, operators, [0], [6])


def show(model: Model) -> None:
    for index, tensor in enumerate(model.tensors):
        role = "input" if index in model.inputs else "output" if index in model.outputs else ""
        if tensor.data is not None:
            role = "constant"
        text = f"%{index} {tensor.name}: {tensor.type}{tensor.shape} {role}".rstrip()
        if (quantization := tensor.quantization) is not None:
            count = len(quantization.scales)
            text += (f", scale {quantization.scales[0]:.9g}, zero point {quantization.zero_points[0]}" if count == 1
                     else f", {count} scales along axis {quantization.axis}")
        print(text)
    for operator in model.operators:
        attributes = ", ".join(f"{name}={value}" for name, value in operator.attributes.items())
        print(f"{operator.outputs} = {operator.mnemonic} {operator.inputs} {attributes}".rstrip())


def main() -> None:
    match sys.argv[1:]:
        case ["show", path]:
            show(read_model(path))
        case ["example", path]:
            write_model(path, *example_network())
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
