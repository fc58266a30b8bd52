"""What `doctor` found, and what it makes of it."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from mangacolor.config import Runtime
from mangacolor.errors import MangacolorError

__all__ = ["Check", "Findings", "State"]

State = Literal["ok", "problem", "not there"]


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what.
        state: `not there` is nothing to mend unless it is wanted.
        detail: what was found.
        hint: what to do about a problem; may be empty.
        facts: the same for programs; values are JSON's.
        error: set if what was asked for cannot work because of this.
    """

    name: str
    state: State
    detail: str
    hint: str = ""
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)
    error: MangacolorError | None = None


@dataclasses.dataclass(frozen=True)
class Findings:
    """All that was looked at.

    Attributes:
        asked: the device that was asked for.
        device: where the self-test's page was coloured; None: it was not.
        checks: in the order in which they were done.
    """

    asked: Runtime
    device: str | None
    checks: tuple[Check, ...]

    @property
    def error(self) -> MangacolorError | None:
        """The first thing because of which it does not work; None: it works."""
        return next((check.error for check in self.checks if check.error is not None), None)

    def record(self) -> dict[str, Any]:
        """What was found, as JSON has it.

        Returns:
            `asked`, `device` (`cpu`, `cuda` or null), `ok`, `exit_code`, and `checks`: a list of
            `name`, `state` (`ok`, `problem`, `not there`), `detail`, `hint` and `facts`.
        """
        checks = [
            {name: getattr(check, name) for name in ("name", "state", "detail", "hint", "facts")}
            for check in self.checks
        ]
        code = 0 if self.error is None else self.error.exit_code
        return {
            "asked": self.asked,
            "device": self.device,
            "ok": self.error is None,
            "exit_code": code,
            "checks": checks,
        }
