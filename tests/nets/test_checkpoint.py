from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from mangacolor.errors import ModelError
from mangacolor.nets.build import build_generator
from mangacolor.nets.checkpoint import Checkpoint, load_checkpoint, load_generator, save_checkpoint
from mangacolor.train.state import state_from
from tests.conftest import tiny_recipe


def checkpoint() -> Checkpoint:
    recipe = tiny_recipe()
    weights = dict(build_generator(recipe.net, seed=3).state_dict())
    trained = {name: tensor + 1 for name, tensor in weights.items()}
    return Checkpoint(recipe, 7, 14, ema=weights, net=trained, optimizer={"age": torch.tensor(7)})


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, checkpoint())
    back = load_checkpoint(path)
    assert (back.recipe, back.step, back.pictures) == (tiny_recipe(), 7, 14)
    assert all(torch.equal(back.net[name], tensor) for name, tensor in checkpoint().net.items())
    assert back.net


def test_a_slim_checkpoint_is_the_average_in_half_precision(tmp_path: Path) -> None:
    whole, slim = tmp_path / "whole.safetensors", tmp_path / "slim.safetensors"
    save_checkpoint(whole, checkpoint())
    save_checkpoint(slim, checkpoint(), slim=True)
    assert not load_checkpoint(slim).net
    generator, _ = load_generator(slim)
    wanted, _ = load_generator(whole)
    for made, true in zip(generator.parameters(), wanted.parameters(), strict=True):
        assert torch.equal(made, true.half().float())


@pytest.mark.parametrize("content", [b"", b"not safetensors", b"\x80\x04pickle"])
def test_what_is_not_a_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"a\.safetensors is not a checkpoint"):
        load_checkpoint(path)


def test_safetensors_of_others_are_refused(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelError, match="not a checkpoint of mangacolor"):
        load_checkpoint(tmp_path / "a.safetensors")


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no checkpoint"):
        load_checkpoint(tmp_path / "none.safetensors")


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    kept = checkpoint()
    del kept.ema["colorizer.output.weight"]
    save_checkpoint(tmp_path / "a.safetensors", kept)
    with pytest.raises(ModelError, match="do not fit"):
        load_generator(tmp_path / "a.safetensors")


GOOD = {
    "format": 2,
    "recipe": dataclasses.asdict(tiny_recipe()),
    "step": 7,
    "pictures": 14,
    "history": [],
}
BAD: dict[str, object] = {
    "no table": [1],
    "a number": 3,
    "null": None,
    "no format": {name: value for name, value in GOOD.items() if name != "format"},
    **{
        f"{name} is {value!r}": {**GOOD, name: value}
        for name in GOOD
        for value in (None, "x", [1], {"a": 1}, -1, True, 1.5, 10**30)
        if (name, value) != ("recipe", {})
    },
    "an unknown part": {**GOOD, "recipe": {"nett": {}}},
    "a part that is no table": {**GOOD, "recipe": {"net": 3}},
    "too wide": {**GOOD, "recipe": {"net": {"width": 10**6}}},
}


@pytest.mark.parametrize("case", BAD)
def test_any_record_gives_a_model_error(tmp_path: Path, case: str) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"ema/x": torch.zeros(1)}, path, {"mangacolor": json.dumps(BAD[case])})
    with pytest.raises(ModelError, match=r"a\.safetensors"):
        load_checkpoint(path)


@pytest.mark.parametrize("name", ["x", "other/x", "ema", "ema/", "/x"])
def test_tensors_of_no_section_give_a_model_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.safetensors"
    save_file({name: torch.zeros(1)}, path, {"mangacolor": json.dumps(GOOD)})
    with pytest.raises(ModelError, match="of no section"):
        load_checkpoint(path)


@pytest.mark.parametrize("kind", [torch.int64, torch.complex64, torch.bool, torch.bfloat16])
@pytest.mark.parametrize("shape", [(), (3,), (0, 2)])
def test_weights_of_any_type_and_shape_give_a_model_error(
    tmp_path: Path, kind: torch.dtype, shape: tuple[int, ...]
) -> None:
    path = tmp_path / "a.safetensors"
    name = next(iter(checkpoint().ema))
    save_file(
        {f"ema/{name}": torch.zeros(shape, dtype=kind)}, path, {"mangacolor": json.dumps(GOOD)}
    )
    with pytest.raises(ModelError, match="do not fit"):
        load_generator(path)


def test_a_checkpoint_without_its_optimisers_age_cannot_be_resumed(tmp_path: Path) -> None:
    whole = checkpoint()
    name = next(iter(whole.net))
    torn = dataclasses.replace(whole, optimizer={f"exp_avg.{name}": whole.net[name]})
    with pytest.raises(ModelError, match="do not fit"):
        state_from(torn, torn.recipe, torch.device("cpu"))
