from __future__ import annotations

import json
from pathlib import Path

import onnxruntime
import pytest

from mangacolor.version import __version__
from tests.cli.conftest import Cli


@pytest.fixture(autouse=True)
def without_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])


def test_a_list_a_line_each_and_plain(cli: Cli, fake_bundle: Path) -> None:
    code, out, err = cli("doctor", "--device", "cpu", "--model", fake_bundle)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    for name in ("Python", "mangacolor", "CPU provider", "model", "self-test"):
        (line,) = [line for line in lines if line.split("  ")[0] == "ok" and f"  {name}  " in line]
        assert line
    assert any(line.startswith("not there") and "CUDA" in line for line in lines)
    assert lines[-1] == "Colouring works, on cpu."
    assert "\x1b" not in out


@pytest.mark.parametrize("columns", ["20", "300"])
def test_json_is_one_object_and_nothing_else(
    cli: Cli, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    code, out, err = cli("doctor", "--json", "--model", fake_bundle)
    assert (code, err) == (0, "")
    record = json.loads(out)
    assert out.count("\n") == 1
    assert (record["asked"], record["device"], record["ok"], record["exit_code"]) == (
        *("auto", "cpu", True, 0),
    )
    checks = {check.pop("name"): check for check in record["checks"]}
    assert checks["mangacolor"]["facts"] == {"version": __version__}
    assert all(set(check) == {"state", "detail", "hint", "facts"} for check in checks.values())
    assert {check["state"] for check in checks.values()} <= {"ok", "problem", "not there"}


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_does_not_work_ends_with_its_code_and_one_error(
    cli: Cli, fake_bundle: Path, tmp_path: Path, form: tuple[str, ...]
) -> None:
    for arguments, expected, words in [
        (("--device", "cuda", "--model", fake_bundle), 5, "pip"),
        (("--model", tmp_path), 4, "not an exported model"),
    ]:
        code, out, err = cli("doctor", *form, *arguments)
        assert (code, words in err) == (expected, True), err
        assert err.count("error: ") == err.count("hint: ") == 1
        assert "works, on" not in out
        if form:
            record = json.loads(out)
            assert (record["ok"], record["exit_code"], record["device"]) == (False, expected, None)


def test_no_such_device_is_a_usage_error(cli: Cli) -> None:
    code, out, _ = cli("doctor", "--device", "abacus")
    assert (code, out) == (2, "")
