"""Drawing what training looks at, in as many processes as are given."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from mangacolor.errors import SetupError

__all__ = ["done_in_processes"]

Thing = TypeVar("Thing")


def done_in_processes(
    task: Callable[[Thing], None], things: Sequence[Thing], workers: int
) -> Iterator[int]:
    """Does a task for each of several things, the first ones first; who stops asking ends it.

    Args:
        task: can be pickled, as the things can, if there are several processes.
        things: what it is done for.
        workers: processes; with less than two it is done in this one.

    Yields:
        For how many it is done, after each.

    Raises:
        SetupError: a process was ended by the system.
    """
    if workers < 2 or len(things) < 2:
        for done, thing in enumerate(things, 1):
            task(thing)
            yield done
        return
    # Forked, a process would have the locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(things)), context, _begin)
    try:
        futures = [pool.submit(task, thing) for thing in things]
        for done, future in enumerate(as_completed(futures), 1):
            future.result()
            yield done
    except BrokenProcessPool as error:
        raise SetupError(
            "A process that drew was ended, as the system does when memory runs out.",
            "Take fewer --workers.",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """A process for one core; Ctrl-C is its parent's matter."""
    os.environ["OMP_NUM_THREADS"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
