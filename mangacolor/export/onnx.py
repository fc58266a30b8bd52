"""Writing a bundle."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from mangacolor.bundle import (
    BUNDLE_FILE,
    COLOR_FILE,
    PARITY_FILE,
    REMEMBERED_FILE,
    STYLE_FILE,
    SURFACE_WEIGHTS_FILE,
    WEIGHTS_FILE,
    Bundle,
    format_of,
    graph_files,
    read_bundle,
    write_bundle,
)
from mangacolor.config import ExportConfig, NetConfig
from mangacolor.errors import InputError, ModelError, UsageError
from mangacolor.export.calibrate import make_feeds
from mangacolor.export.cases import make_cases
from mangacolor.export.figures import read_figures
from mangacolor.export.graphs import style_tensors
from mangacolor.export.half import to_half
from mangacolor.export.int8 import to_int8
from mangacolor.export.parity import Parity, check_parity, check_precision, run_graphs
from mangacolor.export.share import share_weights
from mangacolor.export.trace import stamp, write_graphs
from mangacolor.files import sha256_of, whole_folder
from mangacolor.names import is_junk
from mangacolor.nets.build import Generator, minimum_size, size_multiple
from mangacolor.nets.checkpoint import Checkpoint, load_generator, save_checkpoint
from mangacolor.nets.coloring import REFERENCE_MULTIPLE
from mangacolor.nets.colorizer import Colorizer
from mangacolor.runtime.remembered import from_arrays, write_remembered
from mangacolor.version import __version__

__all__ = ["export"]


def export(
    checkpoint: Path,
    out: Path,
    config: ExportConfig,
    calibrate: Path | None = None,
    figures: Sequence[Path] = (),
) -> tuple[Bundle, Parity]:
    """Exports a checkpoint's averaged weights and compares the graphs with torch.

    Args:
        checkpoint: a `.safetensors` file of `mangacolor train`.
        out: folder to write; replaced as a whole if it is a bundle already.
        config: page and reference size, precision, licence and credits to record.
        calibrate: folder of pages, colour or not, that decide the ranges of int8.
        figures: files of `mangacolor eval --json`, to record.

    Returns:
        The bundle, and the proof that is written beside the graphs.

    Raises:
        ModelError: the checkpoint cannot be used, the graphs differ from torch by more than
            `config.tolerance`, or in a lower precision too much from float32; then nothing is
            written.
        InputError: a page cannot be read, or a file has no figures.
        UsageError: `out` exists and is something else; int8 without pages, or pages without int8.
    """
    # Of `.` there is no parent, and a link cannot be replaced by a folder.
    out = out.resolve()
    _check_options(out, config, calibrate)
    config, baked = _inherit(checkpoint, config)
    recorded = read_figures(figures)
    generator, kept = load_generator(checkpoint)
    _sharpen(generator, kept, config.vividness)
    # Weights are stored once, in half precision, and torch and the graphs read the same ones.
    net = generator.config
    graphs = graph_files(net.family, surfaces=net.sees_surfaces)
    if net.family.shares_weights:
        kept = _settle_weights(generator, kept)
    # A bundle is whole or not there.
    with whole_folder(out) as work:
        save_checkpoint(work / WEIGHTS_FILE, kept, slim=True, apart=_weights_of(net)[1:])
        write_graphs(generator, work)
        if net.family.shares_weights:
            for name in graphs:
                share_weights(work / name, [work / file for file in _weights_of(net)])
        if kept.remembered:
            stored = {name: values.numpy() for name, values in kept.remembered.items()}
            write_remembered(work / REMEMBERED_FILE, from_arrays(stored))
        parity = check_parity(generator, work, config.tolerance)
        if config.precision != "fp32":
            parity = _reduce(work, generator, parity, config, calibrate)
        for name in graphs:
            stamp(work / name, _facts(name, kept, config, recorded))
        (work / PARITY_FILE).write_text(json.dumps(parity.to_record(), indent=2) + "\n")
        bundle = _describe(
            kept,
            dataclasses.replace(config, vividness=config.vividness * baked),
            work,
            parity,
            recorded,
        )
        write_bundle(bundle)
        # Some mounts have no modes; the bundle is whole all the same.
        with contextlib.suppress(OSError):
            work.chmod(0o755)
    return dataclasses.replace(bundle, folder=out), parity


def _weights_of(net: NetConfig) -> tuple[str, ...]:
    """Names of the files with a network's weights."""
    return (*net.family.weights, *((SURFACE_WEIGHTS_FILE,) if net.sees_surfaces else ()))


def _settle_weights(generator: Generator, kept: Checkpoint) -> Checkpoint:
    """Makes the weights what half precision can hold, so that graphs and torch stay equal.

    The network of surfaces has its normalisations folded, as every exporter would fold them.
    """
    if generator.config.sees_surfaces:
        generator.surfaces.fold()
    with torch.no_grad():
        for value in generator.state_dict().values():
            if value.is_floating_point():
                value.copy_(value.half())
    return dataclasses.replace(kept, ema=generator.state_dict())


def _inherit(checkpoint: Path, config: ExportConfig) -> tuple[ExportConfig, float]:
    """Weights of a bundle keep its licence and credits, unless others are given.

    Returns:
        The options, and the vividness that the weights have already.
    """
    folder = checkpoint.resolve().parent
    if not (folder / BUNDLE_FILE).is_file():
        return config, 1.0
    origin = read_bundle(folder)
    if checkpoint.name not in origin.files:
        return config, 1.0
    inherited = dataclasses.replace(
        config,
        licence=config.licence or origin.licence,
        credits=config.credits or origin.credits,
    )
    vividness = origin.training.get("vividness", 1.0)
    if not isinstance(vividness, int | float) or not 0 < vividness < 1000:
        raise ModelError(
            f"{folder / BUNDLE_FILE} says a vividness of {str(vividness)[:80]!r}.",
            "Copy the whole bundle again.",
        )
    return inherited, float(vividness)


def _refuse_foreign(out: Path) -> None:
    """Only what an export wrote is replaced."""
    problem = f"{out} exists and is not an exported model."
    if not out.is_dir():
        raise UsageError(problem, "Name another folder.")
    # What a system leaves in any folder is nobody's work.
    content = {path.name for path in out.iterdir() if not is_junk(Path(path.name))}
    if not content:
        return
    try:
        record = json.loads((out / BUNDLE_FILE).read_text(encoding="utf-8"))
        ours = {BUNDLE_FILE, *record["files"]} if "style_tensors" in record else set()
    except (OSError, ValueError, KeyError, TypeError):
        ours = set()
    if not ours:
        raise UsageError(problem, "Name another folder.")
    foreign = sorted(content - ours)
    if foreign:
        raise UsageError(
            f"{out} holds {foreign[0]}, which is no part of an exported model.",
            "Move it away, or name another folder: an export replaces the whole folder.",
        )


def _check_options(out: Path, config: ExportConfig, calibrate: Path | None) -> None:
    if out.exists():
        _refuse_foreign(out)
    if config.precision == "int8" and calibrate is None:
        raise UsageError(
            "int8 needs pages, to learn the range of every layer's values.",
            "Name a folder of them with --calibrate; a few pages are enough.",
        )
    if calibrate is not None and not calibrate.exists():
        raise InputError(f"{calibrate} does not exist.", "Name a folder of pages with --calibrate.")
    if config.precision != "int8" and calibrate is not None:
        raise UsageError(
            f"{config.precision} is not calibrated.", "Leave --calibrate out, or take int8."
        )


def _reduce(
    folder: Path,
    generator: Generator,
    parity: Parity,
    config: ExportConfig,
    calibrate: Path | None,
) -> Parity:
    """Puts graphs of a lower precision in the place of the float32 ones, and checks them."""
    cases = make_cases(size_multiple(generator.config))
    expected = run_graphs(folder, cases)
    # Where int8 was asked for, the style graph goes to half precision only: it is run once a
    # chapter, decides every page, and in eight bits costs up to 3 dB on blank pages for 1 MiB less.
    feeds = [] if calibrate is None else make_feeds(calibrate, generator, config)
    to_half(folder / STYLE_FILE)
    if feeds:
        to_int8(folder / COLOR_FILE, feeds)
    else:
        to_half(folder / COLOR_FILE)
    cost = check_precision(cases, expected, folder, config.precision)
    return dataclasses.replace(parity, precision=config.precision, cost=cost)


def _sharpen(generator: Generator, kept: Checkpoint, factor: float) -> None:
    """Makes the colour copy choose more sharply than it was trained to, in weights and graphs.

    Trained by an L1 loss, it mixes the colours of several places where it is not sure, which is
    right on average and pale everywhere.
    """
    if factor == 1.0:
        return
    painter = generator.colorizer
    if not isinstance(painter, Colorizer) or not painter.attends:
        raise UsageError(
            f"A model of style {generator.config.style} copies no colours.",
            "Leave --vividness out.",
        )
    with torch.no_grad():
        painter.copy.log_scale.add_(math.log(factor))
    kept.ema["colorizer.copy.log_scale"] = painter.copy.log_scale.detach().clone()


def _facts(
    name: str, kept: Checkpoint, config: ExportConfig, figures: list[dict[str, Any]]
) -> dict[str, str]:
    """What a graph's file says of itself, should it be parted from its bundle."""
    net = kept.recipe.net
    facts = {
        "mangacolor": __version__,
        "format": format_of(config.precision, net.family),
        "graph": Path(name).stem,
        "precision": "fp16"
        if name == STYLE_FILE and config.precision == "int8"
        else config.precision,
        "style": net.style,
        "size_multiple": size_multiple(net),
        "minimum_size": minimum_size(net),
        "reference_multiple": REFERENCE_MULTIPLE,
        "licence": config.licence,
        "credits": config.credits,
        # JSON, as metadata are text.
        "figures": json.dumps(figures),
    }
    return {key: str(value) for key, value in facts.items()}


def _describe(
    kept: Checkpoint,
    config: ExportConfig,
    folder: Path,
    parity: Parity,
    figures: list[dict[str, Any]],
) -> Bundle:
    net = kept.recipe.net
    graphs = graph_files(net.family, surfaces=net.sees_surfaces)
    more = [REMEMBERED_FILE] if kept.remembered else []
    files = (*graphs, *_weights_of(net), PARITY_FILE, *more)
    return Bundle(
        folder=folder,
        style=net.style,
        style_tensors=style_tensors(net),
        size_multiple=size_multiple(net),
        minimum_size=minimum_size(net),
        page_size=config.page_size,
        reference_size=config.reference_size,
        reference_multiple=REFERENCE_MULTIPLE,
        files={name: sha256_of(folder / name) for name in files},
        architecture=dataclasses.asdict(net),
        training={
            "steps": kept.step,
            "pictures": kept.pictures,
            "runs": kept.history,
            "data": dataclasses.asdict(kept.recipe.data),
            "parity": parity.differences,
            "vividness": config.vividness,
            "figures": figures,
        },
        licence=config.licence,
        credits=config.credits,
        precision=config.precision,
        format=format_of(config.precision, net.family),
    )
