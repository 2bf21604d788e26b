"""`certcheck worker`: takes turns from the broker, jobs from the record, and reads photos.

Threads of one process wait for turns; each photo is read in a process of its own with limits, as
the server's own engine does it. Whatever becomes of the worker, the record says what it had.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from certcheck.archive.registered import Follower
from certcheck.desk.clerk import Clerk
from certcheck.errors import Problem, StorageError, WorkerAloneError
from certcheck.evidence.maker import Maker
from certcheck.evidence.stamper import Stamper
from certcheck.operation import logs
from certcheck.runner.engines import workers
from certcheck.runner.engines.keeper import Keeper
from certcheck.runner.engines.reader import Reader
from certcheck.runner.engines.turns import QUEUE, TURN, Turns
from certcheck.runner.engines.workers import Workers
from certcheck.runner.outcome import Ended, Outcome
from certcheck.runner.pool import Lost
from certcheck.runner.queue import Done, Queue, Taken
from certcheck.runner.service import Beside, Observer
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from certcheck.stock.batches import Batches
from certcheck.stock.messenger import Messenger
from registry import store
from registry.errors import RegistryError
from registry.lookup import Registry

log = logging.getLogger(__name__)

# After a failure of the database or the disk.
_PAUSE_S = 2.0


def beside(work: Work, registry: Registry, url: str | None) -> list[Beside]:
    """What goes on beside the checks; of several servers or workers one does each.

    Args:
        work: the store.
        registry: as it is now.
        url: its database.
    """
    return [
        Messenger(work, Batches(work)),
        Follower(work, registry),
        Clerk(work, url),
        Maker(work, url),
        Stamper(work),
    ]


class Hand:
    """Takes turns, in several threads at once.

    Args:
        work: the store.
        registry: for reports of photos that could not be checked.
        reader: reads photos.
        worker_id: under which jobs are taken.
        observer: told of every job that ended.
    """

    def __init__(
        self, work: Work, registry: Registry, reader: Reader, worker_id: str,
        observer: Observer | None = None,
    ) -> None:  # fmt: skip
        self._queue, self._reader, self._observer = Queue(work, worker_id), reader, observer
        self._outcome = Outcome(self._queue, registry)
        # Set when what waits for something that is away is to be left to others.
        self.ending = threading.Event()

    def turn(self) -> bool:
        """Takes the next job and does it; whether the turn was of use, or the record is away.

        Nothing to do is of use too: somebody else has done it.
        """
        try:
            taken = self._queue.take(1)
        except RegistryError as error:
            log.error("checks wait: %s %s", error, error.details)
            self.ending.wait(_PAUSE_S)
            return False
        for one in taken:
            with logs.bearing(one.request_id):
                ended = self._done(one)
            if ended is None:
                return False
            if ended.away:
                self.ending.wait(_PAUSE_S)
        return True

    def _done(self, one: Taken) -> Ended | None:
        begun = time.monotonic()
        ended = self._written(one, self._reader.read(one))
        if ended is not None:
            worked = time.monotonic() - begun
            told = {"job": one.id, "error": ended.code, "ms": round(worked * 1000)}
            log.info("checked", extra={"fields": told})
            if self._observer is not None:
                self._observer(ended.code, one.seconds, worked)
        return ended

    def _written(self, one: Taken, found: Done | Problem | Lost) -> Ended | None:
        """Writes down what came of it, as soon as that can be done; None where it ends before."""
        while True:
            try:
                return self._outcome.write(one, found)
            except (RegistryError, StorageError) as error:
                log.error("an answer waits: %s %s", error, error.details)
                if self.ending.wait(_PAUSE_S):
                    return None


class Heart:
    """Gives signs of life: a thread.

    Args:
        work: the store.
        worker_id: whose.
    """

    def __init__(self, work: Work, worker_id: str) -> None:
        self._workers, self._id, self._settings = Workers(work), worker_id, work.settings
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="heart", daemon=True)

    def start(self) -> None:
        """Enters the worker, before it takes anything.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        self._workers.beat(self._id, self._settings.workers)
        self._thread.start()

    def stop(self) -> None:
        """Ends; the worker is gone from then on."""
        self._stopping.set()
        self._thread.join()
        try:
            self._workers.leave(self._id)
        except RegistryError as error:
            log.error("nobody is told that a worker ends: %s", error)

    def _live(self) -> None:
        while not self._stopping.wait(self._settings.lease / workers.BEATS):
            try:
                self._workers.beat(self._id, self._settings.workers)
            except Exception as error:  # tried again with the next
                log.error("no sign of life: %s", error)


def run(
    settings: Settings, url: str | None, ready: Callable[[str], None],
    observer: Observer | None = None, *, prepare: bool = False,
) -> None:  # fmt: skip
    """Works until SIGTERM or SIGINT: what is begun is ended, the rest left to others.

    Args:
        settings: how work is kept, where the broker is, how many photos are read at once.
        url: the registry's database, or None.
        ready: told the worker's id when it takes turns.
        observer: told of every job that ended.
        prepare: whether models are loaded before there is work.

    Raises:
        CertcheckError: a setting or the work folder is of no use.
        RegistryError: a database cannot be opened.
    """
    if not settings.celery:
        raise WorkerAloneError()
    turns, worker_id = Turns(settings), workers.new_id()
    work = Work(settings)
    registry = Registry(store.open_registry(url))
    reader = Reader(work, url, prepare=prepare)
    hand = Hand(work, registry, reader, worker_id, observer)
    parts: Sequence[Beside] = [
        Heart(work, worker_id), reader, Keeper(work, registry, turns), *beside(work, registry, url),
    ]  # fmt: skip
    try:
        for part in parts:
            part.start()
        _consume(turns, hand, settings.workers, worker_id, ready)
    finally:
        hand.ending.set()
        # The reader before the heart: what it has belongs to us until it ends.
        for part in reversed(parts):
            part.stop()
        work.close()


def _consume(
    turns: Turns, hand: Hand, hands: int, worker_id: str, ready: Callable[[str], None]
) -> None:
    """Celery's own loop, in this thread; signals end it."""
    from celery import signals
    from celery.exceptions import Reject

    def turn() -> None:
        if not hand.turn():
            raise Reject("the record is away", requeue=True)

    turns.app.task(name=TURN)(turn)

    def told(**_: Any) -> None:  # noqa: ANN401 - Celery's
        ready(worker_id)

    def ending(how: str, **_: Any) -> None:  # noqa: ANN401 - likewise
        hand.ending.set()

    def leave_logs_alone(**_: Any) -> None:  # noqa: ANN401 - likewise
        pass

    signals.worker_ready.connect(told)
    signals.worker_shutting_down.connect(ending)
    signals.setup_logging.connect(leave_logs_alone)
    turns.app.Worker(
        hostname=f"{worker_id}@certcheck", pool="threads", concurrency=hands, queues=[QUEUE],
        quiet=True, redirect_stdouts=False, without_gossip=True, without_mingle=True,
        without_heartbeat=True,
    ).start()  # fmt: skip
