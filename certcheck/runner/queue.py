"""Jobs as those see them who do the work: taken, answered, given back.

A job is counted as taken before anybody touches it, so that what a crash leaves behind is
known for what it is.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, true, update
from sqlmodel import Session, col, select

from certcheck import check
from certcheck.archive import filing
from certcheck.check import Wish
from certcheck.errors import CertcheckError, PhotoSetAsideError, explain
from certcheck.runner import logged, named, readings
from certcheck.runner.tables import Job, Picture, Recorded, Status
from certcheck.runner.wishes import unpacked
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Revision

# A photo that ended so many processes ends the next one too.
MOST_DEATHS = 3
# Servers are stopped for many reasons, hardly ever for one photo.
MOST_INTERRUPTIONS = 10


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
    """

    id: int
    sha256: str
    wish: Wish
    seconds: float
    kept: str | None = None
    keep: bool = False
    request_id: str | None = None


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
    """The jobs of a work store. One process at a time takes jobs from it.

    Args:
        work: the store.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def take(self, most: int) -> list[Taken]:
        """The next jobs, now running.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        moment = self._work.clock()
        with store.session(self._work.engine) as opened:
            store.write(opened)
            first = (
                select(Job)
                .where(Job.status == Status.QUEUED)
                .order_by(col(Job.priority), col(Job.id))
                .limit(most)
            )
            jobs = opened.exec(first.with_for_update(skip_locked=True)).all()
            for job in jobs:
                job.status, job.started_at = Status.RUNNING, moment
                opened.add(job)
            taken = [_taken(opened, job, moment) for job in jobs]
            opened.commit()
        return taken

    def finish(self, job_id: int, done: Done) -> None:
        """Writes an answer down, pictures first.

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
            job = opened.get(Job, job_id)
            # Done already where an earlier try was committed and its answer lost on the way.
            if job is None or job.status != Status.RUNNING:
                return
            job.status, job.done_at = Status.DONE, self._work.clock()
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

    def _put(self, data: bytes) -> str:
        return self._work.blobs.put(io.BytesIO(data))[0]

    def died(self, job_id: int, revision: Revision) -> bool:
        """A process died over a job: tried again, or set aside; whether it was set aside.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        return self._broken_off(job_id, revision, "deaths", MOST_DEATHS)

    def give_back(self, job_id: int, revision: Revision) -> bool:
        """A job was broken off for no fault of its own, as far as is known; see `died`.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        return self._broken_off(job_id, revision, "interruptions", MOST_INTERRUPTIONS)

    def postpone(self, job_id: int) -> None:
        """A job waits for what is not the photo's; nothing is counted.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        self._requeue(col(Job.id) == job_id)

    def left_behind(self) -> list[int]:
        """Jobs that run by the record; none does when nobody else takes any.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            return [one for one in opened.exec(select(Job.id).where(_running())) if one]

    def stop(self) -> None:
        """Everything that runs is queued again, as if it had never begun.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        self._requeue(true())

    def _requeue(self, which: ColumnElement[bool]) -> None:
        with store.session(self._work.engine) as opened:
            store.write(opened)
            opened.exec(update(Job).where(_running(), which).values(status=Status.QUEUED))
            opened.commit()

    def _broken_off(self, job_id: int, revision: Revision, count: str, most: int) -> bool:
        with store.session(self._work.engine) as opened:
            store.write(opened)
            job = opened.get(Job, job_id)
            if job is None or job.status != Status.RUNNING:
                return False
            setattr(job, count, getattr(job, count) + 1)
            job.status = Status.QUEUED
            aside = bool(getattr(job, count) >= most)
            if aside:
                done = failed(job.sha256, revision, unpacked(job.wish), PhotoSetAsideError())
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
    return Taken(job.id, job.sha256, wish, waited, kept, keep, job.request_id)


def _running() -> ColumnElement[bool]:
    return col(Job.status) == Status.RUNNING
