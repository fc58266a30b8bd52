from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from mangacolor.config import EvalConfig
from mangacolor.data.layouts import find_examples
from mangacolor.evaluate.gallery import Gallery
from mangacolor.evaluate.measure import Row
from mangacolor.evaluate.painters import BASELINES
from mangacolor.evaluate.score import score
from mangacolor.evaluate.tables import notes, to_json, to_markdown
from tests.conftest import draw_picture


@pytest.fixture
def row(picture_folder: Path) -> Row:
    paint = BASELINES["tinted"]
    return score("tinted", paint, find_examples(picture_folder), "own", EvalConfig(size=80))


def test_reports_hold_every_row(row: Row) -> None:
    empty = dataclasses.replace(row, n=0, psnr=float("nan"))
    record = json.loads(to_json([row, empty], model="tinted"))
    assert record["rows"][0]["psnr"] == row.psnr
    assert record["rows"][1]["psnr"] is None
    wanted = {"model", "protocol", "n", "size", "psnr", "ssim", "ms_ssim", "fid", "chroma_r2"}
    assert wanted | {"colourfulness_ratio"} <= set(record["rows"][0])
    table = to_markdown([dataclasses.asdict(x) for x in (row, empty)])
    assert table.count("| tinted | own |") == 2
    assert "| - |" in table
    assert "nan" not in table


def test_an_empty_column_says_why(row: Row) -> None:
    small, missing = notes([row], {"fid": "no weights"})[::-1]
    assert missing == "FID is empty: no weights."
    assert "0 of 6" in small
    assert notes([dataclasses.replace(row, n_ms_ssim=6)], {}) == []


def test_a_protocol_without_pictures_says_why(row: Row) -> None:
    empty = dataclasses.replace(row, protocol="other", n=0, n_ms_ssim=0)
    assert notes([row, empty], {})[0] == "other is left out: all pictures are of one series."
    assert "other" not in " ".join(notes([row], {}))


def test_the_gallery_holds_everything_itself(tmp_path: Path) -> None:
    # A name that would end the script, were it written as it is.
    folder = tmp_path / "set" / "<"
    folder.mkdir(parents=True)
    for i in range(3):
        draw_picture(i).save(folder / f"script>&quot;-{i}.png")
    gallery = Gallery()
    rows = [
        score(
            "tinted",
            BASELINES["tinted"],
            find_examples(folder.parent),
            protocol,
            EvalConfig(size=80),
            keep=lambda sample, figures, protocol=protocol: gallery.add(protocol, sample, figures),  # type: ignore[misc]
        )
        for protocol in ("own", "series")
    ]
    page = gallery.write(tmp_path / "out", "a <b> & c", rows, ["FID is empty."])
    text = page.read_text()
    assert "{{" not in text
    assert "<title>a &lt;b&gt; &amp; c</title>" in text
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", text)
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.S)
    assert found is not None
    data = json.loads(found[1])
    assert len(data["entries"]) == 6
    assert len(data["rows"]) == 2
    for entry in data["entries"]:
        assert set(entry["pictures"]) == {"reference", "line art", "result", "truth"}
        for key in entry["pictures"].values():
            assert data["pictures"][key].startswith("data:image/webp;base64,")
    # Truth and line art of each picture once, a result for each protocol.
    assert len(data["pictures"]) == 3 * 2 + 6
