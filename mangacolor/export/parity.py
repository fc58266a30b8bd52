"""Is the exported model the trained one?"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from mangacolor.bundle import COLOR_FILE, STYLE_FILE
from mangacolor.errors import ModelError
from mangacolor.export.graphs import ColorGraph, StyleGraph
from mangacolor.nets.build import Generator, size_multiple

__all__ = ["Parity", "check_parity"]


@dataclasses.dataclass(frozen=True)
class Shape:
    """Works, references for each, and sizes in multiples of what the graphs ask for."""

    batch: int
    references: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.batch}x1x{self.height}x{self.width}, {self.references} references"


@dataclasses.dataclass(frozen=True)
class Parity:
    """Largest absolute difference between ONNX Runtime and torch, colours in [-1, 1], by shape."""

    differences: dict[Shape, float]

    @property
    def worst(self) -> float:
        return max(self.differences.values())

    def record(self) -> dict[str, float]:
        return {str(shape): difference for shape, difference in self.differences.items()}


@torch.no_grad()
def check_parity(generator: Generator, folder: Path, tolerance: float) -> Parity:
    """Runs both graphs and torch on random pictures of four shapes, none the exported one.

    Raises:
        ModelError: a difference above `tolerance` (or not a number); shape and figure are named.
    """
    unit = size_multiple(generator.config)
    shapes = [
        Shape(1, 1, 2 * unit, 2 * unit),
        Shape(2, 1, 5 * unit, 3 * unit),
        Shape(1, 3, 7 * unit, 12 * unit),
        Shape(3, 2, 4 * unit, 9 * unit),
    ]
    style_session = _open(folder / STYLE_FILE)
    color_session = _open(folder / COLOR_FILE)
    random = torch.Generator().manual_seed(0)
    differences = {}
    for shape in shapes:
        references = torch.rand(shape.batch, shape.references, 3, 64, 96, generator=random) * 2 - 1
        lineart = torch.rand(shape.batch, 1, shape.height, shape.width, generator=random) * 2 - 1
        style = style_session.run(None, {"references": references.numpy()})
        names = [node.name for node in color_session.get_inputs()]
        feeds = dict(zip(names, [lineart.numpy(), *style], strict=True))
        color = color_session.run(None, feeds)[0]
        expected = ColorGraph(generator)(lineart, *StyleGraph(generator)(references)).numpy()
        difference = float(np.abs(color - expected).max())
        differences[shape] = difference
        # Written so that a difference that is not a number is refused too.
        if not difference <= tolerance:
            raise ModelError(
                f"The exported graphs differ from torch by {difference:.2g} at {shape}; "
                f"{tolerance:g} is allowed.",
                "This is a fault of the export, please report it with the checkpoint's recipe.",
            )
    return Parity(differences)


def _open(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
