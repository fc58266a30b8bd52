"""Whatever is in a file, its reader gives it back or raises one of this project's errors."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.fuzzing import KINDS, Damage, damaged, escape_of

# Each runs in a few seconds; `scripts/fuzz` runs as many as are asked for.
INPUTS = 150

BYTES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([b"\0" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f", b"\1\0\0\0", b"9" * 5000]),
    st.sampled_from([b"null", b"[]", b"{}", b"-1", b"1e999", b"nan", b'"', b"[" * 2000, b"true"]),
)
DAMAGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), BYTES), min_size=1, max_size=6)
LENGTHS = st.one_of(st.just(1.0), st.floats(0, 1))


@functools.cache
def seeds_of(kind: str) -> list[bytes]:
    return KINDS[kind][0]()


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    # A damaged header may ask for the largest picture that is allowed.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100_000)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=INPUTS,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_no_damage_escapes_a_reader(kind: str, data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(range(len(seeds_of(kind)))), label="seed")
    damages: list[Damage] = data.draw(DAMAGES, label="damages")
    length = data.draw(LENGTHS, label="length")
    made = damaged(seeds_of(kind)[content], damages, length)
    with tempfile.TemporaryDirectory() as place:
        assert escape_of(KINDS[kind][1], made, Path(place)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_seed_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    for content in seeds_of(kind):
        assert escape_of(KINDS[kind][1], content, tmp_path) is None
