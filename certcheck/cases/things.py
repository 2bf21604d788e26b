"""What a case is about, as it is told where the case is shown: checks and observations."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from certcheck.archive import keeping
from certcheck.cases.errors import CaseNeedsError
from certcheck.cases.tables import CaseFile, CaseThing
from certcheck.runner.asked import related
from certcheck.runner.settings import Settings
from certcheck.runner.tables import Check, Job
from certcheck.seen.observations import Observation

CHECK, OBSERVATION = "check", "observation"
# Statuses that are a sign of a fault, the heavier first.
_AT_FAULT = ("inconsistent", "suspected")
# Checks of one case; more are an inspection of their own.
MOST = 200


def of_check(opened: Session, check_id: str) -> dict[str, Any]:
    """What a check says, one entry a certificate; see `told_of`.

    Raises:
        CaseNeedsError: there is no such check.
    """
    found = opened.exec(select(Check, Job).join(Job).where(Check.id == check_id)).first()
    if found is None:
        raise CaseNeedsError(what="check")
    check, job = found
    reports = json.loads(job.reports) if job.reports else []
    return {
        "name": check.name, "sha256": job.sha256, "parts": [told_of(one) for one in reports]
    }  # fmt: skip


def told_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a report says in a few words: number, laboratory, verdict, items at fault."""
    lab = report.get("lab") or {}
    printed = report.get("fields", {})
    name = lab.get("name") or (report.get("foreign_lab") or {}).get("name")
    at_fault = {
        status: [one["item"] for one in report.get("items") or () if one["status"] == status]
        for status in _AT_FAULT
    }
    return {
        "day": str(printed.get("issue_date", {}).get("value", "")),
        "number": str(printed.get("certificate_no", {}).get("value", "")),
        "lab": str(name or printed.get("lab_name", {}).get("value", "")),
        "lab_id": lab.get("lab_id"),
        "verdict": "error" if report.get("error") else str(report.get("verdict") or ""),
        **at_fault,
    }


def of_observation(one: Observation) -> dict[str, Any]:
    """What was observed, with the digest of what bears it out."""
    return {
        "lab": one.lab, "kind": str(one.kind), "on": one.observed_on.isoformat(),
        "source": one.source, "told_by": one.told_by, "evidence": one.evidence,
        "price": None if one.price is None else str(one.price),
        "instruments": one.instruments, "people": one.people, "issued": one.issued,
    }  # fmt: skip


def ref_of(one: Observation) -> str:
    """Names an observation: its book has no name for it that would stay."""
    told = json.dumps(of_observation(one), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def parts(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The certificates of a thing; one of an observation."""
    found: Sequence[Mapping[str, Any]] = told.get("parts", [told])
    return found


def at_fault(some: Iterable[Mapping[str, Any]]) -> list[int]:
    """Items that certificates were found at fault in, those that disagree first, each once."""
    every = list(some)
    items = (
        item for status in _AT_FAULT
        for one in every for part in parts(one) for item in part.get(status, ())
    )  # fmt: skip
    return list(dict.fromkeys(items))


def add(
    opened: Session,
    case_id: int,
    kind: str,
    ref: str,
    told: Mapping[str, Any],
    by: str,
    moment: dt.datetime,
) -> bool:
    """Adds one to a case; whether it was not there before."""  # fmt: skip
    if opened.get(CaseThing, (case_id, kind, ref)) is not None:
        return False
    opened.add(
        CaseThing(
            case_id=case_id, kind=kind, ref=ref, told=json.dumps(told, ensure_ascii=False),
            added_at=moment, added_by=by,
        )
    )  # fmt: skip
    return True


def refs(opened: Session, case_id: int) -> set[tuple[str, str]]:
    """What a case is about: kind and what names it."""
    wanted = select(CaseThing.kind, CaseThing.ref).where(CaseThing.case_id == case_id)
    return set(opened.exec(wanted).all())


def remove(
    opened: Session, case_id: int, check_id: str, settings: Settings, moment: dt.datetime
) -> None:
    """Takes a check out of a case; one that no other holds is kept as if it were asked for now."""
    opened.exec(
        delete(CaseThing).where(
            col(CaseThing.case_id) == case_id, col(CaseThing.kind) == CHECK,
            col(CaseThing.ref) == check_id,
        )
    )  # fmt: skip
    check = opened.get(Check, check_id)
    if check is None:
        return
    # Another case may hold it by a check of the same photo with corrected values.
    photo = opened.exec(select(Check.id).where(related(check))).all()
    if not cases_of(opened, photo):
        until = keeping.until(opened, settings, check.owner, moment)
        keeping.let_go(opened, check_id, until)


def hold(opened: Session, check_id: str) -> None:
    """Keeps a check with all of its photo as long as a case is about it."""
    keeping.hold(opened, check_id)


def cases_of(opened: Session, refs: Sequence[str]) -> list[CaseFile]:
    """Cases that are about any of some checks, the newest first."""
    about = select(CaseThing.case_id).where(col(CaseThing.ref).in_(refs))
    wanted = select(CaseFile).where(col(CaseFile.id).in_(about))
    return list(opened.exec(wanted.order_by(col(CaseFile.id).desc()).limit(MOST)).all())
