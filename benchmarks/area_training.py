"""How fast areas are described for training, and how fast the matcher learns from them.

    python benchmarks/area_training.py --record docs/results/area-training.txt

Draws invented series, finds their areas and pools their features, each series timed by itself; then
trains the matcher alone on them by the recipe areas-matcher. A *pair* is a view in ink with a
view in colour: a series has as many as there are of both, a step as many as its samples have
references. Seconds are the CPU's, of one thread.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import torch

from mangacolor.data.area_series import SeenView, draw_series
from mangacolor.nets.features import Features, imagenet_weights
from mangacolor.recipes import read_recipe
from mangacolor.train.area_cache import AreaCache, write_series
from mangacolor.train.area_steps import draw_samples, matching_step
from mangacolor.train.area_views import Pooler
from mangacolor.train.state import new_state
from mangacolor.version import __version__

RECIPE = "areas-matcher"
# Training takes seeds from 10,000 on, benchmarks/areas.py from 900,000.
FIRST = 800_000
# Steps that are timed together.
TOGETHER = 10


def timed(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def shown(values: list[float]) -> str:
    low, middle, high = np.percentile(values, (25, 50, 75))
    return f"{middle:8.2f}   ({low:.2f} to {high:.2f})"


def pairs_of(series: list[SeenView]) -> int:
    colored = sum(seen.colored for seen in series)
    return colored * (len(series) - colored)


def pooling(folder: Path, count: int) -> dict[str, list[float]]:
    """Describes series into a folder: seconds of each part a series, and what comes of a second."""
    features = Features()
    features.load_state_dict(imagenet_weights())
    pooler = Pooler(features)
    found: dict[str, list[float]] = {}
    for seed in range(FIRST, FIRST + count):
        series: list[SeenView] = []
        drawing = timed(lambda seed=seed, series=series: series.extend(draw_series(seed)))
        path = folder / f"invented-{seed:08d}.npz"
        describing = timed(
            lambda path=path, series=series: write_series(path, [pooler.pool(x) for x in series])
        )
        for name, value in {
            "seconds to draw a series and find its areas": drawing,
            "seconds to describe its views": describing,
            "views a second": len(series) / (drawing + describing),
            "pairs a second": pairs_of(series) / (drawing + describing),
        }.items():
            found.setdefault(name, []).append(value)
    return found


def training(folder: Path, turns: int) -> dict[str, list[float]]:
    """Trains on the folder's series: what a second of steps learns from."""
    recipe = read_recipe(RECIPE)
    state = new_state(recipe, torch.device("cpu"))
    cache = AreaCache(folder, dict.fromkeys((path.stem for path in folder.glob("*.npz")), list))
    samples = draw_samples(cache, recipe, 0)
    found: dict[str, list[float]] = {
        "steps a second": [],
        "panels a second": [],
        "pairs a second": [],
    }
    # The first turn reads the files.
    for turn in range(turns + 1):
        panels = pairs = 0
        start = time.process_time()
        for step in range(TOGETHER):
            batch = next(samples)
            matching_step(state.generator, state.optimizer, batch, recipe, Random(step))
            panels += len(batch)
            pairs += sum(len(sample) - 1 for sample in batch)
        seconds = time.process_time() - start
        for values, done in zip(found.values(), (TOGETHER, panels, pairs), strict=True):
            if turn:
                values.append(done / seconds)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--series", type=int, default=16)
    parser.add_argument("--turns", type=int, default=12, help=f"of {TOGETHER} steps each")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        tables = {
            f"described once, {options.series} series": pooling(Path(name), options.series),
            f"matcher, {options.turns} turns of {TOGETHER} steps": training(
                Path(name), options.turns
            ),
        }
    lines = [
        f"mangacolor {__version__}, {platform.machine()}, load {load:.1f}, torch"
        f" {torch.__version__}; median and quartiles, CPU seconds of one thread"
    ]
    for title, table in tables.items():
        lines += ["", title, *(f"  {row:46}{shown(values)}" for row, values in table.items())]
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if options.record is not None:
        options.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
