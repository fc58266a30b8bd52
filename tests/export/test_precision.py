from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from mangacolor.bundle import COLOR_FILE, PARITY_FILE, STYLE_FILE, Bundle, read_bundle
from mangacolor.config import ExportConfig, Precision
from mangacolor.errors import InputError, ModelError, UsageError
from mangacolor.export import parity
from mangacolor.export.cases import make_cases
from mangacolor.export.onnx import export
from mangacolor.export.trace import write_graphs
from mangacolor.nets.checkpoint import load_checkpoint, load_generator, save_checkpoint
from mangacolor.runtime.engine import Engine
from tests.conftest import draw_color_page, draw_page
from tests.export.test_export import make_checkpoint

# Exporting takes half a minute a network.
pytestmark = pytest.mark.slow

PRECISIONS: list[Precision] = ["fp32", "fp16", "int8"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page in colour and none."""
    folder = tmp_path_factory.mktemp("pages")
    draw_color_page(1).save(folder / "1.png")
    draw_color_page(2).convert("L").save(folder / "2.png")
    return folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Wide enough that weights and not nodes are most of a graph's file.
    return make_checkpoint(tmp_path_factory.mktemp("checkpoint"), width=24)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path) -> Path:
    """The checkpoint's float32 graphs: tracing takes ten seconds and more, so once."""
    folder = tmp_path_factory.mktemp("traced")
    write_graphs(load_generator(checkpoint)[0], folder)
    return folder


@pytest.fixture(scope="module", autouse=True)
def tracing(traced: Path) -> Iterator[None]:
    """Exports take the graphs that are there."""

    def copy(generator: object, folder: Path) -> None:
        for name in (STYLE_FILE, COLOR_FILE):
            shutil.copy(traced / name, folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mangacolor.export.onnx.write_graphs", copy)
        yield


@pytest.fixture(scope="module")
def bundles(
    tmp_path_factory: pytest.TempPathFactory, checkpoint: Path, pages: Path
) -> dict[Precision, Bundle]:
    """One checkpoint in every precision."""
    folder = tmp_path_factory.mktemp("precision")
    for precision in PRECISIONS:
        config = ExportConfig(page_size=128, precision=precision, licence="CC0", credits="me")
        export(checkpoint, folder / precision, config, pages if precision == "int8" else None)
    return {precision: read_bundle(folder / precision) for precision in PRECISIONS}


def color(bundle: Bundle) -> np.ndarray:
    """float32 (1, 3, 96, 64): what `batch` would lay under a page."""
    engine = Engine.open(bundle, "cpu")
    style = engine.style_of([np.asarray(draw_color_page(3))])
    lineart = draw_page(0, 96, 64).astype(np.float32)[None, None] / 127.5 - 1
    return engine.color(lineart, style)


@pytest.mark.parametrize(("precision", "near"), [("fp16", 5e-3), ("int8", 0.1)])
def test_a_lower_precision_colours_nearly_alike_and_is_smaller(
    bundles: dict[Precision, Bundle], precision: Precision, near: float
) -> None:
    exact, reduced = bundles["fp32"], bundles[precision]
    difference = np.sqrt(np.mean(np.square(color(exact) - color(reduced))))
    assert 0 < difference < near
    assert reduced.precision == precision
    for name in (STYLE_FILE, COLOR_FILE):
        size, full = ((bundle.folder / name).stat().st_size for bundle in (reduced, exact))
        assert size <= (0.6 if precision == "fp16" else 0.85) * full


def test_sums_over_a_page_stay_in_single_precision(bundles: dict[Precision, Bundle]) -> None:
    graph = onnx.load(bundles["fp16"].color_path).graph
    cast_down = {n.output[0] for n in graph.node if n.name.endswith("_cast_to_fp16_node")}
    reading = [n for n in graph.node if n.op_type in ("ReduceMean", "Sqrt", "Reciprocal")]
    assert reading
    assert not any(cast_down & set(node.input) for node in reading)
    assert [i.type.tensor_type.elem_type for i in (*graph.input, *graph.output)] == [
        onnx.TensorProto.FLOAT
    ] * (len(graph.input) + 1)


def test_only_convolutions_between_the_ends_have_eight_bits(
    bundles: dict[Precision, Bundle],
) -> None:
    graph = onnx.load(bundles["int8"].color_path).graph
    quantised = {n.output[0]: n for n in graph.node if n.op_type == "DequantizeLinear"}
    convolutions = [n for n in graph.node if n.op_type == "Conv"]
    plain = [n for n in convolutions if n.input[1] not in quantised]
    assert plain[:4] == convolutions[:4]
    assert len(plain) == 5
    assert len(convolutions) > 10
    kinds = {item.name: item.data_type for item in graph.initializer}
    for node in convolutions:
        if node not in plain:
            assert kinds[quantised[node.input[1]].input[0]] == onnx.TensorProto.INT8


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_proof_lies_beside_the_graphs(
    bundles: dict[Precision, Bundle], precision: Precision
) -> None:
    bundle = bundles[precision]
    assert PARITY_FILE in bundle.files
    report = json.loads((bundle.folder / PARITY_FILE).read_text())
    found = report["fp32_against_torch"]["largest_difference"]
    assert found == bundle.training["parity"]
    assert len([name for name in found if "references" in name]) == 5
    assert "1x1x640x448, 1 references" in found
    assert {"all white, 1x1x640x448", "all black, 1x1x640x448"} < set(found)
    assert all(difference <= 1e-3 for difference in found.values())
    assert {"torch", "onnx", "onnxruntime"} <= set(report["versions"])
    cost = report["precision_against_fp32"]
    if precision == "fp32":
        assert cost is None
    else:
        assert set(cost["psnr"]) == set(found)
        assert cost["worst"] == min(cost["psnr"].values()) >= cost["least_psnr"]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_graph_says_what_it_is_and_not_where_it_was_made(
    bundles: dict[Precision, Bundle], precision: Precision
) -> None:
    bundle = bundles[precision]
    for path in (bundle.style_path, bundle.color_path):
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        said = session.get_modelmeta().custom_metadata_map
        assert (said["licence"], said["credits"], said["style"]) == ("CC0", "me", "attention")
        assert (said["size_multiple"], said["minimum_size"]) == ("32", "64")
        assert said["format"] == str(bundle.format)
        assert {"mangacolor", "precision"} <= set(said)
        content = path.read_bytes()
        for machine in (str(Path(parity.__file__).parent), torch.__path__[0]):
            assert machine.encode() not in content


def test_a_float32_bundle_is_what_older_versions_open(bundles: dict[Precision, Bundle]) -> None:
    record = json.loads((bundles["fp32"].folder / "bundle.json").read_text())
    assert record["format"] == 1
    assert "precision" not in record
    assert bundles["fp16"].format == bundles["int8"].format == 2


def test_a_model_that_overflows_in_half_precision_is_refused(
    tmp_path: Path, checkpoint: Path, traced: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The normalisation behind it takes the factor out again, in float32.
    weight, factor = "colorizer.encoder.1.conv.weight", 1e8
    kept = load_checkpoint(checkpoint)
    kept.ema[weight].mul_(factor)
    save_checkpoint(tmp_path / "loud.safetensors", kept)
    model = onnx.load(traced / COLOR_FILE)
    (tensor,) = (item for item in model.graph.initializer if item.name == weight)
    values = onnx.numpy_helper.to_array(tensor) * np.float32(factor)
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, weight))

    def write(generator: object, folder: Path) -> None:
        shutil.copy(traced / STYLE_FILE, folder)
        onnx.save(model, folder / COLOR_FILE)

    monkeypatch.setattr("mangacolor.export.onnx.write_graphs", write)
    with pytest.raises(ModelError, match=r"In fp16 the model (gives values|has -?\d+\.\d dB)"):
        export(tmp_path / "loud.safetensors", tmp_path / "m", ExportConfig(precision="fp16"))
    assert [item.name for item in tmp_path.iterdir()] == ["loud.safetensors"]


def test_a_model_that_loses_too_much_is_refused_and_the_old_one_stays(
    tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(checkpoint, tmp_path / "m", ExportConfig())
    before = read_bundle(tmp_path / "m")
    monkeypatch.setitem(parity.LEAST_PSNR, "fp16", 150.0)
    with pytest.raises(ModelError, match=r"In fp16 the model has \d+\.\d dB at 1x1x64x64"):
        export(checkpoint, tmp_path / "m", ExportConfig(precision="fp16"))
    assert read_bundle(tmp_path / "m") == before
    assert [item.name for item in tmp_path.iterdir()] == ["m"]


def test_values_that_are_not_finite_are_refused(
    tmp_path: Path, traced: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = make_cases(32)[:1]
    expected = parity.run_graphs(traced, cases)
    broken = [np.full_like(expected[0], np.nan)]
    monkeypatch.setattr(parity, "run_graphs", lambda folder, cases: broken)
    with pytest.raises(ModelError, match=r"not finite, at 1x1x64x64"):
        parity.check_precision(cases, expected, tmp_path, "fp16")


def test_int8_needs_pages_and_nothing_else_takes_them(
    tmp_path: Path, checkpoint: Path, pages: Path
) -> None:
    with pytest.raises(UsageError, match="needs pages"):
        export(checkpoint, tmp_path / "m", ExportConfig(precision="int8"))
    with pytest.raises(UsageError, match="not calibrated"):
        export(checkpoint, tmp_path / "m", ExportConfig(), pages)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no pages"):
        export(checkpoint, tmp_path / "m", ExportConfig(precision="int8"), tmp_path / "empty")
    assert [item.name for item in tmp_path.iterdir()] == ["empty"]


def test_figures_of_eval_are_recorded(tmp_path: Path, checkpoint: Path) -> None:
    figures = tmp_path / "rows.json"
    rows = [{"model": "a", "protocol": "own", "psnr": 19.5, "fid": None}]
    figures.write_text(json.dumps({"rows": rows, "data": "test", "size": 256, "notes": []}))
    bundle, _ = export(checkpoint, tmp_path / "m", ExportConfig(), figures=[figures])
    assert bundle.training["figures"] == [{"data": "test", "size": 256, "rows": rows}]
    assert read_bundle(tmp_path / "m") == bundle
    for name in (STYLE_FILE, COLOR_FILE):
        facts = {
            entry.key: entry.value for entry in onnx.load(tmp_path / "m" / name).metadata_props
        }
        assert json.loads(facts["figures"]) == bundle.training["figures"]


@pytest.mark.parametrize("content", [None, "no JSON", "[]", '{"rows": 3}', '{"rows": [1]}', "\0"])
def test_a_file_without_figures_is_an_input_error(
    tmp_path: Path, checkpoint: Path, content: str | None
) -> None:
    figures = tmp_path / "rows.json"
    if content is not None:
        figures.write_text(content)
    with pytest.raises(InputError, match=r"rows\.json"):
        export(checkpoint, tmp_path / "m", ExportConfig(), figures=[figures])
    assert not (tmp_path / "m").exists()
