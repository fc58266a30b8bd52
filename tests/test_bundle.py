from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mangacolor.bundle import BUNDLE_FILE, COLOR_FILE, FORMAT, read_bundle, write_bundle
from mangacolor.errors import ModelError


@pytest.fixture
def folder(fake_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fake_bundle, tmp_path / "bundle"))


def test_what_is_written_is_read_back(folder: Path) -> None:
    bundle = read_bundle(folder)
    assert bundle.style_tensors == ("code",)
    write_bundle(bundle)
    assert read_bundle(folder) == bundle


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "x"}', "\0"])
def test_a_description_that_is_not_one_is_a_model_error(folder: Path, content: str) -> None:
    (folder / BUNDLE_FILE).write_text(content)
    with pytest.raises(ModelError, match=r"bundle\.json"):
        read_bundle(folder)


@pytest.mark.parametrize(
    "change", [{"format": FORMAT + 1}, {"surprise": 1}, {"files": {}}, {"style_tensors": 3}]
)
def test_a_description_that_does_not_fit_is_a_model_error(
    folder: Path, change: dict[str, Any]
) -> None:
    record = json.loads((folder / BUNDLE_FILE).read_text())
    (folder / BUNDLE_FILE).write_text(json.dumps({**record, **change}))
    with pytest.raises(ModelError):
        read_bundle(folder)


def test_a_graph_that_is_missing_or_changed_is_a_model_error(folder: Path) -> None:
    graph = folder / COLOR_FILE
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(ModelError, match="SHA-256"):
        read_bundle(folder)
    graph.unlink()
    with pytest.raises(ModelError, match="missing"):
        read_bundle(folder)


def test_a_folder_that_is_no_bundle_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not an exported model"):
        read_bundle(tmp_path)
