"""Each kind of failure is told what to do about it, and none of the others'."""

import tempfile
from pathlib import Path

import pytest

from mangacolor.batch import failures
from mangacolor.batch.failures import Cause, cause_of, hint_of, reason_of, writing
from mangacolor.errors import InputError, MemoryLimitError, ModelError, StorageError


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (InputError("broken"), Cause.PAGE),
        (OSError(5, "Input/output error", "pages/1.png"), Cause.PAGE),
        (StorageError("full"), Cause.WRITING),
        (MemoryLimitError("big"), Cause.MEMORY),
        (MemoryError(), Cause.MEMORY),
        (ModelError("bad graph"), Cause.MODEL),
        (KeyError("x"), Cause.OURS),
    ],
)
def test_every_exception_has_its_cause(error: Exception, cause: Cause) -> None:
    assert cause_of(error) is cause


@pytest.mark.parametrize("cause", Cause)
def test_a_single_cause_is_told_nothing_of_the_others(cause: Cause) -> None:
    hint = hint_of({cause})
    assert cause.value in hint
    assert not [other for other in Cause if other is not cause and other.value in hint]
    assert ("run the same command again" in hint) == (cause is not Cause.OURS)


def test_mixed_causes_are_told_a_sentence_each() -> None:
    hint = hint_of({Cause.PAGE, Cause.MODEL, Cause.OURS})
    assert Cause.PAGE.value in hint and Cause.MODEL.value in hint and Cause.OURS.value in hint
    assert Cause.MEMORY.value not in hint


def test_only_what_was_being_written_cannot_be_written() -> None:
    denied = PermissionError(13, "Permission denied")
    assert "cannot be read" in reason_of(denied)
    with pytest.raises(StorageError, match="cannot be written: Permission denied"), writing():
        raise denied


def test_a_fault_of_ours_leaves_its_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    failures._log.cache_clear()
    for number in range(2):
        try:
            raise RuntimeError(f"ours {number}")
        except RuntimeError as error:
            words = reason_of(error)
    (log,) = tmp_path.glob("mangacolor-*.log")
    assert str(log) in words
    text = log.read_text()
    assert "ours 0" in text and "ours 1" in text
    assert "test_failures.py" in text
    # What is the page's own fault leaves none.
    reason_of(InputError("It is broken."))
    assert log.read_text() == text
    failures._log.cache_clear()
