"""`mangacolor cast`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangacolor.cli.console import say
from mangacolor.errors import InputError

if TYPE_CHECKING:
    from mangacolor.images.groups import KindsOf

__all__ = ["cast"]


def cast(
    references: Annotated[
        list[Path],
        typer.Argument(metavar="REF...", help="Colour pictures, or folders or archives of them."),
    ],
    out: Annotated[
        Path, typer.Option(metavar="JSON", help="File to write; the sheet goes beside it as PNG.")
    ] = Path("cast.json"),
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=#rrggbb",
            help="Another colour for NAME everywhere, or for GROUP/NAME; repeatable.",
        ),
    ] = None,
    model: Annotated[
        str, typer.Option(help="Model that says what areas are: `default`, or a bundle's folder.")
    ] = "default",
) -> None:
    """See what colours references offer, and change some: a sheet, and a file for `batch --cast`.

    Colours that were changed in the file before stay changed.
    """
    from mangacolor.batch.cast import check_wishes, find_cast
    from mangacolor.batch.cast_file import read_cast
    from mangacolor.batch.cast_sheet import draw_sheet
    from mangacolor.batch.events import Notice
    from mangacolor.batch.references import read_references
    from mangacolor.files import atomic_path, atomic_write
    from mangacolor.targets import check_target, is_signed_picture, signature

    if out.suffix.lower() != ".json":
        raise InputError(f"{out} is no name for a cast.", "Give --out a name that ends in .json.")
    picture = out.with_suffix(".png")
    # What is in the file is looked at when it is read.
    check_target(out, "--out", lambda path: True, inputs=references)
    check_target(picture, "--out", is_signed_picture, inputs=references)

    def tell(event: object) -> None:
        if isinstance(event, Notice):
            say(f"{event.text}.")

    check_wishes(set_ or [])
    pictures = read_references(references, tell)
    found = find_cast(pictures, _kinds_of(model))
    if out.exists():
        found = found.keeping(read_cast(out, tell))
    found = found.with_set(set_ or [])
    sheet = draw_sheet(found, pictures)
    atomic_write(out, found.to_json().encode(errors="replace"))
    with atomic_path(picture) as part:
        sheet.save(part, "PNG", pnginfo=signature())
    groups = sum(len(offer.groups) for offer in found.offers)
    say(f"{groups} groups, {len(found.found)} colours: {picture}")
    changed = f", {len(found.wanted)} changed" * bool(found.wanted)
    say(f"Edit its colours in {out}{changed}. Then: mangacolor batch ... --cast {out}")


def _kinds_of(model: str) -> KindsOf | None:
    """What says of areas what they are; None where the model does not know."""
    from mangacolor.bundle import default_bundle, read_bundle
    from mangacolor.runtime.engine import Engine
    from mangacolor.runtime.surfaces import find_kinds

    bundle = read_bundle(default_bundle() if model == "default" else Path(model))
    if bundle.surfaces_path is None:
        return None
    areas = Engine.open(bundle, "cpu").areas
    assert areas is not None
    return functools.partial(find_kinds, areas)
