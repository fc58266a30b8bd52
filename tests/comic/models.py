"""A model as small as a figure can be: a head on a body, with a movement, as binary glTF."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
# Corners of two triangles for each side.
SIDES = np.array(
    [int(c) for c in "013032 467475 045051 237276 026064 157173" if c != " "], np.uint16
).reshape(-1, 3)


def write_model(path: Path, skinned: bool = False) -> None:
    """Writes a box of skin with hair on it (node `Head`), nodding on a box of shirt."""
    data, views, accessors = b"", [], []

    def store(values: np.ndarray, kind: int, shape: str) -> int:
        nonlocal data
        views.append({"buffer": 0, "byteOffset": len(data), "byteLength": values.nbytes})
        accessors.append(
            {
                "bufferView": len(views) - 1,
                "componentType": kind,
                "count": len(values),
                "type": shape,
            }
        )
        data += values.tobytes() + b"\0" * (-values.nbytes % 4)
        return len(accessors) - 1

    def box(size: list[float], middle: list[float], material: int) -> dict[str, Any]:
        points = (CORNERS * size + middle).astype(np.float32)
        has = {"POSITION": store(points, 5126, "VEC3")}
        if skinned:
            has["JOINTS_0"] = store(np.zeros((8, 4), np.uint8), 5121, "VEC4")
            has["WEIGHTS_0"] = store(np.eye(4, dtype=np.float32)[[0] * 8], 5126, "VEC4")
        indices = store(SIDES.ravel()[:, None], 5123, "SCALAR")
        return {"attributes": has, "indices": indices, "material": material}

    meshes = [
        {"primitives": [box([10, 12, 10], [0, 12, 0], 0), box([11, 4, 11], [0, 26, 0], 1)]},
        {"primitives": [box([16, 30, 8], [0, 30, 0], 2)]},
    ]
    nodes: list[dict[str, Any]] = [
        {"name": "Root", "children": [1, 2]},
        {"name": "Head", "mesh": 0, "translation": [0, 60, 0]},
        {"name": "Body", "mesh": 1},
    ]
    gltf: dict[str, Any] = {"asset": {"version": "2.0"}, "nodes": nodes, "meshes": meshes}
    if skinned:
        bind = store(np.eye(4, dtype=np.float32).reshape(1, 16), 5126, "MAT4")
        gltf["skins"] = [{"joints": [1], "inverseBindMatrices": bind}]
        nodes[1]["skin"] = nodes[2]["skin"] = 0
    times = store(np.array([[0], [1]], np.float32), 5126, "SCALAR")
    turns = np.array([[0, 0, 0, 1], [0.2588, 0, 0, 0.9659]], np.float32)
    gltf["animations"] = [
        {
            "name": "Nod",
            "samplers": [{"input": times, "output": store(turns, 5126, "VEC4")}],
            "channels": [{"sampler": 0, "target": {"node": 1, "path": "rotation"}}],
        }
    ]
    gltf["materials"] = [{"name": name} for name in ("Skin", "Hair", "Shirt")]
    gltf |= {"accessors": accessors, "bufferViews": views, "buffers": [{"byteLength": len(data)}]}
    text = json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(data))
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(data), b"BIN\0") + data
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + chunks)
