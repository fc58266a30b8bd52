from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.export.test_export import make_checkpoint


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("checkpoint"), "code", 1)


def test_two_models_become_one_that_export_takes(
    cli: Cli, checkpoint: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mixed.safetensors"
    code, text, err = cli("average", checkpoint, checkpoint, out, "--share", 0.25)
    assert (code, err) == (0, "")
    assert "75%" in text
    assert f"mangacolor export {out}" in text.replace("\n", " ")
    assert out.is_file()


def test_what_is_there_is_not_replaced_unasked(cli: Cli, checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "mixed.safetensors"
    out.write_bytes(b"mine")
    code, _, err = cli("average", checkpoint, checkpoint, out)
    assert code == 2
    assert "there already" in err
    assert out.read_bytes() == b"mine"
    assert cli("average", checkpoint, checkpoint, out, "--overwrite")[0] == 0
    assert out.stat().st_size > 4


@pytest.mark.parametrize(
    ("other", "out", "expected", "words"),
    [
        ("nowhere.safetensors", "mixed.safetensors", 4, "nowhere"),
        ("default", "mixed.safetensors", 2, "not the same network"),
        ("default", "mixed", 2, ".safetensors"),
    ],
)
def test_what_has_no_average_ends_with_its_code_and_leaves_nothing(
    cli: Cli, checkpoint: Path, tmp_path: Path, other: str, out: str, expected: int, words: str
) -> None:
    code, _, err = cli("average", checkpoint, other, tmp_path / out)
    assert code == expected
    assert words in err
    assert list(tmp_path.iterdir()) == []
