"""What was accepted: written down before it is acknowledged, looked up, forgotten in time.

`Work` is what the doors (pages, API) see; the side of those who do the work is `queue`.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import IO, Any

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from certcheck import check, messages
from certcheck.archive import filing, keeping
from certcheck.audit import Who
from certcheck.check import Wish
from certcheck.errors import SERVER_ERROR, CheckHeldError, TokenReusedError
from certcheck.operation import logs
from certcheck.report import VERSION
from certcheck.runner import buckets, clock_watch, logged, room, sweeping
from certcheck.runner.asked import ahead_of, drop_unasked, related
from certcheck.runner.blobs import Stored
from certcheck.runner.clock_watch import ClockWatch
from certcheck.runner.settings import Settings
from certcheck.runner.store import open_store, ready
from certcheck.runner.tables import (
    BatchItem,
    Check,
    Job,
    Picture,
    Priority,
    Status,
)
from certcheck.runner.wishes import packed
from registry import store

# 160 bits: more than anybody can try.
_ID_BYTES = 20


def now() -> dt.datetime:
    """UTC."""
    return dt.datetime.now(dt.UTC)


def new_id() -> str:
    """A check's id, not to be guessed."""
    return secrets.token_hex(_ID_BYTES)


@dc.dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for.

    Attributes:
        name: of the file, for the report.
        wish: how to check.
        revision: of the registry as it is now.
        priority: see Priority.
        owner: the client, or None for a visitor of the pages: each visit is one of its own.
        token: the client's own name for the request, "" for none.
        slot: the time of asking, where the answer depends on it; see `wishes.slot`.
    """

    name: str
    wish: Wish
    revision: str
    priority: int = Priority.PERSON
    owner: str | None = None
    token: str = ""
    slot: str = ""

    def key(self, sha256: str) -> str:
        """Names the job: all that its answer depends on."""
        visitor = "visitor" if self.wish.visitor else ""
        settings = check.settings(self.wish)
        parts = [sha256, settings, visitor, self.revision, VERSION]
        parts += [self.slot] if self.slot else []
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dc.dataclass(frozen=True, slots=True)
class Standing:
    """How a check stands.

    Attributes:
        id: of the check.
        status: of its job.
        ahead: jobs that go first, while it is queued.
        created_at: when the photo came.
        expires_at: when all of it is deleted.
        started_at: when reading began, or None.
        reports: one a certificate, as the contract has them; empty until it is done.
        pictures: page to SHA-256 of the small picture.
        details: page to SHA-256 of the larger one, where there is more to see.
        root: id of the check that the photo came with; its own but for corrected values.
        owner: the client that asked, or None for a visitor of the pages.
    """

    id: str
    status: Status
    ahead: int
    created_at: dt.datetime
    expires_at: dt.datetime
    started_at: dt.datetime | None
    reports: tuple[Mapping[str, Any], ...]
    pictures: Mapping[int, str]
    owner: str | None
    root: str
    details: Mapping[int, str] = dc.field(default_factory=dict)


class Work:
    """Accepted checks, in a database and a folder.

    Args:
        settings: how work is kept.
        clock: tells the time. One that is not this machine's is never held against it.

    Raises:
        StorageError: the folder cannot be made.
        RegistryError: the database cannot be opened.
    """

    def __init__(self, settings: Settings, clock: Callable[[], dt.datetime] = now) -> None:
        self.settings = settings
        self.clock = clock
        ready(settings.folder)
        self.engine = open_store(settings.folder, settings.url)
        self.blobs: Stored = buckets.opened(settings.folder, settings.blobs)
        if clock is now:
            self._watch = ClockWatch(settings.folder, apart=self.apart)
        else:
            self._watch = ClockWatch(settings.folder, lambda: clock().timestamp())
        # Rung when there is something to do, for a service in the same process.
        self.rung: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Lets go of the database."""
        self.engine.dispose()

    def apart(self, at: dt.datetime) -> bool:
        """Whether the database's machine tells another time; see `clock_watch.apart`."""
        return clock_watch.apart(self.engine, at)

    def accept(self, photo: IO[bytes], request: Request) -> str:
        """Writes a check down, photo first; returns its id.

        A client that asks the same again gets the same check.

        Raises:
            QueueFullError: too many wait.
            TokenReusedError: the client used the token for another request.
            StorageError: the disk is full or gone.
            DatabaseUnreachableError: the database does not answer.
        """
        self.make_room()
        sha256, size = self.blobs.put(photo)
        try:
            check_id = self._write(sha256, size, request)
        except IntegrityError:  # somebody wrote the same at the same moment
            check_id = self._write(sha256, size, request)
        self.rung()
        return check_id

    def make_room(self) -> None:
        """Looks whether there is room for a photo, before it is stored.

        Raises:
            QueueFullError: too many wait.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self.engine) as opened:
            room.look(opened, self.settings, 0)

    def enlist(self, opened: Session, sha256: str, size: int, request: Request) -> Check:
        """Writes a check of a stored photo down in a transaction that is open.

        A check of its own, also where the same was asked before.

        Raises:
            QueueFullError: too many wait.
        """
        made = self._check(self.job(opened, sha256, size, request), request)
        logged.accepted(opened, made, sha256, request.revision)
        self._add(opened, made)
        return made

    def look(self, check_id: str) -> Standing | None:
        """How a check stands; None where it is unknown, or its time is over.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self.engine) as opened:
            found = opened.exec(select(Check, Job).join(Job).where(Check.id == check_id)).first()
            if found is None or found[0].expires_at <= self.clock():
                return None
            one, job = found
            pictures = opened.exec(select(Picture).where(Picture.job_id == job.id)).all()
            ahead = ahead_of(opened, job) if job.status == Status.QUEUED else 0
        return Standing(
            id=one.id,
            status=Status(job.status),
            ahead=ahead,
            created_at=one.created_at,
            expires_at=one.expires_at,
            started_at=job.started_at,
            reports=_named(job.reports, one.name),
            pictures={picture.page: picture.sha256 for picture in pictures},
            owner=one.owner,
            root=one.root or one.id,
            details={one.page: one.detail for one in pictures if one.detail},
        )

    def forget(self, check_id: str, by: Who | None = None) -> bool:
        """Deletes a check at once, and what nobody else asked for; whether there was one.

        With it go all checks of the same photo with corrected values, and the first. Files go
        with the next sweep.

        Args:
            check_id: of the check.
            by: who deletes it; whoever owns it, where nothing is said.

        Raises:
            CheckHeldError: a case holds it.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self.engine) as opened:
            store.write(opened)
            one = opened.get(Check, check_id)
            if one is not None and keeping.held(one):
                raise CheckHeldError()
            gone = 0
            if one is not None:
                logged.deleted(opened, one, by)
                gone = keeping.drop(opened, related(one))
            drop_unasked(opened)
            opened.commit()
        return bool(gone)

    def sweep(self) -> int:
        """Deletes checks whose time is over, with their results and files; returns how many.

        Raises:
            StorageError: the folder cannot be written to.
            DatabaseUnreachableError: the database does not answer.
        """
        return sweeping.sweep(
            self.engine, self.settings.folder, self.blobs, self._watch, self.clock()
        )

    def counts(self) -> dict[Status, int]:
        """Jobs by status.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self.engine) as opened:
            rows = opened.exec(select(Job.status, func.count()).group_by(Job.status)).all()
        found = {Status(status): count for status, count in rows}
        return {status: found.get(status, 0) for status in Status}

    def _write(self, sha256: str, size: int, request: Request) -> str:
        with store.session(self.engine) as opened:
            store.write(opened)
            known = _by_token(opened, request)
            if known is not None:
                self._same(opened, known, sha256, request)
            else:
                job = self.job(opened, sha256, size, request)
                known = _asked_before(opened, job, request)
                if known is None:
                    known = self._check(job, request)
                    logged.accepted(opened, known, sha256, request.revision)
            self._add(opened, known)
            opened.commit()
            return known.id

    def _add(self, opened: Session, check: Check) -> None:
        """Writes a check with its time; one that is answered already is filed."""
        over = keeping.until(opened, self.settings, check.owner, self.clock())
        check.expires_at = max(check.expires_at, over)
        opened.add(check)
        opened.flush()
        filing.asked(opened, check)

    def _same(self, opened: Session, known: Check, sha256: str, request: Request) -> None:
        """A token stands for one request; the registry may have changed since it was made."""
        job = opened.get_one(Job, known.job_id)
        if (job.sha256, job.wish) != (sha256, packed(request.wish)):
            raise TokenReusedError()

    def job(self, opened: Session, sha256: str, size: int, request: Request) -> Job:
        """The job that answers a request: new, or the one that is there.

        Raises:
            QueueFullError: too many wait.
        """
        key = request.key(sha256)
        job = opened.exec(select(Job).where(Job.key == key)).first()
        if job is not None and not _worth_again(job):
            job.priority = min(job.priority, request.priority)
            job.not_before = None  # its photo was just stored anew
            opened.add(job)
            return job
        room.look(opened, self.settings, size)
        if job is None:
            job = Job(
                key=key, sha256=sha256, size=size, wish=packed(request.wish),
                revision=request.revision, status=Status.QUEUED, priority=request.priority,
                queued_at=self.clock(), request_id=logs.current(),
            )  # fmt: skip
        else:
            anew(job, self.clock())
        opened.add(job)
        opened.flush()
        return job

    def _check(self, job: Job, request: Request) -> Check:
        assert job.id is not None  # noqa: S101 - it was flushed
        moment = self.clock()
        return Check(
            id=new_id(), job_id=job.id, name=request.name,
            owner=request.owner, token=request.token or None, created_at=moment,
            expires_at=moment,
        )  # fmt: skip


def anew(job: Job, moment: dt.datetime) -> None:
    """A job that was answered waits again, with all its tries."""
    job.status, job.deaths, job.interruptions = Status.QUEUED, 0, 0
    job.unreadable, job.not_before = 0, None
    job.reports = job.error = job.claim = None
    job.queued_at, job.request_id = moment, logs.current()


def _by_token(opened: Session, request: Request) -> Check | None:
    if request.owner is None or not request.token:
        return None
    wanted = select(Check).where(Check.owner == request.owner, Check.token == request.token)
    return opened.exec(wanted).first()


def _asked_before(opened: Session, job: Job, request: Request) -> Check | None:
    """The check of a client that asked the same under no token, by itself.

    One of a batch, or of corrected values, goes with what it belongs to.
    """
    if request.owner is None or request.token:
        return None
    wanted = select(Check).where(
        Check.owner == request.owner,
        Check.job_id == job.id,
        Check.name == request.name,
        col(Check.token).is_(None),
        col(Check.root).is_(None),
        col(Check.id).not_in(select(BatchItem.check_id).where(BatchItem.check_id == Check.id)),
    )
    return opened.exec(wanted).first()


def _worth_again(job: Job) -> bool:
    """Whether a job ended for a reason that is not the photo's."""
    failed = job.status == Status.DONE and job.error is not None
    return failed and (messages.http_status(str(job.error)) or 0) >= SERVER_ERROR


def _named(reports: str | None, name: str) -> tuple[Mapping[str, Any], ...]:
    """Reports under the name that this one gave the file."""
    if reports is None:
        return ()
    return tuple({**one, "photo": {**one["photo"], "name": name}} for one in json.loads(reports))
