"""The pictures of an evaluation at their size: each is decoded once, whatever scores them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mangacolor.color import luma
from mangacolor.data.dataset import read_example
from mangacolor.data.kept import KeptPairs, Pictures
from mangacolor.data.layouts import Example
from mangacolor.data.lineart import draw_ink
from mangacolor.data.survey import A_LITTLE
from mangacolor.errors import InputError
from mangacolor.images.colored import has_chroma
from mangacolor.images.geometry import UInt8, resize
from mangacolor.images.strips import working_size

__all__ = ["Scaled", "read_scaled"]


class Scaled:
    """Examples at one size.

    Args:
        size: longer side; of a strip, its `working_size`.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._numbers: dict[Example, int] = {}
        self._kept = KeptPairs()

    def read(self, example: Example) -> tuple[Tensor, Tensor]:
        """Truth (1, 3, h, w) and line art (1, 1, h, w), signed.

        Raises:
            InputError: a picture cannot be read, or the halves differ in size.
        """
        return _tensors(self._pictures(example))

    def usable(self, examples: list[Example]) -> tuple[list[Example], list[str]]:
        """Reads all examples; gives those that can be scored, and says why others cannot."""
        good: list[Example] = []
        broken: list[str] = []
        grey: list[str] = []
        for example in examples:
            try:
                color, _ = self._pictures(example)
            except InputError as error:
                broken.append(error.message)
                continue
            if has_chroma(np.asarray(color), A_LITTLE):
                good.append(example)
            else:
                grey.append(example.name)
        notices = []
        if broken:
            notices.append(f"{len(broken)} of {len(examples)} left out: {' '.join(broken[:5])}")
        if grey:
            names = ", ".join(grey[:5]) + (" and others" if len(grey) > 5 else "")
            notices.append(
                f"{len(grey)} of {len(examples)} left out: there is no colour in {names}"
            )
        return good, notices

    def _pictures(self, example: Example) -> Pictures:
        number = self._numbers.setdefault(example, len(self._numbers))
        return self._kept.get(number, lambda: _scale(example, self.size))


def read_scaled(example: Example, size: int) -> tuple[Tensor, Tensor]:
    """Truth (1, 3, h, w) and line art (1, 1, h, w) of one example, signed; see `Scaled`."""
    return _tensors(_scale(example, size))


def _scale(example: Example, size: int) -> Pictures:
    color, lineart = read_example(example)
    height, width = working_size(color.shape[0], color.shape[1], size)
    return (
        resize(color, height, width),
        None if lineart is None else resize(lineart, height, width),
    )


def _tensors(pictures: Pictures) -> tuple[Tensor, Tensor]:
    color, lineart = pictures
    truth = _signed(color)
    return truth, draw_ink(truth) if lineart is None else luma(_signed(lineart))


def _signed(picture: UInt8) -> Tensor:
    """uint8 (h, w, 3) -> float (1, 3, h, w) in [-1, 1]."""
    return torch.from_numpy(picture.transpose(2, 0, 1).copy())[None].float() / 127.5 - 1
