"""A photo judged once more: with values that somebody corrected, or the laboratory's own record.

Each is a check of its own beside the first, so that what was found before stays to
be seen; all of them go when the first would have gone, or with any that is deleted.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from certcheck.archive import filing
from certcheck.audit import Who
from certcheck.check import Wish
from certcheck.corrections import Correction
from certcheck.runner import logged
from certcheck.runner.asked import related
from certcheck.runner.tables import Check, Job, Priority, Status
from certcheck.runner.wishes import slot, unpacked
from certcheck.runner.work import Request, Work, new_id
from registry import store


@dc.dataclass(frozen=True, slots=True)
class Step:
    """One check of a photo's history.

    Attributes:
        id: of the check.
        created_at: when it was asked for.
        corrections: what was entered; none for the first.
        online: whether the laboratory's own record was looked up.
        status: of its job.
        reports: its reports, empty until it is done.
    """

    id: str
    created_at: dt.datetime
    corrections: tuple[Correction, ...]
    status: Status
    reports: tuple[Mapping[str, Any], ...]
    online: bool = False


def entered(work: Work, check_id: str) -> tuple[Correction, ...] | None:
    """The corrections that a check was made with; None where it is unknown or over.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        found = _found(opened, work, check_id)
        return unpacked(found[1].wish).corrections if found else None


def check_again(
    work: Work,
    check_id: str,
    corrections: Iterable[Correction],
    revision: str,
    by: Who | None = None,
) -> str | None:
    """Asks for the photo of a check to be judged with other corrections.

    Args:
        work: the store.
        check_id: any check of the photo.
        corrections: all that hold from now on, not only the new ones.
        revision: of the registry as it is now.
        by: who asks; whoever owns the check, where nothing is said.

    Returns:
        The new check's id; None where the check is unknown or its time is over.

    Raises:
        QueueFullError: too many wait.
        DatabaseUnreachableError: the database does not answer.
    """
    entered_now = tuple(corrections)
    return _again(
        work, check_id, lambda wish: dc.replace(wish, corrections=entered_now), revision, by
    )


def look_up(work: Work, check_id: str, revision: str, by: Who | None = None) -> str | None:
    """Asks for the laboratory's own record of what a photo shows; see `check_again`.

    Args:
        work: the store.
        check_id: any check of the photo, whose corrections hold.
        revision: of the registry as it is now.
        by: who asks; whoever owns the check, where nothing is said.

    Raises:
        QueueFullError: too many wait.
        DatabaseUnreachableError: the database does not answer.
    """
    return _again(
        work, check_id, lambda wish: dc.replace(wish, online=True), revision, by, online=True
    )


def _again(
    work: Work, check_id: str, to: Callable[[Wish], Wish], revision: str, by: Who | None, *,
    online: bool = False,
) -> str | None:  # fmt: skip
    """Asks for the photo of a check to be judged in another way."""
    with store.session(work.engine) as opened:
        store.write(opened)
        found = _found(opened, work, check_id)
        if found is None:
            return None
        one, job = found
        wish = to(unpacked(job.wish))
        request = Request(
            one.name, wish, revision, Priority.PERSON, one.owner, slot=slot(wish, work.clock())
        )
        again = work.job(opened, job.sha256, job.size, request)
        assert again.id is not None  # noqa: S101 - it was flushed
        made = Check(
            id=new_id(), job_id=again.id, name=one.name, owner=one.owner,
            created_at=work.clock(), expires_at=one.expires_at, root=one.root or one.id,
        )  # fmt: skip
        opened.add(made)
        logged.again(opened, made, by, online=online)
        filing.asked(opened, made)
        opened.commit()
        made_id = made.id
    work.rung()
    return made_id


def history(work: Work, check_id: str) -> tuple[Step, ...]:
    """All checks of a photo that somebody sent, the first first; none where it is unknown.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        found = _found(opened, work, check_id)
        if found is None:
            return ()
        wanted = select(Check, Job).join(Job).where(related(found[0]))
        rows = opened.exec(wanted.order_by(col(Check.created_at), col(Check.id))).all()
        # The first may have been asked for once more; it stays the first.
        rows = sorted(rows, key=lambda row: row[0].root is not None)
        return tuple(_step(one, job) for one, job in rows)


def _step(one: Check, job: Job) -> Step:
    wish = unpacked(job.wish)
    reports = tuple(json.loads(job.reports or "[]"))
    status = Status(job.status)
    return Step(one.id, one.created_at, wish.corrections, status, reports, online=wish.online)


def _found(opened: Session, work: Work, check_id: str) -> tuple[Check, Job] | None:
    found = opened.exec(select(Check, Job).join(Job).where(Check.id == check_id)).first()
    return None if found is None or found[0].expires_at <= work.clock() else (found[0], found[1])
