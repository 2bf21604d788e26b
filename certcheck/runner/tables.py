"""What was accepted, as SQLModel tables: in a database of its own or beside the registry.

A check is what somebody asked for; a job is the work that answers it. The same photo, judged
the same way by the same registry and program, is one job, however many ask for it.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Index, MetaData, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Status(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class Priority:
    """Which job goes first: the smaller number."""

    PERSON = 0
    PROGRAM = 10


class Utc(TypeDecorator[dt.datetime]):
    """A moment; SQLite forgets its zone, which is always UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """The moment with its zone."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=dt.UTC)


class WorkModel(SQLModel):
    """Base of the tables; apart from the registry's, which has migrations of its own."""

    metadata = MetaData()


class Job(WorkModel, table=True):
    """One photo to check.

    Attributes:
        key: digest of all that the answer depends on.
        sha256: of the photo's bytes.
        size: of the photo in bytes.
        wish: how to check, as JSON.
        revision: of the registry when the photo came.
        status: see Status.
        priority: see Priority.
        deaths: processes that died over it.
        interruptions: times the server went away in the middle of it.
        unreadable: times its photo could not be read, and others could.
        not_before: when it is tried again after that; None for at once.
        reports: JSON list, one report a certificate.
        error: code of why no certificate could be checked, or None.
        reading: SHA-256 of what was read, packed, while it is kept (`readings`), or None.
        request_id: of the request that it was queued by, for the log; None where there was none.
        claim: of whoever does it, while it runs, else None: who no longer holds it writes
            nothing down. The worker's id, a dot, and what tells this time from others.
    """

    __tablename__ = "work_jobs"
    __table_args__: Any = (Index("work_jobs_next", "status", "priority", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=64, unique=True)
    sha256: str = Field(max_length=64, index=True)
    size: int
    wish: str
    revision: str = Field(max_length=64)
    status: str = Field(max_length=16)
    priority: int
    deaths: int = 0
    interruptions: int = 0
    unreadable: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    not_before: dt.datetime | None = Field(default=None, sa_type=Utc)
    queued_at: dt.datetime = Field(sa_type=Utc)
    started_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    done_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    reports: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, max_length=64)
    reading: str | None = Field(default=None, max_length=64, index=True)
    request_id: str | None = Field(default=None, max_length=36)
    claim: str | None = Field(default=None, max_length=64)


class Worker(WorkModel, table=True):
    """A process on some machine that does jobs, as long as it gives signs of life.

    Attributes:
        id: new at each start.
        name: its machine and process, for who looks after them.
        hands: photos that it reads at once.
        beats: signs of life so far; whoever watches counts the time without one himself, so
            that no machine's clock decides.
        seen_at: of the latest sign, by the database's clock.
    """

    __tablename__ = "work_workers"

    id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=255)
    hands: int
    beats: int = 0
    started_at: dt.datetime = Field(sa_type=Utc)
    seen_at: dt.datetime = Field(sa_type=Utc)


class Check(WorkModel, table=True):
    """What somebody asked for.

    Attributes:
        id: not to be guessed: who knows it may see the result.
        name: of the file, as given.
        owner: the client that asked, `person:` and the id of who was signed in, or None.
        token: the client's own name for the request, or None.
        expires_at: deleted then, with the photo where nobody else asked for it.
        root: of a check of corrected values, the one that its photo came with; else None.
    """

    __tablename__ = "work_checks"
    __table_args__: Any = (
        UniqueConstraint("owner", "token", name="work_checks_token"),
        Index("work_checks_owned", "owner", "created_at"),
    )

    id: str = Field(primary_key=True, max_length=64)
    job_id: int = Field(foreign_key="work_jobs.id", index=True)
    name: str
    owner: str | None = Field(default=None, max_length=64)
    token: str | None = Field(default=None, max_length=255)
    created_at: dt.datetime = Field(sa_type=Utc)
    expires_at: dt.datetime = Field(sa_type=Utc, index=True)
    root: str | None = Field(default=None, max_length=64, index=True)


class Client(WorkModel, table=True):
    """A program that may use the API.

    Attributes:
        name: given by whoever added it.
        key_sha256: of its key, which is not kept.
        revoked_at: when the key ended, or None.
    """

    __tablename__ = "work_clients"

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=100, unique=True)
    key_sha256: str = Field(max_length=64, unique=True)
    created_at: dt.datetime = Field(sa_type=Utc)
    revoked_at: dt.datetime | None = Field(default=None, sa_type=Utc)


class Picture(WorkModel, table=True):
    """A page of the photo, made again by us: upright, small, without what a camera adds.

    Attributes:
        page: of the file, from 1.
        sha256: of the JPEG.
        detail: likewise of a larger one, to cut enlarged places from; None where the photo has
            no more to show.
    """

    __tablename__ = "work_pictures"

    job_id: int = Field(foreign_key="work_jobs.id", primary_key=True)
    page: int = Field(primary_key=True)
    sha256: str = Field(max_length=64, index=True)
    detail: str | None = Field(default=None, max_length=64, index=True)


class ReportName(WorkModel, table=True):
    """The id of a report that a job was answered with; the same photo may have been asked twice.

    Attributes:
        report_id: as the report says it.
    """

    __tablename__ = "work_reports"

    report_id: str = Field(primary_key=True, max_length=64)
    job_id: int = Field(foreign_key="work_jobs.id", primary_key=True, index=True)


class Recorded(WorkModel, table=True):
    """What a laboratory's site sent when a record was looked up, kept for evidence.

    Attributes:
        sha256: of its bytes, as the report says it.
    """

    __tablename__ = "work_records"

    job_id: int = Field(foreign_key="work_jobs.id", primary_key=True)
    sha256: str = Field(primary_key=True, max_length=64, index=True)


class Batch(WorkModel, table=True):
    """Photos that came together.

    Attributes:
        id: not to be guessed: who knows it may see and delete the batch.
        title: given by whoever sent it.
        digest: of all that was sent, for a request that is sent again.
        owner: the client or person that asked, or None for a visitor.
        token: the client's own name for the request, or None.
        told_at: when its end was written down for the client's webhook, or None.
        expires_at: deleted then, with its checks.
    """

    __tablename__ = "work_batches"
    __table_args__: Any = (UniqueConstraint("owner", "token", name="work_batches_token"),)

    id: str = Field(primary_key=True, max_length=64)
    title: str
    digest: str = Field(max_length=64)
    owner: str | None = Field(default=None, max_length=64, index=True)
    token: str | None = Field(default=None, max_length=255)
    created_at: dt.datetime = Field(sa_type=Utc)
    told_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    expires_at: dt.datetime = Field(sa_type=Utc, index=True)


class BatchItem(WorkModel, table=True):
    """One thing of a batch: its check, or why there is none.

    Attributes:
        number: its place in what was sent, from 1.
        name: of the thing, as given; else its file's.
        file: the file's name.
        check_id: of the check, which may be deleted before the batch; None where refused.
        error: code of why it was refused, or None.
        details: what the error's sentence is filled with, as JSON.
    """

    __tablename__ = "work_batch_items"

    batch_id: str = Field(primary_key=True, max_length=64, foreign_key="work_batches.id")
    number: int = Field(primary_key=True)
    name: str
    file: str
    check_id: str | None = Field(default=None, max_length=64, index=True)
    error: str | None = Field(default=None, max_length=64)
    details: str | None = None


class Precheck(WorkModel, table=True):
    """A page on which anybody who has the code sees how some of a batch stand.

    Attributes:
        code: not to be guessed, short enough to be typed.
        numbers: of the items that are shown, as a JSON list.
        ended_at: when whoever made it ended it, or None.
        expires_at: not shown from then on.
    """

    __tablename__ = "work_prechecks"

    code: str = Field(primary_key=True, max_length=32)
    batch_id: str = Field(max_length=64, foreign_key="work_batches.id", index=True)
    numbers: str
    created_at: dt.datetime = Field(sa_type=Utc)
    ended_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    expires_at: dt.datetime = Field(sa_type=Utc)


class Webhook(WorkModel, table=True):
    """Where a client wants to be told of its batches.

    Attributes:
        secret: what messages are signed with; it has to be kept as it is.
    """

    __tablename__ = "work_webhooks"

    client_id: str = Field(primary_key=True, max_length=64, foreign_key="work_clients.id")
    url: str
    secret: str = Field(max_length=100)
    created_at: dt.datetime = Field(sa_type=Utc)


class Message(WorkModel, table=True):
    """Something that a client is to be told, until it was.

    Attributes:
        id: the same in every attempt.
        body: as it is sent.
        attempts: made so far.
        due_at: of the next attempt.
        answer: what came of the last one: a status, or why there was none.
        delivered_at: when the client took it, or None.
        dropped_at: when it was given up, or None.
    """

    __tablename__ = "work_messages"
    __table_args__: Any = (Index("work_messages_due", "delivered_at", "dropped_at", "due_at"),)

    id: str = Field(primary_key=True, max_length=64)
    client_id: str = Field(max_length=64, foreign_key="work_clients.id", index=True)
    body: str = Field(sa_type=Text)
    created_at: dt.datetime = Field(sa_type=Utc)
    due_at: dt.datetime = Field(sa_type=Utc)
    attempts: int = 0
    answer: str | None = Field(default=None, max_length=255)
    delivered_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    dropped_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    expires_at: dt.datetime = Field(sa_type=Utc, index=True)


# The beginning of what names a case in the place of a check: its papers stay as it does.
OF_CASES = "case-"


class Print(WorkModel, table=True):
    """A page put on paper.

    It goes with its check, though no foreign key says so: one may be asked for at the very
    moment that its check is deleted, and the next sweep finds it.

    Attributes:
        check_id: of the check.
        kind: which page of it.
        lang: `zh` or `en`.
        page_sha256: of the HTML; another page is another document.
        html: the page, until it is done.
        pictures: JSON, address in the page to the SHA-256 of the file.
        status: see Status.
        deaths: processes that died over it.
        sha256: of the PDF, or None.
        error: code of why there is none, or None.
    """

    __tablename__ = "work_prints"
    __table_args__: Any = (Index("work_prints_next", "status", "asked_at"),)

    check_id: str = Field(primary_key=True, max_length=64)
    kind: str = Field(primary_key=True, max_length=32)
    lang: str = Field(primary_key=True, max_length=2)
    page_sha256: str = Field(max_length=64)
    html: str | None = Field(default=None, sa_type=Text)
    pictures: str = Field(sa_type=Text)
    status: str = Field(max_length=16)
    deaths: int = 0
    asked_at: dt.datetime = Field(sa_type=Utc)
    sha256: str | None = Field(default=None, max_length=64, index=True)
    error: str | None = Field(default=None, max_length=64)


class Requested(WorkModel, table=True):
    """A request that counts against the one who made it; see `rates`.

    Attributes:
        key: digest of who asked for what.
        at: when.
        expires_at: when it no longer counts.
    """

    __tablename__ = "work_requests"
    __table_args__: Any = (Index("work_requests_key", "key", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=64)
    at: dt.datetime = Field(sa_type=Utc)
    expires_at: dt.datetime = Field(sa_type=Utc, index=True)
