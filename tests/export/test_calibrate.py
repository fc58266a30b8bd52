from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from mangacolor.batch.plan import Task
from mangacolor.batch.prepared import Prepared, prepare
from mangacolor.bundle import read_bundle
from mangacolor.config import ExportConfig
from mangacolor.export.calibrate import make_feeds


def test_pages_are_calibrated_with_as_batch_sees_them(tmp_path: Path, fake_bundle: Path) -> None:
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
    bundle = read_bundle(fake_bundle)
    config = ExportConfig(page_size=160, reference_size=64)
    feeds = make_feeds(folder, fake_bundle, bundle.size_multiple, config)
    task = Task("1.png", (folder / "1.png").read_bytes, Path)
    seen = prepare(task, "", bundle, 160)
    assert isinstance(seen, Prepared)
    assert np.array_equal(feeds[0]["lineart"][0], seen.lineart)
    # What is smooth now is not what the dots would be, only reduced.
    assert np.ptp(seen.lineart[0, 5:20, 5:20]) < 0.5
