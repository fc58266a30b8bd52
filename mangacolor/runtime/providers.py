"""Where ONNX Runtime runs: devices by name, and sessions that are proven to run on theirs.

ONNX Runtime lists providers that cannot start, and goes on with the CPU without a word when one
does not. So nothing here believes it before the session itself names its provider.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from mangacolor.config import Accelerator, Runtime
from mangacolor.errors import ModelError, SetupError
from mangacolor.runtime.machine import find_runtimes

__all__ = [
    "AUTO",
    "CPU",
    "CUDA",
    "INSTALL",
    "PROVIDERS",
    "create_session",
    "first_line",
    "open_session",
    "preload_cuda",
    "quieten",
    "why_not",
    "why_not_cuda",
]

PROVIDERS: dict[Runtime, str] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "webgpu": "WebGpuExecutionProvider",
}
# What `auto` tries before the CPU. TensorRT builds engines for minutes, and CoreML and WebGPU leave
# parts of a graph with free sizes to the CPU: they are taken only when they are asked for.
AUTO: tuple[Accelerator, ...] = ("cuda", "directml")

INSTALL: dict[Runtime, str] = {
    "cuda": 'Install what it needs with `pip install ".[cuda]"` in the folder of mangacolor, and an'
    " NVIDIA driver of release 580 or newer, or run with --device cpu (or auto).",
    "tensorrt": "Install TensorRT 10 beside what --device cuda needs, or run with --device cuda.",
    "directml": "It needs Windows; take onnxruntime or onnxruntime-gpu away and install"
    " onnxruntime-directml, or run with --device cpu.",
    "coreml": "It comes with the package onnxruntime on macOS; elsewhere run with --device cpu.",
    "webgpu": "Take other packages of ONNX Runtime away and install onnxruntime-webgpu, or run with"
    " --device cpu.",
}
CPU, CUDA = PROVIDERS["cpu"], PROVIDERS["cuda"]
_FATAL_ONLY = 4
# x (1, 1, 6, 6) -> c = Conv(x, 3x3 of ones) -> y = MatMul(c, c), (1, 1, 4, 4): on CUDA, cuDNN and
# cuBLAS. An ONNX file (IR 8, opset 17) as bytes, since a base install has no `onnx` to make it.
_ONES = 9 * b"\x00\x00\x80?"
_SHAPE = b"\x12\x16\n\x14\x08\x01\x12\x10\n\x02\x08\x01\n\x02\x08\x01"
PROOF = b"".join(
    (
        b"\x08\x08\x12\x00:\x9a\x01",
        b'\n\x0f\n\x01x\n\x01w\x12\x01c"\x04Conv',
        b'\n\x11\n\x01c\n\x01c\x12\x01y"\x06MatMul',
        b"\x12\x05proof",
        b"*3\x08\x01\x08\x01\x08\x03\x08\x03\x10\x01B\x01wJ$" + _ONES,
        b"Z\x1b\n\x01x" + _SHAPE + b"\n\x02\x08\x06\n\x02\x08\x06",
        b"b\x1b\n\x01y" + _SHAPE + b"\n\x02\x08\x04\n\x02\x08\x04",
        b"B\x04\n\x00\x10\x11",
    )
)


def open_session(path: Path, device: Runtime, memory: float | None = None) -> ort.InferenceSession:
    """A session that runs on a device, and not on another.

    Args:
        path: an ONNX file.
        device: not `auto`.
        memory: at most so many GiB on a CUDA device; None leaves it to ONNX Runtime.

    Raises:
        SetupError: the device cannot be had; the message says why.
        ModelError: the file is no graph that ONNX Runtime can open.
    """
    quieten()
    provider = PROVIDERS[device]
    listed = ort.get_available_providers()
    if provider not in listed and device != "cpu":
        found = [f"{name} {version}" for name, version in find_runtimes().items()]
        packages = " and ".join(found) or "onnxruntime"
        raise _absent(device, f"the installed {packages} is built without {provider}")
    if device in ("cuda", "tensorrt"):
        preload_cuda()
    session = _session(path, _providers(device, memory))
    if session.get_providers()[0] != provider:
        # A path that is no graph at all would have failed on any device.
        raise _absent(
            device, why_not_cuda() if device == "cuda" else "ONNX Runtime did not start it"
        )
    return session


def why_not_cuda() -> str:
    """The first thing that CUDA lacks here, in words."""
    cuda = str(getattr(ort, "cuda_version", "") or "13").split(".")[0]
    windows = sys.platform == "win32"
    wanted = [
        ("nvcuda.dll" if windows else "libcuda.so.1", "there is no NVIDIA driver, or no GPU"),
        (
            f"cublasLt64_{cuda}.dll" if windows else f"libcublasLt.so.{cuda}",
            f"CUDA {cuda} is missing",
        ),
        ("cudnn64_9.dll" if windows else "libcudnn.so.9", "cuDNN 9 is missing"),
    ]
    for library, problem in wanted:
        try:
            ctypes.CDLL(library)
        except OSError:
            return f"{problem} ({library} was not found)"
    return "there is no GPU that it can use, though driver, CUDA and cuDNN are there"


def _absent(device: Runtime, why: str) -> SetupError:
    name = {"cuda": "CUDA", "tensorrt": "TensorRT"}.get(device, device)
    return SetupError(f"{name} was asked for and cannot be used: {why}.", INSTALL.get(device, ""))


def _providers(device: Runtime, memory: float | None) -> list[Any]:
    # The default search tunes again for every new page shape, which takes longer than the page.
    cuda: dict[str, Any] = {"cudnn_conv_algo_search": "HEURISTIC"}
    if memory is not None:
        cuda["gpu_mem_limit"] = round(memory * 2**30)
        # Doubling, the default, would meet the limit with half of it unused.
        cuda["arena_extend_strategy"] = "kSameAsRequested"
    cpu = PROVIDERS["cpu"]
    if device == "cpu":
        return [cpu]
    if device == "cuda":
        return [(PROVIDERS["cuda"], cuda), cpu]
    if device == "tensorrt":
        return [PROVIDERS["tensorrt"], (PROVIDERS["cuda"], cuda), cpu]
    return [PROVIDERS[device], cpu]


def _session(path: Path, providers: list[Any]) -> ort.InferenceSession:
    try:
        return create_session(path, providers)
    # ONNX Runtime's exceptions have no common base but Exception.
    except Exception as error:
        raise ModelError(
            f"{path} is not a graph that ONNX Runtime can open: {first_line(error)}.",
            "Copy the bundle again, or export it again.",
        ) from error


def quieten() -> None:
    """ONNX Runtime writes coloured errors straight to stderr and then goes on with the CPU."""
    ort.set_default_logger_severity(_FATAL_ONLY)
    # Nothing of what is coloured here is anybody else's business.
    ort.disable_telemetry_events()


def preload_cuda() -> None:
    """Loads the CUDA libraries of the nvidia wheels, where there are any."""
    if hasattr(ort, "preload_dlls"):
        # It prints what it does not find.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(OSError, RuntimeError):
            ort.preload_dlls()


def create_session(
    model: Path | bytes, providers: list[Any], *, strict: bool = False
) -> ort.InferenceSession:
    """A session; which provider it took is to be seen from `get_providers()[0]`.

    Args:
        model: an ONNX file, or its content.
        providers: names, or names with options, best first.
        strict: fail if anything would run on the CPU.

    Raises:
        Exception: ONNX Runtime's exceptions have no common base but this.
    """
    options = ort.SessionOptions()
    options.log_severity_level = _FATAL_ONLY
    # Waiting threads that spin would take the cores that decode and encode pages.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if strict:
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    source = model if isinstance(model, bytes) else str(model)
    # Some providers' failures are told by print.
    with contextlib.redirect_stdout(io.StringIO()):
        session = ort.InferenceSession(source, options, providers=providers)
    # Or else a failing `run` would change to the CPU and go on.
    session.disable_fallback()
    return session


def why_not(provider: str) -> str:
    """Runs a tiny model on a provider that ONNX Runtime lists.

    Returns:
        Why it does not run there; empty if it does, and gives the right values.
    """
    x = (np.arange(36, dtype=np.float32) % 3).reshape(1, 1, 6, 6)
    try:
        taken = create_session(PROOF, [provider]).get_providers()[0]
        if taken != provider:
            return f"it does not start; ONNX Runtime takes {taken} in its place"
        session = create_session(PROOF, [provider], strict=provider != CPU)
        (found,) = session.run(["y"], {"x": x})
    # ONNX Runtime's exceptions have no common base but Exception.
    except Exception as error:
        return first_line(error)
    inner = np.lib.stride_tricks.sliding_window_view(x[0, 0], (3, 3)).sum((2, 3))
    # Whole numbers below 2048: exact in every arithmetic that a GPU may choose.
    return "" if np.array_equal(found[0, 0], inner @ inner) else "it gives wrong values"


def first_line(error: Exception) -> str:
    """The first line of what an exception says, at most 300 characters, without a full stop."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")[:300]
