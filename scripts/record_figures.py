"""Records figures of `mangacolor eval --json` in an exported model that is there already.

    python scripts/record_figures.py mangacolor/models/default docs/results/default-*.json

They go to bundle.json and to all graphs' metadata, as `mangacolor export --figures` writes them;
weights and graphs stay what they are.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from pathlib import Path

import onnx

from mangacolor.bundle import read_bundle, write_bundle
from mangacolor.export.figures import read_figures
from mangacolor.export.trace import stamp


def record(folder: Path, paths: list[Path]) -> None:
    """Rewrites all graphs' metadata, then bundle.json with their new digests."""
    figures = read_figures(paths)
    bundle = read_bundle(folder)
    files = dict(bundle.files)
    for name in bundle.graphs:
        entries = onnx.load(folder / name, load_external_data=False).metadata_props
        facts = {entry.key: entry.value for entry in entries}
        stamp(folder / name, {**facts, "figures": json.dumps(figures)})
        files[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    training = {**bundle.training, "figures": figures}
    write_bundle(dataclasses.replace(bundle, files=files, training=training))


if __name__ == "__main__":
    record(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
