"""Acts of `mangacolor review`: their file, what is left of them, and who follows."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from mangacolor.batch.events import Event, Notice
from mangacolor.chapter.acts import Act, effective
from mangacolor.chapter.acts_file import ActsFile, acts_file_of, read_acts
from mangacolor.chapter.said import Said
from mangacolor.cli.app import app
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, UsageError
from tests.asking import color_chapter
from tests.batch.by_place import COLORS, drawn

CONFIG = BatchConfig(size=128, device="cpu")
GOLD = (255, 215, 0)
MIDDLE = (240, 100)


def given(page: str = "1.png", **more: Any) -> Act:
    values: dict[str, Any] = {"at": MIDDLE, "color": GOLD, "scope": "this", **more}
    return Act("set", page, **values)


def chapter(folder: Path) -> tuple[Path, Path]:
    pages = folder / "pages"
    pages.mkdir()
    for name in ("1.png", "2.png"):
        drawn(["white"] * 3).convert("L").save(pages / name)
    drawn(list(COLORS)).save(folder / "cover.png")
    return pages, folder / "cover.png"


def write(path: Path, *acts: Act) -> Path:
    path.unlink(missing_ok=True)
    file = ActsFile(path)
    for act in acts:
        file.add(act)
    return path


def picture(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def is_gold(page: np.ndarray, x: int = 240, y: int = 100) -> bool:
    return bool(np.abs(page[y, x] - GOLD).max() <= 12)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"act": "set", "page": "1", "at": [1, 2.5], "color": "#ffd700", "scope": "chapter"},
        {"act": "clear", "page": "1", "at": [1, 2]},
        {"act": "cut", "page": "ペ", "line": [[0, 0], [3, 4]]},
        {"act": "join", "page": "1", "at": [1, 2], "to": [3, 4]},
        {
            "act": "figure",
            "page": "1",
            "box": [1, 2, 3, 4],
            "of": {"sha256": "a" * 64, "piece": 0, "box": [0, 0, 0.5, 1]},
            "scope": "chapter",
        },
        {"act": "grain", "page": "1", "circle": [1, 2, 3], "level": -1},
        {"act": "done", "page": "1"},
        {"act": "open", "page": "1"},
        {"act": "undo"},
        {"act": "redo"},
    ]
    acts = [Act.of_record(record) for record in records]
    path = write(tmp_path / "x" / "review.jsonl", *acts)
    assert read_acts(path) == acts
    assert [json.loads(json.dumps(act.to_record())) for act in acts] == records


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x", "line 2"),
        ("[1]", "no object"),
        ('{"act": "paint"}', "no act 'paint'"),
        ('{"act": "done"}', "names no page"),
        ('{"act": "set", "page": "1", "at": [1, 2], "scope": "this"}', "no color"),
        ('{"act": "clear", "page": "1", "at": [1]}', "2 numbers"),
        ('{"act": "clear", "page": "1", "at": [1, NaN]}', "2 numbers"),
        ('{"act": "cut", "page": "1", "line": [[1, 1]]}', "two points"),
        (
            '{"act": "set", "page": "1", "at": [1, 2], "color": "red", "scope": "this"}',
            "'red' is no colour",
        ),
        (
            '{"act": "figure", "page": "1", "box": [5, 1, 2, 3], "of": {}}',
            "no box",
        ),
        ('{"act": "grain", "page": "1", "circle": [5, 1, 2], "level": 4}', "from -3 to 3"),
        ('{"act": "grain", "page": "1", "circle": [5, 1, 0], "level": 1}', "radius"),
    ],
)
def test_a_line_that_is_no_act_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = write(tmp_path / "review.jsonl", Act("undo"))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], line, ""]))
    with pytest.raises(InputError, match="line 2") as error:
        read_acts(path)
    assert words in error.value.message and error.value.hint


def test_of_one_circle_and_of_one_box_the_last_counts() -> None:
    finer = Act("grain", "1", circle=(5, 5, 3), level=1)
    other = dataclasses.replace(finer, circle=(9, 9, 3))
    coarser = dataclasses.replace(finer, level=-1)
    assert Said([finer, other, coarser]).parts("1") == (other, coarser)
    assert Said([finer, dataclasses.replace(finer, level=0)]).parts("1") == ()
    figures = [figure_in(x) for x in ("a", "b")]
    (said,) = Said(figures).figures("1.png")
    assert said.of.sha256 == "b" * 64 and said.scope == "this"


def figure_in(digit: str, **more: Any) -> Act:
    of = {"sha256": digit * 64, "piece": 0, "box": [0, 0, 0.5, 1]}
    return Act.of_record(
        {"act": "figure", "page": "1.png", "box": [1, 2, 30, 40], "of": of, **more}
    )


def test_a_figure_decides_on_other_pages_if_the_chapter_is_to_follow() -> None:
    for scope, follows in (("this", False), ("chapter", True)):
        said = Said([figure_in("a", scope=scope)])
        assert said.digest_of("1.png") and bool(said.digest_of("2.png")) is follows
        assert bool(said.lessons("2.png")) is follows
    # A colour within the box is that figure's, wherever it is followed.
    colors = [given(at=(10, 10), scope="chapter"), given(at=(90, 90), scope="chapter")]
    inside, outside = Said([figure_in("a"), *colors]).lessons("2.png")
    assert inside.figure is not None and outside.figure is None


def test_another_file_is_no_file_of_acts(tmp_path: Path) -> None:
    path = tmp_path / "review.jsonl"
    path.write_text('{"act": "undo"}\n')
    with pytest.raises(InputError, match="no file of acts"):
        read_acts(path)


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_killed_while_an_act_was_written_it_alone_is_lost(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path / "review.jsonl", given(), given(color=(1, 2, 3)))
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    assert read_acts(path) == [given()]
    ActsFile(path).add(Act("undo"))
    assert read_acts(path) == [given(), Act("undo")]


def test_undo_and_redo_have_no_end() -> None:
    one, two, three = (given(color=(i, 0, 0)) for i in range(3))
    undo, redo = Act("undo"), Act("redo")
    assert effective([one, two, undo, undo, undo, redo]) == [one]
    assert effective([one, two, undo, undo, redo, redo, redo]) == [one, two]
    # After something new there is nothing to do again.
    assert effective([one, two, undo, three, redo, redo]) == [one, three]


def test_what_is_said_of_a_page_decides_on_it_alone_unless_its_like_follow() -> None:
    nothing = Said([given(), Act("undo")])
    assert nothing.digest_of("1.png") == nothing.digest_of("2.png") == ""
    this, page, all_ = (Said([given(scope=scope)]) for scope in ("this", "page", "chapter"))
    assert this.digest_of("2.png") == page.digest_of("2.png") == ""
    assert len({x.digest_of("1.png") for x in (this, page, all_)}) == 3
    assert all_.digest_of("2.png")
    # Said again, undone again: as if nothing had been.
    again = Said([given(), given(color=(0, 0, 0)), Act("undo")])
    assert again.digest_of("1.png") == this.digest_of("1.png")


def test_a_page_that_is_ticked_follows_nothing_that_is_said_later() -> None:
    chapter_wide = given(scope="chapter")
    ticked = Said([Act("done", "2.png"), chapter_wide])
    assert ticked.is_done("2.png") and not ticked.digest_of("2.png")
    assert Said([chapter_wide, Act("done", "2.png")]).digest_of("2.png")
    opened = Said([Act("done", "2.png"), chapter_wide, Act("open", "2.png")])
    assert not opened.is_done("2.png") and opened.digest_of("2.png")


def test_a_chapter_follows_its_acts_and_only_pages_that_they_change_are_done_again(
    areas_bundle: Path, tmp_path: Path
) -> None:
    pages, cover = chapter(tmp_path)
    plain = color_chapter(pages, [cover], areas_bundle, CONFIG)
    before = [picture(plain.output / name) for name in ("1.png", "2.png")]
    path = write(acts_file_of(plain.output), given())
    assert path == plain.output / "review.jsonl"
    events: list[Event] = []
    summary = color_chapter(pages, [cover], areas_bundle, CONFIG, tell=events.append)
    assert (summary.colored, summary.skipped) == (1, 1)
    assert is_gold(picture(plain.output / "1.png")) and not is_gold(before[0])
    assert (picture(plain.output / "2.png") == before[1]).all()
    assert not [event for event in events if isinstance(event, Notice)]
    write(path, given(scope="chapter"))
    assert color_chapter(pages, [cover], areas_bundle, CONFIG).colored == 2
    assert color_chapter(pages, [cover], areas_bundle, CONFIG).colored == 0
    # Undone, or left out, it is as it was.
    ActsFile(path).add(Act("undo"))
    assert color_chapter(pages, [cover], areas_bundle, CONFIG).colored == 2
    assert (picture(plain.output / "1.png") == before[0]).all()
    write(path, given())
    out = tmp_path / "other"
    other = color_chapter(pages, [cover], areas_bundle, CONFIG, out=out, acts=path)
    assert is_gold(picture(other.output / "1.png"))
    color_chapter(pages, [cover], areas_bundle, CONFIG, out=out, acts=path, follow_acts=False)
    assert (picture(other.output / "1.png") == before[0]).all()


def test_an_archive_follows_the_file_beside_it(areas_bundle: Path, tmp_path: Path) -> None:
    pages, cover = chapter(tmp_path)
    out = tmp_path / "done.cbz"
    write(acts_file_of(out), given())
    assert acts_file_of(out).parent == tmp_path
    first = color_chapter(pages, [cover], areas_bundle, CONFIG, out=out)
    folder = color_chapter(
        pages, [cover], areas_bundle, CONFIG, out=tmp_path / "f", acts=acts_file_of(out)
    )
    assert first.colored == 2
    import zipfile

    with zipfile.ZipFile(out) as archive:
        content = archive.read("1.png")
    assert content == (folder.output / "1.png").read_bytes()
    assert color_chapter(pages, [cover], areas_bundle, CONFIG, out=out).colored == 0


def test_cuts_and_joins_come_before_colours(areas_bundle: Path, tmp_path: Path) -> None:
    pages, cover = chapter(tmp_path)
    out = tmp_path / "out"
    cut = Act("cut", "1.png", line=((240, 20), (240, 180)))
    acts = write(tmp_path / "a.jsonl", cut, given(at=(200, 100)))
    color_chapter(pages, [cover], areas_bundle, CONFIG, out=out, acts=acts)
    page = picture(out / "1.png")
    assert is_gold(page, 200) and not is_gold(page, 280)
    join = Act("join", "1.png", at=(200, 100), to=(85, 100))
    write(acts, cut, join, given(at=(85, 100)))
    color_chapter(pages, [cover], areas_bundle, CONFIG, out=out, acts=acts)
    page = picture(out / "1.png")
    assert is_gold(page, 200) and is_gold(page, 85) and not is_gold(page, 280)


def test_acts_that_mean_nothing_are_told(areas_bundle: Path, tmp_path: Path) -> None:
    pages, cover = chapter(tmp_path)
    figure = Act.of_record(
        {
            "act": "figure",
            "page": "1.png",
            "box": [1, 2, 300, 200],
            "of": {"sha256": "a" * 64, "piece": 0, "box": [0, 0, 0.5, 1]},
        }
    )
    acts = write(
        tmp_path / "a.jsonl", given("3.png"), given(at=(9000, 1)), figure, given("3.png", at=(1, 1))
    )
    events: list[Event] = []
    color_chapter(
        pages, [cover], areas_bundle, CONFIG, out=tmp_path / "o", acts=acts, tell=events.append
    )
    told = [event.text for event in events if isinstance(event, Notice)]
    assert len(told) == 3
    for words in ("3.png", "no area", "no reference"):
        assert [text for text in told if words in text]


def test_the_command_line_names_a_file_of_acts(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["batch", str(tmp_path), "--acts", str(tmp_path / "no")])
    assert isinstance(result.exception, UsageError)
    assert "is no file" in result.exception.message
