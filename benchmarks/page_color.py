"""What the steps between the network's colour and the page are worth, on real ink in known colour.

    python benchmarks/page_color.py ink-pairs --record docs/results/page-color.txt

Whole pages at their full size. `own` gives every page its own true picture as reference, `series`
the other page. Figures are PSNR / SSIM / chroma R2 / colourfulness ratio, and seconds a page from
the network's colour to the finished page on one core. A second table has the same pages with drawn
balloons: how many are found, and the chroma in them.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from mangacolor.bundle import default_bundle, read_bundle
from mangacolor.config import BatchConfig
from mangacolor.data.layouts import find_examples
from mangacolor.images.geometry import UInt8, crop, pad_to_multiple, resize, to_signed, to_uint8
from mangacolor.images.page import read_color, read_page
from mangacolor.images.panels import find_panels
from mangacolor.images.paper import find_balloons
from mangacolor.images.strips import working_size
from mangacolor.images.tones import smooth_tones
from mangacolor.lettering.make import draw_balloon
from mangacolor.metrics.tally import Tally
from mangacolor.runtime.compose import compose
from mangacolor.runtime.engine import Engine, StyleTensors

LUMA = np.array([0.299, 0.587, 0.114])
PLAIN = BatchConfig(flats=False)
KEY = (255, 0, 255)
Predict = Callable[[UInt8, StyleTensors], UInt8]
Finish = Callable[[UInt8, UInt8], UInt8]


def whole(engine: Engine, size: int) -> Predict:
    """Colours a page at once."""

    def predict(page: UInt8, style: StyleTensors) -> UInt8:
        fitted = working_size(*page.shape, size)
        small = resize(page, *fitted)
        lineart = pad_to_multiple(small, engine.bundle.size_multiple, engine.bundle.minimum_size)
        color = engine.color(to_signed(lineart)[None, None], style)[0]
        return crop(to_uint8(color.transpose(1, 2, 0)), *fitted)

    return predict


def by_panels(engine: Engine, size: int) -> Predict:
    """Colours each panel alone, its longer side as given."""
    alone = whole(engine, size)

    def predict(page: UInt8, style: StyleTensors) -> UInt8:
        color = np.full((*page.shape, 3), 255, np.uint8)
        for x0, y0, x1, y1 in find_panels(page):
            color[y0:y1, x0:x1] = resize(alone(page[y0:y1, x0:x1], style), y1 - y0, x1 - x0)
        return resize(color, *working_size(*page.shape, 640))

    return predict


def darkened(page: UInt8, color: UInt8) -> UInt8:
    """The obvious way: colour enlarged as it is, and darkened to the page."""
    large = resize(color, *page.shape)
    ratio = np.minimum(1, page / np.maximum(large @ LUMA, 1))
    return (large * ratio[..., None]).astype(np.uint8)


def finish(config: BatchConfig) -> Finish:
    return lambda page, color: compose(page, color, config)


def screened(page: UInt8, color: UInt8, pitch: float = 6.0) -> UInt8:
    """A page with dots of a screen, at 45 degrees, for the greys of its true colour."""
    grey = np.round((0.55 * (color @ LUMA) + 115).clip(0, 255) / 255 * 4) / 4
    y, x = np.mgrid[: page.shape[0], : page.shape[1]]
    wave = np.cos(2 * np.pi * (x + y) / pitch / 2**0.5) + np.cos(
        2 * np.pi * (x - y) / pitch / 2**0.5
    )
    order = np.sort(wave[:500, :500].ravel())
    rank = np.searchsorted(order, wave.ravel()).reshape(wave.shape) / len(order)
    dots = np.where((rank > 1 - (1 - grey)) & (rank > 1e-3), 0, 255)
    return np.minimum(page, np.where(grey > 0.99, 255, dots)).astype(np.uint8)


def measure(
    pages: list[tuple[UInt8, UInt8]],
    styles: dict[str, list[StyleTensors]],
    predict: Predict,
    last: Finish,
) -> str:
    """Cells of one line of the table."""
    cells = []
    seconds = []
    for kind in styles:
        tally = Tally()
        for (page, truth), style in zip(pages, styles[kind], strict=True):
            color = predict(smooth_tones(page), style)
            start = time.perf_counter()
            result = last(page, color)
            seconds.append(time.perf_counter() - start)
            tally.add(_signed(result), _signed(truth))
        cells.append(
            f"{tally.psnr:.2f} / {tally.ssim:.3f} / {tally.chroma_r2:+.3f}"
            f" / {tally.colourfulness_ratio:.2f}"
        )
    return " | ".join([*cells, f"{np.median(seconds):.2f}"])


def _signed(picture: UInt8) -> torch.Tensor:
    return torch.from_numpy(to_signed(picture)).permute(2, 0, 1)[None]


def balloons(
    pages: list[tuple[UInt8, UInt8]], style: StyleTensors, predict: Predict, each: int
) -> list[str]:
    """Lines of the second table: chroma in drawn balloons, 0 ... 255, before and after."""
    found: list[float] = []
    chroma: dict[str, list[float]] = {"darkened": [], "batch": []}
    outside: list[float] = []
    for number in range(each * len(pages)):
        line, _ = pages[number % len(pages)]
        page, areas = _with_balloons(line, number)
        mask = resize(find_balloons(page).astype(np.uint8) * 255, *page.shape) > 127
        outside.append(float((mask & ~np.logical_or.reduce(areas)).mean()))
        color = predict(page, style)
        results = {
            "darkened": darkened(page, color),
            "batch": compose(page, color, BatchConfig()),
        }
        for area in (area for area in areas if area.sum() > 4000):
            found.append(float((mask & area).sum() > 0.8 * area.sum()))
            for name, result in results.items():
                chroma[name].append(float(np.ptp(result[area].astype(int), axis=1).mean()))
    kept = np.array(found) > 0
    lines = [
        f"balloons: {len(found)}, found: {100 * np.mean(found):.0f} %,"
        f" other area taken for one: {100 * np.mean(outside):.3f} % of the page"
    ]
    for name, values in chroma.items():
        inside = np.array(values)
        lines.append(
            f"mean chroma (max - min of R, G, B) in balloons, {name}:"
            f" found ones {inside[kept].mean():.1f}, all {inside.mean():.1f}"
        )
    return lines


def _with_balloons(line: UInt8, seed: int) -> tuple[UInt8, list[np.ndarray]]:
    """A page with three balloons, and what of each is to be seen."""
    page = Image.fromarray(line).convert("RGB")
    areas: list[np.ndarray] = []
    for number in range(3):
        alone = Image.new("RGB", page.size, KEY)
        for picture in (page, alone):
            draw_balloon(picture, np.random.default_rng(1000 * seed + number))
        area = (np.asarray(alone) != KEY).any(axis=2)
        areas = [other & ~area for other in areas] + [area]
    return np.asarray(page.convert("L")), areas


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path, help="folder of pairs of line art and colour")
    parser.add_argument("--model", type=Path, default=default_bundle())
    parser.add_argument("--balloons", type=int, default=6, help="pages with balloons a page")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    options = parser.parse_args()
    engine = Engine.open(read_bundle(options.model), "cpu")
    pairs = [(found.lineart, found.color) for found in find_examples(options.pairs)]
    pages = [(read_page(line).grey, read_color(color)) for line, color in pairs if line]
    styles = [engine.style_of([truth]) for _, truth in pages]
    kinds = {"own": styles, "series": styles[1:] + styles[:1]}
    dotted = [(screened(page, truth), truth) for page, truth in pages]
    size = engine.bundle.page_size
    smooth = BatchConfig(tones="smooth")
    rows: list[tuple[str, list[tuple[UInt8, UInt8]], Predict, Finish]] = [
        ("colour darkened to the page", pages, whole(engine, size), darkened),
        ("--no-flats", pages, whole(engine, size), finish(PLAIN)),
        ("default (flats)", pages, whole(engine, size), finish(BatchConfig())),
        (
            "default, saturation 1.2",
            pages,
            whole(engine, size),
            finish(BatchConfig(saturation=1.2)),
        ),
        ("default, size 512", pages, whole(engine, 512), finish(BatchConfig())),
        ("default, size 1024", pages, whole(engine, 1024), finish(BatchConfig())),
        ("panels at 256", pages, by_panels(engine, 256), finish(BatchConfig())),
        ("panels at 384", pages, by_panels(engine, 384), finish(BatchConfig())),
        ("panels at 640", pages, by_panels(engine, 640), finish(BatchConfig())),
        ("screened: darkened", dotted, whole(engine, size), darkened),
        ("screened: tones keep", dotted, whole(engine, size), finish(BatchConfig())),
        ("screened: tones smooth", dotted, whole(engine, size), finish(smooth)),
    ]
    lines = [
        f"{len(pages)} pages, longer side {size} px, torch {torch.__version__} for the figures,"
        f" {platform.machine()}, one core",
        "PSNR / SSIM / chroma R2 / colour ratio",
        f"{'':28} | {'own':29} | {'series':29} | s/page",
    ]
    for line in lines:
        print(line)
    for name, chosen, predict, last in rows:
        lines.append(f"{name:28} | {measure(chosen, kinds, predict, last)}")
        print(lines[-1], flush=True)
    lines += balloons(pages, styles[0], whole(engine, size), options.balloons)
    print("\n".join(lines[-3:]))
    if options.record:
        options.record.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
