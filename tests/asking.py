"""A chapter asked for in one call, after references by a model, with all else in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mangacolor.batch import run
from mangacolor.batch.events import Listener, Summary, nobody
from mangacolor.batch.model import Model
from mangacolor.batch.request import Request
from mangacolor.config import BatchConfig


def color_chapter(
    source: Path,
    references: Sequence[Path],
    model: Path | Model,
    config: BatchConfig | None = None,
    tell: Listener = nobody,
    **asked: Any,
) -> Summary:
    """Colours a chapter; `asked` has the names of `Request`."""
    return run.color_chapter(
        Request(source, references, config or BatchConfig(), **asked), model, tell
    )
