"""Which job made a report: found by the report's id, in a table of its own.

Reports lie in their jobs as JSON, which no index looks into. Each function works in a transaction
that is open.
"""

from __future__ import annotations

import datetime as dt
import json

from sqlalchemy import delete
from sqlmodel import Session, col, select

from certcheck.runner.tables import Check, Job, ReportName


def put(opened: Session, job: Job) -> None:
    """Writes down what the reports of a job are called, in the place of those it had before.

    Args:
        opened: in a transaction that writes; nothing is committed.
        job: is answered.
    """
    assert job.id is not None  # noqa: S101 - it was read from the table
    names = {str(one.get("id") or "") for one in json.loads(job.reports or "[]")} - {""}
    opened.exec(delete(ReportName).where(col(ReportName.job_id) == job.id))
    opened.add_all(ReportName(report_id=one, job_id=job.id) for one in sorted(names))


def check_of(opened: Session, report_id: str, now: dt.datetime) -> Check | None:
    """The first check that was answered with a report; None where there is none any more.

    Args:
        opened: the session.
        report_id: of the report.
        now: what expires before is gone.
    """
    jobs = select(ReportName.job_id).where(ReportName.report_id == report_id)
    wanted = select(Check).where(col(Check.job_id).in_(jobs), col(Check.expires_at) > now)
    return opened.exec(wanted.order_by(col(Check.created_at), col(Check.id)).limit(1)).first()
