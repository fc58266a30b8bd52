"""Writes docs/results.md from the recorded runs in docs/results/.

    python benchmarks/results.py            # --check only says whether it is up to date

The words are those of docs/results/results.md.in. A line of the form {{...}} becomes

    {{rows FILE... [baselines=A,B] [protocols=A,B]}}  the rows of `mangacolor eval --json` files
    {{published FILE}}                                the published figures beside such rows
    {{ablations FILE}}                                of benchmarks/ablations.py --record
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

from mangacolor.evaluate.report import columns_of, to_markdown

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
    if kind == "published":
        return published(read(arguments[0])["rows"])
    if kind == "ablations":
        return ablations(read(arguments[0])).strip()
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


def published(rows: list[dict[str, Any]]) -> str:
    """The published figures with one's own below them: own / other reference."""
    own, other = (
        next(row for row in rows if row["model"] not in BASELINES and row["protocol"] == protocol)
        for protocol in ("own", "other")
    )
    fid = "-" if own.get("fid") is None else f"{own['fid']:.1f}"
    lines = [
        "| | PSNR own / other | SSIM own / other | FID |",
        "|---|---|---|---|",
        "| paper (Liu et al. 2022) | 22.43 / 17.25 | 0.85 / 0.74 | 27.99 |",
        "| existing implementation | 20.11 / 13.41 | 0.84 / 0.56 | - |",
        f"| this model | {own['psnr']:.2f} / {other['psnr']:.2f}"
        f" | {own['ssim']:.2f} / {other['ssim']:.2f} | {fid} |",
    ]
    return "\n".join(lines)


def ablations(variants: dict[str, Any]) -> str:
    """A line per variant: PSNR / SSIM / chroma R2 / colour ratio by set and protocol."""
    places = [
        ("val", "own"),
        ("val", "series"),
        ("val", "other"),
        ("ink", "own"),
        ("ink", "series"),
    ]
    headings = " | ".join(f"{data} {protocol}" for data, protocol in places)
    lines = [f"| variant | {headings} |", f"|---|{'---|' * len(places)}"]
    form = "{psnr:.2f} / {ssim:.3f} / {chroma_r2:+.3f} / {colourfulness_ratio:.2f}"
    for name, sets in variants.items():
        cells = [
            form.format(**next(row for row in sets[data] if row["protocol"] == protocol))
            for data, protocol in places
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
