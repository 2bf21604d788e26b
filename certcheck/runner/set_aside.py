"""Photos that were tried as often as they may be: who looks after them sees and retries them."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt

from sqlmodel import col, select

from certcheck import audit
from certcheck.errors import PhotoSetAsideError
from certcheck.runner.errors import PhotoUnreadableError
from certcheck.runner.tables import Check, Job, Status
from certcheck.runner.work import Work, anew
from registry import store

# Errors of the jobs that are.
CODES = (PhotoSetAsideError.code, PhotoUnreadableError.code)


@dc.dataclass(frozen=True, slots=True)
class Aside:
    """A check whose photo was set aside.

    Attributes:
        id: of the check.
        at: when.
        code: of the reason.
        deaths: processes that died over it; else machines stopped, or its file was unreadable.
    """

    id: str
    at: dt.datetime
    code: str
    deaths: int


def listed(work: Work) -> list[Aside]:
    """All that are set aside, the latest last.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    wanted = select(Check.id, Job.done_at, Job.error, Job.deaths).join(Job)
    wanted = wanted.where(Job.status == Status.DONE, col(Job.error).in_(CODES))
    with store.session(work.engine) as opened:
        rows = opened.exec(wanted.order_by(col(Job.done_at), col(Check.id))).all()
    return [Aside(one, at, code, deaths) for one, at, code, deaths in rows if at and code]


def retry(work: Work, check_id: str) -> bool:
    """Puts one back, with all its tries, for every check of the photo; whether it was set aside.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    wanted = select(Job).join(Check).where(Check.id == check_id, col(Job.error).in_(CODES))
    with store.session(work.engine) as opened:
        store.write(opened)
        job = opened.exec(wanted.with_for_update()).first()
        if job is None or job.status != Status.DONE:
            return False
        about = ("check", check_id)
        audit.write(opened, who=audit.COMMAND, what="check.retried", about=about)
        anew(job, work.clock())
        opened.add(job)
        opened.commit()
    work.rung()
    return True
