"""Who is whose reference, and the scoring of one model by one protocol."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from mangacolor.color import luma
from mangacolor.config import EvalConfig
from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import Example, by_series
from mangacolor.data.lineart import draw_ink
from mangacolor.errors import ModelError
from mangacolor.images.geometry import UInt8, fit_size, resize
from mangacolor.metrics.tally import Tally
from mangacolor.nets.build import Generator, minimum_size, size_multiple
from mangacolor.nets.style_encoder import REFERENCE_MULTIPLE

__all__ = [
    "BASELINES",
    "PROTOCOLS",
    "Painter",
    "Protocol",
    "Row",
    "painter_of",
    "read_scaled",
    "references",
    "score",
]

Protocol = Literal["own", "series", "other"]
PROTOCOLS: tuple[Protocol, ...] = ("own", "series", "other")

# Line art (1, 1, h, w) and one reference (1, 3, h', w'), [-1, 1] -> colour (1, 3, h, w).
Painter = Callable[[Tensor, Tensor], Tensor]


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        model, protocol: what was scored, and how references were chosen.
        n: pictures scored.
        size: longer side in pixels.
        psnr, ssim: means over pictures, RGB.
        chroma_r2: pooled over the set.
        colourfulness_ratio: median over pictures of the result's by the truth's.
    """

    model: str
    protocol: str
    n: int
    size: int
    psnr: float
    ssim: float
    chroma_r2: float
    colourfulness_ratio: float


def references(examples: list[Example], protocol: Protocol, seed: int) -> dict[int, int]:
    """Which example is whose reference; examples without one are left out.

    `own`: every picture itself. `series`: another picture of its series, so pictures that are
    alone in theirs are left out. `other`: a picture of another series, nobody gets its own.
    """
    if protocol == "own":
        return {index: index for index in range(len(examples))}
    rng = np.random.default_rng(seed)
    # By name, so that the order in which files were found decides nothing.
    order = sorted(range(len(examples)), key=lambda index: examples[index].name)
    if protocol == "series":
        groups = by_series([examples[index] for index in order])
        chosen = {}
        for group in groups.values():
            members = [order[position] for position in group]
            shift = int(rng.integers(1, len(members))) if len(members) > 1 else 0
            for position, index in enumerate(members):
                if shift:
                    chosen[index] = members[(position + shift) % len(members)]
        return chosen
    chosen = {}
    for index in order:
        others = [other for other in order if examples[other].series != examples[index].series]
        if others:
            chosen[index] = int(rng.choice(others))
    return chosen


def painter_of(generator: Generator) -> Painter:
    """A network as something that is scored: padded to its size, cropped back."""
    multiple, least = size_multiple(generator.config), minimum_size(generator.config)

    def paint(lineart: Tensor, reference: Tensor) -> Tensor:
        h, w = lineart.shape[2:]
        padded = _pad(lineart, multiple, least)
        style = generator.style(_pad(reference, REFERENCE_MULTIPLE, 64)[:, None])
        color: Tensor = generator.colorizer(padded, style).pyramid[-1]
        return color[:, :, :h, :w]

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


@torch.no_grad()
def score(
    model: str,
    paint: Painter,
    examples: list[Example],
    protocol: Protocol,
    config: EvalConfig,
    report: Callable[[], None] = lambda: None,
) -> Row:
    """Scores a painter against each line art's own true picture, on every pixel.

    Args:
        model: its name in the table.
        paint: what colours.
        examples: pictures with or without real line art; without, ink is drawn with one fixed pen.
        protocol: how references are chosen.
        config: size and seed.
        report: called after each picture.

    Raises:
        ModelError: a result is not finite.
    """
    pairs = references(examples, protocol, config.seed)
    tally = Tally()
    for index, other in pairs.items():
        truth, lineart = read_scaled(examples[index], config.size)
        reference = truth if other == index else read_scaled(examples[other], config.size)[0]
        result = paint(lineart, reference)
        if not torch.isfinite(result).all():
            raise ModelError(
                f"{model} gives values that are not finite for {examples[index].name}."
            )
        tally.add(result, truth)
        report()
    return Row(
        model=model,
        protocol=protocol,
        n=len(pairs),
        size=config.size,
        psnr=tally.psnr,
        ssim=tally.ssim,
        chroma_r2=tally.chroma_r2,
        colourfulness_ratio=tally.colourfulness_ratio,
    )


def read_scaled(example: Example, size: int) -> tuple[Tensor, Tensor]:
    """Truth (1, 3, h, w) and line art (1, 1, h, w), signed, with a longer side of `size`."""
    color, lineart = read_example(example)
    height, width = fit_size(color.shape[0], color.shape[1], size)
    truth = _signed(resize(color, height, width))
    if lineart is None:
        return truth, draw_ink(truth)
    return truth, luma(_signed(resize(lineart, height, width)))


def _signed(picture: UInt8) -> Tensor:
    """uint8 (h, w, 3) -> float (1, 3, h, w) in [-1, 1]."""
    return torch.from_numpy(picture.transpose(2, 0, 1).copy())[None].float() / 127.5 - 1
