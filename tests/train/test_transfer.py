from __future__ import annotations

import dataclasses

import pytest
import torch

from mangacolor.config import Recipe
from mangacolor.nets.checkpoint import Checkpoint
from mangacolor.nets.colorizer import Colorizer
from mangacolor.train.state import checkpoint_of, new_state
from mangacolor.train.transfer import started_from
from tests.conftest import tiny_net, tiny_recipe

CPU = torch.device("cpu")
INPUTS = torch.rand(1, 1, 64, 64) * 2 - 1, torch.rand(1, 1, 3, 64, 64) * 2 - 1


def recipe_of(**net: object) -> Recipe:
    return dataclasses.replace(tiny_recipe(), net=tiny_net(**net))


def checkpoint(**net: object) -> Checkpoint:
    return checkpoint_of(new_state(recipe_of(**net), CPU))


def test_the_same_network_is_taken_over_whole() -> None:
    kept = checkpoint()
    state, transfer = started_from(kept, recipe_of(), CPU)
    assert (transfer.new, transfer.dropped, transfer.widened) == ({}, {}, {})
    for name, tensor in state.generator.state_dict().items():
        assert torch.equal(tensor, kept.ema[name])


@pytest.mark.parametrize("style", ["levels", "attention"])
def test_from_code_to_another_style_what_is_new_is_named(style: str) -> None:
    state, transfer = started_from(checkpoint(style="code"), recipe_of(style=style), CPU)
    own = state.generator.state_dict()
    assert set(own) == set(transfer.taken) | set(transfer.new) | set(transfer.widened)
    assert any(name.startswith("style_encoder.blocks.4") for name in transfer.new)
    assert ("colorizer.copy.log_scale" in transfer.new) == (style == "attention")


def test_a_gate_that_is_added_changes_little_and_is_read_through_zeros() -> None:
    kept = checkpoint(gate=False)
    state, transfer = started_from(kept, recipe_of(gate=True), CPU)
    assert "colorizer.output.weight" in transfer.widened
    assert set(transfer.new) == {
        f"colorizer.copy.{part}.{kind}"
        for part in ("doubt", "guess")
        for kind in ("weight", "bias")
    }
    # With the gate wide open the network does what it did.
    painter = state.generator.colorizer
    assert isinstance(painter, Colorizer)
    torch.nn.init.constant_(painter.copy.doubt.bias, -1e3)  # type: ignore[arg-type]
    before = new_state(recipe_of(gate=False), CPU).generator
    before.load_state_dict(kept.ema)
    with torch.no_grad():
        a, b = (net(*INPUTS).pyramid[-1] for net in (before, state.generator))
    assert torch.allclose(a, b, atol=1e-5)


def test_the_run_counts_from_0_with_a_new_optimiser() -> None:
    kept = dataclasses.replace(checkpoint(), step=500)
    state, _ = started_from(kept, recipe_of(), CPU)
    assert (state.step, state.age) == (0, 0)
    assert int(state.ema.n_averaged) == 0


@pytest.mark.parametrize("change", [{"width": 6}, {"looks_up": "features", "key_size": 9}])
def test_layers_of_another_width_start_anew_and_none_is_dead(change: dict[str, object]) -> None:
    state, transfer = started_from(checkpoint(), recipe_of(**change), CPU)
    assert transfer.widened == {}
    for name, module in state.generator.named_modules():
        if name.endswith(".norm"):
            assert (module.scale != 0).all(), name
