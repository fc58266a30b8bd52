"""Tracing a generator into two ONNX graphs."""

from __future__ import annotations

import contextlib
import logging
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxscript import opset20 as op
from torch import nn
from torch.export import Dim

from mangacolor.bundle import (
    COLOR_FILE,
    DESCRIBE_FILE,
    MATCH_FILE,
    REFERENCES_FILE,
    STYLE_FILE,
    SURFACES_FILE,
)
from mangacolor.export.graphs import (
    DescribeGraph,
    MatchGraph,
    ReferenceGraph,
    StyleGraph,
    SurfaceGraph,
    color_graph,
    style_tensors,
)
from mangacolor.images.views import FACTS
from mangacolor.nets.build import Generator
from mangacolor.nets.features import CHANNELS

__all__ = ["quietly", "stamp", "write_graphs"]


# The free sizes of the inputs, and a symbol in a formula of sizes.
_SIZES = {
    "references": ("batch", "references", "", "height", "width"),
    "lineart": ("batch", "", "height", "width"),
    "hints": ("batch", "", "height", "width"),
    "keys": ("batch", "places"),
    "picture": ("batch", "", "height", "width"),
    "page": ("batch", "", "height", "width"),
    "features": ("batch", "areas"),
    "tokens": ("batch", "reference_areas"),
}
_SYMBOL = re.compile(r"[A-Za-z_]\w*")


def write_graphs(generator: Generator, folder: Path) -> None:
    """Writes both graphs, float32, free in batch, references, height and width.

    Args:
        generator: in evaluation mode, on the CPU.
        folder: there already; `style.onnx` and `color.onnx` are written into it, and for style
            `areas` three more, and one that finds them if there is such a network.
    """
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
    channels = generator.config.family.hint_channels
    hints = (torch.rand(2, channels, 128, 192),) if channels else ()
    # codes (N, L, code_size) have a fixed L; keys and colours (N, K, ...) as many rows as tokens.
    shapes: list[dict[int, Any]] = [{0: batch}, {0: batch, 1: batch}, {0: batch, 1: batch}]
    pictures = ({0: batch, 2: batch, 3: batch},) * (1 + len(hints))
    _write(
        color_graph(generator),
        (lineart, *hints, *style),
        folder / COLOR_FILE,
        ["lineart", *["hints"] * len(hints), *names],
        ["color"],
        (*pictures, tuple(shapes[: len(names)])),
    )
    if generator.config.has("matcher"):
        _write_matching(generator, folder)
    if generator.config.sees_surfaces:
        _write(
            SurfaceGraph(generator),
            (torch.rand(2, 1, 128, 192) * 2 - 1,),
            folder / SURFACES_FILE,
            ["page"],
            ["borders", "kinds"],
            ({0: batch, 2: batch, 3: batch},),
        )


def _write_matching(generator: Generator, folder: Path) -> None:
    """The graphs that describe areas, read those of references, and match a page's with them."""
    free = Dim.DYNAMIC
    both = {0: free, 1: free}
    _write(
        DescribeGraph(generator),
        (torch.rand(2, 3, 96, 128),),
        folder / DESCRIBE_FILE,
        ["picture"],
        ["at_4", "at_8", "at_16", "at_32"],
        ({0: free, 2: free, 3: free},),
    )
    areas = (torch.rand(2, 7, sum(CHANNELS)), torch.rand(2, 7, FACTS), torch.rand(2, 7) > 0.2)
    _write(
        ReferenceGraph(generator),
        (*areas, torch.rand(2, 7, 3)),
        folder / REFERENCES_FILE,
        ["features", "facts", "there", "colors"],
        ["tokens"],
        (both, both, both, both),
    )
    tokens = torch.rand(2, 9, generator.config.matcher_width)
    _write(
        MatchGraph(generator),
        (*areas, tokens, torch.rand(2, 9) > 0.2),
        folder / MATCH_FILE,
        ["features", "facts", "there", "tokens", "tokens_there"],
        ["scores", "guesses"] if generator.config.guesses else ["scores"],
        (both, both, both, both, both),
    )


def _write(
    graph: nn.Module,
    example: tuple[torch.Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    shapes: tuple[Any, ...],
) -> None:
    with quietly():
        program = torch.onnx.export(
            graph.eval(),
            example,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=shapes,
            dynamo=True,
            custom_translation_table={torch.ops.aten.pixel_unshuffle.default: _unshuffled},
            verbose=False,
        )
        assert program is not None
        program.save(path, external_data=False)


def _unshuffled(picture: Any, downscale_factor: int) -> Any:
    """What `pixel_unshuffle` becomes: for the exporter's transposition of six dimensions ONNX
    Runtime takes seven times as long on a CPU."""
    # Channels come in another order in ONNX, unless there is one.
    one: Any = op.Constant(value_ints=[-1, 1, 0, 0])
    squares = op.SpaceToDepth(op.Reshape(picture, one), blocksize=downscale_factor)
    every: Any = op.Constant(value_ints=[-1, picture.shape[1] * downscale_factor**2, 0, 0])
    return op.Reshape(squares, every)


def stamp(path: Path, facts: dict[str, str]) -> None:
    """Writes what a graph is into its file, in place of the exporter's own notes.

    Those name the source files, with their folders, of the machine that exported: nobody's business
    and half a megabyte.

    Args:
        path: an ONNX file, rewritten.
        facts: go to `metadata_props`, which ONNX Runtime shows as `custom_metadata_map`.
    """
    model = onnx.load(path, load_external_data=False)
    graph = model.graph
    for item in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info):
        del item.metadata_props[:]
        item.doc_string = ""
    for tensor in graph.initializer:
        del tensor.metadata_props[:]
    _name_sizes(graph)
    onnx.helper.set_model_props(model, facts)
    onnx.save(model, path)


def _name_sizes(graph: onnx.GraphProto) -> None:
    """Gives the free sizes names that say what they are; the exporter counts them: s65, s26."""
    names = {}
    for item in graph.input:
        for size, name in zip(
            item.type.tensor_type.shape.dim, _SIZES.get(item.name, ()), strict=False
        ):
            if size.dim_param:
                names[size.dim_param] = name
    for item in (*graph.input, *graph.output, *graph.value_info):
        for size in item.type.tensor_type.shape.dim:
            if size.dim_param:
                # Inner sizes are formulas of the inputs'.
                size.dim_param = _SYMBOL.sub(
                    lambda found: names.get(found[0], found[0]), size.dim_param
                )


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Exporter and quantiser tell stories of a dozen lines per graph; nobody can act on them."""
    names = ("torch.onnx", "onnxscript", "onnx_ir", None)
    loggers = [logging.getLogger(name) for name in names]
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
