"""Areas of training series described once, so that ten ideas can be tried on the cache."""

from __future__ import annotations

import functools
import hashlib
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch import Tensor

from mangacolor.config import Recipe
from mangacolor.data.area_series import SeenView, draw_series, see_pictures
from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import Example, by_series
from mangacolor.data.lineart import PENS, draw_ink
from mangacolor.errors import InputError
from mangacolor.files import atomic_path
from mangacolor.images.geometry import to_grey, to_signed, to_uint8
from mangacolor.images.views import pool, to_picture
from mangacolor.nets.features import Features, imagenet_weights
from mangacolor.train.matching import Described

__all__ = ["AreaCache", "Kept", "Pooler", "open_cache", "write_series"]

Array = npt.NDArray[Any]
# In a byte, what is no area; a view has fewer than that.
_NO_AREA = 255


class Pooler:
    """The features in ONNX Runtime, which on a CPU is three times as fast as torch."""

    def __init__(self, features: Features) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            # The exporter that this one is to be given up for takes ten times as long.
            warnings.simplefilter("ignore")
            path = Path(folder) / "features.onnx"
            torch.onnx.export(
                features.eval(),
                (torch.zeros(1, 3, 64, 64),),
                path,
                input_names=["picture"],
                dynamic_axes={"picture": {2: "h", 3: "w"}},
                dynamo=False,
                opset_version=17,
            )
            self._session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )

    def pool(self, seen: SeenView) -> dict[str, Array]:
        """What training needs of a view.

        Returns:
            features: float16 (K, sum(CHANNELS)), pooled; at_8: float16 (48, h/8, w/8) and cells:
            uint8 (h/2, w/2), 255 none, for features that are trained; facts, sizes, labels,
            shares, colors: of the K areas; about: page and whether it is coloured.
        """
        view = seen.view
        maps = self._session.run(None, {"picture": to_picture(view)})
        return {
            "features": pool(view, maps).astype(np.float16),
            "at_8": maps[1][0].astype(np.float16),
            "cells": np.where(view.cells < 0, _NO_AREA, view.cells).astype(np.uint8),
            "facts": view.facts.astype(np.float16),
            "sizes": view.sizes,
            "labels": seen.labels,
            "shares": seen.shares.astype(np.float16),
            "colors": seen.colors,
            "about": np.array([seen.page, seen.colored], np.int16),
        }


class AreaCache:
    """Series whose areas are described once and kept on disk: one file a series.

    Args:
        folder: of the files; what is there already is taken as it is.
        series: what each series shows, by the name of its file; called where there is no file yet.
    """

    def __init__(self, folder: Path, series: Mapping[str, Callable[[], list[SeenView]]]) -> None:
        self.folder = folder
        self.series = series
        self.names = sorted(series)
        self._read: dict[str, list[Kept]] = {}

    def fill(self) -> Iterator[tuple[int, int]]:
        """Describes what is missing; killed anywhere, the next call goes on.

        Yields:
            How many series are done, and how many there are, after each.
        """
        missing = [name for name in self.names if not self._path(name).exists()]
        if not missing:
            return
        features = Features()
        features.load_state_dict(imagenet_weights())
        pooler = Pooler(features)
        self.folder.mkdir(parents=True, exist_ok=True)
        for done, name in enumerate(missing, len(self.names) - len(missing) + 1):
            write_series(self._path(name), [pooler.pool(view) for view in self.series[name]()])
            yield done, len(self.names)

    def read(self, name: str) -> list[Kept]:
        """The views of a series; kept in memory, 4 MB each."""
        if name not in self._read:
            self._read[name] = _read_series(self._path(name))
        return self._read[name]

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npz"


def open_cache(examples: list[Example], recipe: Recipe, folder: Path) -> AreaCache:
    """The cache of a recipe's invented series and of the real ones among examples."""
    first = 10_000 + recipe.train.seed * 1_000_003
    series: dict[str, Callable[[], list[SeenView]]] = {
        f"invented-{seed:08d}": functools.partial(draw_series, seed)
        for seed in range(first, first + recipe.data.area_series)
    }
    for name, members in by_series(examples).items():
        # Of a picture that is alone nothing can be learned about another drawing.
        if len(members) > 1:
            chosen = [examples[i] for i in members[: recipe.data.area_pictures]]
            # Whatever signs a series has in its name; another picture is another series.
            digest = hashlib.sha256("\0".join([name, *(x.name for x in chosen)]).encode())
            known = digest.hexdigest()[:16]
            series[f"real-{known}"] = functools.partial(
                _see_real, chosen, recipe.data.area_pens, int(known, 16)
            )
    if not series:
        raise InputError(
            "There is no series to learn from: every picture is alone in its own.",
            "Give two pictures or more of one series, in a folder of their own.",
        )
    return AreaCache(folder, series)


def _see_real(examples: list[Example], pens: int, seed: int) -> list[SeenView]:
    """Views of real pictures, each in ink of its own or of so many pens."""
    dice = torch.Generator().manual_seed(seed)
    pictures = []
    for example in examples:
        color, lineart = read_example(example)
        if lineart is None:
            signed = torch.from_numpy(to_signed(color)).permute(2, 0, 1)[None]
            rolls = torch.rand(pens, 1, PENS, generator=dice)
            inks = [to_uint8(draw_ink(signed, roll)[0, 0].numpy()) for roll in rolls]
        else:
            inks = [to_grey(lineart)]
        pictures.append((inks, np.ascontiguousarray(color)))
    return see_pictures(pictures)


class Kept(NamedTuple):
    """A view in the cache.

    Attributes:
        described: by ImageNet's features.
        at_8: float16 (48, h/8, w/8), what the second half of the features reads.
        cells: int32 (h/2, w/2), the area of each cell, -1 none.
    """

    described: Described
    at_8: Tensor
    cells: npt.NDArray[np.int32]


def write_series(path: Path, views: list[dict[str, Array]]) -> None:
    """Writes the views of one series, whole or not at all."""
    arrays: dict[str, Any] = {
        f"{i}/{name}": value for i, view in enumerate(views) for name, value in view.items()
    }
    with atomic_path(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def _read_series(path: Path) -> list[Kept]:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    found = []
    for number in range(len({name.partition("/")[0] for name in arrays})):
        one = {
            name.partition("/")[2]: value
            for name, value in arrays.items()
            if name.startswith(f"{number}/")
        }
        page, colored = one["about"]
        described = Described(
            features=torch.from_numpy(one["features"]),
            facts=torch.from_numpy(one["facts"]),
            sizes=torch.from_numpy(one["sizes"]),
            labels=torch.from_numpy(one["labels"]),
            shares=torch.from_numpy(one["shares"]),
            colors=torch.from_numpy(one["colors"]),
            page=int(page),
            colored=bool(colored),
        )
        cells = np.where(one["cells"] == _NO_AREA, -1, one["cells"].astype(np.int32))
        found.append(Kept(described, torch.from_numpy(one["at_8"]), cells))
    return found
