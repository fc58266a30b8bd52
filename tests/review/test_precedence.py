"""Whoever waits for an answer goes before what is done behind."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mangacolor.chapter.acts import Act
from mangacolor.review.coloring import Coloring
from mangacolor.review.desk import Desk
from mangacolor.review.looking import Looking
from mangacolor.review.precedence import Precedence
from mangacolor.review.states import States
from mangacolor.runtime.area_graphs import AreaGraphs
from tests.review.conftest import Opener

SOON = 60


def in_thread(work: Callable[[], Any]) -> threading.Event:
    """Does something in a thread; the event says that it is done."""
    done = threading.Event()

    def run() -> None:
        work()
        done.set()

    threading.Thread(target=run, daemon=True).start()
    return done


def test_what_is_done_behind_waits_for_an_answer_about_another_page() -> None:
    precedence = Precedence(0.0)
    with precedence.asking("1.png"):
        waits = in_thread(lambda: precedence.give_way("2.png"))
        assert not waits.wait(0.2)
        # What is asked about is what a person waits for: that goes on.
        assert in_thread(lambda: precedence.give_way("1.png")).wait(SOON)
    assert waits.wait(SOON)


def test_it_waits_for_all_that_are_asked() -> None:
    precedence = Precedence(0.0)
    with precedence.asking("1.png"):
        with precedence.asking("1.png"):
            waits = in_thread(precedence.give_way)
        assert not waits.wait(0.2)
    assert waits.wait(SOON)


def test_counting_goes_on_at_once_and_colouring_when_nothing_more_is_asked() -> None:
    precedence = Precedence(1000.0)
    precedence.give_way("2.png")
    precedence.touch()
    assert in_thread(lambda: precedence.give_way(at_once=True)).wait(SOON)
    assert not in_thread(lambda: precedence.give_way("2.png")).wait(0.2)


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """What colours behind stands still in the middle of 2.png, until it is to go on."""
    there, goes_on = threading.Event(), threading.Event()
    colored = Coloring.colored

    def slow(coloring: Coloring, name: str, acted: Any = None, pause: Any = None) -> Any:
        if pause is None:
            return colored(coloring, name, acted)

        def wait() -> None:
            if name == "2.png":
                there.set()
                assert goes_on.wait(SOON)
            pause()

        return colored(coloring, name, acted, wait)

    monkeypatch.setattr(Coloring, "colored", slow)
    yield there, goes_on
    goes_on.set()


def test_a_page_on_screen_does_not_wait_for_one_that_is_coloured_behind(
    opener: Opener, held_up: tuple[threading.Event, threading.Event]
) -> None:
    there, goes_on = held_up
    with opener(wait=False) as desk:
        assert there.wait(SOON)
        looking = Looking(desk)
        looking.page(0)
        desk.act(given())
        assert in_thread(lambda: looking.color(0)).wait(SOON)
        assert desk.leaves["2.png"].state == "waiting"
        goes_on.set()
        assert desk.wait_until_done(SOON)


def given(**more: Any) -> Act:
    values: dict[str, Any] = {"at": (240, 100), "color": (255, 215, 0), "scope": "this", **more}
    return Act("set", "1.png", **values)


def test_what_was_coloured_behind_after_other_acts_is_not_gone_on_with(
    opener: Opener, held_up: tuple[threading.Event, threading.Event], monkeypatch: Any
) -> None:
    there, goes_on = held_up
    with opener(wait=False) as desk:
        assert there.wait(SOON)
        finished: list[str] = []
        colored = desk.coloring._model.color

        def color(pages: Any, references: Any, told: Any = ()) -> Any:
            finished.append(str([sorted(x) for x in told]))
            return colored(pages, references, told)

        monkeypatch.setattr(desk.coloring._model, "color", color)
        desk.act(Act("set", "2.png", at=(240, 100), color=(255, 215, 0), scope="this"))
        goes_on.set()
        assert desk.wait_until_done(SOON)
        # The page is coloured once: as it is to be by now.
        assert len(finished) == 1 and finished != ["[[]]"]


@pytest.fixture
def matches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every view whose areas are compared by the network."""
    found: list[int] = []
    match = AreaGraphs.match

    def counted(graphs: AreaGraphs, *values: Any) -> Any:
        found.append(1)
        return match(graphs, *values)

    monkeypatch.setattr(AreaGraphs, "match", counted)
    return found


def looked_at(desk: Desk) -> tuple[Looking, list[int]]:
    looking = Looking(desk)
    return looking, [area["n"] for area in looking.page(0)["areas"]]


def test_what_an_area_may_be_is_known_of_a_page_on_screen(
    opener: Opener, matches: list[int]
) -> None:
    with opener() as desk:
        looking, areas = looked_at(desk)
        matches.clear()
        found = [looking.area(0, area)["candidates"] for area in areas]
        assert any(found) and not matches


def test_a_colour_for_one_area_compares_nothing_again(opener: Opener, matches: list[int]) -> None:
    with opener() as desk:
        looking, _ = looked_at(desk)
        matches.clear()
        before = looking.color(0)
        desk.act(given())
        assert looking.color(0) != before and not matches
        # What all of the page is to follow is compared, of course.
        desk.act(given(scope="page"))
        looking.color(0)
        assert matches


@pytest.fixture
def long_chapter(chapter: Path) -> Path:
    """More pages than are held in memory."""
    for number in range(3, 9):
        shutil.copy(chapter / "1.png", chapter / f"{number}.png")
    return chapter


@pytest.mark.usefixtures("long_chapter")
def test_the_page_on_screen_stays_in_memory_whatever_is_coloured_behind(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opener() as desk:
        looking, _ = looked_at(desk)
        looking.color(0)
        seen: list[str] = []
        see = States._see

        def counted(states: States, task: Any) -> Any:
            seen.append(task.name)
            return see(states, task)

        monkeypatch.setattr(States, "_see", counted)
        desk.act(given(scope="chapter"))
        assert desk.wait_until_done(120)
        assert len(set(seen)) >= 4
        desk.act(given(color=(0, 0, 200)))
        colored = desk.coloring.colored("1.png").colored
        assert colored is not None
        picture = colored.picture
        assert np.abs(picture[100, 240].astype(int) - (0, 0, 200)).max() <= 12
        assert "1.png" not in seen


@pytest.mark.usefixtures("long_chapter")
def test_the_next_page_is_there_before_it_is_turned_to(opener: Opener, matches: list[int]) -> None:
    with opener() as desk:
        assert not is_held(desk, "2.png")
        looking, _ = looked_at(desk)
        for _ in range(1200):
            if is_held(desk, "2.png"):
                break
            time.sleep(0.05)
        matches.clear()
        looking.page(1)
        assert looking.color(1) and not matches


def is_held(desk: Desk, name: str) -> bool:
    return any(key[0] == name for key in list(desk.coloring._colored))
