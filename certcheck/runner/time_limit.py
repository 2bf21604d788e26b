"""How long a process of the pool may take, told by a clock that nobody sets.

The pool's own limit goes by the time of day: set forward, it would end photos that had only just
begun and answer that they took too long; set back, it would let a hanging one hang for as long.
"""

from __future__ import annotations

import concurrent.futures
import threading
import time
import weakref
from types import TracebackType
from typing import Any

Future = concurrent.futures.Future[Any]

# Seconds between two looks.
_LOOK_S = 0.5
# Seconds in which some process takes what waits: one that starts loads its models first.
_TAKEN_S = 120.0
_LATE: weakref.WeakSet[Future] = weakref.WeakSet()


class TimeLimit:
    """Cancels what runs too long; a context manager.

    Args:
        seconds: that a piece of work may run, counted from when a process took it.
        taken: seconds in which some process has to take what waits.

    Attributes:
        stuck: whether none did: a process that hangs before it takes anything keeps the others
            from it, and nobody is told which it is.
    """

    def __init__(self, seconds: float, taken: float = _TAKEN_S) -> None:
        self._seconds, self._taken = seconds, max(seconds, taken)
        self._idle: float | None = None
        self.stuck = False
        self._begun: dict[Future, float | None] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="time limit", daemon=True)

    def __enter__(self) -> TimeLimit:
        """Begins."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends; nothing is cancelled any more."""
        self._over.set()
        self._thread.join()

    def watch(self, future: Future) -> None:
        """Watches a piece of work until it is done."""
        self._begun[future] = None
        future.add_done_callback(lambda one: self._begun.pop(one, None))

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_S):
            now = time.monotonic()
            self._look_whether_any_runs(now)
            for future, begun in list(self._begun.items()):
                if begun is None:
                    if future.running() and future in self._begun:
                        self._begun[future] = now
                elif now - begun > self._seconds:
                    _LATE.add(future)
                    future.cancel()

    def _look_whether_any_runs(self, now: float) -> None:
        waiting = list(self._begun)
        if not waiting or any(one.running() for one in waiting):
            self._idle = None
        elif self._idle is None:
            self._idle = now
        elif now - self._idle > self._taken:
            self.stuck = True


def late(future: Future) -> bool:
    """Whether a piece of work was cancelled because it ran too long."""
    return future in _LATE
