"""The command line of `review`: what it says once the page was closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mangacolor.cli.app import app
from mangacolor.errors import SomePagesFailedError, UsageError
from mangacolor.review.desk import Desk
from tests.batch.by_place import COLORS, drawn

pytest.importorskip("uvicorn")


def run(
    folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch, *options: str, wait: bool = True
) -> Result:
    """`review` on a chapter of one page that can be read; closed as soon as all is done."""

    def serve(desk: Desk, ready: Any, **how: Any) -> None:
        ready("http://x/")
        if wait:
            assert desk.wait_until_done(120)

    monkeypatch.setattr("mangacolor.review.serve.serve", serve)
    pages = folder / "pages"
    pages.mkdir(exist_ok=True)
    drawn(["white"] * 3).convert("L").save(pages / "1.png")
    drawn(list(COLORS)).save(pages / "cover.png")
    command = ["review", str(pages), "--model", str(model), "--device", "cpu", "--size", "128"]
    return CliRunner().invoke(app, [*command, *options])


def test_the_cover_beside_the_pages_is_taken_and_where_they_are_is_told(
    areas_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(tmp_path, areas_bundle, monkeypatch)
    assert result.exit_code == 0 and "http://x/" in result.output
    assert "All pages are done" in result.output
    assert (tmp_path / "pages-color" / "1.png").is_file()


def test_pages_that_failed_are_named_at_the_end(
    areas_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "2.png").write_bytes(b"no picture")
    result = run(tmp_path, areas_bundle, monkeypatch)
    assert isinstance(result.exception, SomePagesFailedError)
    assert "2.png" in result.exception.message and "All pages" not in result.output


def test_a_page_that_waits_is_told_with_what_does_it(
    areas_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(tmp_path, areas_bundle, monkeypatch, wait=False)
    assert result.exit_code == 0
    assert ("not yet" in result.output) != ("All pages are done" in result.output)


def test_a_colour_of_a_cast_needs_a_cast(
    areas_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(tmp_path, areas_bundle, monkeypatch, "--set", "blue 1=#ffffff")
    assert isinstance(result.exception, UsageError) and "--set" in result.exception.message
