"""Jobs as those see them who do the work: taken, answered, given back.

A job is counted as taken before anybody touches it, so that what a crash leaves behind is
known for what it is. Whoever takes it holds a claim, without which nothing is written down: a
worker that was taken for dead, and was not, finds that its job is somebody else's.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import io
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, true, update
from sqlmodel import Session, col, select

from certcheck import check
from certcheck.archive import filing
from certcheck.check import Wish
from certcheck.errors import CertcheckError, PhotoSetAsideError, explain
from certcheck.runner import logged, named, readings, unreadable
from certcheck.runner.errors import PhotoUnreadableError
from certcheck.runner.tables import Job, Picture, Recorded, Status
from certcheck.runner.wishes import unpacked
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Revision

# A photo that ended so many processes ends the next one too.
MOST_DEATHS = 3
# Servers are stopped for many reasons, hardly ever for one photo.
MOST_INTERRUPTIONS = 10
# A file that cannot be read while others can is tried over ten minutes: somebody may see to it.
MOST_UNREADABLE = 8
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=5), dt.timedelta(minutes=5)
# Who takes jobs, where it is the server itself.
SERVER = "server"
_CLAIM_BYTES = 8


@dc.dataclass(frozen=True, slots=True)
class Taken:
    """A job that is being done.

    Attributes:
        id: of the job.
        sha256: of the photo.
        wish: how to check.
        seconds: it had waited.
        kept: SHA-256 of what was read of the photo before, packed, or None.
        keep: whether what is read is to be kept.
        request_id: of the request that it was queued by, or None.
        claim: by which it is ours.
    """

    id: int
    sha256: str
    wish: Wish
    seconds: float
    kept: str | None = None
    keep: bool = False
    request_id: str | None = None
    claim: str | None = None


@dc.dataclass(frozen=True, slots=True)
class Done:
    """What came of a job.

    Attributes:
        reports: one a certificate, as the contract has them.
        pictures: page to JPEG, small, upright and made by us.
        details: likewise, larger, where the photo has more to show.
        reading: what was read, packed (`ocr.kept`), or None.
        records: what laboratories' sites sent, for evidence.
    """

    reports: Sequence[Mapping[str, Any]]
    pictures: Mapping[int, bytes] = dc.field(default_factory=dict)
    details: Mapping[int, bytes] = dc.field(default_factory=dict)
    reading: bytes | None = None
    records: Sequence[bytes] = ()

    @property
    def error(self) -> str | None:
        """The code of why nothing could be checked, or None."""
        error = self.reports[0]["error"] if self.reports else None
        return str(error["code"]) if error else None


class Queue:
    """The jobs of a work store.

    What is done with a job is asked for by its claim; without one, by whoever knows that nobody
    else has it.

    Args:
        work: the store.
        worker: who takes jobs: the id of a `Worker`.
    """

    def __init__(self, work: Work, worker: str = SERVER) -> None:
        self._work, self._worker = work, worker
        # Claims that nobody holds, with their jobs, which may run by the record; see `recall`.
        self._nobodys: dict[str, int] = {}

    def take(self, most: int) -> list[Taken]:
        """The next jobs, now running.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        self.recall()
        given: dict[str, int] = {}
        try:
            return self._take(most, given)
        except BaseException:  # what is not answered may be written down all the same
            self._nobodys.update(given)
            raise

    def _take(self, most: int, given: dict[str, int]) -> list[Taken]:
        moment = self._work.clock()
        with store.session(self._work.engine) as opened:
            store.write(opened)
            first = (
                select(Job)
                .where(Job.status == Status.QUEUED, _due(moment))
                .order_by(col(Job.priority), col(Job.id))
                .limit(most)
            )
            jobs = opened.exec(first.with_for_update(skip_locked=True)).all()
            for job in jobs:
                job.status, job.started_at = Status.RUNNING, moment
                job.claim = f"{self._worker}.{secrets.token_hex(_CLAIM_BYTES)}"
                opened.add(job)
            taken = [_taken(opened, job, moment) for job in jobs]
            given.update((one.claim, one.id) for one in taken if one.claim)
            opened.commit()
        return taken

    def let_go(self, taken: Iterable[Taken]) -> None:
        """Nobody does these after all; `recall` gives them back, as soon as that can be done."""
        self._nobodys.update((one.claim, one.id) for one in taken if one.claim)

    def recall(self) -> None:
        """Gives back what runs by the record and nobody has; nothing is counted.

        That is what was let go, and what a database that died had taken down and not answered.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        nobodys = dict(self._nobodys)
        if not nobodys:
            return
        rows = select(Job).where(col(Job.id).in_(nobodys.values()))
        with store.session(self._work.engine) as opened:
            store.write(opened)
            # One that is still being taken down can be locked by nobody else: looked at later.
            free = opened.exec(rows.with_for_update(skip_locked=True)).all()
            later = {one.id for one in opened.exec(rows)} - {one.id for one in free}
            for job in free:
                if job.claim in nobodys:
                    job.status, job.claim = Status.QUEUED, None
                    opened.add(job)
            opened.commit()
        for claim, job_id in nobodys.items():
            if job_id not in later:
                self._nobodys.pop(claim, None)

    def finish(self, job_id: int, done: Done, claim: str | None = None) -> bool:
        """Writes an answer down, pictures first; whether it counted.

        It does not where the job is gone, or somebody else's.

        Raises:
            StorageError: the disk is full or gone.
            DatabaseUnreachableError: the database does not answer.
        """
        pages = {page: self._put(jpeg) for page, jpeg in done.pictures.items()}
        details = {page: self._put(jpeg) for page, jpeg in done.details.items()}
        reading = self._put(done.reading) if done.reading else None
        records = {self._put(data) for data in done.records}
        with store.session(self._work.engine) as opened:
            store.write(opened)
            job = _held(opened, job_id, claim)
            # Done already where an earlier try was committed and its answer lost on the way.
            if job is None or job.status != Status.RUNNING:
                return False
            job.status, job.done_at, job.claim = Status.DONE, self._work.clock(), None
            job.reports = json.dumps(list(done.reports), ensure_ascii=False)
            job.error = done.error
            job.reading = reading
            opened.add(job)
            opened.exec(delete(Picture).where(col(Picture.job_id) == job_id))
            opened.add_all(
                Picture(job_id=job_id, page=page, sha256=sha256, detail=details.get(page))
                for page, sha256 in pages.items()
            )
            opened.exec(delete(Recorded).where(col(Recorded.job_id) == job_id))
            opened.add_all(Recorded(job_id=job_id, sha256=sha256) for sha256 in records)
            logged.done(opened, job)
            named.put(opened, job)
            filing.done(opened, job)
            opened.commit()
        return True

    def _put(self, data: bytes) -> str:
        return self._work.blobs.put(io.BytesIO(data))[0]

    def died(self, job_id: int, revision: Revision, claim: str | None = None) -> bool:
        """A process died over a job: tried again, or set aside; whether it was set aside.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        return self._broken_off(job_id, revision, claim, "deaths", MOST_DEATHS)

    def alone(self, sha256: str) -> bool:
        """Whether a photo cannot be read, and others can; see `unreadable.alone`.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        return unreadable.alone(self._work, [sha256])

    def unreadable(self, job_id: int, revision: Revision, claim: str | None = None) -> bool:
        """A job whose photo alone cannot be read: tried later, each time more so; see `died`.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        most, why = MOST_UNREADABLE, PhotoUnreadableError()
        return self._broken_off(job_id, revision, claim, "unreadable", most, why)

    def give_back(self, job_id: int, revision: Revision, claim: str | None = None) -> bool:
        """A job was broken off for no fault of its own, as far as is known; see `died`.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        most = MOST_INTERRUPTIONS
        return self._broken_off(job_id, revision, claim, "interruptions", most)

    def postpone(self, job_id: int, claim: str | None = None) -> None:
        """A job waits for what is not the photo's; nothing is counted.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        ours = true() if claim is None else col(Job.claim) == claim
        self._requeue((col(Job.id) == job_id) & ours)

    def left_behind(self) -> list[int]:
        """Jobs that run by the record; none does when nobody else takes any.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            return [one for one in opened.exec(select(Job.id).where(_running())) if one]

    def held(self) -> list[tuple[int, str]]:
        """Jobs that run, with their claims; "" for one that runs without.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            rows = opened.exec(select(Job.id, Job.claim).where(_running())).all()
        return [(one, claim or "") for one, claim in rows if one is not None]

    def waiting(self) -> int:
        """Jobs that wait and may be taken now.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        due = _due(self._work.clock())
        wanted = select(func.count()).select_from(Job).where(Job.status == Status.QUEUED, due)
        with store.session(self._work.engine) as opened:
            return opened.exec(wanted).one()

    def stop(self) -> None:
        """Everything that runs is queued again, as if it had never begun.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        self._requeue(true())

    def _requeue(self, which: ColumnElement[bool]) -> None:
        with store.session(self._work.engine) as opened:
            store.write(opened)
            back = update(Job).where(_running(), which)
            opened.exec(back.values(status=Status.QUEUED, claim=None))
            opened.commit()

    def _broken_off(
        self, job_id: int, revision: Revision, claim: str | None, count: str, most: int,
        why: CertcheckError | None = None,
    ) -> bool:  # fmt: skip
        with store.session(self._work.engine) as opened:
            store.write(opened)
            job = _held(opened, job_id, claim)
            if job is None or job.status != Status.RUNNING:
                return False
            setattr(job, count, getattr(job, count) + 1)
            job.status, job.claim = Status.QUEUED, None
            if count == "unreadable":
                wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (job.unreadable - 1))
                job.not_before = self._work.clock() + wait
            aside = bool(getattr(job, count) >= most)
            if aside:
                wish, why = unpacked(job.wish), why or PhotoSetAsideError()
                done = failed(job.sha256, revision, wish, why)
                job.status, job.done_at = Status.DONE, self._work.clock()
                job.reports, job.error = json.dumps(list(done.reports)), done.error
                logged.done(opened, job)
                named.put(opened, job)
            opened.add(job)
            if aside:
                filing.done(opened, job)
            opened.commit()
        return aside


def failed(sha256: str, revision: Revision, wish: Wish, error: CertcheckError) -> Done:
    """The answer to a photo that could not be checked."""
    report = check.failed("", sha256, revision, wish, explain(error))
    return Done([report.to_json()])


def _taken(opened: Session, job: Job, moment: dt.datetime) -> Taken:
    assert job.id is not None  # noqa: S101 - it was read from the table
    wish = unpacked(job.wish)
    # Else the photo is read as it is: the pictures are wanted too.
    again = bool(wish.corrections) or wish.online
    kept = readings.kept(opened, job.sha256, wish.engine) if again else None
    waited = max(0.0, (moment - job.queued_at).total_seconds())
    keep = readings.worth_keeping(job)
    return Taken(job.id, job.sha256, wish, waited, kept, keep, job.request_id, job.claim)


def _held(opened: Session, job_id: int, claim: str | None) -> Job | None:
    """A job, kept from others until the transaction ends; None where the claim is over."""
    wanted = select(Job).where(Job.id == job_id)
    if claim is not None:
        wanted = wanted.where(Job.claim == claim)
    return opened.exec(wanted.with_for_update()).first()


def _due(moment: dt.datetime) -> ColumnElement[bool]:
    """What need not wait any longer; nor does it for a clock that was set back meanwhile."""
    at = col(Job.not_before)
    return at.is_(None) | (at <= moment) | (at > moment + LONGEST_WAIT)


def _running() -> ColumnElement[bool]:
    return col(Job.status) == Status.RUNNING
