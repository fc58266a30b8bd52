"""Live bars on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich import box
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from mangacolor.cli.console import console, err_console, printable, say

if TYPE_CHECKING:
    from mangacolor.batch.events import Describing, Event, Library, Ready, Summary
    from mangacolor.train.record import Progress as TrainingProgress

__all__ = ["BatchDisplay", "TrainingDisplay"]

# What `--dry-run` ends with: it is quick because it opens no page.
_NOTHING = "Nothing was written. No page was opened: those in colour already are copied."


class _Rate(ProgressColumn):
    """Pages a second so far."""

    def render(self, task: Task) -> Text:
        if not task.completed or not task.elapsed:
            return Text("-")
        return Text(rate(task.completed / task.elapsed))


def rate(pages_per_second: float) -> str:
    """Words for a speed."""
    if pages_per_second >= 1:
        return f"{pages_per_second:.1f} pages/s"
    return f"{pages_per_second:.2f} pages/s"


class _Display:
    """A live bar for as long as a `with` block lasts."""

    _progress: Progress

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()


class BatchDisplay(_Display):
    """Progress of `batch`: a live bar on a terminal, a line a page elsewhere."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[page]}", style="dim", markup=False),
            console=err_console,
            disable=not err_console.is_terminal,
        )
        self._task = self._progress.add_task("Colouring", total=None, start=False, page="")
        self._count = self._total = self._planned = 0
        self._device = self._chapter = ""
        # What goes before a page's name where it is one of several chapters'.
        self._within = ""

    def show(self, event: Event) -> None:
        """Shows one event of `color_chapter`."""
        from mangacolor.batch.events import (
            Begun,
            Copied,
            Describing,
            Failed,
            Library,
            Notice,
            Planned,
            Ready,
            Refused,
            Smaller,
            Summary,
        )

        if isinstance(event, Begun):
            self._count = self._total = 0
            self._within = f"{event.name}/"
            self._chapter = f"{event.number}/{event.chapters} {_short(event.name)}"
            self._progress.reset(self._task, start=False, total=None, page="", visible=True)
            say(f"Chapter {event.number}/{event.chapters}: {event.name}", error=True, style="bold")
            return
        if isinstance(event, Summary | Library):
            # Told at the end, with the others.
            return
        if isinstance(event, Refused):
            say(f"failed: {event.message}", error=True, style="red")
            return
        if isinstance(event, Ready):
            self._begin(event)
            return
        if isinstance(event, Describing):
            self._look(event)
            return
        if isinstance(event, Smaller):
            words = f"note: out of memory; going on with colour at {event.size} px (--size)"
            say(words, error=True, style="yellow")
            return
        if isinstance(event, Planned):
            self._planned += 1
            say(f"{self._within}{event.name}: to be coloured")
            return
        if isinstance(event, Notice):
            say(f"note: {event.text}", error=True, style="yellow")
            return
        self._count += 1
        self._progress.update(self._task, advance=1, page=_short(event.name))
        failed = isinstance(event, Failed)
        if failed or not err_console.is_terminal:
            # Why it failed stands in the closing list.
            copied = isinstance(event, Copied)
            outcome = "failed" if failed else "in colour already, copied" if copied else "done"
            line = f"{self._count}/{self._total} {self._within}{event.name}: {outcome}"
            say(line, error=True, style="red" if failed else None)

    def _look(self, event: Describing) -> None:
        """Says what takes a while before the first page."""
        counts = ((event.references, "reference"), (event.edited, "edited page"))
        named = [f"{n} {what}{'s' * (n != 1)}" for n, what in counts if n]
        if not named:
            return
        words = f"Looking at {' and '.join(named)}"
        self._progress.update(self._task, description=words)
        if not err_console.is_terminal:
            say(words, error=True)

    def _begin(self, event: Ready) -> None:
        """Shows the bar of a chapter, and where it is coloured."""
        self._total = event.pages - event.skipped
        # A bar of nothing would say that nothing was done.
        self._progress.update(self._task, total=self._total, visible=self._total > 0)
        self._progress.start_task(self._task)
        if event.device:
            name = self._chapter or _short(event.output.name)
            where = f"{name} on {event.device}"
            self._progress.update(self._task, description=where)
            why = f" (no usable GPU: {event.note})" if event.note else ""
            device = f"Device: {event.device}{why}"
            # Of several chapters it is the same as a rule.
            if device != self._device:
                say(device, error=True)
            self._device = device
        skipped = f", {event.skipped} done already" if event.skipped else ""
        say(f"Pages: {event.pages}{skipped}", error=True)

    def close(self, summary: Summary | Library) -> None:
        """The closing lines, on stdout."""
        from mangacolor.batch.events import Library

        if isinstance(summary, Library):
            if self._planned:
                say(f"{self._planned} to colour. {_NOTHING}")
            else:
                _show_library(summary)
            return
        if self._planned:
            say(f"{self._planned} to colour, {summary.skipped} done already. {_NOTHING}")
            return
        copied = f"{summary.copied} copied, " if summary.copied else ""
        counts = (
            f"{summary.colored} coloured, {copied}{summary.skipped} skipped,"
            f" {len(summary.failed)} failed"
        )
        speed = f" in {summary.seconds:.1f} s ({rate(summary.pages_per_second)})"
        say(counts + (speed if summary.colored else ""))
        if summary.left:
            say(f"{summary.left} left; run the same command to go on.")
        if summary.copied:
            say("Pages in colour already were copied as they are; --recolor colours them, too.")
        if summary.colored or summary.skipped or summary.copied:
            say(f"Output: {summary.output}")


def _show_library(library: Library) -> None:
    """A row a chapter, and the sums."""
    table = Table(box=box.SIMPLE_HEAD, show_footer=len(library.chapters) > 1)
    columns = ("colored", "copied", "skipped", "left")
    ended = library.chapters.values()
    sums = [sum(getattr(summary, name) for summary in ended) for name in columns]
    table.add_column("chapter", "all", overflow="fold")
    for name, total in zip(columns, sums, strict=True):
        table.add_column(name.replace("colored", "coloured"), str(total), justify="right")
    table.add_column("failed", str(sum(len(s.failed) for s in ended)), justify="right")
    table.add_column("seconds", f"{library.seconds:.0f}", justify="right")
    for name, summary in library.chapters.items():
        counts = [str(getattr(summary, column)) for column in columns]
        failed = Text(str(len(summary.failed)), style="red" if summary.failed else "")
        table.add_row(Text(printable(name)), *counts, failed, f"{summary.seconds:.1f}")
    for name in library.refused:
        table.add_row(Text(printable(name)), "", "", "", "", Text("all", style="red"), "")
    console.print(table)


def _short(name: str, most: int = 32) -> str:
    """The end of a name that is too long, which tells pages apart."""
    name = printable(name)
    return name if len(name) <= most else "…" + name[1 - most :]


class TrainingDisplay(_Display):
    """Progress of `train`: a live bar on a terminal, a line now and then elsewhere."""

    # Steps between lines where there is no terminal.
    EVERY = 100
    # Seconds between lines while series are described.
    SECONDS = 30.0

    def __init__(self, step: int, steps: int) -> None:
        self._progress = Progress(
            TextColumn("{task.fields[speed]}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[losses]}", markup=False),
            TextColumn("ETA {task.fields[left]}"),
            console=err_console,
            disable=not err_console.is_terminal,
        )
        self._task = self._progress.add_task(
            "steps", completed=step, total=steps, speed="", losses="", left="-:--:--"
        )
        self._samples = ""
        self._told = 0.0

    def described(self, done: int, total: int) -> None:
        """Shows how many series are described before the first step."""
        words = f"described {done} of {total} series"
        self._progress.update(self._task, speed=words)
        now = time.monotonic()
        if not err_console.is_terminal and (now - self._told >= self.SECONDS or done == total):
            self._told = now
            say(words, error=True)

    def remembered(self, done: int, total: int) -> None:
        """Shows how many pages are described after the last step."""
        words = f"remembered {done} of {total} pages"
        self._progress.update(self._task, speed=words)
        if not err_console.is_terminal and done == total:
            say(words, error=True)

    def show(self, progress: TrainingProgress) -> None:
        """Shows how far the run is."""
        losses = " ".join(f"{name} {value:.4f}" for name, value in progress.losses.items())
        speed = f"{progress.pictures_per_second:.1f} pictures/s"
        self._progress.update(
            self._task,
            completed=progress.step,
            speed=speed,
            losses=losses,
            left=str(timedelta(seconds=round(progress.seconds_left))),
        )
        if not err_console.is_terminal and progress.step % self.EVERY == 0:
            say(f"{progress.step}/{progress.steps} {losses} {speed}", error=True)
        if progress.notice:
            say(f"note: {progress.notice}", error=True, style="yellow")
        samples = str(progress.samples or "")
        if samples != self._samples:
            self._samples = samples
            say(f"Samples: {samples}", error=True)
