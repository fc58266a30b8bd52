"""What a person sees of a desk: pages, areas, what they may be, and who would follow."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import cv2
import numpy as np
from PIL import Image

from mangacolor.batch.cast import find_cast
from mangacolor.chapter.acts import Act, effective
from mangacolor.chapter.assemble import colored_page
from mangacolor.errors import InputError
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import read_color, read_page
from mangacolor.review.desk import Desk
from mangacolor.review.records import candidate_record, jpeg, map_png
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.surfaces import find_kinds

__all__ = ["Looking"]

# Colours that references show which are offered for an area, the one that it has among them.
_OFFERED = 6
# Longer side of a reference as it is shown.
_SHOWN = 1400
# States of pages that have no areas to click on.
_OTHER = ("kept", "several", "edited")


Answer = TypeVar("Answer")
Rest = ParamSpec("Rest")


def _asked(
    answer: Callable[Concatenate[Looking, int, Rest], Answer],
) -> Callable[Concatenate[Looking, int, Rest], Answer]:
    """An answer about a page by its number: what goes on behind gives way to it."""

    @functools.wraps(answer)
    def asked(looking: Looking, number: int, /, *rest: Rest.args, **more: Rest.kwargs) -> Answer:
        with looking._desk.precedence.asking(looking._name(number)):
            return answer(looking, number, *rest, **more)

    return asked


class Looking:
    """Answers of a desk; threads may ask side by side."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._names = list(desk.leaves)
        self._lock = threading.Lock()
        self._cast: list[dict[str, Any]] | None = None
        self._pictures: dict[int, bytes] = {}

    def state(self) -> dict[str, Any]:
        """All pages in a word, and what is to be told."""
        desk = self._desk
        said = None if not desk.is_open else desk.coloring.said
        acts = desk.file.acts
        return {
            "version": desk.version,
            "chapter": desk.opened.plan.source.name,
            "output": str(desk.opened.plan.output),
            "packed": desk.opened.plan.packed,
            "acts": str(desk.file.path),
            "open": desk.is_open,
            "device": desk.device,
            "error": desk.error and f"{desk.error.message} {desk.error.hint}".strip(),
            "told": desk.told,
            "undo": bool(said and said.acts),
            "redo": len(effective([*acts, Act("redo")])) > len(effective(acts)),
            "references": len(desk.opened.pictures),
            "pages": [
                {
                    "name": name,
                    "state": leaf.state,
                    "made": bool(leaf.mark),
                    "reason": leaf.reason,
                    "ticked": bool(said and said.is_done(name)),
                    "unsure": leaf.unsure,
                    "seen": "" if said is None else said.digest_of(name)[:12],
                }
                for name, leaf in desk.leaves.items()
            ],
        }

    @_asked
    def page(self, number: int) -> dict[str, Any]:
        """A page and its areas."""
        name = self._name(number)
        self._desk.look_at(name)
        if (kind := self._desk.leaves[name].state) in _OTHER:
            return {"name": name, "areas": [], "kind": kind}
        coloring = self._desk.coloring
        h, w = coloring.ready(name).grey.shape
        return {
            "name": name,
            "kind": "page",
            "width": w,
            "height": h,
            "shape": coloring.shape_of(name),
            "areas": coloring.records(name),
            "figures": [list(figure.box) for figure in coloring.said.figures(name)],
        }

    @_asked
    def color(self, number: int, width: int | None = None) -> bytes:
        """A page in colour, for the screen, on which it is that wide at most."""
        name = self._name(number)
        leaf = self._desk.leaves[name]
        if leaf.state in _OTHER:
            task = self._desk.task(name)
            content = task.read() if leaf.state != "edited" else self._edited(name)
            return jpeg(_reduced(read_color(content, name)))
        colored = self._desk.coloring.colored(name).colored
        assert colored is not None
        return jpeg(_narrowed(colored.picture, width))

    def _edited(self, name: str) -> bytes:
        """The page as somebody changed it."""
        plan = self._desk.opened.plan
        mark = self._desk.leaves[name].mark
        return colored_page(plan, name, mark)()

    @_asked
    def grey(self, number: int, width: int | None = None) -> bytes:
        """A page as it came, for the screen, on which it is that wide at most.

        It is there before anything of it is coloured, and before the model is open.
        """
        desk, name = self._desk, self._name(number)
        if desk.is_open and desk.coloring.knows(name):
            grey = desk.coloring.ready(name).grey
        else:
            grey = read_page(desk.task(name).read(), name).grey
        return jpeg(_narrowed(np.repeat(grey[..., None], 3, axis=2), width))

    @_asked
    def areas(self, number: int) -> bytes:
        """Which area is where."""
        seen = self._desk.coloring.ready(self._name(number)).seen
        assert seen is not None
        return map_png(seen.areas)

    @_asked
    def area(self, number: int, area: int) -> dict[str, Any]:
        """What an area may be, the surest first."""
        name = self._name(number)
        known = self._known(name)
        found = self._desk.coloring.candidates(name, area, _OFFERED)
        return {"candidates": [candidate_record(x, known) for x in found]}

    def reference(self, number: int) -> bytes:
        """A reference, for the screen."""
        pictures = self._desk.opened.pictures
        if not 0 <= number < len(pictures):
            raise InputError("There is no such reference.")
        if number not in self._pictures:
            self._pictures[number] = jpeg(_reduced(pictures[number].read()), 85)
        return self._pictures[number]

    def cast(self) -> dict[str, Any]:
        """Named colours of the references, and their groups, who may be figures."""
        with self._lock:
            if self._cast is None:
                self._cast = self._find_cast()
            return {"references": self._cast}

    def _find_cast(self) -> list[dict[str, Any]]:
        areas = self._desk.coloring.areas
        pictures = self._desk.opened.pictures
        found = find_cast(pictures, lambda grey, labels: find_kinds(areas, grey, labels))
        return [
            {
                "sha256": offer.digest,
                "piece": offer.piece,
                "groups": [
                    {
                        "name": name,
                        "box": list(group.box),
                        "background": group.background,
                        "colors": [
                            {
                                "name": found.names[name, i],
                                "color": "#" + bytes(shade.color).hex(),
                            }
                            for i, shade in enumerate(group.shades)
                        ],
                    }
                    for name, group in offer.groups
                ],
            }
            for offer in found.offers
        ]

    def _name(self, number: int) -> str:
        if not 0 <= number < len(self._names):
            raise InputError("There is no such page.")
        return self._names[number]

    def _known(self, name: str) -> ReferenceAreas:
        known = self._desk.coloring.references(name).areas
        assert known is not None
        return known


def _narrowed(picture: UInt8, width: int | None) -> UInt8:
    """As wide as it is shown: a browser takes longer for pixels that nobody sees."""
    h, w = picture.shape[:2]
    if width is None or not 0 < width < w:
        return picture
    size = width, max(1, round(h * width / w))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _reduced(picture: UInt8) -> UInt8:
    shown = Image.fromarray(picture)
    shown.thumbnail((_SHOWN, _SHOWN), Image.Resampling.LANCZOS)
    return np.asarray(shown)
