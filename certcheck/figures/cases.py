"""Leads and cases, counted as they stand.

A figure by laboratory, item, market, person, class or state counts the leads that were registered
on the days that are asked for, and what has become of each by now. The one by month counts what
happened in that month: leads registered, and leads whose latest ending move was made.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
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
# What they are counted by, in the order of `_rows`.
_OF = ("lab", "item", "market", "person", "category", "state", "source")
_UNDECIDED = (State.PENDING, State.CHECKING)


def figures(opened: Session, asked: Asked, today: dt.date) -> list[Figure]:
    """All figures of leads and cases.

    Args:
        opened: the session.
        asked: of which days, laboratory and market.
        today: in China: what was due before is overdue.
    """
    rows = _rows(opened, asked, today)
    outcomes = [_outcome(row) for row in rows]
    return [
        _monthly(opened, asked, rows),
        *(_by(of, [row[at] for row in rows], outcomes) for at, of in enumerate(_OF)),
    ]


def wanted(asked: Asked) -> list[Condition]:
    """Which leads are asked for, by the day on which they were registered."""
    return [*_between(asked, CaseFile.opened_at), *_about(asked)]


def referred() -> Condition:
    """Whether a case was handed to another authority, and may have been closed since."""
    closed = and_(col(CaseFile.state) == State.CLOSED, col(CaseFile.result) == HANDED_OVER)
    return or_(col(CaseFile.state) == State.REFERRED, closed)


def _rows(opened: Session, asked: Asked, today: dt.date) -> list[Any]:
    """The leads that are asked for: what they are counted by, then what has become of each.

    One statement, and the sums are made here: eight that sum took four times as long.
    """
    active = col(CaseFile.active).is_(True)
    columns: list[Any] = [
        CaseFile.lab, func.coalesce(cast(col(CaseFile.item), String), ""), CaseFile.market,
        func.coalesce(col(Account.name), ""), CaseFile.category, CaseFile.state, CaseFile.source,
        month_of(china_day(CaseFile.opened_at)), referred(), CaseFile.late, active,
        and_(active, col(CaseFile.due_on) < today),
    ]  # fmt: skip
    query = (
        sa.select(*columns)
        .select_from(CaseFile)
        .join(Account, col(Account.id) == col(CaseFile.owner), isouter=True)
        .where(*wanted(asked))
    )
    return list(opened.connection().execute(query))


def _outcome(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a row of the database
    """The measures that count a lead."""
    state, _, _, was_referred, late, active, overdue = row[len(_OF) - 2 :]
    closed = state == State.CLOSED
    told = (
        True, state not in _UNDECIDED, state == State.FILED, was_referred, closed,
        closed and not late, active, overdue,
    )  # fmt: skip
    return tuple(one for one, counts in zip(MEASURES, told, strict=True) if counts)


def _monthly(opened: Session, asked: Asked, rows: Sequence[Any]) -> Figure:
    found: dict[str, dict[str, int]] = {}
    for month, count in Counter(row[len(_OF)] for row in rows).items():
        found[month] = {"opened": count}
    closed = col(CaseFile.state) == State.CLOSED
    measures: Mapping[str, Condition | None] = {
        "settled": None,
        "closed": closed,
        "on_time": and_(closed, col(CaseFile.late).is_(False)),
        "referred": referred(),
    }
    sums = [
        func.count() if one is None else func.sum(case((one, 1), else_=0))
        for one in measures.values()
    ]
    month = month_of(china_day(CaseFile.settled_at))
    where = [*_between(asked, CaseFile.settled_at), *_about(asked)]
    query = sa.select(month, *sums).where(*where).group_by(month)
    for key, *counts in opened.connection().execute(query):
        found.setdefault(key, {}).update(zip(measures, map(int, counts), strict=True))
    return figure("cases_by_month", "month", MONTHLY, found, months(asked.since, asked.until))


def _by(of: str, keys: Sequence[str], outcomes: Sequence[tuple[str, ...]]) -> Figure:
    found: dict[str, Counter[str]] = {}
    for (key, outcome), count in Counter(zip(keys, outcomes, strict=True)).items():
        counts = found.setdefault(key, Counter())
        for measure in outcome:
            counts[measure] += count
    return figure(f"cases_by_{of}", of, MEASURES, found)


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
