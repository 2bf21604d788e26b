"""What is on the registry desk, as tables of the work store."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field

from certcheck.runner.tables import Utc, WorkModel


class Kind(StrEnum):
    """What is asked for.

    Attributes:
        IMPORT: files are to be imported.
        EDIT: something is said of one row.
        UNDO: an import is to be taken back.
        EXAMINE: the whole registry is to be examined; changes nothing of it.
        VERIFY: the log of who did what is to be gone through, link by link.
    """

    IMPORT = "import"
    EDIT = "edit"
    UNDO = "undo"
    EXAMINE = "examine"
    VERIFY = "verify"


# What is no task of a page: asked for once, told when it is done.
BESIDE = (Kind.EXAMINE, Kind.VERIFY)


class Step(StrEnum):
    """What is to be done next: show what would change, or carry it out."""

    SHOW = "show"
    APPLY = "apply"


class State(StrEnum):
    """How far a task is.

    Attributes:
        QUEUED: waits for its turn.
        RUNNING: is being worked on.
        READY: what it would change can be seen, and carried out.
        REFUSED: it cannot be done; it says why.
        DONE: it was carried out.
        DROPPED: nobody wants it any more.
    """

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    REFUSED = "refused"
    DONE = "done"
    DROPPED = "dropped"


class Task(WorkModel, table=True):
    """Something asked of the desk.

    Attributes:
        kind: see `Kind`.
        step: see `Step`.
        state: see `State`.
        wish: how it is wanted, as JSON (`asking`).
        title: what it is called: the files' name, the laboratory's.
        by_id: account of who asked for it; "" for the server.
        by_name: his name.
        applied_by_id: account of who had it carried out, or "".
        applied_by_name: his name.
        base: number of the registry's newest import when it was shown.
        revision: of the registry then.
        source_sha256: of what is imported; of an undo and an examination "".
        digest: of everything that it would change.
        anew: how often the registry had changed when it was to be carried out.
        counts: rows by kind and table, as JSON.
        told: what is wrong and what is odd, as JSON.
        worked: laboratories and rows gone through so far.
        deaths: processes that died over it.
        number: of the import that it became, or None.
    """

    __tablename__ = "desk_tasks"
    __table_args__: Any = (Index("desk_tasks_next", "state", "asked_at"),)

    id: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=16)
    step: str = Field(max_length=16)
    state: str = Field(max_length=16)
    wish: str = Field(sa_type=Text)
    title: str
    by_id: str = Field(default="", max_length=64)
    by_name: str = ""
    applied_by_id: str = Field(default="", max_length=64)
    applied_by_name: str = ""
    asked_at: dt.datetime = Field(sa_type=Utc)
    changed_at: dt.datetime = Field(sa_type=Utc)
    base: int | None = None
    revision: str = Field(default="", max_length=64)
    source_sha256: str = Field(default="", max_length=64)
    digest: str = Field(default="", max_length=64)
    anew: int = 0
    counts: str = Field(default="{}", sa_type=Text)
    told: str = Field(default="{}", sa_type=Text)
    worked: int = 0
    deaths: int = 0
    number: int | None = Field(default=None, index=True)


class TaskFile(WorkModel, table=True):
    """A file that came with a task.

    Attributes:
        role: `source`, `mapping` or `evidence`.
        sha256: of its bytes.
    """

    __tablename__ = "desk_files"

    task_id: str = Field(primary_key=True, max_length=64, foreign_key="desk_tasks.id")
    place: int = Field(primary_key=True)
    role: str = Field(max_length=16)
    name: str
    size: int
    sha256: str = Field(max_length=64, index=True)


class TaskChange(WorkModel, table=True):
    """One row that a task would change.

    Attributes:
        place: its number, from 1.
        kind: `add`, `change`, `end` or `remove`.
        table_name: the contract's.
        lab_id: of the laboratory; of a claim of coverage ``16/CMA``.
        source: names the row.
        cells: what differs, as a JSON list of column, before, after.
        at: where the document states it.
    """

    __tablename__ = "desk_changes"
    __table_args__: Any = (
        Index("desk_changes_lab", "task_id", "lab_id", "place"),
        Index("desk_changes_kind", "task_id", "kind", "table_name", "place"),
        Index("desk_changes_table", "task_id", "table_name", "place"),
    )

    task_id: str = Field(primary_key=True, max_length=64, foreign_key="desk_tasks.id")
    place: int = Field(primary_key=True)
    kind: str = Field(max_length=16)
    table_name: str = Field(max_length=16)
    lab_id: str = Field(max_length=64)
    source: str
    cells: str = Field(sa_type=Text)
    at: str


class TaskText(WorkModel, table=True):
    """What some thousand rows of a task are searched by.

    Attributes:
        place: of the first of them; the others follow without gaps.
        lines: one a row: its kind, table and laboratory, then its words.
    """

    __tablename__ = "desk_texts"

    task_id: str = Field(primary_key=True, max_length=64, foreign_key="desk_tasks.id")
    place: int = Field(primary_key=True)
    lines: str = Field(sa_type=Text)


class Found(WorkModel, table=True):
    """Something that the doctor found, and what became of it.

    Attributes:
        key: digest of what it is about; the same at every examination.
        rank: 0 for an error, 1 for a warning, 2 for a note.
        kind: the doctor's, see `registry.doctor.findings.LEVELS`.
        labs: ids of the laboratories, as a JSON list.
        rows: the registry's rows that it rests on, likewise.
        details: what its sentence is filled with, as JSON.
        words: what it is searched by: ids, names, rows.
        state: `open`, `aside` or `closed`.
        seen_in: number of the last examination that found it.
        taken_by_id: account of who looks after it, or "".
    """

    __tablename__ = "desk_findings"
    __table_args__: Any = (
        Index("desk_findings_list", "state", "rank", "id"),
        Index("desk_findings_kind", "state", "kind", "id"),
        Index("desk_findings_taken", "taken_by_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=64, unique=True)
    rank: int
    kind: str = Field(max_length=40)
    labs: str = Field(sa_type=Text)
    rows: str = Field(sa_type=Text)
    details: str = Field(sa_type=Text)
    words: str = Field(sa_type=Text)
    state: str = Field(default="open", max_length=16)
    found_at: dt.datetime = Field(sa_type=Utc)
    closed_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    seen_in: int = 0
    taken_by_id: str = Field(default="", max_length=64)
    taken_by_name: str = ""


class FoundLab(WorkModel, table=True):
    """A laboratory that a finding is about."""

    __tablename__ = "desk_finding_labs"
    __table_args__: Any = (Index("desk_finding_labs_lab", "lab_id", "finding_id"),)

    finding_id: int = Field(primary_key=True, foreign_key="desk_findings.id")
    lab_id: str = Field(primary_key=True, max_length=64)


class FoundStep(WorkModel, table=True):
    """What was done about a finding; rows are only added.

    Attributes:
        what: `taken`, `left`, `note`, `aside`, `again`, `closed` or `back`.
        text: what was said to it.
    """

    __tablename__ = "desk_finding_steps"

    id: int | None = Field(default=None, primary_key=True)
    finding_id: int = Field(foreign_key="desk_findings.id", index=True)
    at: dt.datetime = Field(sa_type=Utc)
    by_name: str = ""
    what: str = Field(max_length=16)
    text: str = Field(default="", sa_type=Text)
