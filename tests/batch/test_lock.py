from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mangacolor.batch.lock import only_run
from mangacolor.errors import BusyError

HOLD = """
import sys, time
from pathlib import Path
from mangacolor.batch.lock import only_run
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
