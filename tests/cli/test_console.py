"""Names from outside are shown as they are, in whatever code page."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Cli
from tests.conftest import draw_page, draw_picture


@pytest.mark.parametrize("name", ["[red]a[red]", "[bold]", "a:smile:b", "[link=x]c", "d\\[e]"])
def test_brackets_and_colons_are_shown_whole(
    cli: Cli, tmp_path: Path, cover: Path, fake_bundle: Path, name: str
) -> None:
    source = tmp_path / f"{name} v1"
    source.mkdir()
    Image.fromarray(draw_page(0)).save(source / f"{name}.png")
    (source / "broken [b].png").write_bytes(b"x")
    code, out, err = cli("batch", source, "--ref", cover, "--model", fake_bundle)
    assert code == 7
    assert f"{source}-color" in out
    assert f"{name}.png: done" in err
    assert "broken [b].png: failed" in err


def test_help_keeps_its_brackets(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert "[net] is MODEL's" in cli("finetune", "--help")[1]


def test_the_bar_takes_names_for_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from mangacolor.batch.events import Done, Ready
    from mangacolor.cli import console, progress

    screen = Console(file=io.StringIO(), force_terminal=True, width=200, markup=False, emoji=False)
    for module in (console, progress):
        monkeypatch.setattr(module, "err_console", screen)
    with progress.BatchDisplay() as display:
        display.show(Ready(2, 0, Path("[red]:smile:.cbz"), "cpu", ""))
        display.show(Done("[/x]:boom:.png"))
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "[red]:smile:.cbz" in shown
    assert "[/x]:boom:.png" in shown


@pytest.mark.parametrize("coding", ["cp1252", "cp932", "ascii"])
def test_no_code_page_ends_in_a_traceback(
    tmp_path: Path, cover: Path, fake_bundle: Path, coding: str
) -> None:
    source = tmp_path / "é頁Ж"
    source.mkdir()
    Image.fromarray(draw_page(0)).save(source / "ソラ…é.png")
    (source / "ж.png").write_bytes(b"x")
    command = [sys.executable, "-m", "mangacolor", "batch", str(source), "--ref", str(cover)]
    done = subprocess.run(
        [*command, "--model", str(fake_bundle), "--device", "cpu"],
        env={**os.environ, "PYTHONIOENCODING": coding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 7
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "é頁Ж-color" / "ソラ…é.png").is_file()


def test_files_are_written_before_the_table_is_printed(
    cli: Cli, tmp_path: Path, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for seed in range(2):
        draw_picture(seed).save(data / f"{seed}.png")

    def fail(*arguments: object) -> None:
        raise UnicodeEncodeError("cp1252", "R²", 0, 1, "no")

    monkeypatch.setattr("mangacolor.cli.eval._table", fail)
    rows, table, page = tmp_path / "r.json", tmp_path / "t.md", tmp_path / "html"
    code, _, err = cli(
        *("eval", fake_bundle, data, "--size", 64, "--device", "cpu"),
        *("--json", rows, "--markdown", table, "--html", page),
    )
    assert code == 1
    assert "UnicodeEncodeError" in err
    assert json.loads(rows.read_text())["rows"]
    assert table.is_file()
    assert (page / "index.html").is_file()
