"""How fast `review` answers a click, and how much memory a chapter takes.

    python benchmarks/review.py --record docs/results/review.txt

Draws some pages of an invented comic, copies them until the chapter has `--pages`, and opens it as
a person does: the command in a process of its own, the page in Chromium by Playwright, if both are
there. Times are the browser's: from the click until the choices for an area, or the page in other
colours, are on the screen; and what of it the program computed, for others may be at work on the
machine, too. Memory is the most that the process had by then.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mangacolor.comic.chapter import write_chapters
from mangacolor.version import __version__

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# A colour is given for the area, then for its like on the page, then for that in the chapter.
SCOPES = ("this", "page", "chapter")
# Milliseconds of each time: until it was on the screen, and of them the program's.
Times = dict[str, list[tuple[float, float]]]


def make_chapter(folder: Path, pages: int, drawn: int, height: int) -> tuple[Path, Path]:
    """A chapter of so many pages, few of which are drawn, and its cover."""
    (made,) = write_chapters(folder / "drawn", 1, drawn, 3, height)
    chapter = folder / "chapter"
    chapter.mkdir()
    pictures = sorted((made / "sketch").glob("*.png"))
    for number in range(pages):
        shutil.copy(pictures[number % drawn], chapter / f"{number + 1:03}.png")
    return chapter, made / "cover.png"


@contextlib.contextmanager
def opened(chapter: Path, cover: Path) -> Iterator[tuple[str, int]]:
    """The command at work: its address, and its process."""
    command = [sys.executable, "-m", "mangacolor", "review", str(chapter), "--ref", str(cover)]
    command += ["--no-browser", "--device", "cpu"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = next(x for x in process.stdout if "http" in x)
            yield line.split()[-1], process.pid
        finally:
            process.kill()


def state_of(url: str) -> dict[str, Any]:
    asking = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with asking.open(f"{url}api/state", timeout=60) as answer:
        state: dict[str, Any] = json.load(answer)
        return state


def most_memory(process: int) -> float:
    """GiB, as Linux counts it."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (kib,) = (int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return kib / 2**20


def computed(process: int) -> float:
    """Milliseconds that a process has computed for, as Linux counts them."""
    parts = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return 1000 * (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def wait(url: str, process: int) -> Iterator[str]:
    """Waits until all pages are written, and says meanwhile what memory that took."""
    start, told = time.perf_counter(), 0
    while True:
        state = state_of(url)
        done = sum(page["state"] == "done" for page in state["pages"])
        if done >= told + 20 or done == len(state["pages"]):
            told = done
            seconds = time.perf_counter() - start
            yield f"{done} pages written: {most_memory(process):.2f} GiB, {seconds:.0f} s"
        if done == len(state["pages"]):
            return
        time.sleep(1)


def click_about(page: Any, process: int, clicks: int) -> Times:
    """Opens areas of the page that is shown, and gives them other colours."""
    found: Times = {name: [] for name in ("opened", *SCOPES)}
    numbers = np.random.default_rng(0)
    for click in range(clicks):
        box = page.locator("#marks").bounding_box()
        x, y = numbers.uniform(0.1, 0.9, 2)
        page.evaluate("delete document.getElementById('marks').dataset.opened")
        before = computed(process)
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        try:
            page.wait_for_selector("#marks[data-opened]", state="attached", timeout=10_000)
        except Exception:
            # There is no area at the page's very edge.
            continue
        took = float(page.get_attribute("#marks", "data-opened"))
        found["opened"].append((took, computed(process) - before))
        # As long as a person looks at it.
        page.wait_for_timeout(1500)
        for scope in SCOPES:
            page.evaluate("delete document.getElementById('marks').dataset.took")
            before = computed(process)
            page.evaluate(f"document.querySelector('[name=scope][value={scope}]').click()")
            if scope == "this":
                # An area that followed must not have the colour already.
                page.fill("#panel input[type=text]", f"#c040{click % 100:02d}")
                page.press("#panel input[type=text]", "Enter")
            page.wait_for_selector("#marks[data-took]", state="attached", timeout=60_000)
            took = float(page.get_attribute("#marks", "data-took"))
            found[scope].append((took, computed(process) - before))
            # What is written behind is not waited for.
            page.wait_for_timeout(1500)
        page.keyboard.press("Escape")
    return found


def in_browser(url: str, process: int, clicks: int, visited: int) -> Times:
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 860})
        page.goto(url)
        page.wait_for_selector("#marks[data-shown]", state="attached", timeout=120_000)
        page.wait_for_timeout(3000)
        found = click_about(page, process, clicks)
        # A person leafs through the chapter.
        found["next page"] = []
        for number in range(1, visited + 1):
            start, before = time.perf_counter(), computed(process)
            page.keyboard.press("ArrowRight")
            page.wait_for_selector(f'#marks[data-shown^="{number} "]', state="attached")
            took = 1000 * (time.perf_counter() - start)
            found["next page"].append((took, computed(process) - before))
        chromium.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--drawn", type=int, default=4, help="of them, the others are copies")
    parser.add_argument("--height", type=int, default=2400)
    parser.add_argument("--clicks", type=int, default=10, help="0: memory alone")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        drawn = min(asked.drawn, asked.pages)
        chapter, cover = make_chapter(Path(name), asked.pages, drawn, asked.height)
        with Image.open(chapter / "001.png") as first:
            w, h = first.size
        lines = [
            f"{asked.pages} pages of {w}x{h}, copies of {drawn}; mangacolor {__version__},"
            f" {platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
        ]
        print(lines[0], flush=True)
        with opened(chapter, cover) as (url, process):
            for line in wait(url, process):
                print(line, flush=True)
            lines.append(line)
            found: Times = {}
            if asked.clicks:
                found = in_browser(url, process, asked.clicks, min(10, asked.pages - 1))
            words = {
                "opened": "an area is clicked, its choices are there",
                "this": "a colour is chosen for it, the page is there",
                "page": "its like on the page follow",
                "chapter": "its like in the chapter follow",
                "next page": "the next page is there",
            }
            for key, times in found.items():
                (middle, own), worst = np.median(times, axis=0), max(times)[0]
                took = f"{middle:6.0f} ms, at most {worst:.0f} ms; computed {own:.0f} ms"
                lines.append(f"{words[key]:<46}{took}")
            if found:
                lines.append(f"memory by then: {most_memory(process):.2f} GiB")
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
