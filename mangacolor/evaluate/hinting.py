"""Matched colours for pictures that are scored, from a network in torch as from its graphs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from mangacolor.images.geometry import Float32, UInt8, resize, to_signed, to_uint8
from mangacolor.images.tones import smooth_tones
from mangacolor.nets.build import Generator
from mangacolor.nets.matcher import Areas
from mangacolor.runtime.areas import ColoredAreas, SeenPage, color_areas, fill, see_page, to_hints
from mangacolor.runtime.reference_areas import ReferenceAreas, read_references

__all__ = ["Read", "See", "TorchAreas", "filled", "find_colors", "hints_of"]

# What reads references, and what colours the areas of a page after them.
Read = Callable[[Sequence[UInt8]], ReferenceAreas]
See = Callable[[SeenPage, ReferenceAreas], ColoredAreas]


class TorchAreas:
    """A generator's networks of areas as `mangacolor.runtime.area_model.AreaModel` wants them."""

    def __init__(self, generator: Generator, device: torch.device | None) -> None:
        self._generator, self._device = generator, device
        self._last: tuple[list[UInt8], ReferenceAreas] | None = None

    def read_references(self, pictures: Sequence[UInt8]) -> ReferenceAreas:
        # Many panels have the same page as their reference.
        if self._last is None or not _are_equal(self._last[0], pictures):
            self._last = list(pictures), read_references(self, pictures)
        return self._last[1]

    def see(self, page: SeenPage, references: ReferenceAreas) -> ColoredAreas:
        return color_areas(self, page, references)

    def surfaces(self, page: Float32) -> tuple[Float32, Float32] | None:
        if not self._generator.config.sees_surfaces:
            return None
        borders, kinds = self._generator.surfaces(self._to(page))
        return borders.sigmoid().cpu().numpy(), kinds.softmax(dim=1).cpu().numpy()

    def describe(self, picture: Float32) -> list[Float32]:
        return [found.cpu().numpy() for found in self._generator.features(self._to(picture))]

    def read(self, features: Float32, facts: Float32, colors: Float32) -> Float32:
        areas = self._areas(features, facts)._replace(colors=self._to(colors)[None])
        tokens: Float32 = self._generator.matcher.read_references(areas)[0].cpu().numpy()
        return tokens

    def match(
        self, features: Float32, facts: Float32, tokens: Float32
    ) -> tuple[Float32, Float32 | None]:
        known = self._to(tokens)[None]
        there = torch.ones(known.shape[:2], dtype=torch.bool, device=known.device)
        areas = self._areas(features, facts)
        scores, *guesses = (
            found[0].cpu().numpy() for found in self._generator.matcher(areas, known, there)
        )
        return scores, guesses[0] if guesses else None

    def _areas(self, features: Float32, facts: Float32) -> Areas:
        described = self._to(features)[None]
        there = torch.ones(described.shape[:2], dtype=torch.bool, device=described.device)
        return Areas(described, self._to(facts)[None], there)

    def _to(self, values: Float32) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device)


def _are_equal(some: Sequence[UInt8], others: Sequence[UInt8]) -> bool:
    return len(some) == len(others) and all(map(np.array_equal, some, others))


@functools.lru_cache(maxsize=64)
def _see_page(pixels: bytes, shape: tuple[int, int]) -> SeenPage:
    """The areas of a page, which are the same for every network."""
    return see_page(smooth_tones(np.frombuffer(pixels, np.uint8).reshape(shape)))


def find_colors(
    read: Read, see: See, lineart: Tensor, references: list[Tensor]
) -> list[ColoredAreas]:
    """The colours of the areas of pictures.

    Args:
        read, see: the networks of areas.
        lineart: float (n, 1, h, w) in [-1, 1].
        references: float (n, 3, h', w') each.
    """
    found = []
    for i, page in enumerate(lineart):
        grey = to_uint8(page[0].cpu().numpy())
        pictures = [
            np.ascontiguousarray(to_uint8(picture[i].cpu().numpy()).transpose(1, 2, 0))
            for picture in references
        ]
        found.append(see(_see_page(grey.tobytes(), grey.shape), read(pictures)))
    return found


def hints_of(colored: list[ColoredAreas], lineart: Tensor) -> Tensor:
    """What the painter is told of pictures (n, 1, h, w): float32 (n, 4, h, w)."""
    h, w = lineart.shape[2:]
    return torch.stack([torch.from_numpy(to_hints(areas, h, w)) for areas in colored])


def filled(colored: list[ColoredAreas], lineart: Tensor, painted: Tensor) -> Tensor:
    """Pictures as `batch` fills them: one colour an area, darkened by their ink.

    Args:
        colored: the areas of each.
        lineart: float (n, 1, h, w) in [-1, 1].
        painted: float (n, 3, h, w) in [-1, 1], the painter's, whose colours areas have that were
            not matched.

    Returns:
        float32 (n, 3, h, w) in [-1, 1].
    """
    h, w = lineart.shape[2:]
    pictures = []
    for areas, page, picture in zip(colored, lineart, painted, strict=True):
        grey = to_uint8(page[0].cpu().numpy())
        made = np.ascontiguousarray(to_uint8(picture.cpu().numpy()).transpose(1, 2, 0))
        flat = torch.from_numpy(to_signed(resize(fill(areas, grey, made), h, w)))
        pictures.append((flat.permute(2, 0, 1) + 1) * (page.cpu() + 1) / 2 - 1)
    return torch.stack(pictures)
