"""The discriminator's side of the adversarial game."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.config import TrainConfig
from mangacolor.errors import DivergedError
from mangacolor.nets.pyramid import truth_pyramid
from mangacolor.paper.discriminator import Discriminator

__all__ = ["Adversary", "Watch", "adversarial_losses", "discriminator_step", "new_adversary"]


@dataclasses.dataclass
class Adversary:
    """The discriminator, and all that is its own.

    Attributes:
        discriminator: of colourings.
        optimizer: of its weights and of nothing else.
        age: steps done.
        average: joins the gradients of all processes of a run.
    """

    discriminator: Discriminator
    optimizer: torch.optim.Optimizer
    age: int = 0
    average: Callable[[nn.Module], None] = lambda module: None


def new_adversary(config: TrainConfig, device: torch.device) -> Adversary:
    """A discriminator before its first step, with weights from the recipe's seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed + 1)
        discriminator = Discriminator(config.discriminator_width).to(device)
    # Without the first moment: the other player moves (Mescheder et al., ICML 2018).
    optimizer = torch.optim.AdamW(
        discriminator.parameters(),
        lr=config.discriminator_learning_rate,
        betas=(0.0, 0.99),
        weight_decay=0.0,
    )
    return Adversary(discriminator, optimizer)


def discriminator_step(
    adversary: Adversary,
    pyramid: tuple[Tensor, ...],
    color: Tensor,
    lineart: Tensor,
    config: TrainConfig,
) -> dict[str, float]:
    """Moves the discriminator once; the generator gets no gradient.

    Args:
        adversary: whose turn it is.
        pyramid: the generator's outputs, (N, 3, h/k, w/k); they are detached here.
        color: float (N, 3, h, w), the truth.
        lineart: float (N, 1, h, w), which it sees beside either.
        config: weights.

    Returns:
        `d_loss`: the hinge loss (Lim and Ye 2017, Miyato et al., ICLR 2018), mean over levels by
        weight: 2 for one that tells nothing apart, 0 for one that has won; `d_real` and `d_fake`:
        mean logits; `r1` on the steps that have it: gradient penalty on real pictures (Mescheder et
        al., ICML 2018), on every few steps only (Karras et al., CVPR 2020).

    Raises:
        DivergedError: a gradient is not finite; the weights are left as they were.
    """
    judge = adversary.discriminator
    adversary.optimizer.zero_grad(set_to_none=True)
    total = sum(config.level_weights)
    loss = color.new_zeros(())
    means = color.new_zeros(2)
    truths = truth_pyramid(color, len(pyramid))
    for made, true, weight in zip(pyramid, truths, config.level_weights, strict=True):
        fake, real = judge(made.detach(), lineart).logits, judge(true, lineart).logits
        loss = loss + weight / total * (F.relu(1 + fake).mean() + F.relu(1 - real).mean())
        means += weight / total * torch.stack([real.mean(), fake.mean()]).detach()
    figures = {"d_loss": loss.item(), "d_real": means[0].item(), "d_fake": means[1].item()}
    if config.r1_weight and adversary.age % config.r1_steps == 0:
        penalty = gradient_penalty(judge, color, lineart)
        figures["r1"] = penalty.item()
        loss = loss + config.r1_weight / 2 * config.r1_steps * penalty
    loss.backward()
    adversary.average(judge)
    norm = nn.utils.clip_grad_norm_(judge.parameters(), 10.0)
    if not math.isfinite(norm.item()):
        raise DivergedError(
            f"The discriminator has diverged: loss {loss.item():.4g}.",
            "Go on from the last checkpoint with a lower discriminator_learning_rate.",
        )
    adversary.optimizer.step()
    adversary.age += 1
    return figures


def gradient_penalty(judge: Discriminator, color: Tensor, lineart: Tensor) -> Tensor:
    """R1: squared gradient of a picture's mean logit at real pictures, mean over pictures.

    Of the mean over patches: of their sum it would grow with the picture and freeze the
    discriminator, as in the existing implementation.
    """
    real = color.detach().requires_grad_()
    logits = judge(real, lineart).logits.mean(dim=(1, 2, 3)).sum()
    (gradient,) = torch.autograd.grad(logits, real, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()


def adversarial_losses(
    judge: Discriminator,
    pyramid: tuple[Tensor, ...],
    color: Tensor,
    lineart: Tensor,
    config: TrainConfig,
) -> dict[str, Tensor]:
    """What the generator wants of the discriminator, whose weights get no gradient.

    Returns:
        `adversarial`: minus the mean logit of its outputs (Miyato et al., ICLR 2018), over levels
        by weight; `features`: L1 distance of the discriminator's features to the truth's (Wang et
        al., CVPR 2018, feature matching).
    """
    total = sum(config.level_weights)
    won = color.new_zeros(())
    apart = color.new_zeros(())
    truths = truth_pyramid(color, len(pyramid))
    judge.requires_grad_(requires_grad=False)
    for made, true, weight in zip(pyramid, truths, config.level_weights, strict=True):
        verdict = judge(made, lineart)
        won = won - weight / total * verdict.logits.mean()
        if config.feature_weight:
            with torch.no_grad():
                wanted = judge(true, lineart).features
            pairs = zip(verdict.features, wanted, strict=True)
            distances = [F.l1_loss(feature, goal) for feature, goal in pairs]
            apart = apart + weight / total * torch.stack(distances).mean()
    judge.requires_grad_(requires_grad=True)
    losses = {"adversarial": config.adversarial_weight * won}
    if config.feature_weight:
        losses["features"] = config.adversarial_weight * config.feature_weight * apart
    return losses


class Watch:
    """Tells when the game is over: a discriminator that has won, or that tells nothing apart."""

    # Steps before it speaks: every discriminator starts by telling nothing apart.
    PATIENCE = 500
    DEAD = 0.05
    CONSTANT = 0.02

    def __init__(self) -> None:
        self.steps = 0
        self.loss = 0.0
        self.apart = 0.0
        self.state = "playing"

    def see(self, figures: dict[str, float]) -> str:
        """Takes a step's figures; gives a line when the state has changed for the worse, or ""."""
        if "d_loss" not in figures:
            return ""
        apart = figures["d_real"] - figures["d_fake"]
        share = 0.02 if self.steps else 1.0
        self.loss += share * (figures["d_loss"] - self.loss)
        self.apart += share * (apart - self.apart)
        self.steps += 1
        before, self.state = self.state, self._judge()
        if self.state == before or self.state == "playing":
            return ""
        if self.state == "dead":
            return (
                f"The discriminator has won (hinge loss {self.loss:.3f}): the generator learns "
                "nothing from it any more. Lower its learning rate or raise r1_weight."
            )
        return (
            f"The discriminator tells nothing apart (real - fake {self.apart:.3f}): the "
            "generator learns nothing from it. Raise its learning rate or lower r1_weight."
        )

    def _judge(self) -> str:
        if self.steps < self.PATIENCE:
            return "playing"
        if self.loss < self.DEAD:
            return "dead"
        return "constant" if abs(self.apart) < self.CONSTANT else "playing"
