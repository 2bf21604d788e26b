"""Inspections as tables of the work store.

The checks of an inspection are named by their ids alone, without a foreign key: what a check
was is in the archive, which stays when the check itself is deleted.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field

from certcheck.accounts.tables import LONGEST_NAME
from certcheck.runner.tables import Utc, WorkModel

LONGEST_TITLE = 100
LONGEST_PLACE = 100
LONGEST_NOTE = 2000


class Inspection(WorkModel, table=True):
    """A batch of inspections.

    Attributes:
        number: given in the order of planning, as people quote it: the year and a count.
        title: given by whoever planned it.
        note: on what ground and how, in the planner's words.
        starts_on: first day, in China.
        ends_on: last day.
        state: see `plans.State`.
        version: counts changes, so that of two people who change it at once the second is told.
        planned_by: name of who planned it.
        closed_at: when it was closed, or None.
        outcome: what was written at its close, "" until then.
    """

    __tablename__ = "work_inspections"
    __table_args__: Any = (Index("work_inspections_listed", "state", "ends_on"),)

    id: str = Field(primary_key=True, max_length=16)
    number: str = Field(max_length=16, unique=True)
    title: str = Field(max_length=LONGEST_TITLE)
    note: str = Field(sa_type=Text)
    starts_on: dt.date
    ends_on: dt.date
    state: str = Field(max_length=16)
    version: int
    planned_by: str = Field(max_length=LONGEST_NAME)
    planned_at: dt.datetime = Field(sa_type=Utc, index=True)
    closed_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    outcome: str = Field(sa_type=Text)


class Target(WorkModel, table=True):
    """How many certificates are to be looked at, and where; "" stands for anywhere.

    Attributes:
        number: its place in the plan, from 1.
        lab: registered name of a laboratory.
        wanted: certificates.
    """

    __tablename__ = "work_inspection_targets"

    inspection_id: str = Field(primary_key=True, max_length=16, foreign_key="work_inspections.id")
    number: int = Field(primary_key=True)
    market: str = Field(max_length=LONGEST_PLACE)
    stall: str = Field(max_length=LONGEST_PLACE)
    lab: str = Field(max_length=200)
    wanted: int


class Member(WorkModel, table=True):
    """Somebody who takes part.

    Attributes:
        person_id: of his account.
        name: of it, as it was when he was put down.
    """

    __tablename__ = "work_inspection_members"

    inspection_id: str = Field(primary_key=True, max_length=16, foreign_key="work_inspections.id")
    person_id: str = Field(primary_key=True, max_length=16, index=True)
    name: str = Field(max_length=LONGEST_NAME)


class Assigned(WorkModel, table=True):
    """A check that belongs to an inspection; to one at most.

    Attributes:
        check_id: of the check that the photo came with, not of a corrected one.
        by: name of who put it there.
    """

    __tablename__ = "work_inspection_checks"
    __table_args__: Any = (Index("work_inspection_checks_of", "inspection_id", "check_id"),)

    check_id: str = Field(primary_key=True, max_length=64)
    inspection_id: str = Field(max_length=16, foreign_key="work_inspections.id")
    by: str = Field(max_length=LONGEST_NAME)
    at: dt.datetime = Field(sa_type=Utc)


class Draw(WorkModel, table=True):
    """A drawing by lot, kept whole so that anybody can repeat it; see `draws`.

    Attributes:
        number: of the inspection's drawings, from 1; all are kept, also those drawn again.
        what: see `draws.What`.
        seed: that was drawn with.
        pool: JSON list of what was drawn from, sorted.
        drawn: JSON list of what was drawn, in its order.
        reason: why it was drawn again, "" for the first of its kind.
        by: name of who had it drawn.
    """

    __tablename__ = "work_inspection_draws"

    inspection_id: str = Field(primary_key=True, max_length=16, foreign_key="work_inspections.id")
    number: int = Field(primary_key=True)
    what: str = Field(max_length=16)
    seed: str = Field(max_length=64)
    pool: str = Field(sa_type=Text)
    drawn: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    by: str = Field(max_length=LONGEST_NAME)
    at: dt.datetime = Field(sa_type=Utc)
