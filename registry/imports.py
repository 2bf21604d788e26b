"""What was imported, when, from which documents, by whom: the registry's log, never rewritten."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel


class ImportKind(StrEnum):
    """What an import means for rows that it does not list.

    Attributes:
        LIST: they have ended by the day of the list.
        CORRECTION: they never held; what the registry had of them was wrong.
        UNDO: takes an earlier import back.
        EDIT: what somebody says of one row; it is silent about every other (`importing.edits`).
        AMENDMENT: an edit of what the registry had wrong, as a correction is a list of such.
        LEGACY: made before the registry kept its history; it can no longer be taken back.
    """

    LIST = "list"
    CORRECTION = "correction"
    UNDO = "undo"
    EDIT = "edit"
    AMENDMENT = "amendment"
    LEGACY = "legacy"


class ImportRecord(SQLModel, table=True):
    """One import that changed something or confirmed it on a later day.

    The newest one is the registry's revision. Its number is the recorded time of the rows.

    Attributes:
        revision: digest of everything the registry holds after the import, and of the day
            of its newest list, so that the same lists give the same revision wherever they
            were imported.
        imported_at: UTC.
        kind: see ImportKind.
        list_date: the day on which the list was true; None for an undo or an edit, which are
            no lists.
        loaded_by: who imported it, as the caller named him.
        source_name: the file or folder's own name, without its path.
        source_sha256: of the file, or of the folder's files with their names.
        demo: whether the registry then held demo laboratories.
        replaces: whether everything held before went first.
        snapshot: whether its documents tell what held on the list's day and no history, as
            those of authorities do; the contract's tables are history.
        undoes: number of the import that this one takes back.
        undone_by: number of the import that took this one back.
    """

    __tablename__ = "imports"

    id: int | None = Field(default=None, primary_key=True)
    revision: str = Field(max_length=64)
    imported_at: dt.datetime = Field(sa_type=DateTime(timezone=True))
    kind: str = Field(default=ImportKind.LIST.value, max_length=16)
    list_date: dt.date | None = None
    loaded_by: str = ""
    source_name: str = ""
    source_sha256: str = Field(default="", max_length=64)
    demo: bool = False
    replaces: bool = False
    snapshot: bool = False
    undoes: int | None = None
    undone_by: int | None = None
    added: int = 0
    changed: int = 0
    ended: int = 0
    removed: int = 0
    unchanged: int = 0


class ImportDocument(SQLModel, table=True):
    """A file of an import. A row's `place` begins with its name.

    Attributes:
        sha256: of its bytes.
    """

    __tablename__ = "import_documents"

    import_id: int = Field(primary_key=True, foreign_key="imports.id")
    name: str = Field(primary_key=True)
    sha256: str = Field(max_length=64)


class ImportGroup(SQLModel, table=True):
    """What an import was the full list of: one table of one laboratory.

    Attributes:
        table_name: the contract's table.
        key: the laboratory's id; for coverage `16/CMA`, authority and kind.
    """

    __tablename__ = "import_groups"
    __table_args__ = {"sqlite_with_rowid": False}

    table_name: str = Field(primary_key=True, max_length=16)
    key: str = Field(primary_key=True, max_length=64)
    import_id: int = Field(primary_key=True, foreign_key="imports.id")


class ImportStatement(SQLModel, table=True):
    """What a document of an import states of a laboratory (`registry.importing.stated`).

    Attributes:
        table_name: the contract's table.
        key: the laboratory's id.
        stated: the rows; "" where the import states nothing there, and by what it states in
            another table changed how an earlier list is understood.
    """

    __tablename__ = "import_statements"

    table_name: str = Field(primary_key=True, max_length=16)
    key: str = Field(primary_key=True, max_length=64)
    import_id: int = Field(primary_key=True, foreign_key="imports.id")
    stated: str


class ImportEdit(SQLModel, table=True):
    """What somebody says of one row, and why.

    Attributes:
        table_name: the contract's table.
        key: the laboratory's id.
        day: on which it was said.
        before: the row that it is about, as `importing.edits` writes one; "" for a new one.
        after: the row as it is to be; "" for one that never held.
        dropped_on: of a row without a last day, the first on which it no longer held.
        reason: why, in the words of who said it.
        source: what bears it out: a notice, a letter, a telephone call and its day.
        url: where it can be looked up, or "".
    """

    __tablename__ = "import_edits"

    import_id: int = Field(primary_key=True, foreign_key="imports.id")
    table_name: str = Field(max_length=16)
    key: str = Field(max_length=64, index=True)
    day: dt.date
    before: str = ""
    after: str = ""
    dropped_on: dt.date | None = None
    reason: str = ""
    source: str = ""
    url: str = ""


class ContentDigest(SQLModel, table=True):
    """Derived: SHA-256 of all that is held now of one laboratory.

    Attributes:
        key: the laboratory's id; for coverage `16/CMA`.
    """

    __tablename__ = "content_digests"

    key: str = Field(primary_key=True, max_length=64)
    digest: str = Field(max_length=64)
