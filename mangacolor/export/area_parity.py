"""Do the graphs that describe and match areas give what torch gives?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import nn

from mangacolor.bundle import DESCRIBE_FILE, MATCH_FILE, REFERENCES_FILE, SURFACES_FILE
from mangacolor.export.graphs import DescribeGraph, MatchGraph, ReferenceGraph, SurfaceGraph
from mangacolor.images.views import FACTS
from mangacolor.nets.build import Generator
from mangacolor.nets.features import CHANNELS
from mangacolor.runtime.providers import open_session

__all__ = ["area_differences"]

# Sizes of pictures, and numbers of areas of a view and of all references; none is the traced one.
_PICTURES = ((1, 64, 64), (2, 96, 160), (1, 384, 288))
_PAGES = ((1, 64, 64), (2, 128, 320), (1, 384, 256))
_AREAS = ((1, 1, 1), (2, 7, 30), (1, 160, 300))


@torch.no_grad()
def area_differences(generator: Generator, folder: Path) -> dict[str, float]:
    """Largest differences from torch, by graph and sizes, against the largest value that torch
    gives there: features and scores have no range of their own.

    Args:
        generator: of style `areas`, in evaluation mode.
        folder: of the graphs.
    """
    random = torch.Generator().manual_seed(0)
    found: dict[str, float] = {}
    width = generator.config.matcher_width
    describe = open_session(folder / DESCRIBE_FILE, "cpu")
    for n, h, w in _PICTURES:
        picture = torch.rand(n, 3, h, w, generator=random) * 2 - 1
        found[f"describe {n}x3x{h}x{w}"] = _apart(DescribeGraph(generator), describe, picture)
    if generator.config.sees_surfaces:
        surfaces = open_session(folder / SURFACES_FILE, "cpu")
        for n, h, w in _PAGES:
            page = torch.rand(n, 1, h, w, generator=random) * 2 - 1
            found[f"surfaces {n}x1x{h}x{w}"] = _apart(SurfaceGraph(generator), surfaces, page)
    references, match = (
        open_session(folder / name, "cpu") for name in (REFERENCES_FILE, MATCH_FILE)
    )
    for n, k, t in _AREAS:
        features = torch.rand(n, k, sum(CHANNELS), generator=random)
        facts = torch.rand(n, k, FACTS, generator=random) * 2 - 1
        there = torch.rand(n, k, generator=random) > 0.2
        there[:, 0] = True
        areas = (features, facts, there)
        colors = torch.rand(n, k, 3, generator=random) * 2 - 1
        name = f"{n}x{k} areas"
        found[f"references, {name}"] = _apart(ReferenceGraph(generator), references, *areas, colors)
        tokens = torch.randn(n, t, width, generator=random)
        known = torch.rand(n, t, generator=random) > 0.2
        found[f"match, {name} with {t}"] = _apart(
            MatchGraph(generator), match, *areas, tokens, known
        )
    return found


def _apart(graph: nn.Module, session: onnxruntime.InferenceSession, *inputs: torch.Tensor) -> float:
    names = [item.name for item in session.get_inputs()]
    feeds = dict(zip(names, (value.numpy() for value in inputs), strict=True))
    expected: Any = graph(*inputs)
    expected = expected if isinstance(expected, tuple) else (expected,)
    return max(
        float(np.abs(ours - theirs.numpy()).max() / max(1.0, float(theirs.abs().max())))
        for ours, theirs in zip(_shown(session.run(None, feeds)), _cut(expected), strict=True)
    )


def _shown(values: list[Any]) -> list[Any]:
    # What is masked out scores -10,000, beside which nothing else would count.
    return [np.where(value <= -1e4, 0, value) for value in values]


def _cut(values: tuple[torch.Tensor, ...]) -> list[torch.Tensor]:
    return [torch.where(value <= -1e4, 0, value) for value in values]
