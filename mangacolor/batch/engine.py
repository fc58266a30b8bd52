"""The exported model in ONNX Runtime, on the device that was asked for or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from mangacolor.batch.providers import (
    CPU,
    CUDA,
    INSTALL_CUDA,
    create_session,
    first_line,
    preload_cuda,
    quieten,
)
from mangacolor.bundle import Bundle
from mangacolor.config import Device
from mangacolor.errors import InputError, ModelError, SetupError
from mangacolor.images.geometry import (
    Float32,
    UInt8,
    fit_size,
    pad_to_size,
    resize,
    round_up,
    to_signed,
)

__all__ = ["Engine", "StyleTensors"]

StyleTensors = dict[str, npt.NDArray[Any]]

# The default search tunes again for every new page shape, which takes longer than the page.
_CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC"}


@dataclasses.dataclass(frozen=True)
class Engine:
    """Two sessions of one bundle on one device; make it with `Engine.open`.

    Attributes:
        bundle: the model.
        device: where it really runs.
        note: why `auto` took the CPU, if it did; empty otherwise.
    """

    bundle: Bundle
    device: Literal["cpu", "cuda"]
    note: str
    _style: ort.InferenceSession
    _color: ort.InferenceSession

    @classmethod
    def open(cls, bundle: Bundle, device: Device = "auto") -> Engine:
        """Loads the two graphs.

        Args:
            bundle: what `read_bundle` gave.
            device: `auto` takes CUDA if it really works and the CPU otherwise.

        Raises:
            SetupError: `cuda` was asked for and cannot be had.
            ModelError: a file is no ONNX graph, or not one of this contract.
        """
        quieten()
        problem = ""
        if device != "cpu":
            style, color, problem = _open_on_cuda(bundle)
            if style is not None and color is not None:
                return cls(bundle, "cuda", "", _checked(style, bundle, 0), _checked(color, bundle))
            if device == "cuda":
                raise SetupError(f"CUDA was asked for and cannot be used: {problem}.", INSTALL_CUDA)
        style, color = (_session(path, [CPU]) for path in (bundle.style_path, bundle.color_path))
        return cls(bundle, "cpu", problem, _checked(style, bundle, 0), _checked(color, bundle))

    def style_of(self, references: Sequence[UInt8]) -> StyleTensors:
        """Reads the style of a chapter from its references, all of them at once.

        Args:
            references: at least one picture, uint8 (H, W, 3) sRGB, of any size.

        Returns:
            The tensors named in `bundle.style_tensors`, each (1, ...).

        Raises:
            ModelError: the graph fails or gives something that is not finite.
        """
        if not references:
            raise InputError("There is no colour reference.", "Give one with --ref PICTURE.")
        return self.read_style(_stack(references, self.bundle))

    def read_style(self, references: Float32) -> StyleTensors:
        """The style of `n` works at once.

        Args:
            references: float32 (n, r, 3, h, w) in [-1, 1], `r` references each; h and w multiples
                of `bundle.reference_multiple`.

        Returns:
            The tensors named in `bundle.style_tensors`, each (n, ...).

        Raises:
            ModelError: the graph fails or gives something that is not finite.
        """
        names = list(self.bundle.style_tensors)
        found = _run(self._style, names, {"references": references}, "style")
        return dict(zip(names, found, strict=True))

    def color(self, lineart: Float32, style: Mapping[str, npt.NDArray[Any]]) -> Float32:
        """Colours line art.

        Args:
            lineart: float32 (n, 1, h, w), -1 ink ... +1 paper; h and w multiples of
                `bundle.size_multiple` and at least `bundle.minimum_size`.
            style: of one work, which is then every picture's, or of `n` works.

        Returns:
            float32 (n, 3, h, w) sRGB, about -1 ... +1.

        Raises:
            ModelError: the graph fails (memory, too) or gives something that is not finite.
        """
        count = lineart.shape[0]
        feeds = {"lineart": lineart}
        wanted = {item.name for item in self._color.get_inputs()}
        for name in wanted & set(style):
            value = style[name]
            feeds[name] = value if len(value) == count else np.repeat(value, count, axis=0)
        (color,) = _run(self._color, ["color"], feeds, "colour")
        expected = (count, 3, *lineart.shape[2:])
        if color.shape != expected:
            raise ModelError(
                f"The colour graph gave {color.shape} where {expected} was expected.",
                "Export the model again.",
            )
        return color


def _stack(references: Sequence[UInt8], bundle: Bundle) -> Float32:
    """References as float32 (1, r, 3, h, w): each fitted, then padded white to one shape."""
    fitted = []
    for picture in references:
        height, width, _ = picture.shape
        sides = fit_size(height, width, bundle.reference_size)
        h, w = (round_up(side, bundle.reference_multiple) for side in sides)
        fitted.append(resize(picture, h, w))
    h = max(picture.shape[0] for picture in fitted)
    w = max(picture.shape[1] for picture in fitted)
    padded = np.stack([pad_to_size(picture, h, w) for picture in fitted])
    return np.ascontiguousarray(to_signed(padded).transpose(0, 3, 1, 2)[None])


def _open_on_cuda(
    bundle: Bundle,
) -> tuple[ort.InferenceSession | None, ort.InferenceSession | None, str]:
    """Both sessions on CUDA, or why not: ONNX Runtime itself falls back without a word."""
    if CUDA not in ort.get_available_providers():
        return None, None, "this onnxruntime is built without CUDA"
    preload_cuda()
    providers = [(CUDA, _CUDA_OPTIONS), CPU]
    sessions = []
    for path in (bundle.style_path, bundle.color_path):
        try:
            session = _session(path, providers)
        except ModelError:
            # Whether it is the file or the device, opening it on the CPU will tell.
            return None, None, f"ONNX Runtime could not open {path.name} on it"
        if session.get_providers()[0] != CUDA:
            return None, None, "its libraries (CUDA 13, cuDNN 9) or a GPU were not found"
        sessions.append(session)
    return sessions[0], sessions[1], ""


def _session(path: Path, providers: list[Any]) -> ort.InferenceSession:
    try:
        return create_session(path, providers)
    # ONNX Runtime's exceptions have no common base but Exception.
    except Exception as error:
        raise ModelError(
            f"{path} is not a graph that ONNX Runtime can open: {first_line(error)}.",
            "Copy the bundle again, or export it again.",
        ) from error


def _checked(
    session: ort.InferenceSession, bundle: Bundle, place: Literal[0, 1] = 1
) -> ort.InferenceSession:
    """The session, if its graph has the contract's inputs and outputs."""
    path, inputs, outputs = (
        (bundle.style_path, ["references"], list(bundle.style_tensors)),
        (bundle.color_path, ["lineart", *bundle.style_tensors], ["color"]),
    )[place]
    has_inputs = [item.name for item in session.get_inputs()]
    has_outputs = [item.name for item in session.get_outputs()]
    # An exporter may drop a style tensor that the colour graph has no use for.
    if not {inputs[0]} <= set(has_inputs) <= set(inputs) or not set(outputs) <= set(has_outputs):
        raise ModelError(
            f"{path} takes {has_inputs} and gives {has_outputs};"
            f" {inputs} and {outputs} were expected.",
            "Export the model again with this version of mangacolor.",
        )
    return session


def _run(
    session: ort.InferenceSession, names: list[str], feeds: dict[str, Any], which: str
) -> list[npt.NDArray[Any]]:
    try:
        found: list[npt.NDArray[Any]] = session.run(names, feeds)
    # ONNX Runtime's exceptions have no common base but Exception.
    except Exception as error:
        raise ModelError(
            f"The {which} graph failed: {first_line(error)}.",
            "If the memory was not enough, colour at a smaller --size.",
        ) from error
    if not all(np.isfinite(value).all() for value in found):
        raise ModelError(
            f"The {which} graph gave values that are not numbers (NaN or infinite).",
            "Export the model again; compare it with its checkpoint.",
        )
    return found
