"""Whether `batch` needs more memory the longer it runs: resident memory while pages are coloured.

    python benchmarks/memory.py --pages 500

The network is a tiny one that tints, so that what grows is the pipeline's: reading, composing,
encoding, writing, the journal, and with --report the page of all pages.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from batch import draw_page
from PIL import Image

from mangacolor.batch.events import Done, Event
from mangacolor.batch.request import Request
from mangacolor.batch.run import color_chapter
from mangacolor.config import BatchConfig

ROOT = Path(__file__).parents[1]
# Pages that are drawn; the chapter is these over and over.
DRAWN = 8


def resident() -> float:
    """MiB that this process has now."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def make_chapter(folder: Path, pages: int, width: int, height: int) -> tuple[Path, Path]:
    chapter, cover = folder / "chapter", folder / "cover.png"
    chapter.mkdir()
    for number in range(pages):
        path = chapter / f"page {number}.png"
        if number < DRAWN:
            draw_page(number, width, height).save(path, compress_level=1)
        else:
            shutil.copy(chapter / f"page {number % DRAWN}.png", path)
    Image.new("RGB", (200, 300), (240, 160, 40)).save(cover)
    return chapter, cover


def tiny_model(folder: Path) -> Path:
    """The network that tests are made with."""
    sys.path.insert(0, str(ROOT))
    from tests.conftest import write_fake_bundle

    return write_fake_bundle(folder / "tiny")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--size", default="500x700", help="WIDTHxHEIGHT of the pages")
    parser.add_argument("--model", type=Path, help="an exported model instead of the tiny one")
    parser.add_argument("--report", action="store_true", help="write the page of all pages, too")
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    seen: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, Done):
            seen.append(resident())

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chapter, cover = make_chapter(folder, options.pages, width, height)
        model = options.model or tiny_model(folder)
        report = folder / "report.html" if options.report else None
        request = Request(chapter, [cover], BatchConfig(device="cpu"), report=report)
        color_chapter(request, model, note)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores; Python {platform.python_version()};"
        f" {options.pages} pages of {options.size}"
    )
    tenth = max(1, len(seen) // 10)
    parts = [statistics.median(seen[start : start + tenth]) for start in range(0, len(seen), tenth)]
    print("MiB, median of each tenth: " + " ".join(f"{part:.0f}" for part in parts[:10]))
    # The first tenth fills caches and pools.
    print(f"from the second tenth to the last: {100 * (parts[9] / parts[1] - 1):+.1f} %")
    print(f"at the end, with all that follows the pages: {resident():.0f} MiB")


if __name__ == "__main__":
    main()
