"""The canvas that is drawn on: every layer of a drawing at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import skia
from numpy.typing import NDArray

from mangacolor.comic.curves import Path, Point, spindle
from mangacolor.comic.palette import Palette

__all__ = ["Canvas", "Layers"]

# In the layer of marks: red is paper without ink, green tone, blue solid black. Red lacks what is
# solid, too, so that no paper comes in between where a line meets it.
LINE, PAPER = 0xFF000000, 0xFFFF0000
Grey = NDArray[np.uint8]


class Layers(NamedTuple):
    """A drawing's exact layers.

    Attributes:
        ink: uint8 (H, W), lines alone, 0 ink ... 255 paper.
        blacks: uint8 (H, W), 255 where an area is filled with black.
        density: uint8 (H, W), how much of a place tone is to cover, 255 all of it.
        shaded: uint8 (H, W, 3), colour with light and shadow, without lines.
        labels: uint16 (H, W), which part of whom is seen, see `Palette.names`.
    """

    ink: Grey
    blacks: Grey
    density: Grey
    shaded: Grey
    labels: NDArray[np.uint16]


class Canvas:
    """An empty canvas.

    Args:
        width, height: pixels.
        palette: colours and tones by label.
        weight: width of a line, pixels.
        light: where light comes from, x and y, about 1 long.
        shading: strength of shadows, 0 none ... 1.
        gaps: share of lines that are broken, 0 to 1.
        soft: how far areas darken towards their lower ends, 0 to 1.
    """

    def __init__(
        self,
        width: int,
        height: int,
        palette: Palette,
        weight: float,
        light: Point = (-0.6, -0.8),
        shading: float = 1.0,
        gaps: float = 0.0,
        soft: float = 0.0,
    ) -> None:
        self.width, self.height = width, height
        self.palette = palette
        self.weight = weight
        self.light = light
        self.shading = shading
        self.gaps = gaps
        self.soft = soft
        self.scale = 1.0
        self._count = 0
        self._arrays = [np.empty((height, width, 4), np.uint8) for _ in range(3)]
        surfaces = [skia.Surface(array, skia.kRGBA_8888_ColorType) for array in self._arrays]
        self._surfaces = surfaces
        self._color, self._marks, self._ids = self.planes = [
            surface.getCanvas() for surface in surfaces
        ]
        self._color.clear(0xFFFFFFFF)
        self._marks.clear(PAPER)
        self._ids.clear(0xFF000000)
        self._fill = skia.Paint(AntiAlias=True)
        self._hard = skia.Paint(AntiAlias=False)
        self._stroke = skia.Paint(
            AntiAlias=True,
            Style=skia.Paint.kStroke_Style,
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
            Color=LINE,
        )
        self._mirrored = 1.0

    @contextlib.contextmanager
    def moved(
        self, x: float, y: float, scale: float = 1.0, turn: float = 0.0, across: float = 1.0
    ) -> Iterator[None]:
        """Draws around a point, scaled, turned by degrees, and stretched across or mirrored."""
        before, mirrored = self.scale, self._mirrored
        for plane in self.planes:
            plane.save()
            plane.translate(x, y)
            if turn:
                plane.rotate(turn)
            plane.scale(scale * across, scale)
        self.scale *= scale
        self._mirrored *= -1.0 if across < 0 else 1.0
        yield
        self.scale, self._mirrored = before, mirrored
        for plane in self.planes:
            plane.restore()

    @contextlib.contextmanager
    def inside(self, path: Path) -> Iterator[None]:
        """Draws inside a path only."""
        for plane in self.planes:
            plane.save()
            plane.clipPath(path, doAntiAlias=plane is not self._ids)
        yield
        for plane in self.planes:
            plane.restore()

    @contextlib.contextmanager
    def window(self, path: Path, x0: float, y0: float, x1: float, y1: float) -> Iterator[None]:
        """Draws inside a path as if the canvas were the box around it."""
        before = self.width, self.height
        self.width, self.height = round(x1 - x0), round(y1 - y0)
        with self.inside(path), self.moved(x0, y0):
            yield
        self.width, self.height = before

    def pen(self, weight: float = 1.0) -> float:
        """Width of a line in the units that are drawn in; thin ones stay visible."""
        return max(0.7, self.weight * weight) / self.scale

    def paint(self, path: Path, label: int, edge: float = 1.0, shadow: float = 0.0) -> None:
        """Fills a path with a label's colour, shadow at its side away from light, and a line."""
        colors = self.palette.paints[label]
        self._fill.setColor(colors.color)
        self._color.drawPath(path, self._fill)
        self._fill.setColor(colors.mark)
        self._marks.drawPath(path, self._fill)
        self._hard.setColor(0xFF000000 | label)
        self._ids.drawPath(path, self._hard)
        if shadow and self.soft:
            box = path.getBounds()
            deep = colors.shade & 0xFFFFFF
            start, end = (box.left(), box.top()), (box.left(), box.bottom())
            self.wash(path, start, end, deep, round(self.soft * 160) << 24 | deep)
        if shadow:
            self.shade(path, label, shadow)
        if edge:
            self.outline(path, edge)

    def paint_joined(self, paths: Sequence[Path], label: int, shadow: float = 0.0) -> None:
        """Fills several paths as one shape: the line runs around them all."""
        for path in paths:
            self.outline(path, 1.7)
        for path in paths:
            self.paint(path, label, 0, shadow)

    def shade(self, path: Path, label: int, depth: float) -> None:
        """Shadow along the side of a path that light does not reach, `depth` units deep."""
        if not self.shading:
            return
        x, y = self.light[0] * depth * self._mirrored, self.light[1] * depth
        lit = skia.Path(path)
        lit.offset(x, y)
        lit.setFillType(skia.PathFillType.kInverseWinding)
        colors = self.palette.paints[label]
        for plane, color in ((self._color, colors.shade), (self._marks, colors.shade_mark)):
            plane.save()
            plane.clipPath(path, doAntiAlias=True)
            self._fill.setColor(color)
            plane.drawPath(lit, self._fill)
            plane.restore()

    def darken(self, path: Path, label: int) -> None:
        """A shadow of a given shape on something that has a label."""
        if self.shading:
            colors = self.palette.paints[label]
            self._fill.setColor(colors.shade)
            self._color.drawPath(path, self._fill)
            self._fill.setColor(colors.shade_mark)
            self._marks.drawPath(path, self._fill)

    def lighten(self, path: Path, label: int, paper: bool = True) -> None:
        """A highlight of a given shape; in black and white it is paper, or not seen."""
        colors = self.palette.paints[label]
        self._fill.setColor(colors.light)
        self._color.drawPath(path, self._fill)
        if paper:
            self._fill.setColor(PAPER)
            self._marks.drawPath(path, self._fill)

    def wash(self, path: Path, start: Point, end: Point, first: int, second: int) -> None:
        """Runs from one colour (ARGB) to another over a path, in the shaded colours alone."""
        shader = skia.GradientShader.MakeLinear(
            [skia.Point(*start), skia.Point(*end)], [first, second]
        )
        self._color.drawPath(path, skia.Paint(AntiAlias=True, Shader=shader))

    def fade(self, path: Path, start: Point, end: Point, first: float, second: float) -> None:
        """Tone that runs from one density to another over a path, on which nothing is drawn yet."""
        colors = [0xFFFF0000 | round(tone * 255) << 8 for tone in (first, second)]
        shader = skia.GradientShader.MakeLinear([skia.Point(*start), skia.Point(*end)], colors)
        self._marks.drawPath(path, skia.Paint(AntiAlias=True, Shader=shader))

    def outline(self, path: Path, weight: float = 1.0, whole: bool = False) -> None:
        """A line along a path, heavier on the side away from light; `whole` has no gaps."""
        width = self.pen(weight)
        paint = self._stroke
        paint.setStrokeWidth(width)
        self._count += 1
        broken = not whole and self.gaps and (self._count * 0.6180339887) % 1 < self.gaps
        if broken:
            # A path effect cannot be taken off a paint again.
            paint = skia.Paint(paint)
            dashes = [(14 + self._count % 23) * width, 3.5 * width]
            paint.setPathEffect(skia.DashPathEffect.Make(dashes, self._count % 17 * width))
        self._marks.drawPath(path, paint)
        if not broken and weight >= 0.8:
            self._marks.save()
            self._marks.translate(
                -self.light[0] * width * 0.35 * self._mirrored, -self.light[1] * width * 0.35
            )
            paint.setStrokeWidth(width * 0.7)
            self._marks.drawPath(path, paint)
            self._marks.restore()

    def line(self, a: Point, b: Point, c: Point, weight: float = 1.0, start: float = 0.2) -> None:
        """A tapered line from `a` to `c`, bent towards `b`; `start` is the width at `a`."""
        width = self.pen(weight)
        self.black(spindle(a, b, c, width * start, width, width * 0.15))

    def black(self, path: Path) -> None:
        """Fills a path with ink, as part of the lines."""
        self._fill.setColor(LINE)
        self._marks.drawPath(path, self._fill)

    def white(self, path: Path, label: int) -> None:
        """A mark of white on whatever is there, as on black hair or as a glint in an eye."""
        self._fill.setColor(0xFFFFFFFF)
        self._color.drawPath(path, self._fill)
        self._fill.setColor(PAPER)
        self._marks.drawPath(path, self._fill)
        self._hard.setColor(0xFF000000 | label)
        self._ids.drawPath(path, self._hard)

    def tint(self, path: Path, color: int) -> None:
        """Lays a transparent colour (ARGB) over the shaded colours alone."""
        self._fill.setColor(color)
        self._color.drawPath(path, self._fill)

    def layers(self) -> Layers:
        """What was drawn; the canvas must not be drawn on any more."""
        color, marks, ids = self._arrays
        labels = np.left_shift(ids[:, :, 1], 8, dtype=np.uint16) | ids[:, :, 2]
        red, green, blue = (np.ascontiguousarray(marks[:, :, i]) for i in range(3))
        # Saturating: red and blue overlap by rounding only.
        ink = red + np.minimum(blue, 255 - red)
        return Layers(ink, blue, green, np.ascontiguousarray(color[:, :, :3]), labels)
