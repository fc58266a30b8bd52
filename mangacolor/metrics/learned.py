"""Metrics that look through a trained network: FID and LPIPS, by piq, where weights are at hand.

Nothing is ever downloaded and nothing is put in a missing network's place.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from mangacolor.errors import ModelError
from mangacolor.metrics.weights import (
    FID_FILE,
    LPIPS_FILE,
    VGG_FILE,
    find_file,
    load_inception,
    load_vgg,
    read,
)
from mangacolor.vision import import_piq, import_torchvision

__all__ = [
    "Learned",
    "fid",
    "load_learned",
    "load_lpips",
]

# relu1_2, relu2_2, relu3_3, relu4_3 and relu5_3 in torchvision's count.
_LPIPS_LAYERS = ("3", "8", "15", "22", "29")


@dataclasses.dataclass(frozen=True)
class Learned:
    """The networks that are there.

    Attributes:
        inception: pictures (N, 3, h, w) in [0, 1] -> a list with one (N, d, 1, 1); None without.
        lpips: two pictures (N, 3, h, w) in [0, 1] -> (); None without.
        missing: why a column of the table is empty, by the column's field.
    """

    inception: nn.Module | None = None
    lpips: nn.Module | None = None
    missing: dict[str, str] = dataclasses.field(default_factory=dict)

    @torch.no_grad()
    def features(self, picture: Tensor) -> Tensor | None:
        """Inception's features of float (1, 3, h, w) in [0, 1]: (1, d), or None without it."""
        return None if self.inception is None else self.inception(picture)[0].flatten(1).cpu()

    @torch.no_grad()
    def distance(self, result: Tensor, truth: Tensor) -> float:
        """LPIPS of two pictures (1, 3, h, w) in [0, 1]; 0 for the same, NaN without the network.

        Source: Zhang et al., CVPR 2018, on VGG16.
        """
        return float("nan") if self.lpips is None else float(self.lpips(result, truth))


def fid(results: Sequence[Tensor], truths: Sequence[Tensor]) -> float:
    """Frechet Inception Distance between two whole sets; lower is better.

    Args:
        results, truths: features (n, d) in pieces of any size; at least two pictures each.

    Returns:
        At least 0 up to rounding; NaN for fewer pictures. Depends on the number of pictures: only
        figures of sets of the same size can be compared.

    Source: Heusel et al., NeurIPS 2017.
    """
    made, true = (torch.cat(list(x)) if x else torch.empty(0, 1) for x in (results, truths))
    if min(len(made), len(true)) < 2:
        return float("nan")
    # piq prints when the product of the covariances is singular.
    with contextlib.redirect_stdout(io.StringIO()):
        return float(import_piq().FID()(made, true))


def load_learned(fid_weights: Path | None, lpips_weights: Path | None, vgg: Path | None) -> Learned:
    """Looks for the weights, in torch's own cache where no file is named.

    Raises:
        ModelError: a file that was named is not there or holds something else.
    """
    inception_file, lpips_file, vgg_file = (
        find_file(path, name)
        for path, name in ((fid_weights, FID_FILE), (lpips_weights, LPIPS_FILE), (vgg, VGG_FILE))
    )
    missing = {}
    if inception_file is None:
        missing["fid"] = f"no Inception weights: name {FID_FILE} with --fid-weights"
    if lpips_file is None:
        missing["lpips"] = f"no weights of it: name piq's {LPIPS_FILE} with --lpips-weights"
    elif vgg_file is None:
        missing["lpips"] = f"no VGG16 weights: name torchvision's {VGG_FILE} with --vgg-weights"
    return Learned(
        load_inception(inception_file) if inception_file else None,
        load_lpips(lpips_file, vgg_file) if lpips_file and vgg_file else None,
        missing,
    )


def load_lpips(path: Path, vgg: Path) -> nn.Module:
    """LPIPS on VGG16.

    Args:
        path: its linear weights, as piq publishes them.
        vgg: torchvision's VGG16, or of it the layers named `features.` alone.

    Raises:
        ModelError: a file does not hold such weights.
    """
    features = import_torchvision().models.vgg16(weights=None, init_weights=False).features
    load_vgg(features, vgg)
    linear = read(path, LPIPS_FILE, list)
    channels = [features[int(layer) - 1].out_channels for layer in _LPIPS_LAYERS]
    if [getattr(weight, "numel", int)() for weight in linear] != channels:
        raise ModelError(f"{path} does not hold LPIPS's weights of VGG16.", "Name another file.")
    loss: nn.Module = import_piq().ContentLoss(
        feature_extractor=features,
        layers=_LPIPS_LAYERS,
        weights=linear,
        normalize_features=True,
    )
    return loss.eval()
