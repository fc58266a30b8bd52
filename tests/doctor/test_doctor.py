from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from mangacolor.bundle import COLOR_FILE
from mangacolor.config import BatchConfig, Runtime
from mangacolor.doctor import examine as doctor
from mangacolor.doctor import selftest
from mangacolor.doctor.findings import Check, Findings
from mangacolor.errors import ModelError, SetupError
from mangacolor.runtime import probe, providers
from mangacolor.runtime.probe import Tried, try_apart
from mangacolor.runtime.providers import CPU, CUDA
from tests import asking

BOTH = {"onnxruntime": "1.32.0", "onnxruntime-gpu": "1.31.1"}
GPU = {"gpus": [{"name": "NVIDIA H100"}]}


def color_chapter(pages: Path, cover: Path, model: Path, config: BatchConfig, out: Path) -> Any:
    return asking.color_chapter(pages, [cover], model, config, out=out)


def without_cuda(path: Path, device: Runtime, memory: float | None) -> Any:
    if device != "cpu":
        raise SetupError("CUDA was asked for and cannot be used: no CUDA.", "Install it.")
    return providers.open_session(path, device, memory)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What each listed provider does not run for; CUDA is listed, does not start, and no GPU is."""
    why = {CPU: "", CUDA: "it does not start"}
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: list(why))
    monkeypatch.setattr(providers, "why_not", why.__getitem__)
    monkeypatch.setattr(probe, "try_apart", lambda provider: Tried(why[provider]))
    monkeypatch.setattr(doctor, "find_runtimes", lambda: {"onnxruntime-gpu": "1.31.1"})
    monkeypatch.setattr(doctor, "find_gpus", lambda: ([], "none"))
    monkeypatch.setattr(providers, "why_not_cuda", lambda: "the driver is gone")
    # Whatever this machine has, the engine is to find no CUDA here.
    monkeypatch.setattr("mangacolor.runtime.engine.open_session", without_cuda)
    return why


@pytest.fixture
def with_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_check_gpu", lambda: Check("GPU", "ok", "H100", facts=GPU))


def named(report: Findings, name: str) -> Check:
    (check,) = [check for check in report.checks if check.name == name]
    return check


def code(report: Findings) -> int:
    """The exit code; whatever is a problem says what it is."""
    record = json.loads(json.dumps(report.record()))
    assert record["ok"] is (report.error is None) is (record["exit_code"] == 0)
    assert all(check["detail"] for check in record["checks"])
    if report.error is not None:
        assert report.error.hint
    return int(record["exit_code"])


@pytest.mark.parametrize("asked", ["auto", "cpu"])
def test_where_colouring_works_it_works(
    runs: dict[str, str], fake_bundle: Path, asked: Runtime
) -> None:
    told: list[Check] = []
    report = doctor.examine(asked, fake_bundle, color_chapter, told.append)
    assert (code(report), report.device) == (0, "cpu")
    assert tuple(told) == report.checks
    assert {check.state for check in told} <= {"ok", "not there"}
    page = named(report, "self-test")
    assert (page.state, page.facts["device"]) == ("ok", "cpu")
    assert named(report, "CUDA provider").facts["listed"]
    assert not named(report, "CUDA provider").facts["runs"]


def test_the_shipped_model_colours(runs: dict[str, str]) -> None:
    from mangacolor.bundle import default_bundle

    assert code(doctor.examine("cpu", default_bundle(), color_chapter)) == 0


def test_cuda_that_does_not_start_is_exit_5(runs: dict[str, str], fake_bundle: Path) -> None:
    report = doctor.examine("cuda", fake_bundle, color_chapter)
    assert (code(report), report.device) == (5, None)
    assert isinstance(report.error, SetupError)
    assert "does not start" in report.error.message
    assert "the driver is gone" in report.error.message
    assert "[cuda]" in report.error.hint
    assert named(report, "CUDA provider").state == "problem"
    assert named(report, "self-test").state == "problem"
    # The rest is looked at all the same.
    assert named(report, "model").state == "ok"


@pytest.mark.usefixtures("with_gpu")
def test_a_gpu_that_lies_idle_is_a_problem_but_auto_works(
    runs: dict[str, str], fake_bundle: Path
) -> None:
    report = doctor.examine("auto", fake_bundle, color_chapter)
    assert code(report) == 0
    assert named(report, "CUDA provider").state == "problem"
    assert named(report, "CUDA provider").hint
    assert (
        named(doctor.examine("cpu", fake_bundle, color_chapter), "CUDA provider").state
        == "not there"
    )


@pytest.mark.usefixtures("with_gpu")
def test_a_gpu_beside_an_onnxruntime_for_cpus_is_told_what_to_install(
    runs: dict[str, str], fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del runs[CUDA]
    monkeypatch.setattr(doctor, "find_runtimes", lambda: {"onnxruntime": "1.32.0"})
    check = named(doctor.examine("auto", fake_bundle, color_chapter), "CUDA provider")
    assert check.state == "problem"
    assert "pip uninstall -y onnxruntime`, then `pip install onnxruntime-gpu" in check.hint


def test_two_packages_are_a_problem_that_ends_only_what_they_break(
    runs: dict[str, str], fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_runtimes", lambda: BOTH)
    del runs[CUDA]
    repair = "pip uninstall -y onnxruntime onnxruntime-gpu`, then `pip install onnxruntime-gpu"
    for asked, expected in (("auto", 0), ("cpu", 0), ("cuda", 5)):
        report = doctor.examine(asked, fake_bundle, color_chapter)  # type: ignore[arg-type]
        check = named(report, "ONNX Runtime")
        assert (check.state, check.facts["packages"]) == ("problem", BOTH)
        assert repair in check.hint
        assert code(report) == expected
    assert report.error is not None
    assert repair in report.error.hint


def test_a_provider_that_the_engine_does_not_take_is_no_problem(
    runs: dict[str, str], fake_bundle: Path
) -> None:
    runs["TensorrtExecutionProvider"] = "no TensorRT"
    report = doctor.examine("cpu", fake_bundle, color_chapter)
    assert named(report, "Tensorrt provider").state == "not there"
    assert code(report) == 0


def test_a_cpu_that_gives_wrong_values_is_exit_5(runs: dict[str, str], fake_bundle: Path) -> None:
    runs[CPU] = "it gives wrong values"
    assert code(doctor.examine("cpu", fake_bundle, color_chapter)) == 5


@pytest.mark.parametrize("half_removed", [False, True])
def test_no_onnxruntime_is_exit_5(
    fake_bundle: Path, monkeypatch: pytest.MonkeyPatch, half_removed: bool
) -> None:
    monkeypatch.setattr(doctor, "find_runtimes", dict)
    gone = type(sys)("onnxruntime") if half_removed else None
    monkeypatch.setitem(sys.modules, "onnxruntime", gone)
    report = doctor.examine("auto", fake_bundle, color_chapter)
    assert code(report) == 5
    assert named(report, "ONNX Runtime").error is report.error
    assert named(report, "model").state == "ok"


def test_a_model_that_was_changed_is_exit_4(
    runs: dict[str, str], fake_bundle: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(fake_bundle, tmp_path / "b"))
    with (folder / COLOR_FILE).open("ab") as file:
        file.write(b"x")
    report = doctor.examine("auto", folder, color_chapter)
    assert (code(report), report.device) == (4, None)
    assert "SHA-256" in named(report, "model").detail
    assert not [check for check in report.checks if check.name == "self-test"]


def test_a_model_that_fails_is_exit_4(runs: dict[str, str], broken_bundle: Path) -> None:
    report = doctor.examine("auto", broken_bundle, color_chapter)
    assert code(report) == 4
    assert isinstance(report.error, ModelError)
    assert "not numbers" in named(report, "self-test").detail


def test_a_model_that_gives_no_colour_is_exit_4(
    runs: dict[str, str], fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # More than any picture has.
    monkeypatch.setattr(selftest, "_COLOR", 256)
    report = doctor.examine("cpu", fake_bundle, color_chapter)
    assert code(report) == 4
    assert "no colour" in named(report, "self-test").detail


def test_no_room_for_temporary_files_is_exit_5(
    runs: dict[str, str], fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    report = doctor.examine("cpu", fake_bundle, color_chapter)
    assert code(report) == 5
    assert "No space left" in named(report, "self-test").detail


def test_nothing_is_left_behind(
    runs: dict[str, str], fake_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert code(doctor.examine("cpu", fake_bundle, color_chapter)) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_provider_is_tried_in_another_process() -> None:
    assert try_apart(CPU) == Tried("")
    nowhere = try_apart("NoSuchExecutionProvider")
    assert nowhere.why and not nowhere.crashed


def test_a_crash_and_silence_are_told_and_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_COMMAND", [sys.executable, "-c", "import os; os.abort()"])
    crash = try_apart(CUDA)
    assert crash.crashed and "crashed" in crash.why
    monkeypatch.setattr(probe, "_PATIENCE", 0.2)
    monkeypatch.setattr(probe, "_COMMAND", [sys.executable, "-c", "import time; time.sleep(30)"])
    silent = try_apart(CUDA)
    assert silent.crashed and "did not answer" in silent.why


def test_what_crashes_is_not_tried_again_by_the_self_test(
    runs: dict[str, str], fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "try_apart", lambda provider: Tried("it crashed (SIGSEGV)", True))
    for asked, expected in (("auto", 5), ("cuda", 5), ("cpu", 0)):
        report = doctor.examine(asked, fake_bundle, color_chapter)  # type: ignore[arg-type]
        assert code(report) == expected
        assert "SIGSEGV" in named(report, "CUDA provider").detail
    report = doctor.examine("auto", fake_bundle, color_chapter)
    assert report.error is not None
    assert "--device cpu" in report.error.hint
