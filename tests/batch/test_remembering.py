"""A model that remembers pages of a work colours others of it without any reference."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import mangacolor
from mangacolor.bundle import REMEMBERED_FILE, default_bundle, read_bundle, write_bundle
from mangacolor.cli.app import app
from mangacolor.errors import UsageError
from mangacolor.images.geometry import UInt8
from mangacolor.runtime.remembered import swatches, to_remember, write_remembered
from tests.batch.by_place import COLORS, drawn


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model, which remembers one coloured drawing."""
    folder = tmp_path_factory.mktemp("taught") / "bundle"
    shutil.copytree(default_bundle(), folder)
    model = mangacolor.open_model()
    with model.engine() as engine:
        seen = engine.model.see(np.asarray(drawn(list(COLORS))))
    assert seen is not None
    write_remembered(folder / REMEMBERED_FILE, to_remember([seen]))
    digest = hashlib.sha256((folder / REMEMBERED_FILE).read_bytes()).hexdigest()
    bundle = read_bundle(folder)
    write_bundle(dataclasses.replace(bundle, files={**bundle.files, REMEMBERED_FILE: digest}))
    return folder


@pytest.fixture
def page() -> UInt8:
    return np.asarray(drawn(["white"] * 3).convert("L"))


def test_what_is_remembered_stands_in_for_a_reference(taught: Path, page: UInt8) -> None:
    found = mangacolor.open_model(taught).color(page).astype(int)
    shown = mangacolor.open_model().color(page, np.asarray(drawn(list(COLORS)))).astype(int)
    # It is stored in half precision.
    assert np.abs(found - shown).max(axis=2).mean() < 4
    for i in range(len(COLORS)):
        here = found[100, 85 + 155 * i]
        # Of what stands by itself on paper nobody is sure, and it is laid a little calmer.
        assert min(np.abs(here - color).max() for color in COLORS.values()) < 40


def test_a_chapter_needs_no_reference_then(taught: Path, page: UInt8, tmp_path: Path) -> None:
    (tmp_path / "chapter").mkdir()
    Image.fromarray(page).save(tmp_path / "chapter" / "1.png")
    arguments = ["batch", str(tmp_path / "chapter")]
    refused = CliRunner().invoke(app, arguments)
    assert isinstance(refused.exception, UsageError)
    done = CliRunner().invoke(app, [*arguments, "--model", str(taught)])
    assert done.exit_code == 0, done.output
    (written,) = (path for path in tmp_path.rglob("1.png") if path.parent.name != "chapter")
    assert np.ptp(np.asarray(Image.open(written)).astype(int), axis=2).max() > 60


def test_a_painter_without_a_reference_sees_the_colours_that_are_remembered() -> None:
    colors = np.array([[1, 2, 3], [200, 100, 0], [9, 9, 9]], np.uint8)
    picture = swatches(colors)
    shown = {tuple(x) for x in picture.reshape(-1, 3).tolist()}
    assert shown == {(1, 2, 3), (200, 100, 0), (9, 9, 9), (255, 255, 255)}
    assert picture.shape[0] == picture.shape[1] > 200
    assert (swatches(colors[:0]) == 255).all()


def test_without_flats_the_painter_works_after_them(taught: Path, page: UInt8) -> None:
    picture = mangacolor.open_model(taught).color(page, (), mangacolor.BatchConfig(flats=False))
    assert picture.shape == (*page.shape, 3)
