"""How often somebody asked of late, in the work store: one count for all its servers.

Only a digest stands there of whom it was: an address or a typed name is nobody's to read, and
all of it is gone when it no longer counts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable

from sqlalchemy import Engine, delete, func, text
from sqlmodel import Session, col, select

from certcheck.runner.tables import Requested
from registry import store

# By which the clocks of several servers may differ.
_SKEW = dt.timedelta(minutes=1)


class Rates:
    """Counts requests within a window that moves with the clock.

    Args:
        engine: the work store's database.
        clock: tells the time, in UTC.
    """

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime]) -> None:
        self._engine, self._clock = engine, clock

    def take(self, key: str, seconds: float, amount: int = 1, most: int | None = None) -> int:
        """Counts requests, where there is room for all of them.

        Args:
            key: names who asks, and for what.
            seconds: that each of them counts.
            amount: how many.
            most: that may count at once; None for any number.

        Returns:
            How many count now, with these; 0 where there was no room.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        moment, whose = self._clock(), _digest(key)
        until = moment + dt.timedelta(seconds=seconds)
        with store.session(self._engine) as opened:
            _alone(opened, whose)
            # What counts for longer than a request of now was made before the clock was set back.
            ahead = (col(Requested.key) == whose) & (col(Requested.expires_at) > until + _SKEW)
            opened.exec(delete(Requested).where((col(Requested.expires_at) <= moment) | ahead))
            mine = select(func.count()).select_from(Requested).where(Requested.key == whose)
            count = opened.exec(mine).one() + amount
            if most is None or count <= most:
                opened.add_all(
                    Requested(key=whose, at=moment, expires_at=until) for _ in range(amount)
                )
            opened.commit()
        return count if most is None or count <= most else 0

    def window(self, key: str) -> tuple[dt.datetime, int]:
        """When the first request that still counts was made (now, without one), and how many do.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        moment = self._clock()
        wanted = select(func.min(Requested.at), func.count()).where(
            Requested.key == _digest(key), col(Requested.expires_at) > moment
        )
        with store.session(self._engine) as opened:
            first, count = opened.exec(wanted).one()
        return first or moment, count

    def forget(self, key: str | None = None) -> int:
        """Lets somebody begin anew, or everybody; returns how many requests were forgotten.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            store.write(opened)
            gone = delete(Requested)
            if key is not None:
                gone = gone.where(col(Requested.key) == _digest(key))
            count = int(opened.exec(gone).rowcount)
            opened.commit()
        return count


def _alone(opened: Session, whose: str) -> None:
    """Keeps others out who count the same; SQLite knows one writer only."""
    store.write(opened)
    if opened.get_bind().dialect.name != "sqlite":
        number = int.from_bytes(bytes.fromhex(whose)[:8], signed=True)
        opened.connection().execute(text("SELECT pg_advisory_xact_lock(:one)"), {"one": number})


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
