"""Works through the desk's tasks, one after the other, each in a process of its own.

An import of a whole country takes minutes and much memory, and reads documents that somebody
else wrote: neither is for the server's process. A thread of the server starts the processes and
ends the one whose task nobody wants any more.
"""

from __future__ import annotations

import json
import logging
import subprocess
import time

from certcheck.desk import __name__ as desk
from certcheck.desk import asking
from certcheck.desk.tables import BESIDE, State, Task
from certcheck.runner import aside
from certcheck.runner.alone import Alone
from certcheck.runner.work import Work
from registry import store

log = logging.getLogger(__name__)

# A country's first import takes a quarter of an hour at the lowest weight; the doctor as long.
TIME_LIMIT_S = 2 * 3600
# 100 000 laboratories take a tenth of this, with a ZIP of their tables a fifth.
MEMORY_BYTES = 6 * 2**30
_SWEEP_S = 3600.0
# Processes that may die over a task before it is set aside.
_MOST_DEATHS = 2


class Clerk(Alone):
    """Does the desk's work until it is stopped.

    Args:
        work: the store.
        url: of the registry, or None for the user's own.
    """

    def __init__(self, work: Work, url: str | None) -> None:
        super().__init__(work, "desk")
        self._url = url
        self._at: tuple[Task, subprocess.Popen[bytes], float] | None = None
        self._swept = -_SWEEP_S

    def begin(self) -> None:
        """Queues what a server that is gone had begun."""
        asking.take_up(self._work)

    def turn(self) -> None:
        """Looks after the process, or begins the next; never waits.

        Raises:
            RegistryError: the work store does not answer.
        """
        if self._at is not None:
            task, process, until = self._at
            if process.poll() is None:
                # The doctor reads for minutes, and an SQLite registry cannot be written to then.
                if task.kind in BESIDE and asking.somebody_waits(self._work):
                    self.end()
                    asking.give_back(self._work, task.id)
                    return
                late = time.monotonic() > until
                if late or self._dropped(task):
                    self.end()
                    if late:
                        self._died(task)
                return
            self._at = None
            if process.returncode:
                log.error("a process died over task %s, status %s", task.id, process.returncode)
                self._died(task)
            return
        if time.monotonic() - self._swept >= _SWEEP_S:
            self._swept = time.monotonic()
            asking.sweep(self._work)
        task_ = asking.take(self._work)
        if task_ is not None:
            self._at = task_, self._begin(task_), time.monotonic() + TIME_LIMIT_S

    def _begin(self, task: Task) -> subprocess.Popen[bytes]:
        settings = self._work.settings
        # The doctor's minutes must not slow down whoever waits at a page.
        nice = settings.nice if task.kind in BESIDE else 0
        told = {"task": task.id, "registry": self._url}
        return aside.begin(desk, told, settings, MEMORY_BYTES, nice)

    def _dropped(self, task: Task) -> bool:
        with store.session(self._work.engine) as opened:
            held_ = opened.get(Task, task.id)
            return held_ is None or held_.state == State.DROPPED

    def _died(self, task: Task) -> None:
        """Tries a task again, or sets it aside."""
        with store.session(self._work.engine) as opened:
            store.write(opened)
            one = opened.get_one(Task, task.id)
            if one.state == State.RUNNING:
                one.deaths += 1
                over = one.deaths >= _MOST_DEATHS
                one.state = State.REFUSED if over else State.QUEUED
                if over:
                    one.told = json.dumps({"code": "desk.died"})
                opened.add(one)
            opened.commit()

    def end(self) -> None:
        """Ends the process, if there is one."""
        if self._at is not None:
            process, self._at = self._at[1], None
            aside.end(process)
