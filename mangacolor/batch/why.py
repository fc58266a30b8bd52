"""Why a page has its colours: which area was taken for which area of the references."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mangacolor.batch.references import Reference
from mangacolor.html import embed
from mangacolor.images.geometry import UInt8, fit_size
from mangacolor.images.kinds import word_for
from mangacolor.images.pieces import inner_points
from mangacolor.runtime.colored_areas import ENOUGH, GIVEN, GUESSED, NEIGHBOUR, ColoredAreas
from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["Reasons", "to_record"]

# Longer side of the picture of areas, and of a reference.
_MAP, _REFERENCE = 700, 480
# Smaller areas, as shares of the page, are not told of.
_LEAST = 0.0004
# Brighter than this in every channel and without votes: paper that was left, or guessed to be.
_PAPER = 235


class Reasons:
    """Reasons of a run's pages, on disk, so that memory does not grow with them.

    Attributes:
        references: of the run.
        known: their areas, as soon as they are.

    Args:
        folder: an empty one, for as long as the run lasts.
        references: of the run.
    """

    def __init__(self, folder: Path, references: Sequence[Reference]) -> None:
        self.references = references
        self.known: ReferenceAreas | None = None
        self._folder = folder

    def note(self, name: str, colored: ColoredAreas | None, made: UInt8, number: int = 0) -> None:
        """Keeps why a page is as it is; nothing for a model that knows no areas.

        Args:
            name: of the page's file.
            colored: its areas.
            made: uint8 (H, W, 3) sRGB, the page in colour.
            number: which of the file's pages, from 0.
        """
        if colored is None or self.known is None or not len(colored.matches):
            return
        # Without room for it the page is no worse.
        with contextlib.suppress(OSError):
            record = json.dumps(to_record(colored, self.known, made))
            self._file(name, number).write_text(record, encoding="utf-8")

    def of(self, name: str, number: int = 0) -> dict[str, Any] | None:
        """The record of one of a file's pages, if there is one."""
        try:
            record: dict[str, Any] = json.loads(
                self._file(name, number).read_text(encoding="utf-8")
            )
        except (OSError, ValueError):
            return None
        return record

    def _file(self, name: str, number: int) -> Path:
        digest = hashlib.sha256(f"{number}/{name}".encode("utf-8", "surrogateescape")).hexdigest()
        return self._folder / f"{digest}.json"

    def shown_references(self) -> list[dict[str, str]]:
        """Names and pictures of the references."""
        found = []
        for reference in self.references:
            picture = Image.fromarray(reference.read())
            picture.thumbnail((_REFERENCE, _REFERENCE), Image.Resampling.LANCZOS)
            found.append({"name": Path(reference.name).name, "src": embed(picture)})
        return found


def to_record(colored: ColoredAreas, known: ReferenceAreas, made: UInt8) -> dict[str, Any]:
    """A page's areas, the least sure first.

    Each is a list: its number in the picture of areas, its share of the page, the share of votes
    its colour had (0 if it is the painter's or its neighbour's), the number of the reference (-1
    none, -2 a stroke, -3 a guess, -4 remembered) and the point there, its own point, its colour,
    and what it is in a word, "" where that is not sure.
    """
    areas = colored.areas
    count = int(areas.max()) + 1
    shares = np.bincount(areas.ravel(), minlength=count) / areas.size
    points = inner_points(areas, count)
    h, w = made.shape[:2]
    rows = np.minimum((points[:, 1] * h).astype(int), h - 1)
    columns = np.minimum((points[:, 0] * w).astype(int), w - 1)
    colors = made[rows, columns]
    elected = (colored.sure >= ENOUGH) & (colored.matches != NEIGHBOUR)
    sure = np.where(elected, colored.sure, 0)
    paper = ((sure == 0) | (colored.matches == GUESSED)) & (colors.min(axis=1) > _PAPER)
    if colored.paper is not None:
        paper |= colored.paper & (colored.matches != GIVEN)
    told = np.flatnonzero((shares >= _LEAST) & ~paper & (np.arange(count) > 0))
    # Of areas alike unsure the largest.
    order = told[np.lexsort((-shares[told], np.round(sure[told], 2)))]
    at = _reduced(areas, *fit_size(areas.shape[0], areas.shape[1], _MAP))
    numbers = np.zeros(count, np.uint16)
    numbers[order] = np.arange(1, len(order) + 1)
    small = numbers[at]
    ids = np.stack([small & 255, small >> 8, np.zeros_like(small)], axis=2).astype(np.uint8)
    return {
        "map": _png(ids),
        "areas": [
            [
                number,
                round(float(shares[area]), 5),
                round(float(sure[area]), 2),
                *_match(colored, known, int(area), bool(sure[area])),
                *(round(float(x), 4) for x in points[area]),
                "#" + bytes(colors[area]).hex(),
                word_for(colored.kinds[area]) if colored.kinds.size else "",
            ]
            for number, area in enumerate(order, 1)
        ],
    }


def _match(
    colored: ColoredAreas, known: ReferenceAreas, area: int, elected: bool
) -> tuple[int, float, float]:
    match = int(colored.matches[area])
    if not elected:
        return -1, 0.0, 0.0
    if match == GUESSED:
        return -3, 0.0, 0.0
    if 0 <= match < len(known.remembered) and known.remembered[match] >= 0:
        return -4, 0.0, 0.0
    if match < 0 or match >= len(known.places) or known.places[match, 0] < 0:
        return -2, 0.0, 0.0
    number, x, y = known.places[match]
    return int(number), round(float(x), 4), round(float(y), 4)


def _reduced(areas: np.ndarray, height: int, width: int) -> np.ndarray:
    rows = (np.arange(height) * 2 + 1) * areas.shape[0] // (2 * height)
    columns = (np.arange(width) * 2 + 1) * areas.shape[1] // (2 * width)
    return areas[rows[:, None], columns]


def _png(picture: UInt8) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
