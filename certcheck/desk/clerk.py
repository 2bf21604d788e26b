"""Works through the desk's tasks, one after the other, each in a process of its own.

An import of a whole country takes minutes and much memory, and reads documents that somebody
else wrote: neither is for the server's process. A thread of the server starts the processes and
ends the one whose task nobody wants any more.
"""

from __future__ import annotations

import json
import subprocess

from certcheck.desk import __name__ as desk
from certcheck.desk import asking
from certcheck.desk.tables import BESIDE, State, Task
from certcheck.runner import aside
from certcheck.runner.errands import Errands
from certcheck.runner.work import Work
from registry import store

# A country's first import takes a quarter of an hour at the lowest weight; the doctor as long.
TIME_LIMIT_S = 2 * 3600
# 100 000 laboratories take a tenth of this, with a ZIP of their tables a fifth.
MEMORY_BYTES = 6 * 2**30
_SWEEP_S = 3600.0
# Processes that may die over a task before it is set aside.
_MOST_DEATHS = 2


class Clerk(Errands[Task]):
    """Does the desk's work until it is stopped.

    Args:
        work: the store.
        url: of the registry, or None for the user's own.
    """

    def __init__(self, work: Work, url: str | None) -> None:
        super().__init__(work, "desk", limit=TIME_LIMIT_S, sweep=_SWEEP_S)
        self._url = url

    def begin(self) -> None:
        """Queues what a server that is gone had begun."""
        asking.take_up(self._work)

    def take(self) -> Task | None:
        """The task that is next."""
        return asking.take(self._work)

    def launch(self, errand: Task) -> subprocess.Popen[bytes]:
        """A process that does it."""
        settings = self._work.settings
        # The doctor's minutes must not slow down whoever waits at a page.
        nice = settings.nice if errand.kind in BESIDE else 0
        told = {"task": errand.id, "registry": self._url}
        return aside.begin(desk, told, settings, MEMORY_BYTES, nice)

    def unwanted(self, errand: Task) -> bool:
        """Whether the doctor stands in somebody's way, or the task was dropped."""
        # The doctor reads for minutes, and an SQLite registry cannot be written to then.
        if errand.kind in BESIDE and asking.somebody_waits(self._work):
            self.end()
            asking.give_back(self._work, errand.id)
            return True
        return self._dropped(errand)

    def _dropped(self, task: Task) -> bool:
        with store.session(self._work.engine) as opened:
            held_ = opened.get(Task, task.id)
            return held_ is None or held_.state == State.DROPPED

    def over(self, errand: Task) -> None:
        """Tries it again, or sets it aside, unless its process wrote down what came of it."""
        with store.session(self._work.engine) as opened:
            store.write(opened)
            one = opened.get(Task, errand.id)
            if one is not None and one.state == State.RUNNING:
                one.deaths += 1
                over = one.deaths >= _MOST_DEATHS
                one.state = State.REFUSED if over else State.QUEUED
                if over:
                    one.told = json.dumps({"code": "desk.died"})
                opened.add(one)
            opened.commit()

    def sweep(self) -> None:
        """Throws away what is old."""
        asking.sweep(self._work)

    def called(self, errand: Task) -> str:
        """Its number: what it holds is nothing for logs."""
        return f"task {errand.id}"
