"""The errors a user can meet, each with its exit code.

MangacolorError                1  (never raised itself; a plain bug also exits 1)
├── UsageError                 2  the command line or a config cannot be right
├── InputError                 3  a page, reference, data set or archive cannot be used
├── ModelError                 4  a checkpoint or bundle cannot be used
│   └── MemoryLimitError       4  the device's memory is not enough for a picture of this size
├── SetupError                 5  a package or device that was asked for is not there
│   ├── MissingPackageError    5  a package that one input or format needs is not installed
│   └── StorageError           5  a disk or folder that is written to is full or failed
├── DivergedError              6  training met a non-finite loss
├── SomePagesFailedError       7  the chapter was done, but not every page of it
└── BusyError                  8  another run is at work on the same output

Interrupted by Ctrl-C: 130.
"""

from __future__ import annotations

__all__ = [
    "INTERRUPTED",
    "BusyError",
    "DivergedError",
    "InputError",
    "MangacolorError",
    "MemoryLimitError",
    "MissingPackageError",
    "ModelError",
    "SetupError",
    "SomePagesFailedError",
    "StorageError",
    "UsageError",
]

INTERRUPTED = 130


class MangacolorError(Exception):
    """Something the user can act on.

    Args:
        message: what is wrong, and with which file.
        hint: what to do about it; may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MangacolorError):
    exit_code = 2


class InputError(MangacolorError):
    exit_code = 3


class ModelError(MangacolorError):
    exit_code = 4


class MemoryLimitError(ModelError):
    pass


class SetupError(MangacolorError):
    exit_code = 5


class MissingPackageError(SetupError):
    pass


class StorageError(SetupError):
    pass


class DivergedError(MangacolorError):
    exit_code = 6


class SomePagesFailedError(MangacolorError):
    exit_code = 7


class BusyError(MangacolorError):
    exit_code = 8
