"""Breaks code on purpose, one small change at a time, and says which ones no test notices."""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["chapter", "runtime"]
TOLD = "told.txt"
COPIED = ["mangacolor", "tests", "pyproject.toml"]
# Networks are exported for it, which takes minutes and says little of the rest.
LEFT_OUT = ["tests/runtime/test_engine.py"]
# Words of messages, and names of encodings, of which capitals are the same.
NOT_BROKEN = [r"Error\(", "encoding="]


def main() -> int:
    """Copies, breaks, prints survivors as differences; exit code 1 if tests let anything pass."""
    options = argparse.ArgumentParser(description=__doc__, prog="scripts/mutate")
    options.add_argument("files", nargs="*", type=Path, metavar="FILE")
    options.add_argument("--sample", type=int, help="tries so many changes, drawn at random")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument(
        "--tests",
        action="append",
        metavar="PATH",
        help="tests that judge; by default those of the files' rooms, as tests/chapter",
    )
    options.add_argument("--jobs", type=int, default=1, help="changes tried at a time")
    asked = options.parse_args()
    files = asked.files or [
        file for room in ROOMS for file in Path("mangacolor", room).glob("*.py")
    ]
    names = sorted({path.resolve().relative_to(ROOT).as_posix() for path in files})
    tests = asked.tests or tests_of(names)
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder, name))
        Path(folder, "setup.cfg").write_text(settings(names, tests), encoding="utf-8")
        # Before any process looks for modules there: whoever found no folder never looks again.
        Path(folder, "mutants").mkdir()
        # Processes that tests start import the broken code, too.
        path = os.pathsep.join([f"{folder}/mutants", *filter(None, [os.environ.get("PYTHONPATH")])])
        ask = [sys.executable, "-c", f"import sys; sys.path.append({str(ROOT)!r}); "]
        ask[-1] += "from scripts.mutate import run; run(*map(int, sys.argv[1:]))"
        ask += [str(asked.sample or 0), str(asked.seed), str(asked.jobs)]
        environment = {**os.environ, "PYTHONPATH": path}
        # What it says of its progress is not what was asked for.
        with subprocess.Popen(ask, cwd=folder, env=environment, stdout=sys.stderr) as process:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                # It has that, too, and ends with what is known by then.
                code = process.wait()
        told = Path(folder, TOLD)
        print(told.read_text(encoding="utf-8") if told.exists() else "Nothing was tried.")
        return code


def tests_of(names: list[str]) -> list[str]:
    """Those of the files' rooms: tests of whole chapters, which reach all, would take hours."""
    rooms = sorted({name.split("/")[1] for name in names})
    return [f"tests/{room}" for room in rooms if (ROOT / "tests" / room).is_dir()] or ["tests"]


def settings(names: list[str], tests: list[str]) -> str:
    """What mutmut reads: what to break, which tests judge, and how long they may take."""
    lists = {
        "source_paths": ["mangacolor"],
        "only_mutate": names,
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": ["-n0", "-mnot slow", "-pno:cacheprovider"]
        + [f"--ignore={path}" for path in LEFT_OUT],
        "do_not_mutate_patterns": NOT_BROKEN,
        # Its processes start before threads of OpenCV and ONNX Runtime do, which no fork survives.
        "process_isolation": ["forkserver"],
        "timeout_constant": ["2.0"],
    }
    rows = ["[mutmut]"]
    for key, values in lists.items():
        rows += [f"{key} ="] + [f"    {value}" for value in values] if len(values) > 1 else []
        rows += [f"{key} = {values[0]}"] if len(values) == 1 else []
    return "\n".join(rows) + "\n"


def run(sample: int, seed: int, jobs: int) -> None:
    """Runs mutmut in the current folder, which is the copy."""
    import mutmut.__main__ as mutmut
    from mutmut.mutation.diff_apply import get_diff_for_mutant
    from mutmut.stats import status_by_exit_code

    collect = mutmut.collect_source_file_mutation_data

    def drawn(*, mutant_names: Any) -> Any:
        mutants, data = collect(mutant_names=mutant_names)
        if sample:
            mutants = random.Random(seed).sample(mutants, min(sample, len(mutants)))
        return mutants, data

    mutmut.collect_source_file_mutation_data = drawn
    mutmut._run((), jobs)
    lines, ends, unreached = [], dict[str, Counter[str]](), Counter[str]()
    for file, name, code in collect(mutant_names=())[0]:
        end = "not tried" if code is None else status_by_exit_code[code]
        ends.setdefault(str(file.path), Counter())[end] += 1
        # Of what no test reaches there is no more to say than its name.
        if end == "no tests":
            unreached[name.partition("__mutmut")[0]] += 1
        elif end in ("survived", "suspicious"):
            lines += [f"{name}: {end}", get_diff_for_mutant(name, path=file.path), ""]
    lines += [f"{name}: {n} times not reached by any test" for name, n in sorted(unreached.items())]
    for path, count in [*sorted(ends.items()), ("all", sum(ends.values(), Counter()))]:
        lines += [f"{path}: " + ", ".join(f"{n} {end}" for end, n in sorted(count.items()))]
    Path(TOLD).write_text("\n".join(lines), encoding="utf-8")
    sys.exit(any(count["survived"] + count["no tests"] for count in ends.values()))


if __name__ == "__main__":
    sys.exit(main())
