"""The page in a real browser: by mouse, keyboard and touch, at 1280 and at 390 pixels."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.chapter.acts import Act
from mangacolor.chapter.said import Said
from mangacolor.review.coloring import Coloring
from mangacolor.review.desk import Desk
from mangacolor.review.records import unsure
from mangacolor.review.serve import serve
from tests.review.conftest import Opener

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed.")
BROWSER = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="There is no Chromium: apt-get install chromium"),
]
WIDE = {"viewport": {"width": 1280, "height": 860}}
NARROW = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
# Where the tests' screenshots go, to be looked at; nowhere by itself.
SHOTS = os.environ.get("MANGACOLOR_SHOTS")


class Reviewed:
    """A desk and the page that shows it."""

    def __init__(self, desk: Desk, page: Any) -> None:
        self.desk, self.page = desk, page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, line: Any) -> None:
        if line.type == "error":
            self.faults.append(line.text)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the page, in pixels of it, on the screen."""
        box = self.page.locator("#marks").bounding_box()
        return box["x"] + x / 480 * box["width"], box["y"] + y / 200 * box["height"]

    def says(self, selector: str, pattern: str) -> None:
        """Waits until something on the page says so; a function of the page's may not be asked."""
        self.page.locator(selector).filter(has_text=re.compile(pattern)).wait_for()

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A line, a box or a circle that is drawn on the page."""
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=4)
        self.page.mouse.up()

    def shown(self) -> None:
        """Waits until what is said by now is shown; an act is on disk before it is followed."""
        said = Said(self.desk.file.acts)
        number = self.page.evaluate(
            "document.querySelector('#list [aria-current=true]') && "
            "[...document.querySelectorAll('#list button')].findIndex("
            "x => x.ariaCurrent === 'true')"
        )
        name = list(self.desk.leaves)[number]
        mark = f"{number} {said.digest_of(name)[:12]}"
        self.page.wait_for_selector(f'#marks[data-shown="{mark}"]', state="attached")

    def acts(self, count: int) -> list[dict[str, Any]]:
        """The acts on disk, once there are so many."""
        path = self.desk.file.path
        for _ in range(200):
            lines = path.read_text().splitlines()[1:] if path.exists() else []
            if len(lines) >= count:
                return [json.loads(line) for line in lines]
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{len(lines)} acts")

    def has_areas(self, name: str, count: int) -> bool:
        """Whether a page comes to have so many: an act is on disk before it is followed."""
        for _ in range(200):
            if len(self.desk.coloring.records(name)) == count:
                return True
            self.page.wait_for_timeout(50)
        return False

    def pixel(self, name: str, x: int, y: int) -> tuple[int, ...]:
        """What is in the output, once it is written."""
        assert self.desk.wait_until_done(60)
        page = Image.open(self.desk.opened.plan.output / name).convert("RGB")
        return tuple(int(value) for value in np.asarray(page)[y, x])

    def shoot(self, name: str) -> None:
        if SHOTS:
            self.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@contextlib.contextmanager
def browsed(desk: Desk, how: dict[str, Any]) -> Iterator[Reviewed]:
    """A desk in a browser."""
    with contextlib.ExitStack() as stack:
        found: dict[str, str] = {}
        there = threading.Event()

        def ready(url: str) -> None:
            found["url"] = url
            there.set()

        # The server's signals are the main thread's, which is Playwright's.
        thread = threading.Thread(target=serve, args=(desk, ready), kwargs={"browser": False})
        thread.start()
        assert there.wait(30)
        driver = stack.enter_context(playwright.sync_playwright())
        chromium = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        context = chromium.new_context(**how)
        reviewed = Reviewed(desk, context.new_page())
        reviewed.page.goto(found["url"])
        reviewed.page.wait_for_selector("#marks[data-shown]", state="attached")
        yield reviewed
        assert not reviewed.faults
        reviewed.page.evaluate(
            "fetch('api/quit', {method: 'POST', body: '{}',"
            " headers: {'content-type': 'application/json'}})"
        )
        chromium.close()
        thread.join(30)


@pytest.fixture
def reviewed(opener: Opener, request: pytest.FixtureRequest) -> Iterator[Reviewed]:
    with opener() as desk, browsed(desk, request.param) as reviewed:
        yield reviewed


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_by_mouse_an_area_is_seen_clicked_and_given_a_colour(reviewed: Reviewed) -> None:
    page = reviewed.page
    page.mouse.move(*reviewed.at(240, 100))
    reviewed.says("#tip", "sure|guessed|paper|painter")
    # What it was taken for is seen before it is clicked.
    assert page.is_visible("#glance canvas") is ("matched" in page.inner_text("#tip"))
    page.mouse.click(*reviewed.at(240, 100))
    page.wait_for_selector("#panel .choices button")
    # The panel takes room: the page is seen whole all the same.
    assert page.evaluate(
        "scroll.scrollWidth <= scroll.clientWidth".replace(
            "scroll.", "document.getElementById('scroll')."
        )
    )
    reviewed.shoot("clicked")
    page.fill("#panel input[type=text]", "#ffd700")
    page.press("#panel input[type=text]", "Enter")
    (act,) = reviewed.acts(1)
    assert (act["act"], act["color"], act["scope"]) == ("set", "#ffd700", "this")
    reviewed.shown()
    assert np.abs(np.subtract(reviewed.pixel("1.png", 240, 100), (255, 215, 0))).max() <= 12
    # Its like follow, as many as were told.
    reviewed.says("#count-chapter", r"^\+\d+ on 2 pages$")
    page.click("#panel label:has(input[value=chapter])")
    assert reviewed.acts(2)[1]["scope"] == "chapter"
    page.click("#undo")
    assert reviewed.acts(3)[2] == {"act": "undo"}
    page.click("#redo")
    assert reviewed.acts(4)[3] == {"act": "redo"}
    reviewed.shown()


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_areas_are_cut_and_joined_by_what_is_drawn(reviewed: Reviewed) -> None:
    page = reviewed.page
    before = len(reviewed.desk.coloring.records("1.png"))
    page.keyboard.press("c")
    reviewed.drag((240, 25), (240, 175))
    assert reviewed.acts(1)[0]["act"] == "cut"
    assert reviewed.has_areas("1.png", before + 1)
    reviewed.shown()
    page.keyboard.press("j")
    reviewed.drag((200, 100), (280, 100))
    assert reviewed.acts(2)[1]["act"] == "join"
    assert reviewed.has_areas("1.png", before)
    reviewed.shown()


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_what_is_drawn_before_an_act_is_shown_is_about_what_comes_of_it(
    reviewed: Reviewed,
) -> None:
    before = len(reviewed.desk.coloring.records("1.png"))
    reviewed.page.keyboard.press("c")
    reviewed.drag((240, 25), (240, 175))
    reviewed.page.keyboard.press("j")
    reviewed.drag((200, 100), (280, 100))
    assert [act["act"] for act in reviewed.acts(2)] == ["cut", "join"]
    assert reviewed.has_areas("1.png", before)


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_a_box_says_who_somebody_is(reviewed: Reviewed) -> None:
    page = reviewed.page
    page.keyboard.press("f")
    reviewed.drag((20, 20), (300, 180))
    page.wait_for_selector("#panel .where canvas")
    reviewed.shoot("figure")
    box = page.locator("#panel .where canvas").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 5, steps=4)
    page.mouse.up()
    (act,) = reviewed.acts(1)
    assert act["act"] == "figure" and act["of"]["box"][2] == pytest.approx(0.5, abs=0.02)
    assert act["box"][2] == pytest.approx(300, abs=3)
    reviewed.shown()


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_figures_like_one_follow_if_they_are_to(reviewed: Reviewed) -> None:
    page = reviewed.page
    page.keyboard.press("f")
    reviewed.drag((10, 10), (470, 190))
    page.wait_for_selector("#panel .where canvas")
    assert page.is_disabled("#panel .follow input")
    box = page.locator("#panel .where canvas").bounding_box()
    page.mouse.move(box["x"] + 0.66 * box["width"], box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 3, steps=4)
    page.mouse.up()
    assert reviewed.acts(1)[0]["scope"] == "this"
    # How many areas would follow is shown before they do.
    reviewed.says("#count-figure", r"^\+\d+ on 2 pages$")
    page.check("#panel .follow input")
    assert reviewed.acts(2)[1]["scope"] == "chapter"
    reviewed.shown()


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_a_circle_asks_for_finer_and_coarser_areas(reviewed: Reviewed) -> None:
    page = reviewed.page
    page.keyboard.press("g")
    reviewed.drag((240, 100), (300, 100))
    page.wait_for_selector("#panel button[data-key='1']")
    page.keyboard.press("1")
    reviewed.says("#panel", "1 step finer")
    page.keyboard.press("2")
    reviewed.says("#panel", "as they were found")
    (finer, found) = reviewed.acts(2)
    assert finer["level"] == 1 and finer["circle"] == pytest.approx([240, 100, 60], abs=2)
    assert found == {**finer, "level": 0}


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_the_pipette_takes_a_colour_from_the_page_however_wide_it_is_shown(
    reviewed: Reviewed,
) -> None:
    page = reviewed.page
    page.mouse.click(*reviewed.at(240, 100))
    page.wait_for_selector("#panel .choices button")
    page.keyboard.press("e")
    page.mouse.click(*reviewed.at(400, 100))
    (act,) = reviewed.acts(1)
    taken = np.array(list(bytes.fromhex(act["color"][1:])), int)
    assert np.abs(taken - reviewed.pixel("1.png", 400, 100)).max() <= 12


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_a_page_is_seen_however_long_its_areas_take(reviewed: Reviewed) -> None:
    page = reviewed.page
    # Longer than the page as it came is waited with.
    page.evaluate(
        "(() => { const own = createImageBitmap; window.createImageBitmap = async (...x) => {"
        " await new Promise((go) => setTimeout(go, 900)); return own(...x); }; })()"
    )
    page.keyboard.press("ArrowRight")
    page.wait_for_selector('#marks[data-shown^="1 "]', state="attached")
    page.wait_for_selector('#picture[src*="api/page/1/color"]')
    page.wait_for_timeout(1000)
    assert page.evaluate("document.getElementById('picture').naturalWidth") > 0


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_nothing_to_undo_is_told(reviewed: Reviewed) -> None:
    reviewed.page.keyboard.press("z")
    reviewed.says("#toast", "Nothing is left to be undone")
    assert reviewed.page.is_disabled("#redo")


def held_back(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The second page is not coloured before this event."""
    goes_on, color = threading.Event(), Coloring.colored

    def slow(coloring: Coloring, name: str, *rest: Any) -> Any:
        assert name != "2.png" or goes_on.wait(60)
        return color(coloring, name, *rest)

    monkeypatch.setattr(Coloring, "colored", slow)
    return goes_on


def test_what_is_not_coloured_yet_is_not_said_to_be_sure(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = held_back(monkeypatch)
    with opener(wait=False) as desk, browsed(desk, WIDE) as reviewed:
        # The other page is unsure of nothing, for it is ticked.
        reviewed.page.keyboard.press("t")
        reviewed.page.wait_for_selector("#tick[aria-pressed=true]")
        reviewed.page.keyboard.press(" ")
        reviewed.says("#toast", "still being coloured")
        goes_on.set()


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_what_is_undone_on_another_page_is_told(reviewed: Reviewed) -> None:
    page = reviewed.page
    page.mouse.click(*reviewed.at(240, 100))
    page.wait_for_selector("#panel .choices button")
    page.keyboard.press("p")
    reviewed.acts(1)
    page.keyboard.press("ArrowRight")
    page.wait_for_selector('#marks[data-shown^="1 "]', state="attached")
    page.keyboard.press("z")
    page.wait_for_selector("#toast:not([hidden])")
    assert "1.png" in page.inner_text("#toast")


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_all_of_it_goes_by_keys(reviewed: Reviewed) -> None:
    page = reviewed.page
    page.keyboard.press("ArrowRight")
    page.wait_for_selector('#marks[data-shown^="1 "]', state="attached")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector('#marks[data-shown^="0 "]', state="attached")
    page.keyboard.press("Space")
    page.wait_for_selector("#panel .choices button")
    page.keyboard.press("1")
    first = reviewed.acts(1)[0]
    assert first["act"] == "set"
    reviewed.shown()
    page.keyboard.press("s")
    assert reviewed.acts(2)[1] == {**first, "scope": "page"}
    page.keyboard.press("p")
    assert reviewed.acts(3)[2]["color"] == "#ffffff"
    page.keyboard.press("z")
    page.keyboard.press("Shift+Z")
    page.keyboard.press("t")
    kinds = [act["act"] for act in reviewed.acts(6)]
    assert kinds == ["set", "set", "set", "undo", "redo", "done"]
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel[data-empty=true]")
    # First what is open is left, then the tool.
    assert page.is_visible("[data-tool=cut][aria-pressed=true]")
    page.keyboard.press("Escape")
    assert page.is_visible("[data-tool=pick][aria-pressed=true]")


@pytest.mark.parametrize("reviewed", [NARROW], indirect=True)
def test_on_a_phone_a_tap_opens_an_area_and_nothing_is_beyond_the_screen(
    reviewed: Reviewed,
) -> None:
    page = reviewed.page
    page.touchscreen.tap(*reviewed.at(240, 100))
    page.wait_for_selector("#panel .choices button")
    reviewed.shoot("phone")
    page.tap("#panel .choices button >> nth=1")
    assert reviewed.acts(1)[0]["act"] == "set"
    page.tap("#menu")
    page.wait_for_selector("#list button")
    reviewed.shoot("phone-pages")
    page.tap("#list button >> nth=1")
    page.wait_for_selector('#marks[data-shown^="1 "]', state="attached")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # What is to be tapped is as large as a finger needs.
    small = page.evaluate(
        "[...document.querySelectorAll('button')].filter(x => x.offsetWidth && "
        "(x.offsetHeight < 32 || x.offsetWidth < 28)).map(x => x.id)"
    )
    assert small == []


@pytest.mark.parametrize("reviewed", [NARROW], indirect=True)
def test_a_finger_cuts_and_finds_the_least_sure(reviewed: Reviewed) -> None:
    page = reviewed.page
    before = len(reviewed.desk.coloring.records("1.png"))
    page.tap("[data-tool=cut]")
    # There is no line for what to do: it is told.
    page.wait_for_selector("#toast:not([hidden])")
    touch = page.context.new_cdp_session(page)
    for kind, y in (("touchStart", 25), ("touchMove", 100), ("touchMove", 175), ("touchEnd", 0)):
        x, at = reviewed.at(240, y)
        points = [{"x": x, "y": at}] if kind != "touchEnd" else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert reviewed.acts(1)[0]["act"] == "cut"
    reviewed.shown()
    assert reviewed.has_areas("1.png", before + 1)
    page.tap("#next")
    page.wait_for_selector("#panel .choices button")
    # What is to be looked at is not to be cut.
    assert page.is_visible("[data-tool=pick][aria-pressed=true]")
    page.tap("#tick")
    assert reviewed.acts(2)[1]["act"] == "done"


def test_a_page_is_put_right_while_others_are_coloured(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = held_back(monkeypatch)
    with opener(wait=False) as desk, browsed(desk, WIDE) as reviewed:
        page = reviewed.page
        page.mouse.click(*reviewed.at(240, 100))
        page.wait_for_selector("#panel .choices button")
        page.keyboard.press("p")
        reviewed.acts(1)
        reviewed.shown()
        # The next one is seen as it came, and what is clicked there is no area of the one before.
        page.keyboard.press("ArrowRight")
        reviewed.says("#empty", "being coloured")
        page.wait_for_selector('#picture[src*="api/page/1/grey"]')
        page.mouse.click(*reviewed.at(240, 100))
        page.keyboard.press("ArrowDown")
        assert page.is_visible("#panel[data-empty=true]")
        reviewed.shoot("coloured-behind")
        reviewed.says("#progress", r"^. of 2 pages$")
        assert desk.leaves["2.png"].state == "waiting"
        goes_on.set()
        page.wait_for_selector('#marks[data-shown^="1 "]', state="attached")
        assert reviewed.pixel("1.png", 240, 100) == (255, 255, 255)
        assert not page.inner_text("#empty")


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_the_least_sure_is_found_by_a_list_older_than_a_cut(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()

    def late(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        assert goes_on.wait(60)
        return unsure(records)

    desk, page = reviewed.desk, reviewed.page
    # An area that is joined to another loses its number, which the list has still.
    numbers = {one["n"]: tuple(one["at"]) for one in desk.coloring.records("1.png")}
    worst = max(desk.leaves["1.png"].unsure, key=lambda area: area["n"])
    for name, leaf in desk.leaves.items():
        leaf.unsure = [worst] if name == "1.png" else []
    monkeypatch.setattr("mangacolor.review.renewal.unsure", late)
    desk.act(Act("join", "1.png", at=numbers[min(numbers)], to=numbers[worst["n"]]))
    assert worst["n"] not in [one["n"] for one in desk.coloring.records("1.png")]
    reviewed.shown()
    page.keyboard.press(" ")
    page.wait_for_selector("#panel .choices button")
    goes_on.set()


@pytest.mark.parametrize("reviewed", [WIDE], indirect=True)
def test_the_least_sure_of_another_page_opens_though_that_page_comes_anew(
    reviewed: Reviewed,
) -> None:
    desk, page = reviewed.desk, reviewed.page
    page.keyboard.press("t")
    page.wait_for_selector("#tick[aria-pressed=true]")
    held: list[Any] = []
    page.route(re.compile(r"/api/page/1$"), lambda route: held.append(route))

    def asked(times: int) -> None:
        for _ in range(200):
            if len(held) >= times:
                return
            page.wait_for_timeout(50)
        raise AssertionError(f"asked {len(held)} times")

    page.keyboard.press(" ")
    asked(1)
    # Another window says something of the very page: it is asked for again.
    desk.act(Act("set", "2.png", at=(20, 100), color=(255, 215, 0), scope="this"))
    asked(2)
    held[0].continue_()
    page.wait_for_timeout(300)
    held[1].continue_()
    page.wait_for_selector("#panel .choices button")
