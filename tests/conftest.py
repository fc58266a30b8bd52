"""What tests of several packages share: tiny networks and drawn pictures, no network access."""

from __future__ import annotations

import dataclasses
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image, ImageDraw

from mangacolor.config import DataConfig, NetConfig, Recipe, TrainConfig

# Torch reads it when it is imported, which no test has done yet: processes side by side that have
# as many threads each as there are cores wait for one another, three times as long.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# The smallest network that has every part, as a recipe.
TINY_TOML = """
[net]
width = 4
max_channels = 16
code_size = 8
key_size = 8
[data]
size = 64
reference_size = 64
[train]
steps = 4
batch_size = 2
"""
COLORS = ["tomato", "gold", "seagreen", "royalblue", "orchid", "peru", "turquoise", "plum"]


def draw_picture(seed: int, side: int = 96) -> Image.Image:
    """Inked shapes in flat colours."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (side, side), COLORS[seed % len(COLORS)])
    draw = ImageDraw.Draw(picture)
    for _ in range(5):
        x, y = rng.integers(0, side - 30, size=2)
        w, h = rng.integers(15, 45, size=2)
        color = COLORS[int(rng.integers(len(COLORS)))]
        draw.ellipse((x, y, x + w, y + h), fill=color, outline="black", width=2)
    return picture


@pytest.fixture(autouse=True, scope="session")
def _own_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests leave in the temporary folder, as locks of outputs, goes with the tests' own."""
    folder = str(tmp_path_factory.mktemp("temp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    """Six colour pictures of three series."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(6):
        draw_picture(i).save(folder / f"story{i // 2}-{i % 2}.png")
    return folder


def draw_color_page(seed: int, boxes: Sequence[tuple[int, int, int, int]] = ()) -> Image.Image:
    """A page of 240x320 with a coloured picture in each box; without any, four panels."""
    page = Image.new("RGB", (240, 320), "white")
    boxes = boxes or [
        (8, 8, 112, 152),
        (128, 8, 232, 152),
        (8, 168, 112, 312),
        (128, 168, 232, 312),
    ]
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        panel = draw_picture(10 * seed + i).resize((x1 - x0, y1 - y0))
        ImageDraw.Draw(panel).rectangle((0, 0, x1 - x0 - 1, y1 - y0 - 1), outline="black", width=2)
        page.paste(panel, (x0, y0))
    return page


@pytest.fixture(params=["code", "levels", "attention"])
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def tiny_net(**changes: object) -> NetConfig:
    values = {"width": 4, "max_channels": 16, "code_size": 8, "key_size": 8, **changes}
    return NetConfig(**values)  # type: ignore[arg-type]


def tiny_recipe(**train: object) -> Recipe:
    values = {"steps": 6, "batch_size": 2, "warmup_steps": 2, "decay_steps": 3, **train}
    return Recipe(
        net=tiny_net(),
        data=DataConfig(size=64, reference_size=64),
        train=TrainConfig(**values),  # type: ignore[arg-type]
    )


def write_fake_bundle(folder: Path, *, broken: bool = False) -> Path:
    """A bundle without a network: the style is the references' mean colour, the colour is it
    times the line art. `broken` gives NaN for every page.
    """
    import onnx
    from onnx import TensorProto, helper

    from mangacolor.bundle import COLOR_FILE, STYLE_FILE, Bundle, write_bundle
    from mangacolor.files import sha256_of

    def value(name: str, shape: list[str | int]) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    def constant(name: str, kind: int, dims: list[int], values: list[float]) -> onnx.TensorProto:
        return helper.make_tensor(name, kind, dims, values)

    folder.mkdir(parents=True)
    style = helper.make_graph(
        [helper.make_node("ReduceMean", ["references", "axes"], ["code"], keepdims=0)],
        "style",
        [value("references", ["n", "r", 3, "h", "w"])],
        [value("code", ["n", 3])],
        [constant("axes", TensorProto.INT64, [3], [1, 3, 4])],
    )
    nodes = [
        helper.make_node("Unsqueeze", ["code", "axes"], ["tint"]),
        helper.make_node("Add", ["tint", "one"], ["bright"]),
        helper.make_node("Add", ["lineart", "one"], ["paper"]),
        helper.make_node("Mul", ["paper", "half"], ["open"]),
        helper.make_node("Mul", ["open", "bright"], ["product"]),
        helper.make_node("Sub", ["product", "one"], ["raw" if broken else "color"]),
    ]
    if broken:
        nodes += [
            helper.make_node("Sub", ["raw", "nine"], ["low"]),
            helper.make_node("Sqrt", ["low"], ["color"]),
        ]
    constants = [
        constant("axes", TensorProto.INT64, [2], [2, 3]),
        constant("one", TensorProto.FLOAT, [], [1.0]),
        constant("half", TensorProto.FLOAT, [], [0.5]),
        constant("nine", TensorProto.FLOAT, [], [9.0]),
    ]
    color = helper.make_graph(
        nodes,
        "color",
        [value("lineart", ["n", 1, "h", "w"]), value("code", ["n", 3])],
        [value("color", ["n", 3, "h", "w"])],
        constants,
    )
    for graph, name in ((style, STYLE_FILE), (color, COLOR_FILE)):
        # What every supported ONNX Runtime reads; onnx's own default is newer.
        opset = [helper.make_opsetid("", 18)]
        onnx.save(helper.make_model(graph, ir_version=10, opset_imports=opset), folder / name)
    write_bundle(
        Bundle(
            folder=folder,
            style="code",
            style_tensors=("code",),
            size_multiple=16,
            minimum_size=32,
            page_size=96,
            reference_size=64,
            reference_multiple=8,
            files={name: sha256_of(folder / name) for name in (STYLE_FILE, COLOR_FILE)},
        )
    )
    return folder


@pytest.fixture(scope="session")
def fake_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_fake_bundle(tmp_path_factory.mktemp("model") / "fake")


@pytest.fixture(scope="session")
def broken_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gives NaN for every page."""
    return write_fake_bundle(tmp_path_factory.mktemp("model") / "broken", broken=True)


def draw_page(seed: int, h: int = 90, w: int = 60) -> np.ndarray:
    """uint8 (h, w): white paper with black lines and a solid black box."""
    rng = np.random.default_rng(seed)
    page = Image.new("L", (w, h), 255)
    draw = ImageDraw.Draw(page)
    for _ in range(4):
        x, y = int(rng.integers(0, w // 2)), int(rng.integers(0, h // 2))
        draw.ellipse((x, y, x + w // 3, y + h // 3), outline=0, width=2)
    draw.rectangle((w - 20, h - 20, w - 8, h - 8), fill=0)
    return np.asarray(page)


@pytest.fixture
def page_of() -> Callable[..., np.ndarray]:
    """`draw_page`, for tests."""
    return draw_page


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """Three PNG pages in a folder, `page 2` and `page 10` among them."""
    folder = tmp_path / "chapter"
    folder.mkdir()
    for seed, name in enumerate(["page 1", "page 2", "page 10"]):
        Image.fromarray(draw_page(seed)).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    """An all-orange reference."""
    path = tmp_path / "cover.png"
    Image.new("RGB", (50, 70), (240, 160, 40)).save(path)
    return path


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C interrupts here even where the tests run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def areas_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.getbasetemp()
    # One for all of xdist's workers, which have a folder each in this one.
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    shared = place / "areas-model"
    with FileLock(f"{shared}.lock"):
        if (shared / "bundle").exists():
            return shared / "bundle"
        return _export_areas(shared)


def _export_areas(folder: Path) -> Path:
    import torch

    from mangacolor.config import ExportConfig
    from mangacolor.export.onnx import export
    from mangacolor.nets.checkpoint import save_checkpoint
    from mangacolor.train.state import checkpoint_of, new_state

    net = dataclasses.replace(tiny_net(style="areas"), matcher_width=32, matcher_layers=1)
    state = new_state(dataclasses.replace(tiny_recipe(), net=net), torch.device("cpu"))
    folder.mkdir(exist_ok=True)
    save_checkpoint(folder / "weights.safetensors", checkpoint_of(state), slim=True)
    export(folder / "weights.safetensors", folder / "bundle", ExportConfig(page_size=128))
    return folder / "bundle"
