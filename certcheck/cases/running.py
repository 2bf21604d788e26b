"""The deadlines of a case as they run: begun, ended, extended, in a transaction that is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from certcheck.cases import deadlines
from certcheck.cases.rules import SETTLED, Source, State
from certcheck.cases.tables import NEVER, CaseComplaint, CaseDeadline, CaseFile
from registry import store
from registry.days import CHINA


def day_of(moment: dt.datetime) -> dt.date:
    """The day in China of a moment."""
    return moment.astimezone(CHINA).date()


def open_of(opened: Session, case_id: int) -> list[CaseDeadline]:
    """What has still to be done, the first due first."""
    wanted = select(CaseDeadline).where(
        CaseDeadline.case_id == case_id, col(CaseDeadline.ended_at).is_(None)
    )
    order = (col(CaseDeadline.due_on), col(CaseDeadline.id))
    return list(opened.exec(wanted.order_by(*order)).all())


def happened(
    opened: Session, row: CaseFile, event: str, day: dt.date, moment: dt.datetime
) -> dict[str, str]:
    """Ends and begins what a step or an event ends and begins.

    Args:
        opened: the session.
        row: the case, with an id.
        event: of the step or the event.
        day: on which it happened.
        moment: at which that was told.

    Returns:
        What began, with its last day, for the log.
    """
    case_id = row.id
    assert case_id is not None  # noqa: S101 - it was flushed
    opened.flush()
    ended = deadlines.ended_by(event)
    end(row, (one for one in open_of(opened, case_id) if one.kind in ended), day, moment)
    told = opened.get(CaseComplaint, case_id)
    named = told is not None and told.named
    begun = {}
    for rule in deadlines.started_by(event, Source(row.source), named=named):
        last = deadlines.due(rule, day)
        opened.add(
            CaseDeadline(
                case_id=case_id, kind=rule.key, began_on=day, due_on=last.day, sure=last.sure,
                days=rule.count,
            )
        )  # fmt: skip
        begun[rule.key] = last.day.isoformat()
    return begun


def end(row: CaseFile, some: Iterable[CaseDeadline], day: dt.date, moment: dt.datetime) -> None:
    """Ends deadlines on a day."""
    for one in some:
        one.ended_at = moment
        one.late = day > one.due_on
        row.late = row.late or one.late


def extend(one: CaseDeadline, days: int) -> dt.date:
    """Gives a deadline more days, counted from where it began; returns its new last day."""
    rule = deadlines.rules()[one.kind]
    one.days += days
    one.extended += 1
    last = deadlines.due(rule, one.began_on, one.days)
    one.due_on, one.sure = last.day, last.sure
    return last.day


def refresh(opened: Session, row: CaseFile) -> None:
    """Brings a case up to what its deadlines and its state say."""
    assert row.id is not None  # noqa: S101 - it was flushed
    opened.flush()
    left = open_of(opened, row.id)
    row.due_on = left[0].due_on if left else NEVER
    row.due_sure = left[0].sure if left else True
    row.active = bool(left) or State(row.state) not in SETTLED


def recount(opened: Session) -> int:
    """Counts anew what was counted before the holidays were published; returns how many moved."""
    moved = 0
    wanted = select(CaseDeadline).where(
        col(CaseDeadline.sure).is_(False), col(CaseDeadline.ended_at).is_(None)
    )
    for one in opened.exec(wanted).all():
        rule = deadlines.rules().get(one.kind)
        if rule is None:
            continue
        last = deadlines.due(rule, one.began_on, one.days)
        if (last.day, last.sure) != (one.due_on, one.sure):
            one.due_on, one.sure = last.day, last.sure
            refresh(opened, opened.get_one(CaseFile, one.case_id))
            moved += 1
    return moved


def recount_all(engine: Engine) -> None:
    """Likewise, in a transaction of its own.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(engine) as opened:
        store.write(opened)
        recount(opened)
        opened.commit()
