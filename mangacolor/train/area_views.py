"""Areas of a series as training reads them: seen in ink and in colour, and described."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch

from mangacolor.data.area_series import SeenView, see_pictures
from mangacolor.data.lineart import PENS, draw_ink
from mangacolor.images.geometry import UInt8, to_grey, to_signed, to_uint8
from mangacolor.images.views import pool, to_picture
from mangacolor.nets.features import Features

__all__ = ["NO_AREA", "Pooler", "see_series"]

Array = npt.NDArray[Any]
# In a byte, what is no area; a view has fewer than that.
NO_AREA = 255


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
            "cells": np.where(view.cells < 0, NO_AREA, view.cells).astype(np.uint8),
            "facts": view.facts.astype(np.float16),
            "sizes": view.sizes,
            "labels": seen.labels,
            "shares": seen.shares.astype(np.float16),
            "colors": seen.colors,
            "about": np.array([seen.page, seen.colored], np.int16),
        }


def see_series(
    pictures: Sequence[tuple[UInt8, UInt8 | None]], pens: int, seed: int
) -> list[SeenView]:
    """Views of real pictures, each in ink of its own or of so many pens.

    Args:
        pictures: colour (H, W, 3), and line art of that shape where there is a real one.
        pens: that draw each picture which has none.
        seed: of the pens.
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
    return see_pictures(seen)
