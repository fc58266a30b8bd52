from __future__ import annotations

import shutil
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from threadpoolctl import threadpool_info, threadpool_limits

from mangacolor.batch import colorist, placing
from mangacolor.batch.events import Copied, Describing, Done, Event, Failed, Notice, Ready, Smaller
from mangacolor.batch.failures import Cause
from mangacolor.config import BatchConfig
from mangacolor.errors import (
    InputError,
    MemoryLimitError,
    ModelError,
    StorageError,
    UsageError,
)
from mangacolor.images.page import read_color
from mangacolor.images.strips import working_size
from mangacolor.runtime.engine import Engine
from tests.asking import color_chapter

CPU = BatchConfig(device="cpu")


@pytest.fixture
def colored(fake_bundle: Path, cover: Path) -> Callable[..., Any]:
    """`color_chapter` with the fake model and the orange cover."""

    def run(source: Path, **changes: Any) -> Any:
        arguments = {"references": [cover], "model": fake_bundle, "config": CPU, **changes}
        return color_chapter(source, **arguments)

    return run


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def pages_of(folder: Path) -> set[str]:
    return {name for name in files_of(folder) if not name.startswith(".")}


def zipped(chapter: Path, target: Path, *more: str) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(chapter.iterdir()):
            archive.write(path, f"第1話/{path.name}")
        for name in more:
            archive.writestr(name, f"content of {name}")
    return target


def test_a_folder_comes_out_coloured_at_its_own_size_with_its_own_ink(
    chapter: Path, colored: Callable[..., Any]
) -> None:
    events: list[Event] = []
    summary = colored(chapter, tell=events.append)
    assert (summary.colored, summary.skipped, summary.failed) == (3, 0, {})
    assert summary.output == chapter.with_name("chapter-color")
    assert pages_of(summary.output) == {"page 1.png", "page 2.png", "page 10.png"}
    for path in chapter.iterdir():
        page = np.asarray(Image.open(path))
        result = read_color(summary.output / path.name)
        assert result.shape == (*page.shape, 3)
        assert (result[page == 0] == 0).all()
        corner = result[0, 0].astype(int)
        assert np.abs(corner - (240, 160, 40)).max() <= 8
    assert events[0] == Describing(references=1, edited=0)
    assert isinstance(events[1], Ready)
    assert [event.name for event in events[1:] if isinstance(event, Done)] == [
        "page 1.png",
        "page 2.png",
        "page 10.png",
    ]


def blas_threads() -> set[int]:
    return {found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"}


def test_the_callers_threads_are_left_as_they_were(
    chapter: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cv2.getNumThreads()
    meanwhile = set()
    multiplying = set()
    prepare = colorist.Colorist.prepare

    def watched(self: colorist.Colorist, *arguments: Any) -> Any:
        meanwhile.add(cv2.getNumThreads())
        multiplying.update(blas_threads())
        return prepare(self, *arguments)

    monkeypatch.setattr(colorist.Colorist, "prepare", watched)
    cv2.setNumThreads(3)
    try:
        with threadpool_limits(limits=2, user_api="blas"):
            colored(chapter)
            assert blas_threads() == {2}
        assert meanwhile == multiplying == {1}
        assert cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(before)


def test_a_second_run_does_nothing(
    chapter: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = colored(chapter).output
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*")}
    # Not even the model is opened.
    monkeypatch.setattr(Engine, "open", None)
    summary = colored(chapter)
    assert (summary.colored, summary.skipped, summary.device) == (0, 3, "")
    assert before == {path: path.stat().st_mtime_ns for path in output.rglob("*")}


def test_what_changes_the_outcome_does_all_pages_again(
    chapter: Path, colored: Callable[..., Any], tmp_path: Path
) -> None:
    colored(chapter)
    blue = tmp_path / "blue.png"
    Image.new("RGB", (40, 40), (20, 40, 250)).save(blue)
    assert colored(chapter, references=[blue]).colored == 3
    assert read_color(tmp_path / "chapter-color" / "page 1.png")[0, 0, 2] > 200
    assert colored(chapter, references=[blue], config=BatchConfig(size=64)).colored == 3
    assert colored(chapter, references=[blue], config=BatchConfig(size=64)).colored == 0
    assert (
        colored(chapter, references=[blue], config=BatchConfig(size=64), overwrite=True).colored
        == 3
    )


@pytest.mark.parametrize(
    "change",
    [
        {"strength": 0.5},
        {"saturation": 1.5},
        {"tones": "smooth"},
        {"flats": False},
        {"recolor": True},
        {"quality": 50},
    ],
)
def test_every_setting_that_changes_pages_is_part_of_their_fingerprint(
    chapter: Path, colored: Callable[..., Any], change: dict[str, Any]
) -> None:
    assert colored(chapter).colored == 3
    assert colored(chapter).skipped == 3
    assert colored(chapter, config=BatchConfig(device="cpu", **change)).colored == 3


def test_strength_and_saturation_reach_the_page(chapter: Path, colored: Callable[..., Any]) -> None:
    def corner(**taste: float) -> np.ndarray:
        summary = colored(chapter, config=BatchConfig(device="cpu", **taste))  # type: ignore[arg-type]
        return read_color(summary.output / "page 1.png")[0, 0].astype(int)

    assert (corner(strength=0) == 255).all()
    assert np.ptp(corner(saturation=0.5)) == pytest.approx(0.5 * np.ptp(corner()), abs=4)


@pytest.fixture
def painted(chapter: Path) -> bytes:
    """A page in colour as part of the chapter; gives its file's content."""
    page = Image.new("RGB", (60, 90), "white")
    for i, color in enumerate(("tomato", "gold", "seagreen", "royalblue")):
        page.paste(color, (5, 5 + 20 * i, 55, 20 + 20 * i))
    page.save(chapter / "page 5.png")
    return (chapter / "page 5.png").read_bytes()


def test_a_page_in_colour_is_copied_as_it_is(
    chapter: Path, colored: Callable[..., Any], painted: bytes, tmp_path: Path
) -> None:
    events: list[Event] = []
    summary = colored(chapter, tell=events.append)
    assert (summary.colored, summary.copied, summary.failed) == (3, 1, {})
    assert (summary.output / "page 5.png").read_bytes() == painted
    assert [event.name for event in events if isinstance(event, Copied)] == ["page 5.png"]
    assert len([event for event in events if isinstance(event, Done)]) == 3
    assert colored(chapter).skipped == 4
    summary = colored(zipped(chapter, tmp_path / "x.cbz"))
    assert (summary.colored, summary.copied) == (3, 1)
    with zipfile.ZipFile(summary.output) as archive:
        assert archive.read("第1話/page 5.png") == painted


def test_a_page_in_colour_is_coloured_again_if_asked_for(
    chapter: Path, colored: Callable[..., Any], painted: bytes
) -> None:
    summary = colored(chapter, config=BatchConfig(device="cpu", recolor=True))
    assert (summary.colored, summary.copied) == (4, 0)
    result = read_color(summary.output / "page 5.png").astype(int)
    # Only the reference's hue is left: the bands differ in brightness alone.
    assert (result[..., 0] >= result[..., 2] - 3).all()


def test_a_title_in_colour_stays_and_the_rest_is_coloured(
    chapter: Path, colored: Callable[..., Any]
) -> None:
    page = Image.open(chapter / "page 1.png").convert("RGB").resize((240, 360))
    page.paste((20, 40, 230), (20, 10, 160, 40))
    page.save(chapter / "page 1.png")
    summary = colored(chapter)
    assert (summary.colored, summary.copied) == (3, 0)
    result = read_color(summary.output / "page 1.png").astype(int)
    assert np.abs(result[25, 40:140] - (20, 40, 230)).max() <= 3
    assert np.abs(result[-5, 5] - (240, 160, 40)).max() <= 8


def test_all_pages_of_a_tiff_are_coloured(
    tmp_path: Path, colored: Callable[..., Any], page_of: Callable[..., np.ndarray]
) -> None:
    source = tmp_path / "c"
    source.mkdir()
    pages = [Image.fromarray(page_of(seed, 90 + 10 * seed)) for seed in range(3)]
    inner = Image.new("RGB", (60, 90), "white")
    for i, color in enumerate(("tomato", "gold", "seagreen", "royalblue")):
        inner.paste(color, (5, 5 + 20 * i, 55, 20 + 20 * i))
    pages[0].save(
        source / "v.tif", save_all=True, append_images=[*pages[1:], inner], dpi=(300, 300)
    )
    inner.save(source / "all.tif", save_all=True, append_images=[inner])
    events: list[Event] = []
    summary = colored(source, tell=events.append)
    assert (summary.colored, summary.copied, summary.failed) == (1, 1, {})
    assert (summary.output / "all.tif").read_bytes() == (source / "all.tif").read_bytes()
    with Image.open(summary.output / "v.tif") as written:
        assert written.n_frames == 4  # type: ignore[attr-defined]
        for number, page in enumerate(pages):
            written.seek(number)
            assert written.size == page.size
            assert written.info["dpi"] == (300, 300)
            result = np.asarray(written.convert("RGB")).astype(int)
            assert np.abs(result[0, 0] - (240, 160, 40)).max() <= 8
        written.seek(3)
        assert (np.asarray(written) == np.asarray(inner)).all()


def test_a_broken_page_in_a_tiff_fails_the_file_and_leaves_nothing(
    chapter: Path, colored: Callable[..., Any], page_of: Callable[..., np.ndarray]
) -> None:
    pages = [Image.fromarray(page_of(seed)) for seed in range(2)]
    pages[0].save(chapter / "v.tif", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    content = (chapter / "v.tif").read_bytes()
    (chapter / "v.tif").write_bytes(content[:-300] + bytes(300))
    summary = colored(chapter)
    assert (summary.colored, list(summary.failed)) == (3, ["v.tif"])
    assert "v.tif" not in files_of(summary.output)


def test_pictures_of_an_animation_that_are_left_out_are_told(
    chapter: Path, colored: Callable[..., Any], page_of: Callable[..., np.ndarray]
) -> None:
    pages = [Image.fromarray(page_of(seed)) for seed in range(3)]
    pages[0].save(chapter / "a.gif", save_all=True, append_images=pages[1:])
    events: list[Event] = []
    assert colored(chapter, tell=events.append).colored == 4
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "a.gif is an animation; its 2 other pictures are left out"
    ]


def test_pages_by_other_suffixes_are_pages(
    tmp_path: Path, colored: Callable[..., Any], page_of: Callable[..., np.ndarray]
) -> None:
    source = tmp_path / "c"
    source.mkdir()
    page = Image.fromarray(page_of(0))
    for name, format_ in (("a.avif", "AVIF"), ("a.jfif", "JPEG"), ("a.jpe", "JPEG")):
        page.save(source / name, format_)
    (source / "a.jxl").write_bytes(b"\xff\x0a" + bytes(40))
    summary = colored(source)
    assert (summary.colored, list(summary.failed)) == (3, ["a.jxl"])


@pytest.mark.parametrize("name", ["crash_0.tif", "crash_1.tif", "crash_2.tif", "crash_3.tif"])
def test_damaged_tiffs_fail_alone(chapter: Path, colored: Callable[..., Any], name: str) -> None:
    broken = Path(__file__).parents[1] / "broken" / name
    shutil.copyfile(broken, chapter / name)
    summary = colored(chapter)
    assert (summary.colored, list(summary.failed)) == (3, [name])
    assert "broken" in summary.failed[name]


def test_a_yellowed_page_is_coloured(chapter: Path, colored: Callable[..., Any]) -> None:
    page = np.asarray(Image.open(chapter / "page 1.png")) / 255
    ink, paper = np.array([40, 30, 25]), np.array([240, 225, 185])
    scan = (ink + (paper - ink) * page[..., None]).astype(np.uint8)
    Image.fromarray(scan).save(chapter / "page 1.png")
    summary = colored(chapter)
    assert (summary.colored, summary.copied) == (3, 0)


def test_a_reference_without_colour_is_refused_and_left_out_beside_others(
    chapter: Path, colored: Callable[..., Any], cover: Path, tmp_path: Path
) -> None:
    grey = tmp_path / "grey.png"
    Image.linear_gradient("L").convert("RGB").save(grey)
    with pytest.raises(InputError, match=r"no colour in .*grey\.png"):
        colored(chapter, references=[grey])
    assert not chapter.with_name("chapter-color").exists()
    events: list[Event] = []
    summary = colored(chapter, references=[grey, cover], tell=events.append)
    assert [event.text for event in events if isinstance(event, Notice)] == [
        f"{grey} has no colour to take over; it is left out"
    ]
    assert summary.colored == 3
    # The grey one has no part in the outcome, so the pages are done already.
    assert colored(chapter, references=[cover]).skipped == 3


def test_a_changed_page_and_a_lost_output_are_done_again_alone(
    chapter: Path, colored: Callable[..., Any], page_of: Callable[..., np.ndarray]
) -> None:
    output = colored(chapter).output
    Image.fromarray(page_of(77)).save(chapter / "page 2.png")
    (output / "page 10.png").unlink()
    done: list[Event] = []
    summary = colored(chapter, tell=done.append)
    assert (summary.colored, summary.skipped) == (2, 1)
    assert {event.name for event in done if isinstance(event, Done)} == {
        "page 2.png",
        "page 10.png",
    }


def test_a_bad_page_is_reported_and_the_rest_is_done(
    chapter: Path, colored: Callable[..., Any]
) -> None:
    (chapter / "page 3.png").write_bytes(b"not a picture")
    events: list[Event] = []
    summary = colored(chapter, tell=events.append)
    assert summary.colored == 3
    assert list(summary.failed) == ["page 3.png"]
    assert [type(event) for event in events[2:]] == [Done, Done, Failed, Done]
    assert "page 3.png" not in pages_of(summary.output)
    again = colored(chapter)
    assert (again.colored, again.skipped, list(again.failed)) == (0, 3, ["page 3.png"])


def test_pages_and_tree_keep_their_names_and_formats(
    tmp_path: Path, colored: Callable[..., Any], page_of: Callable[..., np.ndarray]
) -> None:
    source = tmp_path / "巻1"
    (source / "第1話").mkdir(parents=True)
    page = Image.fromarray(page_of(1))
    for name in ("a.png", "a.jpg", "a.webp", "a.gif", "a.bmp", "a.tif", "第1話/頁1.PNG"):
        page.save(source / name)
    page.save(source / "really-a-jpeg.png", "JPEG")
    output = colored(source).output
    assert pages_of(output) == pages_of(source)
    for name in pages_of(source):
        with Image.open(source / name) as before, Image.open(output / name) as after:
            assert (after.format, after.size) == (before.format, before.size)


def test_an_archive_comes_out_as_an_archive(
    chapter: Path, colored: Callable[..., Any], tmp_path: Path
) -> None:
    source = zipped(chapter, tmp_path / "x.cbz", "ComicInfo.xml", "__MACOSX/._a.png")
    folder = colored(chapter).output
    summary = colored(source)
    assert summary.output == tmp_path / "x-color.cbz"
    assert not list(tmp_path.glob(".*"))
    with zipfile.ZipFile(summary.output) as archive:
        names = [name for name in archive.namelist() if not name.startswith(".")]
        assert set(names) == {f"第1話/{name}" for name in pages_of(chapter)} | {"ComicInfo.xml"}
        assert archive.read("ComicInfo.xml") == b"content of ComicInfo.xml"
        for name in pages_of(chapter):
            assert archive.read(f"第1話/{name}") == (folder / name).read_bytes()
    before = summary.output.stat().st_mtime_ns
    again = colored(source)
    assert (again.colored, again.skipped) == (0, 3)
    assert summary.output.stat().st_mtime_ns == before
    assert colored(source, overwrite=True).colored == 3


def test_an_archive_with_a_bad_page_stays_complete_and_is_mended_later(
    chapter: Path, colored: Callable[..., Any], tmp_path: Path, page_of: Callable[..., np.ndarray]
) -> None:
    (chapter / "page 3.png").write_bytes(b"not a picture")
    source = zipped(chapter, tmp_path / "x.cbz")
    summary = colored(source)
    assert (summary.colored, list(summary.failed)) == (3, ["第1話/page 3.png"])
    with zipfile.ZipFile(summary.output) as archive:
        assert archive.read("第1話/page 3.png") == b"not a picture"
    before = summary.output.stat().st_mtime_ns
    assert colored(source).skipped == 3
    assert summary.output.stat().st_mtime_ns == before
    Image.fromarray(page_of(5)).save(chapter / "page 3.png")
    mended = colored(zipped(chapter, source))
    assert (mended.colored, mended.skipped, mended.failed) == (1, 3, {})
    with zipfile.ZipFile(summary.output) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 5
    assert not list(tmp_path.glob(".*"))


def test_a_chapter_of_bad_pages_leaves_nothing(tmp_path: Path, colored: Callable[..., Any]) -> None:
    source = tmp_path / "c"
    source.mkdir()
    (source / "1.png").write_bytes(b"no")
    summary = colored(source)
    assert (summary.colored, len(summary.failed)) == (0, 1)
    assert not summary.output.exists()
    summary = colored(zipped(source, tmp_path / "x.zip"))
    assert not summary.output.exists()
    assert not list(tmp_path.glob(".*"))


def test_a_model_that_fails_on_every_page_is_a_model_error(
    chapter: Path, colored: Callable[..., Any], broken_bundle: Path
) -> None:
    with pytest.raises(ModelError, match="not numbers"):
        colored(chapter, model=broken_bundle)
    assert not chapter.with_name("chapter-color").exists()


@pytest.mark.parametrize("content", [None, b"", b"text"])
def test_a_bad_reference_is_refused_before_any_work(
    chapter: Path, colored: Callable[..., Any], tmp_path: Path, content: bytes | None
) -> None:
    reference = tmp_path / "ref.png"
    if content is not None:
        reference.write_bytes(content)
    with pytest.raises(InputError, match=r"ref\.png"):
        colored(chapter, references=[reference])
    assert not chapter.with_name("chapter-color").exists()


def test_an_interrupt_leaves_whole_pages_and_the_next_run_goes_on(
    chapter: Path, colored: Callable[..., Any]
) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, Done):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        colored(chapter, tell=interrupt)
    output = chapter.with_name("chapter-color")
    for name in pages_of(output):
        read_color(output / name)
    summary = colored(chapter)
    assert summary.skipped >= 1
    assert summary.colored + summary.skipped == 3


def test_an_interrupt_says_that_what_is_coloured_is_still_written(
    chapter: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, events = colorist.Colorist._color, list[Event]()

    def color(self: colorist.Colorist, group: Any) -> Any:
        if any(page.name == "page 2.png" for page in group):
            raise KeyboardInterrupt
        return real(self, group)

    # The first page is on its way out for as long as nothing is told of the interrupt.
    heard, place = threading.Event(), placing.Placing.place

    def placed(self: placing.Placing, sheet: Any) -> Any:
        heard.wait(30)
        return place(self, sheet)

    def tell(event: Event) -> None:
        events.append(event)
        if isinstance(event, Notice):
            heard.set()

    monkeypatch.setattr(placing.Placing, "place", placed)
    monkeypatch.setattr(colorist.Colorist, "_color", color)
    with pytest.raises(KeyboardInterrupt):
        colored(chapter, tell=tell)
    told = [event for event in events if isinstance(event, Notice | Done)]
    assert [type(event) for event in told] == [Notice, Done]
    assert isinstance(told[0], Notice) and told[0].text.startswith("Interrupted:")


@pytest.fixture
def writing_fails(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes the writing of page 2 raise."""
    real = placing.atomic_write  # type: ignore[attr-defined]

    def fail(error: BaseException) -> None:
        def write(target: Path, content: bytes) -> None:
            if target.name == "page 2.png":
                raise error
            real(target, content)

        monkeypatch.setattr(placing, "atomic_write", write)

    return fail


@pytest.mark.parametrize(
    ("error", "reason", "cause"),
    [
        (PermissionError(13, "Denied"), "It cannot be written: Denied.", Cause.WRITING),
        (MemoryError(), "There was not enough memory.", Cause.MEMORY),
        (ValueError("bad"), "mangacolor itself failed on it, which is no fault", Cause.OURS),
        (TypeError("bad"), "TypeError: bad. Please report it", Cause.OURS),
    ],
)
def test_whatever_a_page_raises_is_its_own_failure(
    chapter: Path,
    colored: Callable[..., Any],
    writing_fails: Callable[[BaseException], None],
    error: BaseException,
    reason: str,
    cause: Cause,
) -> None:
    writing_fails(error)
    summary = colored(chapter)
    assert summary.causes == {cause}
    assert list(summary.failed) == ["page 2.png"]
    assert reason in summary.failed["page 2.png"]
    assert summary.colored == 2


def test_a_full_disk_ends_the_run_and_says_what_is_kept(
    chapter: Path, colored: Callable[..., Any], writing_fails: Callable[[BaseException], None]
) -> None:
    writing_fails(OSError(28, "No space left on device"))
    with pytest.raises(StorageError, match="No space left") as caught:
        colored(chapter)
    assert "chapter-color" in caught.value.message
    assert "kept" in caught.value.hint
    assert pages_of(chapter.with_name("chapter-color")) >= {"page 1.png"}


def test_an_archive_that_finds_no_room_keeps_its_pages(
    chapter: Path,
    colored: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    source = zipped(chapter, tmp_path / "x.cbz")
    with monkeypatch.context() as patch:
        patch.setattr("mangacolor.chapter.assemble.write_archive", full)
        with pytest.raises(StorageError, match=r"x-color\.cbz .*No space") as caught:
            colored(source)
    assert "3 pages" in caught.value.hint
    assert not (tmp_path / "x-color.cbz").exists()
    assert colored(source).skipped == 3
    assert (tmp_path / "x-color.cbz").exists()


def test_pages_of_one_shape_go_through_together_with_the_same_outcome(
    chapter: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = files_of(colored(chapter).output)
    shutil.rmtree(chapter.with_name("chapter-color"))
    monkeypatch.setitem(colorist._TOGETHER, "cpu", 3)
    together = files_of(colored(chapter).output)
    assert {name: together[name] for name in pages_of(chapter)} == {
        name: alone[name] for name in pages_of(chapter)
    }


def test_strips_are_not_shrunk_to_nothing() -> None:
    assert working_size(1600, 1200, 512) == (512, 384)
    height, width = working_size(8000, 800, 512)
    assert width >= 200
    height, width = working_size(60000, 800, 512)
    assert height * width <= 4.1 * 512 * 512


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[int]]:
    """Makes any engine fail above a longer side; gives the sides that were tried."""
    real = Engine.color

    def limit(longest: int) -> list[int]:
        tried: list[int] = []

        def color(self: Engine, lineart: np.ndarray, style: Any, *told: Any) -> np.ndarray:
            tried.append(max(lineart.shape[2:]))
            if tried[-1] > longest:
                raise MemoryLimitError("The colour graph ran out of memory.")
            return real(self, lineart, style, *told)

        monkeypatch.setattr(Engine, "color", color)
        return tried

    return limit


def test_too_little_memory_makes_pages_smaller_and_loses_none(
    chapter: Path, colored: Callable[..., Any], small_memory: Callable[[int], list[int]]
) -> None:
    tried = small_memory(256)
    events: list[Event] = []
    config = BatchConfig(device="cpu", size=512)
    summary = colored(chapter, config=config, tell=events.append)
    assert (summary.colored, summary.failed) == (3, {})
    sizes = [event.size for event in events if isinstance(event, Smaller)]
    assert sizes == [384, 288, 192]
    # Every page after the first is at once taken at the size that is enough.
    assert tried == [512, 384, 288, 192, 192, 192]
    for path in chapter.iterdir():
        assert read_color(summary.output / path.name).shape == (90, 60, 3)


@pytest.mark.parametrize("most", [1, 2])
def test_too_little_memory_for_a_group_makes_groups_smaller_for_good(
    chapter: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    for number in range(20, 29):
        shutil.copy(chapter / "page 1.png", chapter / f"page {number}.png")
    alone = files_of(colored(chapter).output)
    shutil.rmtree(chapter.with_name("chapter-color"))
    monkeypatch.setitem(colorist._TOGETHER, "cpu", 4)
    real, tried = Engine.color, []

    def color(self: Engine, lineart: np.ndarray, style: Any, *told: Any) -> np.ndarray:
        # Pages get ready meanwhile, so that groups are as large as they may be.
        time.sleep(0.1)
        tried.append(len(lineart))
        if tried[-1] > most:
            raise MemoryLimitError("The colour graph ran out of memory.")
        return real(self, lineart, style, *told)

    monkeypatch.setattr(Engine, "color", color)
    events: list[Event] = []
    summary = colored(chapter, tell=events.append)
    assert (summary.colored, summary.failed) == (12, {})
    assert sum(count > most for count in tried) <= 2
    assert max(tried) > most
    assert not [event for event in events if isinstance(event, Smaller)]
    pages = pages_of(chapter)
    made = files_of(summary.output)
    assert {name: made[name] for name in pages} == {name: alone[name] for name in pages}


def test_memory_that_is_never_enough_ends(
    chapter: Path, colored: Callable[..., Any], small_memory: Callable[[int], list[int]]
) -> None:
    tried = small_memory(0)
    with pytest.raises(MemoryLimitError, match="memory"):
        colored(chapter, config=BatchConfig(device="cpu", size=256))
    assert min(tried) >= 128
    assert len(tried) < 10


def test_a_file_that_somebody_put_into_the_output_is_kept(
    chapter: Path, cover: Path, fake_bundle: Path
) -> None:
    output = color_chapter(chapter, [cover], fake_bundle).output
    mine = (chapter / "page 1.png").read_bytes()
    (chapter / "page 11.png").write_bytes(mine)
    (output / "page 11.png").write_bytes(mine)
    summary = color_chapter(chapter, [cover], fake_bundle)
    assert list(summary.failed) == ["page 11.png"]
    assert (output / "page 11.png").read_bytes() == mine
    assert not color_chapter(chapter, [cover], fake_bundle, overwrite=True).failed
    assert (output / "page 11.png").read_bytes() != mine


def test_not_even_overwrite_replaces_an_input(
    chapter: Path, cover: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    references = tmp_path / "references"
    references.mkdir()
    shutil.copy(cover, references / "page 1.png")
    packed = tmp_path / "packed.cbz"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(cover, "cover.png")
    for reference, out in ((references, references), (packed / "cover.png", packed)):
        with pytest.raises(UsageError, match="is an input"):
            color_chapter(chapter, [reference], fake_bundle, out=out, overwrite=True)
    assert (references / "page 1.png").read_bytes() == cover.read_bytes()
    assert zipfile.ZipFile(packed).namelist() == ["cover.png"]
