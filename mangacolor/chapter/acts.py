"""What a person did in `mangacolor review`: acts, one after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

from mangacolor.chapter.act_values import READERS, RGB, Box, Circle, Of, Point, Scope

__all__ = ["Act", "ActKind", "effective"]

ActKind = Literal["set", "clear", "cut", "join", "grain", "figure", "done", "open", "undo", "redo"]
# What acts of each kind say beside their kind and page.
_NEEDS: dict[str, frozenset[str]] = {
    "set": frozenset({"at", "color", "scope"}),
    "clear": frozenset({"at"}),
    "cut": frozenset({"line"}),
    "join": frozenset({"at", "to"}),
    "grain": frozenset({"circle", "level"}),
    "figure": frozenset({"box", "of"}),
    "done": frozenset(),
    "open": frozenset(),
}
# And what they may say; acts of before that was thought of do not.
_MAY: dict[str, dict[str, Any]] = {"figure": {"scope": "this"}}


@dataclasses.dataclass(frozen=True)
class Act:
    """One act; what it does not need is None.

    Attributes:
        kind: what was done.
        page: name of the page.
        at, to: points of areas, across and down in pixels of the page.
        line: points of a line that cuts.
        color: sRGB.
        scope: which areas follow: none, its like on the page, its like in the chapter.
        circle: middle, across and down, and radius of where areas are to be finer or coarser.
        level: how many steps finer; below 0 coarser.
        box: left, top, right and bottom around a figure.
        of: who it is.
    """

    kind: ActKind
    page: str = ""
    at: Point | None = None
    to: Point | None = None
    line: tuple[Point, ...] | None = None
    color: RGB | None = None
    scope: Scope | None = None
    circle: Circle | None = None
    level: int | None = None
    box: Box | None = None
    of: Of | None = None

    def to_record(self) -> dict[str, Any]:
        """What `read_acts` reads."""
        record: dict[str, Any] = {"act": self.kind}
        if self.page:
            record["page"] = self.page
        for name in ("at", "to", "line", "scope", "circle", "level", "box"):
            if (value := getattr(self, name)) is not None:
                record[name] = value
        if self.color is not None:
            record["color"] = "#" + bytes(self.color).hex()
        if self.of is not None:
            record["of"] = dataclasses.asdict(self.of)
        return record

    @classmethod
    def of_record(cls, record: Any) -> Act:
        """The same the other way round.

        Raises:
            ValueError: it says no act; why.
        """
        if not isinstance(record, dict):
            raise ValueError("it is no object of JSON")
        kind: Any = record.get("act")
        if kind in ("undo", "redo"):
            return cls(kind)
        if kind not in _NEEDS:
            raise ValueError(f"there is no act {kind!r}")
        page = record.get("page")
        if not isinstance(page, str) or not page:
            raise ValueError("it names no page")
        missing = sorted(_NEEDS[kind] - record.keys())
        if missing:
            raise ValueError(f"it has no {missing[0]}")
        said = {**_MAY.get(kind, {}), **record}
        values = {
            name: READERS[name](said[name]) for name in sorted({*_NEEDS[kind], *_MAY.get(kind, {})})
        }
        return cls(kind, page, **values)


def effective(acts: Sequence[Act]) -> list[Act]:
    """What is left of acts once those that were undone, and not done again, are gone."""
    done: list[Act] = []
    undone: list[Act] = []
    for act in acts:
        if act.kind == "undo":
            if done:
                undone.append(done.pop())
        elif act.kind == "redo":
            if undone:
                done.append(undone.pop())
        else:
            done.append(act)
            undone.clear()
    return done
