from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from mangacolor.bundle import (
    COLOR_FILE,
    PARITY_FILE,
    STYLE_FILE,
    SURFACE_WEIGHTS_FILE,
    SURFACES_FILE,
    WEIGHTS_FILE,
    read_bundle,
)
from mangacolor.config import ExportConfig, Recipe
from mangacolor.errors import ModelError, UsageError
from mangacolor.export import parity
from mangacolor.export.onnx import export
from mangacolor.nets.build import build_generator
from mangacolor.nets.checkpoint import (
    Checkpoint,
    load_checkpoint,
    load_generator,
    save_checkpoint,
)
from mangacolor.runtime.engine import Engine
from tests.conftest import tiny_net

# Exporting takes half a minute a network.
pytestmark = pytest.mark.slow


def make_checkpoint(folder: Path, style: str = "attention", stem: int = 2, **net: object) -> Path:
    recipe = Recipe(net=tiny_net(style=style, stem=stem, **net))
    weights = dict(build_generator(recipe.net, seed=1).state_dict())
    save_checkpoint(folder / "a.safetensors", Checkpoint(recipe, 5, 10, ema=weights))
    return folder / "a.safetensors"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    export(make_checkpoint(folder), folder / "model", ExportConfig(licence="CC0", credits="me"))
    return folder / "model"


@pytest.mark.parametrize(("style", "stem"), [("code", 1), ("levels", 2), ("attention", 1)])
def test_every_style_is_exported_as_it_was_trained(tmp_path: Path, style: str, stem: int) -> None:
    bundle, found = export(make_checkpoint(tmp_path, style, stem), tmp_path / "m", ExportConfig())
    assert len(found.differences) == 7
    # On blank pages every map is nearly even, and the normalisations divide by next to nothing.
    drawn = [x for name, x in found.differences.items() if "references" in name]
    assert 0 <= max(drawn) < 1e-4
    assert found.worst < 5e-4
    assert bundle.style == style
    assert bundle.size_multiple == 16 * stem
    assert read_bundle(tmp_path / "m") == bundle


def test_a_bundle_records_what_it_is(exported: Path) -> None:
    bundle = read_bundle(exported)
    assert bundle.style_tensors == ("codes", "keys", "values")
    assert (bundle.licence, bundle.credits) == ("CC0", "me")
    assert (bundle.training["steps"], bundle.training["pictures"]) == (5, 10)
    assert set(bundle.files) == {STYLE_FILE, COLOR_FILE, WEIGHTS_FILE, PARITY_FILE}
    names = {path.name for path in exported.iterdir()}
    assert names == {*bundle.files, "bundle.json"}  # no external data beside the graphs
    # The averaged weights alone.
    assert not load_checkpoint(exported / WEIGHTS_FILE).net


def test_free_sizes_have_names(exported: Path) -> None:
    sizes = {}  # type: ignore[var-annotated]
    for name in (STYLE_FILE, COLOR_FILE):
        session = onnxruntime.InferenceSession(exported / name, providers=["CPUExecutionProvider"])
        sizes |= {item.name: item.shape for item in (*session.get_inputs(), *session.get_outputs())}
    assert sizes["references"] == ["batch", "references", 3, "height", "width"]
    assert sizes["lineart"] == ["batch", 1, "height", "width"]
    assert sizes["keys"][:2] == ["batch", "places"]
    assert sizes["color"][0] == "batch"


def test_what_a_killed_export_left_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = make_checkpoint(tmp_path)
    left = tmp_path / ".m.abcd_123.part"
    left.mkdir()
    (left / "color.onnx").write_bytes(b"half")
    (tmp_path / ".m.other").mkdir()

    def fail(*_: object) -> None:
        raise ModelError("stopped here")

    monkeypatch.setattr("mangacolor.export.onnx.write_graphs", fail)
    with pytest.raises(ModelError, match="stopped here"):
        export(checkpoint, tmp_path / "m", ExportConfig())
    assert {path.name for path in tmp_path.iterdir()} == {checkpoint.name, ".m.other"}


def test_batch_size_and_number_of_references_are_free(exported: Path) -> None:
    style, color = (
        onnxruntime.InferenceSession(exported / name, providers=["CPUExecutionProvider"])
        for name in (STYLE_FILE, COLOR_FILE)
    )
    for n, r, h, w in [(1, 1, 64, 64), (3, 4, 96, 160)]:
        tensors = style.run(None, {"references": np.zeros((n, r, 3, 96, 64), np.float32)})
        names = [node.name for node in color.get_inputs()]
        feeds = dict(zip(names, [np.ones((n, 1, h, w), np.float32), *tensors], strict=True))
        (result,) = color.run(None, feeds)
        assert result.shape == (n, 3, h, w)
        assert np.isfinite(result).all()


def test_graphs_that_differ_are_refused_with_the_figure(tmp_path: Path, exported: Path) -> None:
    generator = build_generator(tiny_net(), seed=1).eval()
    with torch.no_grad():
        generator.colorizer.output.weight.mul_(1.5)
    with pytest.raises(ModelError, match=r"differ from torch by 0\.\d+ at 1x1x64x64"):
        parity.check_parity(generator, exported, 1e-3)


def test_a_refused_export_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is allowed"):
        export(make_checkpoint(tmp_path), tmp_path / "m", ExportConfig(tolerance=-1.0))
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "novel.txt").write_text("my only copy")
    with pytest.raises(UsageError, match="not an exported model"):
        export(make_checkpoint(tmp_path), tmp_path / "m", ExportConfig())
    assert (tmp_path / "m" / "novel.txt").read_text() == "my only copy"


def test_vividness_sharpens_the_copy_in_graphs_and_weights_alike(tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path)
    config = ExportConfig(vividness=2.0)
    _, found = export(checkpoint, tmp_path / "m", config)
    assert found.worst < 5e-4
    name = "colorizer.copy.log_scale"
    before, after = (
        load_checkpoint(path).ema[name] for path in (checkpoint, tmp_path / "m" / WEIGHTS_FILE)
    )
    assert float(after.exp()) == pytest.approx(2 * float(before.exp()), rel=1e-2)


def test_vividness_is_refused_where_nothing_is_copied(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="copies no colours"):
        export(make_checkpoint(tmp_path, "code"), tmp_path / "m", ExportConfig(vividness=2.0))
    assert not (tmp_path / "m").exists()


@pytest.fixture
def untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where tracing begins, the export ends."""

    def fail(*_: object) -> None:
        raise ModelError("stopped here")

    monkeypatch.setattr("mangacolor.export.onnx.write_graphs", fail)


@pytest.mark.usefixtures("untraced")
def test_what_an_export_did_not_write_is_never_replaced(tmp_path: Path, exported: Path) -> None:
    checkpoint = make_checkpoint(tmp_path)
    webapp = tmp_path / "webapp"
    webapp.mkdir()
    (webapp / "bundle.json").write_text('{"name": "my webapp", "files": ["code.js"]}')
    (webapp / "code.js").write_text("mine")
    with pytest.raises(UsageError, match="not an exported model"):
        export(checkpoint, webapp, ExportConfig())
    with_notes = Path(shutil.copytree(exported, tmp_path / "with notes"))
    (with_notes / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds notes\.txt"):
        export(checkpoint, with_notes, ExportConfig())
    # A bundle that is only ours may be replaced.
    ours = Path(shutil.copytree(exported, tmp_path / "ours"))
    with pytest.raises(ModelError, match="stopped here"):
        export(checkpoint, ours, ExportConfig())
    assert read_bundle(ours).style == "attention"


@pytest.mark.usefixtures("untraced")
def test_an_export_into_the_folder_one_stands_in_loses_nothing(
    tmp_path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = make_checkpoint(tmp_path)
    here = Path(shutil.copytree(exported, tmp_path / "here"))
    monkeypatch.chdir(here)
    with pytest.raises(ModelError, match="stopped here"):
        export(checkpoint, Path(), ExportConfig())
    assert read_bundle(here).style == "attention"


def test_a_bundle_is_replaced_and_keeps_its_licence(
    tmp_path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(generator: object, folder: Path) -> None:
        for name in (STYLE_FILE, COLOR_FILE):
            shutil.copy(exported / name, folder)

    monkeypatch.setattr("mangacolor.export.onnx.write_graphs", copy)
    old = Path(shutil.copytree(exported, tmp_path / "m"))
    link = tmp_path / "link"
    link.symlink_to(old)
    # The weights are stored in half precision: the graphs above are not quite theirs.
    bundle, _ = export(old / WEIGHTS_FILE, link, ExportConfig(tolerance=1.0))
    assert (bundle.licence, bundle.credits) == ("CC0", "me")
    assert read_bundle(old) == bundle
    assert {path.name for path in tmp_path.iterdir()} == {"m", "link"}
    # Vividness that the weights have is not lost sight of.
    twice, _ = export(old / WEIGHTS_FILE, tmp_path / "n", ExportConfig(tolerance=1.0))
    assert twice.training["vividness"] == read_bundle(old).training["vividness"]


def test_a_network_of_surfaces_is_exported_with_its_weights_apart(tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path, "areas", surfaces=True, surface_size="afar")
    bundle, found = export(checkpoint, tmp_path / "m", ExportConfig())
    assert {SURFACES_FILE, SURFACE_WEIGHTS_FILE} <= set(bundle.files)
    assert bundle.surfaces_path is not None
    assert max(x for name, x in found.differences.items() if "surfaces" in name) < 1e-4
    # The graph names places in the file of weights, and holds next to nothing itself.
    assert bundle.surfaces_path.stat().st_size < 100_000
    assert (tmp_path / "m" / SURFACE_WEIGHTS_FILE).stat().st_size > 5_000_000
    areas = Engine.open(read_bundle(tmp_path / "m"), "cpu").areas
    assert areas is not None
    assert areas.sees_afar
    seen = areas.surfaces(np.ones((1, 1, 64, 128), np.float32))
    assert seen is not None
    borders, kinds = seen
    assert borders.shape == (1, 1, 64, 128)
    np.testing.assert_allclose(kinds.sum(axis=1), 1, rtol=1e-4)
    # What is read back learns again: normalisations are there.
    again, _ = load_generator(tmp_path / "m" / WEIGHTS_FILE)
    assert any(isinstance(x, torch.nn.BatchNorm2d) for x in again.surfaces.modules())
    before, _ = load_generator(checkpoint)
    page = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(
            again.surfaces(page)[0], before.surfaces(page)[0], atol=1e-2, rtol=0
        )
