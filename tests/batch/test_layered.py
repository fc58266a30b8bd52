"""Layered files beside the pages: whole, up to date, and never over somebody's work."""

from __future__ import annotations

import errno
import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.batch.events import Event, Notice, Summary
from mangacolor.bundle import read_bundle
from mangacolor.chapter import layered
from mangacolor.chapter.chapters import find_chapters
from mangacolor.config import BatchConfig
from mangacolor.errors import StorageError
from tests.asking import color_chapter
from tests.batch.by_place import COLORS, drawn
from tests.batch.test_strokes import stroke
from tests.images.test_layered_files import read_openraster
from tests.images.test_layers import flattened

NAMES = ("1.png", "2.png")


class Chapter:
    """Two pages and their cover; a folder, or an archive."""

    def __init__(self, folder: Path, bundle: Path, packed: bool = False) -> None:
        self.cover, self.bundle = folder / "cover.png", bundle
        drawn(list(COLORS)).save(self.cover)
        # Networks of no training paint nothing to speak of: a stroke does.
        self.strokes = folder / "strokes"
        self.strokes.mkdir()
        for name in NAMES:
            stroke([(200, 100), (280, 100)]).save(self.strokes / name)
        self.source = folder / ("chapter.cbz" if packed else "chapter")
        self.output = folder / ("chapter-color.cbz" if packed else "chapter-color")
        self.layers = folder / "chapter-color-layers" if packed else self.output
        self.notices: list[str] = []
        if packed:
            with zipfile.ZipFile(self.source, "w") as file:
                for name in NAMES:
                    buffer = io.BytesIO()
                    drawn(["white"] * 3).convert("L").save(buffer, "PNG")
                    file.writestr(name, buffer.getvalue())
            return
        self.source.mkdir()
        for name in NAMES:
            drawn(["white"] * 3).convert("L").save(self.source / name)

    def color(self, layers: str = "ora", limit: int | None = None, **options: object) -> Summary:
        self.notices = []

        def tell(event: Event) -> None:
            if isinstance(event, Notice):
                self.notices.append(event.text)

        overwrite = bool(options.pop("overwrite", False))
        config = BatchConfig(size=128, device="cpu", layers=layers, **options)  # type: ignore[arg-type]
        return color_chapter(
            self.source,
            [self.cover],
            self.bundle,
            config,
            limit=limit,
            overwrite=overwrite,
            strokes=self.strokes if read_bundle(self.bundle).style == "areas" else None,
            tell=tell,
        )

    def page(self, name: str) -> np.ndarray:
        if self.output.is_dir():
            return np.asarray(Image.open(self.output / name).convert("RGB"))
        with zipfile.ZipFile(self.output) as file:
            return np.asarray(Image.open(io.BytesIO(file.read(name))).convert("RGB"))

    def layered(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.layers.glob("[!.]*.ora")}


@pytest.fixture
def chapter(tmp_path: Path, areas_bundle: Path) -> Chapter:
    return Chapter(tmp_path, areas_bundle)


@pytest.mark.parametrize("packed", [False, True])
def test_every_page_has_its_layers_beside_it(
    tmp_path: Path, areas_bundle: Path, packed: bool
) -> None:
    chapter = Chapter(tmp_path, areas_bundle, packed)
    assert chapter.color().colored == 2
    files = chapter.layered()
    assert set(files) == {"1.ora", "2.ora"}
    for name, content in files.items():
        page = chapter.page(name.replace(".ora", ".png"))
        assert np.ptp(page, axis=2).max() > 20
        made = flattened(read_openraster(content))
        assert np.abs(made.astype(int) - page).max() <= 2
    again = chapter.color()
    assert (again.colored, again.skipped) == (0, 2)
    assert chapter.layered() == files


@pytest.mark.parametrize("packed", [False, True])
def test_pages_that_were_done_without_layers_get_them(
    tmp_path: Path, areas_bundle: Path, packed: bool
) -> None:
    chapter = Chapter(tmp_path, areas_bundle, packed)
    chapter.color("none")
    assert not chapter.layered()
    before = [chapter.page(name) for name in NAMES]
    # The one that is not reached now stays in colour.
    assert chapter.color(limit=1).left == 1
    assert set(chapter.layered()) == {"1.ora"}
    assert all((chapter.page(n) == x).all() for n, x in zip(NAMES, before, strict=True))
    assert (chapter.color().colored, set(chapter.layered())) == (1, {"1.ora", "2.ora"})
    (chapter.layers / "1.ora").unlink()
    assert (chapter.color().colored, set(chapter.layered())) == (1, {"1.ora", "2.ora"})
    # Other settings: the layers are those of the pages.
    chapter.color("none", strength=0.5)
    assert chapter.color(strength=0.5).colored == 2
    made = flattened(read_openraster(chapter.layered()["2.ora"]))
    assert np.abs(made.astype(int) - chapter.page("2.png")).max() <= 2


def test_layers_that_somebody_worked_on_are_kept(chapter: Chapter) -> None:
    chapter.color()
    work = chapter.output / "1.ora"
    work.write_bytes(b"a colourist's evening")
    for _ in range(2):
        chapter.color(strength=0.5)
        assert work.read_bytes() == b"a colourist's evening"
    assert chapter.notices == []
    chapter.color(strength=0.7)
    assert chapter.notices == ["1.ora is not as mangacolor left it: kept"]
    assert work.read_bytes() == b"a colourist's evening"
    chapter.color(overwrite=True)
    assert read_openraster(work.read_bytes())


def test_a_page_that_somebody_changed_is_not_done_again_for_layers(chapter: Chapter) -> None:
    chapter.color("none")
    page = chapter.output / "1.png"
    # No colour of the cover or of a stroke: it would be the page as it was.
    drawn(["orchid"] * 3).save(page)
    content = page.read_bytes()
    for _ in range(2):
        chapter.color()
        assert set(chapter.layered()) == {"2.ora"}
        assert page.read_bytes() == content
    assert chapter.color().skipped == 2


def test_a_run_that_was_killed_before_the_layers_were_there_has_changed_nothing_by_hand(
    chapter: Chapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter.color()
    with monkeypatch.context() as patch:

        def killed(*arguments: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(layered, "atomic_write", killed)
        with pytest.raises(KeyboardInterrupt):
            chapter.color(strength=0.5)
    assert chapter.color(strength=0.5).colored == 2
    assert chapter.notices == []
    made = flattened(read_openraster(chapter.layered()["1.ora"]))
    assert np.abs(made.astype(int) - chapter.page("1.png")).max() <= 2


def test_a_full_disk_leaves_nothing_half_written(
    chapter: Chapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(layered, "atomic_write", full)
        with pytest.raises(StorageError, match="No space"):
            chapter.color()
    assert not chapter.layered() and not (chapter.output / "1.png").exists()
    assert (chapter.color().colored, len(chapter.layered())) == (2, 2)


def test_what_has_no_layers_is_told_and_not_done_again(chapter: Chapter) -> None:
    drawn(list(COLORS)).save(chapter.source / "2.png")
    page = drawn(["white"] * 3).convert("L")
    page.save(chapter.source / "3.tif", save_all=True, append_images=[page])
    summary = chapter.color()
    assert (summary.colored, summary.copied) == (2, 1)
    assert chapter.notices == []
    # One that has several pages has layers of each.
    assert set(chapter.layered()) == {"1.ora", "3-001.ora", "3-002.ora"}
    assert chapter.color().skipped == 3


def test_psd_and_a_model_without_areas(tmp_path: Path, fake_bundle: Path) -> None:
    psd_tools = pytest.importorskip("psd_tools")
    chapter = Chapter(tmp_path, fake_bundle)
    assert chapter.color("psd", flats=False).colored == 2
    made = psd_tools.PSDImage.open(chapter.output / "1.psd").composite(force=True)
    assert np.abs(np.asarray(made.convert("RGB")).astype(int) - chapter.page("1.png")).max() <= 2


def test_layers_beside_an_archive_are_no_chapter_of_a_library(
    tmp_path: Path, fake_bundle: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    chapter = Chapter(library, fake_bundle, packed=True)
    chapter.color()
    assert len(chapter.layered()) == 2
    shutil.rmtree(chapter.strokes)
    (library / "other.cbz").write_bytes(chapter.source.read_bytes())
    found = find_chapters([library]).found
    assert [item.name for item in found] == ["chapter.cbz", "other.cbz"]


def test_a_page_that_is_too_large_for_layers_is_coloured_without_them(
    chapter: Chapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangacolor.images.photoshop._MOST", 50)
    summary = chapter.color("psd")
    assert (summary.colored, summary.failed) == (2, {})
    assert sum("without layers" in notice for notice in chapter.notices) == 2
    assert not list(chapter.output.glob("*.psd"))
    assert chapter.color("psd").skipped == 2


def test_outputs_of_one_stem_have_layers_of_their_own(tmp_path: Path, fake_bundle: Path) -> None:
    chapter = Chapter(tmp_path, fake_bundle)
    for name in ("o.cbz", "o.zip", "o.cbz"):
        color_chapter(
            chapter.source,
            [chapter.cover],
            fake_bundle,
            BatchConfig(size=128, device="cpu", layers="ora", flats=False),
            out=tmp_path / name,
        )
    assert (tmp_path / "o-layers" / "1.ora").is_file()
    assert (tmp_path / "o.zip-layers" / "1.ora").is_file()
    assert not (tmp_path / "o.cbz-layers").exists()
