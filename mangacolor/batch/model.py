"""`mangacolor.open_model`: chapters coloured from Python, as the command line does it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from mangacolor.batch.cast import Cast
from mangacolor.batch.chapters import Chapters, find_chapters, single_chapter
from mangacolor.batch.cluster import color_on_ray
from mangacolor.batch.events import Library, Listener, Notice, Summary, nobody
from mangacolor.batch.held import Held
from mangacolor.batch.library import Wishes, color_library, references_of
from mangacolor.batch.run import color_chapter
from mangacolor.bundle import Bundle, default_bundle
from mangacolor.checks import validated
from mangacolor.config import BatchConfig, Runtime
from mangacolor.errors import UsageError

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
    return Model(Held(Path(folder) if folder is not None else default_bundle(), device, memory))


class Model:
    """An open model; made by `open_model`."""

    def __init__(self, held: Held) -> None:
        self._held = held

    @property
    def bundle(self) -> Bundle:
        """What the model says of itself."""
        return self._held.bundle

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
        gallery: Name | None = None,
        hints: Name | None = None,
        cast: Cast | None = None,
        learn: bool = True,
        report: Listener = nobody,
    ) -> Summary:
        """Colours a folder of pages, or a CBZ or ZIP, as `mangacolor batch` does.

        Args:
            source: folder, CBZ or ZIP.
            references: a colour picture, or several, or folders or archives of them; left out,
                `cover.*` and `ref/` beside the pages.
            config: size, quality, taste; its device and memory are the model's.
            out: output folder or archive; beside the input if left out.
            overwrite, limit, dry_run, gallery, hints, cast, learn, report: as
                `mangacolor.batch.run.color_chapter` has them.

        Returns:
            What was done; pages that failed are in it.

        Raises:
            MangacolorError: nothing could be done, see `mangacolor.batch.run.color_chapter`.
            UsageError: also if `config` has a value out of its range, or asks for another device or
                memory than the model has.
        """
        chapter = single_chapter(Path(source), _path(out))
        given = _paths(references)
        # Who names references means others than those in the chapter's `ref/`: these are pages.
        apart = frozenset() if given else chapter.apart
        if not given and chapter.source.exists():
            given = list(references_of(chapter, (), report))
        return color_chapter(
            chapter.source,
            given,
            self._held,
            self._fitted(config or BatchConfig()),
            out=chapter.out,
            overwrite=overwrite,
            limit=limit,
            dry_run=dry_run,
            gallery=_path(gallery),
            hints=_path(hints),
            cast=cast,
            learn=learn,
            report=report,
            apart=apart,
        )

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
        gallery: Name | None = None,
        hints: Name | None = None,
        cast: Cast | None = None,
        learn: bool = True,
        report: Listener = nobody,
        ray: bool = False,
    ) -> Library:
        """Colours every chapter of libraries, folders and archives, whatever fails in others.

        Args:
            paths: folders of chapters, and chapters, see `find_chapters`.
            references: for chapters that have no `cover.*` or `ref/` of their own.
            config: as `color_chapter` has it.
            out: where all go, in a tree like theirs; beside each path if left out.
            overwrite, limit, dry_run, gallery, hints, cast, learn, report: see `Wishes`.
            ray: colour chapters side by side, see `color_on_ray`; workers open models of their own.

        Raises:
            UsageError: two chapters would become one.
            SetupError: the device cannot be had, or the disk is full.
        """
        if isinstance(paths, Chapters):
            chapters = paths
        else:
            chapters = find_chapters(_paths(paths), _path(out))
            for notice in chapters.notices:
                report(Notice(notice))
        wishes = Wishes(overwrite, limit, dry_run, _path(gallery), _path(hints), cast, learn)
        config = self._fitted(config or BatchConfig())
        found = chapters.found
        given, held = _paths(references), self._held
        if ray:
            return color_on_ray(found, given, held.folder, config, wishes, report)
        return color_library(found, given, held, config, wishes, report)

    def _fitted(self, config: BatchConfig) -> BatchConfig:
        """The settings on the model's device, if they can be."""
        validated(BatchConfig, dataclasses.asdict(config))
        device, memory = self._held.device, self._held.memory
        for name, asked, own, default in (
            ("device", config.device, device, "auto"),
            ("memory", config.memory, memory, None),
        ):
            if asked not in (default, own):
                raise UsageError(
                    f"The model was opened with {name} {own}, not {asked}.",
                    f"Give {name} to `open_model`.",
                )
        return dataclasses.replace(config, device=device, memory=memory)


def _path(name: Name | None) -> Path | None:
    return None if name is None else Path(name)


def _paths(names: Name | Sequence[Name]) -> list[Path]:
    return [Path(name) for name in ([names] if isinstance(names, Path | str) else names)]
