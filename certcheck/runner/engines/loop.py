"""Celery's own loop in the main thread of a worker, and how signals end it.

SIGTERM, SIGINT and SIGHUP end it when what is begun is done; a second one, or SIGQUIT, ends what is
begun, too, and another worker does it. Celery's own way of that waits for its threads all the same.
A third one waits for nothing.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
from collections.abc import Callable
from typing import Any

from certcheck.runner.engines.turns import QUEUE, TURN, Turns

log = logging.getLogger(__name__)

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


class Loop:
    """Takes turns until a signal comes.

    Args:
        turns: the broker.
        turn: what is done with one, in several threads at once; whether the turn was of use.
        ending: called with the first signal.
        hurry: called with the second: what is begun is not waited for.
    """

    def __init__(
        self, turns: Turns, turn: Callable[[], bool], ending: Callable[[], None],
        hurry: Callable[[], None],
    ) -> None:  # fmt: skip
        self._turns, self._turn, self._ending, self._hurry = turns, turn, ending, hurry
        # A handler may come between any two steps of the main thread: it does nothing but this.
        self._signals: queue.SimpleQueue[int] = queue.SimpleQueue()

    def run(self, name: str, hands: int, ready: Callable[[], None]) -> None:
        """Runs, in the main thread.

        Args:
            name: of the worker.
            hands: turns that are taken at once.
            ready: called when it takes some.
        """
        from celery import signals
        from celery.exceptions import Reject

        def turn() -> None:
            if not self._turn():
                raise Reject("the record is away", requeue=True)

        def told(**_: Any) -> None:  # noqa: ANN401 - Celery's
            ready()

        def leave_logs_alone(**_: Any) -> None:  # noqa: ANN401 - likewise
            pass

        self._turns.app.task(name=TURN)(turn)
        signals.worker_ready.connect(told)
        signals.setup_logging.connect(leave_logs_alone)
        threading.Thread(target=self._end, name="signals", daemon=True).start()
        self._made(
            hostname=f"{name}@certcheck", pool="threads", concurrency=hands, queues=[QUEUE],
            quiet=True, redirect_stdouts=False, without_gossip=True, without_mingle=True,
            without_heartbeat=True,
        ).start()  # fmt: skip

    def _made(self, **told: object) -> Any:  # noqa: ANN401 - Celery has no types
        """Celery's worker with our signals instead of its own."""
        asked = self._signals.put

        class Worker(self._turns.app.Worker):  # type: ignore[misc, name-defined]
            def install_platform_tweaks(self, worker: object) -> None:
                for one in _ENDING:
                    signal.signal(one, lambda number, _: asked(number))

        return Worker(**told)

    def _end(self) -> None:
        """A thread that waits for signals."""
        from celery.worker import state

        first = self._signals.get()
        log.info("asked to end")
        self._ending()
        state.should_stop = 0
        if first != signal.SIGQUIT:
            self._signals.get()
        log.info("asked to end at once")
        threading.Thread(target=self._hurry, name="hurry", daemon=True).start()
        self._signals.get()
        os._exit(1)
