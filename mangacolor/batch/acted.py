"""What a person painted and said of the pages of a chapter, as a model follows it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

from mangacolor.batch.events import Listener, Notice, nobody
from mangacolor.batch.references import Reference
from mangacolor.batch.stroked import Stroked
from mangacolor.chapter.act_values import Point
from mangacolor.chapter.acts import Act
from mangacolor.chapter.said import Figured, Lesson, Said
from mangacolor.config import Look
from mangacolor.errors import MangacolorError
from mangacolor.runtime.color import ColoredPage, ColorModel, ReadyPage, References, Told
from mangacolor.runtime.figures import Figure, figure_colors, owned
from mangacolor.runtime.parted import Cut, Grain, Join, Part, area_at
from mangacolor.runtime.reference_areas import ReferenceAreas, joined

__all__ = ["Acted", "numbers_of"]

# What references are called by acts, and their numbers.
Numbers = Mapping[tuple[str, int], int]


def numbers_of(pictures: Sequence[Reference]) -> Numbers:
    """Numbers of references by the SHA-256 of their file and their piece."""
    return {(picture.sha256, picture.piece): i for i, picture in enumerate(pictures)}


class Acted:
    """What a chapter's pages are coloured after: references, strokes, and what was said.

    Threads may ask side by side; lessons are learned when `learn` is told to.

    Args:
        model: an open one that follows strokes.
        references: what the chapter is coloured after; lessons come on top of them.
        numbers: of the references.
        read: gives a page by its name, ready and not parted; raises as the page's reading does.
        stroked: what strokes say of pages, by name; what was said goes before.
        tell: gets a `Notice` of acts that mean nothing.

    Attributes:
        said: the acts.
    """

    def __init__(
        self,
        said: Said,
        model: ColorModel,
        references: References,
        numbers: Numbers,
        read: Callable[[str], ReadyPage | None],
        stroked: Mapping[str, Stroked],
        tell: Listener = nobody,
    ) -> None:
        self.said = said
        self._model, self._base, self._numbers = model, references, numbers
        self._read, self._stroked, self._tell = read, stroked, tell
        self._learned: dict[Lesson, ReferenceAreas | None] = {}
        self._joined: dict[tuple[Lesson, ...], References] = {}

    def learn(self, pages: Iterable[str]) -> None:
        """Learns what some pages are to follow, each page that teaches anything being read once."""
        wanted = {x for page in pages for x in self.said.lessons(page)} - self._learned.keys()
        order = sorted(wanted, key=lambda lesson: (lesson.page, repr(lesson.parts)))
        for (page, parts), lessons in itertools.groupby(order, key=lambda x: (x.page, x.parts)):
            self._learn(page, parts, list(lessons))

    def _learn(self, page: str, parts: Sequence[Act], lessons: list[Lesson]) -> None:
        try:
            ready = self._read(page)
        except MangacolorError as error:
            # A page that cannot be read says so in its turn.
            self._tell(Notice(f"{error.message} What was said of it is left out"))
            ready = None
        if ready is None or ready.seen is None:
            self._learned |= dict.fromkeys(lessons)
            return
        shape = ready.grey.shape
        ready = self._model.parted(ready, _parts(parts, shape))
        # A painter is none of the areas' business.
        ready = dataclasses.replace(ready, look=self._model.sized_look(Look()))
        # After the references alone: nothing that was said decides on what is learned of it.
        (colored,) = self._model.color([ready], self._base)
        assert colored.areas is not None
        for lesson in lessons:
            told = self._lesson(ready, colored, lesson)
            learned = self._model.taught(colored, told) if told else None
            figure = lesson.figure and self._figure(page, lesson.figure, shape)
            self._learned[lesson] = (learned and figure and owned(learned, figure)) or learned

    def _lesson(self, ready: ReadyPage, colored: ColoredPage, lesson: Lesson) -> Told:
        """The colours that a lesson gives areas of its page."""
        shape = ready.grey.shape
        assert colored.areas is not None
        if lesson.given is not None:
            area = area_at(colored.areas.areas, _share(lesson.given.at, shape))
            return {area: lesson.given.color} if area else {}
        figure = lesson.figure and self._figure(lesson.page, lesson.figure, shape)
        if not figure:
            return {}
        (found,) = self._model.color([dataclasses.replace(ready, figures=(figure,))], self._base)
        assert found.areas is not None
        return figure_colors(found.areas, figure)

    def _figure(self, name: str, figure: Figured, shape: tuple[int, ...]) -> Figure | None:
        """Who it is, by the number of the reference; None if that is none here, which is told."""
        of = figure.of
        number = self._numbers.get((of.sha256, of.piece))
        if number is None:
            self._tell(Notice(f"{name}: a figure is of a picture that is no reference here"))
            return None
        (x0, y0), (x1, y1) = _share(figure.box[:2], shape), _share(figure.box[2:], shape)
        return Figure((x0, y0, x1, y1), number, of.box)

    def ready(self, name: str, page: ReadyPage) -> ReadyPage:
        """A page with its areas cut and joined, and its figures told."""
        shape = page.grey.shape
        page = self._model.parted(page, self.stroked(name).parts)
        page = self._model.parted(page, _parts(self.said.parts(name), shape))
        found = (self._figure(name, figure, shape) for figure in self.said.figures(name))
        return dataclasses.replace(page, figures=tuple(x for x in found if x is not None))

    def stroked(self, name: str) -> Stroked:
        """What strokes say of a page."""
        return self._stroked.get(name, Stroked())

    def told(self, name: str, page: ReadyPage) -> dict[int, tuple[int, int, int]]:
        """The colours that a person gave areas of a page, which `ready` gave."""
        found, outside = {**self.stroked(name).told}, 0
        if page.seen is None:
            return found
        for given in self.said.given(name):
            area = area_at(page.seen.areas, _share(given.at, page.grey.shape))
            if area:
                found[area] = given.color
            outside += not area
        if outside:
            what = "a colour was" if outside == 1 else f"{outside} colours were"
            self._tell(Notice(f"{name}: {what} given where the page has no area"))
        return found

    def references(self, name: str) -> References:
        """What a page is coloured after, of what was learned."""
        return self.with_lessons(self.said.lessons(name))

    def with_lessons(self, lessons: Sequence[Lesson]) -> References:
        """The references and some lessons that were learned."""
        if not lessons:
            return self._base
        key = tuple(lessons)
        # Threads may ask side by side: what one of them clears another has all the same.
        found = self._joined.get(key)
        if found is None:
            known = [areas for x in lessons if (areas := self._learned.get(x)) is not None]
            assert self._base.areas is not None
            if len(self._joined) > 8:
                self._joined.clear()
            found = self._joined[key] = (
                self._base.with_areas(joined([self._base.areas, *known])) if known else self._base
            )
        return found

    def again(self, said: Said) -> Acted:
        """The same after other acts; what was learned is kept."""
        other = Acted(said, self._model, self._base, self._numbers, self._read, self._stroked)
        other._learned, other._tell = self._learned, self._tell
        return other


def _share(point: Point, shape: tuple[int, ...]) -> Point:
    return (point[0] / shape[1], point[1] / shape[0])


def _parts(acts: Sequence[Act], shape: tuple[int, ...]) -> list[Part]:
    found: list[Part] = []
    for act in acts:
        if act.kind == "cut" and act.line is not None:
            found.append(Cut(tuple(_share(point, shape) for point in act.line)))
        elif act.kind == "join" and act.at is not None and act.to is not None:
            found.append(Join(_share(act.at, shape), _share(act.to, shape)))
        elif act.kind == "grain" and act.circle is not None and act.level:
            x, y, radius = act.circle
            found.append(Grain(_share((x, y), shape), radius / shape[1], act.level))
    return found
