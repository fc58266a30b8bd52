"""Why a page failed, in words: its own fault, the disk's, the memory's, or this tool's."""

from __future__ import annotations

from mangacolor.errors import MangacolorError

__all__ = ["hint_of", "reason_of"]


def reason_of(error: BaseException) -> str:
    """Words for whatever a page raised.

    What is none of this project's errors, nor the system's, is a fault of this tool, and is not
    blamed on the page.
    """
    if isinstance(error, MangacolorError):
        return f"{error.message} {error.hint}".strip()
    if isinstance(error, MemoryError):
        return "There was not enough memory."
    if isinstance(error, OSError):
        return f"It cannot be written: {error.strerror or error}."
    words = " ".join(str(error).split())
    return (
        f"mangacolor itself failed on it, which is no fault of the page: {type(error).__name__}"
        f"{': ' if words else ''}{words.rstrip('.')}. Please report it, with the page."
    )


def hint_of(reasons: list[str]) -> str:
    """What to do about pages that failed, by their reasons; the others are done."""
    again = "run the same command again; the others are done."
    if any("cannot be written" in reason for reason in reasons):
        return f"See that they can be written, and {again}"
    if all("mangacolor itself failed" in reason for reason in reasons):
        return "The others are done; these need a mended mangacolor."
    if all("not enough memory" in reason or "ran out of memory" in reason for reason in reasons):
        return f"Close other programs or take a smaller --size, and {again}"
    return f"Mend or remove them and {again}"
