"""What several rules ask of a case."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from certcheck.case import Case
from certcheck.confirm import Weight
from certcheck.finding import Evidence, Finding
from certcheck.rules.framework import cannot, with_status

UNCLEAR = "rule.unclear"
# The same where nothing at all was made out at the place.
ILLEGIBLE = "rule.illegible"

# Print narrower than this, in pixels a character, loses one without a trace: an honest number
# of eleven digits stood at 8.4 in a plastic sleeve; planted ones on ordinary photographs at
# 12 and more.
LEAST_PITCH = 10.0

Window = tuple[dt.date, dt.date | None]


class Dated(Protocol):
    """A registry row that holds from one day to another."""

    valid_from: dt.date | None
    valid_until: dt.date | None

    @property
    def unlisted_since(self) -> dt.date | None:
        """Day of the list whose silence ended it, see `registry.models.LabRow`."""

    def holds_on(self, day: dt.date) -> bool:
        """Whether it holds on the day."""


Row = TypeVar("Row", bound=Dated)


def has(*keys: str) -> Callable[[Case], bool]:
    """Applies where all the fields were read."""
    return lambda case: all(case.field(key) is not None for key in keys)


def lacks(key: str) -> Callable[[Case], bool]:
    """Applies where the field was not read."""
    return lambda case: case.field(key) is None


def holding(rows: Iterable[Row], day: dt.date | None) -> list[Row]:
    """The rows that hold on the day; none without a day."""
    return [] if day is None else [row for row in rows if row.holds_on(day)]


def known(rows: Sequence[Row], day: dt.date | None) -> tuple[Row, ...]:
    """The rows, or none where the registry knows nothing of the day.

    Where every row begins after the day, the registry's history begins later than the
    paper: what held on the day is not in it, and nothing can be missing from it.
    """
    if day is not None and all(row.valid_from and day < row.valid_from for row in rows):
        return ()
    return tuple(rows)


def windows(rows: Iterable[Dated]) -> list[Window]:
    """First and last days of the rows."""
    return [(row.valid_from or dt.date.min, row.valid_until) for row in rows]


def around(rows: Sequence[Row], day: dt.date | None) -> list[Row]:
    """The rows to tell of when the day lies in none of them.

    Returns:
        Those that ended last before the day; where none had ended, those that begin next;
        all of them where the day is not known.
    """
    if day is None:
        return list(rows)
    ends = [row.valid_until for row in rows if row.valid_until and row.valid_until < day]
    if ends:
        return [row for row in rows if row.valid_until == max(ends)]
    starts = [row.valid_from for row in rows if row.valid_from and day < row.valid_from]
    return [row for row in rows if starts and row.valid_from == min(starts)] or list(rows)


def period(rows: Iterable[Dated]) -> dict[str, str]:
    """First and last day of all rows together, as `since` and `until` of a sentence."""
    starts = [row.valid_from for row in rows]
    ends = [row.valid_until for row in rows]
    first = None if None in starts else min(day for day in starts if day)
    last = None if None in ends else max(day for day in ends if day)
    return {
        "since": first.isoformat() if first else "…",
        "until": last.isoformat() if last else "…",
    }


@dc.dataclass(frozen=True, slots=True)
class Unlisted:
    """Rights that ended by no more than a list's silence.

    Attributes:
        since: day of that list.
        renewed: whether what takes their place begins after the day asked for.
    """

    since: dt.date
    renewed: bool

    def finding(self, weight: Weight, *evidence: Evidence, **params: object) -> Finding:
        """What may be told of it: `.unlisted` a sign, `.between` nothing for or against."""
        params |= {"listed_on": self.since.isoformat()}
        if self.renewed:
            return cannot(*evidence, message=".between", **params)
        return accuse(min(weight, Weight.DOUBTFUL), *evidence, message=".unlisted", **params)


def unlisted(
    rows: Sequence[Row], day: dt.date | None, successors: Iterable[Dated]
) -> Unlisted | None:
    """Whether the rows that ended last before a day did so by a list's silence alone.

    Args:
        rows: of one right.
        day: of issue, on which none of them holds.
        successors: rows that may take their place.
    """
    if day is None:
        return None
    ended = [row for row in around(rows, day) if row.valid_until and row.valid_until < day]
    days = [row.unlisted_since for row in ended]
    silent = [each for each in days if each is not None]
    if not silent or len(silent) < len(days):
        return None
    later = any(row.valid_from and row.valid_from > day for row in successors)
    return Unlisted(max(silent), later)


def day_text(case: Case) -> str:
    """The day of issue for a sentence."""
    return case.issued_on.isoformat() if case.issued_on else ""


def accuse(weight: Weight, *evidence: Evidence, message: str = "", **params: object) -> Finding:
    """A contradiction, as strong as its reading.

    Args:
        weight: what the reading is worth; below DOUBTFUL it is said to be unclear instead.
        evidence: what was read and what is registered, the decisive one first.
        message: code of the sentence that states the contradiction.
        params: of that sentence.
    """
    if weight <= Weight.UNREAD:
        read, expected = evidence[0].read, evidence[0].expected
        if not read:
            return cannot(*evidence, message=ILLEGIBLE, expected=expected)
        return cannot(*evidence, message=UNCLEAR, read=read, expected=expected)
    return with_status(weight.status, *evidence, message=message, **params)


def short(case: Case, key: str, weight: Weight) -> Weight:
    """What a number that lacks a character is worth.

    It is told only where another reader finds as few, in print that is not small.

    Args:
        case: the case.
        key: contract field key.
        weight: of the reading.
    """
    field = case.field(key)
    if field is None or weight is not Weight.CERTAIN:
        return Weight.UNREAD
    pitch = math.dist(*field.box[:2]) / max(1, len(field.text))
    return Weight.DOUBTFUL if pitch >= LEAST_PITCH else Weight.UNREAD
