"""Layered files read back by others than those who wrote them: Pillow, zipfile, psd-tools."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
import zipfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.errors import InputError
from mangacolor.images.layers import Blend, Layer, to_layers
from mangacolor.images.openraster import encode_openraster
from mangacolor.images.photoshop import encode_photoshop
from tests.images.test_layers import flattened, page_in_color

NAMES = ["paper", "flats", "light", "shade", "ink"]


@pytest.fixture(scope="module")
def page() -> tuple[list[Layer], np.ndarray]:
    grey, colored, areas, _ = page_in_color(dots=True)
    # A balloon, where there are no flats.
    grey, colored = grey.copy(), colored.copy()
    places = (slice(20, 120), slice(230, 380))
    colored[places] = grey[places][..., None]
    areas = areas.copy()
    areas[places] = areas.max() + 1
    return to_layers(grey, colored, areas), colored


def off(picture: np.ndarray, wanted: np.ndarray) -> int:
    return int(np.abs(picture.astype(int) - wanted).max())


def picture_in(file: zipfile.ZipFile, name: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(file.read(name))))


def read_openraster(content: bytes) -> list[Layer]:
    """The layers of an OpenRaster file, from the bottom."""
    blends: dict[str, Blend] = {
        "svg:src-over": "normal",
        "svg:multiply": "multiply",
        "svg:screen": "screen",
    }
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        image = ElementTree.fromstring(file.read("stack.xml"))
        found = [layer.attrib for layer in image.findall("./stack/layer")]
        return [
            Layer(facts["name"], picture_in(file, facts["src"]), blends[facts["composite-op"]])
            for facts in reversed(found)
        ]


def test_openraster_holds_the_layers_as_its_specification_says(
    page: tuple[list[Layer], np.ndarray],
) -> None:
    layers, colored = page
    content = encode_openraster(layers, colored, (300, 299.6))
    # Readers look for this at a fixed place.
    assert content[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.infolist()[0].compress_type == zipfile.ZIP_STORED
        facts = {"w": "400", "h": "300", "xres": "300", "yres": "300"}
        assert facts.items() <= ElementTree.fromstring(file.read("stack.xml")).attrib.items()
        assert off(picture_in(file, "mergedimage.png"), colored) == 0
        assert picture_in(file, "Thumbnails/thumbnail.png").shape == (192, 256, 3)
    read = read_openraster(content)
    assert [layer.name for layer in read] == NAMES
    for layer, written in zip(read, layers, strict=True):
        assert off(layer.picture, written.picture) == 0
    assert off(flattened(read), colored) <= 2


def by_psd_tools(content: bytes) -> Any:
    psd_tools = pytest.importorskip("psd_tools")
    return psd_tools.PSDImage.open(io.BytesIO(content))


def test_photoshop_files_are_one_picture_for_pillow(page: tuple[list[Layer], np.ndarray]) -> None:
    layers, colored = page
    with Image.open(io.BytesIO(encode_photoshop(layers, colored))) as picture:
        assert [name for name, *_ in picture.layers] == NAMES  # type: ignore[attr-defined]
        assert off(np.asarray(picture), colored) == 0


def test_photoshop_files_are_read_and_flattened_by_psd_tools(
    page: tuple[list[Layer], np.ndarray],
) -> None:
    layers, colored = page
    psd = by_psd_tools(encode_photoshop(layers, colored, (300, 600)))
    blends = ["normal", "normal", "screen", "multiply", "multiply"]
    assert [layer.name for layer in psd] == NAMES
    assert [layer.blend_mode.name.lower() for layer in psd] == blends
    for read, layer in zip(psd, layers, strict=True):
        picture = np.asarray(read.topil().convert("RGBA"))
        assert off(picture[..., : layer.picture.shape[2]], layer.picture) == 0
        assert layer.picture.shape[2] == 4 or (picture[..., 3] == 255).all()
    assert off(np.asarray(psd.composite(force=True).convert("RGB")), colored) <= 2
    resolution = psd.image_resources.get_data(1005)
    assert (resolution.horizontal, resolution.vertical) == (300 << 16, 600 << 16)


@pytest.mark.parametrize("width", [1, 2, 127, 128, 129, 300])
def test_rows_of_any_kind_are_packed_as_they_were(width: int) -> None:
    rng = np.random.default_rng(width)
    noise = rng.integers(0, 256, (3, width, 3), np.uint8)
    runs = np.repeat(noise[:, :1], width, axis=1)
    mixed = np.where(rng.random((3, width, 1)) < 0.5, noise, runs).astype(np.uint8)
    layers = [Layer(name, part) for name, part in zip("abc", (noise, runs, mixed), strict=True)]
    content = encode_photoshop(layers, mixed)
    assert off(np.asarray(Image.open(io.BytesIO(content))), mixed) == 0
    for read, layer in zip(by_psd_tools(content), layers, strict=True):
        assert off(np.asarray(read.topil().convert("RGB")), layer.picture) == 0


def test_a_strip_that_is_longer_than_a_psd_can_be_is_refused() -> None:
    strip = np.zeros((30_001, 1, 3), np.uint8)
    with pytest.raises(InputError, match="1x30001"):
        encode_photoshop([Layer("ink", strip)], strip)
    assert encode_openraster([Layer("ink", strip)], strip)
