"""Pages as they were seen, on disk, so that memory does not grow with a chapter."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import OrderedDict
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from mangacolor.chapter.plan import Task
from mangacolor.config import Look
from mangacolor.errors import InputError
from mangacolor.images.page import Page, read_page
from mangacolor.images.tones import smooth_tones
from mangacolor.images.views import View
from mangacolor.runtime.color import ColorModel, ReadyPage
from mangacolor.runtime.seen import SeenPage
from mangacolor.runtime.votes import Compared

__all__ = ["State", "States"]

# Pages that are held in memory, too: the one that is looked at and its neighbours.
_HELD = 4
_NONE = np.zeros((0, 0), np.int32)
_PARTS = ("numbers", "sizes", "facts", "kinds")


@dataclasses.dataclass(frozen=True)
class State:
    """A page as it was seen, before anything that a person did.

    Attributes:
        page: as read.
        ready: as the networks want it, looked at.
        digest: hex SHA-256 of its file.
    """

    page: Page
    ready: ReadyPage
    digest: str


class States:
    """The pages of a chapter; threads may ask side by side.

    Args:
        folder: an empty one, for as long as the run lasts.
        model: an open one that knows areas.
        look: how pages are coloured.
    """

    def __init__(self, folder: Path, model: ColorModel, look: Look) -> None:
        self._folder, self._model = folder, model
        self._look = model.sized_look(look)
        self._held: OrderedDict[str, State] = OrderedDict()
        self._lock = Lock()
        self._seeing: dict[str, Lock] = {}

    def knows(self, name: str) -> bool:
        """Whether a page was seen."""
        return self._file(name).exists()

    def keep(self, name: str) -> None:
        """Puts off that a page leaves memory, as if it had been asked for."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)

    def of(self, task: Task) -> State:
        """A page; it is seen now if it was not, or has changed since it was held last.

        Raises:
            InputError: it cannot be read, or its file has several pages.
            ModelError: a network fails.
        """
        with self._lock:
            mine = self._seeing.setdefault(task.name, Lock())
        # Two that ask for one page are not to look at it twice.
        with mine:
            with self._lock:
                held = self._held.get(task.name)
                if held is not None:
                    self._held.move_to_end(task.name)
                    return held
            state = self._see(task)
            with self._lock:
                self._held[task.name] = state
                while len(self._held) > _HELD:
                    self._held.popitem(last=False)
            return state

    def _see(self, task: Task) -> State:
        content = task.read()
        digest = hashlib.sha256(content).hexdigest()
        page = read_page(content, task.name)
        if page.pages > 1:
            raise InputError(f"{task.name} has several pages, which are coloured and not shown.")
        seen = self._read(task.name, digest, labels=True)
        if seen is None:
            ready = self._model.ready(page.grey, self._look)
            seen = _looked_at(self._model, ready)
            self._write(task.name, digest, seen)
        else:
            ready = self._ready(page)
        # What areas were described by is not needed once they are; what comes of comparing them is.
        seen = dataclasses.replace(_lightened(seen), compared=Compared())
        return State(page, dataclasses.replace(ready, seen=seen), digest)

    def seen(self, name: str) -> SeenPage | None:
        """What is known of a page's areas, without where they are; None of one that is not seen.

        Its `areas` is (1, 1) and holds the largest number.
        """
        return self._read(name, None, labels=False)

    def _ready(self, page: Page) -> ReadyPage:
        shaded = smooth_tones(page.grey)
        sized = self._model.sized(self._look)
        lineart = self._model.lineart_of(shaded, self._look) if sized else None
        return ReadyPage(page.grey, shaded, self._look, lineart)

    def _file(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        return self._folder / f"{digest[:32]}.npz"

    def _write(self, name: str, digest: str, seen: SeenPage) -> None:
        assert seen.looked is not None
        arrays = {
            "digest": np.frombuffer(bytes.fromhex(digest), np.uint8),
            "count": np.array([seen.areas.max()], np.int32),
            "kinds": seen.kinds,
            "left_out": np.array([view.left_out for view in seen.views], np.int32),
            # Areas have 24 pixels at least: there are not as many as 16 bits count.
            "labels": np.asarray(cv2.imencode(".png", seen.areas.astype(np.uint16))[1]),
        }
        for i, (view, features, looks) in enumerate(zip(seen.views, *seen.looked, strict=True)):
            arrays |= {f"{part}{i}": getattr(view, part) for part in _PARTS}
            arrays |= {f"features{i}": features, f"looks{i}": looks}
        part = self._file(name).with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        part.replace(self._file(name))

    def _read(self, name: str, digest: str | None, *, labels: bool) -> SeenPage | None:
        try:
            file = np.load(self._file(name))
        except OSError:
            return None
        with file:
            if digest is not None and file["digest"].tobytes().hex() != digest:
                return None
            areas = file["count"].reshape(1, 1)
            if labels:
                found = cv2.imdecode(file["labels"], cv2.IMREAD_UNCHANGED)
                areas = np.asarray(found).astype(np.int32)
            views, features, looks = [], [], []
            for i, left_out in enumerate(file["left_out"].tolist()):
                parts = {part: file[f"{part}{i}"] for part in _PARTS}
                blank = np.zeros((0, 0), np.uint8)
                views.append(View(blank, cells=_NONE, left_out=left_out, **parts))
                features.append(file[f"features{i}"])
                looks.append(file[f"looks{i}"])
            return SeenPage(areas, views, file["kinds"], (features, looks))


def _looked_at(model: ColorModel, ready: ReadyPage) -> SeenPage:
    areas = model.networks.areas
    assert ready.seen is not None and areas is not None
    return ready.seen.looked_at(areas)


def _lightened(seen: SeenPage) -> SeenPage:
    """The same without the views' pictures."""
    blank = np.zeros((0, 0), np.uint8)
    views = [dataclasses.replace(view, picture=blank, cells=_NONE) for view in seen.views]
    return dataclasses.replace(seen, views=views)
