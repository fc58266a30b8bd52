"""Folders and archives of drawn pages, and a library of such."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from PIL import Image

from tests.conftest import draw_page


def pages(folder: Path, count: int = 2) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.fromarray(draw_page(i)).save(folder / f"{i}.png")
    return folder


def archive(path: Path, count: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        for i in range(count):
            page = io.BytesIO()
            Image.fromarray(draw_page(i)).save(page, "PNG")
            file.writestr(f"{i}.png", page.getvalue())
    return path


def paint(path: Path, color: tuple[int, int, int]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (50, 70), color).save(path)
    return path


def make_library(root: Path) -> Path:
    """Two folders and an archive, one of them two folders deep; notes; a chapter made before."""
    pages(root / "a" / "chapter 2")
    pages(root / "a" / "chapter 10")
    archive(root / "b" / "volume.cbz")
    (root / "notes.txt").write_text("x")
    made = pages(root / "a" / "chapter 2-color")
    (made / ".mangacolor.jsonl").write_text("{}\n")
    return root
