"""How fast pages are coloured: torch, torch.compile, and ONNX Runtime in three precisions.

    python benchmarks/inference.py --pages 4 --repeats 5 --calibrate examples/chapter

Every contender has a process of its own, so that its peak memory is its own and no other's idle
threads spin beside it; they colour the same line art in turns, page by page, so that the machine's
other load falls on all alike. Only the colour network is timed: a chapter's style is read once.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mangacolor.bundle import WEIGHTS_FILE, default_bundle, read_bundle
from mangacolor.config import ExportConfig, Precision

PRECISIONS: tuple[Precision, ...] = ("fp32", "fp16", "int8")
REFERENCE = "onnxruntime fp32"
Paint = Callable[[np.ndarray], np.ndarray]


def page_of(index: int, h: int, w: int) -> np.ndarray:
    from mangacolor.export.cases import draw_lineart

    return draw_lineart(h, w, index)[None]


def references_of() -> np.ndarray:
    from mangacolor.export.cases import REFERENCE as SIZE
    from mangacolor.export.cases import draw_reference

    return draw_reference(*SIZE, 0)[None, None]


def onnx_painter(folder: Path, device: str) -> Paint:
    from mangacolor.runtime.engine import Engine

    engine = Engine.open(read_bundle(folder), device)  # type: ignore[arg-type]
    style = engine.read_style(references_of())
    return lambda lineart: engine.color(lineart, style)


def torch_painter(folder: Path, device: str, compiled: bool) -> Paint:
    import torch

    from mangacolor.export.graphs import ColorGraph, StyleGraph
    from mangacolor.nets.checkpoint import load_generator

    generator = load_generator(folder / WEIGHTS_FILE)[0].to(device)
    graph = ColorGraph(generator)
    run = torch.compile(graph) if compiled else graph
    with torch.no_grad():
        style = StyleGraph(generator)(torch.from_numpy(references_of()).to(device))

    def paint(lineart: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return run(torch.from_numpy(lineart).to(device), *style).cpu().numpy()

    return paint


def peak_memory() -> float:
    """MiB; not by `getrusage`, whose peak a child process inherits from its parent."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def work(options: argparse.Namespace) -> None:
    """A contender: colours the page whose number comes in, says how long it took."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    kind, _, rest = options.work.partition(" ")
    if kind == "torch":
        paint = torch_painter(options.model / "fp32", options.device, rest == "compile")
    else:
        paint = onnx_painter(options.model / rest, options.device)
    answers = os.fdopen(os.dup(1), "w")
    with contextlib.redirect_stdout(sys.stderr):
        for line in sys.stdin:
            lineart = page_of(int(line), *options.size)
            start = time.perf_counter()
            color = paint(lineart)
            seconds = time.perf_counter() - start
            np.save(options.model / f"{options.work}-{int(line)}.npy", color)
            print(json.dumps([seconds, peak_memory()]), file=answers, flush=True)


class Contender:
    """The other end of `work`."""

    def __init__(self, name: str, folder: Path, options: argparse.Namespace) -> None:
        h, w = options.size
        command = [sys.executable, __file__, "--work", name, "--model", str(folder)]
        command += ["--device", options.device, "--size", f"{h}x{w}"]
        command += ["--cores", str(options.cores)]
        self.name, self.folder, self.memory = name, folder, 0.0
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(options.cores)},
        )

    def color(self, page: int) -> float:
        """Seconds for a page."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(page, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.name} failed; see above")
        seconds, self.memory = json.loads(answer)
        return float(seconds)

    def picture(self, page: int) -> np.ndarray:
        return np.load(self.folder / f"{self.name}-{page}.npy")

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def psnr(contender: Contender, reference: Contender, pages: int) -> float:
    """dB over all pages; infinite for the reference itself."""
    pairs = [(contender.picture(i), reference.picture(i)) for i in range(pages)]
    error = statistics.fmean(float(np.mean(((a - b) / 2) ** 2, dtype=np.float64)) for a, b in pairs)
    return -10 * math.log10(error) if error else math.inf


def export_all(options: argparse.Namespace, folder: Path) -> None:
    from mangacolor.export.onnx import export

    for precision in PRECISIONS:
        out, pages = folder / precision, options.calibrate if precision == "int8" else None
        config = ExportConfig(precision=precision)
        bundle, _ = export(options.model / WEIGHTS_FILE, out, config, pages)
        sizes = (path.stat().st_size / 2**20 for path in (bundle.style_path, bundle.color_path))
        print("{}: style graph {:.1f} MiB, colour graph {:.1f} MiB".format(precision, *sizes))


def race(options: argparse.Namespace, folder: Path) -> None:
    names = ["torch eager", *(["torch compile"] if options.compile else [])]
    names += [f"onnxruntime {precision}" for precision in PRECISIONS]
    contenders = [Contender(name, folder, options) for name in names]
    for contender in contenders:
        contender.color(0)  # sets up, compiles
    times: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(options.repeats):
        for page in range(options.pages):
            # Nobody always comes first.
            shift = (turn + page) % len(contenders)
            for contender in contenders[shift:] + contenders[:shift]:
                times[contender.name].append(contender.color(page))
    print(f"load after: {os.getloadavg()[0]:.1f}")
    print(f"{'':18} pages/s  ms/page median (quartiles)   peak MiB  PSNR against fp32")
    reference = next(c for c in contenders if c.name == REFERENCE)
    for contender in contenders:
        low, middle, high = statistics.quantiles(times[contender.name], n=4)
        against = psnr(contender, reference, options.pages)
        print(
            f"{contender.name:18} {1 / middle:7.2f} {1000 * middle:9.0f}"
            f" ({1000 * low:.0f} to {1000 * high:.0f})"
            f" {contender.memory:14.0f} {'-' if against == math.inf else f'{against:.1f} dB':>12}"
        )
        contender.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--size", default="640x448", help="HEIGHTxWIDTH of the line art")
    parser.add_argument("--model", type=Path, default=default_bundle(), help="an exported model")
    parser.add_argument("--calibrate", type=Path, default=Path("examples/chapter"))
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="for each contender")
    parser.add_argument("--compile", action="store_true", help="torch.compile, too; needs g++")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.size = tuple(int(side) for side in options.size.split("x"))
    if options.work:
        work(options)
        return
    versions = (f"{x} {importlib.metadata.version(x)}" for x in ("torch", "onnx", "numpy"))
    import onnxruntime

    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python"
        f" {platform.python_version()}, {', '.join(versions)}, onnxruntime"
        f" {onnxruntime.__version__}; {options.cores} cores for each contender"
    )
    h, w = options.size
    print(
        f"{options.device}: {options.pages} pages of {h}x{w}, {options.repeats} turns each, so"
        f" {options.pages * options.repeats} times a contender"
    )
    with tempfile.TemporaryDirectory() as name:
        export_all(options, Path(name))
        race(options, Path(name))


if __name__ == "__main__":
    main()
