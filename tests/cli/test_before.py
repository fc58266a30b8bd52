"""What an earlier version wrote (56ffc8d) goes on working: `tests/before`."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from mangacolor.images.page import read_color
from tests.cli.conftest import Cli
from tests.conftest import draw_picture

BEFORE = Path(__file__).parents[1] / "before"


def write_pictures(folder: Path) -> Path:
    folder.mkdir()
    for seed in range(3):
        draw_picture(seed).save(folder / f"{seed}.png")
    return folder


def test_an_old_bundle_colours(cli: Cli, tmp_path: Path) -> None:
    pages, covers = tmp_path / "pages", write_pictures(tmp_path / "covers")
    pages.mkdir()
    page = Image.new("L", (90, 120), 255)
    ImageDraw.Draw(page).ellipse((20, 30, 70, 90), outline=0, width=3)
    page.save(pages / "1.png")
    code, _, err = cli("batch", pages, "--ref", covers, "--model", BEFORE / "bundle")
    assert code == 0, err
    made = read_color(tmp_path / "pages-color" / "1.png")
    assert made.shape == (120, 90, 3)
    assert (made[np.asarray(page) == 0] == 0).all()


def test_an_old_run_is_resumed_and_its_bundle_trained_on(cli: Cli, tmp_path: Path) -> None:
    data, run = write_pictures(tmp_path / "data"), tmp_path / "run"
    run.mkdir()
    shutil.copy(BEFORE / "step-00000002.safetensors", run)
    code, _, err = cli("train", data, "--resume", "--out", run, "--steps", 3, "--device", "cpu")
    assert code == 0, err
    assert (run / "step-00000003.safetensors").is_file()
    options = ("--steps", 1, "--out", tmp_path / "next", "--device", "cpu")
    code, _, err = cli("train", data, "--from", BEFORE / "bundle", *options, "--size", 64)
    assert code == 0, err
