"""Checks put into an inspection, or taken out, by a person at a desk; the archive follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.archive.tables import Archived
from certcheck.audit import Who
from certcheck.inspections import assigned


def put(
    opened: Session, check_ids: Sequence[str], inspection_id: str, *, by: Who, at: dt.datetime
) -> None:
    """Puts checks into an inspection, in the transaction that is open.

    Args:
        opened: in a transaction that writes.
        check_ids: of the checks that photos came with.
        inspection_id: of the inspection.
        by: who does it.
        at: when.

    Raises:
        InspectionUnknownError: there is none of that id.
        StateError: it has not begun.
    """
    for one in check_ids:
        assigned.assign(opened, one, inspection_id, by=by.name, at=at)
    _note(opened, "inspection.checks_put", inspection_id, check_ids, by)


def take_out(opened: Session, check_ids: Sequence[str], inspection_id: str, *, by: Who) -> None:
    """Takes checks out of an inspection, in the transaction that is open.

    Args:
        opened: in a transaction that writes.
        check_ids: of the checks that photos came with.
        inspection_id: that they are in; those of another stay there.
        by: who does it.
    """
    found = assigned.inspections_of(opened, check_ids)
    his = [one for one in check_ids if one in found and found[one].id == inspection_id]
    assigned.release(opened, his)
    _note(opened, "inspection.checks_out", inspection_id, his, by)


def candidates(opened: Session, owner: str, since: dt.date, until: dt.date) -> list[Archived]:
    """Somebody's latest certificates of some days that are in no inspection.

    Args:
        opened: the session.
        owner: see `runner.tables.Check`.
        since: first day, in China.
        until: last day.
    """
    return list(
        opened.exec(
            select(Archived)
            .where(
                Archived.owner == owner,
                col(Archived.inspection).is_(None),
                col(Archived.day) >= since,
                col(Archived.day) <= until,
            )
            .order_by(col(Archived.id).desc())
            .limit(_MOST_OFFERED)
        ).all()
    )


def owned(opened: Session, check_ids: Sequence[str], owner: str) -> list[str]:
    """Those of some checks that are somebody's and stand in the archive."""
    wanted = select(Archived.root).where(col(Archived.root).in_(check_ids), Archived.owner == owner)
    return sorted(set(opened.exec(wanted).all()))


_MOST_OFFERED = 50


def _note(opened: Session, what: str, inspection_id: str, checks: Sequence[str], by: Who) -> None:
    if checks:
        detail = {"checks": sorted(checks)}
        audit.write(opened, who=by, what=what, about=("inspection", inspection_id), detail=detail)
