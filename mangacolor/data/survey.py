"""What a data folder holds, found out before the work: what it was taken for, what is left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np

from mangacolor.config import Layout
from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import Example, find_examples
from mangacolor.data.sources import as_folder
from mangacolor.errors import InputError
from mangacolor.images.colored import has_chroma
from mangacolor.images.decode import check_end, opened, page_frames, pictures_in
from mangacolor.images.page import upright_size

__all__ = ["A_LITTLE", "Survey", "layout_words", "survey", "without_grey"]

# So many pictures, spread over a set, are decoded to look for such as have no colour; if there is
# one, all are.
_LOOKED_AT = 256
_THREADS = 4
# Share of a true picture that must have colour.
A_LITTLE = 0.003


@dataclasses.dataclass(frozen=True)
class Survey:
    """Examples that can be used, and what there is to say of the others.

    Attributes:
        examples: to train on or to score.
        layout: what the pictures were taken for, in words.
        notices: a line for each kind of thing that is left out or taken in part.
    """

    examples: list[Example]
    layout: str
    notices: list[str]


def survey(data: Path, layout: Layout = "auto", *, colors: bool = True) -> Survey:
    """Lists examples as `find_examples` does, with every header opened.

    Args:
        data: folder, CBZ or ZIP.
        layout: how the pictures lie in it.
        colors: leave out what has no colour, too.

    Raises:
        InputError: nothing is there, or nothing of it can be used.
    """
    found = find_examples(as_folder(data), layout)
    facts = _each(found, _check)
    notices = []
    kept = [example for example, (why, _) in zip(found, facts, strict=True) if not why]
    broken = [why for why, _ in facts if why]
    if broken:
        notices.append(_left_out(broken, len(found), "cannot be used"))
    parts = [example.name for example, (_, several) in zip(found, facts, strict=True) if several]
    if parts:
        notices.append(f"Only the first picture is taken of files of several: {_names(parts)}")
    if colors and kept:
        kept, grey = without_grey(kept)
        if grey:
            notices.append(grey)
    if not kept:
        raise InputError(f"{data} has no picture that can be used. {' '.join(notices)}".strip())
    return Survey(kept, layout_words(found), notices)


def layout_words(examples: list[Example]) -> str:
    """What examples were taken for."""
    if all(example.lineart is None for example in examples):
        return "colour pictures, ink is drawn from them"
    if examples[0].is_side_by_side:
        sides = {example.color_right for example in examples}
        words = "colour left" if sides == {False} else "colour right"
        return f"pairs side by side, {words}" if len(sides) == 1 else "pairs side by side"
    return "pairs of colour picture and sketch"


def without_grey(examples: list[Example]) -> tuple[list[Example], str]:
    """Examples whose true picture has colour, and what to say of the others."""
    step = -(-len(examples) // _LOOKED_AT)
    if step > 1 and not any(_each(examples[::step], _is_grey)):
        return examples, ""
    grey = _each(examples, _is_grey)
    left = [example.name for example, is_grey in zip(examples, grey, strict=True) if is_grey]
    kept = [example for example, is_grey in zip(examples, grey, strict=True) if not is_grey]
    if not left:
        return kept, ""
    return kept, f"{len(left)} of {len(examples)} without colour are left out: {_names(left)}"


R = TypeVar("R")


def _each(examples: list[Example], look: Callable[[Example], R]) -> list[R]:
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(look, examples))


def _is_grey(example: Example) -> bool:
    try:
        return not has_chroma(read_example(example)[0], A_LITTLE)
    except InputError:
        # Met, and told, where it is used.
        return False


def _check(example: Example) -> tuple[str, bool]:
    """Why an example cannot be used, or "", and whether its file has several pictures."""
    sizes = []
    several = False
    try:
        for path in dict.fromkeys((example.color, example.lineart or example.color)):
            with opened(path, str(path)) as picture:
                check_end(path, str(path))
                sizes.append(upright_size(picture))
                several |= max(pictures_in(picture), len(page_frames(picture))) > 1
    except InputError as error:
        return error.message, False
    if len(set(sizes)) > 1:
        (w, h), (other_w, other_h) = sizes
        return f"{example.lineart} is {other_w}x{other_h}, but {example.color} is {w}x{h}.", False
    if example.is_side_by_side and sizes[0][0] < 2:
        return f"{example.color} is one pixel wide.", False
    return "", several


def _left_out(reasons: list[str], count: int, why: str) -> str:
    more = f" And {len(reasons) - 3} more." if len(reasons) > 3 else ""
    return f"{len(reasons)} of {count} {why} and are left out: {' '.join(reasons[:3])}{more}"


def _names(names: list[str]) -> str:
    shown = np.unique(names)[:5].tolist()
    return ", ".join(shown) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
