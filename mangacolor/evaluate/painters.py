"""Whatever colours line art and can be scored: a network, an exported model, a baseline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mangacolor.bundle import Bundle
from mangacolor.nets.build import Generator, minimum_size, size_multiple
from mangacolor.nets.style_encoder import REFERENCE_MULTIPLE

__all__ = ["BASELINES", "Painter", "painter_of", "painter_of_bundle"]

# Line art (n, 1, h, w) and a reference each (n, 3, h', w'), [-1, 1] -> colour (n, 3, h, w).
Painter = Callable[[Tensor, Tensor], Tensor]


class Engine(Protocol):
    """What `mangacolor.batch.engine.Engine` is to an evaluation."""

    @property
    def bundle(self) -> Bundle: ...

    def read_style(self, references: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[Any]]: ...

    def color(
        self, lineart: npt.NDArray[np.float32], style: dict[str, npt.NDArray[Any]]
    ) -> npt.NDArray[np.float32]: ...


def painter_of(generator: Generator, device: torch.device | None = None) -> Painter:
    """A network as something that is scored: padded to its size, cropped back."""
    multiple, least = size_multiple(generator.config), minimum_size(generator.config)
    generator.to(device)

    @torch.no_grad()
    def paint(lineart: Tensor, reference: Tensor) -> Tensor:
        h, w = lineart.shape[2:]
        padded = _pad(lineart, multiple, least).to(device)
        references = _pad(reference, REFERENCE_MULTIPLE, 64).to(device)
        color: Tensor = generator.colorizer(padded, generator.style(references[:, None])).pyramid[
            -1
        ]
        return color[:, :, :h, :w].float().to(lineart.device)

    return paint


def painter_of_bundle(engine: Engine) -> Painter:
    """An exported model in ONNX Runtime, given exactly what `painter_of` gives a network."""
    bundle = engine.bundle

    def paint(lineart: Tensor, reference: Tensor) -> Tensor:
        h, w = lineart.shape[2:]
        padded = _pad(lineart, bundle.size_multiple, bundle.minimum_size)
        references = _pad(reference, bundle.reference_multiple, 64)
        style = engine.read_style(references[:, None].contiguous().numpy())
        return torch.from_numpy(engine.color(padded.contiguous().numpy(), style))[:, :, :h, :w]

    return paint


def _pad(picture: Tensor, multiple: int, least: int) -> Tensor:
    """White paper below and to the right."""
    h, w = (max(least, -(-side // multiple) * multiple) for side in picture.shape[2:])
    edges = (0, w - picture.shape[3], 0, h - picture.shape[2])
    return torch.nn.functional.pad(picture, edges, value=1.0)


def _tint(lineart: Tensor, reference: Tensor) -> Tensor:
    """Line art in the reference's mean colour."""
    mean = (reference.mean(dim=(2, 3), keepdim=True) + 1) / 2
    return (lineart + 1) / 2 * mean * 2 - 1


# What any model must beat.
BASELINES: dict[str, Painter] = {
    "lineart": lambda lineart, reference: lineart.expand(-1, 3, -1, -1),
    "tinted": _tint,
}
