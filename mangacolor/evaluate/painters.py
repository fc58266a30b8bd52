"""Whatever colours line art and can be scored: an open model, a baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from mangacolor.config import Look
from mangacolor.images.geometry import UInt8, to_signed, to_uint8
from mangacolor.runtime.color import ColorModel, References, color_page

__all__ = ["BASELINES", "Painter", "painter_of"]

# Line art (1, 1, h, w) in [-1, 1] and its references, (1, 3, h', w') each -> colour (1, 3, h, w).
Painter = Callable[[Tensor, Sequence[Tensor]], Tensor]


def painter_of(model: ColorModel, look: Look | None = None) -> Painter:
    """An open model as something that is scored: what comes out is the page that `batch` writes.

    Args:
        model: a checkpoint's or a bundle's.
        look: how; a painter works at the line art's own size if left out.
    """
    known = _LastSeen(model)

    def paint(lineart: Tensor, references: Sequence[Tensor]) -> Tensor:
        page = np.ascontiguousarray(to_uint8(lineart[0, 0].cpu().numpy()))
        seen = known.see([_stored(picture) for picture in references])
        how = look or Look(size=max(page.shape))
        picture = color_page(model, page, seen, how).picture
        return torch.from_numpy(to_signed(picture).transpose(2, 0, 1)[None].copy())

    return paint


class _LastSeen:
    """References that were seen last: many panels have the same page as theirs."""

    def __init__(self, model: ColorModel) -> None:
        self._model = model
        self._last: tuple[list[UInt8], References] | None = None

    def see(self, pictures: list[UInt8]) -> References:
        if self._last is None or not _are_equal(self._last[0], pictures):
            self._last = pictures, self._model.see_all(pictures)
        return self._last[1]


def _are_equal(some: Sequence[UInt8], others: Sequence[UInt8]) -> bool:
    return len(some) == len(others) and all(map(np.array_equal, some, others))


def _stored(picture: Tensor) -> UInt8:
    """float (1, 3, h, w) in [-1, 1] -> uint8 (h, w, 3)."""
    return np.ascontiguousarray(to_uint8(picture[0].cpu().numpy()).transpose(1, 2, 0))


def _tint(lineart: Tensor, references: Sequence[Tensor]) -> Tensor:
    """Line art in the references' mean colour."""
    pixels = torch.cat([picture.flatten(2) for picture in references], dim=2)
    mean = (pixels.mean(dim=2)[..., None, None] + 1) / 2
    return (lineart + 1) / 2 * mean * 2 - 1


# What any model must beat.
BASELINES: dict[str, Painter] = {
    "lineart": lambda lineart, references: lineart.expand(-1, 3, -1, -1),
    "tinted": _tint,
}
