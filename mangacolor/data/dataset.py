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
from mangacolor.data.augment import HUES
from mangacolor.data.layouts import Example, by_series
from mangacolor.data.lineart import PENS
from mangacolor.data.pages import compose_page
from mangacolor.errors import InputError
from mangacolor.images.page import read_color

__all__ = ["Sample", "TrainingSet", "read_example"]

RGB = NDArray[np.uint8]


class Sample(NamedTuple):
    """One training sample, or a batch of them with N in front.

    Attributes:
        color: uint8 (3, s, s), the true picture.
        lineart: uint8 (1, s, s), 0 ink ... 255 paper; all zero where `has_lineart` is not set and
            ink is to be drawn from `color`.
        has_lineart: bool ().
        references: uint8 (R, 3, r, r).
        dice: float32 (PENS + HUES,) in [0, 1), what decides on pen and hue. They are thrown here,
            so that a sample comes out alike in whatever batch and on whatever device.
    """

    color: Tensor
    lineart: Tensor
    has_lineart: Tensor
    references: Tensor
    dice: Tensor


def read_example(example: Example) -> tuple[RGB, RGB | None]:
    """Reads an example: colour (h, w, 3) and, where there is a real one, line art (h, w, 3).

    Raises:
        InputError: a picture cannot be read, or the halves differ in size.
    """
    color = read_color(example.color)
    if example.lineart is None:
        return color, None
    if example.is_side_by_side:
        half = color.shape[1] // 2
        return color[:, :half], color[:, half : 2 * half]
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

    That is what makes a resumed run equal to an uninterrupted one.

    Args:
        examples: pictures to train on.
        config: how samples are made.
        batch_size: samples that share their number of references.
        seed: of all randomness.
    """

    def __init__(
        self, examples: list[Example], config: DataConfig, batch_size: int, seed: int
    ) -> None:
        self.examples = examples
        self.config = config
        self.batch_size = batch_size
        self.seed = seed
        self.series = by_series(examples)
        self._cache: dict[int, tuple[Image.Image, Image.Image | None]] = {}

    def __getitem__(self, index: int) -> Sample:
        """Makes sample number `index`."""
        rng = np.random.default_rng((self.seed, index))
        chosen = int(rng.integers(len(self.examples)))
        color, lineart = self._picture(chosen)
        side = self.config.size
        shown = [chosen]
        if lineart is not None:
            box, flip = _random_box(color, rng, 0.5), bool(rng.random() < 0.5)
            target = _cut(color, box, side, side, flip=flip)
            ink = _cut(lineart, box, side, side, flip=flip).convert("L")
        elif rng.random() < self.config.page_share:
            target, shown = self._page(chosen, side, rng)
            ink = None
        else:
            target = _random_cut(color, side, side, rng, 0.5)
            ink = None
        whole = target if lineart is None else color
        references = [self._reference(shown, whole, rng) for _ in range(self._count(index))]
        return Sample(
            color=_to_tensor(target),
            lineart=_to_tensor(ink) if ink else torch.zeros(1, side, side, dtype=torch.uint8),
            has_lineart=torch.tensor(ink is not None),
            references=torch.stack([_to_tensor(reference) for reference in references]),
            dice=torch.from_numpy(rng.random(PENS + HUES, dtype=np.float32)),
        )

    def _count(self, index: int) -> int:
        """References of the batch that holds this sample."""
        rng = np.random.default_rng((self.seed, index // self.batch_size, 1))
        return 2 if rng.random() < self.config.two_references_share else 1

    def _page(
        self, chosen: int, side: int, rng: np.random.Generator
    ) -> tuple[Image.Image, list[int]]:
        """A window on a page of the chosen picture's series, and the pictures on it."""
        series = self.series[self.examples[chosen].series]
        shown: list[int] = []

        def draw_picture(width: int, height: int) -> Image.Image:
            index = int(rng.choice(series)) if shown else chosen
            shown.append(index)
            return _random_cut(self._picture(index)[0], width, height, rng, 0.4)

        return compose_page(draw_picture, side, rng), shown

    def _reference(
        self, shown: list[int], target: Image.Image, rng: np.random.Generator
    ) -> Image.Image:
        """Another picture of the series, or what is to be coloured itself, cut anew and turned.

        Where a page is to be coloured, half of the references are pages too, composed anew of the
        same series: some of what is to be coloured is there, elsewhere and at another size.
        """
        side = self.config.reference_size
        series = self.series[self.examples[shown[0]].series]
        if len(shown) > 1 and rng.random() < 0.5:
            return self._page(int(rng.choice(series)), side, rng)[0]
        if rng.random() < self.config.series_share:
            others = [index for index in series if index not in shown]
            if others:
                picture, _ = self._picture(int(rng.choice(others)))
                return _random_cut(picture, side, side, rng, 0.6)
        if rng.random() < 0.25:
            return target.resize((side, side), Image.Resampling.BILINEAR)
        picture = target if rng.random() < 0.5 else self._picture(int(rng.choice(shown)))[0]
        cut = _random_cut(picture, side, side, rng, 0.7)
        if rng.random() < 0.5:
            angle = float(rng.uniform(-20, 20))
            cut = cut.rotate(angle, Image.Resampling.BILINEAR, fillcolor="white")
        return cut

    def _picture(self, index: int) -> tuple[Image.Image, Image.Image | None]:
        """A decoded example, cut down and kept."""
        if index not in self._cache:
            color, lineart = read_example(self.examples[index])
            kept = self._reduce(color), self._reduce(lineart) if lineart is not None else None
            self._cache[index] = kept
        return self._cache[index]

    def _reduce(self, picture: RGB) -> Image.Image:
        image = Image.fromarray(picture)
        scale = self.config.cache_side / min(image.size)
        if scale >= 1:
            return image
        width, height = (max(1, round(scale * side)) for side in image.size)
        return image.resize((width, height), Image.Resampling.LANCZOS)


Box = tuple[float, float, float, float]


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


def _cut(picture: Image.Image, box: Box, width: int, height: int, *, flip: bool) -> Image.Image:
    cut = picture.resize((width, height), Image.Resampling.BILINEAR, box=box)
    return cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else cut


def _random_cut(
    picture: Image.Image, width: int, height: int, rng: np.random.Generator, least: float
) -> Image.Image:
    box = _random_box(picture, rng, least, width / height)
    return _cut(picture, box, width, height, flip=bool(rng.random() < 0.5))


def _to_tensor(picture: Image.Image) -> Tensor:
    """(3, h, w) or (1, h, w) uint8."""
    array = np.array(picture)
    return torch.from_numpy(array[None] if array.ndim == 2 else array.transpose(2, 0, 1).copy())
