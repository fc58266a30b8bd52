"""The perceptual loss: pictures compared by what VGG16 sees in them."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.config import TrainConfig
from mangacolor.metrics.weights import VGG_FILE, find_file, load_vgg
from mangacolor.nets.pyramid import truth_pyramid

__all__ = ["Perceptual", "load_perceptual", "perceptual_distance"]

# Statistics of ImageNet's pictures in [0, 1], as torchvision gives them.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


class Perceptual(nn.Module):
    """Mean squared distance of VGG16's features at relu2_2.

    Source: Johnson, Alahi and Fei-Fei, ECCV 2016, feature reconstruction loss. The layers are those
    of Simonyan and Zisserman, ICLR 2015, numbered as torchvision numbers them. They are frozen:
    gradients pass through them and stop at none of them.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(64, 128, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(128, 128, 3, padding=1),
            nn.ReLU(inplace=True),
        )
        # Constants, not weights: a file of VGG16's weights does not have them.
        shape = (1, 3, 1, 1)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).reshape(shape), persistent=False)
        self.register_buffer(
            "deviation", torch.tensor(IMAGENET_DEVIATION).reshape(shape), persistent=False
        )
        self.requires_grad_(requires_grad=False).eval()

    def forward(self, result: Tensor, truth: Tensor) -> Tensor:
        """The loss of a batch.

        Args:
            result: float (N, 3, h, w), sRGB in [-1, 1]; gradients flow to it.
            truth: the same shape; no gradients flow to it.

        Returns:
            float (), at least 0; 0 for identical pictures.
        """
        with torch.no_grad():
            wanted = self.features(self.normalize(truth))
        return F.mse_loss(self.features(self.normalize(result)), wanted)

    def normalize(self, picture: Tensor) -> Tensor:
        """From [-1, 1] to what VGG16 was trained on: about -2.1 for black, 2.2 to 2.7 for white."""
        return ((picture + 1) / 2 - self.mean) / self.deviation


def perceptual_distance(
    perceptual: Perceptual, pyramid: tuple[Tensor, ...], color: Tensor, config: TrainConfig
) -> Tensor:
    """The weighted loss over the levels, as every loss of Liu et al. is.

    Args:
        perceptual: compares two pictures.
        pyramid: the generator's outputs, (N, 3, h/k, w/k).
        color: float (N, 3, h, w) in [-1, 1], the truth.
        config: weights of the loss and of the levels.
    """
    truths = truth_pyramid(color, len(pyramid))
    levels = zip(pyramid, truths, config.level_weights, strict=True)
    # A level of weight 0 is not looked at, which is what costs time.
    terms = [weight * perceptual(made, true) for made, true, weight in levels if weight]
    return config.perceptual_weight / sum(config.level_weights) * torch.stack(terms).sum()


def load_perceptual(path: Path | None, device: torch.device) -> tuple[Perceptual | None, str]:
    """The perceptual loss where its weights are at hand. Nothing is ever downloaded.

    Args:
        path: weights of VGG16 as torchvision publishes them, or of its layers up to relu2_2 alone;
            None looks into torch's own cache.
        device: to compute on.

    Returns:
        The loss and "", or None and a line that says what is missing.

    Raises:
        ModelError: the file that was named is not there, or a file does not hold such weights.
    """
    found = find_file(path, VGG_FILE)
    if found is None:
        place = Path(torch.hub.get_dir()) / "checkpoints" / VGG_FILE
        return None, f"No perceptual loss: VGG16's weights are not at hand ({place})."
    loss = Perceptual()
    load_vgg(loss.features, found)
    return loss.to(device), ""
