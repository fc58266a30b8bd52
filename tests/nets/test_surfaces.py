"""The network that sees surfaces."""

from __future__ import annotations

import torch

from mangacolor.images.kinds import Kind
from mangacolor.nets.surfaces import WIDTHS, SurfaceNet, size_of, unfolded

FEW = (4, 4, 6)


def trained() -> SurfaceNet:
    """A network whose normalisations have seen something."""
    torch.manual_seed(0)
    net = SurfaceNet(FEW)
    for _ in range(3):
        net(torch.rand(2, 1, 64, 64))
    return net.eval()


def test_borders_are_said_of_every_pixel_and_kinds_of_every_square() -> None:
    borders, kinds = SurfaceNet(FEW)(torch.rand(2, 1, 64, 128))
    assert borders.shape == (2, 1, 64, 128)
    assert kinds.shape == (2, len(Kind), 32, 64)


@torch.no_grad()
def test_folded_it_says_the_same() -> None:
    net, page = trained(), torch.rand(1, 1, 64, 64)
    before = net(page)
    net.fold()
    for one, other in zip(before, net(page), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in net.modules())


@torch.no_grad()
def test_folded_weights_are_read_into_a_network_that_learns() -> None:
    torch.manual_seed(0)
    net, page = SurfaceNet(), torch.rand(1, 1, 64, 64)
    net(torch.rand(2, 1, 64, 64))
    net.eval().fold()
    named = {f"surfaces.{name}": value for name, value in net.state_dict().items()}
    fresh = SurfaceNet()
    fresh.load_state_dict({name[9:]: value for name, value in unfolded(named).items()})
    assert any(isinstance(module, torch.nn.BatchNorm2d) for module in fresh.modules())
    torch.testing.assert_close(fresh.eval()(page)[0], net(page)[0], atol=1e-4, rtol=1e-4)


def test_weights_tell_how_large_a_network_is() -> None:
    for size, widths in WIDTHS.items():
        net = SurfaceNet(widths).eval()
        for _ in range(2):
            named = {f"surfaces.{name}": value for name, value in net.state_dict().items()}
            assert size_of(named) == size
            net.fold()
    assert size_of({}) is None


def test_weights_that_are_not_folded_stay() -> None:
    named = {f"surfaces.{name}": value for name, value in SurfaceNet().state_dict().items()}
    assert unfolded(named) is named


def test_every_weight_learns() -> None:
    net = SurfaceNet(FEW)
    borders, kinds = net(torch.rand(2, 1, 64, 64))
    (borders.square().mean() + kinds.square().mean()).backward()
    assert all(
        parameter.grad is not None and parameter.grad.abs().sum() > 0
        for parameter in net.parameters()
    )
