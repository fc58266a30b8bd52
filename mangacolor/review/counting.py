"""How many areas would follow an act, before it is done."""

from __future__ import annotations

import functools
import threading
from typing import Any

from mangacolor.chapter.acts import Act
from mangacolor.errors import InputError, MangacolorError
from mangacolor.review.desk import Desk
from mangacolor.review.following import Following

__all__ = ["Counting"]

# Seconds of counting after which an answer is given as far as it is known, to be asked again.
_PATIENCE = 0.25


class Counting:
    """Counts in a thread; whoever asks for something else ends it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._following = Following()
        self._lock = threading.Lock()
        self._counting: tuple[str, threading.Thread, dict[str, Any]] | None = None

    def count(self, act: Act) -> dict[str, Any]:
        """How many areas would change with an act; asked again, the answer goes on growing.

        Returns:
            `areas` on the page itself, `others` elsewhere and on how many `pages`, whether it is
            `whole`.
        """
        if act.kind not in ("set", "figure"):
            raise InputError("Only colours and figures are followed.")
        self._desk.precedence.touch()
        key = f"{len(self._desk.file.acts)} {act.to_record()}"
        with self._lock:
            if self._counting is None or self._counting[0] != key:
                told: dict[str, Any] = {"areas": [], "others": 0, "pages": 0, "whole": False}
                thread = threading.Thread(target=self._count, args=(key, act, told), daemon=True)
                self._counting = key, thread, told
                thread.start()
            _, thread, told = self._counting
        thread.join(_PATIENCE)
        return dict(told)

    def _count(self, key: str, act: Act, told: dict[str, Any]) -> None:
        try:
            told["whole"] = self._follow(key, act, told)
        except MangacolorError:
            # Whoever does it is told why it cannot be done.
            told["whole"] = True

    def _follow(self, key: str, act: Act, told: dict[str, Any]) -> bool:
        """Counts page by page; whether all were counted."""
        if act.scope == "this":
            return True
        acts = len(self._desk.file.acts)
        pages = [act.page] if act.scope == "page" else [act.page, *self._desk.leaves]
        # Who has clicked something else waits for none of it.
        pause = functools.partial(self._desk.precedence.give_way, at_once=True)
        pages = list(dict.fromkeys(pages))
        for found in self._following.find(self._desk.coloring, act, pages, pause):
            wanted = self._counting is not None and self._counting[0] == key
            # What was done meanwhile is what a person waits for now.
            if not wanted or len(self._desk.file.acts) != acts:
                return False
            if found.page == act.page:
                told["areas"] = found.areas
            elif found.areas:
                told["others"] += len(found.areas)
                told["pages"] += 1
        return True
