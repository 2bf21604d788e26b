"""Tells workers of what was accepted: a thread of a server that does no work itself."""

from __future__ import annotations

import logging
import threading

from certcheck.errors import BrokerAwayError
from certcheck.runner.engines.turns import Turns
from certcheck.runner.queue import Queue
from certcheck.runner.work import Work
from registry.errors import RegistryError

log = logging.getLogger(__name__)

# Seconds between two looks when nobody rings: at what other servers wrote and could not tell.
_LOOK_S = 5.0


class Outbox:
    """Sends a turn for what was written down, after it was; never in whoever's request it came.

    What it cannot send is sent later, by it or by a worker (`keeper`): it is no second record.

    Args:
        work: the store.

    Raises:
        ExtraMissingError: Celery is not installed.
    """

    def __init__(self, work: Work) -> None:
        self.turns = Turns(work.settings)
        self._work, self._queue = work, Queue(work)
        # Whether the broker answered, and took none of the last turns that lacked.
        self.refused = False
        self._bell, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._live, name="turns", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._work.rung = self._bell.set
        self._bell.set()
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._stopping.set()
        self._bell.set()
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether it is at work."""
        return self._thread.is_alive()

    def _live(self) -> None:
        while True:
            self._bell.wait(_LOOK_S)
            if self._stopping.is_set():
                return
            self._bell.clear()
            try:
                self.turns.fill(self._queue)
                self.refused = False
            except BrokerAwayError as error:
                self.refused = error.refuses
                log.error("workers are not told: %s %s", error, error.details)
            except RegistryError as error:
                log.error("workers are not told: %s", error)
            except Exception:  # a mistake of ours: the next photo is told of
                log.exception("workers are not told")
