from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from mangacolor.bundle import COLOR_FILE, STYLE_FILE, Bundle, read_bundle, write_bundle
from mangacolor.errors import InputError, MemoryLimitError, ModelError, SetupError
from mangacolor.files import sha256_of
from mangacolor.runtime.color import color_page
from mangacolor.runtime.engine import Engine
from mangacolor.runtime.providers import PROVIDERS, why_not_cuda

ORANGE = np.full((50, 70, 3), (240, 160, 40), np.uint8)
BLUE = np.full((90, 30, 3), (0, 60, 240), np.uint8)


@pytest.fixture
def engine(fake_bundle: Path) -> Engine:
    return Engine.open(read_bundle(fake_bundle), "cpu")


def swapped(fake_bundle: Path, folder: Path, content: bytes) -> Bundle:
    """A bundle whose colour graph is something else, truthfully described."""
    shutil.copytree(fake_bundle, folder)
    (folder / COLOR_FILE).write_bytes(content)
    record = {**read_bundle(fake_bundle).__dict__, "folder": folder}
    record["files"] = {name: sha256_of(folder / name) for name in (STYLE_FILE, COLOR_FILE)}
    write_bundle(Bundle(**record))
    return read_bundle(folder)


def test_white_takes_the_style_and_black_stays(engine: Engine) -> None:
    style = engine.style_of([ORANGE])
    lineart = np.ones((1, 1, 32, 48), np.float32)
    lineart[..., 16:] = -1
    color = engine.color(lineart, style)
    assert color.shape == (1, 3, 32, 48)
    expected = np.array([240, 160, 40]) / 127.5 - 1
    assert np.abs(color[0, :, :, :16] - expected[:, None, None]).max() < 0.06
    assert (color[..., 16:] == -1).all()


def test_the_style_is_repeated_for_several_pages(engine: Engine) -> None:
    style = engine.style_of([ORANGE])
    lineart = np.random.default_rng(0).uniform(-1, 1, (3, 1, 32, 32)).astype(np.float32)
    together = engine.color(lineart, style)
    for page in range(3):
        assert np.allclose(together[page], engine.color(lineart[page : page + 1], style)[0])


def test_references_of_different_shapes_all_count(engine: Engine) -> None:
    both, one = engine.style_of([ORANGE, BLUE]), engine.style_of([ORANGE])
    assert both["code"].shape == (1, 3)
    assert both["code"][0, 2] > one["code"][0, 2]


def test_no_reference_is_an_input_error(engine: Engine) -> None:
    with pytest.raises(InputError, match="no colour reference"):
        engine.style_of([])


def test_values_that_are_no_numbers_are_a_model_error(broken_bundle: Path) -> None:
    engine = Engine.open(read_bundle(broken_bundle), "cpu")
    with pytest.raises(ModelError, match="not numbers"):
        engine.color(np.ones((1, 1, 32, 32), np.float32), engine.style_of([ORANGE]))


def test_a_file_that_is_no_graph_is_a_model_error(fake_bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a graph"):
        Engine.open(swapped(fake_bundle, tmp_path / "b", b"no graph"), "auto")


def test_a_graph_of_another_kind_is_a_model_error(fake_bundle: Path, tmp_path: Path) -> None:
    other = (fake_bundle / STYLE_FILE).read_bytes()
    with pytest.raises(ModelError, match="were expected"):
        Engine.open(swapped(fake_bundle, tmp_path / "b", other), "cpu")


def test_a_failing_graph_is_a_model_error(engine: Engine) -> None:
    with pytest.raises(ModelError, match="colour graph failed"):
        engine.color(np.ones((1, 2, 32, 32), np.float32), engine.style_of([ORANGE]))


def without_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])


def with_a_session_that_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the CUDA build does on a machine without a GPU: it lists CUDA and takes the CPU."""
    real = onnxruntime.InferenceSession
    listed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: listed)
    monkeypatch.setattr(
        onnxruntime,
        "InferenceSession",
        lambda path, options, providers: real(path, options, providers=listed[1:]),
    )


NO_CUDA = [without_cuda, with_a_session_that_falls_back]


@pytest.mark.parametrize("situation", NO_CUDA)
def test_cuda_that_is_not_there_is_never_replaced_in_silence(
    situation: Any, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    situation(monkeypatch)
    with pytest.raises(SetupError, match="CUDA") as caught:
        Engine.open(read_bundle(fake_bundle), "cuda")
    assert caught.value.exit_code == 5
    assert "pip install" in caught.value.hint


@pytest.mark.parametrize("situation", NO_CUDA)
def test_auto_says_that_it_took_the_cpu_and_why(
    situation: Any, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    situation(monkeypatch)
    engine = Engine.open(read_bundle(fake_bundle), "auto")
    assert engine.device == "cpu"
    assert engine.note


@pytest.mark.parametrize("runs", [True, False])
def test_cuda_that_works_is_taken(
    runs: bool, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = onnxruntime.InferenceSession
    asked = []

    def session(path: str, options: Any, providers: list[Any]) -> Any:
        asked.append(providers)
        cpu = real(path, options, providers=["CPUExecutionProvider"])
        return SimpleNamespace(
            get_providers=lambda: [x if isinstance(x, str) else x[0] for x in providers],
            get_inputs=cpu.get_inputs,
            get_outputs=cpu.get_outputs,
            run_with_ort_values=cpu.run_with_ort_values,
            disable_fallback=cpu.disable_fallback,
        )

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    why = "" if runs else "it gives wrong values"
    monkeypatch.setattr("mangacolor.runtime.engine.why_not", lambda provider: why)
    if not runs:
        assert Engine.open(read_bundle(fake_bundle), "auto").note == why
        with pytest.raises(SetupError, match=why):
            Engine.open(read_bundle(fake_bundle), "cuda")
        return
    engine = Engine.open(read_bundle(fake_bundle), "auto")
    assert (engine.device, engine.note) == ("cuda", "")
    assert asked[0][0] == (PROVIDERS["cuda"], {"cudnn_conv_algo_search": "HEURISTIC"})
    Engine.open(read_bundle(fake_bundle), "cuda", memory=1.5)
    # All sessions together have no more.
    limits = [providers[0][1]["gpu_mem_limit"] for providers in asked[-2:]]
    assert sum(limits) == pytest.approx(1.5 * 2**30, abs=2)


@pytest.mark.parametrize("device", ["cuda", "tensorrt", "directml", "coreml", "webgpu"])
def test_a_device_that_this_package_lacks_is_told_with_the_package(
    device: Any, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_cuda(monkeypatch)
    with pytest.raises(SetupError, match=PROVIDERS[device]) as caught:
        Engine.open(read_bundle(fake_bundle), device)
    assert "onnxruntime" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("present", "expected"), [(0, "driver"), (1, "CUDA 13"), (2, "cuDNN 9"), (3, "no GPU")]
)
def test_what_cuda_lacks_is_named(
    present: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def load(name: str) -> None:
        asked.append(name)
        if len(asked) > present:
            raise OSError(name)

    monkeypatch.setattr("ctypes.CDLL", load)
    monkeypatch.setattr(onnxruntime, "cuda_version", "13.0", raising=False)
    assert expected in why_not_cuda()


@pytest.mark.parametrize(
    "words",
    [
        "BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 9",
        "CUDA failure 2: out of memory ; GPU=0",
        "CUDNN_STATUS_ALLOC_FAILED",
        "std::bad_alloc",
    ],
)
def test_too_little_memory_is_an_error_of_its_own(
    words: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = engine.style_of([ORANGE])

    def fail(*_: object) -> None:
        raise RuntimeError(words)

    monkeypatch.setattr(onnxruntime.InferenceSession, "run_with_ort_values", fail)
    with pytest.raises(MemoryLimitError, match="out of memory"):
        engine.color(np.ones((1, 1, 32, 32), np.float32), style)


def test_a_placed_style_colours_alike(engine: Engine) -> None:
    style = engine.style_of([ORANGE])
    lineart = np.random.default_rng(0).uniform(-1, 1, (3, 1, 32, 32)).astype(np.float32)
    each = {name: np.repeat(value, 3, axis=0) for name, value in style.items()}
    assert (engine.color(lineart, each) == engine.color(lineart, style)).all()
    # It can be used again and again, also by new sessions.
    before = engine.color(lineart, style)
    engine.reopen()
    assert (engine.color(lineart, style) == before).all()


def test_a_fault_of_our_own_is_not_blamed_on_the_model(
    areas_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Engine.open(read_bundle(areas_bundle), "cpu").model
    references = model.see_all([ORANGE])

    def wrong(*_: object) -> None:
        raise IndexError("index 9 is out of bounds")

    monkeypatch.setattr("mangacolor.runtime.areas._elect", wrong)
    page = np.full((200, 200), 255, np.uint8)
    page[90:110] = 0
    with pytest.raises(IndexError, match="out of bounds"):
        color_page(model, page, references)


def test_what_could_not_be_opened_again_is_tried_at_the_next_page(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = engine.style_of([ORANGE])
    white = np.ones((1, 1, 32, 32), np.float32)
    before = engine.color(white, style)

    def refuse(*_: object) -> None:
        raise ModelError("ONNX Runtime could not open it.")

    with monkeypatch.context() as patch:
        patch.setattr("mangacolor.runtime.engine.open_session", refuse)
        engine.reopen()
        with pytest.raises(ModelError, match="could not open"):
            engine.color(white, style)
    assert np.array_equal(engine.color(white, style), before)
