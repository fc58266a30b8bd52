"""ONNX Runtime's providers: opening a session on one, and proving that it runs there.

ONNX Runtime lists every provider it was built with, and takes the CPU without a word where one
cannot start; so nothing is believed here that a session has not shown.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

__all__ = [
    "CPU",
    "CUDA",
    "INSTALL_CUDA",
    "create_session",
    "first_line",
    "preload_cuda",
    "quieten",
    "why_not",
]

CUDA = "CUDAExecutionProvider"
CPU = "CPUExecutionProvider"
INSTALL_CUDA = (
    'Install what it needs with `pip install ".[cuda]"` in the folder of mangacolor, and an NVIDIA '
    "driver of release 580 or newer, or run with --device cpu (or auto)."
)
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


def quieten() -> None:
    """ONNX Runtime writes coloured errors straight to stderr and then goes on with the CPU."""
    ort.set_default_logger_severity(_FATAL_ONLY)


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
