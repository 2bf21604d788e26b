"""What a laboratory's rows are to who keeps the registry: each with its number and its source."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from registry.history import HISTORY, MARKS, Version, held
from registry.imports import ImportEdit, ImportRecord
from registry.models import TABLES
from registry.shape import Shape, cell, shape

# Tables of which a laboratory has rows, as they are shown.
OF_LABS = tuple(table for table in TABLES if table != "coverage")
# Superseded rows that are shown; the rest is for `registry show --known-on`.
MOST_PAST = 200


@dc.dataclass(frozen=True, slots=True)
class KeptRow:
    """A row as it is held.

    Attributes:
        number: in the table's primary column, as text.
        cells: as the contract's CSV has them, by column.
        stated_by: number of the import that states it; 0 for none.
        place: where in its document.
        dropped_on: day of the first list that no longer has it.
    """

    table: str
    number: str
    cells: dict[str, str]
    stated_by: int
    place: str
    dropped_on: dt.date | None

    @property
    def first(self) -> str:
        """The first day, "" for an open one or none."""
        column = shape(self.table).first
        return self.cells[shape(self.table).columns[column]] if column is not None else ""

    @property
    def last(self) -> str:
        """Likewise the last."""
        column = shape(self.table).last
        if column is not None:
            return self.cells[shape(self.table).columns[column]]
        return (self.dropped_on - dt.timedelta(days=1)).isoformat() if self.dropped_on else ""


@dc.dataclass(frozen=True, slots=True)
class PastRow:
    """A row as it was held until an import superseded it.

    Attributes:
        since: number of the import that recorded it.
        until: number of the import that superseded it.
    """

    row: KeptRow
    since: int
    until: int


def rows_of(session: Session, table: str, lab_id: str) -> list[KeptRow]:
    """The rows of a laboratory in one table, those without a last day and the latest first."""
    shaped = shape(table)
    found = [_row(shaped, one) for one in held(session.connection(), shaped, [lab_id])]
    return sorted(found, key=lambda row: (row.last or "9", row.first, row.number), reverse=True)


def row_of(session: Session, table: str, lab_id: str, number: str) -> KeptRow | None:
    """One row by its number, or None."""
    return next((one for one in rows_of(session, table, lab_id) if one.number == number), None)


def past_of(session: Session, lab_id: str) -> list[PastRow]:
    """What was held of a laboratory before, the last superseded first."""
    found: list[PastRow] = []
    for table in OF_LABS:
        shaped, old = shape(table), HISTORY[table]
        names = [*shaped.columns, *MARKS, "superseded_by"]
        query = sql_select(*(old.c[name] for name in names)).where(old.c.lab_id == lab_id)
        query = query.order_by(old.c.superseded_by.desc()).limit(MOST_PAST)
        width = len(shaped.columns)
        for row in session.connection().execute(query):
            marks = tuple(row[width : width + len(MARKS)])
            version = Version(tuple(row[:width]), None, *marks)
            found.append(PastRow(_row(shaped, version), version.recorded_by, row[-1]))
    found.sort(key=lambda one: (one.until, one.since), reverse=True)
    return found[:MOST_PAST]


def imports_of(session: Session, numbers: Sequence[int]) -> dict[int, ImportRecord]:
    """Some imports by their numbers."""
    wanted = select(ImportRecord).where(col(ImportRecord.id).in_(set(numbers)))
    return {one.id: one for one in session.exec(wanted) if one.id is not None}


def edits_of(session: Session, numbers: Sequence[int]) -> dict[int, ImportEdit]:
    """Those of some imports that are edits, with why."""
    wanted = select(ImportEdit).where(col(ImportEdit.import_id).in_(set(numbers)))
    return {one.import_id: one for one in session.exec(wanted)}


def imports(session: Session, before: int | None, most: int) -> list[ImportRecord]:
    """The newest imports, or those before a number."""
    wanted = select(ImportRecord).order_by(col(ImportRecord.id).desc()).limit(most)
    if before is not None:
        wanted = wanted.where(col(ImportRecord.id) < before)
    return list(session.exec(wanted))


def _row(shaped: Shape, version: Version) -> KeptRow:
    cells = dict(zip(shaped.columns, map(cell, version.values), strict=True))
    return KeptRow(
        shaped.name,
        "" if version.number is None else str(version.number),
        cells,
        version.stated_by,
        version.place,
        version.dropped_on,
    )
