"""Writes docs/results.md from the recorded runs in docs/results/.

    python benchmarks/results.py            # --check only says whether it is up to date

The words are those of docs/results/results.md.in. A line of the form {{...}} becomes

    {{rows FILE... [baselines=A,B] [protocols=A,B]}}  the rows of `mangacolor eval --json` files
    {{text FILE}}                                     what a benchmark printed

and `FILE:NAME` calls the model of that file's rows NAME.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from mangacolor.evaluate.tables import columns_of, to_markdown

DOCS = Path(__file__).resolve().parents[1] / "docs"
RECORDS = DOCS / "results"
BASELINES = ("lineart", "tinted")
PROTOCOLS = ("own", "series", "other")
NOTE = "<!-- Written by benchmarks/results.py from results/results.md.in: change that file. -->\n\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it is stale")
    options = parser.parse_args()
    path, text = DOCS / "results.md", render()
    if options.check:
        sys.exit(0 if path.read_text(encoding="utf-8") == text else f"{path} is not up to date.")
    path.write_text(text, encoding="utf-8")
    print(f"{path} is written.")


def render() -> str:
    """The document.

    Raises:
        ValueError: a line that is not understood, or a table without rows.
    """
    words = (RECORDS / "results.md.in").read_text(encoding="utf-8")
    return NOTE + re.sub(r"^\{\{(.+)\}\}$", lambda found: fill(found[1]), words, flags=re.MULTILINE)


def fill(directive: str) -> str:
    """What takes the place of one directive, without a newline at the end."""
    kind, *arguments = directive.split()
    if kind == "text":
        content = (RECORDS / arguments[0]).read_text(encoding="utf-8").strip()
        return f"```\n{content}\n```"
    if kind == "rows":
        return table(arguments).strip()
    raise ValueError(f"{directive!r} is not understood.")


def read(name: str) -> Any:
    return json.loads((RECORDS / name).read_text(encoding="utf-8"))


def table(arguments: list[str]) -> str:
    """Rows of recorded runs; a baseline that several runs have stands there once."""
    options = dict(word.split("=") for word in arguments if "=" in word)
    baselines = options.get("baselines", ",".join(BASELINES)).split(",")
    protocols = options.get("protocols", ",".join(PROTOCOLS)).split(",")
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for word in arguments:
        if "=" in word:
            continue
        file, _, name = word.partition(":")
        for row in read(file)["rows"]:
            model, protocol = row["model"], row["protocol"]
            if model not in BASELINES:
                # Underscores, since a directive's words are parted by spaces.
                model = name.replace("_", " ") or model
            elif model not in baselines:
                continue
            if row["n"] and protocol in protocols:
                rows.setdefault((PROTOCOLS.index(protocol), model), {**row, "model": model})
    if not rows:
        raise ValueError(f"{arguments} leave no rows.")
    # By protocol; within one, as the files come.
    chosen = [row for _, row in sorted(rows.items(), key=lambda item: item[0][0])]
    columns = [c for c in columns_of(chosen) if any(row.get(c.field) is not None for row in chosen)]
    return to_markdown(chosen, columns)


if __name__ == "__main__":
    main()
