"""PDFium, by the package pypdfium2 (extra `pdf`): it is not safe in threads.

Every call of it stands under one lock.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import threading
from collections.abc import Iterator
from typing import Any

from mangacolor.errors import InputError, MissingPackageError

__all__ = [
    "LOCK",
    "check_pdf",
    "digest_of",
    "facts_of",
    "failures_told",
    "pdfium",
    "saving_flags",
]

_TEXTS = ("Title", "Author", "Subject", "Keywords")

LOCK = threading.Lock()


@contextlib.contextmanager
def failures_told(name: str) -> Iterator[None]:
    """What PDFium raises in the block is said of a file, as an InputError."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    # PDFium's failures are RuntimeErrors, those of ctypes anything.
    except Exception as error:
        words = str(error).rstrip(".") or type(error).__name__
        raise InputError(f"{name} cannot be read: {words}.", "Save the PDF again.") from error


def check_pdf() -> None:
    """Looks whether PDFs can be read and written here.

    Raises:
        MissingPackageError: pypdfium2 is not installed.
    """
    pdfium()


def pdfium() -> Any:
    """The package; raises as `check_pdf`."""
    try:
        import pypdfium2
    except ImportError as error:
        raise MissingPackageError(
            "PDFs need the package pypdfium2.", 'Run `pip install "mangacolor[pdf]"`.'
        ) from error
    return pypdfium2


def facts_of(document: Any) -> dict[str, Any]:
    """What a document has beside its pages, by name; what it has not is left out.

    `pages` is how many it has.
    """
    import pypdfium2.raw as raw

    texts = document.get_metadata_dict()
    toc = document.get_toc()
    facts: dict[str, Any] = {
        "bookmarks": [(mark.level, mark.get_title(), _goal(mark)) for mark in toc],
        **{name.lower(): texts.get(name, "") for name in _TEXTS},
        "page labels": [document.get_page_label(i) for i in range(len(document))],
    }
    if not any(facts["page labels"]):
        facts["page labels"] = []
    buffer = ctypes.create_string_buffer(32)
    raw.FPDF_VIEWERREF_GetName(document, b"Direction", buffer, len(buffer))
    facts["reading direction"] = buffer.value.decode("latin-1")
    return {"pages": len(document)} | {name: value for name, value in facts.items() if value}


def _goal(mark: Any) -> int | None:
    goal = mark.get_dest()
    return None if goal is None else goal.get_index()


def digest_of(facts: dict[str, Any]) -> str:
    """Hex digest of what `facts_of` gave."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def saving_flags(document: Any) -> int:
    """How a document is saved: without what keeps others from changing it, which we could not."""
    import pypdfium2.raw as raw

    locked = raw.FPDF_GetSecurityHandlerRevision(document) >= 0
    return int(raw.FPDF_REMOVE_SECURITY if locked else 0)
