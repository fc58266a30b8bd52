"""Layered files beside a chapter's coloured pages, for a painting program."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mangacolor.chapter.journal import Journal, read_notes
from mangacolor.chapter.plan import Plan
from mangacolor.config import Layers
from mangacolor.errors import UsageError
from mangacolor.files import atomic_write
from mangacolor.images.areas import Labels
from mangacolor.images.geometry import UInt8
from mangacolor.images.layer_pixels import digest_layers, read_saved
from mangacolor.images.layers import to_layers
from mangacolor.images.looks import is_alike, looks_of
from mangacolor.images.openraster import encode_openraster
from mangacolor.images.page import Page
from mangacolor.images.photoshop import encode_photoshop
from mangacolor.names import is_picture

__all__ = ["Layered", "layered_of", "with_layers"]

# What no file system takes in a name, or takes for a folder.
_FOREIGN = re.compile(r'[<>:"|?*\\\x00-\x1f]')


class Layered:
    """The layered files of a chapter; what somebody worked on is never touched.

    `write` and `skip` may be called from several threads.

    Attributes:
        folder: in which they are: the output, or for an output that is one file `NAME-layers`
            beside it.

    Args:
        folder: as above.
        kind: `ora` or `psd`.
        pages: names of all pages.
        overwrite: replace files that somebody changed, too.
        apart: the folder is not that of the run's journal, and so has its own.
        owner: the output's name.
    """

    def __init__(
        self,
        folder: Path,
        kind: Layers,
        pages: Sequence[str],
        overwrite: bool,
        apart: bool,
        owner: str = "",
    ) -> None:
        self._owner = owner
        self.folder, self._apart = folder, apart
        self._kind, self._overwrite = kind, overwrite
        self._files = _file_names(pages, f".{kind}")
        # What each file was or was about to be, and of each page the last that is known.
        self._known: dict[str, set[str]] = {}
        self._pixels: dict[str, list[tuple[str, object]]] = {}
        self._last: dict[str, dict[str, object]] = {}
        for note in read_notes(folder):
            file, page = note.get("layers"), note.get("of")
            if not isinstance(file, str) or not isinstance(page, str):
                continue
            self._known.setdefault(file, set()).add(str(note.get("output")))
            if "pixels" in note:
                self._pixels.setdefault(file, []).append((str(note["pixels"]), note.get("looks")))
            if file in ("", self._files.get(page)):
                self._last[page] = note

    def is_missing(self, page: str, mark: str) -> bool:
        """Whether a page that is done, with this fingerprint, lacks its layers."""
        last = self._last.get(page)
        file = self.folder / self._files[page]
        if last is not None and last.get("fingerprint") == mark:
            return last["layers"] != "" and not file.exists()
        return not self.is_kept(page)

    def is_kept(self, page: str) -> bool:
        """Whether a page's layered file is somebody's work, which is not replaced."""
        return self._is_theirs(self._files[page])

    def _is_theirs(self, file: str) -> bool:
        path = self.folder / file
        if self._overwrite or not path.exists():
            return False
        content = path.read_bytes()
        if _digest(content) in self._known.get(file, set()):
            return False
        # A painting program may have saved it as it was.
        written = self._pixels.get(file, [])
        saved = read_saved(content) if written else None
        return saved is None or not any(
            saved.digest == pixels and is_alike(saved.merged, looks) for pixels, looks in written
        )

    def _frame_file(self, page: str, frame: int) -> str:
        """The layered file of one of a file's pages, which is no other page's."""
        whole = self._files[page]
        suffix = PurePosixPath(whole).suffix
        for stem in (whole.removesuffix(suffix), _plain(page), whole):
            file = f"{stem}-{frame + 1:03d}{suffix}"
            if _folded(file) not in map(_folded, self._files.values()):
                break
        return file

    def file_of(self, page: str) -> str:
        """A page's layered file, as it is called below the folder."""
        return self._files[page]

    def write(
        self,
        journal: Journal,
        name: str,
        mark: str,
        page: Page,
        colored: UInt8,
        areas: Labels,
        frame: int | None = None,
    ) -> None:
        """Writes a page's layered file whole or not at all, unless it is somebody's work.

        Args:
            journal: of the run.
            name: of the page.
            mark: its fingerprint.
            page: as read.
            colored: uint8 (H, W, 3) sRGB.
            areas: int32 (h, w), of `find_areas`.
            frame: which of several pages of the file, from 0.

        Raises:
            InputError: it is larger than such a file can be.
            OSError: it cannot be written.
        """
        file = self._files[name] if frame is None else self._frame_file(name, frame)
        if self._is_theirs(file):
            return
        encode = encode_photoshop if self._kind == "psd" else encode_openraster
        layers = to_layers(page.grey, colored, areas)
        content = encode(layers, colored, page.dpi)
        pixels, looks = digest_layers(layers), looks_of(colored, "")
        # Noted first: one that is killed in between has changed nothing by hand.
        self._note(journal, name, file, mark, _digest(content), pixels=pixels, looks=looks)
        atomic_write(self.folder / file, content)

    def skip(self, journal: Journal, name: str, mark: str) -> None:
        """Notes that a page has no layers, so that it is not done again for them."""
        self._note(journal, name, "", mark, "")

    def _note(
        self, journal: Journal, page: str, file: str, mark: str, digest: str, **more: str
    ) -> None:
        note = {"layers": file, "of": page, "fingerprint": mark, "output": digest, **more}
        if not self._apart:
            journal.note(**note)
            return
        # The run's own goes with the work folder.
        with Journal(self.folder) as own:
            own.note(**note, **{"for": self._owner})


def layered_of(plan: Plan, kind: Layers, overwrite: bool) -> Layered | None:
    """Where a plan's layered files go; None if there are to be none.

    Raises:
        UsageError: that place is a file.
    """
    if kind == "none":
        return None
    folder = plan.output
    if plan.packed:
        folder = _folder_beside(plan.output)
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            f"The layers cannot go to {folder}: it is a file.", "Name another place with --out."
        )
    names = [task.name for task in plan.tasks]
    return Layered(folder, kind, names, overwrite, plan.packed, plan.output.name)


def _folder_beside(output: Path) -> Path:
    """Where the layers of an output go that is one file; not where those of another are."""
    folder = output.with_name(f"{output.stem}-layers")
    owners = {note["for"] for note in read_notes(folder) if isinstance(note.get("for"), str)}
    return folder if owners <= {output.name} else output.with_name(f"{output.name}-layers")


def with_layers(plan: Plan, layered: Layered | None) -> Plan:
    """The plan with pages that are done but lack their layers among those that are to be done.

    Pages of the output that somebody changed stay as they are.
    """
    if layered is None:
        return plan
    missing = {
        name
        for name, mark in (plan.done | _marks(plan)).items()
        if name not in plan.edited and layered.is_missing(name, mark)
    }
    todo = {task.name for task in plan.todo} | missing
    kept = [name for name in todo if layered.is_kept(name)]
    return dataclasses.replace(
        plan,
        todo=tuple(task for task in plan.tasks if task.name in todo),
        done={name: mark for name, mark in plan.done.items() if name not in missing},
        # Until they are done again they are what they were, at whatever size.
        small=plan.small | dict.fromkeys(missing, 0),
        notices=plan.notices
        + tuple(f"{layered.file_of(name)} is not as mangacolor left it: kept" for name in kept),
    )


def _marks(plan: Plan) -> dict[str, str]:
    return {name: str(plan.records[name]["fingerprint"]) for name in plan.small}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _file_names(pages: Sequence[str], suffix: str) -> dict[str, str]:
    """Each page's file below a folder, with forward slashes; no two are one on any system."""
    plain = {page: _plain(page) for page in pages}
    stems = {
        page: name.removesuffix(PurePosixPath(name).suffix) if is_picture(name) else name
        for page, name in plain.items()
    }
    for names in (stems, plain):
        # Nor may one be a page itself, whatever that is called.
        count = Counter(_folded(name + suffix) for name in names.values())
        if max(count.values(), default=1) == 1 and count.keys().isdisjoint(map(_folded, pages)):
            return {page: name + suffix for page, name in names.items()}
    return {page: f"{number:05d}{suffix}" for number, page in enumerate(pages, 1)}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _plain(page: str) -> str:
    """A page's name without what leads out of a folder or may not be in a name."""
    parts = (_FOREIGN.sub("_", part) for part in page.split("/"))
    return "/".join(part for part in parts if part.strip(". ")) or "page"
