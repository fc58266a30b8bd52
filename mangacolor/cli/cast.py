"""`mangacolor cast`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mangacolor.cli.console import say
from mangacolor.errors import InputError

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
) -> None:
    """See what colours references offer, and change some: a sheet, and a file for `batch --cast`.

    Colours that were changed in the file before stay changed.
    """
    from mangacolor.batch.cast import find_cast, read_cast
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

    pictures = read_references(references, tell)
    found = find_cast(pictures)
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
