"""Areas of a series as training reads them: seen in ink and in colour, and described."""

from __future__ import annotations

import copy
import hashlib
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch import Tensor, nn

from mangacolor.data.area_series import FindAreas, SeenView, see_pictures
from mangacolor.data.lineart import PENS, draw_ink
from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32, UInt8, to_grey, to_signed, to_uint8
from mangacolor.images.views import pool, to_picture
from mangacolor.nets.features import Features
from mangacolor.nets.surfaces import SurfaceNet
from mangacolor.runtime.surfaces import see_surfaces

__all__ = ["NO_AREA", "Pooler", "SurfaceFinder", "see_series"]

Array = npt.NDArray[Any]
# In a byte, what is no area; a view has fewer than that.
NO_AREA = 255


def _session(network: nn.Module, channels: int) -> onnxruntime.InferenceSession:
    """A network of one picture in ONNX Runtime, on a CPU three times as fast as torch."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The exporter that this one is to be given up for takes ten times as long.
        warnings.simplefilter("ignore")
        path = Path(folder) / "network.onnx"
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, channels, 64, 64),),
            path,
            input_names=["picture"],
            dynamic_axes={"picture": {2: "h", 3: "w"}},
            dynamo=False,
            opset_version=17,
        )
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class SurfaceFinder:
    """Finds areas by a network of surfaces, as `batch` does; opened when it is first asked.

    Args:
        network: its weights are taken as they are now.
    """

    def __init__(self, network: SurfaceNet) -> None:
        self._network = copy.deepcopy(network).cpu()
        self._open: onnxruntime.InferenceSession | None = None

    @property
    def version(self) -> str:
        """8 hex digits of the weights."""
        digest = hashlib.sha256()
        for name, value in sorted(self._network.state_dict().items()):
            digest.update(name.encode() + value.numpy().tobytes())
        return digest.hexdigest()[:8]

    def __call__(self, picture: UInt8) -> Labels:
        """Areas of a picture as it is printed, (H, W), or in colour, (H, W, 3)."""
        color = picture if picture.ndim == 3 else None
        found = see_surfaces(self, to_grey(picture), color=color)
        assert found is not None
        return found.areas

    @property
    def sees_afar(self) -> bool:
        """As of `mangacolor.runtime.area_model.SurfaceModel`."""
        return self._network.afar is not None

    def surfaces(self, page: Float32) -> tuple[Float32, Float32]:
        """As of `mangacolor.runtime.area_model.AreaModel`."""
        if self._open is None:
            self._open = _session(_Likely(self._network), 1)
        borders, kinds = self._open.run(None, {"picture": page})
        return borders, kinds


class _Likely(nn.Module):
    """A network of surfaces that says how likely each answer is."""

    def __init__(self, network: SurfaceNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, page: Tensor) -> tuple[Tensor, Tensor]:
        borders, kinds = self.network(page)
        return borders.sigmoid(), kinds.softmax(dim=1)


class Pooler:
    """Features of views, by ONNX Runtime."""

    def __init__(self, features: Features) -> None:
        self._session = _session(features, 3)

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
            "cells": np.where(view.cells < 0, NO_AREA, view.cells).astype(np.uint8),
            "facts": view.facts.astype(np.float16),
            "sizes": view.sizes,
            "labels": seen.labels,
            "shares": seen.shares.astype(np.float16),
            "colors": seen.colors,
            "about": np.array([seen.page, seen.colored], np.int16),
        }


def see_series(
    pictures: Sequence[tuple[UInt8, UInt8 | None]],
    pens: int,
    seed: int,
    find: FindAreas | None = None,
) -> list[SeenView]:
    """Views of real pictures, each in ink of its own or of so many pens.

    Args:
        pictures: colour (H, W, 3), and line art of that shape where there is a real one.
        pens: that draw each picture which has none.
        seed: of the pens.
        find: how areas are found, as of `draw_series`.
    """
    dice = torch.Generator().manual_seed(seed)
    seen = []
    for color, lineart in pictures:
        if lineart is None:
            signed = torch.from_numpy(to_signed(color)).permute(2, 0, 1)[None]
            rolls = torch.rand(pens, 1, PENS, generator=dice)
            inks = [to_uint8(draw_ink(signed, roll)[0, 0].numpy()) for roll in rolls]
        else:
            inks = [to_grey(lineart)]
        seen.append((inks, np.ascontiguousarray(color)))
    return see_pictures(seen, find)
