"""The exported model in ONNX Runtime, on the device that was asked for or not at all."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from mangacolor.bundle import (
    COLOR_FILE,
    DESCRIBE_FILE,
    HINT_CHANNELS,
    MATCH_FILE,
    REFERENCES_FILE,
    STYLE_FILE,
    SURFACES_FILE,
    Bundle,
)
from mangacolor.config import Runtime
from mangacolor.errors import InputError, ModelError, SetupError
from mangacolor.images.geometry import (
    Float32,
    UInt8,
)
from mangacolor.runtime.area_graphs import AreaGraphs
from mangacolor.runtime.color import ColorModel
from mangacolor.runtime.kinds import kind_of
from mangacolor.runtime.networks import StyleTensors
from mangacolor.runtime.prepare import to_references
from mangacolor.runtime.providers import AUTO, PROVIDERS, open_session, why_not
from mangacolor.runtime.sessions import OTHER_MODEL, check_contract, run_graph

__all__ = ["Engine", "PlacedStyle", "StyleTensors"]

# A style, where the device can read it.
PlacedStyle = dict[str, ort.OrtValue]

# Shares of the memory that a run may have, by graph: a session keeps what it once took.
_SHARES_OF_PAINTER = {STYLE_FILE: 0.3, COLOR_FILE: 0.7}
_SHARES_OF_AREAS = {
    SURFACES_FILE: 0.2,
    DESCRIBE_FILE: 0.25,
    REFERENCES_FILE: 0.1,
    MATCH_FILE: 0.1,
    STYLE_FILE: 0.1,
    COLOR_FILE: 0.25,
}


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
    _sessions: dict[Path, ort.InferenceSession] = dataclasses.field(default_factory=dict)
    # The last style, and where the device can read it, by the number of pictures.
    _placed: tuple[StyleTensors, dict[int, PlacedStyle]] | None = None

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
        engine = cls(bundle, device, note, memory)
        # What every page needs is opened at once, so that a device that cannot do it is not taken.
        first = bundle.area_paths or (bundle.style_path, bundle.color_path)
        for path in (*first, *filter(None, [bundle.surfaces_path])):
            engine._session(path)
        # Some devices open what they cannot run.
        why = why_not(PROVIDERS[device]) if device != "cpu" else ""
        if why:
            raise SetupError(
                f"{device} was asked for and cannot be used: {why}.", "Run with --device cpu."
            )
        return engine

    def _session(self, path: Path) -> ort.InferenceSession:
        """The session of a graph, opened when it is first needed."""
        if path not in self._sessions:
            share = None if self.memory is None else self.memory * _share_of(path, self.bundle)
            session = open_session(path, self.device, share)
            check_contract(session, path, self.bundle)
            self._sessions[path] = session
        return self._sessions[path]

    def reopen(self) -> None:
        """Takes new sessions, whose memory holds nothing of former pages, as they are needed."""
        self._placed = None
        self._sessions.clear()

    @functools.cached_property
    def model(self) -> ColorModel:
        """What colours pages with these graphs."""
        return kind_of(self.bundle.style)(self)

    @functools.cached_property
    def areas(self) -> AreaGraphs | None:
        """The graphs that find, describe and match areas, if the bundle has them."""
        if not self.bundle.area_paths:
            return None
        describing, reading, matching = self.bundle.area_paths
        bundle = self.bundle
        finding, recalling = bundle.surfaces_path, bundle.remembered_path
        return AreaGraphs(
            self._run_areas, describing, reading, matching, finding, recalling, bundle.sees_afar
        )

    def _run_areas(self, path: Path, feeds: Mapping[str, Any]) -> list[Float32]:
        session = self._session(path)
        return run_graph(session, [item.name for item in session.get_outputs()], feeds, "areas")

    @property
    def page_size(self) -> int:
        """Longer side at which a page is painted unless somebody says otherwise."""
        return self.bundle.page_size

    @property
    def size_multiple(self) -> int:
        """Sides of line art are multiples of this."""
        return self.bundle.size_multiple

    @property
    def minimum_size(self) -> int:
        """Least side of line art."""
        return self.bundle.minimum_size

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
        session = self._session(self.bundle.style_path)
        found = run_graph(session, names, {"references": references}, "style")
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

    def _place_once(self, style: StyleTensors, count: int) -> Mapping[str, Any]:
        """The style of one work where the device can read it; those of several as they are."""
        if any(len(value) != 1 for value in style.values()):
            return style
        if self._placed is None or self._placed[0] is not style:
            self._placed = style, {}
        placed = self._placed[1]
        if count not in placed:
            placed[count] = self.place(style, count)
        return placed[count]

    def color(
        self,
        lineart: Float32,
        style: StyleTensors,
        hints: Float32 | None = None,
    ) -> Float32:
        """Colours line art.

        Args:
            lineart: float32 (n, 1, h, w), -1 ink ... +1 paper; h and w multiples of
                `bundle.size_multiple` and at least `bundle.minimum_size`.
            style: of one work, which is then every picture's and travels to the device once, or of
                `n` works.
            hints: float32 (n, 4, h, w), of a model of areas, see `to_hints`; none are no matches.

        Returns:
            float32 (n, 3, h, w) sRGB, about -1 ... +1.

        Raises:
            MemoryLimitError: the device's memory is not enough.
            ModelError: the graph fails or gives something that is not finite.
        """
        count = lineart.shape[0]
        session = self._session(self.bundle.color_path)
        wanted = {item.name for item in session.get_inputs()}
        feeds: dict[str, Any] = {"lineart": lineart}
        if "hints" in wanted:
            empty = (count, HINT_CHANNELS, *lineart.shape[2:])
            feeds["hints"] = np.zeros(empty, np.float32) if hints is None else hints
        placed = self._place_once(style, count)
        feeds |= {name: placed[name] for name in wanted & set(placed)}
        (color,) = run_graph(session, ["color"], feeds, "colour")
        expected = (count, 3, *lineart.shape[2:])
        if color.shape != expected:
            raise ModelError(
                f"The colour graph gave {color.shape} where {expected} was expected.",
                OTHER_MODEL,
            )
        return color


def _share_of(path: Path, bundle: Bundle) -> float:
    """A graph's share of the memory that all may have together."""
    shares = _SHARES_OF_AREAS if bundle.area_paths else _SHARES_OF_PAINTER
    return shares.get(path.name, 1.0)
