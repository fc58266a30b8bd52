from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from mangacolor.runtime import providers as module
from mangacolor.runtime.providers import CPU, CUDA, PROOF, create_session, why_not


def test_the_proof_is_an_onnx_file_that_every_supported_onnxruntime_reads() -> None:
    model = onnx.load_from_string(PROOF)
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version <= 10
    assert [item.version <= 18 for item in model.opset_import] == [True]
    # On CUDA, cuDNN and cuBLAS.
    assert [node.op_type for node in model.graph.node] == ["Conv", "MatMul"]


def test_the_cpu_runs() -> None:
    assert why_not(CPU) == ""


def sessions(monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    monkeypatch.setattr(onnxruntime, "InferenceSession", make)


def test_a_provider_whose_place_the_cpu_takes_does_not_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    real = onnxruntime.InferenceSession

    def fall_back(model: bytes, options: Any, providers: list[str]) -> Any:
        sys.stdout.write("EP Error")
        return real(model, options, providers=[CPU])

    sessions(monkeypatch, fall_back)
    assert f"takes {CPU} in its place" in why_not(CUDA)
    assert why_not(CPU) == ""
    assert capfd.readouterr() == ("", "")


def test_a_provider_that_leaves_the_work_to_the_cpu_does_not_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As one for a service in the cloud does: it starts, and takes no node."""
    real = onnxruntime.InferenceSession

    def idle(model: bytes, options: Any, providers: list[str]) -> Any:
        # Strict, ONNX Runtime itself refuses what follows.
        session = real(model, options, providers=[CPU])
        session.get_providers = lambda: [*providers, CPU]
        return session

    sessions(monkeypatch, idle)
    assert create_session(PROOF, ["CloudExecutionProvider"]).get_providers()[0] != CPU
    assert "fallback" in why_not("CloudExecutionProvider").lower()


def test_wrong_values_are_not_running(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = SimpleNamespace(
        get_providers=lambda: [CUDA, CPU],
        disable_fallback=lambda: None,
        run=lambda names, feeds: [np.zeros((1, 1, 4, 4), np.float32)],
    )
    sessions(monkeypatch, lambda *_, **__: wrong)
    assert why_not(CUDA) == "it gives wrong values"


def test_a_run_that_fails_is_told_and_not_moved_to_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    session = create_session(PROOF, [CPU])
    moved: list[Any] = []
    session.set_providers = moved.append

    inner = session._sess

    class Broken:
        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def run(self, *_: Any) -> Any:
            raise onnxruntime.capi.onnxruntime_pybind11_state.EPFail("the GPU fell off the bus")

    session._sess = Broken()
    sessions(monkeypatch, lambda *_, **__: session)
    assert why_not(CPU) == "the GPU fell off the bus"
    assert moved == []


def test_an_onnxruntime_that_has_nothing_to_preload_is_fine(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    module.preload_cuda()
    monkeypatch.delattr(onnxruntime, "preload_dlls")
    module.preload_cuda()
    assert capfd.readouterr() == ("", "")


def test_onnx_runtime_keeps_no_telemetry(fake_bundle: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    told = subprocess.run(
        [sys.executable, "-m", "mangacolor", "doctor", "--device", "cpu", "--model", fake_bundle],
        capture_output=True,
        text=True,
        env=environment,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    assert "Colouring works" in told.stdout
    assert not list(home.rglob("*onnxruntime*"))
