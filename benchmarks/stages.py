"""Where the CPU seconds of a page go in `batch`: each stage alone, in one thread.

    python benchmarks/stages.py --networks --chapters 4 --against ../other-checkout

Prints for a page with screentone and for one without, both invented, the median CPU seconds of
every stage and their spread. With another checkout the two take turns, each in a process of its own
that works on the same pages as its own stages.py says, and all stages stand side by side.

`--chapters` colours chapters of both pages, taking turns, so many times, and prints the CPU seconds
of a page in them: those of ten pages less those of two, through an eighth, so that opening the
model and reading the reference are not in it. No library is told how many threads to have: those
that spin beside the work are paid for, too.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
# Series whose pages at this size have dots of a usual pitch, and none.
PAGES = {"toned": 7, "untoned": 1}
# Longer side at which the default model paints.
PAINTED = 640
Seconds = dict[str, list[float]]
# Pages of a long and of a short chapter, and what colours one, in any version.
LONG, SHORT = 10, 2
CHAPTER = """
import resource, sys, tempfile
from pathlib import Path
import mangacolor
with tempfile.TemporaryDirectory() as folder:
    mangacolor.open_model().color_chapter(sys.argv[1], sys.argv[2], out=Path(folder) / "out")
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""


def draw(folder: Path, width: int, height: int) -> None:
    """Both pages as PNG and what stands in for the network's colour: the truth, reduced."""
    from PIL import Image

    from mangacolor.comic.page import draw_page
    from mangacolor.comic.series import Series
    from mangacolor.images.geometry import fit_size, resize

    for name, seed in PAGES.items():
        page = draw_page(Series(seed), 0, width, height)
        Image.fromarray(page.lineart).save(folder / f"{name}.png")
        small = resize(page.color, *fit_size(height, width, PAINTED))
        np.save(folder / f"{name}.npy", small)


def stages(content: bytes, color: Any) -> dict[str, Callable[[], object]]:
    """Each stage on what the ones before it give."""
    from mangacolor.config import Look
    from mangacolor.images.areas import area_colors, find_areas
    from mangacolor.images.dots import smooth_dots
    from mangacolor.images.filled import lay_filled
    from mangacolor.images.ink import lay_ink
    from mangacolor.images.layers import to_layers
    from mangacolor.images.openraster import encode_openraster
    from mangacolor.images.page import encode_page, read_page
    from mangacolor.images.panels import find_panels
    from mangacolor.images.paper import find_paper
    from mangacolor.images.photoshop import encode_photoshop
    from mangacolor.images.tones import smooth_tones
    from mangacolor.images.views import cut_views
    from mangacolor.runtime.colored_areas import ColoredAreas, palette_of
    from mangacolor.runtime.compose import compose
    from mangacolor.runtime.looks import PAGE_DETAIL
    from mangacolor.runtime.seen import see_page

    page = read_page(content, "page")
    grey, look = page.grey, Look()
    shaded = smooth_tones(grey)
    shade = smooth_tones(shaded, dark=True) if shaded is not grey else grey
    flat = smooth_dots(shaded)
    areas, boxes, paper = find_areas(flat), find_panels(flat), find_paper(shade)
    palette = area_colors(areas, shaded, color)
    # All areas have a colour of the references, as in the default.
    sure = np.ones(len(palette), np.float32)
    colored = ColoredAreas(areas, palette, sure)
    full = lay_filled(grey, areas, palette, paper, shade=shade)

    def whole() -> object:
        page = read_page(content, "page")
        shaded = smooth_tones(page.grey)
        see_page(shaded)
        full = compose(page.grey, None, look, shaded, colored)
        return encode_page(page, full, 92)

    return {
        "read_page": lambda: read_page(content, "page"),
        "smooth_tones": lambda: smooth_tones(grey),
        "smooth_dots": lambda: smooth_dots(shaded),
        "find_areas": lambda: find_areas(flat),
        "find_panels": lambda: find_panels(flat),
        "cut_views": lambda: cut_views(flat, areas, boxes, split=True, detail=PAGE_DETAIL),
        "see_page (the four before)": lambda: see_page(shaded),
        "smooth_tones, dark ones": lambda: smooth_tones(shaded, dark=True),
        "find_paper": lambda: find_paper(shade),
        "palette_of": lambda: palette_of(colored, shaded, color),
        "lay_filled": lambda: lay_filled(grey, areas, palette, paper, shade=shade),
        "lay_ink (without flats)": lambda: lay_ink(grey, color, paper, shade=shade),
        "compose": lambda: compose(grey, None, look, shaded, colored),
        "encode PNG": lambda: encode_page(page, full, 92),
        "page, without the networks": whole,
        "layers as ORA": lambda: encode_openraster(to_layers(grey, full, areas), full),
        "layers as PSD": lambda: encode_photoshop(to_layers(grey, full, areas), full),
    }


def networks(content: bytes) -> dict[str, Callable[[], object]]:
    """What the default model's networks do, with the page itself as its reference."""
    from mangacolor.bundle import default_bundle, read_bundle
    from mangacolor.config import Look
    from mangacolor.images.page import encode_page, read_page
    from mangacolor.runtime.color import color_page
    from mangacolor.runtime.engine import Engine

    grey = read_page(content, "page").grey
    model = Engine.open(read_bundle(default_bundle()), "cpu").model
    known = model.see_all([np.repeat(grey[..., None], 3, axis=2)])
    page, watercolour = model.ready(grey, Look()), model.ready(grey, Look(flats=False))

    def whole() -> object:
        read = read_page(content, "page")
        return encode_page(read, color_page(model, read.grey, known).picture, 92)

    return {
        "networks: describe and match": lambda: model.color([page], known),
        "networks, with the painter": lambda: model.color([watercolour], known),
        "page, with the networks": whole,
    }


def work(options: argparse.Namespace) -> None:
    """Measures in this process and prints JSON."""
    import cv2

    cv2.setNumThreads(1)
    if options.networks and hasattr(os, "sched_setaffinity"):
        # ONNX Runtime has as many threads as there are cores for it.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    found: dict[str, Seconds] = {}
    for name in PAGES:
        content = (options.work / f"{name}.png").read_bytes()
        measured = stages(content, np.load(options.work / f"{name}.npy"))
        if options.networks:
            measured |= networks(content)
        found[name] = {}
        for stage, run in measured.items():
            run()
            times = found[name][stage] = []
            for _ in range(options.repeats):
                start = time.process_time()
                run()
                times.append(time.process_time() - start)
    print(json.dumps(found))


def measure(tree: Path, folder: Path, repeats: int, with_networks: bool) -> dict[str, Seconds]:
    """The seconds of a checkout's code, in a process of its own."""
    command = [
        sys.executable,
        str(tree / "benchmarks" / "stages.py"),
        "--work",
        str(folder),
        "--repeats",
        str(repeats),
    ]
    command += ["--networks"] * with_networks
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **threads, "PYTHONPATH": str(tree.resolve())},
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def in_chapter(tree: Path, folder: Path, pages: int) -> float:
    """CPU seconds of a chapter in a checkout, with what it takes to begin."""
    source = folder / f"chapter-{pages}"
    if not source.exists():
        source.mkdir()
        for number in range(pages):
            name = list(PAGES)[number % len(PAGES)]
            shutil.copy(folder / f"{name}.png", source / f"{number:02}.png")
    done = subprocess.run(
        [sys.executable, "-c", CHAPTER, str(source), str(ROOT / "examples" / "cover.webp")],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(tree.resolve())},
    )
    return float(done.stdout.split()[-1])


def show_chapters(trees: dict[str, Path], folder: Path, times: int) -> None:
    """CPU seconds of a page in a chapter: the middle, least and most."""
    found: dict[str, list[float]] = {label: [] for label in trees}
    for _ in range(times):
        for label, tree in trees.items():
            long, short = (in_chapter(tree, folder, pages) for pages in (LONG, SHORT))
            found[label].append((long - short) / (LONG - SHORT))
    print(f"\nCPU seconds of a page in a chapter, {times} of {LONG} pages and of {SHORT}")
    for label, times_of in found.items():
        middle, low, high = statistics.median(times_of), min(times_of), max(times_of)
        print(f"{label:8}{middle:8.2f}  ({low:.2f} to {high:.2f})")


def show(columns: dict[str, list[dict[str, Seconds]]]) -> None:
    """Median milliseconds and, in brackets, least and most, for each stage and checkout."""
    for page in PAGES:
        print(f"\n{page:32}" + "".join(f"{name:>24}" for name in columns))
        known = [stage for runs in columns.values() for stage in runs[0][page]]
        for stage in dict.fromkeys(known):
            line = f"{stage:32}"
            for runs in columns.values():
                times = [1000 * x for run in runs for x in run[page].get(stage, [])]
                if not times:
                    line += f"{'':24}"
                    continue
                middle, low, high = statistics.median(times), min(times), max(times)
                line += f"{middle:10.0f} {f'({low:.0f} to {high:.0f})':>13}"
            print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", default="1600x2400", help="WIDTHxHEIGHT of the pages")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--networks", action="store_true", help="the default model's, too")
    parser.add_argument("--chapters", type=int, default=0, help="so many, for a page in a chapter")
    parser.add_argument("--against", type=Path, help="another checkout of mangacolor")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options)
        return
    versions = []
    for package in ("numpy", "Pillow", "opencv-python-headless", "scipy", "onnxruntime"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{package} {importlib.metadata.version(package)}")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python"
        f" {platform.python_version()}, {', '.join(versions)}"
    )
    print(f"CPU milliseconds of one thread, median of {options.repeats}, {options.size} pixels")
    trees = {"before": options.against} if options.against else {}
    trees["now"] = ROOT
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder, *(int(side) for side in options.size.split("x")))
        # In turns, so that the machine's other load falls on both alike.
        halves = [options.repeats // 2, options.repeats - options.repeats // 2]
        columns: dict[str, list[dict[str, Seconds]]] = {label: [] for label in trees}
        for repeats in halves if options.against else [options.repeats]:
            for label, tree in trees.items():
                columns[label].append(measure(tree, folder, repeats, options.networks))
        show(columns)
        if options.chapters:
            show_chapters(trees, folder, options.chapters)


if __name__ == "__main__":
    main()
