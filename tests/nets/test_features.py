from __future__ import annotations

import pytest
import torch

from mangacolor.nets.features import CHANNELS, Features, _create_model, imagenet_weights

SEES = torch.Generator().manual_seed(3)
PICTURE = torch.rand(2, 3, 96, 160, generator=SEES) * 2 - 1


@pytest.fixture(scope="module")
def features() -> Features:
    made = Features()
    made.load_state_dict(imagenet_weights())
    return made.eval()


@torch.no_grad()
def test_features_are_timms_to_the_last_bit(features: Features) -> None:
    """Padding on one side is what timm computes anew for every size."""
    net = _create_model(features_only=True, out_indices=(1, 2, 3, 4)).eval()
    ours = features.state_dict()
    theirs = net.state_dict()
    assert len(ours) == len(theirs)
    net.load_state_dict(dict(zip(theirs, ours.values(), strict=True)))
    for found, expected in zip(features(PICTURE), net(PICTURE), strict=True):
        assert torch.equal(found, expected)


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


def test_training_moves_no_statistics(features: Features) -> None:
    before = {name: value.clone() for name, value in features.state_dict().items()}
    features.train()
    features(PICTURE)
    for name, value in features.state_dict().items():
        assert torch.equal(value, before[name]), name
