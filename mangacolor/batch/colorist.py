"""Colours prepared pages with one engine, as large as memory allows."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mangacolor.batch.acted import Acted
from mangacolor.batch.backoff import GroupSize
from mangacolor.batch.events import Listener, Notice, Smaller
from mangacolor.batch.prepared import Ended, Prepared, prepare
from mangacolor.batch.stroked import Stroked
from mangacolor.chapter.book import Sheet, check_one_file
from mangacolor.chapter.plan import Task
from mangacolor.config import BatchConfig, Look
from mangacolor.errors import MemoryLimitError, ModelError
from mangacolor.images.geometry import UInt8
from mangacolor.images.own_color import keep_own
from mangacolor.runtime.color import ColoredPage, References
from mangacolor.runtime.engine import Engine
from mangacolor.runtime.prepare import BUCKET

__all__ = ["Colored", "Colorist"]

# Pages of one shape that go through the engine together; the CPU gains nothing by it.
_TOGETHER = {"cuda": 4, "tensorrt": 4}
# Pages at the start that may be in colour, when a page is looked for to warm up with.
_COVERS = 4
# When memory is not enough, the next size tried, and the last.
_SHRINK, _SMALLEST = 0.75, 128


@dataclasses.dataclass(frozen=True)
class Colored:
    """A page as it was prepared, and coloured."""

    page: Prepared
    colored: ColoredPage


class Colorist:
    """An engine and what a chapter is coloured after.

    Args:
        engine: coloured with.
        references: what they offer.
        config: of the chapter.
        job: digest of references, model and settings.
        stroked: what strokes say of pages, by name.
        small: sizes and fingerprints of pages that are done, but smaller than was asked for.
        tell: called for notices, and when a smaller size is gone on at.
        acted: what a person said of pages in `review`.

    Attributes:
        size, asked: longer side at which is painted now, and at first; 0 where no size decides on
            how a page comes out.
        model_error: the first error of the model, if there was one.
    """

    def __init__(
        self,
        engine: Engine,
        references: References,
        config: BatchConfig,
        job: str,
        stroked: Mapping[str, Stroked],
        small: Mapping[str, tuple[int, str]],
        tell: Listener,
        acted: Acted | None = None,
    ) -> None:
        self._acted = acted
        self._model, look = engine.model, engine.model.sized_look(config.look)
        self.size = self.asked = (look.size or 0) if self._model.sized(look) else 0
        self.model_error: ModelError | None = None
        self._engine, self._references, self._config = engine, references, config
        self._look, self._job = look, job
        self._stroked, self._small, self._tell = stroked, small, tell
        # Pages that go through the engine together: fewer once memory was not enough.
        together = _TOGETHER.get(engine.device, 1) if self.asked else 1
        self._group = GroupSize(together)

    @property
    def device(self) -> str:
        return self._engine.device

    @property
    def together(self) -> int:
        """How many pages of one shape are best coloured together now."""
        return self._group.now

    @property
    def stroked(self) -> Mapping[str, Stroked]:
        """What strokes say of pages, by name."""
        return self._stroked

    def follow(self, acted: Acted) -> None:
        """Colours pages after other acts from now on."""
        self._acted = acted

    def warm_up(self, tasks: Sequence[Task]) -> None:
        """Colours a blank page of the first page's shape, where a device sets itself up for shapes.

        So no page's time holds the set-up, and pages per second are true from the first page on.
        """
        if self._engine.device == "cpu":
            return
        count = min(len(tasks), self._group.now)
        # What fails here fails again, and is told, with its page.
        with contextlib.suppress(Exception):
            # Often the first page is a cover, in colour already.
            looked = (self.prepare(Sheet(x), self._config.recolor) for x in tasks[:_COVERS])
            first = next((page for page in looked if isinstance(page, Prepared)), None)
            if first is None:
                return
            # A blank page has no areas: what sees and matches is set up by the page itself.
            grey = first.page.grey if not self.asked else np.full_like(first.page.grey, 255)
            blank = self._model.ready(grey, self._sized_look())
            self._model.color([blank] * count, self._references)

    def _sized_look(self) -> Look:
        return dataclasses.replace(self._look, size=self.size or self._look.size)

    def prepare(self, sheet: Sheet, recolor: bool) -> Prepared | Ended:
        """A page at the size that memory allows; raises as `prepare` and `check_one_file` do."""
        size, mark = self._small.get(sheet.task.name, (0, ""))
        if size and size >= self.size:
            return Ended(sheet, mark)
        ready = prepare(sheet, self._job, self._model, self._sized_look(), recolor)
        check_one_file(ready.sheet, self._config.format)
        stroked = self._stroked.get(sheet.task.name)
        if stroked is not None and stroked.parts and isinstance(ready, Prepared):
            parted = self._model.parted(ready.ready, stroked.parts)
            ready = dataclasses.replace(ready, ready=parted)
        if self._acted is not None and isinstance(ready, Prepared) and ready.sheet.book is None:
            return dataclasses.replace(ready, ready=self._acted.ready(sheet.task.name, ready.ready))
        return ready

    def colors(self, group: list[Prepared]) -> Iterator[Colored | Ended]:
        """The pages in colour, in their order; what fails together goes alone.

        Args:
            group: pages whose line art has one shape.
        """
        if any(self.size_of(page) > self.size for page in group):
            # Prepared before memory ran out.
            for page in group:
                yield from self._again(page)
            return
        try:
            colored = self._color(group)
        except Exception as error:
            if len(group) > 1:
                memory = isinstance(error, MemoryLimitError)
                if memory:
                    self._part(len(group))
                while group:
                    count = self._group.now if memory else 1
                    yield from self.colors(group[:count])
                    group = group[count:]
            elif isinstance(error, MemoryLimitError) and self._shrink(self.size_of(group[0])):
                yield from self._again(group[0])
            else:
                if isinstance(error, ModelError):
                    self.model_error = self.model_error or error
                yield Ended(group[0].sheet, error=error)
            return
        self._group.went_well(len(group))
        yield from map(Colored, group, colored)

    def size_of(self, page: Prepared) -> int:
        """The longer side at which a page was made ready; 0 where that decides on nothing."""
        return (page.ready.look.size or 0) if self.asked else 0

    def _color(self, group: list[Prepared]) -> list[ColoredPage]:
        for page in group:
            seen = page.ready.seen
            left_out = 0 if seen is None else sum(view.left_out for view in seen.views)
            if left_out:
                words = (
                    f"has more areas than are matched; the {left_out} smallest take a neighbour's"
                )
                self._tell(Notice(f"{page.page.name} {words} colour"))
        ready = [page.ready for page in group]
        nothing = Stroked()
        told = [self._stroked.get(page.sheet.task.name, nothing).told for page in group]
        if self._acted is not None:
            return [
                self._model.color(
                    [one], self._acted.references(page.sheet.task.name), [{**by_stroke, **by_act}]
                )[0]
                for page, one, by_stroke in zip(group, ready, told, strict=True)
                for by_act in [self._acted.told(page.sheet.task.name, one)]
            ]
        try:
            return self._model.color(ready, self._references, told)
        except MemoryLimitError:
            if self.asked or len(group) > 1:
                raise
            # No smaller size would need less: what is left is memory without former pages.
            self._empty()
            return self._model.color(ready, self._references, told)

    def _again(self, page: Prepared) -> Iterator[Colored | Ended]:
        """The same page at the size that memory allows now."""
        try:
            smaller = self.prepare(page.sheet, recolor=True)
        except Exception as error:
            smaller = Ended(page.sheet, error=error)
        if isinstance(smaller, Prepared):
            yield from self.colors([smaller])
        else:
            yield smaller

    def composed(self, colored: Colored) -> UInt8:
        """A page at its own size, uint8 (H, W, 3) sRGB: its own ink over its colour, and what
        colour it had already.
        """
        page, picture = colored.page.page, colored.colored.picture
        if page.own is None or self._config.recolor:
            return picture
        return keep_own(picture, page.own.color, page.own.places)

    def _part(self, failed: int) -> None:
        """Goes on with half as many pages at a time and emptied memory."""
        self._group.failed(failed)
        self._empty()

    def _empty(self) -> None:
        """Opens the model anew: its memory holds nothing of former pages."""
        self._engine.reopen()

    def _shrink(self, failed: int) -> bool:
        """Goes on at the next smaller size with emptied memory; False if there is none."""
        size = min(self.size, int(failed * _SHRINK) // BUCKET * BUCKET)
        if size < _SMALLEST:
            return False
        self.size = size
        self._empty()
        self._tell(Smaller(size))
        return True
