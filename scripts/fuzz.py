"""The long run of tests/test_fuzz.py: as many damaged files as are asked for."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from PIL import Image

from mangacolor.errors import INTERRUPTED
from tests.fuzzing import KINDS, Damage, damaged, escape_of

PUT = [b"\0" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f", b"\1\0\0\0", b"null", b"[]", b"-1", b"1e999"]
KEPT = Path("fuzz-escapes")


def damage(dice: random.Random) -> Damage:
    """One random change to a file."""
    put = dice.choice(PUT) if dice.random() < 0.3 else dice.randbytes(dice.randrange(9))
    return dice.random(), dice.randrange(13), put


def main() -> int:
    """Runs, prints what escaped by kind, and keeps the first input of each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--inputs", type=int, default=1_000_000)
    options.add_argument("--first", type=int, default=0, help="number of the first input")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--kind", choices=list(KINDS), action="append")
    asked = options.parse_args()
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = 100_000
    kinds = asked.kind or list(KINDS)
    seeds = {kind: KINDS[kind][0]() for kind in kinds}
    escaped: Counter[str] = Counter()
    start = time.monotonic()
    past = asked.first
    try:
        with tempfile.TemporaryDirectory() as place:
            for number in range(asked.first, asked.first + asked.inputs):
                kind, content = input_of(asked.seed, number, seeds)
                error = escape_of(KINDS[kind][1], content, Path(place))
                if error is not None:
                    keep(kind, content, error, escaped)
                past = number + 1
                if past % 20_000 == 0:
                    tell(f"up to {past:,}: {sum(escaped.values())} escapes")
    except KeyboardInterrupt:
        left = asked.first + asked.inputs - past
        tell(f"interrupted; --first {past} --inputs {left} goes on")
    rate = (past - asked.first) / (time.monotonic() - start)
    tell(
        f"{past - asked.first:,} inputs from {asked.first:,} of seed {asked.seed}:"
        f" {sum(escaped.values())} escapes, {rate:.0f}/s"
    )
    for what, count in escaped.most_common():
        tell(f"  {count} x {what}")
    return INTERRUPTED if past < asked.first + asked.inputs else int(bool(escaped))


def input_of(seed: int, number: int, seeds: dict[str, list[bytes]]) -> tuple[str, bytes]:
    """Each input of its own, so that a run may be cut off, gone on with and shared out."""
    dice = random.Random(f"{seed} {number}")
    kinds = list(seeds)
    # Pictures have most ways to be broken.
    kind = "picture" if "picture" in kinds and dice.random() < 0.6 else dice.choice(kinds)
    changes = [damage(dice) for _ in range(dice.randint(1, 6))]
    length = 1.0 if dice.random() < 0.7 else dice.random()
    return kind, damaged(dice.choice(seeds[kind]), changes, length)


def keep(kind: str, content: bytes, error: BaseException, escaped: Counter[str]) -> None:
    """Counts what escaped by kind and place, and keeps the first input of each."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{kind}: {type(error).__name__} at {Path(where.filename).name}:{where.lineno}"
    if not escaped[what]:
        KEPT.mkdir(exist_ok=True)
        (KEPT / f"{len(escaped)}-{kind}").write_bytes(content)
        traceback.print_exception(error)
    escaped[what] += 1


def tell(line: str) -> None:
    """A line that is there at once, whatever ends the run."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
