"""Texts as Notepad, PowerShell and Excel save them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangacolor.errors import UsageError
from mangacolor.recipes import read_recipe
from mangacolor.texts import read_rows, read_text

TEXT = "[train]\nbatch_size = 1 # \u3042\n"


@pytest.mark.parametrize(
    "coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_a_text_is_what_it_says_whatever_saved_it(tmp_path: Path, coding: str) -> None:
    path = tmp_path / "r.toml"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode(coding))
    assert read_text(path) == TEXT
    assert read_recipe(path).train.batch_size == 1


@pytest.mark.parametrize("content", [b"\xe4\xf6 = 1", b"\xff\xfe\x00", b"x\x00\x00\xd8"])
def test_another_coding_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="UTF-8"):
        read_text(path)
    with pytest.raises(UsageError, match="UTF-8"):
        read_recipe(path)


def test_a_table_may_begin_with_excels_line_and_have_ragged_lines(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(b"\xef\xbb\xbfsep=;\r\nfile;group\r\na;b;c\r\nd\r\n")
    assert read_rows(path, {"file", "group"}) == [
        {"file": "a", "group": "b"},
        {"file": "d", "group": None},
    ]
