from __future__ import annotations

import base64
import dataclasses
import functools
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.batch.references import Reference
from mangacolor.batch.report import Shown, write_report
from mangacolor.batch.why import Reasons, to_record
from mangacolor.images.kinds import Kind
from mangacolor.runtime.colored_areas import GIVEN, ColoredAreas
from mangacolor.runtime.reference_areas import ReferenceAreas


@pytest.fixture
def colored() -> ColoredAreas:
    """Five stripes: surely matched, hardly matched, the painter's, by a person, and guessed."""
    areas = np.repeat(np.arange(1, 6, dtype=np.int32), 8)[None].repeat(40, axis=0)
    colors = np.zeros((6, 3), np.uint8)
    colors[1:] = (200, 0, 0), (0, 200, 0), (0, 0, 0), (0, 0, 200), (90, 90, 90)
    sure = np.array([0, 0.9, 0.3, 0.1, 1.0, 0.6], np.float32)
    return ColoredAreas(areas, colors, sure, np.array([-1, 1, 0, 0, -2, -1], np.int32))


@pytest.fixture
def known() -> ReferenceAreas:
    places = np.array([(0, 0.25, 0.5), (1, 0.75, 0.125)], np.float32)
    return ReferenceAreas(np.zeros((2, 4), np.float32), np.zeros((2, 3), np.uint8), places=places)


def made(shape: tuple[int, int] = (80, 80)) -> np.ndarray:
    page = np.zeros((*shape, 3), np.uint8)
    page[:, : shape[1] // 5] = (200, 0, 0)
    return page


def test_the_least_sure_come_first_with_what_they_were_taken_for(
    colored: ColoredAreas, known: ReferenceAreas
) -> None:
    areas = to_record(colored, known, made())["areas"]
    assert [area[0] for area in areas] == [1, 2, 3, 4, 5]
    assert [area[2] for area in areas] == [0, 0.3, 0.6, 0.9, 1.0]
    # The painter's, then areas of both references and between them a guess, then a person's.
    assert [tuple(area[3:6]) for area in areas] == [
        (-1, 0, 0),
        (0, 0.25, 0.5),
        (-3, 0, 0),
        (1, 0.75, 0.125),
        (-2, 0, 0),
    ]
    assert areas[3][8] == "#c80000"
    assert all(area[1] == 0.2 for area in areas)


def test_what_the_model_remembers_is_told_apart_from_strokes(
    colored: ColoredAreas, known: ReferenceAreas
) -> None:
    remembered = np.full(len(known.tokens), -1, np.int32)
    taught = dataclasses.replace(known, remembered=remembered)
    before = to_record(colored, taught, made())["areas"]
    remembered[0] = 3
    after = to_record(colored, taught, made())["areas"]
    assert [x[3] for x in before] == [x[3] for x in to_record(colored, known, made())["areas"]]
    assert [x[3] for x in after] == [-4 if x[3] == 0 else x[3] for x in before]
    assert -4 in [x[3] for x in after]


def test_the_picture_of_areas_says_which_is_where(
    colored: ColoredAreas, known: ReferenceAreas
) -> None:
    record = to_record(colored, known, made())
    content = base64.b64decode(record["map"].partition(",")[2])
    ids = np.asarray(Image.open(io.BytesIO(content))).astype(int)
    numbers = ids[..., 0] + 256 * ids[..., 1]
    h, w = numbers.shape
    for number, *_, x, y, _, _ in record["areas"]:
        assert numbers[int(y * h), int(x * w)] == number


def test_what_an_area_is_is_told_and_what_is_paper_is_not(
    colored: ColoredAreas, known: ReferenceAreas
) -> None:
    kinds = np.zeros((6, len(Kind)), np.float32)
    kinds[1, Kind.HAIR], kinds[2, Kind.BALLOON], kinds[3, Kind.BACKDROP] = 0.9, 1, 1
    kinds[4, Kind.BALLOON] = 1
    told = dataclasses.replace(colored, kinds=kinds)
    told.matches[4] = GIVEN
    words = {area[8]: area[9] for area in to_record(told, known, made())["areas"]}
    assert words["#c80000"] == "hair"
    # A balloon is left as it is; a person coloured the other one.
    assert len(to_record(told, known, made())["areas"]) == 4
    assert [area[9] for area in to_record(colored, known, made())["areas"]] == [""] * 5


@pytest.mark.parametrize("stripe", [2, 4])
def test_paper_that_was_left_or_guessed_is_not_told_of(
    colored: ColoredAreas, known: ReferenceAreas, stripe: int
) -> None:
    page = made()
    page[:, 16 * stripe : 16 * (stripe + 1)] = 255
    assert len(to_record(colored, known, page)["areas"]) == 4


def test_the_report_holds_reasons_and_no_name_ends_its_script(
    colored: ColoredAreas, known: ReferenceAreas, tmp_path: Path
) -> None:
    buffer = io.BytesIO()
    Image.fromarray(made()).save(buffer, "PNG")
    content = buffer.getvalue()
    (tmp_path / "reasons").mkdir()
    reasons = Reasons(tmp_path / "reasons", [Reference(content, "a/</script><b>.png")] * 2)
    reasons.known = known
    reasons.note("1.png", colored, made())
    page = Shown("1.png", lambda: content, lambda: content, functools.partial(reasons.of, "1.png"))
    without = Shown(
        "2.png", lambda: content, lambda: content, functools.partial(reasons.of, "2.png")
    )
    report = tmp_path / "r.html"
    write_report(report, "x", {}, [page, without], {}, reasons.shown_references())
    text = report.read_text(encoding="utf-8")
    assert text.count('class="ask"') == 1
    shown = _json_of(text, 'id="references"')
    assert [picture["name"] for picture in shown] == ["script><b>.png"] * 2
    assert len(_json_of(text, 'class="facts"')["areas"]) == 5


def _json_of(text: str, mark: str) -> Any:
    return json.loads(text.partition(mark + ">")[2].partition("</script>")[0])
