"""Carries out a plan: all of it or nothing, and writes down that it was done."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, col, select

from registry import specimens
from registry.errors import BadImportError
from registry.importing.plan import Change, ImportPlan, Kind
from registry.importing.rows import TERMS
from registry.models import ImportRecord, Row
from registry.records import Revision
from registry.revision import content_columns, content_digest, current, holds_demo


def _copy(row: Row, into: Row) -> None:
    for name in content_columns(type(row)):
        setattr(into, name, getattr(row, name))


def _carry_out(session: Session, change: Change) -> None:
    if change.kind is Kind.ADD:
        session.add(change.row)
    elif change.stored is not None and change.kind is Kind.REMOVE:
        session.delete(change.stored)
    elif change.stored is not None and change.kind is Kind.END:
        last = TERMS[change.table][1]
        setattr(change.stored, last, dt.date.fromisoformat(change.cells[0].after))
        session.add(change.stored)
    elif change.stored is not None:
        _copy(change.row, change.stored)
        session.add(change.stored)


def apply_plan(
    session: Session, plan: ImportPlan, *, imported_at: dt.datetime | None = None
) -> Revision:
    """Carries out a plan in the session's transaction; the caller commits.

    Args:
        session: the one the plan was made with; rolled back by the caller on any error.
        plan: what to do. One that changes nothing leaves no record: the registry keeps its
            revision.
        imported_at: UTC; now by default.

    Returns:
        The registry's revision after it.

    Raises:
        BadImportError: if the plan has problems; nothing was changed.
    """
    if plan.problems:
        raise BadImportError(plan.problems)
    if plan.empty and session.exec(select(col(ImportRecord.id)).limit(1)).first() is not None:
        return current(session)
    specimens.keep(session, plan.pictures)
    # A laboratory goes after all that is said of it, and comes before it.
    for batch in (
        [change for change in plan.removes if change.table != "labs"],
        [change for change in plan.removes if change.table == "labs"],
        plan.ends,
        plan.changes,
        [change for change in plan.adds if change.table == "labs"],
        [change for change in plan.adds if change.table != "labs"],
    ):
        for change in batch:
            _carry_out(session, change)
        session.flush()
    session.add(
        ImportRecord(
            revision=content_digest(session),
            imported_at=imported_at or dt.datetime.now(dt.UTC),
            source_name=plan.source_name,
            source_sha256=plan.source_sha256,
            demo=holds_demo(session),
            added=len(plan.adds),
            changed=len(plan.changes),
            ended=len(plan.ends),
            removed=len(plan.removes),
        )
    )
    session.flush()
    return current(session)
