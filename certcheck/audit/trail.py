"""The log as it is looked through: by who, what, about what and when, a page at a time."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import heapq
import itertools
from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from certcheck.audit.chain import FIELDS, Entry, moment
from certcheck.audit.tables import AuditRow
from registry.days import CHINA

PAGE = 60
_TABLE = AuditRow.__table__  # type: ignore[attr-defined]
# Rows that are read at once.
_AT_ONCE = 1000
# A registry's and an office's days are those of China.
_ONE_DAY = dt.timedelta(days=1)


@dc.dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted; "" and None for all.

    Attributes:
        who: a person's name, whole.
        what: a deed, `registry.imported`, or the beginning of several, `registry.`.
        about_kind: what kind of thing it was done to.
        about_id: which one.
        since: the first day, in China.
        until: the last day, likewise.
        before: the number of the last row of the page before.
    """

    who: str = ""
    what: str = ""
    about_kind: str = ""
    about_id: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    before: int | None = None


def page(opened: Session, wanted: Wanted) -> tuple[list[Entry], bool]:
    """A page of the log, the newest first, and whether there is more."""
    found = list(_rows(opened, wanted, PAGE + 1))
    return found[:PAGE], len(found) > PAGE


def every(opened: Session, wanted: Wanted) -> Iterator[Entry]:
    """All rows that are wanted, the newest first."""
    while True:
        some = list(_rows(opened, wanted, _AT_ONCE))
        yield from some
        if len(some) < _AT_ONCE:
            return
        wanted = dc.replace(wanted, before=some[-1].seq)


def deeds(opened: Session) -> list[str]:
    """Every kind of deed that the log has, sorted."""
    found: list[str] = []
    connection, least = opened.connection(), select(func.min(_TABLE.c.what))
    # From one to the next by the index: there are a few dozen, and rows without end.
    one = connection.scalar(least)
    while one is not None:
        found.append(one)
        one = connection.scalar(least.where(_TABLE.c.what > one))
    # A database may sort otherwise than by characters.
    return sorted(found)


def _rows(opened: Session, wanted: Wanted, most: int) -> Iterator[Entry]:
    if wanted.what.endswith("."):
        # Each by its own name, so that the index serves: rare ones are not looked for row by row,
        # and of frequent ones no more are sorted than are shown.
        some = [one for one in deeds(opened) if one.startswith(wanted.what)]
        each = [list(_rows(opened, dc.replace(wanted, what=one), most)) for one in some]
        found = heapq.merge(*each, key=lambda row: -row.seq)
        yield from itertools.islice(found, most)
        return
    query = _TABLE.select().where(*_conditions(wanted)).order_by(_TABLE.c.seq.desc()).limit(most)
    for row in opened.connection().execute(query).mappings():
        yield Entry(**{name: row[name] for name in FIELDS})


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    columns = _TABLE.c
    if wanted.who:
        yield columns.who_name == wanted.who
    if wanted.what:
        yield columns.what == wanted.what
    if wanted.about_kind:
        yield columns.about_kind == wanted.about_kind
    if wanted.about_id:
        yield columns.about_id == wanted.about_id
    if wanted.since is not None:
        yield columns.at >= _spelt(wanted.since)
    if wanted.until is not None:
        yield columns.at < _spelt(wanted.until + _ONE_DAY)
    if wanted.before is not None:
        yield columns.seq < wanted.before


def _spelt(day: dt.date) -> str:
    """The first moment of a day in China, as rows have it."""
    return moment(dt.datetime.combine(day, dt.time(), CHINA))
