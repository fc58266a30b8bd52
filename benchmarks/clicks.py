"""How many clicks of `review` put a chapter right: a simulated person, on the worst area each time.

    python benchmarks/clicks.py --record docs/results/clicks.txt

Draws chapters of invented comics, or takes folders that have `sketch/`, `color/` and `cover.png`,
or pairs of pages in ink and in colour (`--pairs`), and colours them after their cover. Then the
person clicks, again and again, the area of the chapter of which most would be put right by one
colour, and gives it its own: alone (`this`), with its like in the chapter (`chapter`), or with
whoever of these does more good than harm, as one who looks at what would change (`careful`).
Counted are pixels that the truth paints and that are within a distance of 14 in CIELAB of it
(docs/metrics.md). `at most` is what one colour an area can give: more needs cuts, which this
person does not draw.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import shutil
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from chapters import as_bundle, draw_chapters
from numpy.typing import NDArray
from PIL import Image

from mangacolor.batch.model import Model
from mangacolor.batch.request import Request
from mangacolor.bundle import default_bundle
from mangacolor.chapter.act_values import Scope
from mangacolor.chapter.acts import Act
from mangacolor.chapter.said import Said
from mangacolor.config import BatchConfig
from mangacolor.files import find_pictures
from mangacolor.images.geometry import UInt8, resize
from mangacolor.images.page import read_color
from mangacolor.metrics.areas import NEAR, distance, is_painted, to_lab
from mangacolor.review.coloring import Coloring
from mangacolor.review.records import find_places
from mangacolor.review.serve import open_desk
from mangacolor.version import __version__

CLICKS = (0, 5, 10, 20, 40)
MOST = "at most"
Shares = dict[int | str, float]
WAYS: dict[str, tuple[Scope, ...]] = {
    "this": ("this",),
    "chapter": ("chapter",),
    "careful": ("this", "page", "chapter"),
}


class Wrong(NamedTuple):
    """What is wrong of a page: its pixels, and of each area those that its own colour mends."""

    pixels: int
    mendable: NDArray[np.int64]


class Page:
    """A page whose true colours are known: what is wrong of it, area by area."""

    def __init__(self, name: str, truth: Path, coloring: Coloring) -> None:
        self.name, self._coloring = name, coloring
        ready = coloring.ready(name)
        assert ready.seen is not None
        self.areas = ready.seen.areas
        self.size = ready.grey.shape
        true = resize(read_color(truth), *self.areas.shape)
        lab = to_lab(true)
        self.painted = is_painted(lab)
        # Of painted pixels alone: their true colours, and whose they are.
        self.lab, self.at = lab[self.painted], self.areas[self.painted]
        self.known: tuple[str, Wrong] | None = None
        self.points = find_places(self.areas).points
        self.count = int(self.areas.max()) + 1
        self.own = self._own_colors(true)
        own = to_lab(self.own[None])[0][self.at]
        self.mendable = distance(own, self.lab) < NEAR

    def _own_colors(self, true: UInt8) -> UInt8:
        """The true colour of most of each area: uint8 (count, 3)."""
        own = np.zeros((self.count, 3), np.uint8)
        order = np.argsort(self.at, kind="stable")
        colors, ends = true[self.painted][order], np.searchsorted(self.at[order], range(self.count))
        for area, here in enumerate(np.split(colors, ends[1:])):
            if len(here):
                # The middle one may lie between two colours: the commonest of coarse ones does not.
                coarse = (here >> 4).astype(np.int32) @ (256, 16, 1)
                own[area] = np.median(here[coarse == np.bincount(coarse).argmax()], axis=0)
        return own

    def wrong(self) -> Wrong:
        """Wrong pixels of each area."""
        mark = self._coloring.mark(self.name)
        if self.known is None or self.known[0] != mark:
            page = self._coloring.colored(self.name).colored
            assert page is not None and page.areas is not None
            colored = page.areas
            made = to_lab(colored.laid[None])[0][self.at]
            wrong = distance(made, self.lab) >= NEAR
            mendable = np.bincount(self.at[wrong & self.mendable], minlength=self.count)
            self.known = mark, Wrong(int(wrong.sum()), mendable)
        return self.known[1]

    def act(self, area: int, scope: Scope) -> Act:
        """The area's own colour, given where it is clicked."""
        r, g, b = (int(x) for x in self.own[area])
        x, y = self.points[area]
        at = (float(x) * self.size[1], float(y) * self.size[0])
        return Act("set", self.name, at=at, color=(r, g, b), scope=scope)


def click(pages: list[Page], coloring: Coloring, acts: list[Act], way: str) -> None:
    """One click on the worst area of the chapter, if there is one that it can mend."""
    worst = max(pages, key=lambda page: int(page.wrong().mendable.max()))
    area = int(worst.wrong().mendable.argmax())
    if not worst.wrong().mendable[area]:
        return

    def left(act: Act) -> int:
        coloring.follow(Said([*acts, act]))
        return sum(page.wrong().pixels for page in pages)

    choices = [worst.act(area, scope) for scope in WAYS[way]]
    acts.append(choices[0] if len(choices) == 1 else min(choices, key=left))
    coloring.follow(Said(acts))


def measure(chapter: Path, model: Path, ways: list[str], most: int) -> dict[str, Shares]:
    """Share of the chapter that is right after so many clicks a page, by each way, and `at most`.

    What takes longest is to open it: that is done once.
    """
    truths = {path.stem: path for path in find_pictures(chapter / "color")}
    config = BatchConfig(device="cpu")
    with tempfile.TemporaryDirectory() as name:
        references = [chapter / "cover.png"]
        out = Path(name) / "out"
        sketch = chapter / "sketch"
        request = Request(sketch, references, config, out=out)
        with open_desk(request, Model(model, "cpu")) as desk:
            while desk.error is None and (not desk.is_open or desk.pending):
                time.sleep(0.2)
            names = [x for x, leaf in desk.leaves.items() if leaf.state == "done"]
            pages = [Page(x, truths[Path(x).stem], desk.coloring) for x in names]
            return {way: follow(pages, desk.coloring, way, most) for way in ways}


def follow(pages: list[Page], coloring: Coloring, way: str, most: int) -> Shares:
    """Clicks on a chapter that nothing was said of yet."""
    painted = sum(int(page.painted.sum()) for page in pages)
    shares: Shares = {MOST: sum(int(page.mendable.sum()) for page in pages) / painted}
    acts: list[Act] = []
    coloring.follow(Said(acts))
    for clicks in range(most * len(pages) + 1):
        if clicks % len(pages) == 0 and clicks // len(pages) in CLICKS:
            shares[clicks // len(pages)] = 1 - sum(page.wrong().pixels for page in pages) / painted
        if clicks < most * len(pages):
            click(pages, coloring, acts, way)
    return shares


def as_chapters(pairs: Path, folder: Path) -> list[Path]:
    """Pages of a folder of `*-line.webp` and `*-color.webp`, each with another one as its cover."""
    lines = sorted(pairs.glob("*-line.webp"))
    colors = [path.with_name(path.name.replace("-line", "-color")) for path in lines]
    chapters = []
    for i, (line, color) in enumerate(zip(lines, colors, strict=True)):
        chapter = folder / f"pair-{i}"
        for path, name in ((line, "sketch/page.webp"), (color, "color/page.webp")):
            (chapter / name).parent.mkdir(parents=True)
            shutil.copy(path, chapter / name)
        Image.fromarray(read_color(colors[i - 1])).save(chapter / "cover.png")
        chapters.append(chapter)
    return chapters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", type=Path, nargs="*", help="folders; drawn if left out")
    parser.add_argument("--pairs", type=Path, help="folder of *-line.webp and *-color.webp")
    parser.add_argument("--series", type=int, default=2)
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=40, help="clicks a page")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--folder", type=Path, help="of the drawn chapters, to keep or to take")
    parser.add_argument("--model", type=Path, default=default_bundle(), help="bundle or checkpoint")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    start = time.perf_counter()
    steps = [clicks for clicks in CLICKS if clicks <= asked.most]
    columns: list[int | str] = [*steps, MOST]
    with tempfile.TemporaryDirectory() as name:
        model = as_bundle(asked.model, Path(name))
        drawn = asked.folder or Path(name) / "drawn"
        chapters = asked.chapters or (
            as_chapters(asked.pairs, Path(name) / "pairs")
            if asked.pairs
            else draw_chapters(drawn, asked.series, asked.pages, asked.seed)
        )
        found = [measure(chapter, model, asked.ways, max(steps)) for chapter in chapters]
    what = (
        f"{len(chapters)} chapters of the call"
        if asked.chapters
        else f"{asked.pairs.name}, {len(chapters)} pages, each after another one"
        if asked.pairs
        else f"{asked.series} chapters of {asked.pages} pages, seed {asked.seed}"
    )
    lines = [
        f"{what}; model {asked.model.name}; mangacolor {__version__}, {platform.machine()};"
        f" {time.perf_counter() - start:.0f} s in all",
        "clicks a page   " + "".join(f"{clicks:>8}" for clicks in columns),
        *(
            f"{way:<16}" + "".join(f"{np.mean([x[way][c] for x in found]):8.3f}" for c in columns)
            for way in asked.ways
        ),
    ]
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
