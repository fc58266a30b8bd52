"""How many clicks of `review` put a chapter right: a simulated person, on the worst area each time.

    python benchmarks/clicks.py --record docs/results/clicks.txt

Draws chapters of invented comics, or takes folders that have `sketch/`, `color/` and `cover.png`,
and colours them after their cover. Then the person clicks, again and again, the area of the chapter
that has most wrong pixels, and gives it its own colour: alone (`this`), with its like in the
chapter (`chapter`), or with whoever of these does more good than harm, as one who looks at what
would change (`careful`). Counted are pixels that the truth paints and that are within a distance of
14 in CIELAB of it (docs/metrics.md).
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
from chapters import as_bundle, draw_chapters
from numpy.typing import NDArray

from mangacolor import __version__
from mangacolor.batch.acts import Act, Scope
from mangacolor.batch.held import Held
from mangacolor.batch.said import Said
from mangacolor.bundle import default_bundle
from mangacolor.config import BatchConfig
from mangacolor.files import find_pictures
from mangacolor.images.geometry import resize
from mangacolor.images.page import read_color
from mangacolor.metrics.areas import NEAR, distance, is_painted, to_lab
from mangacolor.review.coloring import Coloring
from mangacolor.review.records import find_places
from mangacolor.review.serve import open_desk

CLICKS = (0, 5, 10, 20, 40)
WAYS: dict[str, tuple[Scope, ...]] = {
    "this": ("this",),
    "chapter": ("chapter",),
    "careful": ("this", "page", "chapter"),
}


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
        self.known: tuple[str, NDArray[np.int64]] | None = None
        self.points = find_places(self.areas).points
        self.true, self.count = true, int(self.areas.max()) + 1
        # Areas whose own colour does not help: they hold several things.
        self.hopeless: set[int] = set()

    def wrong(self) -> NDArray[np.int64]:
        """Wrong pixels of each area."""
        mark = self._coloring.mark(self.name)
        if self.known is None or self.known[0] != mark:
            colored = self._coloring.colored(self.name).colored.areas
            assert colored is not None
            made = to_lab(colored.colors[None])[0][self.at]
            wrong = self.at[distance(made, self.lab) >= NEAR]
            self.known = mark, np.bincount(wrong, minlength=self.count)
        return self.known[1].copy()

    def act(self, area: int, scope: Scope) -> Act:
        """The area's own colour, given where it is clicked."""
        here = (self.areas == area) & self.painted
        r, g, b = (int(x) for x in np.median(self.true[here], axis=0))
        x, y = self.points[area]
        at = (float(x) * self.size[1], float(y) * self.size[0])
        return Act("set", self.name, at=at, color=(r, g, b), scope=scope)


def click(pages: list[Page], coloring: Coloring, acts: list[Act], way: str) -> bool:
    """One click on the worst area of the chapter; False if none is left that it could mend."""
    wrong = {page.name: page.wrong() for page in pages}
    for page in pages:
        wrong[page.name][list(page.hopeless)] = 0
    worst = max(pages, key=lambda page: int(wrong[page.name].max()))
    area = int(wrong[worst.name].argmax())
    if not wrong[worst.name][area]:
        return False
    before = sum(int(x.sum()) for x in wrong.values())
    best: tuple[int, Act] | None = None
    for scope in WAYS[way]:
        act = worst.act(area, scope)
        coloring.follow(Said([*acts, act]))
        if len(WAYS[way]) == 1:
            best = before, act
            break
        left = sum(int(page.wrong().sum()) for page in pages)
        if best is None or left < best[0]:
            best = left, act
    assert best is not None
    acts.append(best[1])
    coloring.follow(Said(acts))
    if worst.wrong()[area] >= wrong[worst.name][area]:
        worst.hopeless.add(area)
    return True


def measure(chapter: Path, model: Path, way: str, most: int) -> dict[int, float]:
    """Share of the chapter that is right after so many clicks a page."""
    truths = {path.stem: path for path in find_pictures(chapter / "color")}
    config = BatchConfig(device="cpu")
    with tempfile.TemporaryDirectory() as name:
        references = [chapter / "cover.png"]
        out = Path(name) / "out"
        sketch = chapter / "sketch"
        with open_desk(sketch, references, Held(model, "cpu"), config, out=out) as desk:
            while desk.error is None and (not desk.is_open or desk.pending):
                time.sleep(0.2)
            names = [x for x, leaf in desk.leaves.items() if leaf.state == "done"]
            coloring = desk.coloring
            pages = [Page(x, truths[Path(x).stem], coloring) for x in names]
            painted = sum(int(page.painted.sum()) for page in pages)
            acts: list[Act] = []
            shares: dict[int, float] = {}
            for clicks in range(most * len(pages) + 1):
                if clicks % len(pages) == 0 and clicks // len(pages) in CLICKS:
                    left = sum(int(page.wrong().sum()) for page in pages)
                    shares[clicks // len(pages)] = 1 - left / painted
                if clicks < most * len(pages):
                    click(pages, coloring, acts, way)
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", type=Path, nargs="*", help="folders; drawn if left out")
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
    with tempfile.TemporaryDirectory() as name:
        model = as_bundle(asked.model, Path(name))
        drawn = asked.folder or Path(name) / "drawn"
        chapters = asked.chapters or draw_chapters(drawn, asked.series, asked.pages, asked.seed)
        rows = {
            way: [measure(chapter, model, way, max(steps)) for chapter in chapters]
            for way in asked.ways
        }
    what = (
        f"{len(chapters)} chapters of the call"
        if asked.chapters
        else f"{asked.series} chapters of {asked.pages} pages, seed {asked.seed}"
    )
    lines = [
        f"{what}; model {asked.model.name}; mangacolor {__version__}, {platform.machine()};"
        f" {time.perf_counter() - start:.0f} s in all",
        "clicks a page   " + "".join(f"{clicks:>8}" for clicks in steps),
        *(
            f"{way:<16}" + "".join(f"{np.mean([x[c] for x in found]):8.3f}" for c in steps)
            for way, found in rows.items()
        ),
    ]
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
