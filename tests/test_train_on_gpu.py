"""`scripts/train-on-gpu`: whatever happens there are weights and a log, and what is packed fits."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
import types
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.nets.checkpoint import load_generator
from mangacolor.recipes import read_recipe
from mangacolor.train.step import rate_share
from scripts import gpu_pack, gpu_train

ROOT = Path(__file__).parents[1]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for series in range(4):
        (tmp_path / "data" / f"s{series}").mkdir(parents=True)
        for number in range(3):
            noise = rng.integers(0, 255, (400, 500, 3), np.uint8)
            Image.fromarray(noise).save(tmp_path / "data" / f"s{series}" / f"{number}.png")
    return tmp_path / "data"


def test_whole_series_are_packed_and_never_more_than_there_is_room(
    pictures: Path, tmp_path: Path
) -> None:
    one = sum(len(gpu_pack.smaller(path)) + 200 for path in (pictures / "s0").iterdir())
    room = int(2.5 * one)
    gpu_pack.pack_pictures(tmp_path / "x.zip", pictures, pictures / "s1", room)
    ink = sum(path.stat().st_size for path in (pictures / "s1").iterdir())
    gpu_pack.pack_pictures(tmp_path / "y.zip", pictures, None, room)
    assert (tmp_path / "y.zip").stat().st_size <= room < ink
    with zipfile.ZipFile(tmp_path / "x.zip") as full, zipfile.ZipFile(tmp_path / "y.zip") as half:
        assert {name.split("/")[0] for name in full.namelist()} == {"ink"}
        names = [name.split("/")[1] for name in half.namelist()]
        assert len(names) == 6
        assert len(set(names)) == 2
        with half.open(half.namelist()[0]) as file, Image.open(file) as image:
            assert image.size == (400, 320)


def test_a_phase_that_fails_or_hangs_is_told_and_the_next_one_goes_on(tmp_path: Path) -> None:
    log = gpu_train.Log(tmp_path / "log.txt")
    python = [sys.executable, "-c"]
    end = time.time() + 60
    assert not log.run("one", [*python, "print('so far'); raise SystemExit(3)"], end, {})
    assert not log.run("two", [*python, "import time; time.sleep(60)"], time.time(), {})
    assert log.run("three", [*python, "print('fine')"], end, {})
    said = (tmp_path / "log.txt").read_text()
    for words in (
        "so far",
        "one: failed, 3",
        "two: its time is up",
        "two: failed",
        "fine",
        "three: done",
    ):
        assert words in said


def test_the_rate_falls_to_nothing_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = read_recipe("areas-features")
    train = dataclasses.replace(recipe.train, steps=10**6)
    state = types.SimpleNamespace(step=0, recipe=dataclasses.replace(recipe, train=train))
    now = [0.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    # The first step comes after what had to be drawn.
    report, rates = gpu_train.falling(state, 100.0), []
    for second in range(21, 101):
        now[0], state.step = float(second), state.step + 1
        report(types.SimpleNamespace(losses={}))
        rates.append(rate_share(state.recipe.train, state.step, 10**6))
    # Half of the steps' time is over at second 61.
    assert set(rates[:40]) == {1.0}
    assert rates[80 - 21] == pytest.approx(0.5, abs=0.05)
    assert rates[-1] < 0.03


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_dry_run_goes_through_all_phases(tmp_path: Path) -> None:
    command = [str(ROOT / "scripts" / "train-on-gpu"), "train", "--dry-run"]
    subprocess.run([*command, "--minutes", "14", "--out", str(tmp_path)], check=True)
    log = (tmp_path / "log.txt").read_text()
    for phase in ("surfaces", "features", "export trained", "parts trained"):
        assert f"{phase}: done" in log
    # So many files, and so large ones, come back from such a machine.
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) <= 8
    assert max(path.stat().st_size for path in files) < 16 * 2**20
    assert "parts in their own hue" in (tmp_path / "scores.txt").read_text()
    generator, kept = load_generator(tmp_path / "weights.safetensors")
    assert kept.recipe.train.stage == "features"
    assert generator.config.sees_surfaces
