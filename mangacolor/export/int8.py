"""A graph with convolutions of eight bits."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import onnx
from onnx import GraphProto
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from mangacolor.export.trace import quietly
from mangacolor.images.geometry import Float32

__all__ = ["Feed", "to_int8"]

# Convolutions from the line art on that keep single precision.
_FIRST = 4
# The inputs of a graph, by name.
Feed = dict[str, Float32]


class _Feeds(CalibrationDataReader):  # type: ignore[misc]
    """Hands out inputs one by one, then None."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self._feeds: Iterator[Feed] = iter(feeds)

    def get_next(self) -> Feed | None:
        return next(self._feeds, None)


def to_int8(path: Path, feeds: Iterable[Feed]) -> None:
    """Rewrites a float32 graph so that its convolutions reckon in eight bits.

    Activations are unsigned, one range per tensor; weights are signed, one range per channel:
    signed activations are half as fast on the CPU. Transposed convolutions and what is no
    convolution stay float32, and so do the first four and the last one: they see the page's own
    lines and make the colours. On pages the first four are worth 8 dB, for a tenth of the time.

    Args:
        path: an ONNX file, replaced.
        feeds: inputs like those it will see; they decide the ranges.
    """
    graph = onnx.load(path, load_external_data=False).graph
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, quietly():
        prepared = Path(folder) / path.name
        # The quantiser wants shapes noted. Its optimiser would depend on the version.
        quant_pre_process(path, prepared, skip_optimization=True, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            path,
            # An exporter may drop what the graph has no use for.
            _Feeds({item.name: feed[item.name] for item in graph.input} for feed in feeds),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=_kept(graph),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
        )


def _kept(graph: GraphProto) -> list[str]:
    """The first convolutions, those that read an input, and those that no other layer reads."""
    # Through these nothing is followed; a shape is no value.
    layers = {"Conv", "ConvTranspose", "Gemm", "MatMul", "Shape"}
    raw = {item.name for item in graph.input}
    for node in graph.node:
        if node.op_type not in layers and raw & set(node.input):
            raw |= set(node.output)
    late: set[str] = {item.name for item in graph.output}
    for node in reversed(graph.node):
        if node.op_type not in layers and late & set(node.output):
            late |= set(node.input)
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    return [
        node.name
        for place, node in enumerate(convolutions)
        if place < _FIRST or node.input[0] in raw or late & set(node.output)
    ]
