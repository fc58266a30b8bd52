from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from mangacolor.config import ExportConfig, Look
from mangacolor.export.calibrate import make_feeds
from mangacolor.images.page import read_page
from mangacolor.nets.build import build_generator
from mangacolor.runtime.checkpoint import open_generator
from tests.conftest import tiny_net


def test_pages_are_calibrated_with_as_batch_sees_them(tmp_path: Path) -> None:
    page = Image.new("L", (150, 220), 255)
    pen = ImageDraw.Draw(page)
    # Screentone, which batch smooths; sides that no network takes.
    for y in range(0, 220, 6):
        for x in range(0, 150, 6):
            pen.rectangle((x, y, x + 2, y + 2), fill=0)
    pen.ellipse((30, 40, 110, 160), outline=0, width=4)
    folder = tmp_path / "pages"
    folder.mkdir()
    page.save(folder / "1.png")
    config = ExportConfig(page_size=160, reference_size=64)
    generator = build_generator(tiny_net(), seed=0).eval()
    feeds = make_feeds(folder, generator, config)
    ready = open_generator(generator, config=config).ready(
        read_page(folder / "1.png").grey, Look(flats=False)
    )
    assert ready.lineart is not None
    assert np.array_equal(feeds[0]["lineart"][0], ready.lineart.signed)
    # What is smooth now is not what the dots would be, only reduced.
    assert np.ptp(ready.lineart.signed[0, 5:20, 5:20]) < 0.5
    # A page, a white and a black one.
    assert len(feeds) == 3
