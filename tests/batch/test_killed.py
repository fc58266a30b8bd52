"""Killed with SIGKILL at any moment: whole files only, and the next run completes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.config import BatchConfig
from mangacolor.images.page import read_color
from tests.asking import color_chapter

PAGES = 12
CPU = BatchConfig(device="cpu")


@pytest.fixture
def long_chapter(tmp_path: Path, page_of: Callable[..., np.ndarray]) -> Path:
    folder = tmp_path / "long"
    folder.mkdir()
    for number in range(PAGES):
        page = page_of(number, 400, 300)
        Image.fromarray(page).save(folder / f"{number}.{'png' if number % 2 else 'jpg'}")
    return folder


def kill_after(source: Path, cover: Path, model: Path, pages: int, delay: float) -> None:
    """Starts `batch` and kills it `delay` seconds after that many pages."""
    command = [sys.executable, "-m", "mangacolor", "batch", str(source), "--ref", str(cover)]
    process = subprocess.Popen(
        [*command, "--model", str(model), "--device", "cpu"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    seen = 0
    for line in process.stderr:
        seen += line.rstrip().endswith("done")
        if seen >= pages:
            break
    time.sleep(delay)
    process.kill()
    process.stderr.close()
    process.wait()


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_folder_is_completed_by_the_next_run(
    long_chapter: Path, cover: Path, fake_bundle: Path, seed: int
) -> None:
    dice = random.Random(seed)
    kill_after(long_chapter, cover, fake_bundle, dice.randint(1, PAGES - 4), dice.random() / 20)
    output = long_chapter.with_name("long-color")
    for path in output.iterdir():
        if not path.name.startswith("."):
            assert read_color(path).shape == (400, 300, 3)
    # What a run killed while it writes leaves behind.
    (output / ".7.png.abcd1234.part.png").write_bytes(b"half")
    summary = color_chapter(long_chapter, [cover], fake_bundle, CPU)
    assert summary.skipped >= 1
    assert summary.colored + summary.skipped == PAGES
    names = {path.name for path in long_chapter.iterdir()}
    assert {path.name for path in output.iterdir()} == {*names, ".mangacolor.jsonl"}


def test_a_leftover_goes_even_when_every_page_is_done(
    long_chapter: Path, cover: Path, fake_bundle: Path
) -> None:
    summary = color_chapter(long_chapter, [cover], fake_bundle, CPU)
    leftover = summary.output / ".7.png.abcd1234.part.png"
    leftover.write_bytes(b"half")
    assert color_chapter(long_chapter, [cover], fake_bundle, CPU).colored == 0
    assert not leftover.exists()


@pytest.mark.parametrize("pages", [1, PAGES - 2, PAGES])
def test_a_killed_archive_is_completed_by_the_next_run(
    long_chapter: Path, cover: Path, fake_bundle: Path, pages: int
) -> None:
    source = long_chapter.with_name("x.cbz")
    with zipfile.ZipFile(source, "w") as archive:
        for path in long_chapter.iterdir():
            archive.write(path, path.name)
    kill_after(source, cover, fake_bundle, pages, 0)
    output = source.with_name("x-color.cbz")
    if output.exists():
        with zipfile.ZipFile(output) as archive:
            assert archive.testzip() is None
    summary = color_chapter(source, [cover], fake_bundle, CPU)
    assert summary.skipped >= 1
    assert summary.colored + summary.skipped == PAGES
    with zipfile.ZipFile(output) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == PAGES + 1
    assert not list(source.parent.glob(".x-color*"))
