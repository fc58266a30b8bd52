"""Laws of what is matched by looks alone, with networks that have learned nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from mangacolor.images.areas import area_colors
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.nets.features import CHANNELS
from mangacolor.runtime.areas import color_areas
from mangacolor.runtime.colored_areas import ColoredAreas, with_told
from mangacolor.runtime.lessons import learn_areas
from mangacolor.runtime.looks import favour_of, look_at
from mangacolor.runtime.reference_areas import gathered, joined, read_references
from mangacolor.runtime.seen import see_page

COLORS = [(200, 60, 50), (60, 160, 70), (60, 80, 200), (220, 190, 40), (150, 60, 170)]


class Untrained:
    """Features say where a place is, and how wide the view is; attention finds nothing."""

    sees_afar = False

    def surfaces(self, page: Float32) -> tuple[Float32, Float32] | None:
        return None

    def describe(self, picture: Float32) -> Sequence[Float32]:
        h, w = picture.shape[2:]
        found = []
        for channels, stride in zip(CHANNELS, (4, 8, 16, 32), strict=True):
            y, x = np.mgrid[: h // stride, : w // stride] * (8 * stride / h)
            values = np.stack([y, x, np.full_like(x, 9 * w / h)])
            filters = np.random.default_rng(stride).normal(size=(channels, 3))
            maps = np.cos(np.einsum("cs,shw->chw", filters, values))
            found.append(maps[None].astype(np.float32))
        return found

    def read(self, features: Float32, facts: Float32, colors: Float32) -> Float32:
        return np.ones((len(features), 4), np.float32)

    def match(
        self, features: Float32, facts: Float32, tokens: Float32
    ) -> tuple[Float32, Float32 | None]:
        scores = np.zeros((len(features), len(tokens) + 1), np.float32)
        # None of them.
        scores[:, -1] = 20
        return scores, None


def page_of(seed: int) -> tuple[UInt8, UInt8]:
    """A panel of ten boxes, as wide as no other: ink, and the same in colour."""
    dice = np.random.default_rng(seed)
    width = 800 - 150 * seed
    ink = np.full((500, width), 255, np.uint8)
    color = np.full((500, width, 3), 255, np.uint8)
    ink[:8] = ink[-8:] = ink[:, :8] = ink[:, -8:] = ink[246:254] = 0
    for i in range(10):
        y, x, step = 250 * (i // 5), width // 5 * (i % 5), width // 5
        ink[:, x : x + 6] = 0
        color[y : y + 250, x : x + step] = COLORS[int(dice.integers(len(COLORS)))]
    color[ink == 0] = 0
    return ink, color


@pytest.fixture(autouse=True)
def _one_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("seen", "reference_areas"):
        monkeypatch.setattr(
            f"mangacolor.runtime.{name}.find_panels",
            lambda page: [(0, 0, page.shape[1], page.shape[0])],
        )


def right(ink: UInt8, color: UInt8, colored: ColoredAreas) -> float:
    truth = area_colors(colored.areas, ink, color).astype(int)
    sizes = np.bincount(colored.areas.ravel(), minlength=len(truth))
    painted = (truth.min(axis=1) < 230) & (truth.max(axis=1) > 60) & (sizes > 1000)
    near = np.abs(colored.colors.astype(int) - truth).max(axis=1) <= 12
    return float((near & painted).sum() / painted.sum())


def test_a_page_finds_itself_among_others() -> None:
    model = Untrained()
    ink, color = page_of(0)
    pictures = [color, page_of(1)[1], page_of(2)[1]]
    alone = color_areas(model, see_page(ink), read_references(model, pictures[:1]))
    among = color_areas(model, see_page(ink), read_references(model, pictures))
    other = color_areas(model, see_page(ink), read_references(model, pictures[1:]))
    assert right(ink, color, alone) == 1
    assert right(ink, color, among) >= 0.9
    # The law would be worth nothing if any page gave those colours.
    assert right(ink, color, other) < 0.7


@pytest.mark.parametrize(
    "change",
    [
        lambda pictures: pictures * 2,
        lambda pictures: pictures[::-1],
        lambda pictures: [*pictures, np.full((300, 200, 3), (10, 200, 60), np.uint8)],
    ],
    ids=["twice", "order", "one colour"],
)
def test_what_adds_nothing_changes_nothing(change: Callable[[list[UInt8]], list[UInt8]]) -> None:
    model = Untrained()
    ink, _ = page_of(0)
    pictures = [page_of(0)[1], page_of(1)[1], page_of(2)[1]]
    page = see_page(ink)
    plain = color_areas(model, page, read_references(model, pictures))
    other = color_areas(model, page, read_references(model, change(pictures)))
    sizes = np.bincount(page.areas.ravel())
    large = sizes > 1000
    apart = np.abs(plain.colors.astype(int) - other.colors.astype(int)).max(axis=1)
    assert (apart[large] <= 2).mean() >= 0.9


def test_strokes_have_looks_and_are_found() -> None:
    model = Untrained()
    ink, color = page_of(0)
    page = see_page(ink)
    references = read_references(model, [page_of(1)[1]])
    truth = area_colors(page.areas, ink, color)
    told = {int(a): [int(x) for x in truth[a]] for v in page.views for a in v.numbers}
    colored = with_told(color_areas(model, page, references), told)
    learned = learn_areas(model, page, colored, told)
    assert learned.looks.shape == (len(learned.tokens), references.looks.shape[1])
    # Joined with thousands of others, attention sees what a person said.
    many = gathered([references])
    assert set(joined([many, learned]).attended) >= set(
        range(len(many.tokens), len(many.tokens) + len(learned.tokens))
    )
    again = color_areas(model, page, joined([references, learned]))
    assert right(ink, color, again) >= 0.9


def test_looks_are_of_length_one_and_of_one_area_nothing() -> None:
    model = Untrained()
    _, looks = look_at(model, see_page(page_of(0)[0]).views)
    lengths = np.linalg.norm(np.concatenate(looks), axis=1)
    assert np.allclose(lengths[lengths > 0.8], 1, atol=1e-5)
    one = read_references(model, [np.full((90, 60, 3), (200, 30, 40), np.uint8)])
    assert len(one.looks) == 1 and not one.looks.any()
    assert look_at(model, []) == ([], [])


def test_references_of_other_scenes_lose() -> None:
    # Two references and a stroke; of five areas four look most like the first reference.
    cosine = np.array([[0.9, 0.1, 0.2]] * 4 + [[0.1, 0.8, 0.2]], np.float32)
    owners = np.array([0, 1, -1])
    favour = favour_of([cosine[:3], cosine[3:]], np.ones(5), owners)
    assert favour[0] == favour[2] == 0 and favour[1] < 0
    # The larger its share, the less it loses; none loses without bounds.
    more = favour_of([cosine], np.array([1, 1, 1, 1, 3]), owners)
    never = favour_of([cosine[:4]], np.ones(4), owners)
    assert never[1] < favour[1] < more[1] < 0 and np.isfinite(never).all()
    # Whose references are not known loses nothing, nor does what looks like strokes only.
    assert not favour_of([cosine], np.ones(5), np.zeros(0, np.int64)).any()
    told = favour_of([np.array([[0.1, 0.1, 0.9]], np.float32)], np.ones(1), owners)
    assert told[2] == 0 and told[0] == told[1]
