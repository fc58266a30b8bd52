"""The network that sees surfaces."""

from __future__ import annotations

from typing import get_args

import torch

from mangacolor.config import SurfaceSize
from mangacolor.images.kinds import Kind
from mangacolor.nets.surfaces import SurfaceNet, size_of, surface_net, unfolded

FEW, FEWER = (4, 4, 6), (4, 6)


def trained() -> SurfaceNet:
    """A network whose normalisations have seen something."""
    torch.manual_seed(0)
    net = SurfaceNet(FEW, FEWER)
    for _ in range(3):
        net(torch.rand(2, 1, 64, 64))
    return net.eval()


def test_borders_are_said_of_every_pixel_and_kinds_of_every_square() -> None:
    for afar in ((), FEWER):
        borders, kinds = SurfaceNet(FEW, afar)(torch.rand(2, 1, 64, 128))
        assert borders.shape == (2, 1, 64, 128)
        assert kinds.shape == (2, len(Kind), 32, 64)


@torch.no_grad()
def test_from_afar_what_is_finer_than_two_pixels_is_not_seen() -> None:
    net = trained()
    lines = torch.zeros(1, 1, 64, 64)
    lines[..., ::2], lines[..., 1::2] = 1, -1
    plain = torch.zeros(1, 1, 64, 64)
    assert net.afar is not None
    said = [net.afar(torch.nn.functional.avg_pool2d(page, 2))[0] for page in (lines, plain)]
    torch.testing.assert_close(*said)
    assert not torch.allclose(net(lines)[0], net(plain)[0])


@torch.no_grad()
def test_what_is_seen_from_afar_is_added() -> None:
    net, page = trained(), torch.rand(1, 1, 64, 64)
    both, afar = net(page), net.afar
    net.afar = None
    assert afar is not None
    seen = torch.nn.functional.avg_pool2d(page, 2)
    for one, near, more in zip(both, net(page), afar(seen), strict=True):
        assert more.abs().sum() > 0
        doubled = torch.nn.functional.interpolate(more, scale_factor=2.0, mode="bilinear")
        torch.testing.assert_close(one, near + doubled)


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
    net, page = surface_net("afar"), torch.rand(1, 1, 64, 64)
    net(torch.rand(2, 1, 64, 64))
    net.eval().fold()
    named = {f"surfaces.{name}": value for name, value in net.state_dict().items()}
    fresh = surface_net("afar")
    fresh.load_state_dict({name[9:]: value for name, value in unfolded(named).items()})
    assert any(isinstance(module, torch.nn.BatchNorm2d) for module in fresh.modules())
    torch.testing.assert_close(fresh.eval()(page)[0], net(page)[0], atol=1e-4, rtol=1e-4)
    # The first step of a training begins with what it said, and its first batch changes nothing.
    for _ in range(2):
        torch.testing.assert_close(fresh.train()(page)[0], net(page)[0], atol=1e-4, rtol=1e-4)
    fresh.fold()
    torch.testing.assert_close(fresh(page)[0], net(page)[0], atol=1e-4, rtol=1e-4)


def test_weights_tell_how_large_a_network_is() -> None:
    for size in get_args(SurfaceSize):
        net = surface_net(size).eval()
        for _ in range(2):
            named = {f"surfaces.{name}": value for name, value in net.state_dict().items()}
            assert size_of(named) == size
            net.fold()
    assert size_of({}) is None


def test_weights_that_are_not_folded_stay() -> None:
    net = surface_net("small")
    named = {f"surfaces.{name}": value for name, value in net.state_dict().items()}
    assert unfolded(named) is named


def test_every_weight_learns() -> None:
    net = SurfaceNet(FEW, FEWER)
    borders, kinds = net(torch.rand(2, 1, 64, 64))
    (borders.square().mean() + kinds.square().mean()).backward()
    assert all(
        parameter.grad is not None and parameter.grad.abs().sum() > 0
        for parameter in net.parameters()
    )
