"""All figures of some days, and the rows that they were counted from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlmodel import Session, col, select

from certcheck.accounts.tables import Account
from certcheck.archive.tables import ITEMS, Archived
from certcheck.cases.tables import NEVER, CaseFile
from certcheck.figures import cases, checks
from certcheck.figures.model import Asked, Figure
from registry.days import CHINA

# Rows that are asked for at once.
_AT_ONCE = 2000

CHECK_COLUMNS = (
    "report", "day", "market", "stall", "lab_id", "lab", "number", "signatory", "conclusion",
    "verdict", *(f"item{item}" for item in ITEMS), "judged_on", "who", "inspection", "corrected",
)  # fmt: skip
CASE_COLUMNS = (
    "case", "title", "source", "state", "category", "result", "lab_id", "lab", "market", "stall",
    "item", "owner", "opened_by", "opened_on", "settled_on", "due_on", "active", "late",
    "inspection",
)  # fmt: skip


def figures(opened: Session, asked: Asked, today: dt.date) -> list[Figure]:
    """All of them: of what was checked, then of leads and cases.

    Args:
        opened: the session.
        asked: of which days, laboratory and market.
        today: in China.
    """
    return [*checks.figures(opened, asked), *cases.figures(opened, asked, today)]


def check_rows(opened: Session, asked: Asked) -> Iterator[Sequence[Any]]:
    """The certificates that were counted, as `CHECK_COLUMNS`, the first first."""
    last = 0
    while True:
        wanted = select(Archived).where(*checks.wanted(asked), col(Archived.id) > last)
        rows = opened.exec(wanted.order_by(col(Archived.id)).limit(_AT_ONCE)).all()
        for one in rows:
            yield (
                one.root, one.day, one.market, one.stall, one.lab_id, one.lab, one.number,
                one.signatory, one.conclusion, one.verdict, *one.items, one.judged_on, one.who,
                one.inspection or "", one.corrected,
            )  # fmt: skip
        opened.expunge_all()
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id or 0


def case_rows(opened: Session, asked: Asked) -> Iterator[Sequence[Any]]:
    """The leads that were registered, as `CASE_COLUMNS`, the first first."""
    names = dict(opened.exec(select(Account.id, Account.name)).all())
    last = 0
    while True:
        wanted = select(CaseFile).where(*cases.wanted(asked), col(CaseFile.id) > last)
        rows = opened.exec(wanted.order_by(col(CaseFile.id)).limit(_AT_ONCE)).all()
        for one in rows:
            yield (
                one.id, one.title, one.source, one.state, one.category, one.result,
                one.lab_id or "", one.lab, one.market, one.stall, one.item,
                names.get(one.owner or "", ""), one.opened_by, _day(one.opened_at),
                _day(one.settled_at), None if one.due_on == NEVER else one.due_on, one.active,
                one.late, one.batch_id or "",
            )  # fmt: skip
        opened.expunge_all()
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id or 0


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.astimezone(CHINA).date() if moment else None
