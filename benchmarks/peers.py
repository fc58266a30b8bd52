"""The v2 family's way of colouring a page against ours, around one and the same network.

    python benchmarks/peers.py --record benchmarks/peers.txt

The way of the v2 family of colorizers, rebuilt from its description (benchmarks/peers.md): page by
page, one after the other, reduce to a width of 576, run the network, write what it gives. Ours is
`open_model().color_chapter`. Both take turns on the same invented pages with the same model, opened
before.

Counted are seconds a page, the size of what is written, SSIM of the luma with the page's own (at
the page's size), and the chroma in balloons (CIE Lab, mean), which should be nought.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import torch
from chapters import Page, as_bundle, draw_chapters, read_pages
from PIL import Image

from mangacolor.batch.model import open_model
from mangacolor.bundle import default_bundle, read_bundle
from mangacolor.comic.palette import BALLOON
from mangacolor.images.geometry import crop, pad_to_multiple, resize, to_grey, to_signed, to_uint8
from mangacolor.images.page import read_color, read_page
from mangacolor.runtime.engine import Engine
from mangacolor.version import __version__
from mangacolor.vision import import_piq

piq = import_piq()
WIDTH = 576


def color_like_v2(engine: Engine, chapter: Path, pages: list[Page], out: Path) -> None:
    """Reduce, run, write: serial, at the network's size."""
    style = engine.style_of([read_color(chapter / "cover.png")])
    for page in pages:
        grey = read_page(page.path).grey
        small = resize(grey, round(len(grey) * WIDTH / grey.shape[1]), WIDTH)
        padded = pad_to_multiple(small, engine.bundle.size_multiple)
        lineart = to_signed(padded)[None, None]
        # A model of areas is told nothing about them: the family has no such step.
        color = engine.color(lineart, style)[0].transpose(1, 2, 0)
        Image.fromarray(crop(to_uint8(color), *small.shape)).save(out / page.path.name)


def judge(pages: list[Page], out: Path) -> tuple[str, float, float]:
    """Size of what was written, mean SSIM of its luma with the pages', chroma in balloons."""
    alike, chroma, size = [], [], ""
    for page in pages:
        made = np.asarray(Image.open(out / page.path.name).convert("RGB"))
        size = f"{made.shape[1]}x{made.shape[0]}"
        h, w = page.grey.shape
        full = np.asarray(Image.fromarray(made).resize((w, h), Image.Resampling.BICUBIC))
        lumas = (
            torch.from_numpy(np.array(x))[None, None] / 255 for x in (to_grey(full), page.grey)
        )
        alike.append(float(piq.ssim(*lumas)))
        lab = cv2.cvtColor(full.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        chroma.append(np.hypot(lab[..., 1], lab[..., 2])[page.labels == BALLOON])
    return size, float(np.mean(alike)), float(np.concatenate(chroma).mean())


def timed(work: Callable[[], object], pages: int) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / pages


def shown(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def measure(asked: argparse.Namespace, place: Path) -> list[str]:
    chapters = draw_chapters(asked.folder or place / "drawn", asked.series, asked.pages, asked.seed)
    model = as_bundle(asked.model, place)
    engine = Engine.open(read_bundle(model), asked.device)
    opened = open_model(model, device=asked.device)
    ways: dict[str, Callable[[Path, list[Page], Path], object]] = {
        "v2's way": lambda chapter, pages, out: color_like_v2(engine, chapter, pages, out),
        "mangacolor batch": lambda chapter, _, out: opened.color_chapter(
            chapter / "sketch", chapter / "cover.png", out=out, overwrite=True
        ),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    found: dict[str, list[tuple[str, float, float]]] = {way: [] for way in ways}
    for chapter in chapters:
        pages = read_pages(chapter)
        for repeat in range(asked.repeats):
            for number, (way, work) in enumerate(ways.items()):
                out = place / f"{chapter.name}-{number}"
                out.mkdir(exist_ok=True)
                seconds[way].append(timed(lambda: work(chapter, pages, out), len(pages)))  # noqa: B023
                if not repeat:
                    found[way].append(judge(pages, out))
    lines = [f"{'':20}{'s a page':>20}{'output':>12}{'luma SSIM':>12}{'balloon chroma':>16}"]
    for way in ways:
        alike, chroma = (float(np.mean([row[i] for row in found[way]])) for i in (1, 2))
        lines.append(
            f"{way:20}{shown(seconds[way]):>20}{found[way][0][0]:>12}{alike:>12.3f}{chroma:>16.2f}"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--series", type=int, default=2)
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--model", type=Path, default=default_bundle())
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--folder", type=Path, help="keeps the drawn chapters, or takes them")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    # Threads of its own are for the networks; pages are done side by side by `batch`.
    cv2.setNumThreads(1)
    lines = [
        f"mangacolor {__version__}, onnxruntime {onnxruntime.__version__}, {platform.machine()},"
        f" {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {asked.series} chapters of"
        f" {asked.pages} pages, seed {asked.seed}; median and spread of {asked.repeats} repeats"
    ]
    with tempfile.TemporaryDirectory() as place:
        lines += measure(asked, Path(place))
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
