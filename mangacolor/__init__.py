"""Colour black-and-white manga from a colour reference.

`open_model` is the way in from Python; it needs no torch. See docs/library.md.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from mangacolor.version import __version__

if TYPE_CHECKING:
    from mangacolor.batch.events import Summary
    from mangacolor.batch.model import Model, open_model
    from mangacolor.config import BatchConfig
    from mangacolor.errors import MangacolorError

__all__ = ["BatchConfig", "MangacolorError", "Model", "Summary", "__version__", "open_model"]

# ONNX Runtime reads it when it is imported, and else keeps a store of its own in the user's cache.
# What is coloured here is nobody else's business.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_HOMES = {
    "BatchConfig": "mangacolor.config",
    "MangacolorError": "mangacolor.errors",
    "Model": "mangacolor.batch.model",
    "Summary": "mangacolor.batch.events",
    "open_model": "mangacolor.batch.model",
}


def __getattr__(name: str) -> Any:
    # Only when asked for: `mangacolor --help` must not wait for ONNX Runtime.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
