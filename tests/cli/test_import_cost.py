"""Help, `batch` and `doctor` never import torch, and help imports next to nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FORBIDDEN = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {forbidden!r}:
            raise AssertionError(name + " was imported")
sys.meta_path.insert(0, Refuse())
sys.argv = {argv!r}
from mangacolor.cli.app import main
main()
"""
TORCH = {"torch", "torchvision", "piq", "onnx", "onnxscript", "safetensors", "scipy"}
HEAVY = TORCH | {"onnxruntime", "numpy", "PIL"}


def run_without(forbidden: set[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    code = FORBIDDEN.format(forbidden=sorted(forbidden), argv=["mangacolor", *arguments])
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("batch", "--help"),
        ("train", "--help"),
        ("finetune", "--help"),
        ("doctor", "--help"),
        ("sample", "--help"),
        ("average", "--help"),
    ],
)
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    done = run_without(HEAVY, *arguments)
    assert "was imported" not in done.stderr, done.stderr
    if arguments[0] != "train":
        assert done.returncode == 0, done.stderr


def test_batch_runs_without_torch(chapter: Path, cover: Path, fake_bundle: Path) -> None:
    done = run_without(
        TORCH, "batch", str(chapter), "--ref", str(cover), "--model", str(fake_bundle)
    )
    assert done.returncode == 0, done.stderr
    assert "3 coloured" in done.stdout


def test_a_finished_chapter_waits_for_no_network(
    chapter: Path, cover: Path, fake_bundle: Path
) -> None:
    command = ("batch", str(chapter), "--ref", str(cover), "--model", str(fake_bundle))
    first = run_without(TORCH, *command)
    assert first.returncode == 0, first.stderr
    again = run_without({*TORCH, "onnxruntime"}, *command)
    assert again.returncode == 0, again.stderr
    # What has something to do does want it.
    assert "was imported" in run_without({"onnxruntime"}, *command, "--overwrite").stderr


def test_sample_runs_without_torch(tmp_path: Path) -> None:
    small = ("--pages", "1", "--height", "200")
    done = run_without(TORCH, "sample", str(tmp_path / "comic"), *small)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_doctor_runs_without_torch(fake_bundle: Path, more: tuple[str, ...]) -> None:
    done = run_without(TORCH, "doctor", "--device", "cpu", "--model", str(fake_bundle), *more)
    assert done.returncode == 0, done.stderr
    assert "self-test" in done.stdout
    assert done.stderr == ""
