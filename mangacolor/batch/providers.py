"""Where ONNX Runtime runs: devices by name, and sessions that are proven to run on theirs.

ONNX Runtime lists providers that cannot start, and goes on with the CPU without a word when one
does not. So nothing here believes it before the session itself names its provider.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import onnxruntime as ort

from mangacolor.config import Accelerator, Runtime
from mangacolor.errors import ModelError, SetupError

__all__ = ["AUTO", "PROVIDERS", "installed_packages", "open_session", "why_not_cuda"]

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

# Distributions of ONNX Runtime; two of them in one environment overwrite each other's files.
PACKAGES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-webgpu")
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
_FATAL_ONLY = 4


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
    # ONNX Runtime writes coloured errors straight to stderr and then goes on with the CPU.
    ort.set_default_logger_severity(_FATAL_ONLY)
    provider = PROVIDERS[device]
    listed = ort.get_available_providers()
    if provider not in listed and device != "cpu":
        packages = " and ".join(installed_packages()) or "onnxruntime"
        raise _absent(device, f"the installed {packages} is built without {provider}")
    if device in ("cuda", "tensorrt"):
        _preload()
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


def installed_packages() -> list[str]:
    """Distributions of ONNX Runtime in this environment with their versions; one is right."""
    found = []
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return found


def _absent(device: Runtime, why: str) -> SetupError:
    name = {"cuda": "CUDA", "tensorrt": "TensorRT"}.get(device, device)
    return SetupError(f"{name} was asked for and cannot be used: {why}.", INSTALL.get(device, ""))


def _preload() -> None:
    """Finds the CUDA libraries of the nvidia wheels; it prints what it does not find."""
    if hasattr(ort, "preload_dlls"):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(OSError, RuntimeError):
            ort.preload_dlls()


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
    options = ort.SessionOptions()
    options.log_severity_level = _FATAL_ONLY
    # Waiting threads that spin would take the cores that decode and encode pages.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(str(path), options, providers=providers)
    # ONNX Runtime's exceptions have no common base but Exception.
    except Exception as error:
        lines = str(error).strip().splitlines()
        first = (lines[0] if lines else type(error).__name__).rstrip(".")[:300]
        raise ModelError(
            f"{path} is not a graph that ONNX Runtime can open: {first}.",
            "Copy the bundle again, or export it again.",
        ) from error
