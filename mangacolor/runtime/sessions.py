"""Graphs as they are run: what they must be like, and how their failures are told."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from mangacolor.bundle import Bundle
from mangacolor.errors import MemoryLimitError, ModelError
from mangacolor.runtime.providers import first_line

__all__ = ["OTHER_MODEL", "check_contract", "check_finite", "failures_told", "run_graph"]

# What is left to do about a model that does not work.
OTHER_MODEL = (
    "Export a model of your own again, or leave --model out; install mangacolor again if it is"
    " the default one."
)
# Of which graph's work there can be less.
_LESS_MEMORY = {
    "style": "Give fewer or smaller references, or close other programs.",
    "areas": "Close other programs, or give fewer references.",
    "colour": "Colour at a smaller --size.",
}
# How allocators say that there is no more: ONNX Runtime's arenas, CUDA, cuDNN, DirectML, C++.
_NO_MEMORY = re.compile(
    r"out of memory|failed to allocate|allocation failed|bad_alloc|E_OUTOFMEMORY|BFCArena"
    r"|ALLOC_FAILED|cudaErrorMemoryAllocation",
    re.IGNORECASE,
)


def check_contract(session: ort.InferenceSession, path: Path, bundle: Bundle) -> None:
    """Refuses a graph without the contract's inputs and outputs; those of areas tell by failing."""
    hints = ["hints"] if bundle.area_paths else []
    contracts = {
        bundle.style_path: (["references"], list(bundle.style_tensors)),
        bundle.color_path: (["lineart", *hints, *bundle.style_tensors], ["color"]),
    }
    if path not in contracts:
        return
    inputs, outputs = contracts[path]
    has_inputs = [item.name for item in session.get_inputs()]
    has_outputs = [item.name for item in session.get_outputs()]
    # An exporter may drop a style tensor that the colour graph has no use for.
    if not {inputs[0]} <= set(has_inputs) <= set(inputs) or not set(outputs) <= set(has_outputs):
        raise ModelError(
            f"{path} takes {has_inputs} and gives {has_outputs};"
            f" {inputs} and {outputs} were expected.",
            f"It is not what this version of mangacolor exports. {OTHER_MODEL}",
        )


def run_graph(
    session: ort.InferenceSession, names: list[str], feeds: Mapping[str, Any], which: str
) -> list[npt.NDArray[Any]]:
    """What a graph gives for what it is fed, of these names.

    Raises:
        MemoryLimitError, ModelError: as `failures_told` and `check_finite` have it.
    """
    with failures_told(which):
        values = {
            name: value
            if isinstance(value, ort.OrtValue)
            else ort.OrtValue.ortvalue_from_numpy(value)
            for name, value in feeds.items()
        }
        found = [value.numpy() for value in session.run_with_ort_values(names, values)]
    check_finite(found, which)
    return found


@contextlib.contextmanager
def failures_told(which: str) -> Iterator[None]:
    """ONNX Runtime's exceptions, which have no common base but Exception, in our words."""
    try:
        yield
    except Exception as error:
        first = first_line(error)
        if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
            raise MemoryLimitError(
                f"The {which} graph ran out of memory: {first}.", _LESS_MEMORY[which]
            ) from error
        raise ModelError(
            f"The {which} graph failed: {first}.",
            f"Try --device cpu. If it fails there, too: {OTHER_MODEL}",
        ) from error


def check_finite(values: Sequence[npt.NDArray[Any]], which: str) -> None:
    """Raises ModelError if what a graph gave are not numbers."""
    if not all(np.isfinite(value).all() for value in values):
        raise ModelError(
            f"The {which} graph gave values that are not numbers (NaN or infinite).",
            f"Try --device cpu. If it is so there, too: {OTHER_MODEL}",
        )
