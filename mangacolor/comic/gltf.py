"""Models in binary glTF 2.0: what is needed to pose a figure, and no more."""

from __future__ import annotations

import functools
import json
import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mangacolor.errors import InputError

__all__ = ["Mesh", "Rig", "read_model"]

TYPES = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
# What a palette picture is cut into; the cell that a triangle is painted from says what it is.
CELLS = (8, 4)

Floats = NDArray[np.float64]


class Mesh(NamedTuple):
    """A piece of a model, as it is made.

    Attributes:
        node: number of the node that it hangs on.
        points: float64 (N, 3).
        triangles: int32 (T, 3), numbers of points.
        part: what each triangle is painted with: names of materials, or "cell 3".
        joints: int (N, 4), nodes that move each point; None if it moves with its node.
        weights: float64 (N, 4), how much each does.
    """

    node: int
    points: Floats
    triangles: NDArray[np.int32]
    part: list[str]
    joints: NDArray[np.intp] | None
    weights: Floats | None


class Rig:
    """A figure with its bones and movements.

    Attributes:
        names: of the nodes.
        movements: names of animations.
        meshes: its pieces.
    """

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        if data[:4] != b"glTF" or len(data) < 20:
            raise InputError(f"{path} is no binary glTF (.glb).", "Take it out of the folder.")
        length = struct.unpack("<I", data[12:16])[0]
        self._json: dict[str, Any] = json.loads(data[20 : 20 + length])
        self._data = data[28 + length :]
        self._nodes = self._json["nodes"]
        self.names = [node.get("name", str(i)) for i, node in enumerate(self._nodes)]
        moves = self._json.get("animations", [])
        self.movements = [move.get("name", str(i)) for i, move in enumerate(moves)]
        self._parents = {c: i for i, n in enumerate(self._nodes) for c in n.get("children", [])}
        self._binds: dict[int, Floats] = {}
        self.meshes = [mesh for i in range(len(self._nodes)) for mesh in self._read_meshes(i)]

    def _array(self, number: int) -> NDArray[Any]:
        accessor = self._json["accessors"][number]
        view = self._json["bufferViews"][accessor["bufferView"]]
        kind, width = np.dtype(TYPES[accessor["componentType"]]), WIDTHS[accessor["type"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        strides = (view.get("byteStride") or width * kind.itemsize, kind.itemsize)
        return np.ndarray((accessor["count"], width), kind, self._data, start, strides)

    def _read_meshes(self, number: int) -> list[Mesh]:
        node, found = self._nodes[number], []
        for piece in self._json["meshes"][node["mesh"]]["primitives"] if "mesh" in node else ():
            has = piece["attributes"]
            points = self._array(has["POSITION"]).astype(np.float64)
            corners = (
                self._array(piece["indices"]) if "indices" in piece else np.arange(len(points))
            )
            triangles = corners.reshape(-1, 3).astype(np.int32)
            joints = weights = None
            if "skin" in node and "JOINTS_0" in has:
                skin = self._json["skins"][node["skin"]]
                joints = np.array(skin["joints"])[self._array(has["JOINTS_0"]).astype(np.intp)]
                weights = self._array(has["WEIGHTS_0"]).astype(np.float64)
                weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-6)
                binds = self._array(skin["inverseBindMatrices"]).reshape(-1, 4, 4)
                self._binds.update(
                    zip(skin["joints"], binds.transpose(0, 2, 1).astype(np.float64), strict=True)
                )
            parts = self._parts(piece, triangles)
            found.append(Mesh(number, points, triangles, parts, joints, weights))
        return found

    def _parts(self, piece: dict[str, Any], triangles: NDArray[np.int32]) -> list[str]:
        material = self._json["materials"][piece["material"]] if "material" in piece else {}
        paint = material.get("pbrMetallicRoughness", {})
        if "baseColorTexture" not in paint or "TEXCOORD_0" not in piece["attributes"]:
            return [material.get("name", "?")] * len(triangles)
        middle = self._array(piece["attributes"]["TEXCOORD_0"])[triangles].mean(axis=1) % 1
        cells = (middle * CELLS).astype(int)
        return [f"cell {x + CELLS[0] * y}" for x, y in cells.tolist()]

    def pose(self, movement: str | None, share: float) -> Floats:
        """Where the nodes are at a share of a movement, or at rest: float64 (nodes, 4, 4)."""
        places: list[list[Floats] | Floats] = [
            np.array(n["matrix"], float).reshape(4, 4).T
            if "matrix" in n
            else [
                np.array(n.get(key, rest), float)
                for key, rest in zip(PATHS, ([0] * 3, [0, 0, 0, 1], [1] * 3), strict=True)
            ]
            for n in self._nodes
        ]
        if movement is not None:
            self._move(places, self._json["animations"][self.movements.index(movement)], share)
        whole: dict[int, Floats] = {}

        def of(number: int) -> Floats:
            if number not in whole:
                own = places[number]
                local = _matrix(*own) if isinstance(own, list) else own
                above = self._parents.get(number)
                whole[number] = local if above is None else of(above) @ local
            return whole[number]

        return np.stack([of(i) for i in range(len(places))])

    def _move(
        self, places: list[list[Floats] | Floats], movement: dict[str, Any], share: float
    ) -> None:
        samplers = movement["samplers"]
        length = max(float(self._array(s["input"])[-1, 0]) for s in samplers)
        for channel in movement["channels"]:
            sampler, target = samplers[channel["sampler"]], channel["target"]
            own = places[target["node"]]
            if target["path"] not in PATHS or not isinstance(own, list):
                continue
            times = self._array(sampler["input"])[:, 0]
            values = self._array(sampler["output"]).astype(np.float64)
            if sampler.get("interpolation") == "CUBICSPLINE":
                values = values.reshape(len(times), 3, -1)[:, 1]
            own[PATHS.index(target["path"])] = _between(times, values, share * length)

    def below(self, name: str) -> frozenset[int]:
        """A node and all that hangs on it."""
        found = {self.names.index(name)}
        for number in range(len(self.names)):
            above: int | None = number
            while above is not None and above not in found:
                above = self._parents.get(above)
            if above is not None:
                found.add(number)
        return frozenset(found)

    def points(self, mesh: Mesh, pose: Floats) -> Floats:
        """The points of a piece in a pose: float64 (N, 3)."""
        if mesh.joints is None or mesh.weights is None:
            own = pose[mesh.node]
            return np.asarray(mesh.points @ own[:3, :3].T + own[:3, 3])
        bones = np.zeros((len(pose), 3, 4))
        for joint, bind in self._binds.items():
            bones[joint] = (pose[joint] @ bind)[:3]
        blended = np.einsum("nk,nkab->nab", mesh.weights, bones[mesh.joints])
        return np.asarray(
            np.einsum("nab,nb->na", blended[:, :, :3], mesh.points) + blended[:, :, 3]
        )


PATHS = ("translation", "rotation", "scale")


@functools.lru_cache(maxsize=16)
def read_model(path: Path) -> Rig:
    """Reads a .glb; the last ones are kept.

    Raises:
        InputError: it is none.
    """
    return Rig(path)


def _between(times: NDArray[Any], values: Floats, at: float) -> Floats:
    """The value at a time; turns go the short way."""
    i = int(np.clip(np.searchsorted(times, at, "right") - 1, 0, len(times) - 1))
    if i + 1 >= len(times):
        return values[i]
    share = float(np.clip((at - times[i]) / max(times[i + 1] - times[i], 1e-9), 0, 1))
    after = values[i + 1]
    if len(after) == 4 and values[i] @ after < 0:
        after = -after
    return np.asarray(values[i] * (1 - share) + after * share)


def _matrix(shift: Floats, turn: Floats, scale: Floats) -> Floats:
    x, y, z, w = turn / np.linalg.norm(turn)
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, :3] *= scale
    matrix[:3, 3] = shift
    return matrix
