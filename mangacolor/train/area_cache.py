"""Areas of training series described once, so that ten ideas can be tried on the cache."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mangacolor.comic.wardrobe import find_figures
from mangacolor.config import Recipe
from mangacolor.data.area_series import FindAreas, SeenView, draw_series
from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import Example, by_series
from mangacolor.errors import InputError
from mangacolor.files import atomic_path
from mangacolor.nets.features import Features, imagenet_weights
from mangacolor.train.area_version import version_of
from mangacolor.train.area_views import NO_AREA, Pooler, SurfaceFinder, see_series
from mangacolor.train.drawing import done_in_processes
from mangacolor.train.matching import Described

__all__ = ["AreaCache", "KeptView", "open_cache", "write_series"]

Array = npt.NDArray[Any]
# Whose code, with all that it imports, decides on what lies in a cache.
_MADE_BY = "mangacolor.train.area_views"


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
        self._read: dict[str, list[KeptView]] = {}
        # How what is read is described, if not by the features that it was kept with.
        self.described: Callable[[KeptView], Described] | None = None

    def fill(self, workers: int = 0) -> Iterator[tuple[int, int]]:
        """Describes what is missing; killed anywhere, the next call goes on.

        Args:
            workers: processes that do it; with less than two it is done in this one.

        Yields:
            How many series are done, and how many there are, after each.
        """
        missing = [name for name in self.names if not self._path(name).exists()]
        # Real ones first: of invented ones there are many, and some of them will do.
        missing.sort(key=lambda name: not name.startswith("real-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        there = len(self.names) - len(missing)
        for done in done_in_processes(self._describe, missing, workers):
            yield there + done, len(self.names)

    def _describe(self, name: str) -> None:
        write_series(self._path(name), [_pooler().pool(view) for view in self.series[name]()])

    def leave_out_missing(self) -> None:
        """Goes on with the series that are described, and without the others."""
        self.names = [name for name in self.names if self._path(name).exists()]

    def read(self, name: str, device: torch.device | None = None) -> list[KeptView]:
        """The views of a series on a device, the CPU if left out; kept there, 4 MB each."""
        if name not in self._read:
            views = _read_series(self._path(name))
            if device is not None:
                views = [view.to(device) for view in views]
            if self.described is not None:
                views = [view._replace(described=self.described(view)) for view in views]
            self._read[name] = views
        return self._read[name]

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npz"


@functools.cache
def _pooler() -> Pooler:
    features = Features()
    features.load_state_dict(imagenet_weights())
    return Pooler(features)


def open_cache(
    examples: list[Example], recipe: Recipe, folder: Path, find: SurfaceFinder | None = None
) -> AreaCache:
    """The cache of a recipe's invented series and of the real ones among examples.

    Args:
        examples: of training.
        recipe: how many are invented, and with which models.
        folder: of the cache.
        find: how areas are found; without it they are those that ink closes.

    A series has another file, and is described anew, when its pictures, the settings or the code
    that looks at it are others.

    Raises:
        InputError: there is no series, or a picture of one cannot be read.
    """
    version = version_of(_MADE_BY) + ("" if find is None else f"-{find.version}")
    data = recipe.data
    figures = find_figures(Path(data.figures)) if data.figures else ()
    name = "modelled" if figures else "invented"
    first = 10_000 + recipe.train.seed * 1_000_003
    series: dict[str, Callable[[], list[SeenView]]] = {
        f"{name}-{seed:08d}-{version}": functools.partial(
            draw_series, seed, find=find, figures=figures
        )
        for seed in range(first, first + data.area_series)
    }
    for members in by_series(examples).values():
        # Of a picture that is alone nothing can be learned about another drawing.
        if len(members) > 1:
            chosen = [examples[i] for i in members[: data.area_pictures]]
            known = _digest(chosen, data.area_pens, version)
            series[f"real-{known}"] = functools.partial(
                _see_real, chosen, data.area_pens, int(known, 16), find
            )
    if not series:
        raise InputError(
            "There is no series to learn from: every picture is alone in its own.",
            "Give two pictures or more of one series, in a folder of their own.",
        )
    return AreaCache(folder, series)


def _digest(examples: Sequence[Example], pens: int, version: str) -> str:
    """Of all that decides how a series is seen; not of its name, nor of where it lies."""
    digest = hashlib.sha256(f"{version} {pens}".encode())
    for example in examples:
        files = [example.color]
        if example.lineart is not None and not example.is_side_by_side:
            files.append(example.lineart)
        facts = example.box, example.color_right, example.is_side_by_side
        try:
            contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
        except OSError as error:
            raise InputError(
                f"{example.color} cannot be read: {error.strerror or error}.",
                "Copy it again, or take it away.",
            ) from error
        digest.update(f"{facts} {contents}".encode())
    return digest.hexdigest()[:16]


def _see_real(
    examples: Sequence[Example], pens: int, seed: int, find: FindAreas | None
) -> list[SeenView]:
    return see_series([read_example(example) for example in examples], pens, seed, find)


class KeptView(NamedTuple):
    """A view in the cache.

    Attributes:
        described: by ImageNet's features.
        at_8: float16 (48, h/8, w/8), what the second half of the features reads.
        cells: int32 (h/2, w/2), the area of each cell, -1 none.
    """

    described: Described
    at_8: Tensor
    cells: npt.NDArray[np.int32]

    def to(self, device: torch.device) -> KeptView:
        """The same with its tensors on a device."""
        features, facts, sizes, labels, shares, colors = (x.to(device) for x in self.described[:6])
        about = self.described.page, self.described.colored
        moved = Described(features, facts, sizes, labels, shares, colors, *about)
        return KeptView(moved, self.at_8.to(device), self.cells)


def write_series(path: Path, views: list[dict[str, Array]]) -> None:
    """Writes the views of one series, whole or not at all."""
    arrays: dict[str, Any] = {
        f"{i}/{name}": value for i, view in enumerate(views) for name, value in view.items()
    }
    with atomic_path(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def _read_series(path: Path) -> list[KeptView]:
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
        cells = np.where(one["cells"] == NO_AREA, -1, one["cells"].astype(np.int32))
        found.append(KeptView(described, torch.from_numpy(one["at_8"]), cells))
    return found
