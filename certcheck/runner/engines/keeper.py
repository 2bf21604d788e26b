"""What one of all workers does beside reading: a thread of each, of which one holds the lock."""

from __future__ import annotations

import logging
import time

from certcheck.errors import BrokerAwayError
from certcheck.runner.alone import Alone
from certcheck.runner.engines.turns import Turns
from certcheck.runner.engines.workers import Watch
from certcheck.runner.printer import Printer
from certcheck.runner.queue import Queue
from certcheck.runner.work import Work
from registry.lookup import Registry

log = logging.getLogger(__name__)

# Seconds between two looks at who lives and whether messages were lost; a visitor hardly notices.
_WATCH_S = 2.0
_SWEEP_S = 60.0


class Keeper(Alone):
    """Sees to it that nothing is lost, and that nothing stays for longer than it may.

    Gives back what workers had that are gone, sends turns that were lost, makes PDFs, sweeps.

    Args:
        work: the store.
        registry: for reports of photos that are set aside.
        turns: the broker.
    """

    def __init__(self, work: Work, registry: Registry, turns: Turns) -> None:
        super().__init__(work, "keeper")
        self._turns, self._queue = turns, Queue(work)
        self._watch = Watch(work, lambda: registry.revision)
        self._printer = Printer(work)
        self._watched = self._swept = float("-inf")

    def begin(self) -> None:
        """Forgets what it saw of the workers before; takes up pages that were begun."""
        self._watch.forget()
        self._printer.take_up()

    def end(self) -> None:
        """Ends the process that makes a PDF."""
        self._printer.stop()

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
