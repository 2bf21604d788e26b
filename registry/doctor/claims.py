"""Claims of coverage: the one table that can make a laboratory guilty by its absence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlmodel import Session, col, func, or_, select

from registry.derived import LookupKey
from registry.doctor.findings import Finding, found
from registry.doctor.terms import overlaps, shared, spelt
from registry.imports import ImportGroup, ImportRecord
from registry.models import Coverage


def claims(session: Session, day: dt.date, stale_after: int) -> Iterator[Finding]:
    """What is wrong with the claims that a list is complete.

    Args:
        session: of the registry.
        day: of the examination.
        stale_after: days after its newest list on which a claim without end is too old: since
            then laboratories may have been accredited that the registry does not know.
    """
    rows = session.exec(select(Coverage).order_by(Coverage.authority_code, Coverage.kind)).all()
    for row in rows:
        yield from _claim(session, row, day, stale_after)
    for one, other in overlaps(rows, lambda row: (row.authority_code, row.kind)):
        days = shared(one, other)
        assert days is not None
        yield found("coverage_overlap", [], [one.row_source, other.row_source], days=spelt(days))


def _claim(session: Session, row: Coverage, day: dt.date, stale_after: int) -> Iterator[Finding]:
    named = {"authority": row.authority_code, "kind": row.kind}
    rows = [row.row_source]
    if not row.source.strip():
        yield found("coverage_without_source", [], rows, **named)
    if row.complete_until is not None and row.complete_until > day:
        yield found("coverage_future", [], rows, until=row.complete_until, **named)
    if not _holds_any(session, row):
        yield found("coverage_empty", [], rows, **named)
    if row.complete_until is not None and row.complete_until < day:
        return
    newest = _newest_list(session, row)
    if newest is not None and (day - newest).days > stale_after:
        yield found("coverage_stale", [], rows, newest=newest, days=(day - newest).days, **named)


def _newest_list(session: Session, row: Coverage) -> dt.date | None:
    """The day of the newest list that made the claim."""
    newest = (
        select(func.max(col(ImportRecord.list_date)))
        .join(ImportGroup, col(ImportGroup.import_id) == col(ImportRecord.id))
        .where(
            ImportGroup.table_name == "coverage",
            ImportGroup.key == f"{row.authority_code}/{row.kind}",
            col(ImportRecord.undone_by).is_(None),
        )
    )
    return session.exec(newest).one()


def _holds_any(session: Session, row: Coverage) -> bool:
    """Whether any number of the authority is registered; only those of CMA tell whose."""
    if row.kind != "CMA":
        return True
    code = row.authority_code
    # Twelve digits with the authority third, or the year before it and a letter behind.
    forms = (f"__{code}________", f"____{code}_____")
    number = select(LookupKey.lab_id).where(
        LookupKey.kind == "number", or_(*(col(LookupKey.key).like(form) for form in forms))
    )
    return session.exec(number.limit(1)).first() is not None
