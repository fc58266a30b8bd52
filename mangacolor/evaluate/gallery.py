"""Every scored picture on one HTML page that needs no server and no network."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor

from mangacolor.errors import UsageError
from mangacolor.evaluate.measure import Figures, Row, Scored
from mangacolor.evaluate.tables import columns_of, finite
from mangacolor.html import embed, write_html

__all__ = ["Gallery"]

PAGE_OF = "gallery.html"
PAGE = "index.html"
QUALITY = 88


class Gallery:
    """Collects pictures while they are scored; each is kept once, as WebP."""

    def __init__(self) -> None:
        self._pictures: dict[str, str] = {}
        self._entries: list[dict[str, Any]] = []

    def add(self, protocol: str, sample: Scored, figures: Figures) -> None:
        """Takes in one scored picture."""
        references = {
            f"reference {number}" if number > 1 else "reference": (f"truth/{name}", picture)
            for number, (name, picture) in enumerate(sample.references, 1)
        }
        shown = {
            **references,
            "line art": (f"lineart/{sample.name}", sample.lineart),
            "result": (f"{protocol}/{sample.name}", sample.result),
            "truth": (f"truth/{sample.name}", sample.truth),
        }
        for key, picture in shown.values():
            if key not in self._pictures:
                self._pictures[key] = _data_uri(picture)
        self._entries.append(
            {
                "name": sample.name,
                "reference": ", ".join(name for name, _ in sample.references),
                "protocol": protocol,
                "pictures": {title: key for title, (key, _) in shown.items()},
                "figures": finite(dataclasses.asdict(figures)),
            }
        )

    def write(self, folder: Path, title: str, rows: Sequence[Row], remarks: Sequence[str]) -> Path:
        """Writes the page, whole or not at all.

        Returns:
            Its path, `index.html` in the folder.

        Raises:
            UsageError: it cannot be written there.
        """
        figures = [dataclasses.asdict(row) for row in rows]
        columns = [column._asdict() for column in columns_of(figures)]
        data = {
            "columns": columns,
            "rows": [finite(row) for row in figures],
            "notes": list(remarks),
            "entries": sorted(self._entries, key=lambda entry: (entry["protocol"], entry["name"])),
            "pictures": self._pictures,
        }
        path = folder / PAGE
        try:
            write_html(path, PAGE_OF, title=title, data=data)
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {error.strerror}.", "Name another folder with --html."
            ) from error
        return path


def _data_uri(picture: Tensor) -> str:
    """float (1, C, h, w) in [-1, 1] as a WebP picture in a URI."""
    values = (picture[0].clamp(-1, 1) + 1) * 127.5
    array = values.expand(3, -1, -1).round().byte().permute(1, 2, 0).contiguous().numpy()
    return embed(Image.fromarray(array), QUALITY)
