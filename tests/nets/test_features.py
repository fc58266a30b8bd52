from __future__ import annotations

import pytest
import torch

from mangacolor.nets.features import (
    CHANNELS,
    Features,
    _create_model,
    imagenet_weights,
    packaged_weights,
)

SEES = torch.Generator().manual_seed(3)
PICTURE = torch.rand(2, 3, 96, 160, generator=SEES) * 2 - 1


@pytest.fixture(scope="module")
def features() -> Features:
    made = Features()
    made.load_state_dict(imagenet_weights())
    return made.eval()


@torch.no_grad()
def test_features_are_those_of_the_packages_network(features: Features) -> None:
    """Folded normalisations and padding on one side change nothing: timm pads by the size."""
    net = _create_model(features_only=True, out_indices=(1, 2, 3, 4)).eval()
    theirs = packaged_weights()
    names = [name for name in net.state_dict() if not name.endswith("num_batches_tracked")]
    # The package's last layers, head and classifier, are no part of it.
    net.load_state_dict(dict(zip(names, theirs, strict=False)), strict=False)
    for found, expected in zip(features(PICTURE), net(PICTURE), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@torch.no_grad()
def test_sizes_and_channels(features: Features) -> None:
    for found, channels, stride in zip(features(PICTURE), CHANNELS, (4, 8, 16, 32), strict=True):
        assert found.shape == (2, channels, 96 // stride, 160 // stride)


@torch.no_grad()
def test_the_weights_have_seen_the_world(features: Features) -> None:
    """ImageNet's weights describe a photograph-like surface otherwise than fresh ones would."""
    fresh = Features().eval()
    assert not torch.allclose(features(PICTURE)[3], fresh(PICTURE)[3])
    for name, value in features.state_dict().items():
        assert torch.isfinite(value.float()).all(), name


def test_every_weight_can_be_trained(features: Features) -> None:
    sum(found.square().mean() for found in features(PICTURE)).backward()
    for name, weight in features.named_parameters():
        assert weight.grad is not None and weight.grad.abs().max() > 0, name
