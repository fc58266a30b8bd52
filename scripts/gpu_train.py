"""Trains, scores and packs within so many minutes: scripts/train-on-gpu train.

Surfaces are taught first, then features and matcher on series whose areas these surfaces find. Half
of each phase goes into drawing, on all cores. Every phase is a process with a deadline: whichever
fails or hangs, the log says so, and the next goes on from the last weights that there are. What is
under OUT at any moment can be used: weights of a bundle's kind and names, scores and the log.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# When each phase ends, as a share of the time.
ENDS = {"unpack": 0.06, "surfaces": 0.3, "matcher": 0.42, "features": 0.76, "score": 0.96}
# A phase that does not end by itself is asked to so many seconds after its end, and is ended after
# as many more.
GRACE = 5.0
# Of the recipe's learning rate, for weights that have learned already.
GENTLY = 0.4
# Chapters and pages that are coloured to score, and the share of the first weights in an average.
CHAPTERS, PAGES, FIRST = 2, 4, 0.25
WEIGHTS = "weights.safetensors"
# Weights that have learned need no matcher that is taught alone.
STAGES = ("surfaces", "features")


class Log:
    """What happened when, on the screen and in OUT."""

    def __init__(self, path: Path) -> None:
        self.path, self.start = path, time.time()

    def say(self, words: str) -> None:
        line = f"{time.time() - self.start:6.0f} s  {words}"
        print(line, flush=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def run(self, name: str, command: list[str], end: float, environment: dict[str, str]) -> bool:
        """Runs a command, whose own words go to the log, until its deadline; whether it did."""
        self.say(f"{name}: {' '.join(command[1:])}"[:300])
        with self.path.open("a", encoding="utf-8") as file:
            own = subprocess.Popen(
                command,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        code = self._wait(name, own, end)
        self.say(f"{name}: {'done' if code == 0 else f'failed, {code}'}")
        return code == 0

    def _wait(self, name: str, own: subprocess.Popen[bytes], end: float) -> int:
        """Its exit code; at its end Ctrl-C, which makes training save, and then no mercy."""
        try:
            return own.wait(max(1.0, end - time.time()))
        except subprocess.TimeoutExpired:
            self.say(f"{name}: its time is up")
        own.send_signal(signal.SIGINT)
        try:
            return own.wait(GRACE)
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL
        finally:
            # With the processes that it started.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(own.pid, signal.SIGKILL)
            own.wait()


def unpack(packed: Path, site: Path, found: dict[str, str]) -> dict[str, str]:
    """Lays what was carried where it is found; what of the environment finds it."""
    environment = {}
    if (packed / "site.tar.xz").is_file():
        with tarfile.open(packed / "site.tar.xz") as archive:
            archive.extractall(site, filter="data")
        for name, folder in (("PYTHONPATH", site), ("LD_LIBRARY_PATH", site / "lib")):
            environment[name] = os.pathsep.join(filter(None, [str(folder), found.get(name)]))
    if (packed / "pictures.zip").is_file():
        with zipfile.ZipFile(packed / "pictures.zip") as archive:
            archive.extractall(site)
    return environment


def teach(stage: str, asked: argparse.Namespace) -> None:
    """One stage until its end, in this process; the rate falls over the last half of its steps."""
    from mangacolor.cli.options import find_weights
    from mangacolor.data.survey import survey
    from mangacolor.nets.checkpoint import load_checkpoint
    from mangacolor.recipes import Stage, read_recipe
    from mangacolor.train.loop import choose_device, train
    from mangacolor.train.stages import state_of

    recipe = read_recipe(f"areas-{stage}")
    given = None if asked.start == "none" else load_checkpoint(find_weights(asked.start))
    rate = recipe.train.learning_rate * (1.0 if given is None or asked.fresh else GENTLY)
    more: dict[str, Any] = {"steps": 10**6, "learning_rate": rate, "checkpoint_minutes": 0.5}
    data: dict[str, Any] = {"area_series": 4000, "surface_pages": 4000}
    if asked.dry_run:
        more |= {"steps": 2, "batch_size": 2}
        data = {"area_series": 2, "surface_pages": 2}
    recipe = dataclasses.replace(
        recipe,
        net=recipe.net if given is None else given.recipe.net,
        train=dataclasses.replace(recipe.train, **more),
        data=dataclasses.replace(recipe.data, **data),
    )
    device = choose_device("cpu" if asked.dry_run else "auto")
    state, _ = state_of(Stage(stage, recipe), None, given, device)
    pictures = asked.work / "pictures"
    examples = survey(pictures).examples if pictures.is_dir() else []
    print(f"{stage} on {device}, {len(examples)} pictures", flush=True)
    folder = asked.work / stage
    last = train(
        state,
        examples,
        folder,
        device=device,
        max_minutes=max(0.0, asked.end - time.time()) / 60,
        workers=asked.workers,
        cache=asked.work / ("pages" if stage == "surfaces" else "series"),
        tell=falling(state, asked.end) if not asked.dry_run else lambda progress: None,
        tell_described=lambda done, total: (
            print(f"drawn: {done}", flush=True) if not done % 50 else None
        ),
    )
    print(f"{last}: step {state.step}", flush=True)


def falling(state: Any, end: float) -> Callable[[Any], None]:
    """Has the learning rate fall to nothing at the end of the time, however many steps that is."""
    first: list[float] = []

    def tell(progress: Any) -> None:
        train, now = state.recipe.train, time.time()
        # Before the first step comes what has to be drawn.
        first[:] = first or [now, state.step]
        if train.steps < 10**6 or now < (first[0] + end) / 2:
            return
        speed = (state.step - first[1]) / max(now - first[0], 1e-9)
        left = max(1, round(speed * (end - now)))
        falls = dataclasses.replace(train, steps=state.step + left, decay_steps=left)
        state.recipe = dataclasses.replace(state.recipe, train=falls)
        print(f"step {state.step}: {progress.losses}; {left} more", flush=True)

    return tell


def keep(folder: Path, out: Path) -> None:
    """The averaged weights of a run's newest checkpoint, as a bundle has them."""
    from mangacolor.bundle import SURFACE_WEIGHTS_FILE
    from mangacolor.nets.checkpoint import save_checkpoint
    from mangacolor.train.state import newest_checkpoint

    kept = newest_checkpoint(folder)
    net = kept.recipe.net
    more = (SURFACE_WEIGHTS_FILE,) if net.sees_surfaces else ()
    save_checkpoint(out / WEIGHTS, kept, slim=True, apart=(*net.family.weights[1:], *more))


def score(
    log: Log, asked: argparse.Namespace, work: Path, out: Path, end: float, found: dict[str, str]
) -> None:
    """Colours invented chapters, and real ink if it was carried, with the weights and before."""
    ours = [sys.executable, "-m", "mangacolor"]
    models = {"trained": str(out / WEIGHTS)}
    if not asked.dry_run and asked.start != "none":
        mixed = str(work / "averaged.safetensors")
        average = [*ours, "average", models["trained"], asked.start, mixed, "--share", str(FIRST)]
        models["start"] = asked.start
        if log.run("average", average, end, found):
            models["averaged"] = mixed
    chapters, pages = (1, 1) if asked.dry_run else (CHAPTERS, PAGES)

    def one(name: str) -> None:
        bundle = str(work / f"bundle-{name}")
        if models[name] == "default":
            bundle = "mangacolor/models/default"
        elif not log.run(f"export {name}", [*ours, "export", models[name], bundle], end, found):
            return
        options = {"parts": ["--series", str(chapters), "--pages", str(pages)]}
        if (work / "ink").is_dir() and not asked.dry_run:
            options["answerable"] = [str(work / "ink")]
        with ThreadPoolExecutor() as pool:
            for what, own in options.items():
                record = ["--model", bundle, "--record", str(work / f"score-{name}-{what}.txt")]
                command = [sys.executable, f"benchmarks/{what}.py", *own, *record]
                pool.submit(log.run, f"{what} {name}", command, end, found)

    with ThreadPoolExecutor() as pool:
        list(pool.map(one, models))
    texts = [f"{path.stem}\n{path.read_text()}" for path in sorted(work.glob("score-*.txt"))]
    (out / "scores.txt").write_text("\n".join(texts), encoding="utf-8")


def carry_out(asked: argparse.Namespace, work: Path) -> int:
    """All phases; 0 if there are weights."""
    begun, out = time.time(), asked.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    log, start = Log(out / "log.txt"), asked.start
    log.say(f"{os.cpu_count()} cores, {asked.minutes} minutes, from {start}")
    # Nothing is installed there: benchmarks find the package by this.
    here = os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")]))
    found = {**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": here}
    try:
        found |= unpack(asked.packed, work, found) if asked.packed else {}
    # Without what was carried some phases may still work.
    except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        log.say(f"unpack: failed, {error}")
    common = ["--work", str(work), "--out", str(out), "--workers", str(asked.workers)]
    common += ["--dry-run"] * asked.dry_run + ["--fresh"] * (asked.start == "none")
    for stage in ("surfaces", "matcher", "features") if asked.start == "none" else STAGES:
        end = begun + ENDS[stage] * 60 * asked.minutes
        own = [sys.executable, "-m", "scripts.gpu_train", *common]
        log.run(
            stage, [*own, "--phase", stage, "--from", start, "--end", str(end)], end + GRACE, found
        )
        if any((work / stage).glob("step-*.safetensors")) and log.run(
            f"keep {stage}", [*own, "--phase", f"keep-{stage}"], end + 5 * GRACE, found
        ):
            start = str(out / WEIGHTS)
    if (out / WEIGHTS).is_file():
        score(log, asked, work, out, begun + ENDS["score"] * 60 * asked.minutes, found)
    log.say(f"files: {', '.join(sorted(x.name for x in out.iterdir() if x.is_file()))}")
    return 0 if (out / WEIGHTS).is_file() else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packed", type=Path, nargs="?", help="what `pack` made")
    parser.add_argument("--out", type=Path, required=True, help="gets weights, scores and log")
    parser.add_argument("--minutes", type=float, default=9.5, help="in all")
    parser.add_argument("--from", dest="start", default="default", help="weights, or `none`")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--dry-run", action="store_true", help="all phases, tiny, on the CPU")
    for name, kind in (("--phase", str), ("--end", float), ("--work", Path)):
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)
    parser.add_argument("--fresh", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.phase is None:
        with tempfile.TemporaryDirectory(prefix="mangacolor-") as name:
            return carry_out(asked, Path(name))
    what, _, stage = asked.phase.rpartition("-")
    if what:
        keep(asked.work / stage, asked.out)
    else:
        teach(stage, asked)
    return 0


if __name__ == "__main__":
    sys.exit(main())
