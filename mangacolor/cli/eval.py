"""`mangacolor eval`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from mangacolor.cli.console import console, err_console
from mangacolor.cli.options import find_weights
from mangacolor.cli.train import require_torch
from mangacolor.config import EvalConfig, Layout
from mangacolor.errors import InputError
from mangacolor.files import atomic_write

if TYPE_CHECKING:
    from mangacolor.data.layouts import Example
    from mangacolor.evaluate.protocol import Painter, Row

__all__ = ["evaluate"]

DEFAULTS = EvalConfig()


def evaluate(
    model: Annotated[
        str, typer.Argument(help="`default` (the shipped model), a checkpoint, or a bundle.")
    ],
    data: Annotated[Path, typer.Argument(help="Folder in any layout that `train` reads.")],
    layout: Annotated[Layout, typer.Option(help="How the pictures lie in DATA.")] = "auto",
    size: Annotated[
        int, typer.Option(min=64, help="Longer side of pictures and references.")
    ] = DEFAULTS.size,
    seed: Annotated[int, typer.Option(help="Of the choice of references.")] = DEFAULTS.seed,
    json: Annotated[Path | None, typer.Option(help="Write the rows to this file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the table to this file.")] = None,
) -> None:
    """Score a model: own picture, same series and other series as reference."""
    require_torch()
    from mangacolor.data.layouts import find_examples
    from mangacolor.evaluate.report import to_json, to_markdown

    paint = _painter(model)
    examples = find_examples(data, layout)
    rows = _score(Path(model).name, paint, examples, EvalConfig(size, seed))
    if not any(row.n for row in rows):
        raise InputError(f"{data} has no picture that could be scored.")
    if json is not None:
        facts = {"model": Path(model).name, "data": data.name, "size": size, "seed": seed}
        atomic_write(json, to_json(rows, **facts).encode())
    if markdown is not None:
        atomic_write(markdown, to_markdown(rows).encode())
    console.print(_table(rows))


def _painter(model: str) -> Painter:
    from mangacolor.evaluate.protocol import painter_of
    from mangacolor.nets.checkpoint import load_generator

    generator, _ = load_generator(find_weights(model))
    return painter_of(generator)


def _score(model: str, paint: Painter, examples: list[Example], config: EvalConfig) -> list[Row]:
    from mangacolor.evaluate.protocol import BASELINES, PROTOCOLS, score

    painters = {**BASELINES, model: paint}
    rows = []
    total = len(painters) * len(PROTOCOLS) * len(examples)
    with Progress(console=err_console, transient=True) as progress:
        task = progress.add_task("Scoring", total=total)
        for protocol in PROTOCOLS:
            for name, painter in painters.items():
                rows.append(
                    score(name, painter, examples, protocol, config, lambda: progress.advance(task))
                )
    return rows


def _table(rows: list[Row]) -> Table:
    from mangacolor.evaluate.report import COLUMNS, cells

    table = Table()
    for field, heading, _ in COLUMNS:
        text = field in ("model", "protocol")
        table.add_column(heading, justify="left" if text else "right")
    for row in rows:
        table.add_row(
            *cells(row), end_section=row is rows[-1] or row.model not in ("lineart", "tinted")
        )
    return table
