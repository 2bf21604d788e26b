"""What was found of one laboratory: its checks counted, against the threshold of ten."""

from __future__ import annotations

import dataclasses as dc
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, distinct, func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from certcheck.archive.filing import FAULTS
from certcheck.archive.tables import ITEMS, Archived
from certcheck.cases.tables import CaseFile
from certcheck.errors import SeenBookError
from certcheck.seen import book as books
from certcheck.seen.counting import THRESHOLD, Count, counts

log = logging.getLogger(__name__)

# Of checks and cases that are listed, the latest.
LATEST = 8


@dc.dataclass(frozen=True, slots=True)
class Faults:
    """Certificates of a laboratory that inspectors checked, each number once.

    Attributes:
        checked: all of them.
        by_verdict: verdict to how many checks ended so.
        at_fault: certificates inconsistent or suspected.
        by_item: item to how many certificates it contradicted, and how many it made suspected.
    """

    checked: int
    by_verdict: Mapping[str, int]
    at_fault: int
    by_item: Mapping[int, tuple[int, int]]

    @property
    def many(self) -> bool:
        """Whether those at fault reach the threshold."""
        return self.at_fault >= THRESHOLD


def faults(opened: Session, lab_id: str) -> Faults:
    """What inspectors' checks found of a laboratory."""
    own = Archived.lab_id == lab_id
    verdicts = select(Archived.verdict, func.count()).where(own).group_by(Archived.verdict)
    by_verdict = dict(opened.exec(verdicts).all())
    guilty = col(Archived.verdict).in_(FAULTS)
    columns = [_items(number, status) for number in ITEMS for status in sorted(FAULTS)]
    sums: Sequence[int | None] = (
        opened.connection()
        .execute(sql_select(*columns).where(col(Archived.lab_id) == lab_id, guilty))
        .one()
    )
    numbers = [int(one or 0) for one in sums]
    by_item = {
        number: (numbers[2 * place], numbers[2 * place + 1]) for place, number in enumerate(ITEMS)
    }
    return Faults(
        _each(opened, own),
        by_verdict,
        _each(opened, own, guilty),
        {number: both for number, both in by_item.items() if any(both)},
    )


def _each(opened: Session, *which: Any) -> int:
    """How many certificates there are: those with a number by it, others by their check."""
    read = col(Archived.number_key) != ""
    # Two questions: in one, every row would be looked up for what few of them need.
    numbers = select(func.count(distinct(col(Archived.number_key)))).where(*which, read)
    unread = select(func.count(distinct(col(Archived.root)))).where(
        *which, Archived.number_key == ""
    )
    return opened.exec(numbers).one() + opened.exec(unread).one()


def latest(opened: Session, lab_id: str) -> Sequence[Archived]:
    """The latest checks of a laboratory's certificates."""
    wanted = select(Archived).where(Archived.lab_id == lab_id)
    return opened.exec(wanted.order_by(col(Archived.id).desc()).limit(LATEST)).all()


def cases(opened: Session, lab_id: str) -> Sequence[CaseFile]:
    """The latest cases that are about a laboratory."""
    wanted = select(CaseFile).where(CaseFile.lab_id == lab_id)
    return opened.exec(wanted.order_by(col(CaseFile.opened_at).desc()).limit(LATEST)).all()


def everywhere(name: str) -> Count | None:
    """What all checks of this server saw of it, visitors' too; None where no book is kept.

    Args:
        name: registered.
    """
    try:
        book = books.configured()
        return next(iter(counts(book, name)), None) if book is not None else None
    except SeenBookError as error:
        log.warning("nothing was counted: %s", error)
        return None


def _items(number: int, status: str) -> ColumnElement[int]:
    column = getattr(Archived, f"item{number}")
    return func.sum(case((column == status, 1), else_=0))
