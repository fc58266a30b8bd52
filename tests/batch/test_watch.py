from __future__ import annotations

from pathlib import Path

import pytest

from mangacolor.batch.watch import settled
from mangacolor.errors import InputError, UsageError


class StopError(Exception):
    pass


def test_pages_are_told_when_they_have_come_whole(tmp_path: Path) -> None:
    page = tmp_path / "1.png"
    # What happens in each interval; nothing at all is no news either.
    script = iter(
        [
            lambda: None,
            lambda: page.write_bytes(b"a"),
            lambda: page.write_bytes(b"ab"),
            lambda: None,
            lambda: None,
            lambda: (tmp_path / "notes.txt").write_bytes(b"no page"),
            lambda: (tmp_path / "2.png").write_bytes(b"b"),
            lambda: None,
            lambda: page.unlink(),
            lambda: None,
        ]
    )
    told = []

    def wait(seconds: float) -> None:
        assert seconds > 0
        step = next(script, None)
        if step is None:
            raise StopError
        step()

    with pytest.raises(StopError):
        for _ in settled(tmp_path, wait):
            told.append({path.name: path.stat().st_size for path in tmp_path.glob("*.png")})
    assert told == [{"1.png": 2}, {"1.png": 2, "2.png": 1}, {"2.png": 1}]


def test_what_cannot_be_watched_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.cbz").write_bytes(b"")
    with pytest.raises(UsageError, match="is a file"):
        next(settled(tmp_path / "a.cbz"))
    with pytest.raises(InputError, match="does not exist"):
        next(settled(tmp_path / "none"))
