"""README names the options that there are, and all of them."""

from __future__ import annotations

import re
from pathlib import Path

import typer
from typer.testing import CliRunner

from mangacolor.cli.app import app

README = (Path(__file__).parents[2] / "README.md").read_text()


def options_of(command: str) -> list[set[str]]:
    """The spellings of each of a command's options."""
    group = typer.main.get_command(app)
    found = group.commands[command]  # type: ignore[attr-defined]
    return [
        {*parameter.opts, *parameter.secondary_opts}
        for parameter in found.params
        if parameter.opts[0].startswith("--")
    ]


def help_of(command: str) -> str:
    """What `--help` prints, wide enough that nothing is broken."""
    wide = {"COLUMNS": "400", "NO_COLOR": "1", "TERM": "dumb"}
    return CliRunner().invoke(app, [command, "--help"], env=wide).output


def spelled(text: str) -> set[str]:
    return set(re.findall(r"(?<![-\w])--[a-z][-a-z]+", text))


def test_the_list_of_batch_in_readme_is_that_of_its_help() -> None:
    (listed,) = re.findall(r"^## Colour a chapter\n(.*?)^`mangacolor doctor`", README, re.M | re.S)
    # Help tells options in its first columns, and names some in words behind them.
    rows = [re.split(r" {2,}", line.strip("│| ")) for line in help_of("batch").splitlines()]
    shown = [spelled(" ".join(row[:2])) for row in rows if row[0].startswith("--")]
    assert set().union(*shown) == set().union(*options_of("batch"), {"--help"})
    missing = [names for names in shown if not names & (spelled(listed) | {"--help"})]
    assert not missing
    assert spelled(listed) <= set().union(*shown)


def test_strokes_are_strokes_and_their_older_name_is_known_to_the_help_alone() -> None:
    for command in ("batch", "review"):
        assert {"--strokes", "--hints"} in options_of(command)
    assert "--strokes" in spelled(README) and "--hints" not in spelled(README)


def test_the_help_of_batch_has_its_options_under_headings() -> None:
    text = help_of("batch")
    headings = re.findall(r"[╭+]─* ([A-Z][a-z ]+) ─", text)
    assert headings == [
        *("Arguments", "Options"),
        *("Colours", "How pages look", "Going on", "Machine and programs"),
    ]
    # Under none of them but itself.
    options = text.split(" Options ")[1].split(" Colours ")[0]
    assert spelled(options) == {"--help"}


def test_readme_names_no_option_that_is_none() -> None:
    group = typer.main.get_command(app)
    known = {
        name
        for command in group.commands  # type: ignore[attr-defined]
        for names in options_of(command)
        for name in names
    }
    for line in README.splitlines():
        if line.startswith(("mangacolor ", ".venv/bin/mangacolor ")):
            said = set(re.findall(r"(?<!\S)(--[a-z][-a-z]+)", line.split("#", 1)[0]))
            assert said <= known | {"--help", "--version"}, line
