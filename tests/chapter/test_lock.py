from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import Timeout

from mangacolor.chapter.lock import only_run
from mangacolor.errors import BusyError

HOLD = """
import sys, time
from pathlib import Path
from mangacolor.chapter.lock import only_run
with only_run(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path):  # type: ignore[no-untyped-def]
    command = [sys.executable, "-c", HOLD, str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_run_says_who_is_at_work(
    holder: subprocess.Popen[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BusyError, match=f"process {holder.pid}, since"), only_run(tmp_path / "out"):
        pass
    # The same place, called otherwise.
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BusyError), only_run(Path("x/../out")):
        pass
    with only_run(tmp_path / "other"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_who_was_killed_keeps_nobody_out(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with only_run(tmp_path / "out"):
        pass
    with only_run(tmp_path / "out"):
        pass


def test_who_is_at_work_and_cannot_be_told_is_another_run(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    for note in Path(tempfile.gettempdir()).glob("mangacolor-*.txt"):
        note.unlink()
    with pytest.raises(BusyError, match="by another run"), only_run(tmp_path / "out"):
        pass


class PlainLock:
    """A lock as releases of filelock have it that look at nothing but the lock itself."""

    # Called once, between opening the file and locking it.
    meanwhile: Callable[[], object] | None = None

    def __init__(self, path: Path, timeout: float, mode: int) -> None:
        self.path, self.opened = path, -1

    def acquire(self) -> None:
        import fcntl

        self.opened = os.open(self.path, os.O_RDWR | os.O_CREAT)
        meanwhile, PlainLock.meanwhile = PlainLock.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        try:
            fcntl.flock(self.opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self.opened)
            raise Timeout(str(self.path)) from None

    def release(self) -> None:
        os.close(self.opened)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps files that are open")
def test_who_comes_while_one_ends_and_another_starts_is_not_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangacolor.chapter.lock.FileLock", PlainLock)
    with contextlib.ExitStack() as ends, contextlib.ExitStack() as starts:
        ends.enter_context(only_run(tmp_path / "out"))

        def pass_on() -> None:
            ends.close()
            starts.enter_context(only_run(tmp_path / "out"))

        PlainLock.meanwhile = pass_on
        with pytest.raises(BusyError), only_run(tmp_path / "out"):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps files that are open")
@pytest.mark.parametrize("plain", [False, True])
def test_who_comes_while_one_ends_is_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: bool
) -> None:
    import fcntl

    with contextlib.ExitStack() as ends:
        if plain:
            monkeypatch.setattr("mangacolor.chapter.lock.FileLock", PlainLock)
        ends.enter_context(only_run(tmp_path / "out"))
        if plain:
            PlainLock.meanwhile = ends.close
        else:
            really = fcntl.flock

            def flock(opened: int, how: int) -> None:
                monkeypatch.setattr(fcntl, "flock", really)
                ends.close()
                really(opened, how)

            monkeypatch.setattr(fcntl, "flock", flock)
        with only_run(tmp_path / "out"), pytest.raises(BusyError), only_run(tmp_path / "out"):
            pass


def test_without_a_folder_for_temporary_files_nobody_is_kept_from_working(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", none)
    with only_run(tmp_path / "out"):
        pass
