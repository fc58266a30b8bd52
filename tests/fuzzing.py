"""What readers are given that people's files could be: seeds, damage to them, and the one law.

The test runs a bounded number; `scripts/fuzz` as many as are asked for.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms
from safetensors.torch import save

from mangacolor.batch.cast import find_cast
from mangacolor.batch.cast_file import read_cast
from mangacolor.batch.references import Reference
from mangacolor.bundle import BUNDLE_FILE, read_bundle
from mangacolor.chapter.beside import find_beside, is_changed_beside
from mangacolor.chapter.edited import find_edited
from mangacolor.chapter.journal import JOURNAL, is_our_output, read_journal, seen_sources
from mangacolor.chapter.pdf_sheets import sheet_owners
from mangacolor.chapter.plan import Aim
from mangacolor.chapter.planning import make_plan
from mangacolor.data.layouts import find_examples
from mangacolor.errors import MangacolorError
from mangacolor.images.archive import open_archive
from mangacolor.images.layer_pixels import read_saved
from mangacolor.images.layers import Layer
from mangacolor.images.looks import is_alike
from mangacolor.images.openraster import encode_openraster
from mangacolor.images.page import frames_of, read_color, read_frame, read_page
from mangacolor.images.pdf import open_pdf
from mangacolor.images.pdf_written import PdfPage, write_pdf
from mangacolor.images.photoshop import encode_photoshop
from mangacolor.images.strokes import count_idle, find_stroked, read_strokes
from mangacolor.nets.checkpoint import load_checkpoint
from mangacolor.recipes import check_recipe, read_recipe
from tests.batch.drawn_pdf import rich_pdf
from tests.conftest import TINY_TOML, draw_picture, write_fake_bundle

# Where, as a share of the file, how long, and what is put there; how many bytes stay at the end.
Damage = tuple[float, int, bytes]
Reader = Callable[[bytes, Path], None]

BROKEN = Path(__file__).parent / "broken"


def damaged(content: bytes, damages: Iterable[Damage], length: float) -> bytes:
    """A file with bytes replaced, put in or taken out, and cut off."""
    data = bytearray(content)
    for place, taken, put in damages:
        at = int(place * len(data))
        data[at : at + taken] = put
    return bytes(data[: round(length * len(data))])


def pictures() -> list[bytes]:
    """A small picture in every format and mode that is read, and files that broke a reader."""
    color = draw_picture(1).resize((24, 30))
    found = [path.read_bytes() for path in sorted(BROKEN.iterdir())]
    deep = Image.fromarray(np.asarray(color.convert("L")).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6

    def add(picture: Image.Image, format_: str, **options: object) -> None:
        target = io.BytesIO()
        picture.save(target, format_, **options)
        found.append(target.getvalue())

    for format_ in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM"):
        add(color, format_)
    for format_ in ("PNG", "GIF", "WEBP", "TIFF"):
        add(color, format_, save_all=True, append_images=[color.rotate(90), color])
    for mode in ("1", "L", "LA", "P", "RGBA", "CMYK", "I", "F", "YCbCr", "LAB"):
        picture = color.convert("RGB").convert(mode) if mode != "LAB" else Image.new(mode, (9, 9))
        add(picture, "TIFF")
    for compression in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits"):
        add(color, "TIFF", compression=compression)
    add(deep, "PNG", transparency=0)
    add(deep, "TIFF")
    add(color, "JPEG", exif=exif, dpi=(300, 300), icc_profile=b"rubbish")
    return found


def archives() -> list[bytes]:
    """Archives with names in several codings, folders, comments, and compressed members."""
    found = []
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", compression) as archive:
            archive.comment = b"a comment"
            for name in ("第1話/表紙.png", "a\\b.png", "/c.png", "../d.png", "ComicInfo.xml"):
                archive.writestr(name, name.encode() * 5)
        found.append(target.getvalue())
    return [*found, _epub(), _packed()]


def _epub() -> bytes:
    """A comic as EPUB."""
    target = io.BytesIO()
    item = '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml", '<container><rootfile full-path="O/c.opf"/></container>'
        )
        archive.writestr(
            "O/c.opf",
            f'<package><manifest>{item}</manifest><spine><itemref idref="a"/></spine></package>',
        )
        archive.writestr("O/a.xhtml", '<html><img src="b.png"/><image xlink:href="c.png"/></html>')
        archive.writestr("O/c.png", b"c")
        archive.writestr("O/b.png", b"b")
    return target.getvalue()


def _packed() -> bytes:
    """An archive with a journal, a manifest, strokes, a cast and a PDF in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, made in (
            ("s.png", strokes()),
            ("x.pdf", pdfs()),
            ("cast.json", casts()),
            ("manifest.csv", manifests()),
            (JOURNAL, [journals()[1] + b'\n{"beside": {"ComicInfo.xml": 3}}\n']),
        ):
            archive.writestr(name, made[0])
    return target.getvalue()


def strokes() -> list[bytes]:
    """Strokes of colour in every way that programs save layers."""
    picture = Image.new("RGBA", (24, 30))
    picture.paste((255, 0, 255, 200), (4, 4, 12, 9))
    exif = Image.Exif()
    exif[0x0112] = 5
    found = []
    palette = picture.quantize(4)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    ways: list[tuple[Image.Image, str, dict[str, object]]] = [
        (picture, "PNG", {"icc_profile": profile, "exif": exif}),
        (palette, "PNG", {"transparency": 0}),
        (palette, "GIF", {"transparency": 0}),
        (picture.convert("LA"), "PNG", {}),
        (picture, "WEBP", {"exif": exif}),
        (picture, "TIFF", {}),
    ]
    for some, format_, options in ways:
        target = io.BytesIO()
        some.save(target, format_, **options)
        found.append(target.getvalue())
    return found


def casts() -> list[bytes]:
    """A cast as it is written, and as Notepad saves it."""
    picture = draw_picture(2).resize((48, 48))
    target = io.BytesIO()
    picture.save(target, "PNG")
    text = find_cast([Reference(target.getvalue(), "a.png")]).to_json()
    return [text.encode(), text.replace("\n", "\r\n").encode("utf-16")]


def layered_files() -> list[bytes]:
    """OpenRaster and PSD of two layers."""
    picture = np.asarray(draw_picture(1).resize((24, 30)))
    layers = [Layer("flats", np.insert(picture, 3, 255, axis=2)), Layer("ink", picture, "multiply")]
    return [encode(layers, picture, (72, 72)) for encode in (encode_openraster, encode_photoshop)]


def manifests() -> list[bytes]:
    """Tables of series as Excel saves them."""
    lines = ("file{0}group", "a.png{0}one", "sub\\b.png{0}two", "")
    texts = ["\r\n".join(lines).format(separator) for separator in ",;\t"]
    return [
        *(text.encode() for text in texts),
        texts[1].encode("utf-16"),
        b"sep=;\n" + texts[1].encode(),
    ]


def checkpoints() -> list[bytes]:
    """A checkpoint of one weight."""
    record = {"format": 2, "recipe": {"net": {"width": 4}}, "step": 1, "pictures": 2}
    history = [{"device": "cpu"}]
    metadata = {"mangacolor": json.dumps({**record, "history": history})}
    return [save({"ema/x": torch.zeros(2), "net/x": torch.zeros(2)}, metadata)]


def bundles() -> list[bytes]:
    """The text of a bundle's `bundle.json`."""
    with tempfile.TemporaryDirectory() as place:
        folder = write_fake_bundle(Path(place) / "bundle")
        return [(folder / BUNDLE_FILE).read_bytes()]


def pdfs() -> list[bytes]:
    """PDFs of pictures, and one with a journal."""
    found = []
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "x.pdf"
        for format_, record in (("JPEG", ""), ("PNG", '{"page": "a", "fingerprint": "0"}')):
            target = io.BytesIO()
            draw_picture(1).resize((24, 30)).save(target, format_)
            write_pdf(path, [PdfPage(target.getvalue())], lambda sums, r=record: r, 90)  # type: ignore[misc]
            found.append(path.read_bytes())
    target = io.BytesIO()
    draw_picture(1).resize((24, 30)).convert("1").save(target, "PDF")
    jpeg = io.BytesIO()
    draw_picture(1).resize((60, 90)).convert("L").save(jpeg, "JPEG")
    return [*found, target.getvalue(), rich_pdf([jpeg.getvalue()] * 2)]


def journals() -> list[bytes]:
    """Lines of journals of folders and of archives."""
    seen = {"size": 3, "time": 4, "digest": "ab" * 32}
    page = {"page": "a.png", "output": "cd" * 32}
    done = {**page, "fingerprint": "ef" * 32, "size": 1, "time": 2, "smaller": 96, "source": seen}
    packed = {"page": "a.png", "fingerprint": "ef" * 32, "file": "a.png", "crc": 12}
    lines = [json.dumps(line) for line in ({"job": "x"}, page, done, packed)]
    return ["\n".join(lines).encode(), lines[-1].encode()]


def read_some_strokes(content: bytes, place: Path) -> None:
    read = read_strokes(content, "x")
    areas = np.arange(4, dtype=np.int32).reshape(2, 2).repeat(12, 0).repeat(12, 1)
    find_stroked(read, areas)
    count_idle(read, areas)


def read_a_cast(content: bytes, place: Path) -> None:
    path = place / "cast.json"
    path.write_bytes(content)
    cast = read_cast(path, lambda event: None)
    cast.to_json()
    target = io.BytesIO()
    draw_picture(2).resize((48, 48)).save(target, "PNG")
    for reference in cast.dress([Reference(target.getvalue(), "a.png")], lambda event: None):
        assert len(reference.digest) == 64
        reference.read()


def read_layered(content: bytes, place: Path) -> None:
    saved = read_saved(content)
    if saved is not None:
        assert len(saved.digest) == 64
        assert is_alike(saved.merged, "") is False


def read_a_manifest(content: bytes, place: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.new("RGB", (9, 9), "red").save(place / name)
    (place / "manifest.csv").write_bytes(content)
    find_examples(place, "color")


def read_picture(content: bytes, place: Path) -> None:
    read_page(content, "x")
    read_color(content, "x")
    for frame in frames_of(content, "x")[:4]:
        assert read_frame(content, frame, "x").grey.dtype == np.uint8


def read_archive(content: bytes, place: Path) -> None:
    path = place / "x.cbz"
    path.write_bytes(content)
    is_our_output(path)
    find_beside(path)
    find_edited(path)
    with open_archive(path) as archive:
        archive.pages()
        for member in archive.members:
            try:
                archive.read(member)
            except MangacolorError:
                continue


def read_a_pdf(content: bytes, place: Path) -> None:
    path = place / "x.pdf"
    path.write_bytes(content)
    read_journal(path)
    find_edited(path)
    is_changed_beside(path)
    with open_pdf(path, 36) as pdf:
        pdf.facts()
        sheet_owners(pdf)
        for number in range(min(4, len(pdf.names))):
            pdf.size(number)
            pdf.read(number)
        named = [PdfPage(b"", place=i, stays=True) for i in range(len(pdf.names))]
    if len(named) < 5:
        replaced = [dataclasses.replace(named[0], content=_jpeg(), stays=False), *named[1:]]
        write_pdf(place / "out.pdf", replaced, lambda sums: "", 90, path)


@functools.cache
def _jpeg() -> bytes:
    target = io.BytesIO()
    draw_picture(3).resize((24, 36)).save(target, "JPEG")
    return target.getvalue()


def read_a_journal(content: bytes, place: Path) -> None:
    out, packed = place / "out", place / "out.cbz"
    out.mkdir(exist_ok=True)
    (out / "a.png").write_bytes(b"x")
    (out / JOURNAL).write_bytes(content)
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.png", b"x")
        archive.writestr(JOURNAL, content)
    find_edited(out)
    seen_sources(out)
    find_edited(packed)
    source = place / "in"
    source.mkdir(exist_ok=True)
    (source / "a.png").write_bytes(b"x")
    for output in (out, packed):
        with make_plan(Aim(source, output, "job")) as plan:
            assert len(plan.todo) + len(plan.done) == 1


def read_a_checkpoint(content: bytes, place: Path) -> None:
    path = place / "x.safetensors"
    path.write_bytes(content)
    load_checkpoint(path)


def read_a_bundle(content: bytes, place: Path) -> None:
    (place / BUNDLE_FILE).write_bytes(content)
    read_bundle(place)


def read_a_recipe(content: bytes, place: Path) -> None:
    path = place / "x.toml"
    path.write_bytes(content)
    check_recipe(read_recipe(path))


# Seeds and reader of each kind of file.
KINDS: dict[str, tuple[Callable[[], list[bytes]], Reader]] = {
    "picture": (pictures, read_picture),
    "archive": (archives, read_archive),
    "pdf": (pdfs, read_a_pdf),
    "strokes": (strokes, read_some_strokes),
    "cast": (casts, read_a_cast),
    "layered": (layered_files, read_layered),
    "manifest": (manifests, read_a_manifest),
    "journal": (journals, read_a_journal),
    "checkpoint": (checkpoints, read_a_checkpoint),
    "bundle": (bundles, read_a_bundle),
    "recipe": (lambda: [TINY_TOML.encode()], read_a_recipe),
}


def escape_of(read: Reader, content: bytes, place: Path) -> BaseException | None:
    """What a reader raises that is none of this project's errors; None if it keeps the law."""
    try:
        read(content, place)
    except (MangacolorError, MemoryError):
        return None
    except Exception as error:
        return error
    return None
