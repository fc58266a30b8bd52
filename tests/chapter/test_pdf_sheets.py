"""Of which page each sheet of a PDF is, whatever somebody did to it since."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from mangacolor.chapter.pdf_sheets import sheet_owners


@pytest.mark.parametrize(
    ("sheets", "owners"),
    [
        # As it was written; and changed sheets are of the lines in whose places they are.
        ([1, 2, 3], ["a", "a", "b"]),
        ([9, 8, 7], ["a", "a", "b"]),
        # One taken out, one put in front, one put in between.
        ([1, 3], ["a", "b"]),
        ([9, 1, 2, 3], ["", "a", "a", "b"]),
        ([1, 2, 9, 3], ["a", "a", "", "b"]),
        # One changed behind one that is known, and two put in at the end.
        ([1, 9, 3, 7, 8], ["a", "a", "b", "", ""]),
        ([9, 2, 3, 7], ["a", "a", "b", ""]),
        ([], []),
    ],
)
def test_a_sheet_of_a_pdf_is_of_the_page_that_it_was_written_for(
    sheets: list[int], owners: list[str]
) -> None:
    lines = [{"page": "a", "crc": 1}, {"page": None, "of": "a", "crc": 2}, {"page": "b", "crc": 3}]
    record = "\n".join(map(json.dumps, [*lines, {"beside": "no sheet"}]))
    pdf: Any = SimpleNamespace(names=sheets, record=record, sum=lambda number: sheets[number])
    assert sheet_owners(pdf) == owners


def test_sheets_that_look_alike_are_told_apart_by_their_order() -> None:
    lines = [{"page": name, "crc": 1} for name in "abc"]
    record = "\n".join(map(json.dumps, lines))
    pdf: Any = SimpleNamespace(names=[1, 1], record=record, sum=lambda number: 1)
    assert sheet_owners(pdf) == ["a", "b"]
