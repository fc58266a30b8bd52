"""A model that is opened once and colours chapter after chapter."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mangacolor.batch.references import Reference
from mangacolor.bundle import Bundle, read_bundle
from mangacolor.chapter.known import KnownFiles
from mangacolor.config import Runtime
from mangacolor.errors import ModelError, SetupError

if TYPE_CHECKING:
    from mangacolor.runtime.color import References
    from mangacolor.runtime.engine import Engine
    from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["Held"]


class Held:
    """A verified bundle, its engine once a page has needed it, and what it knows by then.

    Attributes:
        folder: of the bundle.
        bundle: what it says.
        device, memory: what was asked for, as `Engine.open` has them.
        known: files of pages that were read before.

    Raises:
        ModelError: as `read_bundle`.
    """

    def __init__(self, folder: Path, device: Runtime = "auto", memory: float | None = None) -> None:
        self.folder, self.device, self.memory = folder, device, memory
        self.bundle: Bundle = read_bundle(folder)
        self.known = KnownFiles()
        self._engine: Engine | None = None
        self._described: dict[tuple[str, int], ReferenceAreas | None] = {}
        self._looked: tuple[tuple[tuple[str, int], ...], References] | None = None

    @contextlib.contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine, for the block; it is opened the first time, and after a block that failed.

        Raises:
            SetupError, ModelError: as `Engine.open`.
        """
        # Where there is nothing to do, nobody waits for ONNX Runtime.
        from mangacolor.runtime.engine import Engine

        if self._engine is None:
            self._engine = Engine.open(self.bundle, self.device, self.memory)
        try:
            yield self._engine
        except (ModelError, SetupError):
            self._engine = None
            raise

    def look_at(self, engine: Engine, references: Sequence[Reference]) -> References:
        """What references offer; kept until others are looked at.

        Only those are described that were not before.

        Raises:
            ModelError: a graph fails.
        """
        key = tuple((r.digest, r.piece) for r in references)
        if self._looked is None or self._looked[0] != key:
            described: dict[tuple[str, int], ReferenceAreas | None] = {}
            for one, reference in zip(key, references, strict=True):
                if one in described:
                    continue
                if one in self._described:
                    described[one] = self._described[one]
                    continue
                worn = reference.read() if reference.changes else None
                described[one] = engine.model.see(reference.read_unchanged(), worn)
            self._described = described
            seen, read = [described[one] for one in key], [r.read for r in references]
            self._looked = key, engine.model.gather(seen, read)
        return self._looked[1]
