"""What a machine has for colouring: packages, CUDA libraries, GPUs. Nothing here needs them."""

from __future__ import annotations

import contextlib
import csv
import ctypes
import dataclasses
import importlib.metadata
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = [
    "Gpu",
    "Torch",
    "find_gpus",
    "find_libraries",
    "find_runtimes",
    "find_torch",
    "release_memory",
]

# Packages that all put their files into one folder `onnxruntime`, over each other's.
RUNTIMES = (
    *("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-webgpu"),
    "onnxruntime-openvino",
    *("onnxruntime-rocm", "onnxruntime-migraphx", "onnxruntime-qnn", "onnxruntime-cann"),
    *("onnxruntime-training", "onnxruntime-silicon", "ort-nightly", "ort-nightly-gpu"),
)
_QUERY = "--query-gpu=name,memory.total,driver_version"
# What ONNX Runtime 1.27 and newer are built for.
_CUDNN = "9"


@dataclasses.dataclass(frozen=True)
class Gpu:
    """An NVIDIA GPU: its name, its memory and its driver's release, as nvidia-smi has them."""

    name: str
    memory: str
    driver: str


@dataclasses.dataclass(frozen=True)
class Torch:
    """An installed torch: its version, and the CUDA it was built with (empty: none)."""

    version: str
    cuda: str


def find_runtimes() -> dict[str, str]:
    """Versions of the ONNX Runtime packages that are installed, by name; there should be one."""
    found = {}
    for name in RUNTIMES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def find_torch() -> Torch | None:
    """The installed torch, which is not imported: that takes seconds."""
    try:
        package = importlib.metadata.distribution("torch")
        text = Path(str(package.locate_file("torch/version.py"))).read_text(encoding="utf-8")
    except importlib.metadata.PackageNotFoundError:
        return None
    except OSError:
        text = ""
    found = re.search(r"^cuda\b[^=\n]*=\s*['\"]([\d.]+)['\"]", text, re.MULTILINE)
    return Torch(package.version, found[1] if found else "")


def find_gpus() -> tuple[list[Gpu], str]:
    """The NVIDIA GPUs that nvidia-smi shows, and why there are none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return [], "there is no nvidia-smi, so no NVIDIA driver"
    try:
        done = subprocess.run(
            [program, _QUERY, "--format=csv,noheader"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [], f"nvidia-smi fails: {error}"
    rows = [[cell.strip() for cell in row] for row in csv.reader(done.stdout.splitlines())]
    gpus = [Gpu(*row) for row in rows if len(row) == 3]
    if done.returncode or not gpus:
        said = (done.stdout + done.stderr).strip().splitlines()
        return [], f"nvidia-smi fails: {said[0] if said else f'exit code {done.returncode}'}"
    return gpus, ""


def find_libraries(cuda: str) -> dict[str, str | None]:
    """Versions of the libraries that ONNX Runtime needs for CUDA, by name; None: not found.

    Libraries that are loaded already count as found, as those that `preload_cuda` loaded.

    Args:
        cuda: version of CUDA that ONNX Runtime was built with, such as `13.0`.
    """
    major = cuda.partition(".")[0]
    found: dict[str, str | None] = {}
    for name, stem, number, read in (
        ("CUDA runtime", "cudart", major, _cuda_runtime_version),
        ("cuBLAS", "cublasLt", major, _reader("cublasLtGetVersion")),
        ("cuDNN", "cudnn", _CUDNN, _reader("cudnnGetVersion")),
    ):
        windows = sys.platform == "win32"
        file = f"{stem}64_{number}.dll" if windows else f"lib{stem}.so.{number}"
        try:
            found[name] = read(ctypes.CDLL(file))
        except OSError:
            found[name] = None
        except AttributeError:
            # It is there, but does not tell its version this way.
            found[name] = number
    return found


def _cuda_runtime_version(library: Any) -> str:
    value = ctypes.c_int()
    library.cudaRuntimeGetVersion(ctypes.byref(value))
    return f"{value.value // 1000}.{value.value % 1000 // 10}"


def _reader(function: str) -> Callable[[Any], str]:
    def read(library: Any) -> str:
        call = getattr(library, function)
        call.restype = ctypes.c_size_t
        value = call()
        return f"{value // 10000}.{value % 10000 // 100}.{value % 100}"

    return read


def release_memory() -> None:
    """Gives the system back what this process has freed, where the C library can.

    Arrays of pages that come and go in several threads leave glibc with holes as large as all that
    is held.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
