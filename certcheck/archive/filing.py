"""A check put in the archive: one row a certificate, and its entries in the index.

Filed are checks of inspectors, and any check that a case holds. What a later check of the same
photo found, with corrected values or the laboratory's own record, is written over what was there:
one certificate counts once. Everything happens in the caller's transaction.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from certcheck.accounts.roles import INSPECTING
from certcheck.accounts.tables import Account
from certcheck.archive import index, words
from certcheck.archive.index import Findable
from certcheck.archive.tables import ITEMS, LONGEST, Archived, Kind
from certcheck.inspections.tables import Assigned
from certcheck.market.tables import Circumstances
from certcheck.runner.asked import related
from certcheck.runner.tables import BatchItem, Check, Job, Status
from certcheck.runner.wishes import unpacked
from registry.days import CHINA

# Owners of checks who are people; others are ids of clients.
PERSONS = "person:"
ERROR = "error"
# When a check is deleted that a case holds: later than anything, and early enough for any
# calendar's arithmetic.
FOREVER = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
# What is at fault, or may be.
FAULTS = frozenset({"inconsistent", "suspected"})


def done(opened: Session, job: Job) -> None:
    """Files all checks that a job answered, those that are to be filed.

    Args:
        opened: in a transaction that writes; nothing is committed.
        job: is done.
    """
    for check in opened.exec(select(Check).where(Check.job_id == job.id)).all():
        asked(opened, check)


def asked(opened: Session, check: Check) -> None:
    """Files a check where it is to be filed and its job is done; else nothing."""
    root = check.root or check.id
    if check.expires_at >= FOREVER or inspector(opened, check.owner) is not None:
        file(opened, root)


def inspector(opened: Session, owner: str | None) -> Account | None:
    """Who a check is of, where that is a person whose checks are kept; else None."""
    if owner is None or not owner.startswith(PERSONS):
        return None
    found = opened.get(Account, owner.removeprefix(PERSONS))
    return found if found is not None and found.role in INSPECTING else None


def file(opened: Session, root: str) -> int:
    """Files a check whoever asked for it; returns how many certificates there are of it.

    Args:
        opened: in a transaction that writes; nothing is committed.
        root: the check that a photo came with.
    """
    first = opened.exec(select(Check).where(Check.id == root).with_for_update()).first()
    judged = _judged(opened, first) if first else None
    if first is None or judged is None:
        return 0
    check, job = judged
    before = {
        (row.page, row.part): row
        for row in opened.exec(select(Archived).where(Archived.root == root)).all()
    }
    told = _of_check(opened, first, check, job)
    reports: list[Mapping[str, Any]] = json.loads(job.reports or "[]")
    rows = [_row(before, told, report) for report in reports]
    opened.add_all(rows)
    opened.flush()
    for row in rows:
        _enter(opened, row)
    kept = {row.id for row in rows}
    forget_rows(opened, [row for row in before.values() if row.id not in kept])
    return len(rows)


def again(opened: Session, roots: Iterable[str]) -> None:
    """Files anew what is filed already, as something about it has changed."""
    for root in roots:
        if _any(opened, Archived.root == root):
            file(opened, root)


def forget(opened: Session, checks: Sequence[str]) -> None:
    """Takes checks out of the archive that are being deleted.

    Args:
        opened: in a transaction that writes; nothing is committed.
        checks: ids; those of corrected values go with the first.
    """
    for at in range(0, len(checks), _AT_ONCE):
        some = checks[at : at + _AT_ONCE]
        forget_rows(opened, opened.exec(select(Archived).where(col(Archived.root).in_(some))).all())


def forget_rows(opened: Session, rows: Sequence[Archived]) -> None:
    """Takes rows away, and names that only they had."""
    if not rows:
        return
    index.drop(opened, Kind.CERTIFICATE, [str(row.id) for row in rows])
    opened.exec(delete(Archived).where(col(Archived.id).in_([row.id for row in rows])))
    for market, stall in {place for row in rows for place in stalls(row)}:
        same = (Archived.market == market, *([Archived.stall == stall] if stall else []))
        if not _any(opened, *same):
            index.drop(opened, Kind.STALL, [stall_ref(market, stall)])
    for lab, name in {(lab_key(row), row.signatory) for row in rows if row.signatory}:
        same = (Archived.signatory == name, (Archived.lab_id == lab) | (Archived.lab == lab))
        if not _any(opened, *same):
            ref = signatory_ref(lab, name)
            # One that the registry names has a digest.
            index.drop(opened, Kind.SIGNATORY, [ref], only="")


def lab_key(row: Archived) -> str:
    """What names a row's laboratory: its id, else its name as printed."""
    return row.lab_id or row.lab


def stalls(row: Archived) -> list[tuple[str, str]]:
    """What a row says of where it was: the market by itself, and the stall in it."""
    return [one for one in dict.fromkeys([(row.market, ""), (row.market, row.stall)]) if any(one)]


def stall_ref(market: str, stall: str) -> str:
    """What names a stall in the index."""
    return f"{market}\t{stall}"


def signatory_ref(lab: str, name: str) -> str:
    """What names a signatory of a laboratory in the index."""
    return f"{lab}\t{name}"


def findable(row: Archived) -> Findable:
    """The entry of a certificate, whose row has its id."""
    return Findable(
        kind=Kind.CERTIFICATE,
        ref=str(row.id),
        texts=(
            row.number, row.lab, row.signatory, row.conclusion, row.market, row.stall, row.note
        ),
        names=(row.number, row.root),
        properties={
            "verdict": (row.verdict,),
            "item": [str(n) for n, one in zip(ITEMS, row.items, strict=True) if one in FAULTS],
            "lab": (lab_key(row),),
            "market": (row.market,),
            "stall": (stall_ref(row.market, row.stall) if row.stall else "",),
            "signatory": (signatory_ref(lab_key(row), row.signatory) if row.signatory else "",),
            "who": (row.owner or "",),
            "inspection": (row.inspection or "",),
        },
        day=row.day,
    )  # fmt: skip


def findable_stall(market: str, stall: str) -> Findable:
    """The entry of a stall, or of a market where no stall was said."""
    return Findable(
        Kind.STALL, stall_ref(market, stall), (market, stall), (stall or market,),
        {"market": (market,)}, title=stall or market, line=market if stall else "",
    )  # fmt: skip


def findable_signatory(lab: str, shown: str, name: str) -> Findable:
    """The entry of a signatory who stands on a certificate.

    Args:
        lab: see `lab_key`.
        shown: the laboratory's name.
        name: of the signatory.
    """
    return Findable(
        Kind.SIGNATORY, signatory_ref(lab, name), (name, shown), (name,), {"lab": (lab,)},
        title=name, line=shown,
    )  # fmt: skip


_AT_ONCE = 500


def _judged(opened: Session, first: Check) -> tuple[Check, Job] | None:
    """The latest check of a photo that could be judged; else the first, once it is done."""
    wanted = (
        select(Check, Job)
        .join(Job)
        .where(related(first), Job.status == Status.DONE)
        .order_by(col(Job.error).isnot(None), col(Check.created_at).desc(), col(Check.id).desc())
    )
    return opened.exec(wanted.limit(1)).first()


def _of_check(opened: Session, first: Check, check: Check, job: Job) -> dict[str, Any]:
    """What all certificates of a check have in common."""
    person = inspector(opened, first.owner)
    wish = unpacked(job.wish)
    place, assigned = opened.get(Circumstances, first.id), opened.get(Assigned, first.id)
    # A phone's clock may be wrong, but not so that it photographs what it sent already.
    seen_at = min(place.captured_at, first.created_at) if place else first.created_at
    batch = select(BatchItem.batch_id).where(BatchItem.check_id == first.id)
    return {
        "root": first.id, "check_id": check.id, "owner": first.owner,
        "who": person.name if person else "",
        "checked_at": job.done_at or check.created_at,
        "day": seen_at.astimezone(CHINA).date(),
        "batch": opened.exec(batch).first(),
        "corrected": bool(wish.corrections), "online": wish.online,
        "held": first.expires_at >= FOREVER,
        "market": place.market if place else "", "stall": place.stall if place else "",
        "note": place.note if place else "",
        "inspection": assigned.inspection_id if assigned else None,
    }  # fmt: skip


def _row(
    before: Mapping[tuple[int, int], Archived], told: Mapping[str, Any], report: Mapping[str, Any]
) -> Archived:
    """The row of one certificate, or the one that stands there with its new values."""
    photo = report["photo"]
    page, part = photo.get("page", 1), photo.get("part", 1)
    values = {**told, **of_report(report), "page": page, "part": part}
    row = before.get((page, part))
    if row is None:
        return Archived(**values)
    for name, value in values.items():
        setattr(row, name, value)
    return row


def of_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a report says, as columns of `Archived`."""
    lab = report.get("lab") or {}
    foreign = report.get("foreign_lab") or {}
    number = field(report, "certificate_no")
    judged = report.get("judged_on")
    statuses = {one["item"]: str(one["status"]) for one in report.get("items", ())}
    failed = report.get("error") is not None
    return {
        "number": number,
        "number_key": words.plain(number),
        "lab_id": str(lab.get("lab_id", "")),
        "lab": str(lab.get("name") or foreign.get("name") or field(report, "lab_name"))[:LONGEST],
        "signatory": field(report, "approver"),
        "conclusion": field(report, "conclusion"),
        "verdict": ERROR if failed else str(report.get("verdict", ERROR)),
        "judged_on": dt.date.fromisoformat(judged) if judged else None,
        **{f"item{number}": "" if failed else statuses.get(number, "") for number in ITEMS},
    }


def field(report: Mapping[str, Any], name: str) -> str:
    """A field's value as one text, "" where it was not read."""
    value = report.get("fields", {}).get(name, {}).get("value", "")
    return (value if isinstance(value, str) else " ".join(value))[:LONGEST]


def _enter(opened: Session, row: Archived) -> None:
    """Writes what finds a row: itself, its stall and its signatory."""
    index.put(opened, findable(row))
    for market, stall in stalls(row):
        index.add(opened, findable_stall(market, stall))
    if row.signatory:
        index.add(opened, findable_signatory(lab_key(row), row.lab, row.signatory))


def _any(opened: Session, *which: Any) -> bool:
    return opened.exec(select(Archived.id).where(*which).limit(1)).first() is not None
