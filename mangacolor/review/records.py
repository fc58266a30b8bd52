"""What the page in the browser is told of areas: records of JSON, and pictures."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.groups import name_of
from mangacolor.images.pieces import inner_points
from mangacolor.runtime.candidates import Candidate
from mangacolor.runtime.colored_areas import ENOUGH, GIVEN, GUESSED, NEIGHBOUR, ColoredAreas
from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = [
    "Places",
    "area_records",
    "candidate_record",
    "find_places",
    "jpeg",
    "map_png",
    "unsure",
]

# Smaller areas, as shares of the page, are not listed as unsure ones.
_LEAST = 0.002
# Brighter than this in every channel: paper.
_PAPER = 235
# Unsure areas of a page that are listed, and from how many of the votes on an area is sure.
_LISTED, _SURE = 24, 0.6


class Places(NamedTuple):
    """Where the areas of a page are: of each its pixels, and a point in it as shares of the sides.

    Attributes:
        pixels: int64 (n,).
        points: float32 (n, 2), across and down.
    """

    pixels: npt.NDArray[np.int64]
    points: Float32


def find_places(areas: Labels) -> Places:
    """The places of areas, int32 (h, w)."""
    count = int(areas.max()) + 1
    return Places(np.bincount(areas.ravel(), minlength=count), inner_points(areas, count))


def area_records(
    colored: ColoredAreas, places: Places, known: ReferenceAreas, made: UInt8
) -> list[dict[str, Any]]:
    """All areas of a page.

    Args:
        colored: its areas.
        places: theirs.
        known: those of the references.
        made: uint8 (H, W, 3) sRGB, the page in colour.

    Returns:
        Of each its number `n`, a point `at` in pixels of the page, its `share` of the page, how
        `sure` it is, `how` it has its `color`, what that is `called`, and for a match the
        `ref`erence and point there.
    """
    pixels, points = places
    h, w = made.shape[:2]
    records = []
    for area in np.flatnonzero(pixels):
        if not area:
            continue
        x, y = int(points[area, 0] * w), int(points[area, 1] * h)
        how, ref = _how(colored, known, int(area))
        color = made[min(y, h - 1), min(x, w - 1)] if how == "painted" else colored.colors[area]
        records.append(
            {
                "n": int(area),
                "at": [x, y],
                "share": round(float(pixels[area]) / colored.areas.size, 6),
                "sure": round(float(colored.sure[area]), 3),
                "how": how,
                "ref": ref,
                **_color(color),
            }
        )
    return records


def _color(color: Any) -> dict[str, str]:
    """A colour, and what it is called: not everybody sees it."""
    r, g, b = (int(x) for x in color)
    return {"color": "#" + bytes((r, g, b)).hex(), "called": name_of((r, g, b))}


def _how(
    colored: ColoredAreas, known: ReferenceAreas, area: int
) -> tuple[str, tuple[int, float, float] | None]:
    """How an area came to its colour, and which place of which reference it is."""
    match, sure = int(colored.matches[area]), float(colored.sure[area])
    if match == GIVEN:
        return "given", None
    if match == NEIGHBOUR:
        return "beside", None
    if sure < ENOUGH:
        return "painted", None
    if sure >= 1 and (colored.colors[area] == 255).all():
        return "paper", None
    if match == GUESSED or len(known.places) != len(known.tokens):
        return "guessed", None
    return _matched(known, match)


def _matched(known: ReferenceAreas, match: int) -> tuple[str, tuple[int, float, float] | None]:
    """Where an area of the references is from, and which place of which of them it is."""
    number, x, y = (float(value) for value in known.places[match])
    if number >= 0:
        return "matched", (int(number), x, y)
    remembered = known.remembered.size and known.remembered[match] >= 0
    return "remembered" if remembered else "follows", None


def unsure(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that a person should look at, the least sure first."""
    shown = [
        record
        for record in records
        if record["share"] >= _LEAST
        and record["how"] in ("matched", "guessed", "painted", "follows", "remembered")
        and record["sure"] < _SURE
        and not (record["how"] == "guessed" and _is_paper(record["color"]))
    ]
    # Of areas alike unsure the larger.
    shown.sort(key=lambda x: (round(x["sure"], 1), -x["share"]))
    return [
        {key: record[key] for key in ("n", "at", "sure", "color", "called")} for record in shown
    ][:_LISTED]


def _is_paper(color: str) -> bool:
    return min(bytes.fromhex(color[1:])) > _PAPER


def candidate_record(candidate: Candidate, known: ReferenceAreas) -> dict[str, Any]:
    """A colour that an area may have."""
    ref = None
    how = "guessed" if candidate.match == GUESSED else "matched"
    if candidate.match >= 0 and len(known.places) == len(known.tokens):
        how, ref = _matched(known, candidate.match)
    return {
        **_color(candidate.color),
        "sure": round(candidate.sure, 3),
        "how": how,
        "ref": ref,
    }


def map_png(areas: Labels) -> bytes:
    """Which area is where: a PNG whose red and green are the low and high byte of the number."""
    ids = np.zeros((*areas.shape, 3), np.uint8)
    # OpenCV's order of channels.
    ids[..., 2], ids[..., 1] = areas & 255, areas >> 8
    return bytes(np.asarray(cv2.imencode(".png", ids)[1]))


def jpeg(picture: UInt8, quality: int = 90) -> bytes:
    """A picture for the screen, uint8 (H, W, 3) sRGB."""
    how = [cv2.IMWRITE_JPEG_QUALITY, quality]
    how += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    content = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), how)[1]
    return np.asarray(content).tobytes()
