"""`mangacolor sample`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from mangacolor.cli.console import say
from mangacolor.errors import SetupError

__all__ = ["sample"]


def sample(
    out: Annotated[Path, typer.Argument(help="Folder to write; new or empty.", metavar="DIR")],
    series: Annotated[
        int, typer.Option(min=1, max=999, help="Chapters, each of its own cast.")
    ] = 1,
    pages: Annotated[int, typer.Option(min=1, max=999, help="Pages of each chapter.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same pages.")] = 0,
    height: Annotated[int, typer.Option(min=140, max=8000, help="Of a page, pixels.")] = 1400,
    manga: Annotated[
        bool,
        typer.Option(
            "--manga", help="Pages as manga is printed: tone, hatching, blacks, lines of motion."
        ),
    ] = False,
    figures: Annotated[
        Path | None,
        typer.Option(
            help="Folder of models that are the cast's bodies: `kaykit/*.glb`, "
            "`quaternius/people/Smooth_*.glb`.",
            metavar="DIR",
        ),
    ] = None,
) -> None:
    """Draw chapters of invented comics to try every command on.

    Each chapter is a folder with its pages (sketch/), their true colours (color/), labels of what
    is where (labels/, labels.json), a cover in colour (cover.png), and its licence, CC0.
    """
    if importlib.util.find_spec("skia") is None:
        raise SetupError(
            "This command needs skia-python.",
            'Run `pip install ".[train]"` in the folder of mangacolor.',
        )
    from mangacolor.comic.chapter import write_chapters
    from mangacolor.comic.wardrobe import find_figures

    bodies = find_figures(figures) if figures else ()

    def show(title: str, pages: int) -> None:
        say(f"{title}: a cover and {pages} page{'s' * (pages != 1)}")

    folders = write_chapters(out, series, pages, seed, height, manga, bodies, show)
    say(f"Try: mangacolor batch {folders[0] / 'sketch'} --ref {folders[0] / 'cover.png'}")
