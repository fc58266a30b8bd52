"""What tests of several packages share: tiny networks and drawn pictures, no network access."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.config import DataConfig, NetConfig, Recipe, TrainConfig

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


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    """Six colour pictures of three series."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(6):
        draw_picture(i).save(folder / f"story{i // 2}-{i % 2}.png")
    return folder


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
