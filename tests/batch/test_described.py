from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from mangacolor.batch.model import Model
from mangacolor.batch.references import Reference
from mangacolor.images.geometry import UInt8
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.reference_areas import ReferenceAreas, read_references
from tests.batch.by_place import COLORS, drawn


def reference(colors: list[str], name: str) -> Reference:
    buffer = io.BytesIO()
    drawn(colors).save(buffer, "PNG")
    return Reference(buffer.getvalue(), name)


def test_only_a_reference_that_is_new_is_described(
    areas_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = 0

    def counted(
        model: AreaModel, pictures: Iterable[UInt8], worn: Iterable[UInt8] | None = None
    ) -> ReferenceAreas:
        nonlocal described
        described += 1
        return read_references(model, pictures, worn)

    monkeypatch.setattr("mangacolor.runtime.area_color.read_references", counted)
    cover, page = reference(list(COLORS), "cover"), reference(list(COLORS)[::-1], "page")
    model = Model(areas_bundle, "cpu", None)
    with model.engine() as engine:
        model.look_at(engine, [cover])
        # A page was corrected: it comes before what was given.
        areas = model.look_at(engine, [page, cover]).areas
        assert described == 2
        model.look_at(engine, [cover])
        assert described == 2
    fresh = Model(areas_bundle, "cpu", None)
    with fresh.engine() as engine:
        wanted = fresh.look_at(engine, [page, cover]).areas
    assert areas is not None and wanted is not None
    for found, right in ((areas.tokens, wanted.tokens), (areas.places, wanted.places)):
        assert np.array_equal(found, right)
    assert set(areas.places[:, 0]) == {0, 1}
