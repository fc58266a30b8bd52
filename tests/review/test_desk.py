"""A desk: what a person says is kept, followed, and the same as `batch` makes of it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from mangacolor.chapter.acts import Act
from mangacolor.chapter.plan import Task
from mangacolor.errors import BusyError, InputError, UsageError
from mangacolor.review.counting import Counting
from mangacolor.review.desk import Desk
from mangacolor.review.leaves import Leaf
from mangacolor.review.looking import Looking
from mangacolor.review.renewal import Renewal
from tests.asking import color_chapter
from tests.batch.by_place import COLORS, drawn
from tests.conftest import write_fake_bundle
from tests.review.conftest import CONFIG, Opener

GOLD = (255, 215, 0)
MIDDLE = (240, 100)


def given(page: str = "1.png", **more: Any) -> Act:
    values: dict[str, Any] = {"at": MIDDLE, "color": GOLD, "scope": "this", **more}
    return Act("set", page, **values)


def is_gold(path: Path, x: int = 240) -> bool:
    page = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return bool(np.abs(page[100, x] - GOLD).max() <= 12)


def do(desk: Desk, *acts: Act) -> None:
    for act in acts:
        desk.act(act)
    assert desk.wait_until_done(120) and desk.error is None


def wait_for(true: Callable[[], bool]) -> bool:
    """Waits until something is so, if it comes to be."""
    for _ in range(600):
        if true():
            return True
        time.sleep(0.05)
    return False


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("1.png", "2.png")}


def test_a_page_becomes_what_is_said_and_undone_what_it_was(opener: Opener) -> None:
    with opener() as desk:
        output = desk.opened.plan.output
        before = contents(output)
        do(desk, given())
        assert is_gold(output / "1.png")
        assert (output / "2.png").read_bytes() == before["2.png"]
        do(desk, Act("undo"))
        assert contents(output) == before
        do(desk, Act("redo"))
        assert is_gold(output / "1.png")


def test_nothing_to_undo_is_no_act(opener: Opener) -> None:
    with opener() as desk:
        assert desk.act(Act("undo")) == "" and desk.act(Act("redo")) == ""
        assert not desk.file.acts
        state = Looking(desk).state()
        assert not state["undo"] and not state["redo"]
        do(desk, given(), Act("undo"))
        assert Looking(desk).state()["redo"]


def test_a_page_is_put_right_while_later_pages_are_coloured(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, renew = threading.Event(), Renewal.renew

    def slow(renewal: Renewal, task: Task, leaf: Leaf) -> Leaf:
        assert task.name != "2.png" or goes_on.wait(60)
        return renew(renewal, task, leaf)

    monkeypatch.setattr(Renewal, "renew", slow)
    with opener(wait=False) as desk:
        assert wait_for(lambda: desk.leaves["1.png"].state == "done")
        desk.act(given())
        colored = desk.coloring.colored("1.png").colored
        assert colored is not None
        picture = colored.picture
        assert np.abs(picture[100, 240].astype(int) - GOLD).max() <= 12
        assert desk.pending == ["1.png", "2.png"]
        goes_on.set()
        assert desk.wait_until_done(120)
        assert is_gold(desk.opened.plan.output / "1.png")


CUT = Act("cut", "1.png", line=((240, 20), (240, 180)))
JOIN = Act("join", "1.png", at=(200, 100), to=(85, 100))


@pytest.mark.parametrize(
    "acts",
    [
        [given(), given("2.png", scope="page")],
        [given(scope="chapter"), given("2.png", at=(400, 100), color=(9, 9, 200))],
        [CUT, given(at=(200, 100), scope="chapter"), JOIN],
        [Act("grain", "1.png", circle=(240, 100, 150), level=2), given(scope="chapter")],
        [given(), Act("undo"), Act("done", "2.png"), given(scope="chapter")],
        [given(scope="chapter"), Act("clear", "1.png", at=MIDDLE)],
    ],
)
def test_batch_makes_the_same_bytes_of_the_file_of_acts(
    opener: Opener, areas_bundle: Path, chapter: Path, tmp_path: Path, acts: list[Act]
) -> None:
    with opener() as desk:
        do(desk, *acts)
        output, path = desk.opened.plan.output, desk.file.path
    cover, out = tmp_path / "cover.png", tmp_path / "again"
    color_chapter(chapter, [cover], areas_bundle, CONFIG, out=out, acts=path)
    assert contents(out) == contents(output)
    # And finds nothing to do where the desk was.
    assert color_chapter(chapter, [cover], areas_bundle, CONFIG).colored == 0


def test_what_looks_like_a_figure_follows_if_it_is_to_and_batch_does_the_same(
    opener: Opener, areas_bundle: Path, chapter: Path, tmp_path: Path
) -> None:
    with opener() as desk:
        output, path = desk.opened.plan.output, desk.file.path
        before = contents(output)
        of = {"sha256": desk.opened.pictures[0].sha256, "piece": 0, "box": [0.66, 0, 1, 1]}
        record = {"act": "figure", "page": "1.png", "box": [10, 10, 470, 190], "of": of}
        do(desk, Act.of_record(record))
        assert contents(output)["2.png"] == before["2.png"]
        act = Act.of_record({**record, "scope": "chapter"})
        told = counted(Counting(desk), act)
        do(desk, act)
        assert contents(output)["2.png"] != before["2.png"] and told["others"] > 0
    cover, out = tmp_path / "cover.png", tmp_path / "again"
    color_chapter(chapter, [cover], areas_bundle, CONFIG, out=out, acts=path)
    assert contents(out) == contents(output)


def counted(counting: Counting, act: Act) -> dict[str, Any]:
    while not (told := counting.count(act))["whole"]:
        pass
    return told


def test_a_figure_is_matched_with_that_figure_alone(opener: Opener, tmp_path: Path) -> None:
    with opener() as desk:
        sha256 = desk.opened.pictures[0].sha256
        third = (0.66, 0.0, 1.0, 1.0)
        figure = {"sha256": sha256, "piece": 0, "box": third}
        record = {"act": "figure", "page": "1.png", "box": [10, 10, 470, 190], "of": figure}
        do(desk, Act.of_record(record))
        looking = Looking(desk)
        inside = [area for area in looking.page(0)["areas"] if 10 <= area["at"][0] <= 470]
        refs = [area["ref"] for area in inside if area["how"] == "matched" and area["at"][1] >= 10]
        assert len(refs) >= 3 and all(x >= 0.66 for _, x, _ in refs)


def test_what_was_done_is_there_when_it_is_opened_again(opener: Opener) -> None:
    with opener() as desk:
        do(desk, given(), Act("undo"), Act("redo"))
    with opener() as desk:
        assert desk.coloring.said.given("1.png")[0].color == GOLD
        assert all(leaf.state == "done" for leaf in desk.leaves.values())
        do(desk, Act("undo"))
        assert not is_gold(desk.opened.plan.output / "1.png")


def test_whoever_is_counted_follows(opener: Opener) -> None:
    with opener() as desk:
        looking = Looking(desk)
        act = given(scope="chapter", at=MIDDLE)
        told = counted(Counting(desk), act)
        before = looking.page(1)["areas"]
        do(desk, act)
        after = {area["n"]: area["color"] for area in looking.page(1)["areas"]}
        changed = [area for area in before if after[area["n"]] != area["color"]]
        assert len(changed) >= told["others"] > 0
        # Said already, it is counted as before.
        assert counted(Counting(desk), act)["others"] == told["others"]
        with pytest.raises(InputError):
            Counting(desk).count(Act("undo"))


def test_an_area_is_told_with_what_else_it_may_be(opener: Opener) -> None:
    with opener() as desk:
        looking = Looking(desk)
        page = looking.page(0)
        assert (page["width"], page["height"]) == (480, 200)
        areas = np.asarray(Image.open(io.BytesIO(looking.areas(0))))
        middle = int(areas[100, 240, 0]) + 256 * int(areas[100, 240, 1])
        record = next(area for area in page["areas"] if area["n"] == middle)
        x, y = record["at"]
        assert tuple(areas[y, x, :2]) == tuple(areas[100, 240, :2])
        candidates = looking.area(0, middle)["candidates"]
        assert candidates[0]["color"] == record["color"] or record["how"] == "guessed"
        shares = [one["sure"] for one in candidates if one["how"] == "matched"]
        assert shares == sorted(shares, reverse=True)
        names = [
            color["name"]
            for r in looking.cast()["references"]
            for g in r["groups"]
            for color in g["colors"]
        ]
        assert names


def test_a_few_pages_keep_what_was_laid_and_the_one_that_is_looked_at_among_them(
    opener: Opener, chapter: Path
) -> None:
    for number in range(3, 6):
        shutil.copy(chapter / "1.png", chapter / f"{number}.png")
    with opener() as desk:
        Looking(desk).page(1)
        do(desk, given(scope="chapter"))
        laid = {name for name in desk.leaves if desk.coloring.ready(name).known.laid}
        assert "2.png" in laid and len(laid) <= 2


def test_an_archive_is_put_together_when_it_is_asked_for(opener: Opener, tmp_path: Path) -> None:
    out = tmp_path / "x.cbz"
    with opener(out=out) as desk:
        desk.pack()
        assert wait_for(out.exists)
        do(desk, given())
    with zipfile.ZipFile(out) as archive:
        (tmp_path / "1.png").write_bytes(archive.read("1.png"))
    assert is_gold(tmp_path / "1.png")
    assert (tmp_path / "x.cbz.review.jsonl").is_file()


def test_pages_that_are_no_areas_are_done_as_batch_does_them(opener: Opener, chapter: Path) -> None:
    drawn(list(COLORS)).save(chapter / "3.png")
    book = [drawn(["white"] * 3).convert("L") for _ in range(2)]
    book[0].save(chapter / "4.tiff", save_all=True, append_images=book[1:])
    (chapter / "5.png").write_bytes(b"no picture")
    with opener() as desk:
        states = {name: leaf.state for name, leaf in desk.leaves.items()}
        assert states == {
            "1.png": "done",
            "2.png": "done",
            "3.png": "kept",
            "4.tiff": "several",
            "5.png": "failed",
        }
        assert desk.leaves["5.png"].reason
        assert (desk.opened.plan.output / "4.tiff").is_file()
        looking = Looking(desk)
        assert looking.page(2)["kind"] == "kept" and looking.color(2)
        # Mended, it is done as soon as it is looked at.
        drawn(["white"] * 3).convert("L").save(chapter / "5.png")
        desk.look_at("5.png")
        assert desk.wait_until_done(60) and desk.leaves["5.png"].state == "done"


def test_a_page_that_is_gone_is_told_and_nothing_is_lost(opener: Opener, chapter: Path) -> None:
    with opener() as desk:
        do(desk, given())
        page = (chapter / "2.png").read_bytes()
        (chapter / "2.png").unlink()
        do(desk, given(scope="chapter"))
        assert desk.leaves["2.png"].state == "failed" and "2.png" in desk.leaves["2.png"].reason
        assert len(desk.file.acts) == 2
        # Once it is back, and looked at, it becomes what was said meanwhile.
        (chapter / "2.png").write_bytes(page)
        desk.look_at("2.png")
        assert desk.wait_until_done(120) and desk.leaves["2.png"].state == "done"
        assert is_gold(desk.opened.plan.output / "2.png")


def test_a_page_that_was_edited_meanwhile_stays(opener: Opener) -> None:
    with opener() as desk:
        path = desk.opened.plan.output / "1.png"
        Image.new("RGB", (480, 200), "hotpink").save(path)
        edited = path.read_bytes()
        do(desk, given(scope="chapter"))
        assert path.read_bytes() == edited and desk.leaves["1.png"].state == "edited"
        assert [text for text in desk.told if "1.png" in text and "edited" in text]
        looking = Looking(desk)
        assert looking.page(0)["kind"] == "edited"
        shown = np.asarray(Image.open(io.BytesIO(looking.color(0))))
        assert np.abs(shown[100, 240].astype(int) - (255, 105, 180)).max() < 12
    with opener() as desk:
        assert path.read_bytes() == edited and desk.leaves["1.png"].state == "edited"


def test_what_another_version_made_is_told_and_done_anew(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opener() as desk:
        do(desk, given())
        assert not desk.told
    monkeypatch.setattr("mangacolor.batch.job.METHOD", -1)
    with opener() as desk:
        assert [text for text in desk.told if text.startswith("2 pages were made otherwise")]
        assert is_gold(desk.opened.plan.output / "1.png") and len(desk.file.acts) == 1
    with opener() as desk:
        assert not desk.told


def test_killed_after_an_act_batch_does_it(
    areas_bundle: Path, chapter: Path, tmp_path: Path
) -> None:
    cover = tmp_path / "cover.png"
    command = [sys.executable, "-m", "mangacolor", "review", str(chapter), "--ref", str(cover)]
    command += ["--model", str(areas_bundle), "--device", "cpu", "--size", "128", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = next(x for x in process.stdout if "http" in x)
            with httpx.Client(base_url=line.split()[-1], trust_env=False) as client:
                while not client.get("api/state").json()["open"]:
                    time.sleep(0.05)
                answer = client.post("api/act", json=given().to_record())
                assert answer.status_code == 200
        finally:
            process.kill()
    output = chapter.with_name("pages-color")
    assert len((output / "review.jsonl").read_text().splitlines()) == 2
    color_chapter(chapter, [cover], areas_bundle, CONFIG)
    assert is_gold(output / "1.png")


def test_two_desks_and_batch_are_held_apart(
    opener: Opener, areas_bundle: Path, chapter: Path
) -> None:
    with opener():
        with pytest.raises(BusyError, match=str(os.getpid())), opener():
            pass
        with pytest.raises(BusyError):
            color_chapter(chapter, [chapter.parent / "cover.png"], areas_bundle, CONFIG)


def test_what_names_no_page_is_refused(opener: Opener) -> None:
    with opener() as desk:
        with pytest.raises(InputError, match="no page"):
            desk.act(given("3.png"))
        assert not desk.file.acts and not desk.file.path.exists()


def test_a_model_without_areas_is_refused(chapter: Path, tmp_path: Path) -> None:
    from mangacolor.batch.model import Model
    from mangacolor.batch.request import Request
    from mangacolor.review.serve import open_desk

    model = Model(write_fake_bundle(tmp_path / "bundle"), "cpu")
    with (
        pytest.raises(UsageError, match="without areas"),
        open_desk(Request(chapter, [tmp_path / "cover.png"], CONFIG), model),
    ):
        pass
