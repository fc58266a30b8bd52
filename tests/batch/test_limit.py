from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from mangacolor.batch.events import Event, Planned
from mangacolor.errors import InputError
from tests.asking import color_chapter


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("archive", [False, True])
def test_limited_runs_one_after_the_other_do_every_page_once(
    chapter: Path, cover: Path, fake_bundle: Path, tmp_path: Path, archive: bool
) -> None:
    source = chapter
    if archive:
        source = Path(shutil.make_archive(str(tmp_path / "chapter"), "zip", chapter))
    told = [
        color_chapter(source, [cover], fake_bundle, out=tmp_path / "out.zip", limit=2)
        for _ in range(3)
    ]
    counts = [(summary.colored, summary.skipped, summary.left) for summary in told]
    assert counts == [(2, 0, 1), (1, 2, 0), (0, 3, 0)]
    whole = color_chapter(source, [cover], fake_bundle, out=tmp_path / "whole.zip")
    assert whole.colored == 3

    def pages(output: Path) -> dict[str, bytes]:
        if not archive:
            return {path.name: path.read_bytes() for path in output.glob("*.png")}
        with zipfile.ZipFile(output) as file:
            return {name: file.read(name) for name in file.namelist() if name.endswith(".png")}

    assert pages(tmp_path / "out.zip") == pages(tmp_path / "whole.zip")


def test_a_dry_run_names_what_the_run_would_colour_and_writes_nothing(
    chapter: Path, cover: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    color_chapter(chapter, [cover], fake_bundle, limit=1)
    before = tree(tmp_path)
    events: list[Event] = []
    summary = color_chapter(chapter, [cover], fake_bundle, dry_run=True, tell=events.append)
    planned = [event.name for event in events if isinstance(event, Planned)]
    assert planned == ["page 2.png", "page 10.png"]
    assert (summary.colored, summary.skipped, summary.left) == (0, 1, 2)
    assert tree(tmp_path) == before


def test_a_folder_of_references_is_each_of_its_pictures(
    chapter: Path, cover: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "ref"
    folder.mkdir()
    with pytest.raises(InputError, match="has no pictures"):
        color_chapter(chapter, [folder], fake_bundle)
    shutil.copy(cover, folder)
    color_chapter(chapter, [folder], fake_bundle)
    # The same bytes: nothing is left to do.
    assert color_chapter(chapter, [cover], fake_bundle).skipped == 3
