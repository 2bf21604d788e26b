"""Certificates that were checked, counted in the archive (`certcheck.archive`)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import case, func
from sqlmodel import Session, col

from certcheck.archive.tables import ITEMS, Archived
from certcheck.figures.model import Asked, Condition, Figure, figure, month_of, months
from certcheck.finding import Status

ERROR = "error"
VERDICTS = (
    str(Status.INCONSISTENT), str(Status.SUSPECTED), str(Status.UNVERIFIABLE),
    str(Status.CONSISTENT), ERROR,
)  # fmt: skip
# Of an item, which may also not apply.
STATUSES = (*VERDICTS[:4], str(Status.NOT_APPLICABLE))
TOTAL = "total"


def figures(opened: Session, asked: Asked) -> list[Figure]:
    """All figures of what was checked.

    Args:
        opened: the session.
        asked: of which days, laboratory and market.
    """
    return [
        _by(opened, asked, "month", month_of(col(Archived.day)), months(asked.since, asked.until)),
        _by(opened, asked, "lab", Archived.lab),
        _by(opened, asked, "market", Archived.market),
        _by(opened, asked, "person", Archived.who),
        items(opened, asked),
    ]


def items(opened: Session, asked: Asked) -> Figure:
    """Of each of the eight items, how many certificates have which status."""
    sums = [
        func.coalesce(func.sum(case((getattr(Archived, f"item{item}") == one, 1), else_=0)), 0)
        for item in ITEMS
        for one in STATUSES
    ]
    row = opened.connection().execute(sa.select(*sums).where(*wanted(asked))).one()
    found = {
        str(item): dict(zip(STATUSES, row[at * len(STATUSES) :], strict=False))
        for at, item in enumerate(ITEMS)
    }
    return figure("checks_by_item", "item", STATUSES, found, list(found))


def wanted(asked: Asked) -> list[Condition]:
    """Which certificates are asked for."""
    found = [col(Archived.day) >= asked.since, col(Archived.day) <= asked.until]
    if asked.lab:
        found.append(col(Archived.lab) == asked.lab)
    if asked.market:
        found.append(col(Archived.market) == asked.market)
    return found


def _by(opened: Session, asked: Asked, of: str, key: Any, order: list[str] | None = None) -> Figure:
    rows = opened.connection().execute(
        sa.select(key, col(Archived.verdict), func.count())
        .where(*wanted(asked))
        .group_by(key, col(Archived.verdict))
    )
    found: dict[str, dict[str, int]] = {}
    for name, verdict, count in rows:
        counts = found.setdefault(name, {})
        counts[verdict] = count
        counts[TOTAL] = counts.get(TOTAL, 0) + count
    return figure(f"checks_by_{of}", of, (TOTAL, *VERDICTS), found, order)
