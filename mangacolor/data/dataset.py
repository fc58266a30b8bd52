"""Training samples: the same number always gives the same sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from mangacolor.config import DataConfig
from mangacolor.data.augment import RECOLORS, WARPS
from mangacolor.data.kept import KeptPairs
from mangacolor.data.layouts import Example, by_series
from mangacolor.data.lineart import PENS
from mangacolor.data.pages import compose_page
from mangacolor.data.places import (
    Box,
    View,
    cut,
    forget_covered,
    region_places,
    unknown_places,
    view,
)
from mangacolor.data.scan import SCANS
from mangacolor.data.tones import TONES
from mangacolor.errors import InputError
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import read_color
from mangacolor.lettering.make import draw_effect

__all__ = ["Sample", "TrainingSet", "read_example"]

# Numbers that decide on what is done to one sample on the device.
DICE = PENS + TONES + SCANS + RECOLORS
# Labels of an invented drawing from here on are parts of somebody or of a place.
FIRST_PART = 3
# Share of invented drawings that keep the ink they were drawn with.
GIVEN_INK = 0.75


class Sample(NamedTuple):
    """One training sample, or a batch of them with N in front.

    Attributes:
        color: uint8 (3, s, s), the true picture.
        lineart: uint8 (1, s, s), 0 ink ... 255 paper; without meaning where `has_lineart` is not
            set and ink is to be drawn from `color`.
        has_lineart: bool ().
        references: uint8 (R, 3, r, r), not warped yet.
        places: float32 (4, s/4, s/4), where `color` comes from: see `mangacolor.data.places`.
        reference_places: float32 (R, 4, r/4, r/4), likewise.
        dice: float32 (DICE,) in [0, 1), what decides on pen, tones, scan and colours, in this
            order. They are thrown here, so that a sample comes out alike in whatever batch and on
            whatever device.
        warp_dice: float32 (R, WARPS) in [0, 1), what decides on the references' warps.
    """

    color: Tensor
    lineart: Tensor
    has_lineart: Tensor
    references: Tensor
    places: Tensor
    reference_places: Tensor
    dice: Tensor
    warp_dice: Tensor


def read_example(example: Example) -> tuple[UInt8, UInt8 | None]:
    """Reads an example: colour (h, w, 3) and, where there is a real one, line art (h, w, 3).

    Raises:
        InputError: a picture cannot be read, or the halves differ in size.
    """
    color, lineart = _read_pictures(example)
    if example.box is None:
        return color, lineart
    x0, y0, x1, y1 = example.box
    return color[y0:y1, x0:x1], lineart[y0:y1, x0:x1] if lineart is not None else None


def _read_pictures(example: Example) -> tuple[UInt8, UInt8 | None]:
    color = read_color(example.color)
    if example.lineart is None:
        return color, None
    if example.is_side_by_side:
        half = color.shape[1] // 2
        left, right = color[:, :half], color[:, half : 2 * half]
        return (right, left) if example.color_right else (left, right)
    lineart = read_color(example.lineart)
    if lineart.shape != color.shape:
        raise InputError(
            f"{example.lineart} is {lineart.shape[1]}x{lineart.shape[0]}, but {example.color} is "
            f"{color.shape[1]}x{color.shape[0]}.",
            "Both halves of a pair must have one size.",
        )
    return color, lineart


class TrainingSet(Dataset[Sample]):
    """Samples without end, numbered: sample i is made from the seed and i alone.

    That is what makes a resumed run equal to an uninterrupted one. In the place of a picture that
    cannot be read comes the next one; `unreadable` tells.

    Args:
        examples: pictures to train on.
        config: how samples are made.
        batch_size: samples that share their number of references.
        seed: of all randomness.
        shared: several processes make samples, and share decoded pictures.
    """

    def __init__(
        self,
        examples: list[Example],
        config: DataConfig,
        batch_size: int,
        seed: int,
        *,
        shared: bool = False,
    ) -> None:
        self.examples = examples
        self.config = config
        self.batch_size = batch_size
        self.seed = seed
        self.series = by_series(examples)
        self._kept = KeptPairs(shared=shared)
        # Set by whichever process meets one, told by the first.
        self._unreadable = torch.zeros(len(examples), dtype=torch.uint8).share_memory_()
        self._told: set[int] = set()

    def __getitem__(self, index: int) -> Sample:
        """Makes sample number `index`."""
        rng = np.random.default_rng((self.seed, index))
        # No roll where there are none: samples of older recipes stay what they were.
        if self.config.comic_share and rng.random() < self.config.comic_share:
            return self._invented(index, rng)
        chosen = int(rng.integers(len(self.examples)))
        color, lineart = self._picture(chosen)
        side = self.config.size
        shown = [chosen]
        ink = None
        if lineart is not None:
            box, flip = _random_box(color, rng, 0.5), bool(rng.random() < 0.5)
            target = view(color, chosen, box, side, side, flip=flip)
            places = unknown_places(*lineart.size[::-1])
            ink = cut((lineart, places), box, side, side, flip=flip)[0].convert("L")
        elif rng.random() < self.config.page_share:
            series = self.series[self.examples[chosen].series]
            target, shown = self._page(chosen, series, side, rng)
        else:
            target = self._random_view(chosen, side, side, rng, 0.5)
        made = [self._reference(shown, target, rng) for _ in range(self._count(index))]
        if ink is None and rng.random() < self.config.effects_share:
            bare = target[0].copy()
            draw_effect(target[0], rng)
            forget_covered(target[1], bare, target[0])
        return Sample(
            color=_to_tensor(target[0]),
            lineart=_to_tensor(ink) if ink else torch.zeros(1, side, side, dtype=torch.uint8),
            has_lineart=torch.tensor(ink is not None),
            references=torch.stack([_to_tensor(picture) for picture, _ in made]),
            places=torch.from_numpy(target[1]),
            reference_places=torch.stack([torch.from_numpy(places) for _, places in made]),
            dice=torch.from_numpy(rng.random(DICE, dtype=np.float32)),
            warp_dice=torch.from_numpy(rng.random((len(made), WARPS), dtype=np.float32)),
        )

    def _invented(self, index: int, rng: np.random.Generator) -> Sample:
        """Drawings of an invented cast; their regions tell what matches what."""
        from mangacolor.comic.pairs import draw_pair

        count = self._count(index)
        seed = int(rng.integers(2**48))
        pair = draw_pair(seed, self.config.size, count, self.config.reference_size)
        target = pair.target
        return Sample(
            color=_to_tensor(target.color),
            lineart=_to_tensor(target.lineart),
            # The other ways of drawing ink see these pictures, too.
            has_lineart=torch.tensor(bool(rng.random() < GIVEN_INK)),
            references=torch.stack([_to_tensor(drawn.color) for drawn in pair.references]),
            places=_regions(target.labels),
            reference_places=torch.stack([_regions(drawn.labels) for drawn in pair.references]),
            dice=torch.from_numpy(rng.random(DICE, dtype=np.float32)),
            warp_dice=torch.from_numpy(rng.random((count, WARPS), dtype=np.float32)),
        )

    def _count(self, index: int) -> int:
        """References of the batch that holds this sample."""
        rng = np.random.default_rng((self.seed, index // self.batch_size, 1))
        several = rng.random() < self.config.two_references_share
        return int(rng.integers(2, 4)) if several else 1

    def _page(
        self, chosen: int, others: list[int], side: int, rng: np.random.Generator
    ) -> tuple[View, list[int]]:
        """A window on a page of the chosen picture and others, and the pictures on it."""
        shown: list[int] = []

        def draw_picture(width: int, height: int) -> View:
            index = int(rng.choice(others)) if shown else chosen
            shown.append(index)
            return self._random_view(index, width, height, rng, 0.4)

        return compose_page(draw_picture, side, rng), shown

    def _random_view(
        self, index: int, width: int, height: int, rng: np.random.Generator, least: float
    ) -> View:
        """A random cut of an example, `least` to 1 times as large as fits, perhaps mirrored."""
        picture, _ = self._picture(index)
        box = _random_box(picture, rng, least, width / height)
        return view(picture, index, box, width, height, flip=bool(rng.random() < 0.5))

    def _reference(self, shown: list[int], target: View, rng: np.random.Generator) -> View:
        """Another picture of the series, or what is to be coloured itself, cut anew.

        Where a page is to be coloured, half of the references are pages too, composed anew of the
        same series: some of what is to be coloured is there, elsewhere and at another size.
        """
        side = self.config.reference_size
        series = self.series[self.examples[shown[0]].series]
        others_too = rng.random() < self.config.series_share
        if len(shown) > 1 and rng.random() < 0.5:
            known = series if others_too else shown
            return self._page(int(rng.choice(known)), known, side, rng)[0]
        if others_too:
            others = [index for index in series if index not in shown]
            if others:
                return self._random_view(int(rng.choice(others)), side, side, rng, 0.6)
        if rng.random() < 0.5:
            return self._random_view(int(rng.choice(shown)), side, side, rng, 0.7)
        box = _random_box(target[0], rng, 0.7)
        return cut(target, box, side, side, flip=bool(rng.random() < 0.5))

    def _picture(self, index: int) -> tuple[Image.Image, Image.Image | None]:
        """A decoded example, cut down and kept."""
        problem: InputError | None = None
        for number in (*range(index, len(self.examples)), *range(index)):
            if self._unreadable[number]:
                continue
            try:
                color, lineart = self._kept.get(number, lambda number=number: self._read(number))  # type: ignore[misc]
            except InputError as error:
                self._unreadable[number] = 1
                problem = problem or error
                continue
            return Image.fromarray(color), None if lineart is None else Image.fromarray(lineart)
        raise problem or InputError("None of the pictures can be read.", "Copy them again.")

    def unreadable(self) -> list[str]:
        """Why pictures that were met since the last call cannot be used."""
        found = set(self._unreadable.nonzero().flatten().tolist()) - self._told
        self._told |= found
        reasons = []
        for number in sorted(found):
            try:
                read_example(self.examples[number])
            except InputError as error:
                reasons.append(error.message)
        return reasons

    def close(self) -> None:
        """Gives back the files in which pictures are kept."""
        self._kept.close()

    def _read(self, index: int) -> tuple[UInt8, UInt8 | None]:
        color, lineart = read_example(self.examples[index])
        return self._reduce(color), None if lineart is None else self._reduce(lineart)

    def _reduce(self, picture: UInt8) -> UInt8:
        scale = self.config.cache_side / min(picture.shape[:2])
        if scale >= 1:
            return picture
        height, width = (max(1, round(scale * side)) for side in picture.shape[:2])
        reduced = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
        return np.asarray(reduced)


def _random_box(
    picture: Image.Image, rng: np.random.Generator, least: float, aspect: float = 1.0
) -> Box:
    """A box of a given width over height, `least` to 1 times as large as fits."""
    width, height = picture.size
    fits = min(width, height * aspect)
    w = fits * rng.uniform(least, 1.0)
    h = w / aspect
    x, y = rng.uniform(0, width - w), rng.uniform(0, height - h)
    return (x, y, x + w, y + h)


def _regions(labels: NDArray[np.uint16]) -> Tensor:
    """Places by region; paper, balloons and effects belong nowhere."""
    known = labels.astype(np.int32)
    known[known < FIRST_PART] = -1
    return torch.from_numpy(region_places(known))


def _to_tensor(picture: Image.Image | UInt8) -> Tensor:
    """(3, h, w) or (1, h, w) uint8."""
    array = np.array(picture)
    return torch.from_numpy(array[None] if array.ndim == 2 else array.transpose(2, 0, 1).copy())
