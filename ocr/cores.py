"""How many cores one photo may use.

One photo that somebody waits for may have them all; where many photos wait, each process
reads one at a time on its own core, because work split between cores is never split
without loss. Set before the first photo: engines ask when they are loaded.

Whole stages and lines are shared out between the cores, never one operation on a picture:
OpenCV's own threads would wait for a core that another stage is at work on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import cv2

T = TypeVar("T")

# Lines of one photo are too short to keep more than this many cores busy.
_MOST = 4
_wanted: list[int] = []
cv2.setNumThreads(1)


def available() -> int:
    """Cores this process may run on."""
    return max(1, len(os.sched_getaffinity(0)))


def limit(count: int) -> None:
    """Lets one photo use at most `count` cores from now on."""
    _wanted[:] = [max(1, count)]


def most() -> int:
    """Cores that one photo may use."""
    return min(_wanted[0] if _wanted else available(), available(), _MOST)


def beside(work: Callable[[], T]) -> Callable[[], T]:
    """Starts work beside what follows, where a photo has a second core for it.

    Args:
        work: a stage of its own; it shares nothing that changes with what follows.

    Returns:
        What to call for the work's answer; it raises what the work raised. With one core
        the work is done then.
    """
    if most() == 1:
        return work
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where the answer is asked for
            done.set_exception(error)

    # No daemon: a process must not end in the middle of a library's work.
    threading.Thread(target=run).start()
    return done.result
