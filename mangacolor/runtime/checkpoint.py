"""A checkpoint's networks in torch, as a bundle's are in ONNX Runtime; `batch` never needs it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mangacolor.config import ExportConfig
from mangacolor.errors import ModelError
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.nets.build import Generator, minimum_size, size_multiple
from mangacolor.nets.coloring import REFERENCE_MULTIPLE, Style
from mangacolor.nets.matcher import Areas
from mangacolor.runtime.color import ColorModel
from mangacolor.runtime.kinds import kind_of
from mangacolor.runtime.networks import StyleTensors
from mangacolor.runtime.prepare import to_references
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.remembered import from_arrays

__all__ = ["TorchAreas", "TorchNetworks", "open_generator"]


def open_generator(
    generator: Generator, device: torch.device | None = None, config: ExportConfig | None = None
) -> ColorModel:
    """A generator as a model that colours pages.

    Args:
        generator: moved to the device, and put in evaluation mode.
        device: to run on; the CPU if left out.
        config: sizes, as an exported model would have them.
    """
    networks = TorchNetworks(generator, device or torch.device("cpu"), config or ExportConfig())
    return kind_of(generator.config.style)(networks)


class TorchNetworks:
    """`mangacolor.runtime.networks.Networks` of a generator.

    What is not finite is a ModelError.
    """

    def __init__(self, generator: Generator, device: torch.device, config: ExportConfig) -> None:
        # In training mode looking would move the statistics of normalisations.
        self._generator = generator.to(device).eval()
        self._device, self._config = device, config
        self.areas = TorchAreas(generator, device) if hasattr(generator, "matcher") else None
        self.page_size = config.page_size
        self.size_multiple = size_multiple(generator.config)
        self.minimum_size = minimum_size(generator.config)

    @torch.no_grad()
    def style_of(self, references: Sequence[UInt8]) -> StyleTensors:
        stacked = to_references(references, self._config.reference_size, REFERENCE_MULTIPLE)
        style = self._generator.style(torch.from_numpy(stacked).to(self._device))
        return style._asdict()

    @torch.no_grad()
    def color(self, lineart: Float32, style: StyleTensors, hints: Float32 | None = None) -> Float32:
        told = None if hints is None else torch.from_numpy(hints).to(self._device)
        pages = torch.from_numpy(lineart).to(self._device)
        made = self._generator.colorizer(pages, _repeated(Style(**style), len(lineart)), told)
        return _finite(made.pyramid[-1].float().cpu().numpy())


def _finite(values: Float32) -> Float32:
    if not np.isfinite(values).all():
        raise ModelError(
            "The model gives values that are not finite.",
            "Take an earlier checkpoint of its run, or start with a lower learning rate.",
        )
    return values


def _repeated(style: Style, count: int) -> Style:
    """The style of one work for several pictures."""

    def repeated(value: object) -> object:
        if isinstance(value, Tensor):
            return value.expand(count, *value.shape[1:])
        if isinstance(value, list | tuple):
            return type(value)(repeated(x) for x in value)
        return value

    return Style(*(repeated(value) for value in style))  # type: ignore[arg-type]


class TorchAreas:
    """A generator's networks of areas as `mangacolor.runtime.area_model.AreaModel` wants them."""

    def __init__(self, generator: Generator, device: torch.device | None) -> None:
        self._generator, self._device = generator, device

    @property
    def remembered(self) -> ReferenceAreas | None:
        stored = self._generator.remembered
        return from_arrays({name: x.numpy() for name, x in stored.items()}) if stored else None

    @property
    def sees_afar(self) -> bool:
        return self._generator.config.surface_size == "afar"

    @torch.no_grad()
    def surfaces(self, page: Float32) -> tuple[Float32, Float32] | None:
        if not self._generator.config.sees_surfaces:
            return None
        borders, kinds = self._generator.surfaces(self._to(page))
        return _finite(borders.sigmoid().cpu().numpy()), kinds.softmax(dim=1).cpu().numpy()

    @torch.no_grad()
    def describe(self, picture: Float32) -> list[Float32]:
        return [found.cpu().numpy() for found in self._generator.features(self._to(picture))]

    @torch.no_grad()
    def read(self, features: Float32, facts: Float32, colors: Float32) -> Float32:
        areas = self._areas(features, facts)._replace(colors=self._to(colors)[None])
        tokens: Float32 = self._generator.matcher.read_references(areas)[0].cpu().numpy()
        return tokens

    @torch.no_grad()
    def match(
        self, features: Float32, facts: Float32, tokens: Float32
    ) -> tuple[Float32, Float32 | None]:
        known = self._to(tokens)[None]
        there = torch.ones(known.shape[:2], dtype=torch.bool, device=known.device)
        areas = self._areas(features, facts)
        scores, *guesses = (
            found[0].cpu().numpy() for found in self._generator.matcher(areas, known, there)
        )
        return _finite(scores), guesses[0] if guesses else None

    def _areas(self, features: Float32, facts: Float32) -> Areas:
        described = self._to(features)[None]
        there = torch.ones(described.shape[:2], dtype=torch.bool, device=described.device)
        return Areas(described, self._to(facts)[None], there)

    def _to(self, values: Float32) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device)
