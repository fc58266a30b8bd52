"""What a network of each style has: here, and where one is opened, they are told apart."""

from __future__ import annotations

import dataclasses
from typing import Literal

__all__ = [
    "AREA_FILES",
    "AREA_WEIGHTS_FILE",
    "COLOR_FILE",
    "DESCRIBE_FILE",
    "HINT_CHANNELS",
    "MATCH_FILE",
    "REFERENCES_FILE",
    "STYLE_FILE",
    "WEIGHTS_FILE",
    "Family",
    "Style",
    "family_of",
]

Style = Literal["code", "levels", "attention", "areas"]

STYLE_FILE = "style.onnx"
COLOR_FILE = "color.onnx"
DESCRIBE_FILE = "describe.onnx"
REFERENCES_FILE = "references.onnx"
MATCH_FILE = "match.onnx"
AREA_FILES = (DESCRIBE_FILE, REFERENCES_FILE, MATCH_FILE)
# The same weights for torch, in half precision: what fine-tuning and evaluation start from.
WEIGHTS_FILE = "weights.safetensors"
# What describes and matches areas: a file apart, for none should be hard to handle.
AREA_WEIGHTS_FILE = "areas.safetensors"
# Of a picture of hints: sRGB in [-1, 1], 0 where there is none, and confidence in [0, 1].
HINT_CHANNELS = 4


@dataclasses.dataclass(frozen=True)
class Family:
    """What networks of a style have.

    Attributes:
        graphs: files that ONNX Runtime opens.
        weights: files of weights for torch.
        shares_weights: whether the graphs read theirs from these.
        hint_channels: of what the painter sees beside line art.
        stages: what of them can be taught, see `mangacolor.config.TrainConfig`.
        finetuning: name of the recipe for one series.
        least_format: of a bundle that holds them.
        by_areas: whether a page is coloured area by area, so that what a person says of one page is
            followed on others, and its colours are flat unless a painter is asked for.
    """

    graphs: tuple[str, ...] = (STYLE_FILE, COLOR_FILE)
    weights: tuple[str, ...] = (WEIGHTS_FILE,)
    shares_weights: bool = False
    hint_channels: int = 0
    stages: tuple[str, ...] = ("painter",)
    finetuning: str = "finetune"
    least_format: int = 1
    by_areas: bool = False

    def sized(self, *, flats: bool) -> bool:
        """Whether the size at which is painted decides on how a page comes out."""
        return not (self.by_areas and flats)


_PAINTER = Family()
_AREAS = Family(
    graphs=(STYLE_FILE, COLOR_FILE, *AREA_FILES),
    weights=(WEIGHTS_FILE, AREA_WEIGHTS_FILE),
    shares_weights=True,
    hint_channels=HINT_CHANNELS,
    stages=("painter", "matcher", "features", "surfaces"),
    finetuning="finetune-areas",
    least_format=3,
    by_areas=True,
)


def family_of(style: str) -> Family:
    """What networks of a style have, see `mangacolor.config.Style`."""
    return _AREAS if style == "areas" else _PAINTER
