"""Networks that others trained, from files that are at hand. Nothing is ever downloaded."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mangacolor.errors import ModelError
from mangacolor.vision import import_piq, import_torchvision

__all__ = ["FID_FILE", "LPIPS_FILE", "VGG_FILE", "find_file", "load_inception", "load_vgg", "read"]

# Names under which torch's own cache keeps these files: the Inception network of the original FID
# in the port of pytorch-fid, torchvision's VGG16 and piq's copy of the weights of LPIPS.
FID_FILE = "pt_inception-2015-12-05-6726825d.pth"
VGG_FILE = "vgg16-397923af.pth"
LPIPS_FILE = "lpips_weights.pt"


def find_file(path: Path | None, name: str) -> Path | None:
    """The file that was named, or the one in torch's cache if it is there.

    Raises:
        ModelError: the named file is not there.
    """
    if path is None:
        cached = Path(torch.hub.get_dir()) / "checkpoints" / name
        return cached if cached.is_file() else None
    if not path.is_file():
        raise ModelError(f"There is no file {path}.", f"Name {name}.")
    return path


def read(path: Path, wanted: str, kind: type = dict) -> Any:
    """What a file of torch's holds.

    Args:
        path: the file.
        wanted: what it is to be, for the message.
        kind: a dictionary of tensors by name, or a list.

    Raises:
        ModelError: it holds something else.
    """
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # Of a file that is no pickle, torch's reader raises whatever its bytes lead to. Its own
        # message is not shown: it advises, at length, to trust the file.
        raise _wrong(path, wanted, "torch cannot read it as weights") from error
    if not isinstance(weights, kind):
        raise _wrong(path, wanted, f"it holds a {type(weights).__name__}")
    return weights


def load_vgg(features: nn.Module, path: Path) -> None:
    """Gives VGG16's layers, or the first of them, their weights.

    Args:
        features: layers, numbered as torchvision numbers them.
        path: weights as torchvision publishes them, or of as many layers alone.

    Raises:
        ModelError: the file does not hold them.
    """
    weights = read(path, VGG_FILE)
    needed = {}
    for name, weight in features.state_dict().items():
        found = weights.get(f"features.{name}")
        if not isinstance(found, Tensor) or found.shape != weight.shape:
            why = f"it has no features.{name} of shape {tuple(weight.shape)}"
            raise _wrong(path, VGG_FILE, why)
        needed[name] = found
    features.load_state_dict(needed)


def load_inception(path: Path) -> nn.Module:
    """The Inception network of the original FID, up to its last pooling.

    Source: the network as pytorch-fid (Seitzer, 2020) and piq have it.

    Raises:
        ModelError: the file does not hold its weights.
    """
    import_piq()
    from piq.feature_extractors import fid_inception as parts

    weights = read(path, FID_FILE)

    class Inception(parts.InceptionV3):  # type: ignore[misc]
        @staticmethod
        def fid_inception_v3() -> nn.Module:
            # piq's own fetches the weights; this one is given them.
            network: nn.Module = import_torchvision().models.inception_v3(
                weights=None, num_classes=1008, aux_logits=False, init_weights=False
            )
            pooled = (("b", 192, 32), ("c", 256, 64), ("d", 288, 64))
            for letter, channels, features in pooled:
                block = parts.FIDInceptionA(channels, pool_features=features)
                setattr(network, f"Mixed_5{letter}", block)
            for letter, channels in (("b", 128), ("c", 160), ("d", 160), ("e", 192)):
                setattr(network, f"Mixed_6{letter}", parts.FIDInceptionC(768, channels))
            network.Mixed_7b = parts.FIDInceptionE1(1280)
            network.Mixed_7c = parts.FIDInceptionE2(2048)
            network.load_state_dict(weights)
            return network

    try:
        with warnings.catch_warnings():
            # torchvision's, of defaults that will change.
            warnings.simplefilter("ignore")
            network: nn.Module = Inception()
    except RuntimeError as error:
        raise _wrong(path, FID_FILE, "a weight of it is missing or has another shape") from error
    return network.eval()


def _wrong(path: Path, wanted: str, why: str) -> ModelError:
    return ModelError(f"{path} does not hold the weights of {wanted}: {why}.", "Name another file.")
