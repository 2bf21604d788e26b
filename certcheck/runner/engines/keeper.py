"""What one of all workers does beside reading: a thread of each, of which one holds the lock."""

from __future__ import annotations

import logging
import time

from certcheck.errors import BrokerAwayError
from certcheck.runner.alone import Alone
from certcheck.runner.engines.turns import Turns
from certcheck.runner.printer import Printer
from certcheck.runner.queue import Queue
from certcheck.runner.work import Work

log = logging.getLogger(__name__)

KEEPER = "keeper"
# Seconds between two looks whether messages were lost; a visitor hardly notices.
_FILL_S = 2.0
_SWEEP_S = 60.0


class Keeper(Alone):
    """Sees to it that nothing is lost, and that nothing stays for longer than it may.

    Sends turns that were lost, makes PDFs, sweeps. What workers had that are gone is given back by
    each of the others (`worker.Heart`).

    Args:
        work: the store.
        turns: the broker.
    """

    def __init__(self, work: Work, turns: Turns) -> None:
        super().__init__(work, KEEPER)
        self._turns, self._queue = turns, Queue(work)
        self._printer = Printer(work)
        self._filled = self._swept = float("-inf")

    def begin(self) -> None:
        """Takes up pages that were begun."""
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
        if moment - self._filled >= _FILL_S:
            self._filled = moment
            try:
                self._turns.fill(self._queue)
            except BrokerAwayError as error:
                log.error("nobody gets a turn: %s", error)
        if moment - self._swept >= _SWEEP_S:
            self._swept = moment
            self._work.sweep()
