from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mangacolor.errors import UsageError
from mangacolor.nets.checkpoint import load_checkpoint
from mangacolor.train.parallel import Share, Team, joined_team
from mangacolor.train.state import new_state
from tests.conftest import TINY_TOML


def run(folder: Path, out: Path, recipe: Path, *launcher: str) -> dict[str, torch.Tensor]:
    command = [sys.executable, *launcher, "-m", "mangacolor", "train", str(folder)]
    command += ["--out", str(out), "--recipe", str(recipe), "--device", "cpu"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Done at step 3") == 1
    assert [path.name for path in out.glob("*.safetensors")] == ["step-00000003.safetensors"]
    return load_checkpoint(out / "step-00000003.safetensors").net


@pytest.mark.parametrize("game", ["", "adversarial_weight = 0.1\ndiscriminator_width = 4\n"])
@pytest.mark.slow
def test_two_processes_train_like_one_with_the_double_batch(
    picture_folder: Path, tmp_path: Path, game: str
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(TINY_TOML.replace("steps = 4", "steps = 3") + game)
    one = run(picture_folder, tmp_path / "one", recipe)
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    two = run(picture_folder, tmp_path / "two", recipe, *launcher)
    net = load_checkpoint(tmp_path / "one" / "step-00000003.safetensors").recipe
    start = new_state(net, torch.device("cpu")).generator.state_dict()
    moved = sum(float((one[name] - start[name]).abs().sum()) for name in one)
    apart = sum(float((one[name] - two[name]).abs().sum()) for name in one)
    assert moved > 0
    # Sums in another order; Adam turns a gradient near zero of either sign into a whole step.
    assert apart < 0.02 * moved


def test_shares_make_up_the_batches_of_one_process() -> None:
    alone = list(Share(2, 5, 6, Team()))
    assert alone == list(range(12, 30))
    shares = [list(Share(2, 5, 6, Team(rank, 3))) for rank in range(3)]
    together = [
        shares[rank][2 * step + i] for step in range(3) for rank in range(3) for i in (0, 1)
    ]
    assert together == alone
    assert len(Share(2, 5, 6, Team(1, 3))) == len(shares[1])


def test_a_batch_that_cannot_be_shared_out_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with (
        pytest.raises(UsageError, match="3 pictures cannot be shared out to 2"),
        joined_team(torch.device("cpu"), 3),
    ):
        pass
