from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mangacolor.errors import SetupError
from mangacolor.train.board import Board
from mangacolor.train.record import Progress

PROGRESS = Progress(
    step=0,
    steps=100,
    losses={"loss": 0.5, "pixel": 0.25},
    learning_rate=0.001,
    pictures_per_second=12.0,
    seconds_left=60.0,
    data_share=0.125,
    samples=None,
    checkpoint=None,
)


def at(step: int, **changes: object) -> Progress:
    return dataclasses.replace(PROGRESS, step=step, **changes)  # type: ignore[arg-type]


def read(folder: Path) -> EventAccumulator:
    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def points(events: EventAccumulator, curve: str) -> dict[int, float]:
    return {point.step: point.value for point in events.Scalars(curve)}


def test_every_nth_step_and_the_last_are_points_of_each_curve(tmp_path: Path) -> None:
    with Board(tmp_path, step=0, every=3) as board:
        for step in range(1, 8):
            board.show(at(step, steps=7, losses={"loss": float(step), "pixel": 0.25}))
    events = read(tmp_path)
    assert points(events, "losses/loss") == {3: 3.0, 6: 6.0, 7: 7.0}
    wanted = {
        "losses/pixel": 0.25,
        "run/learning_rate": 0.001,
        "run/pictures_per_second": 12.0,
        "run/data_share": 0.125,
    }
    for curve, value in wanted.items():
        assert points(events, curve) == pytest.approx({3: value, 6: value, 7: value})
    assert set(events.Tags()["scalars"]) == {"losses/loss", *wanted}


def test_a_sample_grid_is_shown_once_as_it_is(tmp_path: Path) -> None:
    grids = []
    for number in (1, 2):
        grid = Image.fromarray(np.full((6, 9, 3), 40 * number, dtype=np.uint8))
        grids.append(tmp_path / f"step-{number}.png")
        grid.save(grids[-1])
    with Board(tmp_path / "board", step=0) as board:
        for step, samples in enumerate([None, grids[0], grids[0], grids[1]], start=1):
            board.show(at(step, samples=samples))
    shown = read(tmp_path / "board").Images("samples")
    assert [(image.step, image.width, image.height) for image in shown] == [(2, 9, 6), (4, 9, 6)]


def test_a_resumed_run_replaces_the_steps_that_were_lost(tmp_path: Path) -> None:
    with Board(tmp_path, step=0, every=1) as board:
        for step in range(1, 6):
            board.show(at(step, losses={"loss": 1.0}))
    with Board(tmp_path, step=3, every=1) as board:
        board.show(at(4, losses={"loss": 2.0}))
    assert points(read(tmp_path), "losses/loss") == {1: 1.0, 2: 1.0, 3: 1.0, 4: 2.0}


def test_what_was_shown_is_kept_when_the_run_breaks_off(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Board(tmp_path, step=0, every=1) as board:
        board.show(at(1))
        raise KeyboardInterrupt
    assert points(read(tmp_path), "losses/loss") == {1: 0.5}


def test_without_the_package_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(SetupError) as caught:
        Board(tmp_path / "board", step=0)
    assert "tensorboard" in caught.value.hint
    assert not (tmp_path / "board").exists()
