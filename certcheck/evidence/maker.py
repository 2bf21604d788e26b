"""Makes the packs that are wanted, one after the other, each in a process of its own.

A case of a hundred photos takes minutes and a gigabyte of disk: neither is for a page's thread.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time

from certcheck.evidence import __name__ as making
from certcheck.evidence import wanted
from certcheck.runner import aside
from certcheck.runner.lock import sole
from certcheck.runner.work import Work
from registry.errors import RegistryError

log = logging.getLogger(__name__)

# Two hundred certificates take ten minutes of a core; a machine with much else to do longer.
TIME_LIMIT_S = 3600
# A report of two certificates takes a quarter of a gigabyte on paper.
MEMORY_BYTES = 2 * 2**30
_LOOK_S = 0.5
_PAUSE_S = 2.0
_SWEEP_S = 600.0
_NAME = "packs"


class Maker:
    """Makes packs until it is stopped. Of several servers with one work folder one does.

    Args:
        work: the store.
        url: of the registry, or None for the user's own.
    """

    def __init__(self, work: Work, url: str | None) -> None:
        self._work, self._url = work, url
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="packs", daemon=True)
        self._at: tuple[str, subprocess.Popen[bytes], float] | None = None
        self._swept = -_SWEEP_S

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends; what it was at is taken up by the next."""
        self._stopping.set()
        self._thread.join()

    @property
    def idle(self) -> bool:
        """Whether no process of its own runs."""
        return self._at is None

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                with sole(self._work, _NAME) as ours:
                    if ours():
                        wanted.take_up(self._work)
                    while ours() and not self._stopping.is_set():
                        self.turn()
                        self._stopping.wait(_LOOK_S)
            except RegistryError as error:
                log.error("packs wait: %s", error)
            except Exception:  # a mistake of ours: tried again
                log.exception("packs stand still")
            finally:
                self._end()
            self._stopping.wait(_PAUSE_S)

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
                self._end()
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

    def _end(self) -> None:
        if self._at is not None:
            process, self._at = self._at[1], None
            aside.end(process)
