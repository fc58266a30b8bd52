"""docs/events.md is true: every event and key, and the last line whatever happens."""

from __future__ import annotations

import dataclasses
import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.batch import events
from mangacolor.batch.events import Event, Library, Refused, Summary, record
from tests.cli.conftest import Cli

DOCS = Path(__file__).parents[2] / "docs" / "events.md"


def documented() -> dict[str, set[str]]:
    """Keys by event, as the table says."""
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", DOCS.read_text(), re.MULTILINE)
    return {event: set(re.findall(r"`(\w+)`", keys)) for event, keys in rows if event != "event"}


def test_the_table_has_every_event_with_its_keys() -> None:
    kinds: list[Any] = [*Event.__args__]
    told = {kind.__name__.lower(): {f.name for f in dataclasses.fields(kind)} for kind in kinds}
    told["summary"].add("pages_per_second")
    # Sums over the chapters, in words of its own.
    told["library"] |= {"colored", "copied", "skipped", "left", "failed"}
    told["error"] = {"message", "hint", "exit_code"}
    # `auto` and `--limit` are words of explanation.
    assert {event: keys - {"auto"} for event, keys in documented().items()} == told
    assert set(events.__all__) >= {kind.__name__ for kind in kinds}


def test_a_record_is_what_the_table_says() -> None:
    summary = Summary(1, 2, {"a": "b"}, 2.0, Path("out"), "cpu")
    library = Library({"one": summary}, {"two": Refused("two", "a", "b", 3)}, 2.0)
    for event, name in ((summary, "summary"), (library, "library")):
        made = record(event)
        assert set(made) == {"event", *documented()[name]}
        json.dumps(made)


@pytest.fixture
def last_line(
    cli: Cli, chapter: Path, cover: Path, fake_bundle: Path
) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Runs `batch --json`; gives the exit code and the last of the lines, all of them JSON."""

    def run(*more: object) -> tuple[int, dict[str, Any]]:
        command = ("batch", chapter, "--ref", cover, "--model", fake_bundle, "--json")
        code, out, err = cli(*command, *more)
        lines = [json.loads(line) for line in out.splitlines()]
        assert lines, err
        assert "Traceback" not in err
        assert not any(line["event"] in ("summary", "error") for line in lines[:-1])
        return code, lines[-1]

    return run


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--watch", "--dry-run"], 2),
        (["--size", "7"], 2),
        (["--size", "many"], 2),
        (["--no-such-option"], 2),
        (["--model", "none"], 4),
        (["--ref", "none"], 3),
        (["--out", "x" * 300], 2),
        (["--out", "page\0"], 1),
        (["--report", "."], 2),
    ],
)
def test_what_cannot_be_begun_ends_with_error(
    last_line: Callable[..., tuple[int, dict[str, Any]]], more: list[str], code: int
) -> None:
    if "\0" in more[-1]:
        pytest.skip("no shell passes this on")
    found, line = last_line(*more)
    assert (found, line["event"], line["exit_code"]) == (code, "error", code)
    assert line["message"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(28, "No space left on device"), 5),
        (MemoryError(), 5),
        (KeyboardInterrupt(), 130),
        (BlockingIOError(11, "Resource temporarily unavailable"), 5),
    ],
)
def test_whatever_ends_a_run_is_its_last_line(
    last_line: Callable[..., tuple[int, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
) -> None:
    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr("mangacolor.batch.opened.read_references", fail)
    found, line = last_line()
    assert (found, line["event"], line["exit_code"]) == (code, "error", code)


def test_a_fault_of_ours_is_a_line_an_event_and_a_trace_in_a_file(
    cli: Cli,
    chapter: Path,
    cover: Path,
    fake_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def fail(*arguments: object) -> None:
        raise TypeError("ours")

    logs = tmp_path / "logs"
    logs.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(logs))

    monkeypatch.setattr("mangacolor.batch.opened.read_references", fail)
    code, out, err = cli("batch", chapter, "--ref", cover, "--model", fake_bundle, "--json")
    line = json.loads(out.splitlines()[-1])
    assert (code, line["event"], line["exit_code"]) == (1, "error", 1)
    (log,) = logs.glob("*.log")
    assert log.name in "".join(err.split()) and "TypeError: ours" in err
    assert "Traceback" not in err
    assert "raise TypeError" in log.read_text()


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
        type("OutOfMemoryError", (RuntimeError,), {})("CUDA"),
    ],
    ids=["python", "torch on a CPU", "torch on CUDA"],
)
@pytest.mark.parametrize("command", ["train", "finetune"])
def test_too_little_memory_is_no_trace(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, command: str
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("mangacolor.data.survey.survey", fail)
    (tmp_path / "pictures").mkdir()
    code, _, err = cli(command, tmp_path / "pictures", "--out", tmp_path / "run")
    assert code == 5
    assert "not enough memory" in err and "Traceback" not in err


def test_failed_pages_end_with_the_summary(
    last_line: Callable[..., tuple[int, dict[str, Any]]], chapter: Path
) -> None:
    (chapter / "page 3.png").write_bytes(b"no")
    code, line = last_line()
    assert (code, line["event"]) == (7, "summary")


def test_a_watch_goes_on_whatever_name_appears(
    cli: Cli,
    chapter: Path,
    cover: Path,
    fake_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
    page_of: Callable[..., np.ndarray],
) -> None:
    looks = 0
    strange = ["PAGE 1.png", "[red]:smile:.png", "a\nb.png", "\x1b[2J.png", "page 99.txt"]

    def wait(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            for name in strange:
                Image.fromarray(page_of(5)).save(chapter / name, "PNG")
        if looks == 6:
            (chapter / "PAGE 1.png").unlink()
        if looks == 10:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("mangacolor.chapter.watch.settled.__defaults__", (wait,))
    command = ("batch", chapter, "--ref", cover, "--model", fake_bundle, "--json", "--watch")
    code, out, err = cli(*command)
    assert code == 130
    lines = [json.loads(line) for line in out.splitlines()]
    ends = [line["event"] for line in lines if line["event"] in ("summary", "error")]
    assert ends == ["summary", "error", "summary", "error"][: len(ends)]
    assert ends[:3] == ["summary", "error", "summary"]
    assert "would become one file" in err
    assert "\x1b[2J" not in err
    assert {"[red]:smile:.png", "a\nb.png"} <= {
        path.name for path in chapter.with_name("chapter-color").iterdir()
    }
