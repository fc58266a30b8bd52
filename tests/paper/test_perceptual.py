"""The perceptual loss, with random weights: none are at hand where tests run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mangacolor.config import TrainConfig
from mangacolor.errors import ModelError
from mangacolor.metrics.weights import VGG_FILE
from mangacolor.nets.pyramid import truth_pyramid
from mangacolor.paper.perceptual import Perceptual, load_perceptual, perceptual_distance
from mangacolor.vision import import_torchvision

CPU = torch.device("cpu")


def pictures(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, 3, 16, 24, generator=generator) * 2 - 1


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which torch's cache would keep weights; nothing is there."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    return folder


def test_identical_pictures_are_at_no_distance_and_different_ones_are() -> None:
    loss = Perceptual()
    assert loss(pictures(0), pictures(0)).item() == 0
    assert loss(pictures(0), pictures(1)).item() > 0


def test_the_distance_is_symmetric_and_does_not_grow_with_the_batch() -> None:
    loss, a, b = Perceptual(), pictures(0), pictures(1)
    one = loss(a, b)
    torch.testing.assert_close(loss(b, a), one)
    torch.testing.assert_close(loss(a.repeat(3, 1, 1, 1), b.repeat(3, 1, 1, 1)), one)


def test_every_level_of_the_pyramid_is_compared_by_its_weight() -> None:
    generator = torch.Generator().manual_seed(3)
    truth = torch.rand(1, 3, 64, 64, generator=generator) * 2 - 1
    levels = truth_pyramid(truth)
    perceptual = Perceptual()
    config = TrainConfig(perceptual_weight=2.0, level_weights=(1.0, 2.0, 3.0, 10.0))
    assert perceptual_distance(perceptual, tuple(levels), truth, config).item() == 0
    for i, weight in enumerate(config.level_weights):
        made = [level * (0.5 if i == k else 1) for k, level in enumerate(levels)]
        expected = 2.0 * weight / 16 * perceptual(made[i], levels[i])
        found = perceptual_distance(perceptual, tuple(made), truth, config)
        torch.testing.assert_close(found, expected)
        assert expected > 0


def test_gradients_reach_the_result_and_neither_the_truth_nor_the_weights() -> None:
    loss, result, truth = Perceptual(), pictures(0), pictures(1)
    result.requires_grad_()
    truth.requires_grad_()
    loss(result, truth).backward()
    assert result.grad is not None and result.grad.abs().amax(dim=(1, 2, 3)).gt(0).all()
    assert truth.grad is None
    assert not loss.training
    assert all(weight.grad is None for weight in loss.parameters())
    assert not any(weight.requires_grad for weight in loss.parameters())


def test_a_step_against_the_gradient_brings_the_pictures_nearer() -> None:
    loss, result, truth = Perceptual(), pictures(0).requires_grad_(), pictures(1)
    before = loss(result, truth)
    (slope,) = torch.autograd.grad(before, result)
    nearer = result.detach() - 0.1 * slope / slope.abs().max()
    assert loss(nearer, truth).item() < before.item()


def test_the_pictures_are_not_changed() -> None:
    result, truth = pictures(0), pictures(1)
    Perceptual()(result, truth)
    assert torch.equal(result, pictures(0)) and torch.equal(truth, pictures(1))


@pytest.mark.parametrize(
    ("value", "wanted"), [(-1.0, (-2.1179, -2.0357, -1.8044)), (1.0, (2.2489, 2.4286, 2.6400))]
)
def test_black_and_white_become_imagenets(value: float, wanted: tuple[float, ...]) -> None:
    normal = Perceptual().normalize(torch.full((1, 3, 2, 2), value))
    torch.testing.assert_close(normal[0, :, 0, 0], torch.tensor(wanted), atol=1e-4, rtol=0)


def test_the_layers_and_the_file_are_torchvisions() -> None:
    import_torchvision()
    from torchvision.models import VGG16_Weights
    from torchvision.models.vgg import cfgs, make_layers

    ours = Perceptual()
    theirs = make_layers(cfgs["D"], batch_norm=False)[:9]
    theirs.load_state_dict(ours.features.state_dict())
    picture = pictures(0)
    assert torch.equal(ours.features(picture), theirs(picture))
    assert VGG16_Weights.IMAGENET1K_V1.url.endswith("/" + VGG_FILE)


def test_without_weights_there_is_a_notice_and_no_loss(empty_cache: Path) -> None:
    loss, notice = load_perceptual(None, CPU)
    assert loss is None
    assert str(empty_cache / VGG_FILE) in notice and "\n" not in notice


# The published file is in the older of torch's two formats.
@pytest.mark.parametrize("zipped", [True, False])
def test_weights_are_found_in_the_cache_and_loaded_unchanged(
    empty_cache: Path, zipped: bool
) -> None:
    saved = Perceptual().state_dict()
    deeper = {"features.10.weight": torch.zeros(1), "classifier.0.bias": torch.zeros(1)}
    torch.save({**saved, **deeper}, empty_cache / VGG_FILE, _use_new_zipfile_serialization=zipped)
    loss, notice = load_perceptual(None, CPU)
    assert loss is not None and notice == ""
    assert all(torch.equal(loss.state_dict()[name], weight) for name, weight in saved.items())
    assert not any(weight.requires_grad for weight in loss.parameters())


def test_a_named_file_of_these_layers_alone_is_enough(tmp_path: Path, empty_cache: Path) -> None:
    torch.save(Perceptual().state_dict(), tmp_path / "first-layers.pth")
    loss, _ = load_perceptual(tmp_path / "first-layers.pth", CPU)
    assert loss is not None


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing\.pth"):
        load_perceptual(tmp_path / "nothing.pth", CPU)


def assert_refused(path: Path) -> None:
    with pytest.raises(ModelError, match=r"wrong\.pth does not hold the weights of vgg16") as error:
        load_perceptual(path, CPU)
    assert "\n" not in error.value.message


# Of bytes that are no pickle, torch's reader raises a different error each.
@pytest.mark.parametrize("contents", [b"", b"not weights", b"u", b"M", b"PK\x03\x04 not a zip"])
def test_a_file_of_something_else_is_named_in_one_line(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "wrong.pth").write_bytes(contents)
    assert_refused(tmp_path / "wrong.pth")


@pytest.mark.parametrize(
    "contents",
    [
        torch.zeros(3),
        {"conv1.weight": torch.zeros(1)},
        dict.fromkeys(Perceptual().state_dict(), 1.0),
        dict.fromkeys(Perceptual().state_dict(), torch.zeros(1)),
    ],
    ids=["a tensor", "other layers", "other values", "other shapes"],
)
def test_weights_of_something_else_are_named_in_one_line(tmp_path: Path, contents: object) -> None:
    torch.save(contents, tmp_path / "wrong.pth")
    assert_refused(tmp_path / "wrong.pth")


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Mischief:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.mkdir, (tmp_path / "done",))  # type: ignore[return-value]

    path = tmp_path / "evil.pth"
    torch.save({"features.0.weight": Mischief()}, path)
    with pytest.raises(ModelError):
        load_perceptual(path, CPU)
    assert not (tmp_path / "done").exists()
