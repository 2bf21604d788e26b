"""The log as a table of the work store. Its step in `runner.migrations` makes the guards, too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field

from certcheck.runner.tables import WorkModel


class AuditRow(WorkModel, table=True):
    """One deed; nobody changes it or takes it away, the database sees to that.

    Attributes:
        seq: its place, from 1, without gaps.
        at: when it was written, UTC with microseconds: `2026-11-22T13:14:15.000000Z`.
        who_kind: see `deeds.Who`.
        who_id: likewise.
        who_name: likewise.
        what: what was done, in words with points between: `case.opened`.
        about_kind: what kind of thing it was done to.
        about_id: which one.
        detail: more of it, as canonical JSON.
        previous: the digest of the row before.
        digest: of this row and, by `previous`, of all before.
    """

    __tablename__ = "work_audit"
    __table_args__: Any = (
        Index("work_audit_about", "about_kind", "about_id"),
        Index("work_audit_at", "at"),
        Index("work_audit_what", "what", "seq"),
        Index("work_audit_who", "who_id"),
        Index("work_audit_named", "who_name", "seq"),
        Index("work_audit_kind", "about_kind", "seq"),
    )

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str = Field(max_length=32)
    who_kind: str = Field(max_length=16)
    who_id: str = Field(max_length=64)
    who_name: str = Field(max_length=60)
    what: str = Field(max_length=64)
    about_kind: str = Field(max_length=32)
    about_id: str = Field(max_length=255)
    detail: str = Field(sa_type=Text)
    previous: str = Field(max_length=64)
    digest: str = Field(max_length=64)
