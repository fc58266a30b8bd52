"""Chapters as tasks of Ray, on a local one with two workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mangacolor.batch import cluster
from mangacolor.batch.cluster import Errand, Outcome, color_on_ray, do_task
from mangacolor.batch.events import Begun, Done, Event, Refused, Summary
from mangacolor.batch.request import Request
from mangacolor.chapter.chapters import Chapter, find_chapters
from mangacolor.config import BatchConfig
from mangacolor.errors import MissingPackageError, UsageError
from tests.conftest import draw_page

CONFIG = BatchConfig(device="cpu")


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """Ray on this machine."""
    ray = pytest.importorskip("ray")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Workers need not find this file.
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    quiet = {"log_to_driver": False, "logging_level": "ERROR", "include_dashboard": False}
    with cluster.short_place() as place:
        ray.init(num_cpus=2, **quiet, **place)
        yield ray
        ray.shutdown()


@pytest.fixture
def chapters(tmp_path: Path) -> tuple[Chapter, ...]:
    """Three chapters of two pages."""
    for i in range(3):
        folder = tmp_path / "library" / f"chapter {i}"
        folder.mkdir(parents=True)
        for j in range(2):
            Image.fromarray(draw_page(2 * i + j)).save(folder / f"{j}.png")
    return find_chapters([tmp_path / "library"]).found


def asked(cover: Path, **more: Any) -> Request:
    return Request(Path("library"), [cover], CONFIG, **more)


def pages(tmp_path: Path) -> set[str]:
    out = tmp_path / "library-color"
    return {path.relative_to(out).as_posix() for path in out.rglob("[!.]*.png")}


def die_once(task: Errand) -> Outcome:
    """A worker that dies once a page of its first chapter is in place."""
    mark = task.chapter.source.parent / "died"
    if task.chapter.name == "chapter 1" and not mark.exists():
        really = cluster.color_one  # type: ignore[attr-defined]

        def deadly(*arguments: Any) -> Summary:
            *others, report = arguments

            def watch(event: Event) -> None:
                report(event)
                if isinstance(event, Done):
                    mark.touch()
                    os._exit(1)

            return really(*others, watch)  # type: ignore[call-arg]

        cluster.color_one = deadly  # type: ignore[assignment, attr-defined]
    return do_task(task)


def die_always(task: Errand) -> Outcome:
    if task.chapter.name == "chapter 1":
        os._exit(1)
    return do_task(task)


@pytest.mark.filterwarnings("ignore")
def test_chapters_are_done_by_workers_and_again_by_none(
    local: Any,
    chapters: tuple[Chapter, ...],
    cover: Path,
    fake_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "library" / "chapter 2" / "2.png").write_bytes(b"no")
    monkeypatch.chdir(tmp_path)
    events: list[Event] = []
    request, tell = asked(Path(cover.name)), events.append
    done = color_on_ray(chapters, request, fake_bundle, tell)
    assert list(done.chapters) == ["chapter 0", "chapter 1", "chapter 2"]
    assert (done.colored, list(done.failed)) == (6, ["chapter 2: 2.png"])
    assert pages(tmp_path) == {f"chapter {i}/{j}.png" for i in range(3) for j in range(2)}
    # What is told of a chapter is told together.
    told = [type(event) for event in events if isinstance(event, Begun | Done | Summary)]
    assert told == [Begun, Done, Done, Summary] * 3
    again = color_on_ray(chapters, request, fake_bundle)
    assert (again.colored, again.chapters["chapter 0"].skipped) == (0, 2)


@pytest.mark.filterwarnings("ignore")
def test_a_worker_that_dies_is_replaced_and_nothing_is_lost(
    local: Any, chapters: tuple[Chapter, ...], cover: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    done = color_on_ray(chapters, asked(cover), fake_bundle, do=die_once)
    assert (tmp_path / "library" / "died").exists()
    assert (done.refused, done.failed) == ({}, {})
    # What was done before the death is not done again.
    again = done.chapters["chapter 1"]
    assert again.skipped >= 1 and again.colored + again.skipped == 2
    assert pages(tmp_path) == {f"chapter {i}/{j}.png" for i in range(3) for j in range(2)}


@pytest.mark.filterwarnings("ignore")
def test_a_chapter_on_which_every_worker_dies_leaves_the_others(
    local: Any, chapters: tuple[Chapter, ...], cover: Path, fake_bundle: Path
) -> None:
    events: list[Event] = []
    done = color_on_ray(chapters, asked(cover), fake_bundle, events.append, die_always)
    assert list(done.chapters) == ["chapter 0", "chapter 2"]
    assert list(done.refused) == ["chapter 1"]
    assert "No worker" in done.refused["chapter 1"].message
    assert len([event for event in events if isinstance(event, Refused)]) == 1


def test_without_ray_it_is_said_what_to_install(
    chapters: tuple[Chapter, ...], cover: Path, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingPackageError) as caught:
        color_on_ray(chapters, asked(cover), fake_bundle)
    assert "mangacolor[ray]" in caught.value.hint


def test_a_limit_does_not_go_with_ray(
    chapters: tuple[Chapter, ...], cover: Path, fake_bundle: Path
) -> None:
    with pytest.raises(UsageError, match="--limit"):
        color_on_ray(chapters, asked(cover, limit=1), fake_bundle)


def test_a_worker_keeps_its_model_and_tells_what_it_lacks(
    chapters: tuple[Chapter, ...], cover: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    first, second = (Errand(chapter, asked(cover), fake_bundle) for chapter in chapters[:2])
    do_task(first)
    (model,) = cluster._models.values()
    do_task(second)
    assert list(cluster._models.values()) == [model]
    events, outcome = do_task(Errand(chapters[2], asked(cover), tmp_path / "none"))
    assert isinstance(outcome, Refused)
    assert (events, outcome.exit_code) == ([], 4)


def test_the_command_line_prints_nothing_but_events(
    chapters: tuple[Chapter, ...], cover: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    pytest.importorskip("ray")
    command = [sys.executable, "-m", "mangacolor", "batch", str(tmp_path / "library"), "--ray"]
    command += ["--ref", str(cover), "--model", str(fake_bundle), "--device", "cpu", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    last = [json.loads(line) for line in done.stdout.splitlines()][-1]
    assert (last["event"], last["colored"]) == ("library", 6)
