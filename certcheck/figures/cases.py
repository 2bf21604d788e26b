"""Leads and cases, counted as they stand.

A figure by laboratory, item, market, person, class or state counts the leads that were registered
on the days that are asked for, and what has become of each by now. The one by month counts what
happened in that month: leads registered, and leads whose latest ending move was made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import String, and_, case, cast, func, or_
from sqlmodel import Session, col

from certcheck.accounts.tables import Account
from certcheck.cases.rules import State
from certcheck.cases.tables import CaseFile
from certcheck.figures.model import (
    Asked,
    Condition,
    Figure,
    china_day,
    figure,
    midnight,
    month_of,
    months,
)

# How a case ends that was handed to another authority; see `cases/data/classes.toml`.
HANDED_OVER = "handed_over"
# Of a month: what happened in it.
MONTHLY = ("opened", "settled", "closed", "on_time", "referred")
# Of leads that were registered on some days: what has become of them.
MEASURES = ("opened", "handled", "filed", "referred", "closed", "on_time", "open", "overdue")
_UNDECIDED = (State.PENDING, State.CHECKING)


def figures(opened: Session, asked: Asked, today: dt.date) -> list[Figure]:
    """All figures of leads and cases.

    Args:
        opened: the session.
        asked: of which days, laboratory and market.
        today: in China: what was due before is overdue.
    """
    measures = _measures(today)
    item = func.coalesce(cast(col(CaseFile.item), String), "")
    person = func.coalesce(col(Account.name), "")
    return [
        _monthly(opened, asked),
        _by(opened, asked, "lab", CaseFile.lab, measures),
        _by(opened, asked, "item", item, measures),
        _by(opened, asked, "market", CaseFile.market, measures),
        _by(opened, asked, "person", person, measures),
        _by(opened, asked, "category", CaseFile.category, measures),
        _by(opened, asked, "state", CaseFile.state, measures),
        _by(opened, asked, "source", CaseFile.source, measures),
    ]


def wanted(asked: Asked) -> list[Condition]:
    """Which leads are asked for, by the day on which they were registered."""
    return [*_between(asked, CaseFile.opened_at), *_about(asked)]


def referred() -> Condition:
    """Whether a case was handed to another authority, and may have been closed since."""
    closed = and_(col(CaseFile.state) == State.CLOSED, col(CaseFile.result) == HANDED_OVER)
    return or_(col(CaseFile.state) == State.REFERRED, closed)


def _measures(today: dt.date) -> Mapping[str, Condition | None]:
    """What is counted, by its name; None counts all."""
    state, active = col(CaseFile.state), col(CaseFile.active).is_(True)
    closed = state == State.CLOSED
    return {
        "opened": None,
        "handled": state.not_in(_UNDECIDED),
        "filed": state == State.FILED,
        "referred": referred(),
        "closed": closed,
        "on_time": and_(closed, col(CaseFile.late).is_(False)),
        "open": active,
        "overdue": and_(active, col(CaseFile.due_on) < today),
    }


def _monthly(opened: Session, asked: Asked) -> Figure:
    closed = col(CaseFile.state) == State.CLOSED
    settled: Mapping[str, Condition | None] = {
        "settled": None,
        "closed": closed,
        "on_time": and_(closed, col(CaseFile.late).is_(False)),
        "referred": referred(),
    }
    found: dict[str, dict[str, int]] = {}
    for moment, measures in (
        (CaseFile.opened_at, {"opened": None}),
        (CaseFile.settled_at, settled),
    ):
        month = month_of(china_day(moment))
        where = [*_between(asked, moment), *_about(asked)]
        for key, counts in _counted(opened, month, measures, where):
            found.setdefault(key, {}).update(counts)
    return figure("cases_by_month", "month", MONTHLY, found, months(asked.since, asked.until))


def _by(
    opened: Session, asked: Asked, of: str, key: Any, measures: Mapping[str, Condition | None]
) -> Figure:
    found = dict(_counted(opened, key, measures, wanted(asked)))
    return figure(f"cases_by_{of}", of, MEASURES, found)


def _counted(
    opened: Session, key: Any, measures: Mapping[str, Condition | None], where: list[Condition]
) -> Iterable[tuple[str, dict[str, int]]]:
    sums = [
        func.count() if one is None else func.sum(case((one, 1), else_=0))
        for one in measures.values()
    ]
    query = (
        sa.select(key, *sums)
        .select_from(CaseFile)
        .join(Account, col(Account.id) == col(CaseFile.owner), isouter=True)
        .where(*where)
        .group_by(key)
    )
    for row in opened.connection().execute(query):
        yield row[0], dict(zip(measures, map(int, row[1:]), strict=True))


def _between(asked: Asked, moment: Any) -> list[Condition]:
    after = midnight(asked.until + dt.timedelta(days=1))
    return [moment >= midnight(asked.since), moment < after]


def _about(asked: Asked) -> list[Condition]:
    found = []
    if asked.lab:
        found.append(col(CaseFile.lab) == asked.lab)
    if asked.market:
        found.append(col(CaseFile.market) == asked.market)
    return found
