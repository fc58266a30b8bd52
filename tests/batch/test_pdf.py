"""PDFs in and out, and chapters packed into one file."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, MissingPackageError, UsageError
from mangacolor.images.page import read_color
from mangacolor.images.pdf import open_pdf
from mangacolor.images.pdf_written import PdfPage, write_pdf
from mangacolor.names import is_picture
from tests.asking import color_chapter
from tests.batch.drawn_pdf import LOCKED, picture_pdf, vector_pdf
from tests.conftest import draw_page

pdfium = pytest.importorskip("pypdfium2")


def picture(seed: int, format_: str = "PNG", mode: str = "L") -> bytes:
    target = io.BytesIO()
    Image.fromarray(draw_page(seed)).convert(mode).save(target, format_, dpi=(72, 72))
    return target.getvalue()


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """Two pages of a JPEG each, and one drawn page between them."""
    path = tmp_path / "scan.pdf"
    write_pdf(path, [PdfPage(picture(i, "JPEG")) for i in range(2)], lambda sums: "", 90)
    with_drawn = pdfium.PdfDocument(path)
    with_drawn.import_pages(pdfium.PdfDocument(vector_pdf()), index=1)
    with_drawn.del_attachment(0)
    whole = io.BytesIO()
    with_drawn.save(whole)
    with_drawn.close()
    path.write_bytes(whole.getvalue())
    return path


@pytest.fixture
def colored(fake_bundle: Path, cover: Path) -> Callable[..., Any]:
    def run(source: Path, dpi: int = 144, **changes: Any) -> Any:
        config = BatchConfig(device="cpu", dpi=dpi)
        return color_chapter(source, [cover], fake_bundle, config, **changes)

    return run


def is_colored(content: bytes) -> bool:
    return bool(np.ptp(read_color(content).astype(int), axis=2).max() > 50)


def test_a_page_that_is_one_picture_is_taken_as_it_is_and_others_are_drawn(scanned: Path) -> None:
    with open_pdf(scanned, 144) as pdf:
        first, drawn, last = (pdf.read(i) for i in range(3))
        assert pdf.names == ("page 001.jpg", "page 002.png", "page 003.jpg")
        assert pdf.record is None
    assert (first, last) == (picture(0, "JPEG"), picture(1, "JPEG"))
    with Image.open(io.BytesIO(drawn)) as page:
        assert (page.format, page.size) == ("PNG", (120, 180))
        assert round(page.info["dpi"][0]) == 144
        # PDF counts from below.
        assert page.convert("L").getpixel((30, 145)) == 0


@pytest.mark.parametrize(
    ("format_", "mode"), [("PNG", "L"), ("PNG", "1"), ("PNG", "RGB"), ("TIFF", "CMYK")]
)
def test_pictures_of_any_kind_come_back_upright(tmp_path: Path, format_: str, mode: str) -> None:
    content = picture(3, format_, mode)
    write_pdf(tmp_path / "x.pdf", [PdfPage(content)], lambda sums: "record", 95)
    with open_pdf(tmp_path / "x.pdf", 72) as pdf:
        assert pdf.record == "record"
        assert pdf.size(0) == pytest.approx((60, 90), abs=0.1)
        back = read_color(pdf.read(0))
    assert np.abs(back.astype(int) - read_color(content)).mean() < 4


SHOWN_OTHERWISE = {
    "turned": {"page": b"/Rotate 90"},
    "inverted": {"image": b"/Decode[1 0]"},
    "mirrored": {"place": b"-60 0 0 90 60 0"},
    "smaller than the page": {"place": b"30 0 0 45 0 0"},
}


@pytest.mark.parametrize("how", [None, *SHOWN_OTHERWISE])
def test_a_picture_that_the_page_shows_otherwise_is_drawn(tmp_path: Path, how: str | None) -> None:
    jpeg = picture(1, "JPEG")
    (tmp_path / "x.pdf").write_bytes(picture_pdf(jpeg, **SHOWN_OTHERWISE.get(how or "", {})))
    with open_pdf(tmp_path / "x.pdf", 72) as pdf:
        read = pdf.read(0)
        shown = pdf._document[0].render(scale=1).to_pil().convert("L")
        suffix = Path(pdf.names[0]).suffix
    assert (read == jpeg) is (how is None)
    with Image.open(io.BytesIO(read)) as page:
        assert page.format == {".jpg": "JPEG", ".png": "PNG"}[suffix]
        difference = np.asarray(page.convert("L"), int) - np.asarray(shown, int)
    assert np.abs(difference).mean() < 8


def test_a_pdf_comes_out_as_a_pdf_with_its_pages_as_large_as_before(
    scanned: Path, colored: Callable[..., Any]
) -> None:
    summary = colored(scanned)
    assert (summary.output, summary.colored, summary.failed) == (
        scanned.with_name("scan-color.pdf"),
        3,
        {},
    )
    with open_pdf(scanned, 72) as before, open_pdf(summary.output, 72) as after:
        for i in range(3):
            assert after.size(i) == pytest.approx(before.size(i), abs=0.1)
            assert is_colored(after.read(i))
    assert sorted(path.name for path in scanned.parent.glob("*.work")) == []


def test_a_second_run_does_nothing_and_what_changes_the_outcome_does_all(
    scanned: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    colored(scanned)
    with monkeypatch.context() as patch:
        patch.setattr("mangacolor.images.pdf.Pdf.read", lambda *a: pytest.fail("it was read"))
        assert colored(scanned).skipped == 3
    assert colored(scanned, dpi=72).colored == 3
    (scanned.with_name("scan-color.pdf")).unlink()
    assert colored(scanned).colored == 3


def replace_page(path: Path, number: int, content: bytes) -> None:
    """Another picture as a page of a PDF, as an editor would put it; all else stays."""
    write_pdf(path.parent / "new.pdf", [PdfPage(content, (60, 90))], lambda sums: "", 90)
    document = pdfium.PdfDocument(path.read_bytes())
    document.import_pages(pdfium.PdfDocument(path.parent / "new.pdf"), index=number)
    document.del_page(number + 1)
    whole = io.BytesIO()
    document.save(whole)
    path.write_bytes(whole.getvalue())


def test_a_page_that_was_painted_over_is_kept_and_learned_from(
    scanned: Path, colored: Callable[..., Any]
) -> None:
    output = colored(scanned).output
    painted = io.BytesIO()
    Image.new("RGB", (60, 90), (30, 60, 220)).save(painted, "JPEG")
    replace_page(output, 1, painted.getvalue())
    for coloring in (2, 0):
        notices: list[str] = []
        summary = colored(scanned, tell=lambda e, n=notices: n.append(getattr(e, "text", "")))
        assert summary.colored == coloring
        assert "page 002.png was edited: kept, and what was changed in it is learned" in notices
        with open_pdf(output, 72) as pdf:
            assert pdf.read(1) == painted.getvalue()
    assert colored(scanned, overwrite=True).colored == 3


@pytest.mark.parametrize("name", ["out.pdf", "out.cbz"])
def test_what_is_no_output_of_ours_is_not_replaced(
    chapter: Path, colored: Callable[..., Any], tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"precious")
    with pytest.raises(UsageError, match="did not write it"):
        colored(chapter, out=tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"precious"


def test_a_pdf_that_another_made_is_not_replaced(
    scanned: Path, colored: Callable[..., Any]
) -> None:
    precious = scanned.with_name("scan-color.pdf")
    precious.write_bytes(vector_pdf())
    with pytest.raises(Exception, match="did not write it"):
        colored(scanned)
    assert precious.read_bytes() == vector_pdf()


def test_a_chapter_goes_into_a_pdf_and_a_pdf_into_an_archive(
    chapter: Path, scanned: Path, colored: Callable[..., Any], tmp_path: Path
) -> None:
    (chapter / "broken.png").write_bytes(b"no")
    pdf, cbz, zipped = (tmp_path / name for name in ("out.pdf", "out.cbz", "folder.cbz"))
    assert list(colored(chapter, out=pdf).failed) == ["broken.png"]
    with open_pdf(pdf, 72) as made:
        assert len(made.names) == 3
    # The page that failed is mended: only that one is done.
    Image.fromarray(draw_page(8)).save(chapter / "broken.png")
    again = colored(chapter, out=pdf)
    assert (again.colored, again.skipped, again.failed) == (1, 3, {})
    with open_pdf(pdf, 72) as made:
        assert [is_colored(made.read(i)) for i in range(4)] == [True] * 4
    assert colored(scanned, out=cbz).colored == 3
    assert colored(chapter, out=zipped).colored == 4
    for path, count in ((cbz, 3), (zipped, 4)):
        with zipfile.ZipFile(path) as archive:
            pages = [name for name in archive.namelist() if not name.startswith(".")]
            assert all(is_picture(name) for name in pages)
            assert len(pages) == count
            assert all(is_colored(archive.read(name)) for name in pages)
    assert colored(chapter, out=zipped).skipped == 4


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (vector_pdf(LOCKED), "protected by a password"),
        (b"%PDF-1.7 cut off", "is a broken PDF"),
    ],
)
def test_a_pdf_that_cannot_be_opened_is_refused_in_a_line(
    tmp_path: Path, colored: Callable[..., Any], content: bytes, match: str
) -> None:
    (tmp_path / "x.pdf").write_bytes(content)
    with pytest.raises(InputError, match=match) as caught:
        colored(tmp_path / "x.pdf")
    assert "\n" not in caught.value.message
    assert not (tmp_path / "x-color.pdf").exists()


def test_a_page_that_would_be_too_large_fails_and_says_what_to_do(
    tmp_path: Path, colored: Callable[..., Any]
) -> None:
    (tmp_path / "x.pdf").write_bytes(vector_pdf(box=(14400, 14400)))
    summary = colored(tmp_path / "x.pdf", dpi=1200)
    assert "--dpi" in summary.failed["page 001.png"]


def test_without_the_package_it_is_said_which_to_install(
    scanned: Path,
    chapter: Path,
    tmp_path: Path,
    colored: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    for source, out in ((scanned, None), (chapter, tmp_path / "out.pdf")):
        with pytest.raises(MissingPackageError) as caught:
            colored(source, out=out)
        assert "mangacolor[pdf]" in caught.value.hint
    # Before any work.
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []
