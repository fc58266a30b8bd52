"""Colours prepared pages with one engine, as large as memory allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from mangacolor.batch.acted import Acted
from mangacolor.batch.backoff import Room
from mangacolor.batch.events import Listener, Smaller
from mangacolor.batch.sheet import Sheet, prepare
from mangacolor.config import Look
from mangacolor.errors import MemoryLimitError, ModelError
from mangacolor.runtime.color import ColoredPage
from mangacolor.runtime.engine import Engine

__all__ = ["Colorist"]

# Pages of one shape that go through the engine together; the CPU gains nothing by it.
_TOGETHER = {"cuda": 4, "tensorrt": 4}


class Colorist:
    """An engine and what a chapter is coloured after.

    Args:
        engine: coloured with.
        acted: references, and what a person painted and said.
        look: how pages are to be coloured.
        job: digest of references, model and settings.
        small: sizes and fingerprints of pages that are done, but smaller than was asked for.
        tell: called when a smaller size is gone on at.

    Attributes:
        engine, acted: as above; others may be followed from now on.
        room: for how much there is memory.
        model_error: the first error of the model, if there was one.
    """

    def __init__(
        self,
        engine: Engine,
        acted: Acted,
        look: Look,
        job: str,
        small: Mapping[str, tuple[int, str]],
        tell: Listener,
    ) -> None:
        self.acted, self._job = acted, job
        self.engine, self._small, self._tell = engine, small, tell
        self._model, self._look = engine.model, engine.model.sized_look(look)
        size = (self._look.size or 0) if self._model.sized(self._look) else 0
        self.room = Room(size, _TOGETHER.get(engine.device, 1) if size else 1)
        self.model_error: ModelError | None = None

    def prepare(self, sheet: Sheet) -> Sheet:
        """A page at the size that memory allows; raises as `prepare` does."""
        name, room = sheet.task.name, self.room
        size, mark = self._small.get(name, (0, ""))
        if size and size >= room.size:
            return dataclasses.replace(sheet.emptied(), mark=mark, small=size)
        look = dataclasses.replace(self._look, size=room.size or self._look.size)
        sheet = prepare(sheet, self._job, self._model, look)
        if sheet.ready is None or sheet.book is not None:
            return sheet
        return dataclasses.replace(sheet, ready=self.acted.ready(name, sheet.ready))

    def colors(self, group: list[Sheet]) -> Iterator[Sheet]:
        """The pages in colour, in their order; what fails together goes alone.

        Args:
            group: pages whose line art has one shape, or one that is not to be coloured.
        """
        room = self.room
        size = max(room.size_of(sheet.ready) for sheet in group)
        if not group[0].waits:
            yield from group
            return
        if size > room.size:
            # Prepared before memory ran out.
            for sheet in group:
                yield from self.colors([self._again(sheet)])
            return
        try:
            colored = self._color(group)
        except Exception as error:
            memory = isinstance(error, MemoryLimitError) and room.failed(len(group), size)
            if memory:
                # Its memory holds nothing of former pages then.
                self.engine.reopen()
                if room.size < size:
                    self._tell(Smaller(room.size))
            if memory or len(group) > 1:
                while group:
                    count = room.together if memory else 1
                    yield from self.colors(group[:count])
                    group = group[count:]
                return
            if isinstance(error, ModelError):
                self.model_error = self.model_error or error
            yield dataclasses.replace(group[0], error=error)
            return
        room.group.went_well(len(group))
        small = size if size < room.asked else 0
        for sheet, one in zip(group, colored, strict=True):
            yield dataclasses.replace(sheet, colored=one, painted=True, small=small)

    def _color(self, group: list[Sheet]) -> list[ColoredPage]:
        ready = [sheet.ready for sheet in group if sheet.ready is not None]
        names = [sheet.task.name for sheet in group]
        told = [self.acted.told(name, page) for name, page in zip(names, ready, strict=True)]
        after = [self.acted.references(name) for name in names]

        def color() -> list[ColoredPage]:
            if all(one is after[0] for one in after):
                return self._model.color(ready, after[0], told)
            alone = zip(ready, after, told, strict=True)
            return [self._model.color([one], known, [by])[0] for one, known, by in alone]

        try:
            return color()
        except MemoryLimitError:
            if self.room.asked or len(group) > 1:
                raise
            # No smaller size would need less: what is left is memory without former pages.
            self.engine.reopen()
            return color()

    def _again(self, sheet: Sheet) -> Sheet:
        """The same page at the size that memory allows now."""
        try:
            return self.prepare(sheet)
        except Exception as error:
            return dataclasses.replace(sheet, error=error)
