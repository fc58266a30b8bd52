from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mangacolor.bundle import (
    BUNDLE_FILE,
    COLOR_FILE,
    FORMAT,
    SIZES,
    STYLE_FILE,
    WEIGHTS_FILE,
    default_bundle,
    read_bundle,
    write_bundle,
)
from mangacolor.cli.options import find_weights
from mangacolor.errors import ModelError
from mangacolor.files import sha256_of


@pytest.fixture
def folder(fake_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fake_bundle, tmp_path / "bundle"))


def record_of(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / BUNDLE_FILE).read_text())
    return record


def change(folder: Path, /, **values: Any) -> None:
    (folder / BUNDLE_FILE).write_text(json.dumps({**record_of(folder), **values}))


def name_also(folder: Path, name: str, digest: str) -> None:
    change(folder, files={**record_of(folder)["files"], name: digest})


def add_weights(folder: Path) -> Path:
    """Something in the place of the weights, truthfully described."""
    path = folder / WEIGHTS_FILE
    path.write_bytes(b"weights")
    name_also(folder, WEIGHTS_FILE, sha256_of(path))
    return path


def refusal(folder: Path) -> str:
    """The message of the ModelError, whose exit code is 4, and which says what to do."""
    with pytest.raises(ModelError) as caught:
        read_bundle(folder)
    assert caught.value.exit_code == 4
    assert caught.value.hint
    return caught.value.message


def test_what_is_written_is_read_back(folder: Path) -> None:
    bundle = read_bundle(folder)
    assert bundle.style_tensors == ("code",)
    write_bundle(bundle)
    assert read_bundle(folder) == bundle


def test_the_shipped_model_is_what_was_exported() -> None:
    assert read_bundle(default_bundle()).folder == default_bundle()
    assert find_weights("default").is_file()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"[]", b"{}", b'{"format": "x"}', b"\0"),
        *(b"[" * 100_000, '{"licence": "Zoë"}'.encode("latin-1"), "{}".encode("utf-16")),
    ],
    ids=repr,
)
def test_a_description_that_is_not_one_is_refused(folder: Path, content: bytes) -> None:
    (folder / BUNDLE_FILE).write_bytes(content)
    assert BUNDLE_FILE in refusal(folder)


def test_text_in_another_encoding_is_called_that(folder: Path) -> None:
    (folder / BUNDLE_FILE).write_bytes("é".encode("latin-1"))
    assert "not in UTF-8" in refusal(folder)


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
def test_a_description_may_be_saved_by_windows(folder: Path, coding: str) -> None:
    bundle = read_bundle(folder)
    text = (folder / BUNDLE_FILE).read_text(encoding="utf-8")
    (folder / BUNDLE_FILE).write_bytes(text.replace("\n", "\r\n").encode(coding))
    assert read_bundle(folder) == bundle


def test_a_newer_format_is_refused_as_that_whatever_else_it_has(folder: Path) -> None:
    change(folder, format=FORMAT + 1, surprise=1, files={"x": 3}, size_multiple=None)
    assert f"format {FORMAT + 1}" in refusal(folder)


NO_SIZES = ["x", "32", None, True, 1.5, -1, 0, 10**9, [32], float("nan")]


@pytest.mark.parametrize("key", SIZES)
def test_a_size_that_cannot_be_is_refused_by_name(folder: Path, key: str) -> None:
    least, most = SIZES[key]
    for value in (least, most):
        change(folder, **{key: value})
        assert getattr(read_bundle(folder), key) == value
    for value in (*NO_SIZES, least - 1, most + 1):  # type: ignore[assignment]
        change(folder, **{key: value})
        assert f"{key} must be" in refusal(folder)


WRONG: list[tuple[str, Any]] = [
    *(("format", value) for value in ("1", 0, -1, True, 1.0, None)),
    *(("style", value) for value in ("impasto", None, 3, [])),  # type: ignore[var-annotated]
    *(("style_tensors", value) for value in (3, "code", [], [1], [""], ["a", "a"], ["lineart"])),
    *((key, value) for key in ("architecture", "training", "files") for value in (None, [], "x")),  # type: ignore[var-annotated]
    *((key, value) for key in ("licence", "credits") for value in (None, 3, ["x"])),
    ("surprise", 1),
    ("folder", "elsewhere"),
]


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_a_value_that_cannot_be_is_refused_by_name(folder: Path, key: str, value: Any) -> None:
    change(folder, **{key: value})
    assert key in refusal(folder).split(BUNDLE_FILE)[1]


@pytest.mark.parametrize("key", ["format", "style", "style_tensors", "files", *SIZES])
def test_a_key_that_is_missing_is_named(folder: Path, key: str) -> None:
    record = record_of(folder)
    del record[key]
    (folder / BUNDLE_FILE).write_text(json.dumps(record))
    assert key in refusal(folder).split(BUNDLE_FILE)[1]


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../secret", "a/b", "a\\b", "..\\secret", "/etc/passwd", "\\\\host\\x"),
        *("C:secret", "C:\\secret", "x:stream", "a\0b", "a\nb", "x\n", " x", "x ", ".x", "x."),
    ],
    ids=repr,
)
def test_a_name_that_could_leave_the_folder_is_refused(folder: Path, name: str) -> None:
    name_also(folder, name, "0" * 64)
    assert f"{name!r}, which is not a plain file name" in refusal(folder)


def test_a_file_outside_is_refused_even_if_its_hash_fits(folder: Path) -> None:
    secret = folder.parent / "secret"
    secret.write_text("x")
    for name in ("../secret", str(secret)):
        name_also(folder, name, sha256_of(secret))
        assert "plain file name" in refusal(folder)


@pytest.mark.parametrize("digest", ["", "0" * 63, "G" * 64, "0" * 64 + "\n", None, 0])
def test_a_hash_that_is_none_is_refused(folder: Path, digest: Any) -> None:
    name_also(folder, "notes.txt", digest)
    assert "notes.txt" in refusal(folder)


@pytest.mark.parametrize("name", [STYLE_FILE, COLOR_FILE])
def test_a_graph_that_is_missing_changed_or_not_named_is_refused(folder: Path, name: str) -> None:
    graph = folder / name
    graph.write_bytes(graph.read_bytes()[:-1])
    assert "SHA-256" in refusal(folder)
    graph.unlink()
    assert f"{name} is missing" in refusal(folder)
    graph.mkdir()
    assert f"{name} is missing" in refusal(folder)
    kept = {other: mark for other, mark in record_of(folder)["files"].items() if other != name}
    change(folder, files=kept)
    assert f"does not name {name}" in refusal(folder)


def test_weights_may_be_left_out_but_not_be_others(folder: Path) -> None:
    weights = add_weights(folder)
    assert find_weights(str(folder)) == weights
    weights.write_bytes(b"other weights")
    assert "SHA-256" in refusal(folder)
    weights.unlink()
    assert WEIGHTS_FILE in read_bundle(folder).files
    with pytest.raises(ModelError, match="has no weights"):
        find_weights(str(folder))
    weights.mkdir()
    assert "missing" in refusal(folder)


def test_weights_that_the_bundle_does_not_name_are_not_used(folder: Path) -> None:
    (folder / WEIGHTS_FILE).write_bytes(b"whose?")
    read_bundle(folder)
    with pytest.raises(ModelError, match="of its own"):
        find_weights(str(folder))


@pytest.mark.parametrize("name", [BUNDLE_FILE, STYLE_FILE, WEIGHTS_FILE])
def test_a_link_may_stay_in_the_folder_but_not_leave_it(folder: Path, name: str) -> None:
    add_weights(folder)
    inside, outside = folder / "real", folder.parent / "outside"
    (folder / name).rename(inside)
    try:
        (folder / name).symlink_to(inside.name)
    except OSError:
        pytest.skip("links cannot be made here")
    read_bundle(folder)
    (folder / name).unlink()
    inside.rename(outside)
    (folder / name).symlink_to(outside)
    assert "leads out of the bundle" in refusal(folder)


def test_a_linked_folder_is_a_bundle_like_any_other(folder: Path) -> None:
    link = folder.parent / "link"
    try:
        link.symlink_to(folder, target_is_directory=True)
    except OSError:
        pytest.skip("links cannot be made here")
    assert read_bundle(link).style == "code"


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    assert "not an exported model" in refusal(tmp_path)
