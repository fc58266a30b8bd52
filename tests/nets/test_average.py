from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from mangacolor.errors import UsageError
from mangacolor.nets.average import average
from mangacolor.nets.checkpoint import load_checkpoint, load_generator, save_checkpoint
from tests.export.test_export import make_checkpoint


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    ours = make_checkpoint(tmp_path_factory.mktemp("ours"), "code", 1)
    kept = load_checkpoint(ours)
    moved = {name: value + 1 for name, value in kept.ema.items()}
    theirs = tmp_path_factory.mktemp("theirs") / "other.safetensors"
    save_checkpoint(theirs, dataclasses.replace(kept, ema=moved, step=kept.step + 7))
    return ours, theirs


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_every_weight_lies_between_by_the_share(pair: tuple[Path, Path], share: float) -> None:
    ours, theirs = (load_checkpoint(path) for path in pair)
    mixed = average(*pair, share)
    assert mixed.ema.keys() == ours.ema.keys()
    for name, value in mixed.ema.items():
        if value.is_floating_point():
            torch.testing.assert_close(value, ours.ema[name] + share)
    assert mixed.history[-1] == {"averaged_share": share, "averaged_step": theirs.step}


def test_an_average_is_a_checkpoint_like_any_other(pair: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "mixed.safetensors"
    save_checkpoint(out, average(*pair, 0.5))
    generator, kept = load_generator(out)
    assert kept.recipe == load_checkpoint(pair[0]).recipe
    assert kept.optimizer == {}
    assert not generator.training


def test_what_the_other_has_not_stays(pair: tuple[Path, Path], tmp_path: Path) -> None:
    kept = load_checkpoint(pair[1])
    first, *rest = kept.ema
    less = tmp_path / "less.safetensors"
    save_checkpoint(less, dataclasses.replace(kept, ema={name: kept.ema[name] for name in rest}))
    mixed, ours = average(pair[0], less, 0.5), load_checkpoint(pair[0])
    assert torch.equal(mixed.ema[first], ours.ema[first])
    assert not torch.equal(mixed.ema[rest[0]], ours.ema[rest[0]])


def test_different_networks_have_no_average(pair: tuple[Path, Path], tmp_path: Path) -> None:
    other = make_checkpoint(tmp_path, "levels", 1)
    with pytest.raises(UsageError, match="not the same network"):
        average(pair[0], other, 0.5)
