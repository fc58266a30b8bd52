"""How fast the invented comic is drawn, on one core.

    OMP_NUM_THREADS=1 python benchmarks/comic.py

A picture is one drawing in colour, in black and white and with its labels; a pair is two of them.
Every repeat draws other seeds, the same in every run.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np
import PIL
import skia

from mangacolor.comic.page import draw_page
from mangacolor.comic.pairs import draw_pair
from mangacolor.comic.series import Series


def show(name: str, draw: Callable[[int], object], count: int, each: int, repeats: int) -> None:
    """Prints pictures a second: the median of the repeats and their spread."""
    draw(-1)
    rates = []
    for repeat in range(repeats):
        # Of this process alone: other work on the machine is not this code's.
        start = time.process_time()
        for index in range(count):
            draw(repeat * count + index)
        rates.append(count * each / (time.process_time() - start))
    low, high = min(rates), max(rates)
    print(
        f"{name:34} {statistics.median(rates):7.1f} pictures/s  ({low:.1f} to {high:.1f}),"
        f" n = {repeats} x {count * each}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=100, help="pairs of each repeat")
    parser.add_argument("--pages", type=int, default=6, help="pages of each repeat")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python"
        f" {platform.python_version()}, skia-python {skia.__version__}, Pillow {PIL.__version__},"
        f" numpy {np.__version__}; processor time of one process"
    )
    for size in (128, 192, 256, 384):
        name = f"draw_pair, {size} px"
        show(name, lambda i, s=size: draw_pair(i, s), options.pairs, 2, options.repeats)
    series = Series(0)
    show(
        "draw_page, 1000x1400",
        lambda i: draw_page(series, i, 1000, 1400),
        options.pages,
        1,
        options.repeats,
    )
    show("Series alone", Series, options.pairs, 1, options.repeats)


if __name__ == "__main__":
    main()
