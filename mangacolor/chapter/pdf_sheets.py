"""Of which page each sheet of a PDF of ours is, by the journal within."""

from __future__ import annotations

from pathlib import Path

from mangacolor.chapter.journal import Record, parsed
from mangacolor.images.pdf import Pdf, open_pdf

__all__ = ["owner_of", "places_of_lines", "read_sheet", "sheet_owners"]


def sheet_owners(pdf: Pdf) -> list[str]:
    """Of which page's file each sheet of a PDF of ours is, whatever was put in or taken out since;
    somebody else's is nobody's.
    """
    lines, places = places_of_lines(pdf)
    owners = [""] * len(pdf.names)
    for number, place in places.items():
        owners[place] = owner_of(lines[number])
    return owners


def owner_of(line: Record) -> str:
    """Of which page's file a line's sheet is; empty of one that is not done."""
    name = line.get("page") or line.get("of")
    return name if isinstance(name, str) else ""


def places_of_lines(pdf: Pdf) -> tuple[list[Record], dict[int, int]]:
    """The lines of its sheets, and for numbers of lines the sheets that they are of."""
    lines = [record for record in parsed((pdf.record or "").splitlines()) if "page" in record]
    count = len(pdf.names)
    if len(lines) == count:
        return lines, {number: number for number in range(count)}
    sums = {number: pdf.sum(number) for number in range(count)}
    places: dict[int, int] = {}
    for number, line in enumerate(lines):
        crc = line.get("crc")
        same = (i for i, other in sums.items() if other == crc and i not in places.values())
        if crc and (place := next(same, None)) is not None:
            places[number] = place
    # Those that were changed as well follow the one before them.
    for number in range(len(lines)):
        place = places[number - 1] + 1 if number - 1 in places else 0 if number == 0 else -1
        if number not in places and 0 <= place < count and place not in places.values():
            places[number] = place
    return lines, places


def read_sheet(output: Path, number: int) -> bytes:
    """A sheet of a PDF of ours, which is closed again at once: it may be about to be replaced."""
    with open_pdf(output, 300, ours=True) as pdf:
        return pdf.read(number)
