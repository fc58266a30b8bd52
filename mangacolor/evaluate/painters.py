"""Whatever colours line art and can be scored: a network, an exported model, a baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mangacolor.evaluate.hinting import TorchAreas, filled, find_colors, hints_of
from mangacolor.images.geometry import round_up
from mangacolor.nets.build import Generator, minimum_size, size_multiple
from mangacolor.nets.style_encoder import REFERENCE_MULTIPLE
from mangacolor.runtime.engine import Engine
from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["BASELINES", "Painter", "References", "as_list", "painter_of", "painter_of_bundle"]

# One reference for each picture, (n, 3, h', w') in [-1, 1], or a list of such, sizes of their own.
References = Tensor | list[Tensor]
# Line art (n, 1, h, w) in [-1, 1] and its references -> colour (n, 3, h, w).
Painter = Callable[[Tensor, References], Tensor]


def painter_of(
    generator: Generator, device: torch.device | None = None, *, fills: bool = False
) -> Painter:
    """A network as something that is scored: padded to its size, cropped back.

    Args:
        generator: the network.
        device: to run on.
        fills: give areas one colour each, as `batch` does; of style `areas` alone.
    """
    multiple, least = size_multiple(generator.config), minimum_size(generator.config)
    generator.to(device)
    areas = TorchAreas(generator, device) if generator.config.style == "areas" else None

    @torch.no_grad()
    def paint(lineart: Tensor, references: References) -> Tensor:
        h, w = lineart.shape[2:]
        padded = _pad(lineart, multiple, least, least).to(device)
        style = generator.style(_stack(references, REFERENCE_MULTIPLE).to(device))
        hints = None
        colored = []
        if areas is not None:
            colored = find_colors(areas.read_references, areas.see, lineart, as_list(references))
            told = hints_of(colored, lineart)
            hints = _pad(told, multiple, least, least, fill=0.0).to(device)
        padded_color: Tensor = generator.colorizer(padded, style, hints).pyramid[-1]
        color = padded_color[:, :, :h, :w].float().to(lineart.device)
        return filled(colored, lineart, color) if fills and colored else color

    return paint


def painter_of_bundle(engine: Engine) -> Painter:
    """An exported model in ONNX Runtime, given exactly what `painter_of` gives a network."""
    bundle = engine.bundle

    def read(pictures: Sequence[npt.NDArray[np.uint8]]) -> ReferenceAreas:
        found = engine.read_areas(pictures)
        assert found is not None
        return found

    def paint(lineart: Tensor, references: References) -> Tensor:
        h, w = lineart.shape[2:]
        padded = _pad(lineart, bundle.size_multiple, bundle.minimum_size, bundle.minimum_size)
        stacked = _stack(references, bundle.reference_multiple)
        style = engine.read_style(stacked.contiguous().numpy())
        hints = None
        if bundle.style == "areas":
            colored = find_colors(read, engine.color_areas, lineart, as_list(references))
            told = hints_of(colored, lineart)
            wide = _pad(told, bundle.size_multiple, *2 * (bundle.minimum_size,), fill=0.0)
            hints = wide.contiguous().numpy()
        color = engine.color(padded.contiguous().numpy(), style, hints)
        return torch.from_numpy(color)[:, :, :h, :w]

    return paint


def as_list(references: References) -> list[Tensor]:
    """References as a list, also where there is but one."""
    return [references] if isinstance(references, Tensor) else references


def _stack(references: References, multiple: int) -> Tensor:
    """All references in one tensor (n, R, 3, h', w'), smaller ones on white paper."""
    listed = as_list(references)
    h, w = (max(64, *(picture.shape[dim] for picture in listed)) for dim in (2, 3))
    return torch.stack([_pad(picture, multiple, h, w) for picture in listed], dim=1)


def _pad(picture: Tensor, multiple: int, height: int, width: int, fill: float = 1.0) -> Tensor:
    """White paper below and to the right, up to multiples that are not below height and width."""
    h, w = (
        round_up(max(side, low), multiple)
        for side, low in zip(picture.shape[2:], (height, width), strict=True)
    )
    edges = (0, w - picture.shape[3], 0, h - picture.shape[2])
    return torch.nn.functional.pad(picture, edges, value=fill)


def _tint(lineart: Tensor, references: References) -> Tensor:
    """Line art in the references' mean colour."""
    pixels = torch.cat([picture.flatten(2) for picture in as_list(references)], dim=2)
    mean = (pixels.mean(dim=2)[..., None, None] + 1) / 2
    return (lineart + 1) / 2 * mean * 2 - 1


# What any model must beat.
BASELINES: dict[str, Painter] = {
    "lineart": lambda lineart, references: lineart.expand(-1, 3, -1, -1),
    "tinted": _tint,
}
