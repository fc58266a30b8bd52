from __future__ import annotations

import ctypes
import importlib.metadata
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mangacolor.runtime import machine
from mangacolor.runtime.machine import (
    Gpu,
    Torch,
    find_gpus,
    find_libraries,
    find_runtimes,
    find_torch,
)


def test_the_package_that_the_tests_use_is_found() -> None:
    found = find_runtimes()
    assert len(found) == 1
    assert all(importlib.metadata.version(name) == version for name, version in found.items())


def test_every_package_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"onnxruntime": "1.32.0", "onnxruntime-gpu": "1.31.1"}

    def version(name: str) -> str:
        if name not in there:
            raise importlib.metadata.PackageNotFoundError(name)
        return there[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert find_runtimes() == there
    there.clear()
    assert find_runtimes() == {}


@pytest.mark.parametrize(
    ("text", "cuda"),
    [
        ("cuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n", "13.0"),
        ("cuda = '12.8'\n", "12.8"),
        ("cuda: Optional[str] = None\nhip: Optional[str] = '7.0'\n", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_torch_is_read_and_not_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None, cuda: str
) -> None:
    if text is not None:
        (tmp_path / "torch").mkdir()
        (tmp_path / "torch" / "version.py").write_text(text)
    package = SimpleNamespace(version="2.13.0", locate_file=lambda name: tmp_path / name)
    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: package)
    assert find_torch() == Torch("2.13.0", cuda)


def test_no_torch_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    assert find_torch() is None


@pytest.fixture
def smi(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives an nvidia-smi that says something, or raises it."""

    def give(stdout: str = "", code: int = 0, error: Exception | None = None) -> None:
        def run(command: list[str], **_: Any) -> Any:
            if error is not None:
                raise error
            return subprocess.CompletedProcess(command, code, stdout, "")

        monkeypatch.setattr(machine.shutil, "which", lambda name: f"/bin/{name}")  # type: ignore[attr-defined]
        monkeypatch.setattr(machine.subprocess, "run", run)  # type: ignore[attr-defined]

    return give


def test_the_gpus_are_those_of_nvidia_smi(smi: Callable[..., None]) -> None:
    smi("NVIDIA H100 80GB HBM3, 81559 MiB, 580.95.05\nNVIDIA GB10, [N/A], 580.95.05\n")
    assert find_gpus() == (
        [
            Gpu("NVIDIA H100 80GB HBM3", "81559 MiB", "580.95.05"),
            Gpu("NVIDIA GB10", "[N/A]", "580.95.05"),
        ],
        "",
    )


def test_why_there_is_no_gpu_is_told(
    smi: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for said, code, words in [
        ("Failed to initialize NVML: Driver/library version mismatch\n", 18, "version mismatch"),
        ("No devices were found\n", 0, "No devices"),
        ("", 9, "exit code 9"),
    ]:
        smi(said, code)
        gpus, why = find_gpus()
        assert (gpus, words in why) == ([], True), why
    for error in (OSError("no"), subprocess.TimeoutExpired("nvidia-smi", 30)):
        smi(error=error)
        gpus, why = find_gpus()
        assert (gpus, "fails" in why) == ([], True)
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)  # type: ignore[attr-defined]
    gpus, why = find_gpus()
    assert (gpus, "no nvidia-smi" in why) == ([], True)


class Function:
    """As ctypes has them: callable, and told its result's type."""

    def __init__(self, value: int) -> None:
        self.value, self.restype = value, None

    def __call__(self) -> int:
        return self.value


def test_versions_are_those_that_the_libraries_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def runtime(pointer: Any) -> None:
        pointer._obj.value = 13020

    libraries: dict[str, Any] = {
        "cudart": SimpleNamespace(cudaRuntimeGetVersion=runtime),
        "cublasLt": SimpleNamespace(),
        "cudnn": SimpleNamespace(cudnnGetVersion=Function(91002)),
    }

    def load(file: str) -> Any:
        for stem, library in libraries.items():
            if stem in file:
                return library
        raise OSError(file)

    monkeypatch.setattr(ctypes, "CDLL", load)
    assert find_libraries("13.0") == {"CUDA runtime": "13.2", "cuBLAS": "13", "cuDNN": "9.10.2"}
    del libraries["cudnn"]
    assert find_libraries("13.0")["cuDNN"] is None
