"""Lists of cases: the desk's pages, counted and turned by keys, and what is due in some days.

A page is found by the place of its neighbour in an index, not by how many rows stand before it, so
that the last page of 20 000 cases costs what the first does.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, tuple_
from sqlmodel import Session, col, select

from certcheck.accounts.tables import Account
from certcheck.cases import workdays
from certcheck.cases.tables import CaseDeadline, CaseFile

PAGE = 30
# Beyond this a count is "999+": nobody works by it.
MOST_COUNTED = 1000
# Views of the desk. Those of what is open go by the day it is due, `all` by when it was opened.
VIEWS = ("mine", "asked", "overdue", "free", "open", "all")
_NEWEST_FIRST = "all"
_NOBODY = "-"


@dc.dataclass(frozen=True, slots=True)
class Wish:
    """What is to be listed.

    Attributes:
        view: one of `VIEWS`.
        me: account id of who asks.
        state: of the cases, "" for any.
        source: likewise.
        owner: account id, `-` for nobody's, "" for anybody's.
        after: the place that the page follows, as a page told it, or "".
        before: likewise the place that it comes before.
    """

    view: str
    me: str
    state: str = ""
    source: str = ""
    owner: str = ""
    after: str = ""
    before: str = ""


@dc.dataclass(frozen=True, slots=True)
class Line:
    """A case in a list.

    Attributes:
        row: the case.
        owner: name of who works on it, or "".
        due: what is due first, or None.
    """

    row: CaseFile
    owner: str
    due: CaseDeadline | None


@dc.dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        lines: its cases.
        newer: place to ask for what comes before it, "" where nothing does.
        older: likewise after.
    """

    lines: tuple[Line, ...]
    newer: str
    older: str


def page(opened: Session, wish: Wish, today: dt.date) -> Page:
    """A page of a list; an odd place is the beginning."""
    newest = wish.view == _NEWEST_FIRST
    back, place = bool(wish.before), _place(wish.before or wish.after, newest=newest)
    # One direction for both columns, so that an index serves either way.
    falling = newest != back
    columns = (col(CaseFile.id),) if newest else (col(CaseFile.due_on), col(CaseFile.id))
    wanted = select(CaseFile).where(*_conditions(wish, today))
    if place is not None:
        here = tuple_(*columns)
        there: Any = tuple_(*place)
        wanted = wanted.where(here < there if falling else here > there)
    order = [one.desc() if falling else one.asc() for one in columns]
    rows = list(opened.exec(wanted.order_by(*order).limit(PAGE + 1)).all())
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
    turned = place is not None
    newer = rows and (more if back else turned)
    older = rows and (turned if back else more)
    return Page(
        _lines(opened, rows),
        _told(rows[0], newest=newest) if newer else "",
        _told(rows[-1], newest=newest) if older else "",
    )


def counts(opened: Session, me: str, today: dt.date) -> dict[str, int]:
    """How many cases each view has, but `all`; at most `MOST_COUNTED`."""
    found = {}
    for view in VIEWS[:-1]:
        some = select(CaseFile.id).where(*_conditions(Wish(view, me), today)).limit(MOST_COUNTED)
        found[view] = opened.exec(select(func.count()).select_from(some.subquery())).one()
    return found


def due_within(
    opened: Session, today: dt.date, days: int, owner: str = "", most: int = MOST_COUNTED
) -> list[tuple[Line, CaseDeadline]]:
    """What is overdue, or due within some working days, the first first.

    Args:
        opened: the session.
        today: in China.
        days: working days; 0 for what is due today.
        owner: account id, or "" for everybody's.
        most: at most so many.
    """
    last = workdays.after(today, days).day if days else today
    wanted = (
        select(CaseDeadline, CaseFile)
        .join(CaseFile, col(CaseFile.id) == col(CaseDeadline.case_id))
        .where(col(CaseDeadline.ended_at).is_(None), col(CaseDeadline.due_on) <= last)
        .order_by(col(CaseDeadline.due_on), col(CaseDeadline.id))
        .limit(most)
    )
    if owner:
        wanted = wanted.where(CaseFile.owner == owner)
    found = opened.exec(wanted).all()
    names = names_of(opened, [row.owner for _, row in found])
    return [(Line(row, names.get(row.owner or "", ""), one), one) for one, row in found]


def due_counts(opened: Session, today: dt.date, days: int, owner: str) -> tuple[int, int]:
    """How much of somebody's is overdue, and how much due within some working days.

    Args: see `due_within`; both together at most `MOST_COUNTED`.
    """
    last = workdays.after(today, days).day if days else today
    mine = (CaseFile.owner == owner, col(CaseFile.active).is_(True), col(CaseFile.due_on) <= last)
    # In two steps: in one, SQLite begins with what is due of everybody.
    ids = opened.exec(select(col(CaseFile.id)).where(*mine).limit(MOST_COUNTED)).all()
    some = select(col(CaseDeadline.due_on)).where(
        col(CaseDeadline.case_id).in_(ids), col(CaseDeadline.ended_at).is_(None)
    )
    found = [one for one in opened.exec(some).all() if one <= last]
    late = sum(one < today for one in found)
    return late, len(found) - late


def names_of(opened: Session, owners: Sequence[str | None]) -> Mapping[str, str]:
    """Names of people by id."""
    ids = {one for one in owners if one}
    rows = opened.exec(select(Account.id, Account.name).where(col(Account.id).in_(ids))).all()
    return dict(rows)


def workers(opened: Session, roles: Sequence[str]) -> list[tuple[str, str]]:
    """Those who may work on cases: id and name."""
    wanted = select(Account.id, Account.name).where(
        col(Account.role).in_(roles), col(Account.disabled_at).is_(None)
    )
    return list(opened.exec(wanted.order_by(Account.name)).all())


def _conditions(wish: Wish, today: dt.date) -> list[ColumnElement[bool]]:
    active = col(CaseFile.active).is_(True)
    views: Mapping[str, list[ColumnElement[bool]]] = {
        "mine": [col(CaseFile.owner) == wish.me, active],
        "asked": [col(CaseFile.asked) > ""],
        "overdue": [active, col(CaseFile.due_on) < today],
        "free": [col(CaseFile.owner).is_(None), active],
        "open": [active],
        "all": [],
    }
    found = list(views[wish.view])
    if wish.state:
        found.append(col(CaseFile.state) == wish.state)
    if wish.source:
        found.append(col(CaseFile.source) == wish.source)
    if wish.owner == _NOBODY:
        found.append(col(CaseFile.owner).is_(None))
    elif wish.owner:
        found.append(col(CaseFile.owner) == wish.owner)
    return found


def _lines(opened: Session, rows: Sequence[CaseFile]) -> tuple[Line, ...]:
    names = names_of(opened, [one.owner for one in rows])
    wanted = select(CaseDeadline).where(
        col(CaseDeadline.case_id).in_([one.id for one in rows]),
        col(CaseDeadline.ended_at).is_(None),
    )
    # Sorted here: asked to sort, SQLite reads all that is open instead of these few.
    first: dict[int, CaseDeadline] = {}
    for one in opened.exec(wanted).all():
        known = first.get(one.case_id)
        if known is None or (one.due_on, one.id or 0) < (known.due_on, known.id or 0):
            first[one.case_id] = one
    return tuple(Line(one, names.get(one.owner or "", ""), first.get(one.id or 0)) for one in rows)


def _told(row: CaseFile, *, newest: bool) -> str:
    return str(row.id) if newest else f"{row.due_on.isoformat()}.{row.id}"


def _place(told: str, *, newest: bool) -> tuple[Any, ...] | None:
    """The columns of a place; None for none."""
    day, _, number = told.rpartition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    if newest:
        return (int(number),)
    try:
        return (dt.date.fromisoformat(day), int(number))
    except ValueError:
        return None
