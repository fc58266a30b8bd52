"""One provider of ONNX Runtime, tried in a process of its own.

A provider whose driver or libraries do not fit may crash, and would take along whoever asks.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import NamedTuple

__all__ = ["Tried", "try_apart"]

_COMMAND = [sys.executable, "-m", "mangacolor.runtime.probe"]
# TensorRT builds even a tiny engine for many seconds.
_PATIENCE = 180.0


class Tried(NamedTuple):
    """What became of a try.

    Attributes:
        why: why the provider does not run; empty if it does.
        crashed: whether it ended its process, or never answered.
    """

    why: str
    crashed: bool = False


def try_apart(provider: str) -> Tried:
    """Runs a tiny model on a provider, as `mangacolor.runtime.providers.why_not` does.

    Args:
        provider: as ONNX Runtime names it.
    """
    try:
        ended = subprocess.run(
            [*_COMMAND, provider], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return Tried(f"it did not answer within {_PATIENCE:.0f} s", crashed=True)
    except OSError as error:
        return Tried(f"Python cannot be started to try it: {error.strerror}")
    try:
        # Libraries may have written to stdout before.
        return Tried(str(json.loads(ended.stdout.splitlines()[-1])))
    except (ValueError, IndexError):
        return Tried(f"it crashed ({_end(ended.returncode)})", crashed=True)


def _end(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"


def _answer(provider: str) -> None:
    from mangacolor.runtime.providers import preload_cuda, quieten, why_not

    quieten()
    preload_cuda()
    sys.stdout.write("\n" + json.dumps(why_not(provider)) + "\n")


if __name__ == "__main__":
    _answer(sys.argv[1])
