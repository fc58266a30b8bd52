"""Pages as PNG: nothing is lost, and they are no larger than Pillow's."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from mangacolor.comic.page import draw_page
from mangacolor.comic.series import Series
from mangacolor.images.png import encode_png


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (61, 40), (1_000_001, 1)])
def test_every_pixel_comes_back(size: tuple[int, int]) -> None:
    color = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    with Image.open(io.BytesIO(encode_png(color))) as picture:
        assert (picture.format, picture.mode) == ("PNG", "RGB")
        assert "dpi" not in picture.info
        assert (np.asarray(picture) == color).all()


@pytest.mark.parametrize("dpi", [(72.0, 72.0), (299.9994, 600.0), (1200.0, 1200.0)])
def test_it_says_of_how_many_dots_an_inch_it_is(dpi: tuple[float, float]) -> None:
    color = np.full((3, 4, 3), 7, np.uint8)
    pillows = io.BytesIO()
    Image.fromarray(color).save(pillows, "PNG", dpi=dpi)
    with Image.open(io.BytesIO(encode_png(color, dpi))) as ours, Image.open(pillows) as theirs:
        ours.load()
        assert ours.info["dpi"] == theirs.info["dpi"]
        assert (np.asarray(ours) == color).all()


def test_a_page_is_smaller_than_with_filters() -> None:
    color = draw_page(Series(7), 0, 500, 700).color
    pillows = io.BytesIO()
    Image.fromarray(color).save(pillows, "PNG", compress_level=1)
    assert len(encode_png(color)) < len(pillows.getvalue())


def test_too_little_memory_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise cv2.error("Insufficient memory")

    monkeypatch.setattr(cv2, "imencode", full)
    with pytest.raises(MemoryError, match="Insufficient"):
        encode_png(np.zeros((2, 2, 3), np.uint8))
