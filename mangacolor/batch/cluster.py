"""Chapters as tasks of Ray: side by side on the cores, GPUs and machines that it has."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mangacolor.batch.events import Begun, Event, Library, Listener, Refused, Summary, nobody
from mangacolor.batch.library import attempt, color_one, requests_of
from mangacolor.batch.model import Model
from mangacolor.batch.request import Request
from mangacolor.chapter.chapters import Chapter
from mangacolor.config import BatchConfig
from mangacolor.errors import MangacolorError, MissingPackageError, UsageError

__all__ = ["Errand", "color_on_ray", "do_task"]

# Longest name of the folder for temporary files, in bytes, below which Ray's own names have room.
_LONGEST_PLACE = 36

# Of a machine's cores, for one chapter: reading and writing pages takes about these beside the
# networks.
_CORES = 4
# How often a chapter is begun anew whose worker died: it goes on where it stopped.
_RETRIES = 3


@dataclasses.dataclass(frozen=True)
class Errand:
    """One chapter, with all that a worker on another machine needs; its paths are absolute."""

    chapter: Chapter
    request: Request
    model: Path


Outcome = tuple[list[Event], Summary | Refused]

# A worker's model: opened once for all chapters that it does.
_models: dict[tuple[Any, ...], Model] = {}


def do_task(task: Errand) -> Outcome:
    """Colours a chapter in a worker: what was told of it, and what came of it."""
    events: list[Event] = []
    chapter, config = task.chapter, task.request.config

    def work() -> Summary:
        key = (task.model, config.device, config.memory)
        if key not in _models:
            _models.clear()
            _models[key] = Model(*key)
        return color_one(chapter, task.request, _models[key], events.append)

    try:
        return events, attempt(chapter, work)
    except MangacolorError as error:
        # One machine's device or disk; others may have better ones.
        return events, Refused(chapter.name, error.message, error.hint, error.exit_code)


def color_on_ray(
    chapters: Sequence[Chapter],
    request: Request,
    model: Path,
    tell: Listener = nobody,
    do: Callable[[Errand], Outcome] = do_task,
) -> Library:
    """As `color_library`, but chapters side by side; each is told when it has ended.

    The cluster is that of the environment variable RAY_ADDRESS, or this machine. Its machines see
    the files by the same paths. A worker that dies is replaced, and its chapter goes on.

    Args:
        chapters, request, tell: as `color_library` has them.
        model: the bundle's folder.
        do: what a worker does.

    Raises:
        MissingPackageError: Ray is not installed.
        UsageError: a limit: there is no order in which chapters would use it up.
        KeyboardInterrupt: after tasks were told to end; the pages that are done are in place.
    """
    if request.limit is not None:
        raise UsageError("--ray does not go with --limit.", "Leave one out.")
    tasks = [
        Errand(_absolute(chapter), _placed(mine), model.absolute())
        for chapter, mine in zip(chapters, requests_of(chapters, request, tell), strict=True)
    ]
    start = time.monotonic()
    ended: dict[str, Summary] = {}
    refused: dict[str, Refused] = {}
    with _cluster() as ray:
        for number, outcome in _outcomes(ray, tasks, do, request.config):
            tell(Begun(chapters[number].name, number + 1, len(chapters)))
            events, result = outcome
            for event in events:
                tell(event)
            if isinstance(result, Refused):
                refused[result.name] = result
            else:
                ended[chapters[number].name] = result
            tell(result)
    order = [chapter.name for chapter in chapters]
    return Library(
        {name: ended[name] for name in order if name in ended},
        {name: refused[name] for name in order if name in refused},
        time.monotonic() - start,
    )


def _outcomes(
    ray: Any, tasks: Sequence[Errand], do: Callable[[Errand], Outcome], config: BatchConfig
) -> Iterator[tuple[int, Outcome]]:
    """Number and outcome of each task, as they end."""
    remote = ray.remote(do).options(max_retries=_RETRIES, **_needs(ray, config))
    waiting = {remote.remote(task): number for number, task in enumerate(tasks)}
    try:
        while waiting:
            (ready, *_), _ = ray.wait(list(waiting), num_returns=1)
            number = waiting.pop(ready)
            try:
                outcome = ray.get(ready)
            except ray.exceptions.RayError as error:
                outcome = [], _died(tasks[number].chapter.name, error)
            yield number, outcome
    finally:
        for reference in waiting:
            ray.cancel(reference, force=True)


def _died(name: str, error: Exception) -> Refused:
    words = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
    return Refused(
        name,
        f"No worker could bring it to its end: {words}.",
        "Look at Ray's logs; then run again to go on where it stopped.",
        5,
    )


def _needs(ray: Any, config: BatchConfig) -> dict[str, float]:
    """What of one machine a chapter takes."""
    machines = [node.get("Resources", {}) for node in ray.nodes() if node.get("Alive")]
    cores = max((machine.get("CPU", 0) for machine in machines), default=1)
    gpus = config.device != "cpu" and any(machine.get("GPU", 0) >= 1 for machine in machines)
    return {"num_cpus": min(_CORES, max(1, int(cores) // 2)), **({"num_gpus": 1} if gpus else {})}


@contextlib.contextmanager
def _cluster() -> Iterator[Any]:
    """Ray, connected; as it was before when the block ends."""
    # What is coloured here is nobody else's business.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray = importlib.import_module("ray")
    except ImportError as error:
        raise MissingPackageError(
            "--ray needs the package ray.", 'Run `pip install "mangacolor[ray]"`.'
        ) from error
    if ray.is_initialized():
        yield ray
        return
    with short_place() as place:
        quiet = {"log_to_driver": False, "logging_level": "ERROR", "include_dashboard": False}
        ray.init(**quiet, **place)
        try:
            yield ray
        finally:
            ray.shutdown()


@contextlib.contextmanager
def short_place() -> Iterator[dict[str, str]]:
    """Options for `ray.init` where the folder for temporary files has too long a name.

    The sockets that Ray makes there may have a name of at most 107 bytes.
    """
    if os.name == "nt" or len(os.fsencode(tempfile.gettempdir())) <= _LONGEST_PLACE:
        yield {}
        return
    with tempfile.TemporaryDirectory(
        prefix="ray-", dir="/tmp", ignore_cleanup_errors=True
    ) as place:
        yield {"_temp_dir": place}


def _absolute(chapter: Chapter) -> Chapter:
    return dataclasses.replace(
        chapter,
        source=chapter.source.absolute(),
        out=None if chapter.out is None else chapter.out.absolute(),
        own=tuple(tuple(path.absolute() for path in paths) for paths in chapter.own),
        apart=frozenset(path.absolute() for path in chapter.apart),
    )


def _placed(request: Request) -> Request:
    report, strokes = (
        None if path is None else path.absolute() for path in (request.report, request.strokes)
    )
    references = tuple(path.absolute() for path in request.references)
    return dataclasses.replace(request, references=references, report=report, strokes=strokes)
