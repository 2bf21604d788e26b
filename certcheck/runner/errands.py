"""A thread that has one thing after the other done, each by a process of its own."""

from __future__ import annotations

import logging
import subprocess
import time
from typing import Generic, TypeVar

from certcheck.runner import aside
from certcheck.runner.alone import Alone
from certcheck.runner.work import Work

log = logging.getLogger(__name__)

Errand = TypeVar("Errand")


class Errands(Alone, Generic[Errand]):
    """Begins processes and looks after them, one at a time, until it is stopped.

    Args:
        work: the store.
        name: of what is done.
        limit: seconds after which a process is ended.
        sweep: seconds between two times that is thrown away what is old.
    """

    def __init__(self, work: Work, name: str, *, limit: float, sweep: float) -> None:
        super().__init__(work, name)
        self._limit, self._sweep_s = limit, sweep
        self._at: tuple[Errand, subprocess.Popen[bytes], float] | None = None
        self._swept = -sweep

    @property
    def idle(self) -> bool:
        """Whether no process of its own runs."""
        return self._at is None

    def turn(self) -> None:
        """Looks after the process, or begins the next; never waits.

        Raises:
            RegistryError: the work store does not answer.
        """
        if self._at is not None:
            self._watch(*self._at)
            return
        if time.monotonic() - self._swept >= self._sweep_s:
            self._swept = time.monotonic()
            self.sweep()
        errand = self.take()
        if errand is not None:
            self._at = errand, self.launch(errand), time.monotonic() + self._limit

    def end(self) -> None:
        """Ends the process, if there is one."""
        if self._at is not None:
            process, self._at = self._at[1], None
            aside.end(process)

    def take(self) -> Errand | None:
        """The next, from now on ours."""
        raise NotImplementedError

    def launch(self, errand: Errand) -> subprocess.Popen[bytes]:
        """Starts its process, which writes down what comes of it."""
        raise NotImplementedError

    def over(self, errand: Errand) -> None:
        """Tries again, or sets aside, what no process wrote an end of; else changes nothing."""
        raise NotImplementedError

    def sweep(self) -> None:
        """Throws away what is old."""
        raise NotImplementedError

    def unwanted(self, errand: Errand) -> bool:
        """Whether its process is to end now; then what becomes of it is told the store here."""
        return False

    def called(self, errand: Errand) -> str:
        """What logs call it."""
        return str(errand)

    def _watch(self, errand: Errand, process: subprocess.Popen[bytes], until: float) -> None:
        if process.poll() is None:
            if time.monotonic() > until:
                log.error("%s: %s took too long", self._name, self.called(errand))
                self.end()
                self.over(errand)
            elif self.unwanted(errand):
                self.end()
            return
        self._at = None
        if process.returncode:
            status = process.returncode
            log.error(
                "%s: a process died over %s, status %s", self._name, self.called(errand), status
            )
        self.over(errand)
