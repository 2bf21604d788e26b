"""Certificates that were checked, counted in the archive (`certcheck.archive`)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select

from certcheck.archive.tables import ITEMS, Archived
from certcheck.figures.model import Asked, Condition, Figure, figure, in_passing, months
from certcheck.finding import Status

ERROR = "error"
VERDICTS = (
    str(Status.INCONSISTENT), str(Status.SUSPECTED), str(Status.UNVERIFIABLE),
    str(Status.CONSISTENT), ERROR,
)  # fmt: skip
# Of an item, which may also not apply.
STATUSES = (*VERDICTS[:4], str(Status.NOT_APPLICABLE))
TOTAL = "total"
# Characters of `2026-01-31` that name its month.
_MONTH = 7
# Where more than one in so many is asked for, going through all of them is less work: measured on
# 200 000, 23 ms by laboratory and 109 by items, and 379 and 733 where they were looked up.
_MANY = 8

_Counting = Callable[[list[Any]], Iterable[Any]]


def figures(opened: Session, asked: Asked) -> list[Figure]:
    """All figures of what was checked.

    Args:
        opened: the session.
        asked: of which days, laboratory and market.
    """
    counted = functools.partial(_counted, opened, asked, whole=_most(opened, asked))
    return [
        _by(counted, "month", Archived.day, months(asked.since, asked.until)),
        _by(counted, "lab", Archived.lab),
        _by(counted, "market", Archived.market),
        _by(counted, "person", Archived.who),
        _items(counted),
    ]


def _items(counted: _Counting) -> Figure:
    """Of each of the eight items, how many certificates have which status."""
    # As few rows as there are different outcomes, in the order of an index: forty sums over
    # every row took ten times as long.
    rows = counted([getattr(Archived, f"item{item}") for item in ITEMS])
    found: dict[str, dict[str, int]] = {str(item): {} for item in ITEMS}
    for *statuses, count in rows:
        for counts, status in zip(found.values(), statuses, strict=True):
            counts[status] = counts.get(status, 0) + count
    return figure("checks_by_item", "item", STATUSES, found, list(found))


def wanted(asked: Asked) -> list[Condition]:
    """Which certificates are asked for."""
    return _conditions(asked, whole=False)


def _conditions(asked: Asked, *, whole: bool) -> list[Condition]:
    day, lab, market = (
        in_passing(col(one)) if whole else col(one)
        for one in (Archived.day, Archived.lab, Archived.market)
    )
    found = [day >= asked.since, day <= asked.until]
    if asked.lab:
        found.append(lab == asked.lab)
    if asked.market:
        found.append(market == asked.market)
    return found


def _by(counted: _Counting, of: str, key: Any, order: list[str] | None = None) -> Figure:  # noqa: ANN401 - a column
    found: dict[str, dict[str, int]] = {}
    for name, verdict, count in counted([key, Archived.verdict]):
        # Days are counted as they stand in their index, and put together here.
        told = name.isoformat()[:_MONTH] if isinstance(name, dt.date) else name
        counts = found.setdefault(told, {})
        counts[verdict] = counts.get(verdict, 0) + count
        counts[TOTAL] = counts.get(TOTAL, 0) + count
    return figure(f"checks_by_{of}", of, (TOTAL, *VERDICTS), found, order)


def _counted(opened: Session, asked: Asked, keys: list[Any], *, whole: bool) -> Iterable[Any]:
    """How many certificates of each kind there are: keys, then the count.

    Args:
        opened: the session.
        asked: which certificates.
        keys: columns.
        whole: whether to go through an index whole, in the order of its keys, rather than look up
            what is asked for and sort it.
    """
    query = sa.select(*keys, func.count()).group_by(*keys)
    return opened.connection().execute(query.where(*_conditions(asked, whole=whole)))


def _most(opened: Session, asked: Asked) -> bool:
    """Whether so many of all certificates are asked for that SQLite should go through them all."""
    if opened.get_bind().dialect.name != "sqlite":
        return False  # it knows by itself
    many = (opened.exec(select(func.max(Archived.id))).one() or 0) // _MANY
    some = select(Archived.id).where(*wanted(asked)).limit(many + 1)
    return opened.exec(select(func.count()).select_from(some.subquery())).one() > many
