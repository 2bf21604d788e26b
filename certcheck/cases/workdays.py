"""Working days in China, with the Saturdays and Sundays that are worked for a holiday (调休).

The days are those of the State Council's yearly notices, from `chinesecalendar`, which knows the
years whose notice was out when it was made. Beyond them only weekends are known; a day counted
there is not sure, and is counted again when the library knows more (`Cases.recount`).

>>> after(dt.date(2026, 9, 18), 1)  # a Friday before a Sunday that is worked
Counted(day=datetime.date(2026, 9, 20), sure=True)
>>> after(dt.date(2026, 9, 30), 1)  # before the national holiday
Counted(day=datetime.date(2026, 10, 8), sure=True)
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools

import chinese_calendar

_SATURDAY = 5
_DAY = dt.timedelta(days=1)
# Days whose answer is remembered: a list of what is long overdue asks for thousands.
_REMEMBERED = 10_000
# The years whose holidays the library holds.
FIRST_YEAR: int = min(chinese_calendar.holidays).year
LAST_YEAR: int = max(chinese_calendar.holidays).year


@dc.dataclass(frozen=True, slots=True)
class Counted:
    """A day that was counted to.

    Attributes:
        day: the last day of the time.
        sure: whether the holidays up to that day are published.
    """

    day: dt.date
    sure: bool


def known(day: dt.date) -> bool:
    """Whether the holidays of a day's year are published."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


@functools.lru_cache(_REMEMBERED)
def is_workday(day: dt.date) -> bool:
    """Whether offices work on a day; where that is not published, whether it is no weekend."""
    if known(day):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < _SATURDAY


def after(start: dt.date, count: int) -> Counted:
    """The last of so many working days; the day that they begin with does not count.

    Args:
        start: what the time runs from.
        count: working days, at least 1.
    """
    day = start
    while count > 0:
        day += _DAY
        count -= is_workday(day)
    return Counted(day, known(day))


def days_after(start: dt.date, count: int) -> Counted:
    """The last of so many days; where that is a day off, the next that is worked.

    Args:
        start: what the time runs from, which does not count.
        count: days of the calendar.
    """
    day = start + dt.timedelta(days=count)
    while not is_workday(day):
        day += _DAY
    return Counted(day, known(day))


def until(today: dt.date, due: dt.date) -> int:
    """Working days from a day to another: 0 on the day itself, negative when it is past.

    >>> until(dt.date(2026, 11, 20), dt.date(2026, 11, 23))
    1
    """
    if due < today:
        return -until(due, today)
    days = (today + _DAY * at for at in range(1, (due - today).days + 1))
    return sum(map(is_workday, days))
