"""FID and LPIPS on networks with random weights: what is tested is all around them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import torch

from mangacolor.errors import ModelError
from mangacolor.metrics.learned import fid, load_learned, load_lpips
from mangacolor.metrics.weights import FID_FILE, LPIPS_FILE, VGG_FILE, load_inception
from mangacolor.vision import import_piq, import_torchvision

dice = torch.Generator().manual_seed(0)
FEATURES = torch.rand(40, 6, generator=dice)
OTHERS = torch.rand(50, 6, generator=dice) ** 2
PICTURES = torch.rand(2, 3, 70, 50, generator=dice)


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """The distance by scipy's matrix square root."""
    both = [(x.mean(0), np.cov(x, rowvar=False)) for x in (a, b)]
    (m, s), (n, t) = both
    root = scipy.linalg.sqrtm(s @ t).real
    return float(((m - n) ** 2).sum() + np.trace(s + t - 2 * root))


def test_fid_is_that_of_scipy() -> None:
    expected = frechet(FEATURES.double().numpy(), OTHERS.double().numpy())
    assert fid([FEATURES], [OTHERS]) == pytest.approx(expected, rel=1e-3)


def test_fid_by_hand() -> None:
    assert fid([FEATURES], [FEATURES]) == pytest.approx(0, abs=1e-3)
    # The same spread, moved by 0.5 along each of 6 axes.
    assert fid([FEATURES + 0.5], [FEATURES]) == pytest.approx(6 * 0.25, abs=1e-3)


@pytest.mark.parametrize("batch", [1, 7, 40])
def test_fid_does_not_depend_on_the_batch_or_the_order(batch: int) -> None:
    expected = fid([FEATURES], [OTHERS])
    assert fid(FEATURES.split(batch), OTHERS.split(batch)) == pytest.approx(expected, rel=1e-6)
    assert fid([FEATURES.flip(0)], [OTHERS]) == pytest.approx(expected, rel=1e-6)


def test_fid_of_one_picture_does_not_exist() -> None:
    assert math.isnan(fid([FEATURES[:1]], [OTHERS]))
    assert math.isnan(fid([], []))


def test_without_weights_nothing_takes_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    learned = load_learned(None, None, None)
    assert learned.features(PICTURES[:1]) is None
    assert math.isnan(learned.distance(PICTURES[:1], PICTURES[:1]))
    assert FID_FILE in learned.missing["fid"]
    assert LPIPS_FILE in learned.missing["lpips"]
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / LPIPS_FILE).touch()
    assert VGG_FILE in load_learned(None, None, None).missing["lpips"]


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_inception_reads_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_piq()
    from piq.feature_extractors import fid_inception

    captured: list[dict[str, Any]] = []
    network = import_torchvision().models.Inception3
    monkeypatch.setattr(
        network, "load_state_dict", lambda self, _: captured.append(self.state_dict())
    )
    monkeypatch.setattr(fid_inception, "load_state_dict_from_url", lambda *_, **__: {})
    theirs = fid_inception.InceptionV3().eval()
    monkeypatch.undo()
    path = tmp_path / "inception.pth"
    torch.save(captured[0], path)
    learned = load_learned(path, None, None)
    assert "fid" not in learned.missing
    one, two = (learned.features(PICTURES[i : i + 1]) for i in range(2))
    assert one is not None and two is not None
    assert one.shape == (1, 2048)
    assert not torch.allclose(one, two)
    # The same network as piq makes of the weights that it fetches.
    assert torch.allclose(theirs(PICTURES[:1])[0].flatten(1), one, atol=1e-5)
    del captured[0]["Mixed_7c.branch1x1.conv.weight"]
    torch.save(captured[0], path)
    with pytest.raises(ModelError, match=r"inception\.pth"):
        load_inception(path)


def test_lpips_reads_its_files(tmp_path: Path) -> None:
    features = import_torchvision().models.vgg16(weights=None).features
    vgg, linear = tmp_path / "vgg.pth", tmp_path / "lpips.pt"
    torch.save({f"features.{k}": v for k, v in features.state_dict().items()}, vgg)
    weights = [torch.rand(1, c, 1, 1, generator=dice) for c in (64, 128, 256, 512, 512)]
    torch.save(weights, linear)
    learned = load_learned(None, linear, vgg)
    a, b = PICTURES.split(1)
    assert learned.distance(a, a) == 0
    assert learned.distance(a, b) > learned.distance(a, 0.9 * a + 0.1 * b) > 0
    torch.save(weights[:4], linear)
    with pytest.raises(ModelError, match=r"lpips\.pt"):
        load_lpips(linear, vgg)
    with pytest.raises(ModelError, match=r"lpips\.pt"):
        load_lpips(vgg, linear)


def test_a_file_that_is_not_there_or_no_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere"):
        load_learned(tmp_path / "nowhere.pth", None, None)
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(ModelError, match=r"text\.pth"):
        load_learned(tmp_path / "text.pth", None, None)
