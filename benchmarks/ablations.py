"""What each part of the network and its training is worth: small runs that differ in one thing.

    python benchmarks/ablations.py pictures/train pictures/val ink-pairs --out runs/ablations

Every variant sees the same samples for the same number of steps. Runs that are done already (their
figures lie in --out) are not done again, so that several of these can share the work with --only.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from results import BASELINES, ablations

BASE = {
    "net.style": '"attention"',
    "net.width": "16",
    "net.max_channels": "96",
    "net.stem": "2",
    "net.code_size": "128",
    "data.size": "128",
    "data.reference_size": "128",
    "train.batch_size": "16",
    "train.learning_rate": "6e-4",
    "train.decay_steps": "300",
    "train.warmup_steps": "50",
    "train.ema_decay": "0.99",
}
# What is changed, by the name that the tables give it.
VARIANTS: dict[str, dict[str, str]] = {
    "base": {},
    "code": {"net.style": '"code"'},
    "levels": {"net.style": '"levels"'},
    "attention, features instead of colours": {"net.looks_up": '"features"'},
    "found by colours alone": {"net.found_by": '"colors"'},
    "no gate": {"net.gate": "false"},
    "no supervised matches": {"train.match_weight": "0.0"},
    "neither lines, gate nor matches": {
        "net.found_by": '"colors"',
        "net.gate": "false",
        "train.match_weight": "0.0",
    },
    "stem 1": {"net.stem": "1"},
    "no same-series references": {"data.series_share": "0.0"},
    "with the adversary": {"train.adversarial_weight": "0.05"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train", type=Path)
    parser.add_argument("val", type=Path)
    parser.add_argument("ink", type=Path, help="pairs of real ink and colour")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--only", nargs="*", choices=VARIANTS, help="do these only")
    parser.add_argument("--record", type=Path, help="write the figures of all that is done here")
    options = parser.parse_args()
    for name in VARIANTS if options.only is None else options.only:
        run_variant(VARIANTS[name], folder_of(name, options), options)
    found = figures_of(options)
    print(ablations(found))
    if options.record:
        options.record.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def run_variant(changes: dict[str, str], folder: Path, options: argparse.Namespace) -> None:
    """Trains and scores one variant, unless its figures are there."""
    figures = {name: folder / f"{name}.json" for name in ("val", "ink")}
    folder.mkdir(parents=True, exist_ok=True)
    if not all(path.exists() for path in figures.values()):
        recipe = folder / "recipe.toml"
        recipe.write_text(to_toml({**BASE, "train.steps": str(options.steps), **changes}))
        run = folder / "run"
        if not list(run.glob(f"step-{options.steps:08d}.safetensors")):
            resume = ["--resume"] if list(run.glob("step-*.safetensors")) else []
            call("train", options.train, "--recipe", recipe, "--out", run, *resume)
        checkpoint = run / f"step-{options.steps:08d}.safetensors"
        call("eval", checkpoint, options.val, "--size", "256", "--json", figures["val"])
        call("eval", checkpoint, options.ink, "--size", "640", "--json", figures["ink"])


def call(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "mangacolor", *map(str, arguments)], check=True)


def to_toml(values: dict[str, str]) -> str:
    tables: dict[str, list[str]] = {}
    for key, value in values.items():
        table, name = key.split(".")
        tables.setdefault(table, []).append(f"{name} = {value}\n")
    return "".join(f"[{table}]\n{''.join(lines)}" for table, lines in tables.items())


def folder_of(name: str, options: argparse.Namespace) -> Path:
    """Where a variant's run lies; runs of other lengths lie elsewhere."""
    place: Path = options.out / f"{options.steps}-steps" / name.replace(" ", "-").replace(",", "")
    return place


def figures_of(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The rows of every variant that is done, by variant and set of pictures."""
    found: dict[str, dict[str, Any]] = {}
    for name in VARIANTS:
        files = {data: folder_of(name, options) / f"{data}.json" for data in ("val", "ink")}
        if all(path.exists() for path in files.values()):
            found[name] = {data: scored_rows(path) for data, path in files.items()}
    return found


def scored_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a recorded run without those of the baselines."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return [row for row in rows if row["model"] not in BASELINES]


if __name__ == "__main__":
    main()
