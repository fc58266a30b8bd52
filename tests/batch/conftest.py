from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from filelock import FileLock


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
        return _export(shared)


def _export(folder: Path) -> Path:
    import torch

    from mangacolor.config import ExportConfig
    from mangacolor.export.onnx import export
    from mangacolor.nets.checkpoint import save_checkpoint
    from mangacolor.train.state import checkpoint_of, new_state
    from tests.conftest import tiny_net, tiny_recipe

    net = dataclasses.replace(tiny_net(style="areas"), matcher_width=32, matcher_layers=1)
    state = new_state(dataclasses.replace(tiny_recipe(), net=net), torch.device("cpu"))
    folder.mkdir(exist_ok=True)
    save_checkpoint(folder / "weights.safetensors", checkpoint_of(state), slim=True)
    export(folder / "weights.safetensors", folder / "bundle", ExportConfig(page_size=128))
    return folder / "bundle"
