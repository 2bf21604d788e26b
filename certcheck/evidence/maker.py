"""Makes the packs that are wanted, one after the other, each in a process of its own.

A case of a hundred photos takes minutes and a gigabyte of disk: neither is for a page's thread.
"""

from __future__ import annotations

import logging
import subprocess
import time

from certcheck.evidence import __name__ as making
from certcheck.evidence import wanted
from certcheck.runner import aside
from certcheck.runner.alone import Alone
from certcheck.runner.work import Work

log = logging.getLogger(__name__)

# Two hundred certificates take ten minutes of a core; a machine with much else to do longer.
TIME_LIMIT_S = 3600
# A report of two certificates takes a quarter of a gigabyte on paper.
MEMORY_BYTES = 2 * 2**30
_SWEEP_S = 600.0


class Maker(Alone):
    """Makes packs until it is stopped.

    Args:
        work: the store.
        url: of the registry, or None for the user's own.
    """

    def __init__(self, work: Work, url: str | None) -> None:
        super().__init__(work, "packs")
        self._url = url
        self._at: tuple[str, subprocess.Popen[bytes], float] | None = None
        self._swept = -_SWEEP_S

    def begin(self) -> None:
        """Queues what a server that is gone had begun."""
        wanted.take_up(self._work)

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
            pack_id, process, until = self._at
            if process.poll() is None:
                if time.monotonic() < until:
                    return
                log.error("a pack took too long: %s", pack_id)
                self.end()
                wanted.died(self._work, pack_id)
                return
            self._at = None
            if process.returncode:
                log.error("a process died over a pack, status %s", process.returncode)
            # Where it wrote down what came of it, this changes nothing.
            wanted.died(self._work, pack_id)
            return
        if time.monotonic() - self._swept >= _SWEEP_S:
            self._swept = time.monotonic()
            wanted.sweep(self._work)
        taken = wanted.take(self._work)
        if taken is not None:
            told = {"pack": taken, "registry": self._url}
            settings = self._work.settings
            process = aside.begin(making, told, settings, MEMORY_BYTES, settings.nice)
            self._at = taken, process, time.monotonic() + TIME_LIMIT_S

    def end(self) -> None:
        """Ends the process, if there is one."""
        if self._at is not None:
            process, self._at = self._at[1], None
            aside.end(process)
