"""What of a chapter is done, and what is to do."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mangacolor.chapter.journal import Journal, fingerprint
from mangacolor.chapter.known import KnownFiles, Seen
from mangacolor.chapter.plan import Aim, Task, closed_task, mark_of, targets_of
from mangacolor.chapter.planning import make_plan
from mangacolor.config import Format
from mangacolor.errors import InputError

NAMES = ["1.png", "2.png", "3.png"]


class Chapter:
    """Three pages of a folder, which are done."""

    def __init__(self, folder: Path) -> None:
        self.source, self.output = folder / "pages", folder / "out"
        self.source.mkdir()
        for name in NAMES:
            (self.source / name).write_bytes(name.encode())
            # Long ago, so that it is known that nothing was written since.
            os.utime(self.source / name, ns=(10**18, 10**18))
        self.finish(NAMES)

    def finish(self, names: Sequence[str], job: str = "job", smaller: int = 0) -> None:
        """Writes pages and their lines."""
        known = KnownFiles()
        with (
            make_plan(Aim(self.source, self.output, job, known=known)) as plan,
            Journal(self.output, lambda name: known.find(self.source / name)) as journal,
        ):
            for name in names:
                task = plan.by_name[name]
                mark = mark_of(task, job, task.read())
                target = task.target(mark)
                target.write_bytes(b"coloured")
                journal.add(name, mark, target, smaller=smaller)

    def todo(
        self,
        job: str = "job",
        overwrite: bool = False,
        edited: Sequence[str] = (),
        format_: Format = "keep",
        said: Callable[[str], str] = lambda name: "",
    ) -> list[str]:
        """The pages that are to be coloured; the others are done."""
        with make_plan(
            Aim(self.source, self.output, job, overwrite, tuple(edited), format=format_, said=said)
        ) as plan:
            assert [task.name for task in plan.tasks] == NAMES
            todo = [task.name for task in plan.todo]
            assert sorted([*plan.done, *todo]) == NAMES
            assert targets_of(plan) == [task.target("0" * 64) for task in plan.todo]
            return todo


@pytest.fixture
def chapter(tmp_path: Path) -> Chapter:
    return Chapter(tmp_path)


def test_what_is_done_is_not_done_again(chapter: Chapter) -> None:
    assert chapter.todo() == []
    assert chapter.todo(overwrite=True) == NAMES
    assert chapter.todo(job="other") == NAMES
    assert chapter.todo(format_="webp") == NAMES


def test_a_page_that_changed_or_whose_file_is_gone_is_to_do(chapter: Chapter) -> None:
    (chapter.source / "2.png").write_bytes(b"other")
    (chapter.output / "3.png").unlink()
    assert chapter.todo() == ["2.png", "3.png"]


def test_what_a_person_says_of_a_page_makes_it_to_do_and_no_other(chapter: Chapter) -> None:
    assert chapter.todo(said=lambda name: "red" if name == "2.png" else "") == ["2.png"]


def test_an_edited_page_is_done_whatever_else_is_asked_for(chapter: Chapter) -> None:
    assert chapter.todo(job="other", edited=["2.png"]) == ["1.png", "3.png"]
    # Its record is what says that it was done.
    assert chapter.todo(job="other", edited=["2.png"], overwrite=True) == NAMES


def test_a_page_that_is_smaller_than_asked_for_is_tried_again(chapter: Chapter) -> None:
    chapter.finish(["2.png"], smaller=512)
    assert chapter.todo() == ["2.png"]
    with make_plan(Aim(chapter.source, chapter.output, "job")) as plan:
        assert plan.small == {"2.png": 512}


def test_pages_that_did_not_change_are_known_without_reading_them(
    chapter: Chapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(self: KnownFiles, path: Path, name: str) -> bytes:
        raise AssertionError(f"{name} is read")

    monkeypatch.setattr(KnownFiles, "read", read)
    assert chapter.todo() == []


def test_what_somebody_put_in_a_pages_place_is_that_pages_failure(chapter: Chapter) -> None:
    (chapter.source / "4.png").write_bytes(b"new")
    (chapter.output / "4.png").write_bytes(b"precious")
    with make_plan(Aim(chapter.source, chapter.output, "job")) as plan:
        (task,) = plan.todo
        assert (task.name, task.target("mark")) == ("4.png", chapter.output / "4.png")
        with pytest.raises(InputError, match="did not write it") as caught:
            task.read()
        assert str(chapter.output / "4.png") in str(caught.value)


def test_what_was_said_of_a_page_is_in_its_mark_whether_its_file_is_known_or_not() -> None:
    seen = Seen(1, 2, hashlib.sha256(b"page").hexdigest())
    unknown = Task("1.png", lambda: b"page", lambda mark: Path(mark), said="red")
    for task in (unknown, dataclasses.replace(unknown, seen=lambda: seen)):
        assert mark_of(task, "job", b"page") == fingerprint("jobred", b"page")


def test_a_page_that_is_gone_is_told_by_its_name_and_pages_have_the_format_asked_for(
    chapter: Chapter,
) -> None:
    with make_plan(Aim(chapter.source, chapter.output, "job", format="webp")) as plan:
        assert plan.format == "webp"
        (chapter.source / "2.png").unlink()
        with pytest.raises(InputError, match=r"2\.png"):
            plan.by_name["2.png"].read()


def test_a_folder_that_cannot_be_read_is_a_page_that_fails() -> None:
    task = closed_task(Path("in/a"), Path("out"), Path("a"))
    assert (task.name, task.target("mark")) == ("a/", Path("out/a"))
    with pytest.raises(InputError, match="cannot be read"):
        task.read()
