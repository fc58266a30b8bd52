"""Layered files that a painting program saved anew: worked on only if what they show is other."""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from mangacolor.images.layer_pixels import digest_layers, read_saved
from mangacolor.images.layers import Layer
from mangacolor.images.openraster import encode_openraster
from mangacolor.images.photoshop import BLENDS, encode_photoshop
from tests.batch.test_layered import Chapter, chapter

__all__ = ["chapter"]


def paint(picture: Image.Image) -> Image.Image:
    picture.paste((255, 0, 255, 255)[: len(picture.getbands())], (10, 10, 40, 40))
    return picture


def saved(path: Path, change: str = "") -> None:
    """Saves an OpenRaster file as Krita does: layers cut to what is seen, PNGs packed anew."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    stack = members["stack.xml"].decode()
    picture: Image.Image
    for name in [name for name in members if name.endswith(".png")]:
        picture = Image.open(io.BytesIO(members[name]))
        if change == "paint" and name in ("data/flats.png", "mergedimage.png"):
            paint(picture)
        if name == "data/flats.png":
            # What is behind nothing is not kept.
            pixels = np.array(picture)
            pixels[pixels[..., 3] == 0] = 0
            left, top, *_ = box = Image.fromarray(pixels).getchannel("A").getbbox() or (0, 0, 1, 1)
            picture = Image.fromarray(pixels).crop(box)
            stack = re.sub(r'(name="flats"[^>]*) x="0" y="0"', rf'\1 x="{left}" y="{top}"', stack)
        tags = PngImagePlugin.PngInfo()
        tags.add_text("Software", "Krita")
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", optimize=True, pnginfo=tags)
        members[name] = buffer.getvalue()
    if change == "opacity":
        stack = stack.replace('opacity="1.0"', 'opacity="0.9"', 1)
    if change == "hidden":
        stack = stack.replace('visibility="visible"', 'visibility="hidden"', 1)
    if change == "blend":
        stack = stack.replace("svg:screen", "svg:multiply")
    if change == "layer":
        extra = '<layer name="mine" src="data/paper.png" composite-op="svg:multiply"/><layer'
        stack = stack.replace("<layer", extra, 1)
    if change == "group":
        stack = stack.replace("<layer", "<stack><layer", 1).replace("</stack>", "</stack></stack>")
    members["stack.xml"] = stack.replace("<image", "<image keywords=''", 1).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    os.utime(path, (10**9, 10**9))


def test_one_that_was_only_saved_is_kept_up_with(chapter: Chapter) -> None:
    chapter.color()
    for path in chapter.output.glob("*.ora"):
        saved(path)
    files = chapter.layered()
    # As long as it shows what it should it is not touched, and afterwards it is made anew.
    assert chapter.color().skipped == 2
    assert (chapter.layered(), chapter.notices) == (files, [])
    chapter.color(saturation=0.5)
    assert chapter.notices == []
    assert not set(chapter.layered().values()) & set(files.values())


@pytest.mark.parametrize("change", ["paint", "opacity", "hidden", "blend", "layer", "group"])
def test_one_that_shows_something_else_is_kept(chapter: Chapter, change: str) -> None:
    chapter.color()
    path = chapter.output / "1.ora"
    saved(path, change)
    content = path.read_bytes()
    chapter.color(saturation=0.5)
    assert path.read_bytes() == content
    assert chapter.notices == ["1.ora is not as mangacolor left it: kept"]


def layers_of(seed: int) -> list[Layer]:
    random = np.random.default_rng(seed)
    flats = random.integers(0, 255, (40, 30, 4), np.uint8)
    flats[..., 3] = flats[..., 3] // 128 * 255
    flats[:9, :, 3] = 0
    ink = random.integers(0, 255, (40, 30, 3), np.uint8)
    return [
        Layer("paper", np.full_like(ink, 255)),
        Layer("flats", flats),
        Layer("ink", ink, "multiply"),
    ]


@pytest.mark.parametrize("encode", [encode_openraster, encode_photoshop])
def test_a_file_shows_the_layers_that_it_was_made_of(encode: Callable[..., bytes]) -> None:
    layers = layers_of(1)
    merged = layers[2].picture
    content = encode(layers, merged, (300, 300))
    found = read_saved(content)
    assert found is not None and found.digest == digest_layers(layers)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(found.merged))), merged)
    # One level of one pixel, another order, another way of laying: another digest.
    ink = layers[2].picture.copy()
    ink[5, 5, 1] ^= 1
    for other in (
        [*layers[:2], Layer("ink", ink, "multiply")],
        [layers[1], layers[0], layers[2]],
        [*layers[:2], Layer("ink", layers[2].picture, "screen")],
        layers[:2],
    ):
        assert digest_layers(other) != found.digest
        again = read_saved(encode(other, merged))
        assert again is not None and again.digest == digest_layers(other)
    # What cannot be seen counts for nothing.
    unseen = layers[1].picture.copy()
    unseen[:9, :, :3] = 7
    assert digest_layers([layers[0], Layer("flats", unseen), layers[2]]) == found.digest


@pytest.mark.parametrize("change", ["", "opacity", "visible"])
def test_a_psd_that_another_program_saved(tmp_path: Path, areas_bundle: Path, change: str) -> None:
    psd_tools = pytest.importorskip("psd_tools")
    chapter = Chapter(tmp_path, areas_bundle)
    chapter.color("psd")
    path = chapter.output / "1.psd"
    file = psd_tools.PSDImage.open(path)
    if change:
        setattr(file[1], change, 100 if change == "opacity" else False)
    # Names as Photoshop keeps them, beside those of 31 letters.
    for layer in file:
        layer.name = layer.name
    file.save(path)
    with path.open("ab") as end:
        end.write(b"\0")
    content = path.read_bytes()
    chapter.color("psd", saturation=0.5)
    assert (path.read_bytes() == content) == bool(change)
    assert bool(chapter.notices) == bool(change)


def packed_anew(plane: np.ndarray, how: int) -> bytes:
    """A channel as other programs write it: as it is, or as ZIP, of differences or not."""
    if how == 3:
        plane = np.diff(plane, axis=1, prepend=np.uint8(0))
    raw = np.ascontiguousarray(plane).tobytes()
    return struct.pack(">H", how) + (raw if how == 0 else zlib.compress(raw))


@pytest.mark.parametrize("how", [0, 2, 3])
def test_channels_of_a_psd_however_packed_in_any_order_cut_to_what_is_seen(how: int) -> None:
    layers = layers_of(4)
    records, channels = b"", b""
    for layer in layers:
        top = 9 if layer.name == "flats" else 0
        picture = np.array(Image.fromarray(layer.picture).convert("RGBA"))[top:]
        planes = {c: packed_anew(picture[..., c], how) for c in (0, 1, 2, -1)}
        records += struct.pack(">4iH", top, 0, 40, 30, len(planes))
        records += b"".join(struct.pack(">hI", c, len(x)) for c, x in planes.items())
        records += struct.pack(">4s4sBBBxI", b"8BIM", BLENDS[layer.blend], 255, 0, 8, 4) + bytes(4)
        channels += b"".join(planes.values())
    body = struct.pack(">h", -len(layers)) + records + channels
    merged = layers[2].picture
    content = struct.pack(">4sH6xHIIHHII", b"8BPS", 1, 3, 40, 30, 8, 3, 0, 0)
    content += struct.pack(">II", len(body) + 4, len(body)) + body
    content += b"\0\0" + merged.transpose(2, 0, 1).tobytes()
    found = read_saved(content)
    assert found is not None and found.digest == digest_layers(layers)


@pytest.mark.parametrize("content", [b"", b"8BPS", b"8BPS" + bytes(60), b"PK\3\4", b"mine"])
def test_what_is_no_layered_file_was_changed(content: bytes) -> None:
    assert read_saved(content) is None


@pytest.mark.parametrize("encode", [encode_openraster, encode_photoshop])
def test_a_damaged_one_is_none_or_other(encode: Callable[..., bytes]) -> None:
    layers = layers_of(2)
    content = bytearray(encode(layers, layers[2].picture))
    random = np.random.default_rng(3)
    for _ in range(200):
        damaged = bytearray(content)
        damaged[int(random.integers(len(damaged)))] ^= int(random.integers(1, 255))
        read_saved(bytes(damaged))
        read_saved(bytes(content[: int(random.integers(len(content)))]))
