"""Steps of the two stages that teach areas: the matcher alone, then features and matcher."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from random import Random

import torch
from torch import Tensor
from torch.nn import functional as F

from mangacolor.config import Recipe
from mangacolor.errors import DivergedError
from mangacolor.images.views import membership
from mangacolor.nets.build import Generator
from mangacolor.nets.features import CHANNELS, Features
from mangacolor.runtime.looks import COARSE
from mangacolor.train.area_cache import AreaCache, KeptView
from mangacolor.train.matching import (
    Accuracy,
    Described,
    Matching,
    choose_views,
    cut_down,
    guess_loss,
    looks_loss,
    match,
    match_loss,
    to_matching,
)

__all__ = ["described", "draw_samples", "looks_of", "matching_step", "set_stage"]

# What learns in each stage. The first half of the features is ImageNet's: its output lies in the
# cache.
_LEARNING = {
    "painter": ("style_encoder.", "colorizer."),
    "matcher": ("matcher.",),
    "features": ("matcher.", "features.high."),
    "surfaces": ("surfaces.",),
}
# Views in ink that share the references of one series, where describing is what takes time.
_TARGETS = 4
# Invented series that are taken for every real one, where there are both.
_INVENTED_A_REAL = 2
# Of the guesses' loss beside the matches'.
_GUESS_WEIGHT = 0.3
# Of the loss of looks, by which half of the votes are given.
_LOOKS_WEIGHT = 0.5
# Share of references through which features do not learn, which is most of what a step costs.
_TAKEN_AS_THEY_ARE = 0.5


def set_stage(generator: Generator, recipe: Recipe) -> None:
    """Lets those weights learn, and no others, that a recipe's stage teaches."""
    learning = _LEARNING[recipe.train.stage]
    for name, parameter in generator.named_parameters():
        parameter.requires_grad_(name.startswith(learning))


def draw_samples(
    cache: AreaCache, recipe: Recipe, step: int, device: torch.device | None = None
) -> Iterator[list[list[KeptView]]]:
    """Samples of steps from `step` on: a view in ink, and the references it is coloured after.

    The same step of a recipe always has the same samples.
    """
    config = recipe.train
    # However many are invented: others' hands are what pages are drawn by.
    real = [name for name in cache.names if name.startswith("real-")]
    invented = [name for name in cache.names if not name.startswith("real-")]
    kinds = [names for names in (real, *[invented] * _INVENTED_A_REAL) if names]
    while True:
        random = Random(f"{config.seed} {step}")
        samples: list[list[KeptView]] = []
        while len(samples) < config.batch_size:
            series = cache.read(random.choice(random.choice(kinds)), device)
            samples += _samples(series, random, config.stage == "features")
        yield samples[: config.batch_size]
        step += 1


def _samples(series: list[KeptView], random: Random, together: bool) -> list[list[KeptView]]:
    views = [view.described for view in series]
    if all(view.colored for view in views) or not any(view.colored for view in views):
        return []
    targets, chosen = choose_views(views, random, _TARGETS if together else 1)
    return [[series[i], *(series[j] for j in chosen)] for i in targets if chosen]


def matching_step(
    generator: Generator,
    optimizer: torch.optim.Optimizer,
    samples: Sequence[Sequence[KeptView]],
    recipe: Recipe,
    random: Random,
) -> dict[str, float]:
    """Moves the matcher, and in stage `features` the features' second half, once.

    Args:
        generator: of style `areas`.
        optimizer: of its parameters.
        samples: of `draw_samples`.
        recipe: says the stage.
        random: chooses areas and exchanges colours.

    Returns:
        `loss`, and `part` and `color`, shares of the area that are matched rightly.

    Raises:
        DivergedError: the loss or a gradient is not finite; the weights are left as they were.
    """
    device = next(generator.parameters()).device
    # What is made anew is to be where the rest is; on a CPU it is, and the context costs time.
    with device if device.type != "cpu" else contextlib.nullcontext():
        batch = _to_batch(generator.features, samples, recipe, random)
    scores, *guesses = match(generator.matcher, batch)
    loss = match_loss(scores, batch)
    for guessed in guesses:
        loss = loss + _GUESS_WEIGHT * guess_loss(guessed, batch)
    if batch.cosines is not None:
        loss = loss + _LOOKS_WEIGHT * looks_loss(batch)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    learning = [x for x in generator.parameters() if x.requires_grad]
    norm = torch.nn.utils.clip_grad_norm_(learning, recipe.train.gradient_clip)
    if not math.isfinite(norm.item()):
        raise DivergedError(
            f"Training has diverged: match {loss.item():.4g}, gradient norm {norm.item():.4g}.",
            "Go on from the last checkpoint with a lower learning rate.",
        )
    optimizer.step()
    right = Accuracy.of(scores.detach(), batch)
    return {"loss": loss.item(), "part": right.part, "color": right.color}


def _to_batch(
    features: Features, samples: Sequence[Sequence[KeptView]], recipe: Recipe, random: Random
) -> Matching:
    learns = recipe.train.stage == "features"
    known: dict[int, Described] = {}
    # Views that several samples of a series share are described once.
    for view in (view for sample in samples for view in sample):
        if id(view) not in known:
            taken = view.described.colored and random.random() < _TAKEN_AS_THEY_ARE
            with torch.set_grad_enabled(torch.is_grad_enabled() and not taken):
                known[id(view)] = described(features, view) if learns else view.described
    if learns:
        known = _with_looks(samples, known)
    known = {key: cut_down(view, random) for key, view in known.items()}

    def look(view: KeptView) -> Described:
        return known[id(view)]

    return to_matching(
        [(look(target), [look(view) for view in chosen]) for target, *chosen in samples],
        random,
        recipe.data.recolor_share,
    )


def _with_looks(
    samples: Sequence[Sequence[KeptView]], known: dict[int, Described]
) -> dict[int, Described]:
    """The same with looks: less what the views of a page have in common, as far as they are seen.

    Args:
        samples: their first views are in ink, and of one series those of one page.
        known: by `id` of the views.
    """
    pages: dict[tuple[int, ...], dict[int, None]] = {}
    for target, *chosen in samples:
        # A series has no name here; what samples share of one are their references.
        series = id(chosen[0])
        for view in (target, *chosen):
            about = view.described
            pages.setdefault((series, about.page, int(about.colored)), {})[id(view)] = None
    found = dict(known)
    for members in pages.values():
        looks = looks_of([known[key].features for key in members])
        for key, mine in zip(members, looks, strict=True):
            found[key] = known[key]._replace(looks=mine)
    return found


def looks_of(features: Sequence[Tensor]) -> list[Tensor]:
    """Looks of a picture's areas in torch, as `mangacolor.runtime.looks` has them.

    Args:
        features: float (K, sum(CHANNELS)) of each view.

    Returns:
        float (K, L) of each view, of length 1.
    """
    whole = torch.cat([part.float() for part in features])
    scales = whole.split(CHANNELS, dim=1)[-2:]
    apart = [F.normalize(scale - scale.mean(dim=0), dim=1) for scale in scales]
    shares = COARSE.values()
    looks = torch.cat([x * share**0.5 for x, share in zip(apart, shares, strict=True)], dim=1)
    return list(looks.split([len(part) for part in features]))


def described(features: Features, view: KeptView) -> Described:
    """A view of the cache, described by features as they are now."""
    # Backward through depthwise convolutions takes half the time with channels last.
    at_8 = view.at_8.float()[None].contiguous(memory_format=torch.channels_last)
    count = len(view.described.sizes)
    at_16, at_32 = features.understand(at_8)
    pooled = [view.described.features[:, : CHANNELS[0]].float()]
    for stride, found in ((8, at_8), (16, at_16), (32, at_32)):
        shares = torch.from_numpy(membership(view.cells, count, stride)).to(at_8.device)
        pooled.append(shares @ found[0].flatten(1).T)
    return view.described._replace(features=torch.cat(pooled, dim=1))
