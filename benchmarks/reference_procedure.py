"""How the existing implementation of Liu et al. trains, written from a description of it.

Two networks, a discriminator and one Adam over all three; what it minimises and how it prepares
its pictures. It is here to be timed, not to be learned from: its adversarial part is a game in
which both players want the same. At width 64 the parts have 4.987, 58.501 and 1.190 million
weights, and a step on one picture of 256x256 takes 397.5 GFLOP: what was measured of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import Dataset

from mangacolor.paper.perceptual import Perceptual

LEVEL_WEIGHTS = (0.25, 0.5, 0.75, 2.5)


class Residual(nn.Module):
    """Halves the picture: two 3x3 convolutions and a 1x1 shortcut."""

    def __init__(self, inputs: int, outputs: int, slope: float, *, bias: bool, norm: bool):
        super().__init__()
        # The extractor's blocks have no bias and reflect at the border, the discriminator's not.
        mode: Literal["zeros", "reflect"] = "zeros" if bias else "reflect"
        self.slope = slope
        self.first = nn.Conv2d(inputs, outputs, 3, 2, 1, bias=bias, padding_mode=mode)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=bias)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, 2, bias=bias)
        self.norm = nn.InstanceNorm2d(outputs, affine=True) if norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(F.leaky_relu(self.first(x), self.slope))
        return F.leaky_relu(self.norm(y + self.shortcut(x)), self.slope)


class Extractor(nn.Sequential):
    """(N, 3, h, w) -> style code (N, 256)."""

    def __init__(self, width: int):
        c = [3, *(width * 2**k for k in range(4))]
        blocks = [Residual(c[k], c[k + 1], 0.0, bias=False, norm=False) for k in range(4)]
        super().__init__(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8 * width, 256))


def tint(x: Tensor, code: Tensor) -> Tensor:
    """AdaIN with two numbers for all channels: mean and deviation of the code's own entries."""
    deviation, mean = torch.std_mean(code, dim=1)
    return F.instance_norm(x) * deviation[:, None, None, None] + mean[:, None, None, None]


class Fusion(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.enlarge = nn.ConvTranspose2d(2 * channels, channels // 2, 4, 2, 1)

    def forward(self, x: Tensor, skip: Tensor, code: Tensor) -> Tensor:
        y = F.relu(tint(self.first(x), code))
        y = tint(self.second(y), code)
        return F.relu(self.enlarge(torch.cat([y, skip], dim=1)))


class Colorizer(nn.Module):
    """Sketch (N, 3, h, w) and code -> pictures at 1/8, 1/4, 1/2 and full size."""

    def __init__(self, width: int):
        super().__init__()
        c = [width * 2**k for k in range(5)]
        convs = [nn.Conv2d(3, width, 3, 1, 1, bias=False)]
        convs += [nn.Conv2d(c[k], c[k + 1], 4, 2, 1, bias=False) for k in range(4)]
        self.encoder = nn.ModuleList(
            nn.Sequential(conv, nn.InstanceNorm2d(conv.out_channels, affine=True), nn.ReLU())
            for conv in convs
        )
        self.decoder = nn.ModuleList(Fusion(channels) for channels in c[:0:-1])
        # They keep their random weights: the existing implementation does not train them.
        self.heads = nn.ModuleList(nn.Conv2d(channels, 3, 1) for channels in c[3:0:-1])
        self.heads.requires_grad_(requires_grad=False)
        self.output = nn.Conv2d(2 * width, 3, 1)

    def forward(self, sketch: Tensor, code: Tensor) -> list[Tensor]:
        skips = []
        x = sketch
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        pyramid = []
        for block, skip, head in zip(self.decoder, skips[:0:-1], [*self.heads, None], strict=True):
            x = block(x, skip, code)
            if head is not None:
                pyramid.append(torch.tanh(head(x)))
        pyramid.append(torch.tanh(self.output(torch.cat([skips[0], x], dim=1))))
        return pyramid


class Judge(nn.Sequential):
    """(N, 3, h, w) -> patch logits, of colours alone."""

    def __init__(self, width: int):
        c = [3, width, 2 * width, 4 * width]
        blocks = [Residual(c[k], c[k + 1], 0.2, bias=True, norm=k > 0) for k in range(3)]
        super().__init__(*blocks, nn.Conv2d(c[3], 1, 3, 1, 1))


class Pairs(Dataset[tuple[Tensor, Tensor]]):
    """Pictures side by side, colour left, read from disk and made tensors one by one each time."""

    def __init__(self, folder: Path, size: int):
        self.paths = sorted(folder.iterdir())
        self.size = size

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        with Image.open(self.paths[index]) as file:
            both = file.convert("RGB")
        half, height = both.width // 2, both.height
        color, sketch = (both.crop((x, 0, x + half, height)) for x in (0, half))
        return self._tensor(color), self._tensor(sketch)

    def _tensor(self, picture: Image.Image) -> Tensor:
        small = picture.resize((self.size, self.size), Image.Resampling.BILINEAR)
        values = torch.from_numpy(np.array(small)).permute(2, 0, 1).float().div(255)
        return (values - 0.5) / 0.5


class Procedure:
    """The three networks and their one optimiser; `step` moves all at once."""

    def __init__(self, width: int, vgg: Perceptual, device: torch.device):
        self.nets = nn.ModuleList([Extractor(width), Colorizer(width), Judge(width)]).to(device)
        self.extractor, self.colorizer, self.judge = self.nets
        self.optimizer = torch.optim.Adam(self.nets.parameters(), lr=1e-4)
        self.vgg = vgg

    def step(self, color: Tensor, sketch: Tensor) -> None:
        """One step on (N, 3, s, s) each; the reference is the true picture itself."""
        pyramid = self.colorizer(sketch, self.extractor(color))
        loss = color.new_zeros(())
        for made, weight in zip(pyramid, LEVEL_WEIGHTS, strict=True):
            true = F.interpolate(color, made.shape[2:], mode="bilinear")
            real = true.detach().requires_grad_()
            logits = self.judge(real)
            pixel = 5 * F.mse_loss((made + 1) / 2, (true + 1) / 2)
            # The fakes are not detached: the colorizer learns to be told from the truth.
            hinge = F.relu(1 - logits).mean() + F.relu(1 + self.judge(made)).mean()
            loss = loss + weight * (self.vgg(made, true) + pixel + hinge)
        # R1 on the last level, full resolution, on the sum of the patches' logits.
        (slope,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
        loss = loss + 10 * slope.square().sum(dim=(1, 2, 3)).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
