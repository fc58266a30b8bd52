"""Is the exported model the trained one, and what does a lower precision cost?"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from mangacolor.bundle import COLOR_FILE, STYLE_FILE
from mangacolor.config import Precision
from mangacolor.errors import ModelError
from mangacolor.export.area_parity import area_differences
from mangacolor.export.cases import Case, make_cases, make_hints
from mangacolor.export.graphs import StyleGraph, color_graph
from mangacolor.images.geometry import Float32
from mangacolor.nets.build import Generator, size_multiple
from mangacolor.runtime.providers import open_session
from mangacolor.version import __version__

__all__ = ["LEAST_PSNR", "Cost", "Parity", "check_parity", "check_precision", "run_graphs"]

# dB against the float32 graphs that every picture of the comparison must reach. The shipped network
# has 75 to 82 dB in fp16 and 33 to 45 dB in int8; below these bounds something broke: 50 dB is an
# error of 0.8 of 255 levels, 30 dB one of 8.
LEAST_PSNR: dict[Precision, float] = {"fp16": 50.0, "int8": 30.0}
# What is said of two pictures that are equal: JSON knows no infinity.
_EQUAL = 200.0


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a lower precision changed, picture by picture.

    Attributes:
        psnr: dB against the float32 graphs, 200 at most.
        differences: largest absolute difference, colours in [-1, 1].
        bound: dB that had to be reached.
    """

    psnr: dict[str, float]
    differences: dict[str, float]
    bound: float

    @property
    def worst(self) -> float:
        return min(self.psnr.values())


@dataclasses.dataclass(frozen=True)
class Parity:
    """The proof.

    Attributes:
        differences: largest absolute difference between ONNX Runtime in float32 and torch, colours
            in [-1, 1], by picture.
        tolerance: what was allowed.
        precision: of the graphs that were written.
        cost: of a lower precision than float32.
    """

    differences: dict[str, float]
    tolerance: float
    precision: Precision = "fp32"
    cost: Cost | None = None

    @property
    def worst(self) -> float:
        return max(self.differences.values())

    def to_record(self) -> dict[str, Any]:
        """All of it, for `parity.json`."""
        return {
            "precision": self.precision,
            "fp32_against_torch": {
                "tolerance": self.tolerance,
                "worst": self.worst,
                "largest_difference": self.differences,
            },
            "precision_against_fp32": None
            if self.cost is None
            else {
                "least_psnr": self.cost.bound,
                "worst": self.cost.worst,
                "psnr": self.cost.psnr,
                "largest_difference": self.cost.differences,
            },
            "versions": {
                "mangacolor": __version__,
                "torch": torch.__version__,
                "onnx": version("onnx"),
                "onnxruntime": onnxruntime.__version__,
                "onnxscript": _version("onnxscript"),
            },
        }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


@torch.no_grad()
def check_parity(generator: Generator, folder: Path, tolerance: float) -> Parity:
    """Runs both graphs and torch on drawn pages of five shapes, a white and a black one.

    Raises:
        ModelError: a difference above `tolerance` (or not a number); picture and figure are named.
    """
    cases = make_cases(size_multiple(generator.config))
    differences = {}
    for case, color in zip(cases, run_graphs(folder, cases), strict=True):
        style = StyleGraph(generator)(torch.from_numpy(case.references))
        seen = [case.lineart]
        if generator.config.family.hint_channels:
            seen.append(make_hints(case.lineart))
        expected = color_graph(generator)(*map(torch.from_numpy, seen), *style).numpy()
        differences[case.name] = float(np.abs(color - expected).max())
    if generator.config.has("matcher"):
        differences |= area_differences(generator, folder)
    for name, difference in differences.items():
        # Written so that a difference that is not a number is refused too.
        if not difference <= tolerance:
            raise ModelError(
                f"The exported graphs differ from torch by {difference:.2g} at {name}; "
                f"{tolerance:g} is allowed.",
                "This is a fault of the export, please report it with the checkpoint's recipe.",
            )
    return Parity(differences, tolerance)


def check_precision(
    cases: list[Case], expected: list[Float32], folder: Path, precision: Precision
) -> Cost:
    """Compares graphs of a lower precision with what the float32 graphs gave.

    Args:
        cases: the pictures.
        expected: float32 (n, 3, h, w) for each, of the float32 graphs.
        folder: of the two graphs.
        precision: theirs.

    Raises:
        ModelError: ONNX Runtime cannot run them, a value is not finite, or a picture falls below
            `LEAST_PSNR`; picture and figure are named.
    """
    bound = LEAST_PSNR[precision]
    hint = "Leave --precision out, or take another one."
    psnr, differences = {}, {}
    for case, before, after in zip(cases, expected, run_graphs(folder, cases), strict=True):
        if not np.isfinite(after).all():
            raise ModelError(
                f"In {precision} the model gives values that are not finite, at {case.name}.", hint
            )
        psnr[case.name] = _psnr(before, after)
        differences[case.name] = float(np.abs(before - after).max())
        if not psnr[case.name] >= bound:
            raise ModelError(
                f"In {precision} the model has {psnr[case.name]:.1f} dB at {case.name};"
                f" {bound:g} dB against fp32 are the least.",
                hint,
            )
    return Cost(psnr, differences, bound)


def _psnr(before: Float32, after: Float32) -> float:
    error = float(
        np.mean(np.square(before.clip(-1, 1) / 2 - after.clip(-1, 1) / 2, dtype=np.float64))
    )
    return min(_EQUAL, -10 * math.log10(error)) if error else _EQUAL


def run_graphs(folder: Path, cases: Iterable[Case]) -> list[Float32]:
    """What the two graphs in a folder make of the pictures, on the CPU.

    Raises:
        ModelError: ONNX Runtime cannot open or run them.
    """
    try:
        style, color = (open_session(folder / name, "cpu") for name in (STYLE_FILE, COLOR_FILE))
        names = [node.name for node in color.get_inputs()]
        found = []
        for case in cases:
            tensors = style.run(None, {"references": case.references})
            hints = [make_hints(case.lineart)] if "hints" in names else []
            feeds = dict(zip(names, [case.lineart, *hints, *tensors], strict=True))
            found.append(color.run(None, feeds)[0])
    # ONNX Runtime's exceptions have no common base but Exception.
    except Exception as error:
        raise ModelError(
            f"ONNX Runtime cannot run the exported graphs: {str(error).splitlines()[0][:300]}",
            "This is a fault of the export, please report it with the checkpoint's recipe.",
        ) from error
    return found
