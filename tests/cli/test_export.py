from __future__ import annotations

import json
import shlex
import zipfile
from pathlib import Path

import pytest

from mangacolor.bundle import read_bundle
from mangacolor.files import find_pictures
from mangacolor.nets.checkpoint import load_checkpoint
from tests.cli.conftest import Cli
from tests.export.test_export import make_checkpoint


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("checkpoint"), "code", 1)


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps({"rows": [{"protocol": "own", "psnr": 20.5}], "data": "test"}))
    return path


@pytest.mark.slow
def test_a_checkpoint_becomes_a_model_with_its_figures(
    cli: Cli, checkpoint: Path, figures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    code, text, err = cli("export", checkpoint, out, "--figures", figures, "--precision", "fp16")
    assert (code, err) == (0, "")
    assert "differs from torch by at most" in text
    assert "dB against fp32" in text
    assert f"--model {out}" in text.replace("\n", " ")
    bundle = read_bundle(out)
    assert bundle.precision == "fp16"
    assert bundle.training["figures"][0]["rows"] == [{"protocol": "own", "psnr": 20.5}]


@pytest.mark.parametrize(
    ("arguments", "expected", "words"),
    [
        (("--precision", "fp8"), 2, "fp8"),
        (("--precision", "int8"), 2, "--calibrate"),
        (("--calibrate", "."), 2, "not calibrated"),
        (("--figures", "nowhere.json"), 3, "nowhere.json"),
        (("--precision", "int8", "--calibrate", "nowhere"), 3, "nowhere"),
    ],
)
def test_what_cannot_be_exported_ends_with_its_code_and_leaves_nothing(
    cli: Cli,
    checkpoint: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    expected: int,
    words: str,
) -> None:
    code, out, err = cli("export", checkpoint, tmp_path / "model", *arguments)
    assert (code, words in err) == (expected, True), err
    assert "Next:" not in out
    assert not list(tmp_path.iterdir())


def test_what_is_no_checkpoint_is_a_model_error(cli: Cli, tmp_path: Path) -> None:
    wrong = tmp_path / "a.safetensors"
    wrong.write_bytes(b"no weights")
    code, _, err = cli("export", wrong, tmp_path / "model")
    assert (code, "a.safetensors" in err) == (4, True), err
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.slow
def test_a_bundle_is_exported_again_whatever_lies_beside_it(
    cli: Cli, checkpoint: Path, tmp_path: Path
) -> None:
    first, again = tmp_path / "it's first", tmp_path / "again"
    assert cli("export", checkpoint, first)[0] == 0
    (first / ".DS_Store").write_bytes(b"what a system leaves behind")
    code, text, err = cli("export", first, again)
    assert (code, err) == (0, "")
    assert read_bundle(again).style == read_bundle(first).style
    # Over the old one, too, and its name is written as a shell reads it.
    code, text, err = cli("export", again, first)
    assert (code, err) == (0, "")
    assert shlex.split(text.replace("\n", " ").partition("Next:")[2])[-1] == str(first)


def test_pages_to_calibrate_with_may_be_an_archive(
    cli: Cli, checkpoint: Path, picture_folder: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "pages.cbz"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(picture_folder.iterdir())[:2]:
            file.write(path, path.name)
    seen: list[int] = []
    with pytest.MonkeyPatch.context() as patch:

        def note(checkpoint: Path, out: Path, config: object, pages: Path, figures: object) -> None:
            seen.append(len(find_pictures(pages)))
            raise KeyboardInterrupt

        patch.setattr("mangacolor.export.onnx.export", note)
        cli("export", checkpoint, tmp_path / "m", "--precision", "int8", "--calibrate", archive)
    assert seen == [2]


def test_default_is_the_shipped_model(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken: list[Path] = []

    def note(checkpoint: Path, *rest: object) -> None:
        taken.append(checkpoint)
        raise KeyboardInterrupt

    monkeypatch.setattr("mangacolor.export.onnx.export", note)
    assert cli("export", "default", tmp_path / "m")[0] == 130
    assert load_checkpoint(taken[0]).recipe.net.style == "areas"
