from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from mangacolor.errors import InputError
from mangacolor.images.page import Page, encode_page, frames_of, read_color, read_frame, read_page

RAMP = np.linspace(0, 255, 64, dtype=np.uint8)[None].repeat(40, 0)


def encoded(picture: Image.Image, format_: str = "PNG", **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, format_, **options)
    return target.getvalue()


def cases() -> dict[str, bytes]:
    """The ramp in every mode and format that can hold it without visible loss."""
    grey = Image.fromarray(RAMP)
    alpha = Image.new("L", grey.size, 255)
    sixteen = Image.fromarray(RAMP.astype(np.uint16) * 257)
    return {
        "grey png": encoded(grey),
        "16-bit png": encoded(sixteen),
        "16-bit tiff": encoded(sixteen, "TIFF"),
        "la": encoded(Image.merge("LA", (grey, alpha))),
        "rgba": encoded(Image.merge("RGBA", (grey, grey, grey, alpha))),
        "palette": encoded(grey.convert("P")),
        "rgb bmp": encoded(grey.convert("RGB"), "BMP"),
        "gif": encoded(grey, "GIF"),
        "jpeg": encoded(grey, "JPEG", quality=98),
        "cmyk jpeg": encoded(grey.convert("RGB").convert("CMYK"), "JPEG", quality=98),
        "cmyk tiff": encoded(grey.convert("RGB").convert("CMYK"), "TIFF"),
        "webp": encoded(grey.convert("RGB"), "WEBP", quality=98),
        "avif": encoded(grey.convert("RGB"), "AVIF", quality=98),
        "jpeg 2000": encoded(grey, "JPEG2000"),
        "ppm": encoded(grey, "PPM"),
        "float tiff": encoded(Image.fromarray(RAMP.astype(np.float32) / 255), "TIFF"),
    }


@pytest.mark.parametrize("case", cases())
def test_every_mode_gives_the_same_grey(case: str) -> None:
    page = read_page(cases()[case], case)
    assert page.grey.shape == RAMP.shape
    assert page.grey.dtype == np.uint8
    assert np.abs(page.grey.astype(int) - RAMP).max() <= 6


@pytest.mark.parametrize("case", cases())
def test_the_output_has_the_pages_own_format_and_size(case: str) -> None:
    content = cases()[case]
    page = read_page(content, case)
    color = np.zeros((*page.grey.shape, 3), np.uint8)
    color[:, :20] = (250, 120, 30)
    color[:, 40:] = 255
    with Image.open(io.BytesIO(encode_page(page, color, 95))) as written:
        with Image.open(io.BytesIO(content)) as original:
            assert written.format == original.format
        assert written.size == (64, 40)
        back = np.asarray(written.convert("RGB")).astype(int)
    assert np.abs(back[:, 4:16] - (250, 120, 30)).max() <= 12
    assert np.abs(back[:, 44:] - 255).max() <= 3
    assert np.abs(back[:, 24:36]).max() <= 3


def test_a_page_knows_whether_it_is_in_colour() -> None:
    assert not any(read_page(content, case).colored for case, content in cases().items())
    page = Image.new("RGB", (64, 40), "white")
    page.paste("tomato", (0, 0, 30, 40))
    page.paste("royalblue", (34, 0, 64, 40))
    assert read_page(encoded(page), "x").colored


def test_one_bit_pages_are_black_and_white() -> None:
    page = read_page(encoded(Image.fromarray(RAMP > 128)), "1")
    assert set(np.unique(page.grey)) == {0, 255}


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P"])
def test_what_is_transparent_is_paper(mode: str) -> None:
    if mode == "P":
        picture = Image.new("P", (8, 8), 3)
        content = encoded(picture, "GIF", transparency=3)
    else:
        content = encoded(Image.new(mode, (8, 8), 0))
    assert (read_page(content, mode).grey == 255).all()
    assert (read_color(content, mode) == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_undone(orientation: int) -> None:
    picture = Image.new("RGB", (60, 40), "white")
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(picture, "JPEG", exif=exif)
    expected = (60, 40) if orientation >= 5 else (40, 60)
    assert read_page(content, "x").grey.shape == expected
    assert read_color(content, "x").shape == (*expected, 3)


def test_an_animation_gives_its_first_picture() -> None:
    frames = [Image.new("L", (8, 8), value) for value in (10, 200)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    assert (read_page(content, "x").grey == 10).all()


def test_the_pictures_and_the_pages_of_a_file_are_counted() -> None:
    frames = [Image.new("L", (8, 8), value) for value in (10, 200, 90)]
    for format_, pages in (("GIF", 1), ("WEBP", 1), ("PNG", 1), ("TIFF", 3)):
        content = encoded(frames[0], format_, save_all=True, append_images=frames[1:])
        page = read_page(content, "x")
        assert (page.pages, page.pictures) == (pages, 3), format_
        assert len(frames_of(content, "x")) == pages
    read = [read_frame(content, frame) for frame in frames_of(content)]
    assert [int(page.grey[0, 0]) for page in read] == [10, 200, 90]


def test_an_error_of_this_tool_is_not_blamed_on_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(picture: np.ndarray) -> None:
        raise ValueError("operands could not be broadcast")

    monkeypatch.setattr("mangacolor.images.page.coloring_of", fail)
    with pytest.raises(ValueError, match="broadcast"):
        read_page(encoded(Image.new("RGB", (9, 9))), "x")


def test_a_title_in_colour_stays_and_a_page_in_colour_is_one() -> None:
    page = Image.new("RGB", (120, 160), "white")
    page.paste("black", (10, 60, 110, 64))
    page.paste("black", (10, 100, 110, 104))
    page.paste("crimson", (20, 10, 90, 24))
    read = read_page(encoded(page), "x")
    assert not read.colored
    assert read.own is not None
    kept = np.asarray(Image.fromarray(read.own.places).resize((120, 160)))
    assert kept[17, 30:80].min() == 255
    assert kept[60:].max() == 0


def test_a_colour_profile_is_applied_and_a_broken_one_ignored() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.new("RGB", (8, 8), (200, 30, 90))
    for icc in (profile, b"rubbish"):
        read = read_color(encoded(picture, "PNG", icc_profile=icc), "x")
        assert np.abs(read.astype(int) - (200, 30, 90)).max() <= 1


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "TIFF", "BMP"])
def test_the_resolution_is_kept(format_: str) -> None:
    page = read_page(encoded(Image.fromarray(RAMP), format_, dpi=(300, 300)), "x")
    with Image.open(io.BytesIO(encode_page(page, np.zeros((40, 64, 3), np.uint8), 90))) as written:
        assert written.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def broken_files() -> dict[str, bytes]:
    noise = np.random.default_rng(0).integers(0, 255, (200, 200), dtype=np.uint8)
    jpeg, png, webp, gif, tiff = (
        encoded(Image.fromarray(noise), name) for name in ("JPEG", "PNG", "WEBP", "GIF", "TIFF")
    )
    return {
        "empty": b"",
        "text": b"This is a page, honestly.\n" * 40,
        "cut jpeg": jpeg[: len(jpeg) // 2],
        "cut png": png[: len(png) // 2],
        "cut webp": webp[: len(webp) // 2],
        "cut gif": gif[: len(gif) // 2],
        "cut tiff": tiff[: len(tiff) // 2],
        "only a header": png[:40],
        "damaged png": png[:200] + bytes(100) + png[300:],
    }


@pytest.mark.parametrize("case", broken_files())
def test_broken_files_are_input_errors_that_name_the_file(case: str) -> None:
    for read in (read_page, read_color):
        with pytest.raises(InputError, match="the page") as caught:
            read(broken_files()[case], "the page")
        assert "\n" not in caught.value.message


def test_a_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    for side in (36, 60):  # Pillow warns of the first and raises on the second.
        with pytest.raises(InputError, match="too large"):
            read_page(encoded(Image.new("L", (side, side))), "x")


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_page(tmp_path / "none.png")


def test_names_in_japanese(tmp_path: Path) -> None:
    path = tmp_path / "第1話 表紙.png"
    path.write_bytes(encode_page(Page(RAMP, "x"), np.zeros((40, 64, 3), np.uint8), 90))
    assert read_color(path).shape == (40, 64, 3)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
