"""What benchmarks share."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def chapters(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import chapters as module

    monkeypatch.setattr(module, "HEIGHT", 160)
    yield module
    sys.modules.pop("chapters")


def test_drawn_chapters_are_taken_again(chapters, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "drawn"
    (first,) = chapters.draw_chapters(folder, 1, 1, 3)
    drawn = (first / "cover.png").stat()
    assert chapters.draw_chapters(folder, 1, 1, 3) == [first]
    assert (first / "cover.png").stat() == drawn
    for other in ((1, 2, 3), (1, 1, 4), (2, 1, 3)):
        with pytest.raises(ValueError, match="other chapters"):
            chapters.draw_chapters(folder, *other)
    (page,) = chapters.read_pages(first)
    assert page.grey.shape == page.labels.shape == page.truth.shape[:2] == (160, 114)
    names, colors = chapters.read_parts(first)
    assert names.keys() == colors.keys() >= set(page.labels.ravel().tolist())


def test_an_exported_model_is_a_bundle_already(chapters, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert chapters.as_bundle(tmp_path, tmp_path / "x") == tmp_path


def test_the_papers_models_are_scored_against_their_own_truth(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import torch
    from PIL import Image

    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import seed as module  # type: ignore[import-not-found]

    from tests.conftest import draw_picture

    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(4):
        draw_picture(i).save(pictures / f"{i}.png")
    folder = module.make_pairs(module.find_examples(pictures), tmp_path / "pairs", 64, 0)
    with Image.open(folder / "00000.png") as pair:
        assert pair.size == (128, 64)
        values = np.asarray(pair).astype(int)
    # Colour left, ink right.
    assert np.ptp(values[:, 64:], axis=2).max() == 0 < np.ptp(values[:, :64], axis=2).max()
    pairs = module.Pairs(folder, 64)
    cpu = torch.device("cpu")

    def repeat(sketch: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
        return reference

    def see(picture: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(picture, 32).flatten(1)

    own = module.score(repeat, pairs, see, 0, cpu)
    other = module.score(repeat, pairs, see, 1, cpu)
    assert own[0] > 60 and own[1] > 0.999 and own[3] > 0.999
    # The truth of a sketch stays its own, whatever the reference; as a set they are the same.
    assert other[0] < 20 and other[3] < 0
    assert abs(own[2] - other[2]) < 1e-2
    contenders = [module.Contender("x", lambda until: None, repeat)]
    rows = module.table(contenders, pairs, see, 0, cpu)
    assert [row.split()[1] for row in rows[1:]] == ["own", "other"]
    assert rows[1].split()[2:] != rows[2].split()[2:]
