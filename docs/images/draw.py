"""Draws README's pictures by README's commands: python docs/images/draw.py [--model MODEL]"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
EXAMPLES = ROOT / "examples"
COVER, CHAPTER = EXAMPLES / "cover.webp", EXAMPLES / "chapter"
PAGES = ("page-01.png", "page-02.png", "page-03.png")
GAP = 12
# Height of a page in the picture of all three, and in the walk.
SMALL, WALK = 523, 509


def run(*words: object) -> None:
    """Runs mangacolor."""
    subprocess.run([sys.executable, "-m", "mangacolor", *map(str, words)], check=True, cwd=ROOT)


def fitted(path: Path, height: int) -> Image.Image:
    with Image.open(path) as picture:
        rgb = picture.convert("RGB")
    width = round(rgb.width * height / rgb.height)
    return rgb.resize((width, height), Image.Resampling.LANCZOS)


def row(pictures: list[Image.Image]) -> Image.Image:
    """Pictures of one height side by side."""
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    sheet = Image.new("RGB", (width, pictures[0].height), (128, 128, 128))
    x = 0
    for picture in pictures:
        sheet.paste(picture, (x, 0))
        x += picture.width + GAP
    return sheet


def save(picture: Image.Image, name: str) -> None:
    picture.save(HERE / name, quality=80, method=6)


def flats(path: Path, size: tuple[int, int]) -> Image.Image:
    """The layer `flats` of an OpenRaster file, on white."""
    with zipfile.ZipFile(path) as archive:
        stack = ElementTree.fromstring(archive.read("stack.xml"))
        layer = next(x for x in stack.iter("layer") if x.get("name") == "flats")
        with archive.open(layer.attrib["src"]) as file, Image.open(file) as picture:
            rgba = picture.convert("RGBA")
    sheet = Image.new("RGBA", size, "white")
    sheet.paste(rgba, (int(layer.get("x", 0)), int(layer.get("y", 0))), rgba)
    return sheet.convert("RGB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="another than the shipped one")
    asked = parser.parse_args()
    model = ["--model", asked.model] if asked.model else []
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        plain, stroked = work / "plain", work / "stroked"
        cast, sheet = work / "cast.json", HERE / "cast.webp"
        run("batch", CHAPTER, "--ref", COVER, "--out", plain, *model)
        run("cast", COVER, "--out", cast)
        run("cast", COVER, "--out", cast, "--set", "clothes, blue 1=#b03060")
        told = ["--cast", cast, "--strokes", EXAMPLES / "strokes", "--layers", "ora"]
        run("batch", CHAPTER, "--ref", COVER, "--out", stroked, *told, *model)
        before = row([fitted(CHAPTER / page, SMALL) for page in PAGES])
        after = row([fitted(plain / page, SMALL) for page in PAGES])
        example = Image.new("RGB", (before.width, 2 * SMALL + GAP), (128, 128, 128))
        example.paste(before, (0, 0))
        example.paste(after, (0, SMALL + GAP))
        save(example, "example.webp")
        last = PAGES[-1]
        with (
            Image.open(CHAPTER / last) as page,
            Image.open(next((EXAMPLES / "strokes").glob("page-03*"))) as strokes,
        ):
            over = page.convert("RGBA")
            over.alpha_composite(strokes.convert("RGBA").resize(over.size))
            size = over.size
        over.convert("RGB").save(work / "over.png")
        flats(stroked / Path(last).with_suffix(".ora").name, size).save(work / "flats.png")
        steps = [plain / last, work / "over.png", stroked / last, work / "flats.png"]
        save(row([fitted(path, WALK) for path in steps]), "walk.webp")
        with Image.open(cast.with_suffix(".png")) as picture:
            rgb = picture.convert("RGB")
            rgb.thumbnail((950, 950), Image.Resampling.LANCZOS)
            rgb.save(sheet, quality=85, method=6)


if __name__ == "__main__":
    main()
