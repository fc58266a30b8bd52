"""The table, for programs and for documents."""

from __future__ import annotations

import dataclasses
import json
import math
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

from mangacolor.evaluate.measure import Row
from mangacolor.version import __version__

__all__ = [
    "COLUMNS",
    "Column",
    "cells",
    "columns_of",
    "has_figures",
    "notes",
    "to_json",
    "to_markdown",
]


class Column(NamedTuple):
    """A column of the table.

    Attributes:
        field: of the row.
        heading: with the better direction.
        form: how a figure is written.
        short: the heading where there is little room.
    """

    field: str
    heading: str
    form: str = "{}"
    short: str = ""


COLUMNS = (
    Column("model", "model"),
    Column("protocol", "reference"),
    Column("references", "references", short="refs"),
    Column("n", "n"),
    Column("size", "size"),
    Column("psnr", "PSNR dB ↑", "{:.2f}", "PSNR↑"),
    Column("ssim", "SSIM ↑", "{:.3f}", "SSIM↑"),
    Column("ms_ssim", "MS-SSIM ↑", "{:.3f}", "MS↑"),
    Column("fid", "FID ↓", "{:.1f}", "FID↓"),
    Column("lpips", "LPIPS ↓", "{:.3f}", "LPIPS↓"),
    Column("chroma_r2", "chroma R² ↑", "{:+.3f}", "R²↑"),
    Column("colourfulness_ratio", "colour ratio → 1", "{:.2f}", "ratio"),
    Column("ciede2000", "ΔE₀₀ ↓", "{:.1f}", "ΔE↓"),
    Column("palette_distance", "palette ↓", "{:.1f}", "pal.↓"),
    Column("spill", "spill ↓", "{:.2f}", "spill↓"),
    Column("area_accuracy", "area accuracy ↑", "{:.3f}", "area↑"),
    Column("parts", "parts in hue ↑", "{:.3f}", "parts↑"),
)


# Why nothing could be scored by a protocol.
_EMPTY = {
    "own": "there is no picture",
    "series": "no picture has another of its series",
    "other": "all pictures are of one series",
}


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns that a table of these rows has: parts only of data whose parts are known, and
    the number of references only if it is not one everywhere.
    """
    one = all(row.get("references", 1) == 1 for row in rows)
    return [
        column
        for column in COLUMNS
        if not (column.field == "parts" and not has_figures(rows, column))
        and not (column.field == "references" and one)
    ]


def has_figures(rows: Sequence[Mapping[str, Any]], column: Column) -> bool:
    """Whether some row has something in a column."""
    values = [row.get(column.field) for row in rows]
    return any(value is not None and value == value for value in values)


def cells(row: Mapping[str, Any], columns: Sequence[Column] = COLUMNS) -> list[str]:
    """A row's figures as text; a dash where there is none, or nothing could be scored."""
    values = [(row.get(field), form) for field, _, form, _ in columns]
    return ["-" if x is None or x != x else form.format(x) for x, form in values]


def to_markdown(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column] | None = None) -> str:
    """The table in Markdown; without columns named, those of `columns_of`."""
    columns = columns_of(rows) if columns is None else columns
    headings = [column.heading for column in columns]
    lines = [headings, ["---"] * len(columns), *(cells(row, columns) for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def notes(rows: Sequence[Row], missing: Mapping[str, str]) -> list[str]:
    """What a reader of the table must know: why a column is empty, or not of every picture."""
    headings = {column.field: column.heading.split()[0] for column in COLUMNS}
    found = [f"{headings[field]} is empty: {why}." for field, why in missing.items()]
    empty = dict.fromkeys(row.protocol for row in rows if not row.n)
    found += [f"{protocol} is left out: {_EMPTY[protocol]}." for protocol in empty]
    short = {(row.n_ms_ssim, row.n) for row in rows if row.n_ms_ssim < row.n}
    if short:
        counts = ", ".join(f"{some} of {n}" for some, n in sorted(short))
        found.append(f"MS-SSIM is of {counts} pictures: it needs 161 px on the shorter side.")
    return found


def to_json(rows: Sequence[Row], **facts: Any) -> str:
    """One object: `rows`, and the machine and versions that made them; NaN becomes null."""
    record = {
        "rows": [finite(dataclasses.asdict(row)) for row in rows],
        "mangacolor": __version__,
        "python": platform.python_version(),
        **{package: version(package) for package in ("torch", "piq", "scikit-image")},
        "machine": platform.machine(),
        **facts,
    }
    return json.dumps(record, indent=2) + "\n"


def finite(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with null for what is not a number: JSON has no NaN."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in values.items()
    }
