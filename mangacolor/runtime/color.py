"""The one way from an open model, a page and its references to a coloured page.

`batch`, `eval`, `finetune`, `doctor`, `export --calibrate`, the library and the benchmarks all go
it: `color_page`, or the same in its three parts where they are to run side by side: `model.ready`
(any thread; of the networks, the one of surfaces), `model.color` (the others), `colored.picture`
(none).
"""

from __future__ import annotations

import abc
import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mangacolor.config import Look
from mangacolor.images.geometry import Float32, UInt8, crop, to_uint8
from mangacolor.images.tones import smooth_tones
from mangacolor.runtime.colored_areas import ColoredAreas
from mangacolor.runtime.compose import Known, compose
from mangacolor.runtime.networks import Networks, StyleTensors
from mangacolor.runtime.prepare import Lineart, to_lineart
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.seen import SeenPage
from mangacolor.styles import Family, family_of

if TYPE_CHECKING:
    from mangacolor.runtime.figures import Figure
    from mangacolor.runtime.parted import Part

__all__ = [
    "ColorModel",
    "ColoredPage",
    "PainterModel",
    "ReadyPage",
    "References",
    "Told",
    "color_page",
]

# Areas of a page and the colours that a person gave them.
Told = Mapping[int, Sequence[int]]


@dataclasses.dataclass(frozen=True)
class ReadyPage:
    """A page ready for the networks.

    Attributes:
        grey: uint8 (H, W), 0 ink ... 255 paper, as it is.
        shaded: uint8 (H, W), its screentone smoothed.
        look: how it is to be coloured, with its size.
        lineart: what a painter sees; None where none is expected to work on it.
        seen: its areas, for a model of areas.
        figures: who is who on it, as far as a person said so.
        known: what no colour decides on, as soon as it is known.
    """

    grey: UInt8
    shaded: UInt8
    look: Look
    lineart: Lineart | None = None
    seen: SeenPage | None = None
    figures: tuple[Figure, ...] = ()
    known: Known = dataclasses.field(default_factory=Known)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of the line art: pages of one shape can be painted together."""
        return None if self.lineart is None else self.lineart.signed.shape


@dataclasses.dataclass(frozen=True)
class ColoredPage:
    """A page and its colour.

    Attributes:
        page: as it was ready.
        areas: its areas in their colours, how sure and why, if the model knows areas.
        painted: uint8 (h, w, 3) sRGB, the painter's picture, if it had to work.
    """

    page: ReadyPage
    areas: ColoredAreas | None = None
    painted: UInt8 | None = None

    @functools.cached_property
    def picture(self) -> UInt8:
        """The page in colour at its own size, its own ink on top: uint8 (H, W, 3) sRGB."""
        page = self.page
        return compose(page.grey, self.painted, page.look, page.shaded, self.areas, page.known)


class References:
    """What the references of a work offer to a model.

    Args:
        pictures: what read them, uint8 (H, W, 3) sRGB each; asked when a painter needs them.
        areas: theirs, for a model of areas.
    """

    def __init__(
        self, pictures: Sequence[Callable[[], UInt8]], areas: ReferenceAreas | None = None
    ) -> None:
        self.pictures, self.areas = pictures, areas
        self._style: StyleTensors | None = None

    def style(self, networks: Networks) -> StyleTensors:
        """Their style, read once, when it is first asked for."""
        if self._style is None:
            self._style = networks.style_of([read() for read in self.pictures])
        return self._style

    def with_areas(self, areas: ReferenceAreas) -> References:
        """The same with other areas."""
        other = References(self.pictures, areas)
        other._style = self._style
        return other


class ColorModel(abc.ABC):
    """An open model; which of its kinds, is told where it is opened and nowhere else.

    Attributes:
        family: what networks of its style have.
        networks: wherever they run.
    """

    family: Family

    def __init__(self, networks: Networks) -> None:
        self.networks = networks

    def sized(self, look: Look) -> bool:
        """Whether the size at which is painted decides on how a page comes out."""
        return self.family.sized(flats=look.flats)

    @abc.abstractmethod
    def see(self, picture: UInt8, worn: UInt8 | None = None) -> ReferenceAreas | None:
        """Describes one reference, uint8 (H, W, 3) sRGB, alone, as far as that can be done.

        Args:
            picture: as it is.
            worn: the same in other colours, which its areas are to have.
        """

    @abc.abstractmethod
    def gather(
        self,
        seen: Sequence[ReferenceAreas | None],
        pictures: Sequence[Callable[[], UInt8]],
    ) -> References:
        """Several references as one: what `see` gave for each, and what reads each."""

    @abc.abstractmethod
    def ready(self, grey: UInt8, look: Look) -> ReadyPage:
        """A page ready for the networks, its areas found; threads may ask side by side.

        Args:
            grey: uint8 (H, W), 0 ink ... 255 paper.
            look: how it is to be coloured.
        """

    @abc.abstractmethod
    def color(
        self, pages: Sequence[ReadyPage], references: References, told: Sequence[Told] = ()
    ) -> list[ColoredPage]:
        """Colours pages of one shape.

        Args:
            pages: of one `shape`.
            references: of `gather`.
            told: colours of areas by hand, as many as pages or none.

        Raises:
            MemoryLimitError: the device's memory is not enough.
            ModelError: a network fails or gives what is not finite.
        """

    def parted(self, page: ReadyPage, parts: Sequence[Part]) -> ReadyPage:
        """The page with areas that a person cut and joined, where the model knows areas."""
        return page

    def learn(self, page: ColoredPage, told: Told, references: References) -> References:
        """The references with what areas teach that a person gave a colour.

        Args:
            page: coloured without them, whose areas they are.
            told: area to colour.
            references: what was known before; the same of a model without areas.
        """
        return references

    def learn_corrected(
        self,
        page: ReadyPage,
        picture: UInt8,
        number: int | None,
        base: References,
        known: References,
    ) -> tuple[References, str]:
        """What is known with what a page teaches that a person corrected.

        Args:
            page: the page.
            picture: uint8 (H, W, 3) sRGB, as the person has it, at any size.
            number: that the picture has among the references; None if it cannot be one.
            base: the references without any such page.
            known: what was known before.

        Returns:
            What is known then, and why that is no more; empty if it is.
        """
        own: Callable[[], UInt8] = functools.partial(np.asarray, picture)
        pictures = [*known.pictures, own]
        return self.gather([None] * len(pictures), pictures), ""

    def taught(self, page: ColoredPage, told: Told) -> ReferenceAreas | None:
        """The same without the references; None where nothing is learned."""
        return None

    def see_all(self, pictures: Sequence[UInt8]) -> References:
        """References that are at hand as arrays, uint8 (H, W, 3) sRGB each."""
        seen = [self.see(picture) for picture in pictures]
        return self.gather(seen, [functools.partial(np.asarray, x) for x in pictures])

    def sized_look(self, look: Look) -> Look:
        """The same look with its size, the model's own if it has none."""
        return dataclasses.replace(look, size=look.size or self.networks.page_size)

    def lineart_of(self, shaded: UInt8, look: Look) -> Lineart:
        """What the painter sees of a page whose screentone is smoothed."""
        own = self.networks
        size = look.size or own.page_size
        return to_lineart(shaded, size, own.size_multiple, own.minimum_size)

    def paint(
        self,
        linearts: Sequence[Lineart],
        references: References,
        hints: Float32 | None = None,
    ) -> list[UInt8]:
        """The painter's pictures of line art of one shape, uint8 (h, w, 3) each, unpadded."""
        signed = np.stack([lineart.signed for lineart in linearts])
        colors = self.networks.color(signed, references.style(self.networks), hints)
        return [
            crop(to_uint8(color.transpose(1, 2, 0)), *lineart.fitted)
            for color, lineart in zip(colors, linearts, strict=True)
        ]


class PainterModel(ColorModel):
    """A model whose painter colours the whole page: the paper's, and style `attention`."""

    family = family_of("levels")

    def see(self, picture: UInt8, worn: UInt8 | None = None) -> None:
        return None

    def gather(
        self,
        seen: Sequence[ReferenceAreas | None],
        pictures: Sequence[Callable[[], UInt8]],
    ) -> References:
        references = References(pictures)
        # What cannot be read is to be told before the first page.
        references.style(self.networks)
        return references

    def ready(self, grey: UInt8, look: Look) -> ReadyPage:
        look, shaded = self.sized_look(look), smooth_tones(grey)
        return ReadyPage(grey, shaded, look, self.lineart_of(shaded, look))

    def color(
        self, pages: Sequence[ReadyPage], references: References, told: Sequence[Told] = ()
    ) -> list[ColoredPage]:
        linearts = [page.lineart for page in pages if page.lineart is not None]
        painted = self.paint(linearts, references)
        return [ColoredPage(page, None, x) for page, x in zip(pages, painted, strict=True)]


def color_page(
    model: ColorModel, grey: UInt8, references: References, look: Look | None = None
) -> ColoredPage:
    """Colours one page.

    Args:
        model: an open one.
        grey: uint8 (H, W), 0 ink ... 255 paper.
        references: of the model's `gather` or `see_all`.
        look: how; as `batch` does by itself if left out.
    """
    (colored,) = model.color([model.ready(grey, look or Look())], references)
    return colored
