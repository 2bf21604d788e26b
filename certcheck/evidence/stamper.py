"""Has each day's end of the log stamped: a thread beside the checks; no page waits for it."""

from __future__ import annotations

import datetime as dt
import logging
import time

from certcheck.errors import SettingError
from certcheck.evidence import days, stamps
from certcheck.evidence.days import Vouched
from certcheck.evidence.stamps import StampError
from certcheck.runner.alone import Alone
from certcheck.runner.work import Work
from registry import store

log = logging.getLogger(__name__)

# Seconds between two looks at the calendar.
_LOOK_S = 30.0
# After an authority that was away, or refused: it may be paid by the question.
RETRY_S = 600.0
_JOIN_S = 1.0


class Stamper(Alone):
    """Asks for a stamp of each day, until it is stopped.

    Args:
        work: the store.
    """

    def __init__(self, work: Work) -> None:
        super().__init__(work, "stamps", look=_LOOK_S)
        self._done: dt.date | None = None
        self._again = float("-inf")

    def start(self) -> None:
        """Begins, where an authority is set."""
        try:
            if stamps.configured() is not None:
                super().start()
        except SettingError as error:
            log.error("no time stamps of the log: %s", error)

    def stop(self) -> None:
        """Ends; a question that is under way is not waited for."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def turn(self) -> bool:
        """Has the next day stamped that lacks it; whether it did.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        now = self._work.clock()
        authority, ended = stamps.configured(), days.ended(now)
        if authority is None or self._done == ended or time.monotonic() < self._again:
            return False
        with store.session(self._work.engine) as opened:
            day = days.due(opened, now)
        if day is None:
            self._done = ended
            return False
        try:
            # Nothing of the database is held meanwhile.
            answer = authority.stamp(day.packed())
            at = stamps.told_time(answer)
            if at is None or at < day.end:
                # This machine's clock is ahead: the day is not over.
                raise StampError("stamp.early")
        except StampError as error:
            log.error("a day of the log without a time stamp, asked for again: %s", error.code)
            self._again = time.monotonic() + RETRY_S
            return False
        with store.session(self._work.engine) as opened:
            store.write(opened)
            days.keep(opened, Vouched(day, authority.host, answer), now)
            opened.commit()
        return True
