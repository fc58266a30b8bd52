"""A model taught the pages of a series by `mangacolor finetune`, for the law *taught*."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from law_books import Picture
from PIL import Image

from mangacolor.nets.checkpoint import load_generator
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.checkpoint import TorchAreas

__all__ = ["taught_model"]


def taught_model(model: str, lessons: Sequence[Picture], steps: int) -> AreaModel:
    """What `finetune` makes of a model by a series' pictures in so many steps.

    Args:
        model: `default`, a bundle or a checkpoint.
        lessons: of one series; those with ink of their own are given with it.
        steps: at most; it may end before.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "pages", Path(name) / "run"
        own = all(picture.lineart is not None for picture in lessons)
        for number, picture in enumerate(lessons):
            layers = (
                {"color": picture.color, "sketch": picture.ink()} if own else {"": picture.color}
            )
            for layer, pixels in layers.items():
                (folder / layer).mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(folder / layer / f"{number:03d}.png")
        command = [sys.executable, "-m", "mangacolor", "finetune", str(folder), "--from", model]
        command += ["--out", str(out), "--steps", str(steps), "--device", "cpu"]
        subprocess.run(command, check=True, stdout=sys.stderr)
        generator, _ = load_generator(out / "best.safetensors")
    return TorchAreas(generator, torch.device("cpu"))
