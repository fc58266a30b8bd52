"""What people's data sets hold: what it is taken for is said, and what is left out is named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.data.dataset import read_example
from mangacolor.data.survey import survey
from mangacolor.errors import InputError
from tests.conftest import draw_picture


def lines_of(picture: Image.Image) -> Image.Image:
    """The black lines of a drawn picture on white."""
    grey = np.asarray(picture.convert("RGB")).max(axis=2)
    return Image.fromarray(np.where(grey < 40, 0, 255).astype(np.uint8)).convert("RGB")


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    joined = Image.new("RGB", (left.width + right.width, left.height))
    joined.paste(left, (0, 0))
    joined.paste(right, (left.width, 0))
    return joined


@pytest.mark.parametrize("size", [(96, 96), (72, 108), (120, 90)])
@pytest.mark.parametrize("right", [False, True])
def test_halves_are_told_by_colour_and_lines_on_either_side(
    tmp_path: Path, size: tuple[int, int], right: bool
) -> None:
    for seed in range(3):
        color = draw_picture(seed).resize(size, Image.Resampling.NEAREST)
        halves = [color, lines_of(color)]
        beside(*(halves[::-1] if right else halves)).save(tmp_path / f"{seed}.png")
    found = survey(tmp_path)
    assert found.layout == f"pairs side by side, colour {'right' if right else 'left'}"
    truth, lineart = read_example(found.examples[0])
    assert lineart is not None
    assert np.ptp(truth.astype(int), axis=2).max() > 60
    assert np.ptp(lineart.astype(int), axis=2).max() == 0


def test_a_grey_half_with_other_lines_makes_no_pair(tmp_path: Path) -> None:
    for seed in range(3):
        color = draw_picture(seed).resize((72, 108))
        other = lines_of(draw_picture(seed + 5)).rotate(90).resize((72, 108))
        beside(color, other).save(tmp_path / f"{seed}.png")
    assert survey(tmp_path).examples[0].lineart is None


@pytest.mark.parametrize("kind", ["folder", "cbz"])
def test_what_cannot_be_used_is_left_out_and_named(tmp_path: Path, kind: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for seed in range(6):
        draw_picture(seed).save(data / f"p{seed}.{'jpg' if seed % 2 else 'png'}")
    for name in ("p1.jpg", "p2.png"):
        (data / name).write_bytes((data / name).read_bytes()[:500])
    (data / "p7.jxl").write_bytes(b"\xff\x0a" + bytes(40))
    Image.new("RGB", (40, 40), "#999").save(data / "p8.png")
    frames = [draw_picture(seed) for seed in range(2)]
    frames[0].save(data / "p9.tif", save_all=True, append_images=frames[1:])
    source = data
    if kind == "cbz":
        source = tmp_path / "data.cbz"
        with zipfile.ZipFile(source, "w") as archive:
            for path in data.iterdir():
                archive.write(path, path.name)
    found = survey(source)
    assert {example.name for example in found.examples} == {"p0", "p3", "p4", "p5", "p9"}
    told = " ".join(found.notices)
    for name in ("p1.jpg", "p2.png", "p7.jxl", "p8", "p9"):
        assert name in told
    assert "3 of 9 cannot be used" in told


def test_a_set_without_colour_is_refused(tmp_path: Path) -> None:
    for seed in range(3):
        lines_of(draw_picture(seed)).save(tmp_path / f"{seed}.png")
    with pytest.raises(InputError, match="3 of 3 without colour"):
        survey(tmp_path)


def test_folders_of_colour_and_black_and_white_are_pairs(tmp_path: Path) -> None:
    for folder in ("Color", "BW"):
        (tmp_path / folder).mkdir()
    for seed in range(2):
        draw_picture(seed).save(tmp_path / "Color" / f"{seed}.png")
        lines_of(draw_picture(seed)).save(tmp_path / "BW" / f"{seed}.png")
    found = survey(tmp_path)
    assert found.layout == "pairs of colour picture and sketch"
    assert all(example.color.parent.name == "Color" for example in found.examples)


def test_a_bomb_and_a_broken_wide_picture_are_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_picture(0).save(tmp_path / "good.png")
    draw_picture(1, 400).save(tmp_path / "bomb.png")
    wide = draw_picture(2).resize((64, 32))
    wide.save(tmp_path / "wide.png")
    (tmp_path / "wide.png").write_bytes((tmp_path / "wide.png").read_bytes()[:200])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20_000)
    found = survey(tmp_path)
    assert [example.name for example in found.examples] == ["good"]
    assert "bomb.png is too large" in " ".join(found.notices)
