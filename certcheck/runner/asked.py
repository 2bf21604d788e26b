"""What belongs together in the record, and what nobody asks for any more.

Each function works in a transaction that is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, union
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from certcheck.desk.tables import TaskFile
from certcheck.evidence.tables import Wanted, WantedCheck
from certcheck.inspections.tables import Assigned
from certcheck.market.tables import Circumstances
from certcheck.runner.tables import (
    OF_CASES,
    Batch,
    BatchItem,
    Check,
    Job,
    Picture,
    Precheck,
    Print,
    Recorded,
    ReportName,
    Status,
)

# Every column that names a stored file: what none of them names is deleted and is in no backup.
FILES: tuple[Mapped[Any], ...] = (
    col(Job.sha256), col(Job.reading), col(Picture.sha256), col(Picture.detail), col(Print.sha256),
    col(Recorded.sha256), col(Circumstances.back), col(TaskFile.sha256), col(Wanted.sha256),
)  # fmt: skip


def related(one: Check) -> ColumnElement[bool]:
    """The checks of one photo that somebody sent: the first, and those of corrected values."""
    root = one.root or one.id
    return (col(Check.id) == root) | (col(Check.root) == root)


def ahead_of(opened: Session, job: Job) -> int:
    """How many jobs go before one that waits."""
    first = (col(Job.priority) < job.priority) | (
        (col(Job.priority) == job.priority) & (col(Job.id) < job.id)
    )
    wanted = select(func.count()).select_from(Job).where(Job.status == Status.QUEUED, first)
    return opened.exec(wanted).one()


def drop_unasked(opened: Session) -> None:
    """Jobs that nobody asks for any more, but those that are being done."""
    asked = select(Check.job_id)
    unasked = select(Job.id).where(col(Job.id).not_in(asked), Job.status != Status.RUNNING)
    opened.exec(delete(Picture).where(col(Picture.job_id).in_(unasked)))
    opened.exec(delete(Recorded).where(col(Recorded.job_id).in_(unasked)))
    opened.exec(delete(ReportName).where(col(ReportName.job_id).in_(unasked)))
    opened.exec(delete(Job).where(col(Job.id).in_(unasked)))
    for table in (Print, Circumstances, Assigned):
        of_check = ~col(table.check_id).startswith(OF_CASES)
        gone = col(table.check_id).not_in(select(Check.id))
        opened.exec(delete(table).where(gone, of_check))
    _drop_packs(opened)


def _drop_packs(opened: Session) -> None:
    """Packs of which a check is gone: it would be in them still."""
    gone = col(WantedCheck.check_id).not_in(select(Check.id))
    drop_packs(opened, opened.exec(select(WantedCheck.pack_id).where(gone).distinct()).all())


def drop_packs(opened: Session, ids: Sequence[str]) -> None:
    """Packs; their files go with the next sweep."""
    if ids:
        opened.exec(delete(WantedCheck).where(col(WantedCheck.pack_id).in_(ids)))
        opened.exec(delete(Wanted).where(col(Wanted.id).in_(ids)))


def drop_batches(opened: Session, ids: Sequence[str]) -> None:
    """Batches and what shows them; their checks are dropped by who asks for it."""
    for table in (Precheck, BatchItem):
        opened.exec(delete(table).where(col(table.batch_id).in_(ids)))
    opened.exec(delete(Batch).where(col(Batch.id).in_(ids)))


def referred_to(opened: Session, names: Sequence[str]) -> set[str]:
    """Those of some files, by their SHA-256, that a column of FILES names."""
    found: set[str] = set()
    for column in FILES:
        found.update(one for one in opened.exec(select(column).where(column.in_(names))) if one)
    return found


def referred(opened: Session) -> Iterator[str]:
    """All files that a column of FILES names, by their SHA-256."""
    wanted = union(*(select(column) for column in FILES))
    yield from sorted({str(one) for (one,) in opened.connection().execute(wanted) if one})
