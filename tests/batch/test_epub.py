"""A comic as EPUB: its pages in the order of its spine, and an EPUB again."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from mangacolor.batch.events import Done, Event
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, UsageError
from mangacolor.images.archive import open_archive
from mangacolor.images.pdf import open_pdf
from tests.asking import color_chapter
from tests.conftest import draw_page


def write_epub(path: Path, spine: list[str], package: str = "") -> Path:
    items = "".join(
        f'<item id="{n}" href="p%20{n}.xhtml" media-type="application/xhtml+xml"/>' for n in spine
    )
    order = "".join(f'<itemref idref="{n}"/>' for n in spine)
    name = '<rootfile full-path="OPS/c.opf"/>'
    package = package or (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest>'
        f'<spine page-progression-direction="rtl">{order}</spine></package>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", f"<container>{name}</container>")
        archive.writestr("OPS/c.opf", package)
        for i, n in enumerate(spine):
            tag = (
                '<img src="../img/{}.png"/>'
                if i
                else '<svg><image xlink:href="../img/{}.png"/></svg>'
            )
            archive.writestr(f"OPS/p {n}.xhtml", f"<html><body>{tag.format(n)}<br></body></html>")
            page = io.BytesIO()
            Image.fromarray(draw_page(i)).save(page, "PNG")
            archive.writestr(f"img/{n}.png", page.getvalue())
    return path


def test_pages_come_in_the_spines_order_and_go_out_as_an_epub(
    tmp_path: Path, cover: Path, fake_bundle: Path
) -> None:
    # A name that says nothing: it is one by what is in it.
    source = write_epub(tmp_path / "b.epub", ["z", "b", "a"])
    events: list[Event] = []
    summary = color_chapter(source, [cover], fake_bundle, tell=events.append)
    assert [e.name for e in events if isinstance(e, Done)] == [
        "img/z.png",
        "img/b.png",
        "img/a.png",
    ]
    assert summary.output.name == "b-color.epub"
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(summary.output) as after:
        first = after.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        for name in before.namelist():
            assert (before.read(name) == after.read(name)) is not name.endswith(".png")
    assert color_chapter(source, [cover], fake_bundle).skipped == 3
    bound = color_chapter(source, [cover], fake_bundle, out=tmp_path / "o.pdf").output
    with open_pdf(bound, 72) as pdf:
        assert len(pdf.names) == 3


def test_what_would_lose_the_order_is_refused(
    tmp_path: Path, cover: Path, fake_bundle: Path, chapter: Path
) -> None:
    source = write_epub(tmp_path / "b.epub", ["b", "a"])
    with pytest.raises(UsageError, match="order"):
        color_chapter(source, [cover], fake_bundle, out=tmp_path / "o.cbz")
    with pytest.raises(UsageError, match="formats"):
        color_chapter(source, [cover], fake_bundle, BatchConfig(format="webp"))
    with pytest.raises(UsageError, match="only an EPUB becomes one"):
        color_chapter(chapter, [cover], fake_bundle, out=tmp_path / "o.epub")


@pytest.mark.parametrize(
    "package", ["no XML", "<package/>", "<package><spine><itemref idref='x'/>"]
)
def test_an_epub_that_is_not_understood_is_in_natural_order(tmp_path: Path, package: str) -> None:
    with open_archive(write_epub(tmp_path / "b.epub", ["b", "a"], package)) as archive:
        assert [page.name for page in archive.pages()] == ["img/a.png", "img/b.png"]


def test_an_archive_whose_packing_is_not_known_is_told_before_the_work(
    tmp_path: Path, cover: Path, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "v.cbz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.png", b"x" * 99)
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        at = data.find(mark) + place
        data[at : at + 2] = (9).to_bytes(2, "little")
    path.write_bytes(data)
    with pytest.raises(InputError, match="Deflate64") as caught:
        color_chapter(path, [cover], fake_bundle)
    assert "7z" in caught.value.hint
    with open_archive(path) as archive, pytest.raises(InputError, match="Deflate64"):
        archive.read(archive.pages()[0])
