from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from PIL import Image

from mangacolor.bundle import read_bundle, write_bundle
from mangacolor.data.layouts import Example
from tests.cli.conftest import Cli
from tests.conftest import draw_picture, write_fake_bundle

METRICS = {"psnr", "ssim", "ms_ssim", "fid", "lpips", "chroma_r2", "colourfulness_ratio"}


def test_a_bundle_is_scored_beside_the_baselines(
    cli: Cli, picture_folder: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    rows, table, page = tmp_path / "r.json", tmp_path / "t.md", tmp_path / "html"
    code, out, err = cli(
        *("eval", fake_bundle, picture_folder, "--size", 64, "--device", "cpu"),
        *("--json", rows, "--markdown", table, "--html", page),
    )
    assert code == 0, err
    record = json.loads(rows.read_text())
    assert [(r["model"], r["protocol"]) for r in record["rows"]] == [
        (model, protocol)
        for protocol in ("own", "series", "other")
        for model in ("lineart", "tinted", "fake")
    ]
    assert all({"n", "size", *METRICS} <= set(r) for r in record["rows"])
    assert record["rows"][0]["fid"] is None
    assert any("FID is empty" in note for note in record["notes"])
    assert "FID is empty" in out
    assert "FID is empty" in table.read_text()
    assert (page / "index.html").is_file()
    assert "ONNX Runtime on cpu" in err


@pytest.mark.slow
def test_several_references(
    cli: Cli, fake_bundle: Path, picture_folder: Path, tmp_path: Path
) -> None:
    draw_picture(6).save(picture_folder / "story0-7.png")
    rows = tmp_path / "rows.json"
    run = ("eval", fake_bundle, picture_folder, "--size", 64, "--device", "cpu", "--json", rows)
    code, out, err = cli(*run, "--references", 3)
    assert code == 0, err
    assert "up to 3 references" in " ".join(out.split())
    # All columns fit into 80 characters.
    assert "area↑" in out
    assert "\n fake " in out
    several = json.loads(rows.read_text())
    assert several["references"] == 3
    assert {row["references"] for row in several["rows"]} == {3}
    code, out, err = cli(*run)
    assert code == 0, err
    assert "up to" not in out
    one = json.loads(rows.read_text())
    # What has no reference to choose, or looks at none, scores as before.
    for before, after in zip(one["rows"], several["rows"], strict=True):
        alike = before["protocol"] == "own" or before["model"] == "lineart"
        assert (before["psnr"] == after["psnr"]) is alike
    code, _, err = cli(*run, "--references", 0)
    assert code == 2


def test_what_cannot_be_scored(cli: Cli, fake_bundle: Path, tmp_path: Path) -> None:
    def pair(color: int = 64, sketch: int = 64) -> None:
        draw_picture(0, color).save(tmp_path / "a_color.png")
        Image.new("L", (sketch, sketch), 255).save(tmp_path / "a_sketch.png")

    run = ("eval", fake_bundle, tmp_path, "--device", "cpu")
    code, _, err = cli(*run)
    assert (code, "no pictures" in err) == (3, True)
    pair()
    draw_picture(1).save(tmp_path / "b_color.png")
    code, _, err = cli(*run)
    assert (code, "b_color.png" in err) == (3, True)
    (tmp_path / "b_color.png").unlink()
    pair(64, 48)
    code, _, err = cli(*run)
    assert (code, "a_sketch.png" in err or "a_color.png" in err) == (3, True)
    pair()
    # Told before anything is scored.
    for option in ("--json", "--markdown", "--html"):
        code, _, err = cli(*run, option, tmp_path / "a_color.png" / "x")
        assert (code, "a_color.png" in err, "Model:" in err) == (2, True, False)
    code, _, err = cli(*run, "--json", tmp_path)
    assert (code, "is a folder" in err) == (2, True)
    # Nor is anything replaced that `eval` did not write.
    for option, name in (("--json", "x.json"), ("--markdown", "x.md"), ("--html", "index.html")):
        (tmp_path / name).write_text('{"mangacolor": "mine"}')
        code, _, err = cli(*run, option, tmp_path / name if option != "--html" else tmp_path)
        assert (code, name in err) == (2, True)
        assert (tmp_path / name).read_text() == '{"mangacolor": "mine"}'


@pytest.mark.slow
def test_models_that_cannot_be_used(cli: Cli, picture_folder: Path, tmp_path: Path) -> None:
    code, _, err = cli("eval", tmp_path / "nothing", picture_folder)
    assert (code, "nothing" in err) == (4, True)
    newer = write_fake_bundle(tmp_path / "newer")
    write_bundle(dataclasses.replace(read_bundle(newer), format=99))
    code, _, err = cli("eval", newer, picture_folder)
    assert (code, "format 99" in err) == (4, True)
    broken = write_fake_bundle(tmp_path / "broken", broken=True)
    out = tmp_path / "rows.json"
    code, _, err = cli("eval", broken, picture_folder, "--device", "cpu", "--json", out)
    assert (code, "not numbers" in err or "not finite" in err) == (4, True)
    assert not out.exists()


def test_pictures_that_cannot_be_scored_are_named_and_the_others_are_scored(
    cli: Cli, picture_folder: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (80, 80), "#777").save(picture_folder / "grey.png")
    cut = picture_folder / "cut.jpg"
    draw_picture(3).save(cut)
    cut.write_bytes(cut.read_bytes()[:600])
    rows = tmp_path / "r.json"
    run = ("eval", fake_bundle, picture_folder, "--size", 64, "--device", "cpu", "--json", rows)
    code, out, err = cli(*run)
    assert code == 0, err
    assert json.loads(rows.read_text())["rows"][0]["n"] == 6
    for told in (out, err):
        assert "grey" in told
        assert "cut.jpg" in told


def test_each_picture_is_decoded_once(
    cli: Cli, picture_folder: Path, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mangacolor.evaluate import scaled

    read: list[str] = []
    real = scaled.read_example  # type: ignore[attr-defined]

    def count(example: Example) -> object:
        read.append(example.name)
        return real(example)

    monkeypatch.setattr(scaled, "read_example", count)
    assert cli("eval", fake_bundle, picture_folder, "--size", 64, "--device", "cpu")[0] == 0
    assert sorted(read) == sorted(set(read))
    assert len(read) == 6
