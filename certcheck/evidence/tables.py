"""Packs that somebody asked for on a page, and stamped days, as tables of the work store."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field

from certcheck.runner.tables import Utc, WorkModel


class Wanted(WorkModel, table=True):
    """A pack that is wanted, or made; see `wanted`.

    Attributes:
        id: names it.
        key: digest of the checks and the language, the same for everybody who wants the same.
        lang: of its papers, `zh` or `en`.
        who_kind, who_id, who_name: who asked, see `audit.Who`.
        status: see `runner.tables.Status`.
        deaths: processes that died over it.
        asked_at: when.
        made_at: the moment that it bears, or None.
        expires_at: deleted then.
        sha256: of the file, or None.
        size: of the file in bytes, or None.
        digest: that names the pack, see `manifest.digest_of`, or None.
        error: code of why there is none, or None.
        details: what the error's sentence is filled with, as JSON, or None.
    """

    __tablename__ = "work_packs"
    __table_args__: Any = (
        Index("work_packs_next", "status", "asked_at"),
        Index("work_packs_latest", "key", "asked_at"),
    )

    id: str = Field(primary_key=True, max_length=64)
    key: str = Field(max_length=64)
    lang: str = Field(max_length=2)
    who_kind: str = Field(max_length=16)
    who_id: str = Field(max_length=64)
    who_name: str = Field(max_length=60)
    status: str = Field(max_length=16)
    deaths: int = 0
    asked_at: dt.datetime = Field(sa_type=Utc)
    made_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    expires_at: dt.datetime = Field(sa_type=Utc, index=True)
    sha256: str | None = Field(default=None, max_length=64, index=True)
    size: int | None = Field(default=None, sa_type=BigInteger)
    digest: str | None = Field(default=None, max_length=64)
    error: str | None = Field(default=None, max_length=64)
    details: str | None = None


class WantedCheck(WorkModel, table=True):
    """A check that is to be in a pack; where it is deleted, the pack goes with it.

    Attributes:
        place: in the order that was asked for, from 1.
    """

    __tablename__ = "work_pack_checks"

    pack_id: str = Field(foreign_key="work_packs.id", primary_key=True, max_length=64)
    check_id: str = Field(primary_key=True, max_length=64, index=True)
    place: int


class StampedDay(WorkModel, table=True):
    """Where the log ended on a day, with the time stamp of it; see `days`.

    Attributes:
        seq: of the day's last row.
        day: in China, `2026-11-21`.
        digest: of that row.
        authority: name of whoever stamped it.
        at: when it was written down.
        answer: the time stamp, in DER.
    """

    __tablename__ = "work_audit_days"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: str = Field(max_length=10)
    digest: str = Field(max_length=64)
    authority: str = Field(max_length=255)
    at: dt.datetime = Field(sa_type=Utc)
    answer: bytes = Field(sa_type=LargeBinary)
