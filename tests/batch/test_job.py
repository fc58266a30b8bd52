"""What a run's digest is made of: all that decides on pixels, and nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from mangacolor.batch import job
from mangacolor.bundle import Bundle
from mangacolor.config import BatchConfig, Look

FILES = {name: name * 2 for name in ("style.onnx", "color.onnx")}
BUNDLE = Bundle(Path("m"), "attention", ("codes",), 16, 32, 640, 512, 32, FILES)
OTHERS: dict[str, Any] = {
    "size": 320,
    "strength": 0.5,
    "saturation": 2.0,
    "tones": "smooth",
    "flats": False,
    "recolor": True,
    "quality": 80,
    "format": "webp",
}


def digest_of(**settings: Any) -> str:
    return job.job_of(["r"], [], BUNDLE, BatchConfig(**settings).look)


def test_each_setting_that_decides_on_pixels_makes_another_digest() -> None:
    assert set(OTHERS) == {field.name for field in dataclasses.fields(Look)}
    jobs = {digest_of(), *(digest_of(**{name: value}) for name, value in OTHERS.items())}
    assert len(jobs) == 1 + len(OTHERS)


def test_every_other_setting_leaves_pages_done() -> None:
    # How finely a page of a PDF is drawn is of that page, and in its own fingerprint.
    others: dict[str, Any] = {"device": "cpu", "memory": 2.0, "layers": "ora", "dpi": 72}
    fields = {field.name for field in dataclasses.fields(BatchConfig)}
    assert set(others) | set(OTHERS) == fields
    assert {digest_of(**{name: value}) for name, value in others.items()} == {digest_of()}


def test_pages_of_former_runs_stay_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "METHOD", 0)
    digests = [digest_of(), digest_of(**OTHERS), job.job_of(["r"], ["s"], BUNDLE, Look())]
    # Whoever changes these makes every chapter be coloured again.
    assert [digest[:16] for digest in digests] == [
        "3f368e8667194f15",
        "1e94fd3b82da0aca",
        "971c15b2ff94a0ed",
    ]
