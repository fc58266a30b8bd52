"""What acts say of each page of a chapter, whatever models make of it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Sequence

from mangacolor.batch.acts import RGB, Act, Box, Of, Point, Scope, effective

__all__ = ["Given", "Lesson", "Said"]


@dataclasses.dataclass(frozen=True)
class Given:
    """A colour that a person gave an area, by a point in it."""

    at: Point
    color: RGB
    scope: Scope


@dataclasses.dataclass(frozen=True)
class Lesson:
    """A colour that areas of other pages may follow.

    Attributes:
        page: on which it was given.
        given: which.
        parts: cuts and joins of that page: what the area is.
    """

    page: str
    given: Given
    parts: tuple[Act, ...]


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
        """Cuts and joins of a page, in order; only of the first so many acts, if that is said."""
        acts = self._of_page(page, before)
        return tuple(act for act in acts if act.kind in ("cut", "join"))

    def figures(self, page: str) -> list[tuple[Box, Of]]:
        """Boxes on a page, and who is in each."""
        return [
            (act.box, act.of)
            for act in self._of_page(page)
            if act.kind == "figure" and act.box and act.of
        ]

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
        parts = self.parts(page, before)
        return [
            Lesson(page, given, parts)
            for given in self.given(page, before)
            if given.scope in scopes
        ]

    def digest_of(self, page: str) -> str:
        """Of all that decides on a page; empty if nothing does."""
        if page not in self._digests:
            self._digests[page] = self._digest_of(page)
        return self._digests[page]

    def _digest_of(self, page: str) -> str:
        own = [
            act.to_record() for act in self._of_page(page) if act.kind in ("cut", "join", "figure")
        ]
        given = [dataclasses.astuple(given) for given in self.given(page)]
        taught = self._taught(self._done.get(page))
        lessons = [
            [x.page, dataclasses.astuple(x.given), [part.to_record() for part in x.parts]]
            for other in sorted(taught)
            for x in taught[other]
            if other != page
        ]
        if not (own or given or lessons):
            return ""
        facts = json.dumps([own, given, lessons])
        return hashlib.sha256(facts.encode()).hexdigest()
