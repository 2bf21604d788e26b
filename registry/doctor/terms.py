"""Rows that hold over the same days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from registry.models import Row
from registry.shape import TERMS

# An open end, shown.
OPEN = "…"

_R = TypeVar("_R", bound=Row)


def term(row: Row) -> tuple[dt.date, dt.date]:
    """First and last day of a row, both included; an open end is the end of time."""
    first, last = TERMS[str(type(row).__tablename__)]
    return getattr(row, first) or dt.date.min, getattr(row, last) or dt.date.max


def shared(one: Row, other: Row) -> tuple[dt.date, dt.date] | None:
    """First and last day on which both rows hold; None where there is none."""
    first = max(term(one)[0], term(other)[0])
    last = min(term(one)[1], term(other)[1])
    return (first, last) if first <= last else None


def spelt(days: tuple[dt.date, dt.date]) -> str:
    """Two days for a reader, an open end as `…`."""
    first, last = days
    return (
        f"{OPEN if first == dt.date.min else first.isoformat()}.."
        f"{OPEN if last == dt.date.max else last.isoformat()}"
    )


def overlaps(rows: Iterable[_R], right: Callable[[_R], Hashable]) -> Iterator[tuple[_R, _R]]:
    """Pairs of rows that state the same right for the same days.

    Args:
        rows: of one table, at most one laboratory's.
        right: what makes two rows state the same right.

    Yields:
        Each row with the one before it that lasts longest, where they share a day.
    """
    groups: dict[Hashable, list[_R]] = {}
    for row in rows:
        groups.setdefault(right(row), []).append(row)
    for group in groups.values():
        longest: _R | None = None
        for row in sorted(group, key=lambda each: term(each)):
            if longest is not None and shared(longest, row):
                yield longest, row
            if longest is None or term(row)[1] > term(longest)[1]:
                longest = row
