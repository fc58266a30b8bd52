"""docs/results.md says what was recorded."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import results as module

    yield module
    sys.modules.pop("results")


def test_the_document_is_up_to_date(results) -> None:  # type: ignore[no-untyped-def]
    written = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert written == results.render(), "run: python benchmarks/results.py"


def test_rows_come_from_the_records(  # type: ignore[no-untyped-def]
    results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def row(model: str, protocol: str, psnr: float, n: int = 3) -> dict[str, object]:
        return {"model": model, "protocol": protocol, "n": n, "size": 8, "psnr": psnr, "fid": None}

    rows = [row("tinted", "own", 1), row("a.b", "own", 2), row("a.b", "other", 3, n=0)]
    (tmp_path / "x.json").write_text(json.dumps({"rows": [row("a.b", "series", 4), *rows]}))
    (tmp_path / "y.json").write_text(json.dumps({"rows": rows}))
    monkeypatch.setattr(results, "RECORDS", tmp_path)
    table = results.fill("rows x.json:first y.json:the_second").splitlines()
    assert table[0] == "| model | reference | n | size | PSNR dB ↑ |"
    # A baseline stands there once, protocols in their order, a row of nothing not at all.
    assert [line.split(" | ")[0] for line in table[2:]] == [
        *("| tinted", "| first", "| the second"),
        "| first",
    ]
    assert "tinted" not in results.fill("rows x.json baselines=")
    # Beside new rows, old ones have no figure in a new column.
    new = {**row("b", "own", 5), "references": 3, "area_accuracy": 0.5, "parts": None}
    (tmp_path / "z.json").write_text(json.dumps({"rows": [new]}))
    head, _, *lines = results.fill("rows y.json z.json baselines=").splitlines()
    assert head.endswith("| PSNR dB ↑ | area accuracy ↑ |")
    assert "| references |" in head
    assert lines[0].split(" | ")[2] == "-"
    assert lines[0].endswith("| - |")
    assert lines[1].endswith("| 0.500 |")
    assert "series" not in results.fill("rows x.json protocols=own")
    with pytest.raises(ValueError, match="no rows"):
        results.fill("rows y.json protocols=series")
    with pytest.raises(ValueError, match="understood"):
        results.fill("table y.json")
