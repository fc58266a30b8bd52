"""The table, for programs and for documents."""

from __future__ import annotations

import dataclasses
import json
import math
import platform
from typing import Any

import torch

from mangacolor import __version__
from mangacolor.evaluate.protocol import Row

__all__ = ["COLUMNS", "cells", "to_json", "to_markdown"]

# Field, heading, and how a figure is written.
COLUMNS = (
    ("model", "model", "{}"),
    ("protocol", "reference", "{}"),
    ("n", "n", "{}"),
    ("size", "size", "{}"),
    ("psnr", "PSNR dB ↑", "{:.2f}"),
    ("ssim", "SSIM ↑", "{:.3f}"),
    ("chroma_r2", "chroma R² ↑", "{:+.3f}"),
    ("colourfulness_ratio", "colour ratio → 1", "{:.2f}"),
)


def cells(row: Row) -> list[str]:
    """A row's figures as text, in the order of `COLUMNS`; a dash where nothing could be scored."""
    values = [(getattr(row, field), form) for field, _, form in COLUMNS]
    return ["-" if value != value else form.format(value) for value, form in values]


def to_markdown(rows: list[Row]) -> str:
    """The table in Markdown."""
    lines = [[heading for _, heading, _ in COLUMNS], ["---"] * len(COLUMNS), *map(cells, rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def to_json(rows: list[Row], **facts: Any) -> str:
    """One object: `rows`, and the machine and versions that made them; NaN becomes null."""
    record = {
        "rows": [
            {
                name: None if isinstance(value, float) and math.isnan(value) else value
                for name, value in dataclasses.asdict(row).items()
            }
            for row in rows
        ],
        "mangacolor": __version__,
        "torch": torch.__version__,
        "machine": platform.machine(),
        **facts,
    }
    return json.dumps(record, indent=2) + "\n"
