"""Drawing in several processes does what one does."""

from __future__ import annotations

import functools
import os
import pickle
import signal
from pathlib import Path

import pytest

from mangacolor.config import DataConfig, Recipe
from mangacolor.errors import SetupError
from mangacolor.train.area_cache import open_cache
from mangacolor.train.drawing import done_in_processes
from mangacolor.train.surface_steps import SurfaceCrops


def write(folder: Path, number: int) -> None:
    (folder / f"{number}").write_text(f"{number} by {os.getpid()}")


def die(number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("workers", [0, 2])
def test_all_is_done_once_by_as_many_as_are_asked_for(tmp_path: Path, workers: int) -> None:
    told = list(done_in_processes(functools.partial(write, tmp_path), range(5), workers))
    assert told == [1, 2, 3, 4, 5]
    assert sorted(path.name for path in tmp_path.iterdir()) == list("01234")
    by = {path.read_text().split()[-1] for path in tmp_path.iterdir()}
    assert (str(os.getpid()) in by) == (workers == 0)


def test_who_stops_asking_ends_it(tmp_path: Path) -> None:
    done = done_in_processes(functools.partial(write, tmp_path), range(5), 0)
    next(done)
    done.close()  # type: ignore[attr-defined]
    assert [path.name for path in tmp_path.iterdir()] == ["0"]


def test_a_process_that_is_ended_is_told_as_what_it_is() -> None:
    with pytest.raises(SetupError, match="memory"):
        list(done_in_processes(die, range(2), 2))


def test_what_is_drawn_can_be_handed_to_processes(tmp_path: Path) -> None:
    recipe = Recipe(data=DataConfig(area_series=2))
    cache = open_cache([], recipe, tmp_path)
    assert pickle.loads(pickle.dumps(cache)).names == cache.names
    crops = pickle.loads(pickle.dumps(SurfaceCrops(tmp_path, 3, 64, 0)))
    for number in (0, 2):
        (tmp_path / f"surfaces-{number:06d}.npz").touch()
    crops.leave_out_missing()
    assert list(crops.fill()) == [(1, 1)]
