"""A page comes out as it did: whoever changes that changes METHOD, so that it is done anew."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.batch.golden import FOLDER, PAGES, golden, paint

# Other processors and libraries round otherwise. A pixel stands for sixteen of the page's.
MEAN, STEP, SHARE = 0.3, 8, 0.003


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_this_method_look_like_those_that_are_kept(name: str) -> None:
    assert golden(name).is_file(), "METHOD is new: run python -m tests.batch.golden"
    kept = np.asarray(Image.open(golden(name))).astype(int)
    off = np.abs(paint(name) - kept).max(axis=2)
    told = "change METHOD, look at the pages, run python -m tests.batch.golden"
    assert off.mean() <= MEAN, told
    assert (off > STEP).mean() <= SHARE, told


def test_no_other_methods_pages_lie_about() -> None:
    kept = {path.name for path in FOLDER.glob("method-*.png")}
    assert kept == {golden(name).name for name in PAGES}
