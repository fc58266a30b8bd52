from __future__ import annotations

from pathlib import Path

import pytest

from mangacolor.chapter.watch import settled
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


def test_a_folder_that_is_away_for_a_while_is_waited_for(tmp_path: Path) -> None:
    folder, away = tmp_path / "pages", tmp_path / "away"
    folder.mkdir()
    (folder / "1.png").write_bytes(b"a")
    script = iter(
        [
            lambda: None,
            lambda: folder.rename(away),
            lambda: None,
            lambda: None,
            lambda: away.rename(folder),
            lambda: None,
            lambda: None,
        ]
    )
    told: list[str] = []
    yields = []

    def wait(seconds: float) -> None:
        step = next(script, None)
        if step is None:
            raise StopError
        step()

    with pytest.raises(StopError):
        for _ in settled(folder, wait, tell=told.append):
            yields.append(folder.is_dir())
    assert yields == [True, True]
    assert [" is away;" in words for words in told] == [True, False]
    assert told[1] == f"{folder} is back."


def test_what_failed_is_tried_again_when_it_is_due(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"a")
    waits, yields, due = [], [], [False, True, False]

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) > 4:
            raise StopError

    with pytest.raises(StopError):
        for _ in settled(tmp_path, wait, is_due=lambda: due.pop(0) if due else False):
            yields.append(len(waits))
    assert yields == [1, 3]
