from __future__ import annotations

import json
from pathlib import Path

from PIL import Image, ImageDraw

from tests.cli.conftest import Cli


def write_cover(path: Path, hair: tuple[int, int, int] = (200, 40, 40)) -> Path:
    picture = Image.new("RGB", (300, 300), (90, 160, 80))
    ImageDraw.Draw(picture).rectangle((60, 60, 160, 150), fill=hair, outline="black", width=4)
    picture.save(path)
    return path


def test_a_sheet_and_a_file_are_written_and_changes_stay(cli: Cli, tmp_path: Path) -> None:
    cover, out = write_cover(tmp_path / "cover.png"), tmp_path / "cast.json"
    assert cli("cast", cover, "--out", out)[0] == 0
    assert Image.open(out.with_suffix(".png")).width > 300
    assert cli("cast", cover, "--out", out, "--set", "red 1=#0000ff")[0] == 0
    # Without --set what was changed stays so.
    assert cli("cast", cover, "--out", out)[0] == 0
    colors = json.loads(out.read_text())["colors"]
    # Whatever the model takes it for, which the short name leaves out.
    assert [color for name, color in colors.items() if name.endswith("red 1")] == ["#0000ff"]


def test_changes_that_would_be_lost_are_not(cli: Cli, tmp_path: Path) -> None:
    cover, out = write_cover(tmp_path / "cover.png"), tmp_path / "cast.json"
    assert cli("cast", cover, "--out", out, "--set", "red 1=#0000ff")[0] == 0
    before = out.read_bytes()
    other = write_cover(tmp_path / "other.png", (230, 200, 40))
    code, _, err = cli("cast", other, "--out", out)
    assert code
    assert "red 1" in err
    assert out.read_bytes() == before


def test_a_name_that_nobody_has_is_told_and_stays_in_the_file(
    cli: Cli, tmp_path: Path, fake_bundle: Path
) -> None:
    cover, out = write_cover(tmp_path / "cover.png"), tmp_path / "cast.json"
    pages = tmp_path / "pages"
    pages.mkdir()
    Image.new("L", (90, 120), 255).save(pages / "1.png")
    assert cli("cast", cover, "--out", out)[0] == 0
    facts = json.loads(out.read_text())
    facts["colors"]["rde 1"] = "#0000ff"
    out.write_text(json.dumps(facts))
    before = out.read_bytes()
    common = ("batch", pages, "--ref", cover, "--model", fake_bundle, "--device", "cpu")
    code, printed, err = cli(*common, "--cast", out)
    assert code == 0
    assert (printed + err).count("rde 1") == 1
    assert out.read_bytes() == before
    assert (tmp_path / "pages-color" / "1.png").is_file()
    # For other programs it is an event like any other.
    code, printed, _ = cli(*common, "--cast", out, "--json")
    assert code == 0
    events = [json.loads(line) for line in printed.splitlines()]
    assert ["rde 1" in event.get("text", "") for event in events].count(True) == 1
    code, printed, err = cli("cast", cover, "--out", out)
    assert code == 0
    assert (printed + err).count("rde 1") == 1
    assert json.loads(out.read_text())["colors"]["rde 1"] == "#0000ff"


def test_batch_takes_a_cast_and_set_needs_one(cli: Cli, tmp_path: Path, fake_bundle: Path) -> None:
    cover, out = write_cover(tmp_path / "cover.png"), tmp_path / "cast.json"
    pages = tmp_path / "pages"
    pages.mkdir()
    Image.new("L", (90, 120), 255).save(pages / "1.png")
    assert cli("cast", cover, "--out", out)[0] == 0
    common = ("batch", pages, "--ref", cover, "--model", fake_bundle, "--device", "cpu")
    code, _, err = cli(*common, "--set", "red 1=#0000ff")
    assert code == 2
    assert "--cast" in err
    assert cli(*common, "--cast", out, "--set", "red 1=#0000ff")[0] == 0
    assert (tmp_path / "pages-color" / "1.png").is_file()


def test_a_sheet_is_never_written_over_anything_but_a_sheet(cli: Cli, tmp_path: Path) -> None:
    hero, notes = write_cover(tmp_path / "hero.png"), tmp_path / "notes.png"
    notes.write_bytes(hero.read_bytes())
    before = hero.read_bytes()
    for out in ("hero.json", "notes.json"):
        code, _, err = cli("cast", hero, "--out", tmp_path / out)
        assert code == 2
        assert out.replace("json", "png") in err
    assert (hero.read_bytes(), notes.read_bytes()) == (before, before)
    assert list(tmp_path.glob("*.json")) == []


def test_a_sheet_among_references_is_none(cli: Cli, tmp_path: Path) -> None:
    refs = tmp_path / "refs"
    refs.mkdir()
    write_cover(refs / "hero.png")
    for _ in range(2):
        code, out, err = cli("cast", refs, "--out", refs / "cast.json")
        assert code == 0
    assert "cast.png was drawn by mangacolor" in out + err
    assert len(json.loads((refs / "cast.json").read_text())["references"]) == 1
