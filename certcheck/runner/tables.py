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
        reports: JSON list, one report a certificate.
        error: code of why no certificate could be checked, or None.
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
    queued_at: dt.datetime = Field(sa_type=Utc)
    started_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    done_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    reports: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, max_length=64)


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
