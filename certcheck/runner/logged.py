"""What the log says of checks: each function writes in a transaction that is open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, select

from certcheck import audit
from certcheck.audit import Who
from certcheck.runner.tables import Check, Job


def _one(check_id: str) -> tuple[str, str]:
    return ("check", check_id)


def accepted(opened: Session, made: Check, sha256: str, revision: str) -> None:
    """A photo came, to be judged by a revision of the registry."""
    who = audit.of_owner(opened, made.owner)
    told = {"photo": sha256, "registry": revision}
    audit.write(opened, who=who, what="check.accepted", about=_one(made.id), detail=told)


def again(opened: Session, made: Check, by: Who | None, *, online: bool) -> None:
    """A photo is judged once more: with other values, or with the laboratory's own record."""
    who = by or audit.of_owner(opened, made.owner)
    what = "record.asked" if online else "check.corrected"
    audit.write(opened, who=who, what=what, about=_one(made.id), detail={"of": made.root})


def done(opened: Session, job: Job) -> None:
    """A job was answered; said of each check that asked for it, with the reports' digest."""
    reports = json.loads(job.reports or "[]")
    told = {
        "reports": digest_of(reports), "ids": [one.get("id") for one in reports],
        "verdicts": [one.get("verdict") for one in reports], "error": job.error,
    }  # fmt: skip
    for name in opened.exec(select(Check.id).where(Check.job_id == job.id).order_by(Check.id)):
        audit.write(opened, who=audit.SERVER, what="check.done", about=_one(name), detail=told)


def digest_of(reports: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of a job's reports, in the form that the log is told in."""
    return hashlib.sha256(audit.canonical(list(reports)).encode()).hexdigest()


def deleted(opened: Session, one: Check, by: Who | None) -> None:
    """Somebody deleted a check, and with it those of the same photo."""
    who = by or audit.of_owner(opened, one.owner)
    audit.write(opened, who=who, what="check.deleted", about=_one(one.id))


def expired(opened: Session, count: int) -> None:
    """The time of some checks was over."""
    if count:
        audit.write(
            opened, who=audit.SERVER, what="checks.expired", about=("work", "sweep"),
            detail={"count": count},
        )  # fmt: skip


def printed(opened: Session, check_id: str, kind: str, lang: str, by: Who | None) -> None:
    """A page of a check was asked for on paper."""
    told = {"page": kind, "lang": lang}
    who = by or audit.VISITOR
    audit.write(opened, who=who, what="report.printed", about=_one(check_id), detail=told)
