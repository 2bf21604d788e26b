"""Who does the work: workers on all machines, and which of them give no sign of life."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable

from sqlalchemy import Engine, delete, func, type_coerce, update
from sqlmodel import col, select

from certcheck.runner.queue import Queue
from certcheck.runner.tables import Utc, Worker
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Revision

log = logging.getLogger(__name__)

_ID_BYTES = 8
# The database's own clock: machines of workers have others.
_NOW = type_coerce(func.now(), Utc())
# Signs of life within a lease: some may be late.
BEATS = 6


def new_id() -> str:
    """A worker's id."""
    return secrets.token_hex(_ID_BYTES)


def living(engine: Engine, lease: float) -> list[Worker]:
    """Workers that gave a sign of life in the last `lease` seconds, by the database's clock.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(engine) as opened:
        moment = opened.exec(select(_NOW)).one()
        rows = opened.exec(select(Worker).order_by(col(Worker.started_at))).all()
    return [one for one in rows if (moment - one.seen_at).total_seconds() <= lease]


class Workers:
    """The workers of a work store.

    Args:
        work: the store.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def beat(self, worker_id: str, hands: int) -> None:
        """A sign of life; the first one, and one after it was given up, adds the worker.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            store.write(opened)
            mine = update(Worker).where(col(Worker.id) == worker_id)
            sign = mine.values(beats=Worker.beats + 1, hands=hands, seen_at=func.now())
            if not opened.exec(sign).rowcount:
                name = f"{socket.gethostname()}:{os.getpid()}"
                moment = opened.exec(select(_NOW)).one()
                opened.add(
                    Worker(
                        id=worker_id, name=name, hands=hands, started_at=moment, seen_at=moment
                    )
                )  # fmt: skip
            opened.commit()

    def leave(self, worker_id: str) -> None:
        """A worker ends.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            store.write(opened)
            opened.exec(delete(Worker).where(col(Worker.id) == worker_id))
            opened.commit()

    def all(self) -> list[Worker]:
        """Those that are entered, also such as give no sign of life.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            return list(opened.exec(select(Worker).order_by(col(Worker.started_at))).all())

    def living(self) -> list[Worker]:
        """Those that gave a sign of life of late, by the database's clock.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        return living(self._work.engine, self._work.settings.lease)


class Watch:
    """Finds who gives no sign of life, by the time that passes here: no clock is compared.

    Args:
        work: the store.
        revision: tells the registry's, for reports of photos that are set aside.
        clock: seconds that pass, whatever the day's time is set to.
    """

    def __init__(
        self, work: Work, revision: Callable[[], Revision],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._work, self._revision, self._clock = work, revision, clock
        self._workers, self._queue = Workers(work), Queue(work)
        self._seen: dict[str, tuple[int, float]] = {}

    def forget(self) -> None:
        """Nobody could give a sign; all have their time again."""
        self._seen.clear()

    def look(self) -> int:
        """Gives back what workers had that are gone; returns how many jobs.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        # In this order: who takes a job was entered before.
        held = self._queue.held()
        moment, rows = self._clock(), self._workers.all()
        self._seen = {
            one.id: self._seen[one.id]
            if self._seen.get(one.id, (None, 0.0))[0] == one.beats
            else (one.beats, moment)
            for one in rows
        }
        lease = self._work.settings.lease
        gone = [one for one, (_, since) in self._seen.items() if moment - since > lease]
        known = self._seen.keys() - set(gone)
        lost = [(job, claim) for job, claim in held if claim.partition(".")[0] not in known]
        for job, claim in lost:
            self._queue.give_back(job, self._revision(), claim or None)
        for one in gone:
            log.error("a worker gives no sign of life: %s", one)
            self._workers.leave(one)
        return len(lost)
