"""A thread that does one thing, for as long as no other server or worker does it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from certcheck.errors import StorageError
from certcheck.runner.lock import sole
from certcheck.runner.work import Work
from registry.errors import RegistryError

log = logging.getLogger(__name__)


class Alone:
    """Does its turns until it is stopped. Of several servers of one work store one does.

    Args:
        work: the store.
        name: of what is done, the lock's and the thread's.
        look: seconds between two turns.
        pause: seconds until it is tried again, where another does it, or it failed.
    """

    def __init__(self, work: Work, name: str, *, look: float = 0.5, pause: float = 2.0) -> None:
        self._work = work
        self._name, self._look, self._pause = name, look, pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends; what it was at is taken up by the next."""
        self._stopping.set()
        self._thread.join()

    def begin(self) -> None:
        """Takes up what was left behind, once nobody else does it."""

    def turn(self) -> object:
        """Does what is due; never waits for long.

        Raises:
            RegistryError, StorageError: the database or the disk is away.
        """
        raise NotImplementedError

    def end(self) -> None:
        """Lets go of what it was at, before others may take it up."""

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                with sole(self._work, self._name) as ours:
                    if ours():
                        self._while(ours)
            except (RegistryError, StorageError) as error:
                log.error("%s waits: %s %s", self._name, error, error.details)
            except Exception:  # the disk, or a mistake of ours: tried again
                log.exception("%s stands still", self._name)
            self._stopping.wait(self._pause)

    def _while(self, ours: Callable[[], bool]) -> None:
        try:
            self.begin()
            while ours() and not self._stopping.is_set():
                self.turn()
                self._stopping.wait(self._look)
        finally:
            self.end()
