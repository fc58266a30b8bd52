from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.batch.cast import check_wishes, find_cast
from mangacolor.batch.cast_file import read_cast
from mangacolor.batch.events import Notice, nobody
from mangacolor.batch.references import read_references
from mangacolor.errors import InputError, UsageError
from mangacolor.images.groups import KindsOf
from mangacolor.images.hexes import color_of
from mangacolor.images.kinds import Kind
from tests.asking import color_chapter

RED, BLUE = (200, 40, 40), (60, 90, 190)


def write_cover(path: Path, size: int = 400) -> Path:
    picture = Image.new("RGB", (size, size), (90, 160, 80))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((60, 60, 200, 130), fill=RED, outline="black", width=4)
    pen.rectangle((60, 128, 200, 220), fill=BLUE, outline="black", width=4)
    picture.save(path)
    return path


def test_a_cast_that_was_written_reads_as_it_was(tmp_path: Path) -> None:
    references = read_references([write_cover(tmp_path / "cover.png")], nobody)
    cast = find_cast(references)
    assert set(cast.found) == {"red 1", "blue 1", "green 1"}
    path = tmp_path / "cast.json"
    path.write_text(cast.to_json(), encoding="utf-8")
    again = read_cast(path, nobody)
    assert again.found == cast.found
    assert again.wanted == {}
    assert again.to_json() == cast.to_json()


def test_an_edited_colour_and_one_that_is_set_change_the_reference(tmp_path: Path) -> None:
    references = read_references([write_cover(tmp_path / "cover.png")], nobody)
    path = tmp_path / "cast.json"
    facts = json.loads(find_cast(references).to_json())
    facts["colors"]["red 1"] = "#0a0"
    facts["colors"]["no such 1"] = "#123456"
    path.write_text(json.dumps(facts), encoding="utf-8")
    told: list[object] = []
    cast = read_cast(path, told.append).with_set(["group 1/blue 1=#ffee00"])
    assert [event for event in told if isinstance(event, Notice) and "no such 1" in event.text]
    (dressed,) = cast.dress(references, nobody)
    before, after = references[0].read(), dressed.read()
    assert (after[100, 130] == (0, 170, 0)).all()
    assert (after[200, 130] == (255, 238, 0)).all()
    assert (after[350, 350] == before[350, 350]).all()
    assert dressed.digest != references[0].digest


def test_changes_of_a_picture_that_is_no_reference_are_told(tmp_path: Path) -> None:
    cast = find_cast(read_references([write_cover(tmp_path / "old.png")], nobody))
    others = read_references([write_cover(tmp_path / "new.png", 410)], nobody)
    told: list[Notice] = []
    dressed = cast.with_set(["red 1=#00ff00"]).dress(others, told.append)  # type: ignore[arg-type]
    assert "old.png" in told[0].text
    assert (dressed[0].read() == others[0].read()).all()
    assert dressed[0].digest == others[0].digest


def test_unknown_names_in_a_file_change_nothing_and_stay_in_it(tmp_path: Path) -> None:
    references = read_references([write_cover(tmp_path / "cover.png")], nobody)
    path = tmp_path / "cast.json"
    facts = json.loads(find_cast(references).to_json())
    facts["colors"] |= {"rde 1": "#123456", "group 9/red 1": "#654321"}
    path.write_text(json.dumps(facts), encoding="utf-8")
    told: list[Notice] = []
    cast = read_cast(path, told.append)  # type: ignore[arg-type]
    assert len(told) == 2
    assert all("no reference has" in event.text and "\n" not in event.text for event in told)
    assert cast.wanted == {}
    assert [x.digest for x in cast.dress(references, nobody)] == [x.digest for x in references]
    for kept in (cast, find_cast(references).keeping(cast)):
        assert json.loads(kept.to_json())["colors"] == facts["colors"]


def test_unknown_names_and_what_is_no_colour_are_refused(tmp_path: Path) -> None:
    cast = find_cast(read_references([write_cover(tmp_path / "cover.png")], nobody))
    with pytest.raises(UsageError, match=r"'rde 1'.*red 1"):
        cast.with_set(["rde 1=#00ff00"])
    with pytest.raises(UsageError, match="no colour"):
        cast.with_set(["red 1=greenish"])


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"mangacolor_cast": 1}', "\x00"])
def test_what_is_no_cast_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cast.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"cast\.json"):
        read_cast(path, nobody)


def test_pages_are_coloured_again_when_the_cast_changes(tmp_path: Path, fake_bundle: Path) -> None:
    pages, cover = tmp_path / "pages", write_cover(tmp_path / "cover.png")
    pages.mkdir()
    Image.fromarray(np.full((120, 90), 255, np.uint8)).save(pages / "1.png")
    cast = find_cast(read_references([cover], nobody))
    assert color_chapter(pages, [cover], fake_bundle, cast=cast).colored == 1
    # Nothing is changed by it yet.
    assert color_chapter(pages, [cover], fake_bundle).skipped == 1
    changed = cast.with_set(["red 1=#00ff00"])
    assert color_chapter(pages, [cover], fake_bundle, cast=changed).colored == 1


def kinds_like(*rows: Kind) -> KindsOf:
    """Says of areas, the largest first, what they are."""

    def kinds_of(page: np.ndarray, areas: np.ndarray) -> np.ndarray:
        sizes = np.bincount(areas.ravel())
        sizes[0] = 0
        kinds = np.zeros((len(sizes), len(Kind)), np.float32)
        for area, kind in zip(np.argsort(-sizes), rows, strict=False):
            kinds[area, kind] = 1
        return kinds

    return kinds_of


def test_a_colour_is_called_by_what_it_is_the_colour_of(tmp_path: Path) -> None:
    references = read_references([write_cover(tmp_path / "cover.png")], nobody)
    said = kinds_like(Kind.BACKDROP, Kind.SKIN, Kind.HAIR)
    cast = find_cast(references, said)
    assert set(cast.found) == {"green 1", "skin, tan 1", "hair, red 1"}
    # The short name will do where it is one colour's alone.
    assert cast.with_set(["red 1=#0000ff"]).wanted == {"hair, red 1": (0, 0, 255)}
    assert cast.with_set(["group 1/red 1=#0000ff"]).wanted == {"group 1/hair, red 1": (0, 0, 255)}
    with pytest.raises(UsageError, match="no colour"):
        cast.with_set(["red 2=#0000ff"])


def test_changes_of_a_cast_that_knew_no_kinds_are_kept(tmp_path: Path) -> None:
    references = read_references([write_cover(tmp_path / "cover.png")], nobody)
    earlier = find_cast(references).with_set(["red 1=#0000ff"])
    now = find_cast(references, kinds_like(Kind.BACKDROP, Kind.CLOTHES, Kind.HAIR))
    assert now.keeping(earlier).wanted == {"hair, red 1": (0, 0, 255)}


def test_a_wish_is_looked_at_before_the_cast_is_found() -> None:
    check_wishes(["anything=#b03060", "hair, yellow 1=crimson", "x= #abc "])
    assert color_of("Crimson") == color_of(" crimson") == (0xDC, 0x14, 0x3C)
    for wish in ("hair=", "hair", "hair=bluish", "hair=#12"):
        with pytest.raises(UsageError, match="no colour"):
            check_wishes([wish])
