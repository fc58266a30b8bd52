"""Grey of other depths than 8 bits as 8 bits, by what the file says of its values.

Pillow gives such values as they stand in the file; where zero is white, where their range ends and
whether they have a sign is left to who reads them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from mangacolor.errors import InputError

__all__ = ["check_samples", "to_eight_bits"]

# Tags of TIFF, and the values that matter.
_BITS, _PHOTOMETRIC, _PLANES, _FORMAT = 258, 262, 284, 339
_WHITE_IS_ZERO, _SEPARATE, _SIGNED = 0, 2, 2


def check_samples(picture: Image.Image, name: str) -> None:
    """Refuses a TIFF whose values Pillow gives wrongly.

    Raises:
        InputError: 16-bit colour in separate planes, or values with a sign.
    """
    if picture.format != "TIFF":
        return
    again = "Save it with another program as PNG, or as TIFF of 8 bits."
    if _tag(picture, _PLANES) == _SEPARATE and len(_bits(picture)) > 1 and max(_bits(picture)) > 8:
        raise InputError(f"{name} has colours of 16 bits in separate planes.", again)
    if _tag(picture, _FORMAT) == _SIGNED:
        raise InputError(f"{name} has values with a sign, which no picture has.", again)


def to_eight_bits(picture: Image.Image) -> Image.Image:
    """Scales grey of 12, 16 and 32 bits and of floating point, which Pillow's own convert clips.

    Args:
        picture: of mode I, I;16... or F; in a PNG one value may stand for transparent.

    Returns:
        Mode L, transparent places white.
    """
    values = np.asarray(picture)
    if picture.mode == "I" and _bits(picture)[0] == 32 and picture.format == "TIFF":
        # Pillow has no unsigned 32 bits.
        values = values.view(np.uint32) if values.dtype == np.int32 else values
    numbers = values.astype(np.float64)
    most = _full(picture, numbers)
    scaled = np.clip(np.rint(np.nan_to_num(numbers) * (255 / most)), 0, 255).astype(np.uint8)
    if _tag(picture, _PHOTOMETRIC) == _WHITE_IS_ZERO:
        scaled = 255 - scaled
    clear = picture.info.get("transparency")
    if isinstance(clear, int):
        scaled = np.where(values == clear, np.uint8(255), scaled)
    return Image.fromarray(scaled)


def _full(picture: Image.Image, numbers: np.ndarray[Any, Any]) -> float:
    """The value of full brightness, or of full darkness where zero is white."""
    largest = float(np.nan_to_num(numbers).max(initial=0))
    if picture.mode == "F":
        return 1.0 if largest <= 1 else 255.0 if largest <= 255 else 65535.0
    bits = _bits(picture)[0]
    if picture.format == "TIFF" and bits <= 16:
        return 2.0**bits - 1
    # Programs store 16 bits in 32.
    return next((full for full in (65535.0, 2.0**32 - 1) if largest <= full), largest)


def _bits(picture: Image.Image) -> tuple[int, ...]:
    found = _tags(picture).get(_BITS, (8,))
    bits = found if isinstance(found, tuple) else (found,)
    return tuple(value for value in bits if isinstance(value, int)) or (8,)


def _tag(picture: Image.Image, number: int) -> int | None:
    value = _tags(picture).get(number)
    value = value[0] if isinstance(value, tuple) and value else value
    return value if isinstance(value, int) else None


def _tags(picture: Image.Image) -> Any:
    return getattr(picture, "tag_v2", {}) if picture.format == "TIFF" else {}
