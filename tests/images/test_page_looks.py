"""What a page looks like: the same however it is packed, another as soon as somebody paints."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.images.looks import is_alike, looks_of
from tests.conftest import draw_color_page

PAGE = draw_color_page(3).resize((960, 1280), Image.Resampling.LANCZOS)
LOOKS = looks_of(np.asarray(PAGE), "PNG")


def packed(picture: Image.Image, format_: str, **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, format_, **options)
    return target.getvalue()


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("PNG", {"compress_level": 9, "dpi": (99, 99)}),
        ("JPEG", {"quality": 70}),
        ("WEBP", {"quality": 70}),
        ("TIFF", {}),
    ],
)
def test_what_is_packed_or_tagged_anew_is_alike(format_: str, options: dict[str, Any]) -> None:
    assert is_alike(packed(PAGE, format_, **options), LOOKS)


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_a_small_spot_of_paint_is_another_page(format_: str) -> None:
    painted = PAGE.copy()
    ImageDraw.Draw(painted).ellipse((300, 300, 312, 312), fill=(90, 0, 160))
    assert not is_alike(packed(painted, format_), LOOKS)


def test_a_slightly_other_colour_is_another_page() -> None:
    darker = Image.fromarray((np.asarray(PAGE) * 0.97).astype(np.uint8))
    assert not is_alike(packed(darker, "PNG"), LOOKS)
    assert not is_alike(packed(darker, "JPEG", quality=95), LOOKS)
    assert not is_alike(packed(PAGE.resize((480, 640)), "PNG"), LOOKS)
    assert not is_alike(packed(PAGE.transpose(Image.Transpose.ROTATE_90), "PNG"), LOOKS)


@pytest.mark.parametrize(
    "looks",
    [None, 3, "", "x", "3x3 !", "exact 999x999 9x9 abc", "lossy 3x3 9x9 !", "0x0 ", "3x3 é"],
)
def test_what_cannot_be_compared_is_not_alike(looks: object) -> None:
    assert not is_alike(packed(PAGE, "PNG"), looks)
    assert not is_alike(b"broken", LOOKS)
