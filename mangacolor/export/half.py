"""A graph in half precision, with its normalisations and its softmax in single precision."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import GraphProto, NodeProto
from onnxruntime.transformers.float16 import convert_float_to_float16

from mangacolor.export.trace import quietly

__all__ = ["to_half"]

# Where single precision begins: sums over a whole page and squares leave the range of half
# precision, and so does the number of its pixels, which is cast from an integer.
_BEGIN = {
    *("Cast", "Pow", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceSum"),
    *("Reciprocal", "Softmax", "Sqrt"),
}
# What it goes on through, up to the next layer: what is done with means and variances.
_GO_ON = {
    *("Add", "Clip", "Div", "Expand", "Gather", "Mul", "Reshape", "Sigmoid", "Slice", "Split"),
    *("Squeeze", "Sub", "Transpose", "Unsqueeze"),
}


def to_half(path: Path) -> None:
    """Rewrites a float32 graph in half precision; inputs and outputs stay float32.

    Args:
        path: an ONNX file, replaced.
    """
    model = onnx.load(path)
    with quietly():
        half = convert_float_to_float16(
            model, keep_io_types=True, node_block_list=_single_precision(model.graph)
        )
    _join_casts(half.graph)
    # Types noted before the conversion; ONNX Runtime finds them out again.
    del half.graph.value_info[:]
    onnx.save(half, path)


def _single_precision(graph: GraphProto) -> list[str]:
    """Names of the nodes that keep single precision; nodes come in the order of their use."""
    found, wide = [], set[str]()
    for node in graph.node:
        if node.op_type in _BEGIN or (node.op_type in _GO_ON and wide & set(node.input)):
            found.append(node.name)
            wide |= set(node.output)
    return found


def _join_casts(graph: GraphProto) -> None:
    """Mends what the converter does around nodes that keep single precision.

    It casts a tensor once for every reader, under one name, which ONNX Runtime refuses; and between
    two nodes of single precision it goes through half, where a sum over a page is infinite.
    """
    nodes: dict[str, NodeProto] = {}
    for node in graph.node:
        nodes.setdefault(node.output[0], node)
    narrowed = {
        output: node.input[0]
        for output, node in nodes.items()
        if node.name.endswith("_cast_to_fp16_node") or node.name.startswith("graph_input_cast")
    }
    widened = {
        output: narrowed[node.input[0]]
        for output, node in nodes.items()
        if node.name.endswith("_cast_to_fp32_node") and node.input[0] in narrowed
    }
    kept = [node for output, node in nodes.items() if output not in widened]
    for node in kept:
        for place, name in enumerate(node.input):
            node.input[place] = widened.get(name, name)
    read = {name for node in kept for name in node.input} | {item.name for item in graph.output}
    kept = _in_order(graph, [node for node in kept if read & set(node.output)])
    del graph.node[:]
    graph.node.extend(kept)


def _in_order(graph: GraphProto, nodes: list[NodeProto]) -> list[NodeProto]:
    """The nodes, each behind those whose results it reads; the converter puts its casts last."""
    known = {"", *(item.name for item in graph.input), *(item.name for item in graph.initializer)}
    ordered: list[NodeProto] = []
    while nodes:
        later = []
        for node in nodes:
            if known.issuperset(node.input):
                known.update(node.output)
                ordered.append(node)
            else:
                later.append(node)
        assert len(later) < len(nodes), "the graph has a circle"
        nodes = later
    return ordered
