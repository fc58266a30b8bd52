"""How many panels of invented pages are found, whose frames are known.

    python benchmarks/panels.py --first 1000 --against ../other-checkout

A panel is found if a box has an intersection over union of .8 with its frame; a box that lies in
one panel and is less than .8 of it is a false cut. With another checkout both read the same pages.
With `--network` they are sought as well on a page that is white where the default model's network
of surfaces sees gutters, and black elsewhere.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from mangacolor.images.geometry import UInt8
    from mangacolor.runtime.area_model import AreaModel

ROOT = Path(__file__).parents[1]
MATCH, INSIDE = 0.8, 0.9
# Share of an area from which the network is taken at its word.
GUTTER = 0.5
Box = tuple[float, float, float, float]


def draw(folder: Path, seeds: range, width: int, height: int) -> None:
    """Pages of as many series as PNG, with their frames as JSON; those that are there stay."""
    from mangacolor.comic.page import draw_page, page_frames
    from mangacolor.comic.series import Series

    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        path = folder / f"{seed:04}-{width}x{height}.png"
        if path.is_file():
            continue
        series = Series(900_000 + seed)
        frames = [frame.box() for frame in page_frames(series, seed, width, height)]
        shown = [clip(box, width, height) for box in frames]
        path.with_suffix(".json").write_text(json.dumps(shown))
        Image.fromarray(draw_page(series, seed, width, height).lineart).save(path)


def clip(box: Box, width: int, height: int) -> Box:
    x0, y0, x1, y1 = box
    return max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1)


def area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def common(a: Box, b: Box) -> float:
    """The area that two boxes share."""
    return area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))


def judge(found: list[Box], frames: list[Box]) -> tuple[int, int]:
    """How many frames are found, and how many boxes are false cuts."""
    pairs = sorted(
        (
            (common(a, b) / (area(a) + area(b) - common(a, b)), i, j)
            for i, a in enumerate(found)
            for j, b in enumerate(frames)
        ),
        reverse=True,
    )
    boxes, taken = set(), set()
    for overlap, i, j in pairs:
        if overlap >= MATCH and i not in boxes and j not in taken:
            boxes.add(i)
            taken.add(j)
    cut = sum(
        any(common(box, frame) >= INSIDE * area(box) > 0 for frame in frames)
        and all(common(box, frame) < MATCH * area(frame) for frame in frames)
        for box in found
    )
    return len(taken), cut


def gutters(page: UInt8, model: AreaModel) -> UInt8:
    """255 where the network of surfaces sees gutters, at the areas' size."""
    from mangacolor.images.kinds import Kind
    from mangacolor.runtime.surfaces import see_surfaces

    found = see_surfaces(model, page)
    assert found is not None
    return (found.kinds[:, Kind.GUTTER] > GUTTER)[found.areas].astype(np.uint8) * np.uint8(255)


def work(folder: Path, files: str, network: bool) -> None:
    """Finds the panels of the pages in this process and prints figures as JSON."""
    import cv2

    from mangacolor.images.panels import find_panels
    from mangacolor.images.tones import smooth_tones

    cv2.setNumThreads(1)
    model = None
    if network:
        from mangacolor.bundle import default_bundle, read_bundle
        from mangacolor.runtime.engine import Engine

        model = Engine.open(read_bundle(default_bundle()), "cpu").model.networks.areas
    rows = []
    for path in sorted(folder.glob(files)):
        drawn = np.asarray(Image.open(path))
        page = smooth_tones(drawn) if model is None else gutters(drawn, model)
        scale = drawn.shape[0] / page.shape[0]
        start = time.process_time()
        found: list[Box] = [tuple(x * scale for x in box) for box in find_panels(page)]
        seconds = time.process_time() - start
        frames = [tuple(box) for box in json.loads(path.with_suffix(".json").read_text())]
        right, cut = judge(found, frames)
        row = {"frames": len(frames), "found": len(found), "right": right, "cut": cut}
        rows.append({**row, "seconds": seconds, "page": path.name})
    print(json.dumps(rows))


def show(name: str, rows: list[dict[str, float]]) -> None:
    frames, found, right, cut = (
        int(sum(row[key] for row in rows)) for key in ("frames", "found", "right", "cut")
    )
    whole = sum(row["found"] == 1 and row["frames"] > 1 for row in rows)
    seconds = [1000 * row["seconds"] for row in rows]
    print(
        f"{name:8} recall {right / frames:.3f}  precision {right / found:.3f}  found {found} of"
        f" {frames} frames, {cut} false cuts, {whole} of {len(rows)} pages left whole;"
        f" {statistics.median(seconds):.0f} ms a page ({min(seconds):.0f} to {max(seconds):.0f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="number of the first page")
    parser.add_argument("--size", default="1000x1400", help="WIDTHxHEIGHT of the pages")
    parser.add_argument("--against", type=Path, help="another checkout of mangacolor")
    parser.add_argument("--keep", type=Path, help="folder where the pages are kept")
    parser.add_argument("--each", action="store_true", help="say it of each page")
    parser.add_argument("--network", action="store_true", help="by gutters of the network, too")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, f"*-{options.size}.png", options.network)
        return
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python"
        f" {platform.python_version()}; {options.pages} pages of {options.size}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        seeds = range(options.first, options.first + options.pages)
        draw(folder, seeds, *(int(side) for side in options.size.split("x")))
        trees = {"before": options.against} if options.against else {}
        trees |= {"now": ROOT, **({"network": ROOT} if options.network else {})}
        for label, tree in trees.items():
            command = [sys.executable, __file__, "--work", str(folder), "--size", options.size]
            done = subprocess.run(
                command + ["--network"] * (label == "network"),
                check=True,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(tree.resolve())},
            )
            rows = json.loads(done.stdout)
            for row in rows if options.each else []:
                print(row)
            show(label, rows)


if __name__ == "__main__":
    main()
