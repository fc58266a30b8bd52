"""What the matcher of areas owes to its data and to what it is told: one training for each answer.

    python benchmarks/area_ablations.py --cache runs/areas --record docs/results/area-ablations.txt

Takes the invented series that a training has described into its cache (`mangacolor train --recipe
recipes/areas-matcher.toml --cache runs/areas`), keeps some aside, and trains a matcher anew for
every row, as many steps as the others, on features as ImageNet left them. Columns are the shares of
the area of parts, on the series kept aside, whose best match is the same part, and the same part
or colour: after the cover, and after the cover and another page; docs/metrics.md says how.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import dataclasses
import platform
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import torch

from mangacolor import __version__
from mangacolor.config import DataConfig, NetConfig, Recipe, TrainConfig
from mangacolor.nets.features import CHANNELS
from mangacolor.nets.matcher import Matcher
from mangacolor.train.area_cache import AreaCache, Kept
from mangacolor.train.area_steps import draw_samples, matching_step
from mangacolor.train.matching import Accuracy, Described, scores_of, to_matching
from mangacolor.train.state import new_state

Change = Callable[[Described], Described]
# Columns of the features at each scale, and of the facts that say where an area is.
_ENDS = np.cumsum(CHANNELS)
_PLACE = (2, 3)


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


def without_place(view: Described) -> Described:
    facts = view.facts.clone()
    facts[:, _PLACE] = 0
    return view._replace(facts=facts)


class Changed(AreaCache):
    """Some series of a cache, with less told of their areas."""

    def __init__(self, cache: AreaCache, names: list[str], change: Change) -> None:
        super().__init__(cache.folder, {name: cache.series[name] for name in names})
        self._cache, self._change = cache, change

    def read(self, name: str) -> list[Kept]:
        if name not in self._read:
            views = self._cache.read(name)
            self._read[name] = [x._replace(described=self._change(x.described)) for x in views]
        return self._read[name]


@dataclasses.dataclass(frozen=True)
class Variant:
    """A row: which share of the series, what is told of areas, and the matcher's depth."""

    name: str
    share: float = 1.0
    change: Change = lambda view: view
    layers: int = 3


VARIANTS = (
    Variant("as shipped"),
    Variant("a third of the series", share=1 / 3),
    Variant("a tenth of the series", share=0.1),
    Variant("no features at 1/16 and 1/32", change=without_features(2, 3)),
    Variant("no features at 1/4 and 1/8", change=without_features(0, 1)),
    Variant("no features", change=without_features(0, 1, 2, 3)),
    Variant("no place", change=without_place),
    Variant("no facts", change=without_facts),
    Variant("one layer of attention", layers=1),
)


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
                found = Accuracy.of(scores_of(matcher, batch), batch)
                sums += area * np.array([1, found.part, found.color])
    return Accuracy(*(sums[1:] / sums[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="folder of described series")
    parser.add_argument("--aside", type=int, default=30, help="series that are judged by")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    names = sorted(path.stem for path in asked.cache.glob("invented-*.npz"))
    if len(names) <= asked.aside:
        parser.error(f"{asked.cache} has {len(names)} invented series; more are needed")
    # Nothing is to be drawn: what is not in the cache is not asked for.
    cache = AreaCache(asked.cache, dict.fromkeys(names, list))
    aside, rest = names[: asked.aside], names[asked.aside :]
    lines = [
        f"{len(rest)} series, {asked.aside} kept aside, {asked.steps} steps of 8 panels;"
        f" mangacolor {__version__}, {platform.machine()}, torch {torch.__version__}",
        f"{'':32}{'cover':20}cover + a page",
        f"{'':32}{'part':10}{'colour':10}{'part':10}{'colour':10}minutes",
    ]
    for variant in VARIANTS:
        start = time.perf_counter()
        some = rest[: max(1, round(variant.share * len(rest)))]
        matcher = train(Changed(cache, some, variant.change), variant, asked.steps)
        judged = Changed(cache, aside, variant.change)
        found = [judge(matcher, judged, cover_only=only) for only in (True, False)]
        shares = "".join(f"{x.part:<10.3f}{x.color:<10.3f}" for x in found)
        lines.append(f"{variant.name:32}{shares}{(time.perf_counter() - start) / 60:.1f}")
        print(lines[-1], flush=True)
    if asked.record is not None:
        asked.record.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
