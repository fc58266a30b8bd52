"""Matched colours for pictures that are scored, from a network in torch as from its graphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from mangacolor.images.geometry import Float32, UInt8, to_uint8
from mangacolor.images.tones import smooth_tones
from mangacolor.nets.build import Generator
from mangacolor.nets.matcher import Areas
from mangacolor.runtime.areas import (
    ColoredAreas,
    ReferenceAreas,
    SeenPage,
    color_areas,
    read_references,
    see_page,
    to_hints,
)

__all__ = ["Read", "See", "TorchAreas", "find_hints"]

# What reads references, and what colours the areas of a page after them.
Read = Callable[[Sequence[UInt8]], ReferenceAreas]
See = Callable[[SeenPage, ReferenceAreas], ColoredAreas]


class TorchAreas:
    """A generator's networks of areas as `mangacolor.runtime.areas.AreaModel` wants them."""

    def __init__(self, generator: Generator, device: torch.device | None) -> None:
        self._generator, self._device = generator, device

    def see_references(self, pictures: Sequence[UInt8]) -> ReferenceAreas:
        return read_references(self, pictures)

    def see(self, page: SeenPage, references: ReferenceAreas) -> ColoredAreas:
        return color_areas(self, page, references)

    def describe(self, picture: Float32) -> list[Float32]:
        return [found.cpu().numpy() for found in self._generator.features(self._to(picture))]

    def read(self, features: Float32, facts: Float32, colors: Float32) -> Float32:
        areas = self._areas(features, facts)._replace(colors=self._to(colors)[None])
        tokens: Float32 = self._generator.matcher.read_references(areas)[0].cpu().numpy()
        return tokens

    def match(self, features: Float32, facts: Float32, tokens: Float32) -> Float32:
        known = self._to(tokens)[None]
        there = torch.ones(known.shape[:2], dtype=torch.bool, device=known.device)
        areas = self._areas(features, facts)
        scores: Float32 = self._generator.matcher(areas, known, there)[0].cpu().numpy()
        return scores

    def _areas(self, features: Float32, facts: Float32) -> Areas:
        described = self._to(features)[None]
        there = torch.ones(described.shape[:2], dtype=torch.bool, device=described.device)
        return Areas(described, self._to(facts)[None], there)

    def _to(self, values: Float32) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device)


def find_hints(read: Read, see: See, lineart: Tensor, references: list[Tensor]) -> Tensor:
    """What the painter is told of pictures.

    Args:
        read, see: the networks of areas.
        lineart: float (n, 1, h, w) in [-1, 1].
        references: float (n, 3, h', w') each.

    Returns:
        float32 (n, 4, h, w).
    """
    h, w = lineart.shape[2:]
    told = []
    for i, page in enumerate(lineart):
        grey = to_uint8(page[0].cpu().numpy())
        pictures = [
            np.ascontiguousarray(to_uint8(picture[i].cpu().numpy()).transpose(1, 2, 0))
            for picture in references
        ]
        colored = see(see_page(smooth_tones(grey)), read(pictures))
        told.append(torch.from_numpy(to_hints(colored, h, w)))
    return torch.stack(told)
