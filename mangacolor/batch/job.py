"""What decides how the pages of a chapter come out, except the pages."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence

from mangacolor.bundle import Bundle
from mangacolor.config import Look

__all__ = ["METHOD", "job_of"]

# Changes whenever the same page, model and settings would come out differently.
METHOD = 28


def job_of(references: Sequence[str], strokes: Sequence[str], bundle: Bundle, look: Look) -> str:
    """Digest of all that decides how a page comes out, except the page.

    Args:
        references, strokes: digests of what is coloured after.
        bundle: the model.
        look: all settings that decide on pixels, and no other.
    """
    facts = {
        "method": METHOD,
        "references": list(references),
        "model": [bundle.files[name] for name in bundle.graphs],
        "reference_size": bundle.reference_size,
        **dataclasses.asdict(look),
        # A size that decides on nothing must not make pages be done again.
        "size": (look.size or bundle.page_size) if bundle.family.sized(flats=look.flats) else 0,
        # Left out where there are none, so that pages of earlier runs stay done.
        **({"hints": list(strokes)} if strokes else {}),
    }
    if look.format == "keep":
        del facts["format"]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
