"""Takes accepted jobs and puts them through the pool: a thread of the server.

Several servers may share one work folder; whoever holds its lock does the work, the others
take over when it is gone. What the record says is running when the lock is taken was broken
off, and is taken up again.
"""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from certcheck.errors import Problem, StorageError
from certcheck.operation import logs
from certcheck.runner.answer import accepted, answer
from certcheck.runner.lock import sole
from certcheck.runner.outcome import Outcome
from certcheck.runner.pool import Lost, Pool, answer_of
from certcheck.runner.printer import Printer
from certcheck.runner.queue import Done, Queue, Taken
from certcheck.runner.work import Work
from registry.errors import RegistryError
from registry.lookup import Registry

log = logging.getLogger(__name__)

# Seconds between two looks when nobody rings: at what others wrote, and whether to stop.
_LOOK_S = 0.5
# After a failure of the database or the disk.
_PAUSE_S = 2.0
_SWEEP_S = 60.0
SERVICE = "service"
LOCK = f"{SERVICE}.lock"
# Seconds between two signs of life, on the lock itself.
BEAT_S = 5.0

Waiting = dict["concurrent.futures.Future[Done | Problem]", Taken]
# Told of every job that ended: the code of its error or None, seconds waited, seconds worked.
Observer = Callable[[str | None, float, float], None]


class Beside(Protocol):
    """What lives as long as the service does."""

    def start(self) -> None:
        """Begins."""

    def stop(self) -> None:
        """Ends."""


class Service:
    """Does the work of a work store until it is stopped.

    Args:
        work: the store.
        registry: for reports of photos that could not be checked.
        url: the registry's database, opened again in each process.
        observer: told of every job that ended.
        beside: what is started and stopped with it.
        prepare: whether models are loaded before there is work.
    """

    def __init__(
        self,
        work: Work,
        registry: Registry,
        url: str | None,
        observer: Observer | None = None,
        beside: Sequence[Beside] = (),
        *,
        prepare: bool = False,
    ) -> None:
        self._work, self._registry, self._url = work, registry, url
        self._queue, self._printer = Queue(work), Printer(work)
        self._outcome = Outcome(self._queue, registry)
        self._observer, self._prepare, self._beside = observer, prepare, beside
        self._bell, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._live, name="checks", daemon=True)
        self._waiting: Waiting = {}
        self._begun: dict[int, float] = {}
        self._swept, self._beaten = -_SWEEP_S, -BEAT_S

    def start(self) -> None:
        """Begins."""
        self._work.rung = self._bell.set
        self._thread.start()
        for one in self._beside:
            one.start()

    def stop(self) -> None:
        """Ends the processes; what they were at is queued again."""
        self._stopping.set()
        self._bell.set()
        for one in self._beside:
            one.stop()
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether it is at work, or waits for the lock."""
        return self._thread.is_alive()

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                with sole(self._work, SERVICE) as ours:
                    if ours():
                        self._beat()
                        self._take_up()
                        self._work_on(ours)
            except Exception:  # the database, the disk, or a mistake of ours: tried again
                log.exception("checks stand still")
            self._stopping.wait(_PAUSE_S)

    def _take_up(self) -> None:
        """Queues what a server that is gone had begun, or this one when it lost the lock."""
        for one in self._waiting.values():
            self._queue.postpone(one.id, one.claim)
        self._waiting.clear()
        for job_id in self._queue.left_behind():
            self._queue.give_back(job_id, self._registry.revision)
        self._printer.take_up()

    def _work_on(self, ours: Callable[[], bool]) -> None:
        """Pools, one after the other, until there is reason to stop, or another does the work."""
        settings = self._work.settings
        while not self._stopping.is_set() and ours():
            pool = Pool(
                settings.workers, self._url, settings.time_limit,
                nice=settings.nice, prepare=self._prepare,
            )  # fmt: skip
            with contextlib.suppress(_Stop), pool:
                while pool.active:
                    self._turn_or_pause(pool, ours)
                for future in list(self._waiting):
                    self._settle(future)
            if self._stopping.is_set():
                self._printer.stop()
                self._queue.stop()

    def _turn_or_pause(self, pool: Pool, ours: Callable[[], bool]) -> None:
        """A turn; while the database or the disk is away, nothing is given up for it."""
        self._beat()
        try:
            self._turn(pool)
        except (RegistryError, StorageError) as error:
            log.error("checks wait: %s %s", error, error.details)
            self._stopping.wait(_PAUSE_S)
            return
        # What was read while the database was away is written down by now.
        if not ours():
            log.error("checks are another server's")
            raise _Stop

    def _turn(self, pool: Pool) -> None:
        """Collects what is done, gives out what is next, and waits for either."""
        self._bell.clear()
        if self._stopping.is_set():
            raise _Stop
        for future in [one for one in self._waiting if one.done()]:
            self._settle(future)
        self._sweep()
        self._printer.turn()
        free = self._work.settings.workers - len(self._waiting)
        taken = self._queue.take(free) if free else []
        left = collections.deque(taken)
        try:
            while left:
                self._begin(pool, left[0])
                left.popleft()
        finally:
            self._queue.let_go(left)
        if not taken:
            self._bell.wait(_LOOK_S)

    def _begin(self, pool: Pool, one: Taken) -> None:
        try:
            future = pool.submit(answer, accepted(self._work, one))
        except RuntimeError:  # the pool broke meanwhile
            self._queue.give_back(one.id, self._registry.revision, one.claim)
            return
        self._begun[one.id] = time.monotonic()
        self._waiting[future] = one
        future.add_done_callback(lambda _: self._bell.set())

    def _settle(self, future: concurrent.futures.Future[Done | Problem]) -> None:
        """Writes down what came of a job; it stays in `_waiting` where that fails."""
        one = self._waiting[future]
        with logs.bearing(one.request_id):
            found: Done | Problem | Lost = answer_of(future)
            ended = self._outcome.write(one, found)
            del self._waiting[future]
            worked = time.monotonic() - self._begun.pop(one.id, time.monotonic())
            told = {"job": one.id, "error": ended.code, "ms": round(worked * 1000)}
            log.info("checked", extra={"fields": told})
        if self._observer is not None:
            self._observer(ended.code, one.seconds, worked)
        if ended.away:
            self._stopping.wait(_PAUSE_S)

    def _beat(self) -> None:
        """Shows that whoever holds the lock lives; a full disk still takes it, a lost one not."""
        if time.monotonic() - self._beaten >= BEAT_S:
            self._beaten = time.monotonic()
            with contextlib.suppress(OSError):
                os.utime(self._work.settings.folder / LOCK)

    def _sweep(self) -> None:
        if time.monotonic() - self._swept < _SWEEP_S:
            return
        self._swept = time.monotonic()
        try:
            self._work.sweep()
        except Exception:  # checks go on meanwhile
            log.exception("nothing was swept")


class _Stop(Exception):  # noqa: N818 - no error
    """The service is to stop; ends a pool without waiting for its processes."""
