"""Weights stored once: graphs that read theirs from the file that torch reads, too.

A safetensors file is a header and plain arrays, which is what ONNX means by external data. So a
graph names the place of each of its weights in there, in half precision, and casts it to single
precision; ONNX Runtime does the casting once, when it opens the graph.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

__all__ = ["share_weights"]

# Smaller arrays are kept in the graph: a place in another file takes as much room to name.
_LEAST = 64


class _Place(NamedTuple):
    """Where an array of half precision lies in a file."""

    offset: int
    length: int
    shape: tuple[int, ...]
    turned: bool
    file: str


def share_weights(graph: Path, weights: Sequence[Path]) -> int:
    """Lets a graph read what it can from files of weights in the same folder.

    Args:
        graph: an ONNX file of single precision, rewritten.
        weights: safetensors files of half precision. Only values that are exactly the graph's are
            shared.

    Returns:
        How many weights stayed in the graph because no file has them.
    """
    places = {key: place for path in weights for key, place in _places(path).items()}
    model = onnx.load(graph)
    kept, casts, left = [], [], 0
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        place = _find(values, places) if values.size >= _LEAST else None
        if place is None:
            kept.append(tensor)
            left += int(values.size) if values.dtype == np.float32 else 0
            continue
        kept.append(_outside(tensor.name, place))
        casts += _casts(tensor.name, place)
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.save(model, graph)
    return left


def _places(path: Path) -> dict[bytes, _Place]:
    """Arrays of a safetensors file by their content, as they are and turned over."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    content = np.memmap(path, np.uint8, "r", 8 + length)
    found: dict[bytes, _Place] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F16":
            continue
        start, stop = entry["data_offsets"]
        shape = tuple(entry["shape"])
        values = np.frombuffer(content[start:stop].tobytes(), np.float16).reshape(shape)
        if values.ndim == 2:
            turned = _Place(8 + length + start, stop - start, shape, turned=True, file=path.name)
            found.setdefault(_key(values.T), turned)
        found[_key(values)] = _Place(
            8 + length + start, stop - start, shape, turned=False, file=path.name
        )
    return found


def _key(values: npt.NDArray[np.float16]) -> bytes:
    return repr(values.shape).encode() + values.tobytes()


def _find(values: npt.NDArray[np.generic], places: dict[bytes, _Place]) -> _Place | None:
    if values.dtype != np.float32:
        return None
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    return places.get(_key(half)) if np.array_equal(half, values) else None


def _outside(name: str, place: _Place) -> TensorProto:
    """An array that lies in another file."""
    tensor = TensorProto(
        name=f"{name}_half",
        data_type=TensorProto.FLOAT16,
        dims=place.shape,
        data_location=TensorProto.EXTERNAL,
    )
    entries = {"location": place.file, "offset": place.offset, "length": place.length}
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def _casts(name: str, place: _Place) -> list[onnx.NodeProto]:
    """What makes the graph's array of it."""
    whole = f"{name}_whole" if place.turned else name
    nodes = [helper.make_node("Cast", [f"{name}_half"], [whole], to=TensorProto.FLOAT)]
    if place.turned:
        nodes.append(helper.make_node("Transpose", [whole], [name], perm=[1, 0]))
    return nodes
