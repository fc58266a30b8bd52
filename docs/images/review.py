"""Draws README's pictures of `review`, with Chromium: python docs/images/review.py"""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
WIDE = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The example chapter, open: its address."""
    chapter = shutil.copytree(EXAMPLES / "chapter", folder / "chapter")
    command = [sys.executable, "-m", "mangacolor", "review", str(chapter), "--no-browser"]
    command += ["--ref", str(EXAMPLES / "cover.webp")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield next(line for line in process.stdout if "http" in line).split()[-1]
        finally:
            process.kill()


def at(page: Any, x: float, y: float) -> tuple[float, float]:
    """A point, as shares of the page that is shown."""
    box = page.locator("#marks").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def opened(chromium: Any, url: str, how: dict[str, Any]) -> Any:
    page = chromium.new_context(**how).new_page()
    page.goto(url)
    page.wait_for_selector("#marks[data-shown]", state="attached", timeout=120_000)
    page.locator("#progress", has_text="all pages are written").wait_for(timeout=120_000)
    page.wait_for_timeout(3000)
    return page


def shoot(page: Any, name: str) -> None:
    # What follows is counted, and shown, by then.
    page.wait_for_timeout(4000)
    Image.open(io.BytesIO(page.screenshot())).save(HERE / f"{name}.webp", quality=80, method=6)


def main() -> None:
    path = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as url, sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = opened(chromium, url, WIDE)
        page.mouse.click(*at(page, 0.45, 0.88))
        page.wait_for_selector("#panel .choices button")
        page.hover("#panel .choices button >> nth=1")
        shoot(page, "review")
        page.keyboard.press("f")
        page.mouse.move(*at(page, 0.36, 0.62))
        page.mouse.down()
        page.mouse.move(*at(page, 0.56, 0.98), steps=6)
        page.mouse.up()
        page.wait_for_selector("#panel .figures button")
        page.keyboard.press("3")
        page.wait_for_selector("#panel .figures button[aria-pressed=true]")
        shoot(page, "review-figure")
        phone = opened(chromium, url, PHONE)
        phone.touchscreen.tap(*at(phone, 0.8, 0.38))
        phone.wait_for_selector("#panel .choices button")
        shoot(phone, "review-phone")
        chromium.close()


if __name__ == "__main__":
    main()
