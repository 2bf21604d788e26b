"""What there is about a check: from the work store, or kept of one made on the command line."""

from __future__ import annotations

import dataclasses as dc
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from certcheck import corrections
from certcheck.cases.tables import CaseComplaint, CaseDeadline, CaseFile, CaseThing
from certcheck.evidence.errors import CheckOpenError, CheckUnknownError
from certcheck.evidence.keep import Keeper
from certcheck.market import circumstances
from certcheck.record import keep as records
from certcheck.runner import again, logged, named
from certcheck.runner.again import Step
from certcheck.runner.blobs import Stored
from certcheck.runner.tables import Check, Job, Picture, Recorded, Status
from certcheck.runner.work import Work
from registry import store

JSON = Mapping[str, Any]


@dc.dataclass(frozen=True, slots=True)
class Held:
    """All of one check.

    Attributes:
        id: of the check that its photo came with; of the report where there is no such check.
        steps: each time that it was judged: what asked for it, and its reports.
        photos: SHA-256 of each photo that came, the one that was judged first, to its file.
        records: likewise of what laboratories' sites sent.
        pictures: page of the photo to a picture of it, for the report on paper.
        circumstances: where and when it was photographed, or None.
        cases: those that it belongs to.
        things: what the log may speak of.
    """

    id: str
    steps: Sequence[JSON]
    photos: Mapping[str, Path]
    records: Mapping[str, Path] = dc.field(default_factory=dict)
    pictures: Mapping[int, Path] = dc.field(default_factory=dict)
    circumstances: JSON | None = None
    cases: Sequence[JSON] = ()
    things: Sequence[tuple[str, str]] = ()

    @property
    def reports(self) -> Sequence[JSON]:
        """Those of the last judgement that was made."""
        found: Sequence[JSON] = self.steps[-1]["reports"]
        return found


def find(name: str, work: Work | None, keeper: Keeper | None) -> Held:
    """What there is about a check.

    Args:
        name: the id of a check, or of a report.
        work: where checks of the pages and of programs are, or None.
        keeper: where those of the command line are, or None.

    Raises:
        CheckUnknownError: nothing is kept under that id.
        CheckOpenError: it has no report yet.
        DatabaseUnreachableError: the database does not answer.
    """
    if work is not None:
        with store.session(work.engine) as opened:
            found = opened.get(Check, name)
            if found is not None and found.expires_at > work.clock():
                return _of_work(work, opened, found)
    kept = keeper.find(name) if keeper else None
    if kept is not None:
        step = {"id": name, "made_at": kept.at, "user": kept.user, "reports": [kept.report]}
        digest = str(kept.report["photo"]["sha256"])
        things = [("report", name)]
        return Held(name, [step], {digest: kept.photo}, _kept_records([kept.report]), things=things)
    if work is not None:
        with store.session(work.engine) as opened:
            one = named.check_of(opened, name, work.clock())
            if one is not None:
                return _of_work(work, opened, one)
    raise CheckUnknownError(id=name)


def of_case(opened: Session, case_id: int) -> list[str]:
    """Ids of the checks that a case is about, in the order in which they came to it."""
    wanted = select(CaseThing.ref).where(CaseThing.case_id == case_id, CaseThing.kind == "check")
    return list(opened.exec(wanted.order_by(col(CaseThing.added_at), col(CaseThing.ref))))


def roots(opened: Session, ids: Sequence[str]) -> list[str]:
    """Ids of the checks that photos came with, each once; what is gone is left out."""
    wanted = select(Check.id, func.coalesce(Check.root, Check.id)).where(col(Check.id).in_(ids))
    found = dict(opened.exec(wanted).all())
    return list(dict.fromkeys(found[one] for one in ids if one in found))


def _of_work(work: Work, opened: Session, one: Check) -> Held:
    steps = again.history(work, one.id)
    done = [step for step in steps if step.status is Status.DONE]
    if not done:
        raise CheckOpenError(id=one.id)
    root = one.root or one.id
    jobs = _jobs(opened, [step.id for step in steps])
    told = circumstances.of(opened, one.id)
    photos = {job.sha256: work.blobs.where(job.sha256) for job in jobs.values()}
    if told is not None and told.back:
        photos[told.back] = work.blobs.where(told.back)
    things = [("check", step.id) for step in steps]
    cases = _cases(opened, [step.id for step in steps])
    return Held(
        id=root,
        steps=[_step(step, jobs[step.id], one.name) for step in done],
        photos=photos,
        records=_records(opened, work.blobs, jobs.values()),
        pictures=_pictures(opened, work.blobs, jobs[done[-1].id]),
        circumstances=_row(told) if told else None,
        cases=cases,
        things=[*things, *(("case", str(case["case"]["id"])) for case in cases)],
    )


def _jobs(opened: Session, ids: Sequence[str]) -> dict[str, Job]:
    wanted = select(Check.id, Job).join(Job).where(col(Check.id).in_(ids))
    return dict(opened.exec(wanted).all())


def _step(step: Step, job: Job, name: str) -> JSON:
    """A judgement; the log has the digest of its reports as they are stored, without a name."""
    reports = [{**one, "photo": {**one["photo"], "name": name}} for one in step.reports]
    return {
        "id": step.id,
        "asked_at": step.created_at.isoformat(),
        "made_at": job.done_at.isoformat() if job.done_at else None,
        "corrections": json.loads(corrections.packed(step.corrections)),
        "online": step.online,
        "logged": logged.digest_of(list(step.reports)),
        "reports": reports,
    }


def _records(opened: Session, blobs: Stored, jobs: Any) -> dict[str, Path]:  # noqa: ANN401
    ids = [one.id for one in jobs]
    wanted = select(Recorded.sha256).where(col(Recorded.job_id).in_(ids))
    return {one: blobs.where(one) for one in opened.exec(wanted)}


def _pictures(opened: Session, blobs: Stored, job: Job) -> dict[int, Path]:
    wanted = select(Picture).where(Picture.job_id == job.id)
    return {one.page: blobs.where(one.sha256) for one in opened.exec(wanted)}


def _cases(opened: Session, ids: Sequence[str]) -> list[JSON]:
    """Cases, without who complained: that is nobody's business but who works on them."""
    wanted = select(CaseThing.case_id).where(CaseThing.kind == "check", col(CaseThing.ref).in_(ids))
    found: list[JSON] = []
    for number in sorted(set(opened.exec(wanted))):
        case = opened.get(CaseFile, number)
        if case is None:
            continue
        complaint = opened.get(CaseComplaint, number)
        found.append({
            "case": _row(case),
            "complaint": _row(complaint) if complaint else None,
            "things": _rows(opened, CaseThing, number),
            "deadlines": _rows(opened, CaseDeadline, number),
        })  # fmt: skip
    return found


def _rows(opened: Session, table: Any, number: int) -> list[JSON]:  # noqa: ANN401
    rows = opened.exec(select(table).where(table.case_id == number)).all()
    return sorted(map(_row, rows), key=lambda row: json.dumps(row, sort_keys=True))


def _row(one: SQLModel) -> JSON:
    return one.model_dump(mode="json")


def _kept_records(reports: Sequence[JSON]) -> dict[str, Path]:
    """What was sent to who asked on his own machine, where it is still there."""
    found = {}
    for one in reports:
        digest = ((one.get("record") or {}).get("answer") or {}).get("sha256")
        if digest:
            path = records.folder() / str(digest)[:2] / str(digest)
            if path.is_file():
                found[str(digest)] = path
    return found
