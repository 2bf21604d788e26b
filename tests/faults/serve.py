"""`certcheck serve` and `certcheck worker` as tests of faults have them.

Their processes load their models with the first photo that needs them: files that are no pictures
never do, and a server that is killed again and again starts sooner; the passwords of the demo's
people, who do nothing here, are hashed at the least cost. And the clock can be set while they run:
it goes wrong by the seconds that stand in the file `FAULTS_CLOCK`, and whose time is over is looked
for every half second. (Libraries that do so to any program break the semaphores of its processes.)
And while the file `FAULTS_GATE` is there, nobody takes what waits.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from argon2.profiles import CHEAPEST

import web.app
from certcheck import cli
from certcheck.accounts import passwords
from certcheck.runner import service, work
from certcheck.runner.engines import keeper, worker
from certcheck.runner.queue import SERVER, Queue, Taken
from tests.faults.house import GATE
from tests.web.unprepared import unprepared

CLOCK = "FAULTS_CLOCK"
_SWEEP_S, _LOOK_S = 0.5, 0.05
_time, _now = time.time, work.now


def wrong_by() -> float:
    """Seconds."""
    return float(Path(os.environ[CLOCK]).read_text("ascii"))


def now() -> dt.datetime:
    """The time of day, as the clock tells it."""
    return _now() + dt.timedelta(seconds=wrong_by())


def _unprepared() -> None:
    run = worker.run
    unprepared()
    worker.run = lambda *told, **_: run(*told, prepare=False)


def _quick_to_hash() -> None:
    passwords.RFC_9106_LOW_MEMORY = CHEAPEST  # type: ignore[attr-defined]


def _by_a_clock_that_is_set() -> None:
    service._SWEEP_S = keeper._SWEEP_S = _SWEEP_S
    time.time = lambda: _time() + wrong_by()
    work.now = now
    for one in (web.app, worker):
        one.Work = functools.partial(work.Work, clock=now)  # type: ignore[attr-defined]


def _behind_a_gate(take: Callable[[Queue, int], list[Taken]]) -> None:
    def taken(queue: Queue, most: int) -> list[Taken]:
        while gate.exists():
            if queue._worker == SERVER:  # it has more to do, and asks again
                return []
            time.sleep(_LOOK_S)
        return take(queue, most)

    gate = Path(os.environ[GATE])
    Queue.take = taken  # type: ignore[method-assign]


def main(command: list[str]) -> None:
    """Runs a command of `certcheck`."""
    _unprepared()
    _quick_to_hash()
    _behind_a_gate(Queue.take)
    if CLOCK in os.environ:
        _by_a_clock_that_is_set()
    sys.argv = ["certcheck", *command]
    cli.main()
