"""Steps of the stage that teaches what is one thing: crops of pages, borders and kinds."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import Dataset

from mangacolor.comic.wardrobe import Costume
from mangacolor.config import TrainConfig
from mangacolor.data.dataset import read_example
from mangacolor.data.heads import find_heads
from mangacolor.data.layouts import Example
from mangacolor.data.picture_kinds import NamedPlace, named_by
from mangacolor.data.surface_pages import (
    Crop,
    SurfacePage,
    cut_crop,
    draw_surface_page,
    read_page,
    write_page,
)
from mangacolor.data.surface_pictures import cut_picture_crop, name_picture
from mangacolor.errors import DivergedError
from mangacolor.images.geometry import UInt8, to_grey
from mangacolor.images.kinds import UNKNOWN, Kind
from mangacolor.images.panels import Box
from mangacolor.nets.surfaces import SurfaceNet
from mangacolor.train.drawing import done_in_processes

__all__ = ["SurfaceCrops", "surface_step"]

# Page, borders and kinds of a batch.
Batch = tuple[Tensor, Tensor, Tensor]
# Pages that crops come from at a time, and crops after which the oldest of them goes.
_AT_HAND, _CROPS = 48, 24
# Borders are few: theirs is counted so often. And the kinds' loss beside that of borders.
_BORDER_WEIGHT, _KIND_WEIGHT = 2.0, 0.3
# Share of the crops of pictures that are of those in which parts are named, if there are any.
_NAMED = 0.5
# Share of the crops of a picture with heads that show one large, as manga does and picture books
# seldom do.
_HEADS = 0.5
# Kinds of which there is little.
_RARE, _RARE_WEIGHT = (Kind.LETTERING, Kind.EFFECT, Kind.EYE, Kind.MOUTH), 2.0


class SurfaceCrops(Dataset[Batch]):
    """Crops by number: the same number always gives the same crop.

    Args:
        folder: where pages are kept.
        pages: how many.
        size: of crops, pixels.
        seed: of all randomness.
        figures: models that are bodies on a share of the pages.
        pictures: of other hands, for a share of the crops.
        share: of crops that are of pictures, if there are any.
    """

    def __init__(
        self,
        folder: Path,
        pages: int,
        size: int,
        seed: int,
        figures: Sequence[Costume] = (),
        pictures: Sequence[Example] = (),
        share: float = 0.0,
    ) -> None:
        self._folder, self._pages, self._size, self._seed = folder, pages, size, seed
        self._figures, self._pictures = figures, pictures
        self._share = share if pictures else 0.0
        self._named = [(one, places) for one in pictures if (places := _places(one))]

    def fill(self, workers: int = 0) -> Iterator[tuple[int, int]]:
        """Draws the pages that are not there yet, and says how many are and shall be.

        Args:
            workers: processes that draw; with less than two it is done in this one.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for done in done_in_processes(self._draw, range(self._pages), workers):
            yield done, self._pages

    def leave_out_missing(self) -> None:
        """Goes on with the pages that are drawn, up to the first one that is not."""
        there = (self._path(number).is_file() for number in range(self._pages))
        self._pages = sum(1 for _ in itertools.takewhile(bool, there))

    def _draw(self, number: int) -> None:
        path = self._path(number)
        if not path.is_file():
            write_page(draw_surface_page(number, self._figures), path)

    def __getitem__(self, number: int) -> Batch:
        rng = np.random.default_rng((self._seed, number))
        # Which pages are at hand moves on slowly, for reading one takes longer than a crop.
        first = number // _CROPS
        place = first + int(rng.integers(_AT_HAND))
        crop = self._cut(place, rng)
        picture = crop.page.astype(np.float32)[None] / 127.5 - 1
        return (
            torch.from_numpy(picture),
            torch.from_numpy(crop.borders[None].astype(np.float32)),
            torch.from_numpy(crop.kinds.astype(np.int64)),
        )

    def _cut(self, place: int, rng: np.random.Generator) -> Crop:
        if self._share and rng.random() < self._share:
            if self._named and rng.random() < _NAMED:
                one, places = self._named[place % len(self._named)]
            else:
                one, places = self._pictures[place % len(self._pictures)], ()
            color, lineart, named, heads = _picture(one, places)
            head = heads[int(rng.integers(len(heads)))] if heads and rng.random() < _HEADS else None
            return cut_picture_crop(color, self._size, rng, lineart, named, head)
        return cut_crop(_page(self._path(place % self._pages)), self._size, rng)

    def _path(self, number: int) -> Path:
        # Pages with models are others than those without, and are kept beside them.
        kind = "modelled" if self._figures else "surfaces"
        return self._folder / f"{kind}-{number:06d}.npz"


@functools.lru_cache(maxsize=_AT_HAND + 1)
def _page(path: Path) -> SurfacePage:
    return read_page(path)


def _places(example: Example) -> tuple[NamedPlace, ...]:
    """What is named in a picture that is a file of its own, by the list beside it or by ours."""
    if example.box is not None or example.is_side_by_side:
        return ()
    for names in (named_by(example.color.parent), named_by()):
        if example.color.name in names:
            return names[example.color.name]
    return ()


@functools.lru_cache(maxsize=_AT_HAND + 1)
def _picture(
    example: Example, places: tuple[NamedPlace, ...]
) -> tuple[UInt8, UInt8 | None, UInt8 | None, list[Box]]:
    """Its colours, its line art if it has some, and what is where, and heads, if that is named."""
    color, lineart = read_example(example)
    named = name_picture(color, places) if places else None
    heads = [] if named is None else find_heads(named)
    return color, None if lineart is None else to_grey(lineart), named, heads


def surface_step(
    net: SurfaceNet, optimizer: torch.optim.Optimizer, batch: Batch, config: TrainConfig
) -> dict[str, float]:
    """Moves the network once.

    Args:
        net: in training mode.
        optimizer: of its parameters, and perhaps of others that stay.
        batch: pages (N, 1, s, s), borders (N, 1, s, s), of 1, 0 and UNKNOWN, and kinds
            (N, s/2, s/2), on its device.
        config: precision and the largest gradient.

    Returns:
        `loss`, its parts `border` and `kind`, and `right`, the share of places of the right kind.

    Raises:
        DivergedError: the loss or a gradient is not finite; the weights are left as they were.
    """
    page, borders, kinds = batch
    bf16 = config.precision == "bf16"
    with torch.autocast(page.device.type, torch.bfloat16, enabled=bf16):
        said_borders, said_kinds = net(page)
    border, kind = (
        _border_loss(said_borders.float(), borders),
        _kind_loss(said_kinds.float(), kinds),
    )
    loss = border + _KIND_WEIGHT * kind
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(net.parameters(), config.gradient_clip)
    if not math.isfinite(norm.item()):
        raise DivergedError(
            f"Training has diverged: loss {loss.item():.4g}, gradient norm {norm.item():.4g}.",
            "Go on from the last checkpoint with a lower learning rate.",
        )
    optimizer.step()
    known = kinds != UNKNOWN
    right = ((said_kinds.argmax(dim=1) == kinds) & known).sum() / known.sum().clamp(min=1)
    return {
        "loss": loss.item(),
        "border": border.item(),
        "kind": kind.item(),
        "right": right.item(),
    }


def _border_loss(said: Tensor, borders: Tensor) -> Tensor:
    known = (borders != UNKNOWN).to(said.dtype)
    more = torch.tensor(_BORDER_WEIGHT, device=said.device)
    losses = F.binary_cross_entropy_with_logits(
        said, borders * known, weight=known, pos_weight=more, reduction="sum"
    )
    return losses / known.sum().clamp(min=1)


def _kind_loss(said: Tensor, kinds: Tensor) -> Tensor:
    weights = torch.ones(len(Kind), device=said.device)
    weights[list(_RARE)] = _RARE_WEIGHT
    losses = F.cross_entropy(said, kinds, weights, ignore_index=UNKNOWN, reduction="sum")
    # A batch may have nothing whose kind is known.
    return losses / weights[kinds[kinds != UNKNOWN]].sum().clamp(min=1)
