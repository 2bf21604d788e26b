"""What one of all workers does beside reading: a thread of each, of which one holds the lock."""

from __future__ import annotations

import logging
import threading
import time

from certcheck.errors import BrokerAwayError, StorageError
from certcheck.runner.engines.turns import Turns
from certcheck.runner.engines.workers import Watch
from certcheck.runner.lock import sole
from certcheck.runner.printer import Printer
from certcheck.runner.queue import Queue
from certcheck.runner.work import Work
from registry.errors import RegistryError
from registry.lookup import Registry

log = logging.getLogger(__name__)

_NAME = "keeper"
# Seconds between two looks at pages that are wanted on paper.
_LOOK_S = 0.5
# Between two looks at who lives and whether messages were lost; a visitor hardly notices it.
_WATCH_S = 2.0
_SWEEP_S = 60.0
_PAUSE_S = 2.0


class Keeper:
    """Sees to it that nothing is lost, and that nothing stays for longer than it may.

    Gives back what workers had that are gone, sends turns that were lost, makes PDFs, sweeps.

    Args:
        work: the store.
        registry: for reports of photos that are set aside.
        turns: the broker.
    """

    def __init__(self, work: Work, registry: Registry, turns: Turns) -> None:
        self._work, self._turns, self._queue = work, turns, Queue(work)
        self._watch = Watch(work, lambda: registry.revision)
        self._printer = Printer(work)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="keeper", daemon=True)
        self._watched = self._swept = float("-inf")

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends; another worker goes on with it."""
        self._stopping.set()
        self._thread.join()

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                with sole(self._work, _NAME) as ours:
                    if ours():
                        self._watch.forget()
                        self._printer.take_up()
                    while ours() and not self._stopping.is_set():
                        self.turn()
                        self._stopping.wait(_LOOK_S)
                    self._printer.stop()
            except (RegistryError, StorageError) as error:
                log.error("nobody keeps order: %s %s", error, error.details)
            except Exception:  # the disk, or a mistake of ours: tried again
                log.exception("nobody keeps order")
            self._stopping.wait(_PAUSE_S)

    def turn(self) -> None:
        """Does what is due.

        Raises:
            RegistryError, StorageError: the database or the disk is away.
        """
        self._printer.turn()
        moment = time.monotonic()
        if moment - self._watched >= _WATCH_S:
            self._watched = moment
            self._watch.look()
            try:
                self._turns.fill(self._queue)
            except BrokerAwayError as error:
                log.error("nobody gets a turn: %s", error)
        if moment - self._swept >= _SWEEP_S:
            self._swept = moment
            self._work.sweep()
