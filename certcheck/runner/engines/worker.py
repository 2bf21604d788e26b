"""`certcheck worker`: takes turns from the broker, jobs from the record, and reads photos.

Threads of one process wait for turns; each photo is read in a process of its own with limits, as
the server's own engine does it. Whatever becomes of the worker, the record says what it had.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from certcheck.archive.registered import Follower
from certcheck.desk.clerk import Clerk
from certcheck.errors import Problem, StorageError, WorkerAloneError
from certcheck.evidence.maker import Maker
from certcheck.evidence.stamper import Stamper
from certcheck.operation import logs
from certcheck.runner.engines import workers
from certcheck.runner.engines.keeper import Keeper
from certcheck.runner.engines.loop import Loop
from certcheck.runner.engines.reader import Reader
from certcheck.runner.engines.turns import Turns
from certcheck.runner.engines.workers import Watch, Workers
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
        queue: that jobs are taken from, under this worker's id.
        registry: for reports of photos that could not be checked.
        reader: reads photos.
        observer: told of every job that ended.
    """

    def __init__(
        self, queue: Queue, registry: Registry, reader: Reader, observer: Observer | None = None
    ) -> None:
        self._queue, self._reader, self._observer = queue, reader, observer
        self._outcome = Outcome(queue, registry)
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
        ended = self._written(one, self._read(one))
        if ended is not None:
            worked = time.monotonic() - begun
            told = {"job": one.id, "error": ended.code, "ms": round(worked * 1000)}
            log.info("checked", extra={"fields": told})
            if self._observer is not None:
                self._observer(ended.code, one.seconds, worked)
        return ended

    def _read(self, one: Taken) -> Done | Problem | Lost:
        try:
            return self._reader.read(one)
        except Exception:  # no more processes, say: nobody else may take it while it is ours
            log.exception("nobody reads")
            self.ending.wait(_PAUSE_S)
            return Lost.BROKEN

    def _written(self, one: Taken, found: Done | Problem | Lost) -> Ended | None:
        """Writes down what came of it, as soon as that can be done; None where it ends before."""
        while True:
            try:
                return self._outcome.write(one, found)
            except (RegistryError, StorageError) as error:
                log.error("an answer waits: %s %s", error, error.details)
            except Exception:  # likewise
                log.exception("an answer waits")
            if self.ending.wait(_PAUSE_S):
                return None


class Heart:
    """Gives signs of life, and looks who gives none: a thread.

    Each worker looks at all others. Were it one of them alone, and that one stood still, with the
    lock by which it does so, what it had would be nobody's. What is taken in its own name and in
    nobody's hand, no other could tell from what it does.

    Args:
        work: the store.
        worker_id: whose.
        registry: for reports of photos that are set aside.
        queue: that the worker takes jobs from.
    """

    def __init__(self, work: Work, worker_id: str, registry: Registry, queue: Queue) -> None:
        self._workers, self._id, self._settings = Workers(work), worker_id, work.settings
        self._queue = queue
        self._watch = Watch(work, lambda: registry.revision)
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
                self._queue.recall()
                self._watch.look()
            except Exception as error:  # tried again with the next
                log.error("no sign of life: %s", error)
                self._watch.forget()


def run(
    settings: Settings, url: str | None, ready: Callable[[str], None],
    observer: Observer | None = None, *, prepare: bool = False,
) -> None:  # fmt: skip
    """Works until a signal comes (`loop`): what is begun is ended, the rest left to others.

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
    queue = Queue(work, worker_id)
    hand = Hand(queue, registry, reader, observer)
    heart = Heart(work, worker_id, registry, queue)
    parts: Sequence[Beside] = [
        heart, reader, Keeper(work, turns), *beside(work, registry, url),
    ]  # fmt: skip
    try:
        for part in parts:
            part.start()
        loop = Loop(turns, hand.turn, hand.ending.set, reader.stop)
        loop.run(worker_id, settings.workers, lambda: ready(worker_id))
    finally:
        hand.ending.set()
        # The reader before the heart: what it has belongs to us until it ends.
        for part in reversed(parts):
            part.stop()
        work.close()
