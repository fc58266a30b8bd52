"""README names the options that there are, and all of them."""

from __future__ import annotations

import re
from pathlib import Path

import typer

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


def test_readme_says_every_option_of_batch() -> None:
    missing = [
        names
        for names in options_of("batch")
        if not any(re.search(rf"{name}(?![-\w])", README) for name in names)
    ]
    assert not missing


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
