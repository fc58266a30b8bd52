"""What acts say of each page of a chapter, whatever models make of it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Sequence

from mangacolor.batch.acts import RGB, Act, Of, Point, Scope, effective

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

    @functools.cache  # noqa: B019 - there are as many as acts, and they are small
    def parts(self, page: str, before: int | None = None) -> tuple[Act, ...]:
        """Cuts and joins of a page, in order."""
        acts = self.acts[:before]
        return tuple(act for act in acts if act.page == page and act.kind in ("cut", "join"))

    def figures(self, page: str) -> list[tuple[tuple[float, float, float, float], Of]]:
        """Boxes on a page, and who is in each."""
        return [
            (act.box, act.of)
            for act in self.acts
            if act.page == page and act.kind == "figure" and act.box and act.of
        ]

    @functools.cache  # noqa: B019 - as above
    def given(self, page: str, before: int | None = None) -> tuple[Given, ...]:
        """The colours that were given on a page: of one point the last."""
        found: dict[Point, Given] = {}
        for act in self.acts[:before]:
            if act.page != page or act.at is None:
                continue
            if act.kind in ("set", "clear"):
                found.pop(act.at, None)
            if act.kind == "set" and act.color is not None and act.scope is not None:
                found[act.at] = Given(act.at, act.color, act.scope)
        return tuple(found.values())

    def lessons(self, page: str) -> list[Lesson]:
        """What a page may follow: what was said of it and its like, and of others for all pages."""
        before = self._done.get(page)
        own = self._lessons(page, None, ("page", "chapter"))
        return [
            lesson
            for other in sorted({*self.pages, page})
            for lesson in (own if other == page else self._lessons(other, before, ("chapter",)))
        ]

    def _lessons(self, page: str, before: int | None, scopes: tuple[Scope, ...]) -> list[Lesson]:
        parts = self.parts(page, before)
        return [
            Lesson(page, given, parts)
            for given in self.given(page, before)
            if given.scope in scopes
        ]

    def digest_of(self, page: str) -> str:
        """Of all that decides on a page; empty if nothing does."""
        own = [
            act.to_record()
            for act in self.acts
            if act.page == page and act.kind in ("cut", "join", "figure")
        ]
        given = [dataclasses.astuple(given) for given in self.given(page)]
        lessons = [
            [x.page, dataclasses.astuple(x.given), [part.to_record() for part in x.parts]]
            for x in self.lessons(page)
            if x.page != page
        ]
        if not (own or given or lessons):
            return ""
        facts = json.dumps([own, given, lessons])
        return hashlib.sha256(facts.encode()).hexdigest()
