"""`mangacolor.open_model`: pages and chapters coloured from Python, as the command line does it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from mangacolor.batch.cast import Cast
from mangacolor.batch.cast_file import read_cast
from mangacolor.batch.events import Library, Listener, Notice, Summary, nobody
from mangacolor.batch.pictures import Picture, to_page, to_references
from mangacolor.batch.references import Reference
from mangacolor.batch.request import Request, with_found
from mangacolor.bundle import Bundle, default_bundle, read_bundle
from mangacolor.chapter.chapters import Chapters, find_chapters
from mangacolor.chapter.known import KnownFiles
from mangacolor.checks import validated
from mangacolor.config import BatchConfig, Runtime
from mangacolor.errors import ModelError, SetupError, UsageError
from mangacolor.images.geometry import UInt8
from mangacolor.images.own_color import keep_own
from mangacolor.images.page import Page

if TYPE_CHECKING:
    from mangacolor.runtime.color import ColoredPage, References
    from mangacolor.runtime.engine import Engine
    from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["Model", "open_model"]

Name = Path | str


def open_model(
    folder: Name | None = None, *, device: Runtime = "auto", memory: float | None = None
) -> Model:
    """Opens a model that colours any number of chapters, one at a time.

    Its files are verified now; the device is taken when the first page needs it, and kept.

    Args:
        folder: an exported model; the shipped one if left out.
        device: where to colour; `auto` takes a GPU if it works, and the CPU otherwise.
        memory: at most so many GiB on a CUDA device.

    Raises:
        ModelError: it is no model, or a file of it is missing or changed.
        UsageError: there is no such device, or the memory is none.
    """
    validated(BatchConfig, {"device": device, "memory": memory})
    return Model(Path(folder) if folder is not None else default_bundle(), device, memory)


class Model:
    """An open model, made by `open_model`, which colours page after page, chapter after chapter.

    It is a verified bundle, its engine once a page has needed it, and what it knows by then.

    Attributes:
        folder: of the bundle.
        bundle: what it says.
        device, memory: what was asked for, as `Engine.open` has them.
        known: files of pages that were read before.

    Raises:
        ModelError: as `read_bundle`.
    """

    def __init__(self, folder: Path, device: Runtime = "auto", memory: float | None = None) -> None:
        self.folder, self.device, self.memory = folder, device, memory
        self.bundle: Bundle = read_bundle(folder)
        self.known = KnownFiles()
        self._engine: Engine | None = None
        self._described: dict[tuple[str, int], ReferenceAreas | None] = {}
        self._looked: tuple[tuple[tuple[str, int], ...], References] | None = None

    @property
    def remembers(self) -> bool:
        """Whether it can colour without a reference, after the pages that it was taught by."""
        return self.bundle.remembered_path is not None

    @contextlib.contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine, for the block; it is opened the first time, and after a block that failed.

        Raises:
            SetupError, ModelError: as `Engine.open`.
        """
        # Where there is nothing to do, nobody waits for ONNX Runtime.
        from mangacolor.runtime.engine import Engine

        if self._engine is None:
            self._engine = Engine.open(self.bundle, self.device, self.memory)
        try:
            # OpenBLAS's threads spin after each product, on the cores that the networks run on, and
            # the products here are too small to be shared.
            with threadpool_limits(limits=1, user_api="blas"):
                yield self._engine
        except (ModelError, SetupError):
            self._engine = None
            raise

    def look_at(self, engine: Engine, references: Sequence[Reference]) -> References:
        """What references offer; kept until others are looked at.

        Only those are described that were not before.

        Raises:
            ModelError: a graph fails.
        """
        key = tuple((r.digest, r.piece) for r in references)
        if self._looked is None or self._looked[0] != key:
            described: dict[tuple[str, int], ReferenceAreas | None] = {}
            for one, reference in zip(key, references, strict=True):
                if one in described:
                    continue
                if one in self._described:
                    described[one] = self._described[one]
                    continue
                worn = reference.read() if reference.changes else None
                described[one] = engine.model.see(reference.read_unchanged(), worn)
            self._described = described
            seen, read = [described[one] for one in key], [r.read for r in references]
            self._looked = key, engine.model.gather(seen, read)
        return self._looked[1]

    def color(
        self,
        page: Picture,
        references: Picture | Sequence[Picture] = (),
        config: BatchConfig | None = None,
    ) -> UInt8:
        """Colours one page that is at hand.

        Args:
            page: a file, a picture of Pillow's, or uint8 (H, W) or (H, W, 3).
            references: one colour picture or several, alike; a path may be a folder or an archive.
                What was found in them is kept until others are given. None are needed by a model
                that remembers pages of the work.
            config: size, strength, tones ...; its device and memory are the model's.

        Returns:
            uint8 (H, W, 3) sRGB, exactly what `batch` writes. A page that is in colour already
            comes back as it is, unless `config.recolor` says otherwise.

        Raises:
            MangacolorError: a picture cannot be read, no reference has any colour, or the model
                fails.
        """
        config = config or BatchConfig()
        read = to_page(page)
        if read.colored and read.own is not None and not config.recolor:
            return read.own.color
        colored = self._colored(read, references, config)
        if read.own is None or config.recolor:
            return colored.picture
        return keep_own(colored.picture, read.own.color, read.own.places)

    def color_areas(
        self,
        page: Picture,
        references: Picture | Sequence[Picture] = (),
        config: BatchConfig | None = None,
    ) -> ColoredPage:
        """The same with the page's areas: `picture`, and `areas` with colours, how sure and why.

        A page that is in colour is taken for a black-and-white one.
        """
        return self._colored(to_page(page), references, config or BatchConfig())

    def _colored(
        self, page: Page, references: Picture | Sequence[Picture], config: BatchConfig
    ) -> ColoredPage:
        from mangacolor.runtime.color import color_page

        look = self._fitted(config).look
        read = to_references(references, nobody, needed=not self.remembers)
        with self.engine() as engine:
            seen = self.look_at(engine, read)
            return color_page(engine.model, page.grey, seen, look)

    def color_chapter(
        self,
        source: Name,
        references: Name | Sequence[Name] = (),
        config: BatchConfig | None = None,
        *,
        out: Name | None = None,
        overwrite: bool = False,
        limit: int | None = None,
        dry_run: bool = False,
        report: Name | None = None,
        strokes: Name | None = None,
        cast: Cast | Name | None = None,
        learn: bool = True,
        acts: Name | None = None,
        follow_acts: bool = True,
        tell: Listener = nobody,
    ) -> Summary:
        """Colours a folder of pages, or a CBZ or ZIP, as `mangacolor batch` does.

        Args:
            source: folder, CBZ or ZIP.
            references: a colour picture, or several, or folders or archives of them; left out,
                `cover.*` and `ref/` beside the pages.
            config: size, quality, taste; its device and memory are the model's.
            out: output folder or archive; beside the input if left out.
            overwrite, limit, dry_run, report, strokes, cast, learn, acts, follow_acts: as the
                command line has them; a cast may be one that is read already.
            tell: called with each event, in this thread.

        Returns:
            What was done; pages that failed are in it.

        Raises:
            MangacolorError: nothing could be done, see `mangacolor.batch.run.color_chapter`.
            UsageError: also if `config` has a value out of its range, or asks for another device or
                memory than the model has.
        """
        # It takes a model, and so imports this module.
        from mangacolor.batch.run import color_chapter

        request = Request(
            Path(source),
            _paths(references),
            self._fitted(config or BatchConfig()),
            out=_path(out),
            overwrite=overwrite,
            limit=limit,
            dry_run=dry_run,
            report=_path(report),
            strokes=_path(strokes),
            cast=_cast(cast, tell),
            learn=learn,
            acts=_path(acts),
            follow_acts=follow_acts,
        )
        return color_chapter(with_found(request, tell, needed=not self.remembers), self, tell)

    def color_library(
        self,
        paths: Name | Sequence[Name] | Chapters,
        references: Name | Sequence[Name] = (),
        config: BatchConfig | None = None,
        *,
        out: Name | None = None,
        overwrite: bool = False,
        limit: int | None = None,
        dry_run: bool = False,
        report: Name | None = None,
        strokes: Name | None = None,
        cast: Cast | Name | None = None,
        learn: bool = True,
        follow_acts: bool = True,
        tell: Listener = nobody,
        ray: bool = False,
    ) -> Library:
        """Colours every chapter of libraries, folders and archives, whatever fails in others.

        Args:
            paths: folders of chapters, and chapters, see `find_chapters`.
            references: for chapters that have no `cover.*` or `ref/` of their own.
            config: as `color_chapter` has it.
            out: where all go, in a tree like theirs; beside each path if left out.
            overwrite, limit, dry_run, report, strokes, cast, learn, follow_acts, tell: as
                `color_chapter`.
            ray: colour chapters side by side, see `color_on_ray`; workers open models of their own.

        Raises:
            UsageError: two chapters would become one.
            SetupError: the device cannot be had, or the disk is full.
        """
        from mangacolor.batch.cluster import color_on_ray
        from mangacolor.batch.library import color_library

        if isinstance(paths, Chapters):
            chapters = paths
        else:
            chapters = find_chapters(_paths(paths), _path(out))
            for notice in chapters.notices:
                tell(Notice(notice))
        found = chapters.found
        request = Request(
            found[0].source,
            _paths(references),
            self._fitted(config or BatchConfig()),
            overwrite=overwrite,
            limit=limit,
            dry_run=dry_run,
            report=_path(report),
            strokes=_path(strokes),
            cast=_cast(cast, tell),
            learn=learn,
            follow_acts=follow_acts,
        )
        if ray:
            return color_on_ray(found, request, self.folder, tell)
        return color_library(found, request, self, tell)

    def _fitted(self, config: BatchConfig) -> BatchConfig:
        """The settings on the model's device, if they can be."""
        validated(BatchConfig, dataclasses.asdict(config))
        for name, asked, own, default in (
            ("device", config.device, self.device, "auto"),
            ("memory", config.memory, self.memory, None),
        ):
            if asked not in (default, own):
                raise UsageError(
                    f"The model was opened with {name} {own}, not {asked}.",
                    f"Give {name} to `open_model`.",
                )
        return dataclasses.replace(config, device=self.device, memory=self.memory)


def _cast(cast: Cast | Name | None, tell: Listener) -> Cast | None:
    return read_cast(Path(cast), tell) if isinstance(cast, Path | str) else cast


def _path(name: Name | None) -> Path | None:
    return None if name is None else Path(name)


def _paths(names: Name | Sequence[Name]) -> list[Path]:
    return [Path(name) for name in ([names] if isinstance(names, Path | str) else names)]
