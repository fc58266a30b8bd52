"""Writing a bundle."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import Dim

from mangacolor.bundle import (
    BUNDLE_FILE,
    COLOR_FILE,
    STYLE_FILE,
    WEIGHTS_FILE,
    Bundle,
    write_bundle,
)
from mangacolor.config import ExportConfig
from mangacolor.errors import UsageError
from mangacolor.export.graphs import ColorGraph, StyleGraph, style_tensors
from mangacolor.export.parity import Parity, check_parity
from mangacolor.files import sha256_of
from mangacolor.nets.build import Generator, minimum_size, size_multiple
from mangacolor.nets.checkpoint import Checkpoint, load_generator, save_checkpoint
from mangacolor.nets.style_encoder import REFERENCE_MULTIPLE

__all__ = ["export"]


def export(checkpoint: Path, out: Path, config: ExportConfig) -> tuple[Bundle, Parity]:
    """Exports a checkpoint's averaged weights and compares the graphs with torch.

    Args:
        checkpoint: a `.safetensors` file of `mangacolor train`.
        out: folder to write; replaced as a whole if it is a bundle already.
        config: page and reference size, licence and credits to record.

    Returns:
        The bundle, and the largest differences from torch, shape by shape.

    Raises:
        ModelError: the checkpoint cannot be used, or the graphs differ from torch by more than
            `config.tolerance`; then nothing is written.
        UsageError: `out` exists and is something else.
    """
    if (
        out.exists()
        and not (out / BUNDLE_FILE).is_file()
        and (not out.is_dir() or any(out.iterdir()))
    ):
        raise UsageError(f"{out} exists and is not an exported model.", "Name another folder.")
    generator, kept = load_generator(checkpoint)
    _sharpen(generator, kept, config.vividness)
    out.parent.mkdir(parents=True, exist_ok=True)
    # Written beside its place and moved there: a bundle is whole or not there.
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        _write_graphs(generator, work)
        parity = check_parity(generator, work, config.tolerance)
        save_checkpoint(work / WEIGHTS_FILE, kept, slim=True)
        bundle = _describe(kept, config, work, parity)
        write_bundle(bundle)
        work.chmod(0o755)
        if out.exists():
            shutil.rmtree(out)
        work.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return dataclasses.replace(bundle, folder=out), parity


def _sharpen(generator: Generator, kept: Checkpoint, factor: float) -> None:
    """Makes the colour copy choose more sharply than it was trained to, in weights and graphs.

    Trained by an L1 loss, it mixes the colours of several places where it is not sure, which is
    right on average and pale everywhere.
    """
    if factor == 1.0:
        return
    if not generator.colorizer.attends:
        raise UsageError(
            f"A model of style {generator.config.style} copies no colours.",
            "Leave --vividness out.",
        )
    with torch.no_grad():
        generator.colorizer.copy.log_scale.add_(math.log(factor))
    kept.ema["colorizer.copy.log_scale"] = generator.colorizer.copy.log_scale.detach().clone()


def _write_graphs(generator: Generator, folder: Path) -> None:
    names = style_tensors(generator.config)
    references = torch.rand(2, 2, 3, 96, 128) * 2 - 1
    batch = Dim.DYNAMIC
    _write(
        StyleGraph(generator),
        (references,),
        folder / STYLE_FILE,
        ["references"],
        list(names),
        ({0: batch, 1: batch, 3: batch, 4: batch},),
    )
    with torch.no_grad():
        style = StyleGraph(generator)(references)
    lineart = torch.rand(2, 1, 128, 192) * 2 - 1
    # codes (N, L, code_size) have a fixed L; keys and colours (N, K, ...) as many rows as tokens.
    shapes: list[dict[int, Any]] = [{0: batch}, {0: batch, 1: batch}, {0: batch, 1: batch}]
    _write(
        ColorGraph(generator),
        (lineart, *style),
        folder / COLOR_FILE,
        ["lineart", *names],
        ["color"],
        ({0: batch, 2: batch, 3: batch}, tuple(shapes[: len(names)])),
    )


def _write(
    graph: nn.Module,
    example: tuple[torch.Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    shapes: tuple[Any, ...],
) -> None:
    with _quietly():
        program = torch.onnx.export(
            graph.eval(),
            example,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=shapes,
            dynamo=True,
            verbose=False,
        )
        assert program is not None
        program.save(path, external_data=False)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The exporter tells its own story of a dozen lines per graph; nobody can act on it."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _describe(kept: Checkpoint, config: ExportConfig, folder: Path, parity: Parity) -> Bundle:
    net = kept.recipe.net
    return Bundle(
        folder=folder,
        style=net.style,
        style_tensors=style_tensors(net),
        size_multiple=size_multiple(net),
        minimum_size=minimum_size(net),
        page_size=config.page_size,
        reference_size=config.reference_size,
        reference_multiple=REFERENCE_MULTIPLE,
        files={name: sha256_of(folder / name) for name in (STYLE_FILE, COLOR_FILE, WEIGHTS_FILE)},
        architecture=dataclasses.asdict(net),
        training={
            "steps": kept.step,
            "pictures": kept.pictures,
            "runs": kept.history,
            "data": dataclasses.asdict(kept.recipe.data),
            "parity": parity.record(),
            "vividness": config.vividness,
        },
        licence=config.licence,
        credits=config.credits,
    )
