"""Somebody's own checks, the newest first."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import json
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from certcheck.runner.tables import BatchItem, Check, Job, Status
from certcheck.runner.work import Work
from registry import store

PAGE = 50


@dc.dataclass(frozen=True, slots=True)
class Line:
    """One check.

    Attributes:
        id: of the check.
        name: of the thing, where it came with a batch; else of the file.
        status: of its job.
        created_at: when the photo came.
        expires_at: when all of it is deleted.
        verdict: the report's, of the first certificate; `error` where it has one, "" until done.
        laboratory: as registered, or as printed where it is abroad, "" where none was found.
        number: the certificate's, as read, or "".
        more: further certificates on the photo.
        corrected: whether values were corrected by hand.
    """

    id: str
    name: str
    status: Status
    created_at: dt.datetime
    expires_at: dt.datetime
    verdict: str
    laboratory: str
    number: str
    more: int
    corrected: bool


def history(work: Work, owner: str, page: int = 1) -> tuple[list[Line], int]:
    """A page of somebody's checks whose time is not over, and how many there are in all.

    Args:
        work: the store.
        owner: see `tables.Check`.
        page: from 1; each has `PAGE` lines.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    mine = (Check.owner == owner, col(Check.expires_at) > work.clock())
    # The page first, by the index alone: reports are large, and those of the pages before are
    # nobody's business.
    order = (col(Check.created_at).desc(), col(Check.id))
    some = select(Check).where(*mine).order_by(*order).offset((page - 1) * PAGE).limit(PAGE)
    with store.session(work.engine) as opened:
        total = opened.exec(select(func.count()).select_from(Check).where(*mine)).one()
        checks = opened.exec(some).all()
        numbers = [one.job_id for one in checks]
        wanted = select(Job.id, Job.status, Job.reports).where(col(Job.id).in_(numbers))
        jobs = {number: (status, told) for number, status, told in opened.exec(wanted)}
        roots = [one.root or one.id for one in checks]
        named = select(BatchItem.check_id, BatchItem.name).where(col(BatchItem.check_id).in_(roots))
        names = dict(opened.exec(named).all())
    return [
        _line(one, *jobs[one.job_id], names.get(one.root or one.id))
        for one in checks
        if one.job_id in jobs
    ], total


def _line(check: Check, status: str, reports: str | None, thing: str | None) -> Line:
    told: list[dict[str, Any]] = json.loads(reports) if reports else []
    first = told[0] if told else {}
    return Line(
        id=check.id,
        name=thing or check.name,
        status=Status(status),
        created_at=check.created_at,
        expires_at=check.expires_at,
        verdict="error" if first.get("error") else str(first.get("verdict") or ""),
        laboratory=_laboratory(first),
        number=str(first.get("fields", {}).get("certificate_no", {}).get("value", "")),
        more=max(0, len(told) - 1),
        corrected=check.root is not None,
    )


def _laboratory(report: dict[str, Any]) -> str:
    found = report.get("lab") or report.get("foreign_lab") or {}
    return str(found.get("name", ""))
