"""Which checks belong to which inspection."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import delete, exists, or_
from sqlmodel import Session, col, select

from certcheck.archive import filing
from certcheck.inspections.errors import InspectionUnknownError, StateError
from certcheck.inspections.plans import State
from certcheck.inspections.tables import Assigned, Inspection, Member


@dc.dataclass(frozen=True, slots=True)
class Choice:
    """An inspection that a check can be put into.

    Attributes:
        id, number, title: of the inspection.
        ends_on: its last day.
    """

    id: str
    number: str
    title: str
    ends_on: dt.date


def choices(opened: Session, person_id: str, today: dt.date) -> list[Choice]:
    """Inspections that are under way for somebody: those that name him, and those for all.

    Args:
        opened: the session.
        person_id: of his account.
        today: in China.
    """
    members = select(Member.person_id).where(Member.inspection_id == Inspection.id)
    rows = opened.exec(
        select(Inspection)
        .where(
            Inspection.state == State.UNDER_WAY,
            col(Inspection.starts_on) <= today,
            col(Inspection.ends_on) >= today,
            or_(
                exists(members.where(Member.person_id == person_id)),
                ~exists(members),
            ),
        )
        .order_by(col(Inspection.ends_on), col(Inspection.number))
    ).all()
    return [Choice(one.id, one.number, one.title, one.ends_on) for one in rows]


def assign(opened: Session, check_id: str, inspection_id: str, *, by: str, at: dt.datetime) -> None:
    """Puts a check into an inspection, out of any other, in the transaction that is open.

    What a phone kept back while it had no connection may arrive after the close: it is taken,
    for it was looked at in time. Nothing is put into an inspection that has not begun.

    Args:
        opened: the session.
        check_id: of the check that the photo came with.
        inspection_id: of the inspection.
        by: name of who puts it there.
        at: when.

    Raises:
        InspectionUnknownError: there is none of that id.
        StateError: it has not begun.
    """
    found = opened.get(Inspection, inspection_id)
    if found is None:
        raise InspectionUnknownError()
    if found.state == State.PLANNED:
        raise StateError(number=found.number)
    row = opened.get(Assigned, check_id)
    if row is None:
        row = Assigned(check_id=check_id, inspection_id=inspection_id, by=by, at=at)
    row.inspection_id, row.by, row.at = inspection_id, by, at
    opened.add(row)
    opened.flush()
    filing.again(opened, [check_id])


def release(opened: Session, check_ids: Collection[str]) -> int:
    """Takes checks out of whatever inspections they are in; tells how many were in one."""
    done = opened.exec(delete(Assigned).where(col(Assigned.check_id).in_(check_ids)))
    filing.again(opened, check_ids)
    return int(done.rowcount)


def inspections_of(opened: Session, check_ids: Collection[str]) -> Mapping[str, Choice]:
    """The inspections of those checks that are in one, by the check's id."""
    rows = opened.exec(
        select(Assigned.check_id, Inspection)
        .join(Inspection, col(Inspection.id) == col(Assigned.inspection_id))
        .where(col(Assigned.check_id).in_(check_ids))
    ).all()
    return {check_id: Choice(one.id, one.number, one.title, one.ends_on) for check_id, one in rows}
