"""What a PDF has beside its pages' pictures comes out again, and what others put in stays."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from mangacolor.batch.events import Event, Notice
from mangacolor.config import BatchConfig
from mangacolor.images.jpeg import without_exif
from mangacolor.images.page import read_color
from mangacolor.images.pdf import open_pdf
from mangacolor.images.pdf_written import PdfPage, write_pdf
from tests.asking import color_chapter
from tests.batch.drawn_pdf import bookmarked, pdf_of, rich_pdf
from tests.conftest import draw_page

pdfium = pytest.importorskip("pypdfium2")

Run = Callable[..., list[str]]


def jpeg(seed: int, mode: str = "L", **options: Any) -> bytes:
    target = io.BytesIO()
    Image.fromarray(draw_page(seed)).convert(mode).save(target, "JPEG", **options)
    return target.getvalue()


@pytest.fixture
def run(fake_bundle: Path, cover: Path) -> Run:
    """Colours, and gives what was told."""

    def color(source: Path, **changes: Any) -> list[str]:
        events: list[Event] = []
        config = BatchConfig(device="cpu")
        color_chapter(source, [cover], fake_bundle, config, tell=events.append, **changes)
        return [event.text for event in events if isinstance(event, Notice)]

    return color


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    path = tmp_path / "rich.pdf"
    path.write_bytes(rich_pdf([jpeg(1), jpeg(2)]))
    return path


def titles(path: Path) -> list[str]:
    return [mark.get_title() for mark in pdfium.PdfDocument(path.read_bytes()).get_toc()]


def test_all_that_a_pdf_has_beside_its_pages_comes_out_again(rich: Path, run: Run) -> None:
    assert run(rich) == []
    out = rich.with_name("rich-color.pdf")
    with open_pdf(rich, 72) as before, open_pdf(out, 72) as after:
        facts = before.facts()
        assert after.facts() == facts
        assert {"bookmarks", "title", "author", "page labels", "reading direction"} < facts.keys()
        for number in range(2):
            # Each lies where it lay, turned as it was, and is in colour.
            pixels = [read_color(pdf.read(number)).astype(int) for pdf in (before, after)]
            assert np.ptp(pixels[1], axis=2).max() > 50
            inks = [page.sum(axis=2) < 120 for page in pixels]
            assert (inks[0] & inks[1]).sum() > 0.8 * inks[0].sum()
    document = pdfium.PdfDocument(out.read_bytes())
    for page in document:
        words = page.get_textpage().get_text_range().split()
        assert sorted(words) == ["hidden", "words"]
        assert len(list(page.get_objects(filter=[3]))) == 1
    # Links are annotations.
    assert out.read_bytes().count(b"https://example.org/") == 2
    assert [page.get_rotation() for page in document] == [180, 0]


def test_text_of_a_page_that_was_drawn_is_still_to_be_found(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "drawn.pdf"
    font = b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    drawing = b"2 w 5 5 m 50 80 l S BT /F 9 Tf 5 40 Td (seen words) Tj ET"
    path.write_bytes(pdf_of(drawing, (60, 90), font))
    run(path)
    page = pdfium.PdfDocument(path.with_name("drawn-color.pdf").read_bytes())[0]
    assert "seen words" in page.get_textpage().get_text_range()
    assert [thing.type for thing in page.get_objects()].count(3) == 1


@pytest.mark.parametrize("kind", ["pdf", "folder"])
def test_what_somebody_put_into_the_output_stays(
    rich: Path, run: Run, tmp_path: Path, kind: str
) -> None:
    source, out = rich, tmp_path / "out.pdf"
    if kind == "folder":
        source = tmp_path / "folder"
        source.mkdir()
        for seed in (1, 2):
            (source / f"{seed}.jpg").write_bytes(jpeg(seed))
    run(source, out=out)
    document = pdfium.PdfDocument(out.read_bytes())
    document.new_page(33, 44, 1).close()
    whole = io.BytesIO()
    document.save(whole)
    out.write_bytes(bookmarked(whole.getvalue()) if kind == "folder" else whole.getvalue())
    if kind == "folder":
        (source / "3.jpg").write_bytes(jpeg(3))
        told = run(source, out=out)
    else:
        told = run(source, out=out, limit=None, overwrite=True)
    assert any("are kept" in line for line in told)
    with open_pdf(out, 72) as pdf:
        sizes = [tuple(map(round, pdf.size(i))) for i in range(len(pdf.names))]
        assert sizes[1] == (33, 44)
        assert len(sizes) == 3 + (kind == "folder")
        assert all(
            np.ptp(read_color(pdf.read(i)).astype(int), axis=2).max() > 50
            for i in range(len(sizes))
            if i != 1
        )
    assert titles(out) == (["Mine"] if kind == "folder" else ["Chapter 1"])
    before = out.read_bytes()
    assert run(source, out=out) == []
    assert out.read_bytes() == before


def test_what_an_archive_has_no_place_for_is_told(rich: Path, run: Run, tmp_path: Path) -> None:
    (line,) = run(rich, out=tmp_path / "out.cbz")
    assert "bookmarks" in line
    assert "reading direction" in line


@pytest.mark.parametrize(
    ("dpi", "size"), [((1, 1), (9600, 14400)), ((60000, 60000), (3, 4.5)), ((72, 72), (60, 90))]
)
def test_a_page_has_a_size_that_readers_open(
    tmp_path: Path, dpi: tuple[int, int], size: tuple[float, float]
) -> None:
    wide = io.BytesIO()
    Image.new("L", (600, 900) if dpi == (1, 1) else (60, 90), 255).save(wide, "JPEG", dpi=dpi)
    write_pdf(tmp_path / "x.pdf", [PdfPage(wide.getvalue())], lambda sums: "", 90)
    with open_pdf(tmp_path / "x.pdf", 72) as pdf:
        assert pdf.size(0) == pytest.approx(size, rel=0.01)


def test_a_profile_is_not_lost_in_a_pdf(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Red and green change places.
    swapped = lab.replace(b"rXYZ", b"tmpZ", 1).replace(b"gXYZ", b"rXYZ", 1)
    swapped = swapped.replace(b"tmpZ", b"gXYZ", 1).replace(b"sRGB", b"mine")
    content = jpeg(1, "RGB", icc_profile=swapped)
    target = io.BytesIO()
    Image.new("RGB", (60, 90), (200, 40, 40)).save(target, "JPEG", icc_profile=swapped)
    content = target.getvalue()
    write_pdf(tmp_path / "x.pdf", [PdfPage(content)], lambda sums: "", 95)
    with open_pdf(tmp_path / "x.pdf", 72) as pdf:
        shown = read_color(pdf.read(0)).astype(int)
    assert np.abs(shown - read_color(content)).max() < 12
    assert shown[..., 1].mean() > shown[..., 0].mean() + 50


def test_a_page_is_drawn_as_finely_as_its_pictures(tmp_path: Path) -> None:
    half = b"q 60 0 0 45 0 0 cm /P Do Q q 60 0 0 45 0 45 cm /P Do Q"
    facts = b"<</Type/XObject/Subtype/Image/Width 240/Height 180/ColorSpace/DeviceGray"
    target = io.BytesIO()
    Image.new("L", (240, 180), 90).save(target, "JPEG")
    body = facts + b"/BitsPerComponent 8/Filter/DCTDecode/Length %d>>stream\n" % len(
        target.getvalue()
    )
    body += target.getvalue() + b"\nendstream"
    resources = b"/Resources<</XObject<</P 5 0 R>>>>"
    (tmp_path / "x.pdf").write_bytes(pdf_of(half, (60, 90), resources, body))
    with open_pdf(tmp_path / "x.pdf", 72) as pdf:
        assert Image.open(io.BytesIO(pdf.read(0))).size == (240, 360)


def test_how_a_jpeg_in_a_pdf_says_that_it_is_turned_counts_for_nothing(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = jpeg(1, exif=exif)
    (tmp_path / "x.pdf").write_bytes(rich_pdf([jpeg(2), turned]))
    with open_pdf(tmp_path / "x.pdf", 72) as pdf:
        read = pdf.read(1)
        assert (pdf.names[1], read_color(read).shape) == ("page 002.jpg", (90, 60, 3))
    assert np.array_equal(read_color(read), read_color(jpeg(1)))
    assert without_exif(b"\xff\xd8broken") == b"\xff\xd8broken"


@pytest.mark.parametrize("kind", ["source", "former"])
def test_without_what_lies_beside_them_all_pages_are_there(
    rich: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    """A PDF that cannot be changed is written anew, and that is told."""
    source, out = rich, tmp_path / "out.pdf"
    if kind == "former":
        source = tmp_path / "folder"
        source.mkdir()
        (source / "1.jpg").write_bytes(jpeg(1))
        run(source, out=out)
        (source / "2.jpg").write_bytes(jpeg(2))

    def fail(*arguments: object) -> None:
        raise RuntimeError("PDFium")

    monkeypatch.setattr("mangacolor.images.pdf_written._drop", fail)
    told = run(source, out=out, limit=1)
    assert any("Bookmarks, links and text" in line for line in told)
    with open_pdf(out, 72) as pdf:
        assert len(pdf.names) == 2
        if kind == "source":
            assert pdf.size(1) == pytest.approx((60, 90), abs=0.1)
        assert np.ptp(read_color(pdf.read(0)).astype(int), axis=2).max() > 50
    monkeypatch.undo()
    run(source, out=out)
    with open_pdf(out, 72) as pdf:
        assert all(np.ptp(read_color(pdf.read(i)).astype(int), axis=2).max() > 50 for i in (0, 1))
