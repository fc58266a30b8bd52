"""What acts say of each page of a chapter, whatever models make of it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Sequence

from mangacolor.chapter.act_values import RGB, Box, Of, Point, Scope
from mangacolor.chapter.acts import Act, effective

__all__ = ["PARTING", "Figured", "Given", "Lesson", "Said"]

# Acts that change which areas a page has.
PARTING = ("cut", "join", "grain")


@dataclasses.dataclass(frozen=True)
class Given:
    """A colour that a person gave an area, by a point in it."""

    at: Point
    color: RGB
    scope: Scope


@dataclasses.dataclass(frozen=True)
class Figured:
    """Who somebody on a page is; what looks like them in the chapter follows, or nothing does."""

    box: Box
    of: Of
    scope: Scope = "this"

    def has(self, point: Point) -> bool:
        """Whether a point of the page is within."""
        x0, y0, x1, y1 = self.box
        return x0 <= point[0] <= x1 and y0 <= point[1] <= y1


@dataclasses.dataclass(frozen=True)
class Lesson:
    """What areas of other pages may follow: a colour, or a figure's.

    Attributes:
        page: on which it was given.
        given: which; None for all colours of the figure.
        parts: cuts and joins of that page: what the area is.
        figure: whose it is, if that was said: then it is followed by what is said to be that figure
            and what nobody knows of, but not by other figures.
    """

    page: str
    given: Given | None
    parts: tuple[Act, ...]
    figure: Figured | None = None


class Said:
    """What is left of all acts, by page.

    Args:
        acts: in order, undone ones among them.
    """

    def __init__(self, acts: Sequence[Act] = ()) -> None:
        self.acts = effective(acts)
        self._known: dict[int | None, dict[str, list[Lesson]]] = {}
        self._digests: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self.acts)

    @functools.cached_property
    def pages(self) -> list[str]:
        """Names of the pages on which something was done, in order of the first act."""
        return list(dict.fromkeys(act.page for act in self.acts))

    @functools.cached_property
    def _done(self) -> dict[str, int]:
        """Pages that are ticked, and how many acts there were before."""
        found: dict[str, int] = {}
        for number, act in enumerate(self.acts):
            if act.kind == "done":
                found.setdefault(act.page, number)
            elif act.kind == "open":
                found.pop(act.page, None)
        return found

    def is_done(self, page: str) -> bool:
        """Whether a person ticked the page: what is said of others later changes nothing on it."""
        return page in self._done

    def parts(self, page: str, before: int | None = None) -> tuple[Act, ...]:
        """Cuts and joins of a page, in order; only of the first so many acts, if that is said.

        Of what was said of one circle the last counts.
        """
        acts = [act for act in self._of_page(page, before) if act.kind in PARTING]
        last = {act.circle: number for number, act in enumerate(acts)}
        return tuple(
            act
            for number, act in enumerate(acts)
            if act.kind != "grain" or (act.level and last[act.circle] == number)
        )

    def figures(self, page: str, before: int | None = None) -> list[Figured]:
        """Boxes on a page, and who is in each; of one box the last counts."""
        found: dict[Box, Figured] = {}
        for act in self._of_page(page, before):
            if act.kind == "figure" and act.box and act.of:
                found.pop(act.box, None)
                found[act.box] = Figured(act.box, act.of, act.scope or "this")
        return list(found.values())

    def given(self, page: str, before: int | None = None) -> tuple[Given, ...]:
        """The colours that were given on a page: of one point the last."""
        found: dict[Point, Given] = {}
        for act in self._of_page(page, before):
            if act.at is None:
                continue
            if act.kind in ("set", "clear"):
                found.pop(act.at, None)
            if act.kind == "set" and act.color is not None and act.scope is not None:
                found[act.at] = Given(act.at, act.color, act.scope)
        return tuple(found.values())

    @functools.cached_property
    def _by_page(self) -> dict[str, list[tuple[int, Act]]]:
        found: dict[str, list[tuple[int, Act]]] = {}
        for number, act in enumerate(self.acts):
            found.setdefault(act.page, []).append((number, act))
        return found

    def _of_page(self, page: str, before: int | None = None) -> list[Act]:
        acts = self._by_page.get(page, [])
        return [act for number, act in acts if before is None or number < before]

    def lessons(self, page: str) -> list[Lesson]:
        """What a page may follow: what was said of it and its like, and of others for all pages."""
        before = self._done.get(page)
        taught = self._taught(before)
        own = self._lessons(page, None, ("page", "chapter"))
        return [
            lesson
            for other in sorted({*taught, page})
            for lesson in (own if other == page else taught[other])
        ]

    def _taught(self, before: int | None) -> dict[str, list[Lesson]]:
        """What pages teach the whole chapter, by page; only by the first so many acts."""
        if before not in self._known:
            found = {page: self._lessons(page, before, ("chapter",)) for page in self.pages}
            self._known[before] = {page: lessons for page, lessons in found.items() if lessons}
        return self._known[before]

    def _lessons(self, page: str, before: int | None, scopes: tuple[Scope, ...]) -> list[Lesson]:
        parts, figures = self.parts(page, before), self.figures(page, before)
        # Of several boxes the last counts.
        return [
            *(Lesson(page, None, parts, x) for x in figures if x.scope in scopes),
            *(
                Lesson(page, x, parts, next((y for y in figures[::-1] if y.has(x.at)), None))
                for x in self.given(page, before)
                if x.scope in scopes
            ),
        ]

    def digest_of(self, page: str) -> str:
        """Of all that decides on a page; empty if nothing does."""
        if page not in self._digests:
            self._digests[page] = self._digest_of(page)
        return self._digests[page]

    def _digest_of(self, page: str) -> str:
        own = [act.to_record() for act in self.parts(page)]
        figures = [dataclasses.astuple(figure) for figure in self.figures(page)]
        given = [dataclasses.astuple(given) for given in self.given(page)]
        taught = self._taught(self._done.get(page))
        lessons = [
            [
                x.page,
                *(y and dataclasses.astuple(y) for y in (x.given, x.figure)),
                [part.to_record() for part in x.parts],
            ]
            for other in sorted(taught)
            for x in taught[other]
            if other != page
        ]
        if not (own or figures or given or lessons):
            return ""
        facts = json.dumps([own, figures, given, lessons])
        return hashlib.sha256(facts.encode()).hexdigest()
