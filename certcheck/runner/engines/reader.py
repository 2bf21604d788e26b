"""The isolated processes of a worker, shared by its threads."""

from __future__ import annotations

import concurrent.futures
import threading

from certcheck.errors import Problem
from certcheck.runner.answer import accepted, answer
from certcheck.runner.pool import Lost, Pool, answer_of
from certcheck.runner.queue import Done, Taken
from certcheck.runner.work import Work

# Seconds between two looks whether the pool is still there.
_LOOK_S = 1.0


class Reader:
    """Reads photos in processes with limits; a pool that broke is replaced.

    Args:
        work: the store.
        url: the registry's database, opened again in each process.
        prepare: whether models are loaded before there is work.
    """

    def __init__(self, work: Work, url: str | None, *, prepare: bool = False) -> None:
        self._work, self._url, self._prepare = work, url, prepare
        self._lock = threading.Lock()
        self._pool: Pool | None = None
        self._stopped = False

    def start(self) -> None:
        """Starts the processes, before there is work."""
        self._ready()

    def read(self, one: Taken) -> Done | Problem | Lost:
        """Reads a photo; waits for it."""
        pool = self._ready()
        if pool is None:
            return Lost.STOPPED
        try:
            future = pool.submit(answer, accepted(self._work, one))
        except RuntimeError:  # the pool broke meanwhile
            return Lost.BROKEN
        while not future.done() and pool.active:
            concurrent.futures.wait([future], _LOOK_S)
        found = answer_of(future)
        ended = self._stopped and found in (Lost.BROKEN, Lost.DIED)
        return Lost.STOPPED if ended else found

    def stop(self) -> None:
        """Ends the processes, those at work too."""
        with self._lock:
            self._stopped = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()

    def _ready(self) -> Pool | None:
        """A pool that takes work; None once it was stopped."""
        with self._lock:
            if self._stopped:
                return None
            if self._pool is not None and not self._pool.active:
                self._pool.stop()
                self._pool = None
            if self._pool is None:
                settings = self._work.settings
                self._pool = Pool(
                    settings.workers, self._url, settings.time_limit,
                    nice=settings.nice, prepare=self._prepare,
                ).__enter__()  # fmt: skip
            return self._pool
