"""A file of several pages in every kind of output: none of them is lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.batch.events import Event, Notice
from mangacolor.config import BatchConfig
from mangacolor.images.page import read_color
from mangacolor.images.pdf import open_pdf
from tests.asking import color_chapter
from tests.batch.test_pdf import replace_page
from tests.conftest import draw_page

pytest.importorskip("pypdfium2")
Run = Callable[..., list[str]]


@pytest.fixture
def run(fake_bundle: Path, cover: Path) -> Run:
    """Colours, and gives what was told."""

    def color(source: Path, **changes: Any) -> list[str]:
        events: list[Event] = []
        layers = changes.pop("layers", "none")
        config = BatchConfig(device="cpu", layers=layers)
        color_chapter(source, [cover], fake_bundle, config, tell=events.append, **changes)
        return [event.text for event in events if isinstance(event, Notice)]

    return color


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "ch"
    folder.mkdir()
    first, *others = (Image.fromarray(draw_page(seed, w=60 + seed)) for seed in range(3))
    first.save(folder / "2.tif", save_all=True, append_images=others, dpi=(72, 72))
    Image.fromarray(draw_page(7, w=80)).save(folder / "1.png", dpi=(72, 72))
    return folder


def widths(path: Path) -> list[int]:
    with open_pdf(path, 72) as pdf:
        pages = [read_color(pdf.read(i)) for i in range(len(pdf.names))]
    assert all(np.ptp(page.astype(int), axis=2).max() > 50 for page in pages)
    return [page.shape[1] for page in pages]


def test_all_pages_of_a_tiff_are_in_a_pdf(source: Path, run: Run, tmp_path: Path) -> None:
    out, report = tmp_path / "o.pdf", tmp_path / "r.html"
    assert run(source, out=out, report=report) == []
    assert widths(out) == [80, 60, 61, 62]
    html = report.read_text()
    assert html.count("<figure") == 4
    assert "2.tif, page 3" in html
    before = out.read_bytes()
    assert run(source, out=out) == []
    assert out.read_bytes() == before
    # One page more, and what is there is not made anew.
    Image.fromarray(draw_page(8, w=70)).save(source / "1b.png", dpi=(72, 72))
    run(source, out=out, report=report)
    assert widths(out) == [80, 70, 60, 61, 62]
    assert report.read_text().count("<figure") == 5
    # The TIFF has a page less.
    Image.fromarray(draw_page(1, w=61)).save(
        source / "2.tif", save_all=True, append_images=[Image.fromarray(draw_page(2, w=62))]
    )
    run(source, out=out)
    assert widths(out) == [80, 70, 61, 62]


def test_each_of_its_pages_has_layers_and_is_in_the_report(
    source: Path, run: Run, tmp_path: Path
) -> None:
    assert run(source, layers="ora", report=tmp_path / "r.html") == []
    output = tmp_path / "ch-color"
    assert {path.name for path in output.glob("*.ora")} == {
        *("1.ora", "2-001.ora", "2-002.ora", "2-003.ora"),
    }
    assert (tmp_path / "r.html").read_text().count("<figure") == 4
    # One that somebody worked on is kept.
    (output / "2-002.ora").write_bytes(b"mine")
    run(source, layers="ora", overwrite=False)
    assert (output / "2-002.ora").read_bytes() == b"mine"


def test_further_pictures_of_an_animation_are_told_for_a_pdf(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "an"
    folder.mkdir()
    first, *others = (Image.fromarray(draw_page(seed)) for seed in range(3))
    first.save(folder / "1.gif", save_all=True, append_images=others)
    assert any("2 other pictures" in line for line in run(folder, out=tmp_path / "o.pdf"))
    with open_pdf(tmp_path / "o.pdf", 72) as pdf:
        assert len(pdf.names) == 1


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("painted", [False, True])
def test_a_page_of_a_tiff_in_a_pdf_was_edited_if_its_pixels_were(
    source: Path, run: Run, tmp_path: Path, number: int, painted: bool
) -> None:
    out = tmp_path / "o.pdf"
    run(source, out=out)
    with open_pdf(out, 72) as pdf:
        page = Image.fromarray(read_color(pdf.read(number)))
    if painted:
        page.paste("magenta", (5, 5, 45, 45))
    content = io.BytesIO()
    page.save(content, "JPEG", quality=97, subsampling=0, dpi=(72, 72))
    replace_page(out, number, content.getvalue())
    assert bool(run(source, out=out)) == painted
