"""How near `batch` comes to its limits: the networks alone, and the work on pictures alone.

    python benchmarks/batch.py --pages 40

Prints the wall time of `color_chapter`, of the networks alone on the same pages, and of all the
rest alone over all cores: decoding, screentone and areas; ink, encoding and writing. On a CPU both
want the same cores, so that their sum is the limit; on a GPU the slower of the two is. Where
the seconds of a page go: benchmarks/stages.py; memory: benchmarks/memory.py.

    python benchmarks/batch.py --first
    python benchmarks/batch.py --finished 200

What somebody waits for who types the command, the start of Python in it: until the first page of
a chapter with one reference is there; until a second run of a finished chapter of so many pages
says that there is nothing to do, as a folder, CBZ and PDF.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import PIL
from PIL import Image, ImageDraw

from mangacolor.batch.request import Request
from mangacolor.batch.run import color_chapter
from mangacolor.batch.sheet import Sheet, prepare
from mangacolor.bundle import default_bundle, read_bundle
from mangacolor.chapter.outputs import output_of
from mangacolor.chapter.plan import Aim
from mangacolor.chapter.planning import make_plan
from mangacolor.config import BatchConfig
from mangacolor.files import atomic_write
from mangacolor.images.page import encode_page, read_color
from mangacolor.runtime.color import ColoredPage, ReadyPage
from mangacolor.runtime.engine import Engine


def draw_page(seed: int, w: int, h: int) -> Image.Image:
    """Panels with curves, a black surface and a screentone: as hard to encode as a real page."""
    rng = np.random.default_rng(seed)
    page = Image.new("L", (w, h), 255)
    draw = ImageDraw.Draw(page)
    unit = min(w, h) // 40
    for row in range(3):
        top = unit + row * (h // 3)
        draw.rectangle((unit, top, w - unit, top + h // 3 - 2 * unit), outline=0, width=6)
        for _ in range(25):
            x, y = int(rng.integers(unit, w - unit)), int(rng.integers(top, top + h // 4))
            side = int(rng.integers(unit, 8 * unit))
            draw.arc((x, y, x + side, y + side), int(rng.integers(360)), 360, fill=0, width=4)
        for y in range(top + unit, top + 6 * unit, 8):
            for x in range(w // 2, w - 2 * unit, 8):
                draw.ellipse((x, y, x + 4, y + 4), fill=0)
    draw.rectangle((w // 4, h // 2, w // 3, h // 2 + 4 * unit), fill=0)
    return page


def make_chapter(folder: Path, pages: int, w: int, h: int) -> tuple[Path, Path]:
    """A chapter folder and its cover."""
    chapter, cover = folder / "chapter", folder / "cover.png"
    chapter.mkdir()
    for number in range(pages):
        draw_page(number, w, h).save(chapter / f"page {number}.png", compress_level=1)
    gradient = np.linspace(0, 255, 300 * 200 * 3).reshape(3, 300, 200).transpose(1, 2, 0)
    Image.fromarray(gradient.astype(np.uint8)).save(cover)
    return chapter, cover


def whole(options: argparse.Namespace, folder: Path, pages: int) -> Callable[[], float]:
    """Gives the seconds of `color_chapter`, with and without opening the model."""
    chapter, cover = make_chapter(folder, pages, *options.size)

    def run() -> float:
        request = Request(chapter, [cover], config_of(options), overwrite=True)
        summary = color_chapter(request, options.model)
        if summary.failed:
            raise SystemExit(f"pages failed: {summary.failed}")
        return summary.seconds

    return run


def config_of(options: argparse.Namespace) -> BatchConfig:
    return BatchConfig(size=options.color_size, device=options.device)


def parts(options: argparse.Namespace, folder: Path) -> dict[str, Callable[[], float]]:
    """Gives the seconds of each part alone for all pages."""
    chapter, cover = folder / "chapter", folder / "cover.png"
    bundle = read_bundle(options.model)
    engine = Engine.open(bundle, options.device)
    model = engine.model
    look = dataclasses.replace(config_of(options).look, recolor=True)
    references = model.see_all([read_color(cover)])
    with make_plan(Aim(chapter, output_of(chapter, folder / "parts"), "", True)) as plan:
        tasks = plan.todo
    found = [prepare(Sheet(task), "", model, look) for task in tasks]
    pages = [sheet.page for sheet in found if sheet.page is not None]
    ready = [sheet.ready for sheet in found if sheet.ready is not None]

    def infer(page: ReadyPage) -> ColoredPage:
        (colored,) = model.color([page], references)
        return colored

    painted = [infer(page) for page in ready]
    workers = os.cpu_count() or 1

    def write(index: int) -> None:
        # Anew each time: a coloured page keeps its picture.
        full = dataclasses.replace(painted[index]).picture
        content = encode_page(pages[index], full, 92)
        atomic_write(folder / f"written {index}.png", content)

    def picture_work(index: int) -> None:
        prepare(Sheet(tasks[index]), "", model, look)
        write(index)

    def timed(work: Callable[[int], object], threads: int) -> Callable[[], float]:
        def run() -> float:
            start = time.perf_counter()
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, range(len(tasks))))
            return time.perf_counter() - start

        return run

    print(f"device: {engine.device}")
    return {
        "networks alone": timed(lambda i: infer(ready[i]), 1),
        "pictures alone, all cores": timed(picture_work, workers),
    }


def until(event: str, arguments: list[str], caches: Path) -> tuple[float, float]:
    """Seconds until a `batch` that is started now tells of an event, and of CPU until it ends.

    Python keeps what it compiled in `caches`, as of a package that is installed.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "mangacolor", "batch", *arguments, "--json"]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    env = {**kept, "PYTHONPYCACHEPREFIX": str(caches)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        told = iter(map(json.loads, process.stdout))
        try:
            next(line for line in told if line["event"] == event)
        except StopIteration:
            raise SystemExit(f"no {event} came: {process.stderr.read()}") from None
        if event == "done":
            seconds = time.perf_counter() - start
            process.send_signal(signal.SIGINT)
        list(told)
        process.wait()
        if event != "done":
            seconds = time.perf_counter() - start
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def waits(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, list[float], str]]:
    """What is waited for, for how many seconds each time, and more of it in words."""
    pages = options.finished or options.pages
    chapter, cover = make_chapter(folder, pages, *options.size)
    packed, caches = folder / "chapter.cbz", folder / "caches"
    common = ["--ref", str(cover), "--model", str(options.model), "--device", options.device]
    common += [] if options.color_size is None else ["--size", str(options.color_size)]
    if options.first:
        found = []
        for _ in range(options.repeats + 1):
            shutil.rmtree(folder / "chapter-color", ignore_errors=True)
            found.append(until("done", [str(chapter), *common], caches)[0])
        # The first time nothing is compiled.
        yield "first page", found[1:], ""
    if options.finished:
        with zipfile.ZipFile(packed, "w") as archive:
            for page in chapter.iterdir():
                archive.write(page, page.name)
        outputs = {
            "folder": [str(chapter)],
            "CBZ": [str(packed)],
            "PDF": [str(packed), "--out", str(folder / "chapter.pdf")],
        }
        for kind, named in outputs.items():
            until("summary", [*named, *common], caches)
            taken = [until("summary", [*named, *common], caches) for _ in range(options.repeats)]
            used = statistics.median(cpu for _, cpu in taken)
            name, times = f"finished {kind}", [seconds for seconds, _ in taken]
            yield name, times, f"{used:.2f} s of CPU"


def show(name: str, seconds: list[float], pages: int) -> float:
    middle = statistics.median(seconds)
    spread = max(seconds) - min(seconds)
    rate = pages / middle
    print(f"{name:28} {middle:8.2f} s  (spread {spread:.2f})  {rate:7.2f} pages/s")
    return middle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--size", default="1600x2400", help="WIDTHxHEIGHT of the pages")
    parser.add_argument("--color-size", type=int, help="as `batch --size`")
    parser.add_argument("--model", type=Path, default=default_bundle())
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--first", action="store_true", help="time until a first page is there")
    parser.add_argument("--finished", type=int, help="time of a second run over so many pages")
    options = parser.parse_args()
    options.size = tuple(int(side) for side in options.size.split("x"))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(
            f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python"
            f" {platform.python_version()}, onnxruntime {onnxruntime.__version__}, Pillow"
            f" {PIL.__version__}, numpy {np.__version__}"
        )
        w, h = options.size
        if options.first or options.finished:
            for what, times, more in waits(options, folder):
                middle, spread = statistics.median(times), max(times) - min(times)
                print(f"{what:28} {middle:8.2f} s  (spread {spread:.2f})  {more}".rstrip())
            return
        run = whole(options, folder, options.pages)
        print(f"{options.pages} pages of {w}x{h}, {options.repeats} repeats")
        alone = parts(options, folder)
        cv2.setNumThreads(1)
        run()
        total = show("color_chapter", [run() for _ in range(options.repeats)], options.pages)
        middles = {
            part: show(part, [work() for _ in range(options.repeats)], options.pages)
            for part, work in alone.items()
        }
        slower, both = max(middles.values()), sum(middles.values())
        print(
            f"color_chapter takes {total / slower:.2f} x the slower of the two and"
            f" {total / both:.2f} x their sum"
        )


if __name__ == "__main__":
    main()
