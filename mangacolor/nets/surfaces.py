"""Where one thing of a page ends and another begins, and what kind of thing each place is.

It sees through what is laid over a drawing: screentone, hatching, blacks, strands, gaps of lines.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mangacolor.config import SurfaceSize
from mangacolor.images.kinds import Kind

__all__ = ["SurfaceNet", "size_of", "surface_net", "unfolded"]

# Channels at halves, quarters ... of the page's size. Most time is spent at the finer ones. Of the
# second part they are at quarters, eighths ...: what looks from afar sees pages at half their size.
_WIDTHS: dict[SurfaceSize, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "small": ((16, 32, 64, 112, 160, 192), ()),
    "large": ((16, 32, 64, 128, 224, 320), ()),
    "afar": ((16, 32, 64, 128, 224, 320), (16, 32, 64, 128, 224)),
}
# What is added to variances.
_EPSILON = 1e-5
# So many batches were seen by a normalisation that came as a part of its convolution.
_FOLDED = -1
# Kinds are said for squares of this side, borders for every pixel.
KIND_STEP = 2


class SurfaceNet(nn.Module):
    """A U-Net that reads a page in squares of 2x2 pixels.

    Source: Ronneberger et al., U-Net, MICCAI 2015. Differs: what goes up is added to what comes
    across, not set beside it, for most time is spent at the larger sizes.

    Wide tones and large faces are seen better from afar: a second network of the kind may look at
    the page at half its size, and what it says is added to what the first one says.

    Args:
        widths: channels at each size.
        afar: those of the second network; without any there is none.
    """

    def __init__(self, widths: tuple[int, ...], afar: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.stem = _Convolution(4, widths[0])
        self.down = nn.ModuleList(
            nn.Sequential(_Convolution(fine, coarse, stride=2), _Residual(coarse))
            for fine, coarse in itertools.pairwise(widths)
        )
        self.across = nn.ModuleList(
            nn.Conv2d(coarse, fine, 1) for fine, coarse in itertools.pairwise(widths)
        )
        self.up = nn.ModuleList(_Residual(width) for width in widths[:-1])
        self.borders = nn.Conv2d(widths[0], KIND_STEP**2, 3, padding=1)
        self.kinds = nn.Conv2d(widths[0], len(Kind), 1)
        self.afar = SurfaceNet(afar) if afar else None

    def fold(self) -> None:
        """Makes normalisations parts of their convolutions, for use and no more learning."""
        for module in self.modules():
            if isinstance(module, _Convolution):
                module.fold()

    def forward(self, page: Tensor) -> tuple[Tensor, Tensor]:
        """Looks at pages.

        Args:
            page: float (N, 1, h, w), -1 ink ... +1 paper; sides are multiples of
                `mangacolor.images.surfaces.MULTIPLE`.

        Returns:
            borders: float (N, 1, h, w), logits; kinds: float (N, len(Kind), h/2, w/2), logits.
        """
        levels = [self.stem(F.pixel_unshuffle(page, KIND_STEP))]
        for step in self.down:
            levels.append(step(levels[-1]))
        here = levels.pop()
        for across, up in zip(reversed(self.across), reversed(self.up), strict=True):
            wide = F.interpolate(across(here), scale_factor=2.0, mode="nearest")
            here = up(levels.pop() + wide)
        borders, kinds = F.pixel_shuffle(self.borders(here), KIND_STEP), self.kinds(here)
        if self.afar is None:
            return borders, kinds
        more_borders, more_kinds = self.afar(F.avg_pool2d(page, 2))
        return borders + _doubled(more_borders), kinds + _doubled(more_kinds)


def _doubled(said: Tensor) -> Tensor:
    return F.interpolate(said, scale_factor=2.0, mode="bilinear", align_corners=False)


def surface_net(size: SurfaceSize) -> SurfaceNet:
    """A network that has learned nothing."""
    return SurfaceNet(*_WIDTHS[size])


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _Convolution(width, width)
        self.second = _Convolution(width, width, bent=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(self.first(x)))


class _Convolution(nn.Sequential):
    """A convolution, its normalisation if that is not folded into it, and a ReLU if it is bent."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, *, bent: bool = True) -> None:
        steps: list[nn.Module] = [
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs, _EPSILON),
        ]
        super().__init__(*steps, *([nn.ReLU(inplace=True)] if bent else []))

    def train(self, mode: bool = True) -> _Convolution:
        """Learns, or does not; what came without a normalisation goes on without one.

        That of a batch would be another than the one that is a part of the convolution, and all
        that was learned would be lost with the first step.
        """
        super().train(mode)
        norm = self[1]
        if isinstance(norm, nn.BatchNorm2d) and norm.num_batches_tracked == _FOLDED:
            norm.eval()
        return self

    def fold(self) -> None:
        """Makes the normalisation a part of the convolution, once it has learned."""
        conv, norm = self[0], self[1]
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            self[0], self[1] = fuse_conv_bn_eval(conv.eval(), norm.eval()), nn.Identity()


def size_of(weights: dict[str, Tensor], start: str = "surfaces.") -> SurfaceSize | None:
    """Which size a network has by its weights, folded or not; None where there is no such network.

    Args:
        weights: by name; others than the network's do not matter.
        start: of the names of the network's.
    """
    there = _widths(weights, start), _widths(weights, f"{start}afar.")
    return next((size for size, widths in _WIDTHS.items() if widths == there), None)


def _widths(weights: dict[str, Tensor], start: str) -> tuple[int, ...]:
    """Channels of a network at each size, the finest first; none if it is not there."""
    names = (f"{start}across.{number}.weight" for number in itertools.count())
    across = [weights[name] for name in itertools.takewhile(weights.__contains__, names)]
    return (*(one.shape[0] for one in across), *(one.shape[1] for one in across[-1:]))


def unfolded(weights: dict[str, Tensor], start: str = "surfaces.") -> dict[str, Tensor]:
    """Weights of a bundle, in which normalisations are folded, as weights of a network that learns.

    It goes on from what the bundle says: its normalisations stay what they are.

    Args:
        weights: by name; others than the network's stay as they are.
        start: of the names of the network's.
    """
    if f"{start}stem.0.bias" not in weights:
        return weights
    found = dict(weights)
    for name, module in surface_net("afar").named_modules():
        if isinstance(module, _Convolution) and f"{start}{name}.0.bias" in found:
            norm = f"{start}{name}.1"
            bias = found.pop(f"{start}{name}.0.bias")
            found[f"{norm}.weight"], found[f"{norm}.bias"] = torch.ones_like(bias), bias
            found[f"{norm}.running_mean"] = torch.zeros_like(bias)
            # So that it divides by 1.
            found[f"{norm}.running_var"] = torch.full_like(bias, 1 - _EPSILON)
            found[f"{norm}.num_batches_tracked"] = torch.tensor(_FOLDED)
    return found
