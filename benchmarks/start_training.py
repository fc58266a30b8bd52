"""Teaching the second half of a network by the looks of areas alone, for feature_starts.py."""

# ruff: noqa: T201
from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import torch
from start_networks import COARSE
from torch import Tensor
from torch.nn import functional as F

from mangacolor.config import DataConfig, NetConfig, Recipe, TrainConfig
from mangacolor.files import atomic_path
from mangacolor.images.views import membership
from mangacolor.train.area_cache import AreaCache, KeptView
from mangacolor.train.area_steps import draw_samples
from mangacolor.train.matching import Described, cut_down, looks_loss, to_matching

# Steps up to the full rate, and seconds from one checkpoint to the next.
_WARM, _SAVED = 20, 300
_DECAY, _CLIP = 0.02, 1.0
_RECIPE = Recipe(
    net=NetConfig(style="areas"),
    data=DataConfig(),
    train=TrainConfig(stage="features", batch_size=4),
)


class Kept(AreaCache):
    """A cache that stays on the disk, for it is larger than memory may be."""

    def read(self, name: str, device: torch.device | None = None) -> list[KeptView]:
        self._read.clear()
        return super().read(name, device)


def opened(folder: Path, *kinds: str) -> Kept:
    names = sorted(x.stem for x in folder.glob("*.npz") if x.stem.split("-")[0] in kinds)
    return Kept(folder, dict.fromkeys(names, list))


def coarse(net: Any, view: KeptView, *, learns: bool = False) -> Described:
    """A view by features at 1/16 and 1/32."""
    with torch.set_grad_enabled(learns):
        maps = net.understand(view.at_8.float()[None].contiguous(memory_format=torch.channels_last))
    count = len(view.described.sizes)
    pooled = [
        torch.from_numpy(membership(view.cells, count, stride)) @ found[0].flatten(1).T
        for stride, found in zip((16, 32), maps, strict=True)
    ]
    return view.described._replace(features=torch.cat(pooled, dim=1))


def with_looks(views: dict[Any, Described], channels: Sequence[int]) -> dict[Any, Described]:
    """Looks as `area_steps.looks_of` has them: less what the views of a page have in common.

    Args:
        views: by keys whose first part says which series it is.
        channels: of the two scales.
    """
    pages: dict[Any, list[Any]] = {}
    for key, view in views.items():
        pages.setdefault((key[0], view.page, view.colored), []).append(key)
    found = dict(views)
    for members in pages.values():
        scales = torch.cat([views[key].features for key in members]).split(channels, dim=1)
        apart = [F.normalize(x - x.mean(dim=0), dim=1) for x in scales]
        looks = torch.cat(apart, dim=1) / len(apart) ** 0.5
        counts = [len(views[key].sizes) for key in members]
        for key, mine in zip(members, looks.split(counts), strict=True):
            found[key] = views[key]._replace(looks=mine)
    return found


def loss_of(
    net: Any, samples: list[list[KeptView]], channels: Sequence[int], random: Random
) -> Tensor:
    """Of looks by colour and part, as stage `features` has it beside the matcher's."""
    # A series has no name here; what samples share of one are their references.
    keyed = [[((id(s[1]), id(view)), view) for view in s] for s in samples]
    known: dict[Any, Described] = {}
    for key, view in (each for sample in keyed for each in sample):
        if key not in known:
            # Through half of the references nothing is learned, as in stage `features`.
            learns = not view.described.colored or random.random() < 0.5
            known[key] = coarse(net, view, learns=learns)
    known = {k: cut_down(view, random) for k, view in with_looks(known, channels).items()}
    told = [[known[key] for key, _ in sample] for sample in keyed]
    return looks_loss(to_matching([(x, others) for x, *others in told], random, 0.0))


def train(name: str, net: Any, cache: Path, rate: float, steps: int, seed: int) -> None:
    """Teaches the second half, or goes on where an earlier call has ended."""
    path = cache / f"{name}-{rate:g}-{steps}-{seed}.pt"
    optimizer = torch.optim.AdamW(net.high.parameters(), rate, weight_decay=_DECAY)
    first = 0
    if path.exists():
        saved = torch.load(path, weights_only=True)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    recipe = dataclasses.replace(_RECIPE, train=dataclasses.replace(_RECIPE.train, seed=seed))
    samples = draw_samples(opened(cache / name, "invented", "real"), recipe, first)
    last = time.monotonic()
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / _WARM) * (1 - step / steps)
        loss = loss_of(net, next(samples), COARSE[name], Random(f"{seed} {step} starts"))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.high.parameters(), _CLIP)
        optimizer.step()
        if step % 20 == 0:
            print(f"  {name} {rate:g} step {step}: {loss.item():.3f}", flush=True)
        if time.monotonic() - last > _SAVED or step == steps - 1:
            last = time.monotonic()
            state = {"net": net.state_dict(), "optimizer": optimizer.state_dict()}
            with atomic_path(path) as part:
                torch.save({**state, "step": step + 1}, part)
