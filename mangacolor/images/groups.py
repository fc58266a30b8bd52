"""What a colour picture offers to a chapter: its areas by colour, grouped by what is close."""

from __future__ import annotations

import colorsys
import dataclasses
from collections.abc import Callable, Iterable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels, area_colors, find_areas, find_contacts
from mangacolor.images.geometry import RGB, Float32, Point, UInt8, to_grey
from mangacolor.images.kinds import word_for
from mangacolor.images.laying import LUMA
from mangacolor.images.pieces import inner_points
from mangacolor.images.tones import smooth_tones

__all__ = ["RGB", "Change", "Group", "KindsOf", "Shade", "find_groups", "name_of", "recolored"]

# Of a page, (H, W), and its areas: how probably each is of a kind, or None if nobody knows.
KindsOf = Callable[[UInt8, Labels], Float32 | None]

# What is close together is no larger than this share of the picture's longer side.
_LARGEST = 0.45
# Shares of the picture: a larger area is a background, a smaller group is left out.
_BACKGROUND, _LEAST = 0.12, 0.002
# Largest distance of colours, of 255 a channel, that are one.
_ONE_COLOR = 24.0
# Luma below which a colour is so dark that its ink cannot be told from it.
_DARK = 24.0


@dataclasses.dataclass(frozen=True)
class Shade:
    """Areas of a group that have one colour.

    Attributes:
        color: their mean.
        share: of the picture.
        points: a point in each, across and down, as shares of the picture's sides.
        kind: what most of them is in a word, as `hair`; empty if nobody knows.
    """

    color: RGB
    share: float
    points: tuple[Point, ...]
    kind: str = ""


@dataclasses.dataclass(frozen=True)
class Group:
    """What is close together: a head, a figure, or the background.

    Attributes:
        box: left, top, right, bottom, as shares of the picture's sides.
        shades: the largest first.
        background: it is that.
    """

    box: tuple[float, float, float, float]
    shades: tuple[Shade, ...]
    background: bool = False


@dataclasses.dataclass(frozen=True)
class Change:
    """Another colour for areas.

    Attributes:
        points: a point in each area, as shares of the picture's sides.
        old, new: their colour, before and after.
    """

    points: tuple[Point, ...]
    old: RGB
    new: RGB


def find_groups(picture: UInt8, kinds_of: KindsOf | None = None) -> list[Group]:
    """Finds what a picture offers.

    Args:
        picture: uint8 (H, W, 3) sRGB.
        kinds_of: says what areas are, if anybody can.

    Returns:
        Groups in reading order, the background last; of a picture without areas none.
    """
    areas = _areas_of(picture)
    sizes = np.bincount(areas.ravel())
    sizes[0] = 0
    if not sizes.any():
        return []
    grey = to_grey(picture)
    palette = area_colors(areas, grey, picture)
    kinds = None if kinds_of is None else kinds_of(grey, areas)
    if kinds is None:
        kinds = np.zeros((len(sizes), 0), np.float32)
    boxes = _boxes(areas, len(sizes))
    behind = sizes > _BACKGROUND * areas.size
    numbers = _join(areas, sizes, boxes, behind)
    inner = [(float(x), float(y)) for x, y in inner_points(areas, len(sizes))]
    groups = []
    for number in np.unique(numbers[(sizes > 0) & ~behind]):
        members = np.flatnonzero((numbers == number) & (sizes > 0) & ~behind)
        if sizes[members].sum() >= _LEAST * areas.size:
            groups.append(_group(members, sizes, palette, kinds, boxes, inner, areas.shape))
    groups.sort(key=lambda group: (round(group.box[1] * 4), group.box[0]))
    members = np.flatnonzero(behind)
    if len(members):
        last = _group(members, sizes, palette, kinds, boxes, inner, areas.shape)
        groups.append(dataclasses.replace(last, background=True))
    return groups


def recolored(picture: UInt8, changes: Sequence[Change]) -> UInt8:
    """Gives areas of a picture other colours; its ink and its shading stay.

    Args:
        picture: uint8 (H, W, 3) sRGB, the one that the points are of.
        changes: of areas that are there; a point outside all of them changes nothing.

    Returns:
        uint8 (H, W, 3) sRGB.
    """
    if not changes:
        return picture
    areas = _areas_of(picture)
    h, w = areas.shape
    result = picture.astype(np.float32)
    for change in changes:
        chosen = {
            int(areas[min(h - 1, int(y * h)), min(w - 1, int(x * w))]) for x, y in change.points
        } - {0}
        here = np.isin(areas, list(chosen)).view(np.uint8)
        mask = cv2.resize(here, picture.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
        pixels = result[mask]
        # Ink in an area stays ink, shade a shade.
        light = pixels @ _LUMA / max(_DARK, float(np.array(change.old) @ _LUMA))
        step = np.array(change.new, np.float32) - np.array(change.old, np.float32)
        result[mask] = pixels + step * np.minimum(light, 1)[:, None]
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def name_of(color: RGB) -> str:
    """What a colour is called in plain words: `dark blue`, `pale orange`, `grey`."""
    hue, light, saturation = colorsys.rgb_to_hls(*(value / 255 for value in color))
    # Of pale and of dark colours saturation says too much.
    chroma = saturation * (1 - abs(2 * light - 1))
    if chroma < 0.1:
        names = ((0.12, "black"), (0.35, "dark grey"), (0.7, "grey"), (0.93, "pale grey"))
        return next((name for most, name in names if light < most), "white")
    hues = (
        *((15, "red"), (40, "orange"), (66, "yellow"), (165, "green"), (195, "teal")),
        *((255, "blue"), (290, "purple"), (345, "pink"), (361, "red")),
    )
    name = next(name for most, name in hues if hue * 360 < most)
    if name in ("red", "orange", "yellow") and light < 0.42 and chroma < 0.62:
        return "brown" if light > 0.16 else "dark brown"
    return "pale " * (light > 0.78) + "dark " * (light < 0.27) + name


_LUMA = np.array(LUMA, np.float32)


def _areas_of(picture: UInt8) -> Labels:
    return find_areas(smooth_tones(to_grey(picture)))


def _boxes(areas: Labels, count: int) -> npt.NDArray[np.int64]:
    """First and last row and column of each area, (count, 4): left, top, right, bottom."""
    h, w = areas.shape
    boxes = np.zeros((count, 4), np.int64)
    for axis, length, first in ((0, h, 1), (1, w, 0)):
        at = np.arange(length).reshape(-1, 1) if axis == 0 else np.arange(length)
        keys = np.unique(areas.astype(np.int64) * length + at)
        number, place = np.divmod(keys, length)
        starts = np.flatnonzero(np.diff(number, prepend=-1))
        ends = np.append(starts[1:], len(number)) - 1
        boxes[number[starts], first] = place[starts]
        boxes[number[ends], first + 2] = place[ends] + 1
    return boxes


def _join(
    areas: Labels,
    sizes: npt.NDArray[np.int64],
    boxes: npt.NDArray[np.int64],
    behind: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Number of the group of each area: neighbours, as long as they are small together."""
    most = _LARGEST * max(areas.shape)
    group = np.arange(len(sizes))
    around = boxes.copy()
    first, second, length = find_contacts(areas, len(sizes))
    # Longest shared borders, beside the smaller one's size, first: hair with its face.
    near = length / np.sqrt(np.minimum(sizes[first], sizes[second]).clip(1))
    for i in np.argsort(-near, kind="stable"):
        if behind[first[i]] or behind[second[i]]:
            continue
        a, b = group[first[i]], group[second[i]]
        if a == b:
            continue
        left, top = np.minimum(around[a, :2], around[b, :2])
        right, bottom = np.maximum(around[a, 2:], around[b, 2:])
        if max(right - left, bottom - top) <= most:
            group[group == b] = a
            around[a] = left, top, right, bottom
    return group


def _group(
    members: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    palette: UInt8,
    kinds: Float32,
    boxes: npt.NDArray[np.int64],
    inner: Sequence[Point],
    shape: tuple[int, ...],
) -> Group:
    h, w = shape[:2]
    total = float(h * w)
    shades = []
    for same in _alike(members[np.argsort(-sizes[members], kind="stable")], palette):
        weight = sizes[same] / sizes[same].sum()
        mean = np.rint(weight @ palette[same].astype(np.float64)).astype(int)
        r, g, b = (int(value) for value in mean)
        points = tuple(inner[area] for area in same)
        share = float(sizes[same].sum() / total)
        shades.append(Shade((r, g, b), share, points, word_for(weight @ kinds[same])))
    shades.sort(key=lambda shade: -shade.share)
    left, top = boxes[members, :2].min(axis=0)
    right, bottom = boxes[members, 2:].max(axis=0)
    box = (float(left) / w, float(top) / h, float(right) / w, float(bottom) / h)
    return Group(box, tuple(shades))


def _alike(members: Iterable[int], palette: UInt8) -> list[list[int]]:
    """Areas of one colour together; the first of each is the largest."""
    found: list[list[int]] = []
    for area in members:
        for same in found:
            step = palette[area].astype(np.float64) - palette[same[0]]
            if np.linalg.norm(step) <= _ONE_COLOR:
                same.append(int(area))
                break
        else:
            found.append([int(area)])
    return found
