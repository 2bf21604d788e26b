"""How many cores one photo may use.

One photo that somebody waits for may have them all; where many photos wait, each process
reads one at a time on its own core, because work split between cores is never split
without loss. Set before the first photo: engines ask when they are loaded.
"""

from __future__ import annotations

import os

import cv2

# Lines of one photo are too short to keep more than this many cores busy.
_MOST = 4
_wanted: list[int] = []


def available() -> int:
    """Cores this process may run on."""
    return max(1, len(os.sched_getaffinity(0)))


def limit(count: int) -> None:
    """Lets one photo use at most `count` cores from now on."""
    _wanted[:] = [max(1, count)]
    cv2.setNumThreads(most())


def most() -> int:
    """Cores that one photo may use."""
    return min(_wanted[0] if _wanted else available(), available(), _MOST)
