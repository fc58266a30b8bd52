"""The exported model in ONNX Runtime, on the device that was asked for or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from mangacolor.bundle import HINT_CHANNELS, Bundle
from mangacolor.config import Runtime
from mangacolor.errors import InputError, MemoryLimitError, ModelError, SetupError
from mangacolor.images.geometry import (
    Float32,
    UInt8,
)
from mangacolor.runtime.area_graphs import AreaGraphs
from mangacolor.runtime.areas import ColoredAreas, SeenPage, color_areas, learn_areas, see_page
from mangacolor.runtime.prepare import to_references
from mangacolor.runtime.providers import AUTO, PROVIDERS, first_line, open_session, why_not
from mangacolor.runtime.reference_areas import ReferenceAreas, read_references

__all__ = ["Engine", "PlacedStyle", "StyleTensors"]

StyleTensors = dict[str, npt.NDArray[Any]]
# The same, where the device can read it.
PlacedStyle = dict[str, ort.OrtValue]

# What is left to do about a model that does not work.
_OTHER_MODEL = (
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


@dataclasses.dataclass(eq=False)
class Engine:
    """The sessions of one bundle on one device; make it with `Engine.open`.

    Attributes:
        bundle: the model.
        device: where it really runs.
        note: why `auto` took the CPU, if it did; empty otherwise.
        memory: most memory on the device in GiB, if there is a limit.
    """

    bundle: Bundle
    device: Runtime
    note: str
    memory: float | None
    _style: ort.InferenceSession
    _color: ort.InferenceSession
    _areas: AreaGraphs | None = None
    # Pages are seen in threads that prepare them.
    _opening: threading.RLock = dataclasses.field(default_factory=threading.RLock)

    @classmethod
    def open(cls, bundle: Bundle, device: Runtime = "auto", memory: float | None = None) -> Engine:
        """Loads the graphs.

        Args:
            bundle: what `read_bundle` gave.
            device: `auto` takes CUDA or DirectML if it really works, and the CPU otherwise.
            memory: at most so many GiB on a CUDA device.

        Raises:
            SetupError: another device than `auto` was asked for and cannot be had.
            ModelError: a file is no ONNX graph, or not one of this contract.
        """
        if device != "auto":
            return cls._open_on(bundle, device, "", memory)
        problems = []
        for accelerator in AUTO:
            try:
                return cls._open_on(bundle, accelerator, "", memory)
            except SetupError as error:
                problems.append(error.message.partition(": ")[2].rstrip("."))
            except ModelError:
                # Whether it is the file or the device, opening it on the CPU will tell.
                problems.append("ONNX Runtime could not open the model on it")
        return cls._open_on(bundle, "cpu", problems[0], memory)

    @classmethod
    def _open_on(cls, bundle: Bundle, device: Runtime, note: str, memory: float | None) -> Engine:
        style = _checked(open_session(bundle.style_path, device, memory), bundle, 0)
        color = _checked(open_session(bundle.color_path, device, memory), bundle)
        # Some devices open what they cannot run.
        why = why_not(PROVIDERS[device]) if device != "cpu" else ""
        if why:
            raise SetupError(
                f"{device} was asked for and cannot be used: {why}.", "Run with --device cpu."
            )
        areas = None
        if bundle.style == "areas":
            paths = [*bundle.area_paths]
            if bundle.surfaces_path is not None:
                paths.append(bundle.surfaces_path)
            areas = AreaGraphs(*(open_session(path, device, memory) for path in paths))
        return cls(bundle, device, note, memory, style, color, areas)

    def reopen(self) -> None:
        """Takes new sessions, whose memory holds nothing of former pages.

        Raises:
            SetupError, ModelError: as `open`; then there are no sessions any more.
        """
        # The old ones go first: there may not be room for both.
        with self._opening:
            del self._style, self._color, self._areas
            fresh = self._open_on(self.bundle, self.device, self.note, self.memory)
            self._style, self._color, self._areas = fresh._style, fresh._color, fresh._areas

    def read_areas(
        self, references: Iterable[UInt8], worn: Iterable[UInt8] | None = None
    ) -> ReferenceAreas | None:
        """Describes the areas of a chapter's references; None where the model knows none.

        Args:
            references: uint8 (H, W, 3) sRGB, of any size; taken one after the other.
            worn: the same in other colours, see `read_references`.

        Raises:
            ModelError: a graph fails.
        """
        if self._areas is None:
            return None
        with _failures_told("areas"):
            return read_references(self._areas, references, worn)

    def see_page(self, shaded: UInt8, printed: UInt8) -> SeenPage:
        """Finds a page's areas, by the network of surfaces if there is one; threads may ask.

        Args:
            shaded: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.
            printed: the same page as it is.

        Raises:
            ModelError: the graph fails.
        """
        with self._opening:
            areas = self._areas
        try:
            with _failures_told("areas"):
                return see_page(shaded, areas, printed)
        except MemoryLimitError:
            # Painting needs more and tells: areas that ink closes are areas, too.
            return see_page(shaded)

    def color_areas(self, page: SeenPage, references: ReferenceAreas) -> ColoredAreas:
        """Finds the colours of a page's areas.

        Raises:
            MemoryLimitError: the device's memory is not enough.
            ModelError: a graph fails or gives something that is not finite.
        """
        assert self._areas is not None
        with _failures_told("areas"):
            colored = color_areas(self._areas, page, references)
        _check_finite([colored.sure], "areas")
        return colored

    def learn_areas(
        self, page: SeenPage, colored: ColoredAreas, told: Mapping[int, Sequence[int]]
    ) -> ReferenceAreas:
        """What other pages learn from areas with a colour by hand; raises as `color_areas`."""
        assert self._areas is not None
        with _failures_told("areas"):
            return learn_areas(self._areas, page, colored, told)

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
        bundle = self.bundle
        return self.read_style(
            to_references(references, bundle.reference_size, bundle.reference_multiple)
        )

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

    def place(self, style: StyleTensors, count: int) -> PlacedStyle:
        """Puts a style where the device can read it, so that it travels there only once.

        Args:
            style: of one work, each (1, ...).
            count: of the pictures that will be coloured together; it is repeated for them.
        """
        where = "cuda" if self.device in ("cuda", "tensorrt") else "cpu"
        return {
            name: ort.OrtValue.ortvalue_from_numpy(np.repeat(value, count, axis=0), where, 0)
            for name, value in style.items()
        }

    def color(
        self,
        lineart: Float32,
        style: StyleTensors | PlacedStyle,
        hints: Float32 | None = None,
    ) -> Float32:
        """Colours line art.

        Args:
            lineart: float32 (n, 1, h, w), -1 ink ... +1 paper; h and w multiples of
                `bundle.size_multiple` and at least `bundle.minimum_size`.
            style: of one work, which is then every picture's, or of `n` works.
            hints: float32 (n, 4, h, w), of a model of areas, see `to_hints`; none are no matches.

        Returns:
            float32 (n, 3, h, w) sRGB, about -1 ... +1.

        Raises:
            MemoryLimitError: the device's memory is not enough.
            ModelError: the graph fails or gives something that is not finite.
        """
        count = lineart.shape[0]
        feeds: dict[str, Any] = {"lineart": lineart}
        if self._areas is not None:
            empty = (count, HINT_CHANNELS, *lineart.shape[2:])
            feeds["hints"] = np.zeros(empty, np.float32) if hints is None else hints
        wanted = {item.name for item in self._color.get_inputs()}
        for name in wanted & set(style):
            value = style[name]
            if isinstance(value, np.ndarray) and len(value) != count:
                value = np.repeat(value, count, axis=0)
            feeds[name] = value
        (color,) = _run(self._color, ["color"], feeds, "colour")
        expected = (count, 3, *lineart.shape[2:])
        if color.shape != expected:
            raise ModelError(
                f"The colour graph gave {color.shape} where {expected} was expected.",
                _OTHER_MODEL,
            )
        return color


def _checked(
    session: ort.InferenceSession, bundle: Bundle, place: Literal[0, 1] = 1
) -> ort.InferenceSession:
    """The session, if its graph has the contract's inputs and outputs."""
    hints = ["hints"] if bundle.style == "areas" else []
    path, inputs, outputs = (
        (bundle.style_path, ["references"], list(bundle.style_tensors)),
        (bundle.color_path, ["lineart", *hints, *bundle.style_tensors], ["color"]),
    )[place]
    has_inputs = [item.name for item in session.get_inputs()]
    has_outputs = [item.name for item in session.get_outputs()]
    # An exporter may drop a style tensor that the colour graph has no use for.
    if not {inputs[0]} <= set(has_inputs) <= set(inputs) or not set(outputs) <= set(has_outputs):
        raise ModelError(
            f"{path} takes {has_inputs} and gives {has_outputs};"
            f" {inputs} and {outputs} were expected.",
            f"It is not what this version of mangacolor exports. {_OTHER_MODEL}",
        )
    return session


def _run(
    session: ort.InferenceSession, names: list[str], feeds: Mapping[str, Any], which: str
) -> list[npt.NDArray[Any]]:
    with _failures_told(which):
        values = {
            name: value
            if isinstance(value, ort.OrtValue)
            else ort.OrtValue.ortvalue_from_numpy(value)
            for name, value in feeds.items()
        }
        found = [value.numpy() for value in session.run_with_ort_values(names, values)]
    _check_finite(found, which)
    return found


@contextlib.contextmanager
def _failures_told(which: str) -> Iterator[None]:
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
            f"Try --device cpu. If it fails there, too: {_OTHER_MODEL}",
        ) from error


def _check_finite(values: Sequence[npt.NDArray[Any]], which: str) -> None:
    if not all(np.isfinite(value).all() for value in values):
        raise ModelError(
            f"The {which} graph gave values that are not numbers (NaN or infinite).",
            f"Try --device cpu. If it is so there, too: {_OTHER_MODEL}",
        )
