"""Makes the packs that are wanted, one after the other, each in a process of its own.

A case of a hundred photos takes minutes and a gigabyte of disk: neither is for a page's thread.
"""

from __future__ import annotations

import subprocess

from certcheck.evidence import __name__ as making
from certcheck.evidence import wanted
from certcheck.runner import aside
from certcheck.runner.errands import Errands
from certcheck.runner.work import Work

# Two hundred certificates take ten minutes of a core; a machine with much else to do longer.
TIME_LIMIT_S = 3600
# A report of two certificates takes a quarter of a gigabyte on paper.
MEMORY_BYTES = 2 * 2**30
_SWEEP_S = 600.0


class Maker(Errands[str]):
    """Makes packs until it is stopped.

    Args:
        work: the store.
        url: of the registry, or None for the user's own.
    """

    def __init__(self, work: Work, url: str | None) -> None:
        super().__init__(work, "packs", limit=TIME_LIMIT_S, sweep=_SWEEP_S)
        self._url = url

    def begin(self) -> None:
        """Queues what a server that is gone had begun."""
        wanted.take_up(self._work)

    def take(self) -> str | None:
        """The pack that waits the longest."""
        return wanted.take(self._work)

    def launch(self, errand: str) -> subprocess.Popen[bytes]:
        """A process that makes it, standing back behind pages."""
        told = {"pack": errand, "registry": self._url}
        settings = self._work.settings
        return aside.begin(making, told, settings, MEMORY_BYTES, settings.nice)

    def over(self, errand: str) -> None:
        """Tries it again, or sets it aside."""
        wanted.died(self._work, errand)

    def sweep(self) -> None:
        """Throws away packs whose time is over."""
        wanted.sweep(self._work)
