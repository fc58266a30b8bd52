"""Pages at hand, from Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mangacolor
from mangacolor.batch.events import Event
from mangacolor.errors import InputError, UsageError
from tests.batch.by_place import COLORS, drawn

DOCS = Path(__file__).parents[2] / "docs" / "library.md"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a page, a cover and two chapters, in which the process is."""
    drawn(["white"] * 3).convert("L").save(tmp_path / "page.png")
    drawn(list(COLORS)).save(tmp_path / "cover.png")
    for chapter in ("chapter-1", "chapter-2"):
        (tmp_path / chapter).mkdir()
        drawn(["white"] * 3).convert("L").save(tmp_path / chapter / "page.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_the_docs_say_runs(
    here: Path, areas_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangacolor.batch.model.default_bundle", lambda: areas_bundle)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)
    written = np.asarray(Image.open(here / "chapter-1-color" / "page.png"))
    # What comes back is what `batch` writes.
    assert np.array_equal(names["picture"], written)
    assert np.array_equal(names["page"].picture, written)
    assert names["summary"].colored == 1
    listed = re.search(r"`model\.color_chapter\((.*?)\)`", DOCS.read_text("utf-8"), re.DOTALL)
    assert listed is not None
    told = {name.split("=")[0].strip(" *\n") for name in listed[1].split(",")} - {""}
    has = set(mangacolor.Model.color_chapter.__annotations__) - {"return"}
    assert told == has


def test_paths_pictures_and_arrays_are_one(here: Path, areas_bundle: Path) -> None:
    model = mangacolor.open_model(areas_bundle, device="cpu")
    page, cover = Image.open("page.png"), Image.open("cover.png").convert("RGB")
    wanted = model.color("page.png", Path("cover.png"))
    assert wanted.shape == (200, 480, 3) and wanted.dtype == np.uint8
    for one, other in (
        (page, cover),
        (np.asarray(page), [np.asarray(cover)]),
        (np.asarray(page.convert("RGB")), [cover]),
    ):
        assert np.array_equal(model.color(one, other), wanted)


def test_a_page_in_colour_comes_back_as_it_is(here: Path, areas_bundle: Path) -> None:
    model = mangacolor.open_model(areas_bundle, device="cpu")
    cover = np.asarray(Image.open("cover.png").convert("RGB"))
    assert np.array_equal(model.color(cover, cover), cover)
    again = model.color(cover, cover, mangacolor.BatchConfig(recolor=True))
    assert not np.array_equal(again, cover)


def test_what_is_no_picture_is_told(here: Path, areas_bundle: Path) -> None:
    model = mangacolor.open_model(areas_bundle, device="cpu")
    with pytest.raises(UsageError, match="float64"):
        model.color(np.zeros((3, 3)), "cover.png")
    with pytest.raises(UsageError, match="without pixels"):
        model.color(np.zeros((0, 3), np.uint8), "cover.png")
    with pytest.raises(UsageError, match="no colour reference"):
        model.color("page.png", [])
    with pytest.raises(InputError, match="no colour"):
        model.color("page.png", np.full((30, 30, 3), 90, np.uint8))
    with pytest.raises(InputError, match=r"missing\.png"):
        model.color("missing.png", "cover.png")


def test_names_of_the_command_line_are_names_here(here: Path, areas_bundle: Path) -> None:
    model = mangacolor.open_model(areas_bundle, device="cpu")
    events: list[Event] = []
    model.color_chapter("chapter-1", "cover.png", report="why.html", tell=events.append)
    assert "<html" in Path("why.html").read_text(encoding="utf-8") and events
    with pytest.raises(InputError, match=r"no\.json"):
        model.color_chapter("chapter-1", "cover.png", cast="no.json")
