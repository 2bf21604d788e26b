"""What a list says, together with the lists before and after it.

Pure functions. The rules that make the order of imports not matter:

* A row stands as the newest list that has it states it, and is dropped on the day of the
  first list after that one. A list of an older day adds what no later list speaks of, and
  changes nothing that a later list states.
* A correction says what is true of all the time until its day: rows that it does not list,
  and no later list either, never held. Lists of older days then have nothing to add.
* Of two lists of the same day, the one imported later counts, as if the other had never
  been imported.

Rows are not marked with the newest list that has them. It follows: a row that is not dropped
is in the newest list of its group, a dropped one in the last list before the day of that.
"""

from __future__ import annotations

import bisect
import dataclasses as dc
import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from registry.history import Version
from registry.shape import Shape, Values

Key = Values


class Listed(NamedTuple):
    """A row of the list that is being imported; `dropped_on` as it says itself."""

    values: Values
    place: str
    dropped_on: dt.date | None = None


@dc.dataclass(frozen=True, slots=True)
class Earlier:
    """An import that was the full list of a group before.

    Attributes:
        number: of the import.
        day: of its list.
        corrects: whether it was a correction.
        snapshot: whether its documents tell of its day alone (`ImportRecord`).
    """

    number: int
    day: dt.date
    corrects: bool
    snapshot: bool = False


@dc.dataclass(frozen=True, slots=True)
class ListDay:
    """The list being imported: its day, and whether it corrects those before."""

    day: dt.date
    corrects: bool = False


class Wanted(NamedTuple):
    """A row as it is to be.

    Attributes:
        values: with the last day that the lists give it.
        dropped_on: see `registry.models.Row`.
        place: where it is stated.
        stated_by: the import that stated it; None where the list being imported does.
    """

    values: Values
    dropped_on: dt.date | None
    place: str
    stated_by: int | None = None


class Difference(NamedTuple):
    """A row before and after; one of the two is None where it comes or goes."""

    before: Version | None
    after: Wanted | None


def replaced_since(earlier: Sequence[Earlier], day: dt.date) -> int | None:
    """The import that a list of the same day takes the place of.

    Args:
        earlier: imports of the group that were not taken back, in the order of import.
        day: of the list being imported.

    Returns:
        The first of the imports of that day, where they are the last of all; the state
        before it is then the one to start from. None where there is none, or another came
        in between: the list then counts as the one next to it.
    """
    first = None
    for one in reversed(earlier):
        if one.day != day:
            break
        first = one.number
    return first


def is_between(earlier: Sequence[Earlier], day: dt.date) -> bool:
    """Whether a list of a day is not simply the newest.

    Then what the lists of its group say together is told by all of them (`replay`), not by
    what is held: of a row that a newer list states, an older one may have stated another day.
    """
    days = [one.day for one in earlier]
    return any(one > day for one in days) or (day in days and replaced_since(earlier, day) is None)


def is_stale(earlier: Iterable[Earlier], day: dt.date) -> bool:
    """Whether a later list has already corrected all that a list of the day could say."""
    return any(one.corrects and one.day > day for one in earlier)


def fold(
    shaped: Shape,
    start: Iterable[Version],
    listed: Mapping[Key, Listed],
    earlier: Sequence[Earlier],
    this: ListDay,
    absorbed: Collection[Key] = (),
) -> dict[Key, Wanted]:
    """All rows of a group once a list is taken in.

    Args:
        shaped: the table.
        start: the rows held so far.
        listed: the list's rows.
        earlier: the lists that made `start`.
        this: the list's day.
        absorbed: rows held that the list states with more (`filling`). They were the same
            rights all along, and do not end beside them.
    """
    days = sorted({one.day for one in earlier})
    after = bisect.bisect_right(days, this.day)
    next_day = days[after] if after < len(days) else None
    wanted: dict[Key, Wanted] = {}
    for version in start:
        key = shaped.key(version.values)
        newest = newest_listing(version, days)
        if newest is not None and newest > this.day:
            wanted[key] = _as_held(version)
        elif key in absorbed:
            continue
        elif key not in listed and not this.corrects:
            dropped = min(this.day, version.dropped_on or dt.date.max)
            values = shaped.until(version.values, dropped)
            if values is not None:
                wanted[key] = Wanted(values, dropped, version.place, version.stated_by)
    for key, row in listed.items():
        if key in wanted:
            continue
        gone = next_day
        if row.dropped_on is not None:
            gone = min(row.dropped_on, next_day or row.dropped_on)
        values = row.values if gone is None else shaped.until(row.values, gone)
        if values is not None:
            wanted[key] = Wanted(values, gone, row.place)
    return wanted


def newest_listing(version: Version, days: Sequence[dt.date]) -> dt.date | None:
    """Day of the newest list that has a row; None for one that was there before all lists."""
    place = len(days)
    if version.dropped_on is not None:
        place = bisect.bisect_left(days, version.dropped_on)
    return days[place - 1] if place else None


def _as_held(version: Version) -> Wanted:
    return Wanted(version.values, version.dropped_on, version.place, version.stated_by)


def restored(shaped: Shape, versions: Iterable[Version]) -> dict[Key, Wanted]:
    """Rows as they were, to be made so again."""
    return {shaped.key(version.values): _as_held(version) for version in versions}


def differences(
    shaped: Shape, now: Iterable[Version], wanted: Mapping[Key, Wanted]
) -> Iterator[Difference | None]:
    """What has to be done; None for a row that stays as it is.

    A row that is stated again as it was keeps the document that stated it first.
    """
    left = dict(wanted)
    for version in now:
        after = left.pop(shaped.key(version.values), None)
        same = (
            after is not None
            and after.values == version.values
            and after.dropped_on == version.dropped_on
        )
        yield None if same else Difference(version, after)
    for added in left.values():
        yield Difference(None, added)
