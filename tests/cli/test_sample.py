"""`mangacolor sample`: chapters that every other command can read, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.comic import chapter
from mangacolor.data.layouts import find_examples
from tests.cli.conftest import Cli
from tests.comic.models import write_model

SMALL = ("--pages", 2, "--height", 280)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_chapter_has_pages_truth_labels_cover_and_licence(cli: Cli, tmp_path: Path) -> None:
    code, out, err = cli("sample", tmp_path / "new", *SMALL, "--series", 2)
    assert (code, err) == (0, "")
    folders = sorted((tmp_path / "new").iterdir())
    assert len(folders) == 2
    assert f"--ref {folders[0] / 'cover.png'}" in out
    for folder in folders:
        assert len(contents(folder)) == 3 * 2 + 3
        assert "CC0 1.0" in (folder / "CREDIT.txt").read_text()
        assert Image.open(folder / "cover.png").mode == "RGB"
        named = {row["label"] for row in json.loads((folder / "labels.json").read_text())["labels"]}
        for name in ("page-001.png", "page-002.png"):
            sketch, color, labels = (
                Image.open(folder / part / name) for part in ("sketch", "color", "labels")
            )
            assert sketch.size == color.size == labels.size == (200, 280)
            assert (sketch.mode, color.mode, labels.mode) == ("L", "RGB", "I;16")
            assert set(np.unique(np.asarray(labels)).tolist()) <= named


def test_a_seed_gives_the_same_bytes(cli: Cli, tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        assert cli("sample", tmp_path / name, *SMALL, "--seed", seed)[0] == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert set(contents(tmp_path / "a").values()).isdisjoint(contents(tmp_path / "c").values())


def test_manga_changes_the_sketches_alone(cli: Cli, tmp_path: Path) -> None:
    assert cli("sample", tmp_path / "plain", *SMALL)[0] == 0
    for name in ("a", "b"):
        assert cli("sample", tmp_path / name, *SMALL, "--manga")[0] == 0
    plain, laid = contents(tmp_path / "plain"), contents(tmp_path / "a")
    assert laid == contents(tmp_path / "b")
    changed = {name for name in plain if plain[name] != laid[name]}
    assert changed == {name for name in plain if "/sketch/" in name}


def test_models_are_the_casts_bodies_and_are_credited(cli: Cli, tmp_path: Path) -> None:
    write_model(tmp_path / "models" / "quaternius" / "people" / "Smooth_Box.glb")
    code, _, err = cli("sample", tmp_path / "new", *SMALL, "--figures", tmp_path / "models")
    assert (code, err) == (0, "")
    (credit,) = (tmp_path / "new").glob("*/CREDIT.txt")
    assert "Quaternius (CC0)" in credit.read_text()
    code, _, err = cli("sample", tmp_path / "other", *SMALL, "--figures", tmp_path / "new")
    assert code == 3
    assert "has no figures" in err
    assert not (tmp_path / "other").exists()


def test_chapters_are_pairs_of_one_series_each(cli: Cli, tmp_path: Path) -> None:
    cli("sample", tmp_path / "new", *SMALL, "--series", 2)
    examples = find_examples(tmp_path / "new")
    assert len(examples) == 4
    assert {example.series for example in examples} == {
        path.name for path in (tmp_path / "new").iterdir()
    }
    assert all(e.lineart and e.lineart.name == e.color.name for e in examples)
    (one, two) = find_examples(next((tmp_path / "new").iterdir()))
    assert one.series == two.series


def test_a_folder_with_something_in_it_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    code, _, err = cli("sample", tmp_path, *SMALL)
    assert code == 3
    assert "is not empty" in err
    assert contents(tmp_path) == {"mine": b"mine"}
    code, _, err = cli("sample", tmp_path / "mine", *SMALL)
    assert code == 3
    assert "is a file" in err


def test_an_empty_folder_is_taken(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert cli("sample", tmp_path / "empty", *SMALL)[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_nothing_half_written_stays(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(chapter, "draw_cover", fail)
    assert cli("sample", tmp_path / "new", *SMALL)[0] == 130
    assert list(tmp_path.iterdir()) == []
