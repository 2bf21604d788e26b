"""Whether the clock goes on as it did, before anything is deleted because its time is over.

A clock that is set forward by days for a moment, by a wrong time server or a flat battery, would
have photos deleted that were promised to be kept. So the time of day is held against the time since
the machine was started, which nobody sets. After a jump nothing is deleted for an hour, in which
somebody may put the clock right; then the new time is believed. A clock that tells another time
than that of the database's machine is never believed: other machines promised by theirs.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import logging
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, select

from certcheck.errors import StorageError
from registry import store

log = logging.getLogger(__name__)

FILE = "clock.txt"
# Time servers move a clock by less; so does a machine that reads its own hardware's.
JUMP = dt.timedelta(minutes=5)
# A server may have been off for the night.
LONGEST_OFF = dt.timedelta(hours=26)
HOLD = dt.timedelta(hours=1)
_JUMPED = "jumped"


def since_start() -> float:
    """Seconds since the machine was started; it goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dc.dataclass(frozen=True, slots=True)
class _Seen:
    """A time of day, and the seconds since the start at that moment."""

    at: dt.datetime
    seconds: float

    def off(self, now: _Seen) -> dt.timedelta:
        """How much later the clock says it is than it should by this."""
        return now.at - self.at - dt.timedelta(seconds=now.seconds - self.seconds)


class ClockWatch:
    """Looks at the clock from time to time, and remembers it in a file for the next start.

    Args:
        folder: of the work store.
        seconds: tells the time since the machine was started.
        apart: tells whether the time is another than the database's; see `apart`.
    """

    def __init__(
        self, folder: Path, seconds: Callable[[], float] = since_start,
        apart: Callable[[dt.datetime], bool] = lambda _: False,
    ) -> None:  # fmt: skip
        self._file, self._seconds, self._apart = folder / FILE, seconds, apart
        self._trusted: _Seen | None = None
        self._doubted: _Seen | None = None

    def steady(self, at: dt.datetime) -> bool:
        """Whether the time may be believed.

        Args:
            at: the time of day.

        Raises:
            StorageError: the file cannot be written.
            DatabaseUnreachableError: the database does not answer.
        """
        now = _Seen(at, self._seconds())
        alone = self._apart(at)
        if not alone and (self._goes_on(now) or self._held_long_enough(now)):
            self._trusted, self._doubted = now, None
        elif self._doubted is None or abs(self._doubted.off(now)) > JUMP:
            self._doubted = now
            log.error("the clock jumped to %s; nothing is deleted for %s", at.isoformat(), HOLD)
        self._write(at)
        return self._doubted is None

    def _goes_on(self, now: _Seen) -> bool:
        if self._trusted is not None:
            return abs(self._trusted.off(now)) <= JUMP
        before = self._read()
        if before is None:
            return True
        return -JUMP <= now.at - before <= LONGEST_OFF

    def _held_long_enough(self, now: _Seen) -> bool:
        held = self._doubted
        if held is None or abs(held.off(now)) > JUMP:
            return False
        return now.seconds - held.seconds >= HOLD.total_seconds()

    def _read(self) -> dt.datetime | None:
        """When the clock was last believed, or None."""
        try:
            found = dt.datetime.fromisoformat(self._file.read_text("ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return found if found.tzinfo is not None else None

    def _write(self, at: dt.datetime) -> None:
        believed = self._trusted.at if self._trusted else self._read() or at
        lines = [believed.isoformat()]
        if self._doubted is not None:
            lines.append(f"{_JUMPED} {self._doubted.at.isoformat()}")
        new = self._file.with_suffix(".new")
        try:
            new.write_text("".join(f"{one}\n" for one in lines), encoding="ascii")
            new.replace(self._file)
        except OSError as error:
            raise StorageError(folder=self._file.parent, reason=error.strerror) from error


def apart(engine: Engine, at: dt.datetime) -> bool:
    """Whether the machine of the database tells another time; a file's machine is this one.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    if engine.dialect.name == "sqlite":
        return False
    with store.session(engine) as opened:
        told: dt.datetime = opened.connection().execute(select(func.now())).scalar_one()
    return abs(at - told) > JUMP


def jumped(folder: Path) -> bool:
    """Whether whoever deletes waits for the clock to be put right."""
    try:
        return _JUMPED in (folder / FILE).read_text("ascii")
    except (OSError, ValueError):
        return False
