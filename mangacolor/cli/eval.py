"""`mangacolor eval`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from mangacolor.bundle import default_bundle, read_bundle
from mangacolor.cli.console import console, err_console, say
from mangacolor.cli.options import DeviceOption
from mangacolor.cli.training import require_torch, say_notices
from mangacolor.config import EvalConfig, Layout, Look, Runtime
from mangacolor.errors import InputError, ModelError, UsageError
from mangacolor.files import atomic_write
from mangacolor.targets import check_page, check_target, has_keys

if TYPE_CHECKING:
    from mangacolor.data.layouts import Example
    from mangacolor.evaluate.gallery import Gallery
    from mangacolor.evaluate.measure import Row
    from mangacolor.evaluate.painters import Painter
    from mangacolor.evaluate.scaled import Scaled
    from mangacolor.metrics.learned import Learned

__all__ = ["evaluate"]

DEFAULTS = EvalConfig()
WeightsOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Else looked for in torch's cache.")
]


def evaluate(
    model: Annotated[
        str, typer.Argument(help="`default` (the shipped model), a checkpoint, or a bundle.")
    ],
    data: Annotated[Path, typer.Argument(help="Folder or CBZ in any layout that `train` reads.")],
    layout: Annotated[Layout, typer.Option(help="How the pictures lie in DATA.")] = "auto",
    size: Annotated[
        int, typer.Option(min=64, help="Longer side of pictures and references.")
    ] = DEFAULTS.size,
    seed: Annotated[int, typer.Option(help="Of the choice of references.")] = DEFAULTS.seed,
    references: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="Most references of a picture, with `own` one."),
    ] = DEFAULTS.references,
    flats: Annotated[
        bool,
        typer.Option("--flats/--no-flats", help="One colour an area, or colours run, as in batch."),
    ] = True,
    device: DeviceOption = "auto",
    fid_weights: WeightsOption = None,
    lpips_weights: WeightsOption = None,
    vgg_weights: WeightsOption = None,
    json: Annotated[Path | None, typer.Option(help="Write the rows to this file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the table to this file.")] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a page with every picture to DIR/index.html."),
    ] = None,
) -> None:
    """Score a model: own picture, same series and other series as reference.

    What each figure means, its range and its source: docs/metrics.md.
    """
    require_torch()
    from mangacolor.data.survey import survey
    from mangacolor.evaluate.gallery import PAGE, Gallery
    from mangacolor.evaluate.scaled import Scaled
    from mangacolor.evaluate.tables import notes, to_json
    from mangacolor.metrics.learned import load_learned

    page = None if html is None else html / PAGE
    if json is not None:
        check_target(json, "--json", has_keys("rows", "mangacolor"), inputs=[data])
    if markdown is not None:
        check_target(markdown, "--markdown", _is_table, inputs=[data])
    if page is not None:
        check_page(page, "--html", [data])
    learned = load_learned(fid_weights, lpips_weights, vgg_weights)
    found = survey(data, layout, colors=False)
    pictures = Scaled(size)
    examples, left_out = pictures.usable(found.examples)
    say(f"Layout: {found.layout}", error=True)
    say_notices([*found.notices, *left_out])
    if not examples:
        raise InputError(
            f"{data} has no picture that could be scored. {' '.join(left_out)}".strip(),
            "Name a folder of pictures in colour, or of pairs.",
        )
    paint = _painter(model, device, Look(size=size, flats=flats))
    name, config = Path(model).name, EvalConfig(size, seed, references)
    gallery = None if html is None else Gallery()
    rows = _score(name, paint, examples, config, learned, gallery, pictures)
    remarks = [*notes(rows, learned.missing), *found.notices, *left_out]
    if json is not None:
        facts = {"model": name, "data": data.name, "size": size, "seed": seed}
        _write(json, to_json(rows, **facts, references=references, notes=remarks))
    if markdown is not None:
        _write(markdown, _markdown(rows, remarks))
    if html is not None and gallery is not None:
        page = gallery.write(html, f"{name} on {data.name}, {size} px", rows, remarks)
    # Only when all is on the disk: a terminal is the last thing that may fail.
    several = f", up to {references} references" if references > 1 else ""
    say(f"{name} on {data.name}, longer side {size} px{several}")
    console.print(_table(rows))
    for remark in remarks:
        say(remark, style="dim")
    if page is not None:
        say(f"Pictures: {page}")


def _painter(model: str, device: Runtime, look: Look) -> Painter:
    """An exported model runs in ONNX Runtime, a checkpoint in torch."""
    from mangacolor.evaluate.painters import painter_of
    from mangacolor.nets.checkpoint import load_generator
    from mangacolor.runtime.checkpoint import open_generator
    from mangacolor.runtime.engine import Engine
    from mangacolor.train.loop import choose_device

    path = default_bundle() if model == "default" else Path(model)
    if path.is_dir():
        engine = Engine.open(read_bundle(path), device)
        say(f"Model: {path.name}, in ONNX Runtime on {engine.device}", error=True)
        return painter_of(engine.model, look)
    if not path.exists():
        raise ModelError(
            f"There is no model {path}.", "Name `default`, a checkpoint, or an exported model."
        )
    if device not in ("auto", "cpu", "cuda"):
        raise UsageError(
            f"A checkpoint cannot be scored on {device}.", "Export it first, or take cpu or cuda."
        )
    generator, _ = load_generator(path)
    place = choose_device(device)
    say(f"Model: {path.name}, in torch on {place}", error=True)
    return painter_of(open_generator(generator, place), look)


def _score(
    model: str,
    paint: Painter,
    examples: list[Example],
    config: EvalConfig,
    learned: Learned,
    gallery: Gallery | None,
    pictures: Scaled,
) -> list[Row]:
    from mangacolor.evaluate.measure import Figures, Scored
    from mangacolor.evaluate.painters import BASELINES
    from mangacolor.evaluate.protocol import PROTOCOLS, references
    from mangacolor.evaluate.score import score

    painters = {**BASELINES, model: paint}
    counts = {name: len(references(examples, name, config.seed)) for name in PROTOCOLS}
    columns = (TextColumn("Scoring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    rows = []
    with Progress(*columns, console=err_console, transient=True) as progress:
        task = progress.add_task("Scoring", total=len(painters) * sum(counts.values()))
        for protocol in PROTOCOLS:
            for name, painter in painters.items():
                shown = gallery if painter is paint else None

                def keep(
                    sample: Scored,
                    figures: Figures,
                    protocol: str = protocol,
                    shown: Gallery | None = shown,
                ) -> None:
                    progress.advance(task)
                    if shown is not None:
                        shown.add(protocol, sample, figures)

                rows.append(
                    score(name, painter, examples, protocol, config, learned, keep, pictures)
                )
                if not err_console.is_terminal:
                    say(f"{protocol}: {name}, {rows[-1].n} pictures", error=True)
    return rows


def _markdown(rows: list[Row], remarks: list[str]) -> str:
    import dataclasses

    from mangacolor.evaluate.tables import to_markdown

    table = to_markdown([dataclasses.asdict(row) for row in rows])
    return table + "".join(f"\n{remark}\n" for remark in remarks)


def _is_table(path: Path) -> bool:
    """Whether a file is one of `--markdown`."""
    try:
        with path.open("rb") as file:
            return file.read(64).startswith(b"| model | reference |")
    except OSError:
        return False


def _write(path: Path, text: str) -> None:
    try:
        atomic_write(path, text.encode(errors="replace"))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Name another file."
        ) from error


def _table(rows: list[Row]) -> Table:
    import dataclasses

    from mangacolor.evaluate.tables import cells, columns_of, has_figures

    # A terminal is narrow: what is the same in every row is said in the titles, and an empty column
    # in a note.
    figures = [dataclasses.asdict(row) for row in rows]
    columns = [
        column
        for column in columns_of(figures)
        if column.field not in ("protocol", "references", "size") and has_figures(figures, column)
    ]
    table = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
    for column in columns:
        text = column.field == "model"
        table.add_column(
            column.short or column.heading,
            justify="left" if text else "right",
            no_wrap=not text,
            min_width=8 if text else None,
            overflow="fold",
        )
    protocol = ""
    for row in (row for row in rows if row.n):
        if row.protocol != protocol:
            protocol = row.protocol
            table.add_section()
            table.add_row(protocol, style="bold")
        baseline = row.model in ("lineart", "tinted")
        values = cells(dataclasses.asdict(row), columns)
        table.add_row(*values, style="dim" if baseline else "")
    return table
