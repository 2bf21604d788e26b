"""Cases as tables of the work store.

What a case says of itself is here; how it came to say so is in the audit log, which is the one that
counts (`history`). The name and address of who complained stand in a table of their own, which is
emptied in time.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field

from certcheck.runner.tables import Utc, WorkModel

LONGEST_TITLE = 120
# Of cases with nothing due: a day that sorts behind all others.
NEVER = dt.date(9999, 12, 31)


class CaseFile(WorkModel, table=True):
    """A lead, which may become a case.

    Attributes:
        title: given by who opened it.
        source: what it came of; see `rules.Source`.
        state: see `rules.State`.
        owner: account id of who works on it, or None.
        opened_by: name of who opened it.
        lab_id: of the laboratory that it is about, or None; `lab` its name, or "".
        market: where it was come upon, or ""; `stall` the stall in it, or stalls.
        item: the first of the eight items that its checks found at fault, or None.
        category: the regulator's class, see `classes`, or "".
        result: how it ended, see `classes`, or "".
        asked: the move that waits for the chief, or "".
        asked_detail: what it was asked with, as JSON, or None.
        version: counts its changes, so that of two people at once the second is told.
        active: whether anything has still to be done.
        due_on: the first day that something is due, else NEVER.
        due_sure: False where that day lies beyond the holidays that are published.
        opened_at: when it was opened.
        changed_at: when it was last changed.
        settled_at: when its latest ending move was made, or None.
        late: whether anything was done after it was due.
        batch_id: of the inspection that it came of, or None.
    """

    __tablename__ = "work_cases"
    __table_args__: Any = (
        Index("work_cases_due", "active", "due_on", "id"),
        Index("work_cases_owned", "owner", "active", "due_on", "id"),
        Index("work_cases_state", "state", "due_on", "id"),
        Index("work_cases_asked", "asked", "due_on", "id"),
        Index("work_cases_opened", "opened_at", "id"),
        Index("work_cases_lab", "lab_id", "opened_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=LONGEST_TITLE)
    source: str = Field(max_length=16)
    state: str = Field(max_length=16)
    owner: str | None = Field(default=None, max_length=16)
    opened_by: str = Field(max_length=60)
    lab_id: str | None = Field(default=None, max_length=64)
    lab: str = Field(default="", max_length=160)
    market: str = Field(default="", max_length=120)
    stall: str = Field(default="", max_length=120)
    item: int | None = None
    category: str = Field(default="", max_length=32)
    result: str = Field(default="", max_length=32)
    asked: str = Field(default="", max_length=16)
    asked_detail: str | None = Field(default=None, sa_type=Text)
    version: int = 1
    active: bool = True
    due_on: dt.date = NEVER
    due_sure: bool = True
    opened_at: dt.datetime = Field(sa_type=Utc)
    changed_at: dt.datetime = Field(sa_type=Utc)
    settled_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    late: bool = False
    batch_id: str | None = Field(default=None, max_length=64, index=True)


class CaseThing(WorkModel, table=True):
    """What a case is about: a check, or something observed.

    Attributes:
        kind: `check` or `observation`.
        ref: the check's id; what names the observation in its book.
        told: what it said when it was added (number, laboratory, verdict, digest), as JSON.
    """

    __tablename__ = "work_case_things"

    case_id: int = Field(foreign_key="work_cases.id", primary_key=True)
    kind: str = Field(max_length=16, primary_key=True)
    ref: str = Field(max_length=64, primary_key=True, index=True)
    told: str = Field(sa_type=Text)
    added_at: dt.datetime = Field(sa_type=Utc)
    added_by: str = Field(max_length=60)


class CaseComplaint(WorkModel, table=True):
    """Somebody's complaint or report, without who it was.

    Attributes:
        kind: `complaint` (投诉) or `report` (举报).
        number: of the 12315 platform or of the office's own book, or "".
        received_on: when it came in.
        channel: how it came in; see `rules`.
        named: whether whoever told it said who he is.
        text: what was told.
    """

    __tablename__ = "work_case_complaints"

    case_id: int = Field(foreign_key="work_cases.id", primary_key=True)
    kind: str = Field(max_length=16)
    number: str = Field(default="", max_length=64, index=True)
    received_on: dt.date
    channel: str = Field(max_length=16)
    named: bool
    text: str = Field(sa_type=Text)


class Complainant(WorkModel, table=True):
    """Who complained: personal data, shown to the owner and the chief alone, deleted in time.

    Attributes:
        erase_on: the day on which the row is deleted, or None while the case is open.
    """

    __tablename__ = "work_complainants"

    case_id: int = Field(foreign_key="work_cases.id", primary_key=True)
    name: str = Field(default="", max_length=80)
    phone: str = Field(default="", max_length=40)
    address: str = Field(default="", max_length=200)
    erase_on: dt.date | None = Field(default=None, index=True)


class CaseDeadline(WorkModel, table=True):
    """Something that has to be done by a day.

    Attributes:
        kind: see `deadlines`; `own` for one that somebody set himself, `reply` for an answer.
        label: what is to be done, of one that somebody set himself; else "".
        began_on: the day that it counts from, which does not count.
        due_on: the last day on which it is in time.
        sure: False where the days count on holidays that are not published yet.
        days: that it has, extensions among them, in its rule's unit; 0 for one with a fixed day.
        extended: times it was extended.
        ended_at: when it was done, or no longer had to be; None while it is open.
        late: whether it ended after `due_on`.
    """

    __tablename__ = "work_case_deadlines"
    __table_args__: Any = (
        Index("work_case_deadlines_due", "ended_at", "due_on"),
        Index("work_case_deadlines_case", "case_id", "ended_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="work_cases.id")
    kind: str = Field(max_length=32)
    label: str = Field(default="", max_length=120)
    began_on: dt.date
    due_on: dt.date
    sure: bool
    days: int = 0
    extended: int = 0
    ended_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    late: bool = False
