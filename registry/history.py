"""What the registry held before: every version of a row that an import replaced or removed.

A version is known from the import that recorded it to the one that superseded it. What the
registry held after import number N is therefore: the rows held now that were recorded by N
or before, and the versions here that N still knew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Select,
    Table,
    and_,
    insert,
    literal,
    or_,
    select,
)
from sqlmodel import SQLModel

from registry.imports import ImportKind, ImportRecord
from registry.models import TABLES
from registry.shape import Shape, Values, shape

SUFFIX = "_history"
# Rows fetched at a time where all are wanted.
_AT_A_TIME = 2000
# Columns of a version that are not the contract's, in the order of `Version`.
MARKS = ("recorded_by", "stated_by", "place", "dropped_on")


class Version(NamedTuple):
    """A row as the registry held it.

    Attributes:
        values: in the order of the contract's columns.
        number: in the table's primary column; None for a version of the past.
        recorded_by: see `registry.models.Row`, like the three below.
    """

    values: Values
    number: int | str | None
    recorded_by: int
    stated_by: int
    place: str
    dropped_on: dt.date | None


def _make(name: str) -> Table:
    """The table of old versions: the same columns, no keys, and who superseded them."""
    columns: list[Column[Any]] = [Column("version_id", Integer, primary_key=True)]
    columns += (
        Column(column.name, column.type, nullable=column.nullable)
        for column in shape(name).table.columns
        if column.name != "id"
    )
    group = "authority_code" if name == "coverage" else "lab_id"
    for column in columns:
        column.index = column.name == group or None
    columns.append(Column("superseded_by", Integer, nullable=False))
    return Table(name + SUFFIX, SQLModel.metadata, *columns)


HISTORY: dict[str, Table] = {name: _make(name) for name in TABLES}


def _wanted(shaped: Shape, table: Table) -> list[Column[Any]]:
    columns = [table.c[name] for name in shaped.columns]
    return [*columns, *(table.c[name] for name in MARKS)]


def in_groups(shaped: Shape, table: Table, groups: Sequence[str] | None) -> Any:  # noqa: ANN401
    """The condition that a row is of some groups; None for all of them."""
    if groups is None:
        return literal(True)  # noqa: FBT003 - SQL's
    if shaped.is_claim:
        return (table.c.authority_code + "/" + table.c.kind).in_(groups)
    return table.c.lab_id.in_(groups)


def _versions(
    connection: Connection, shaped: Shape, query: Select[Any], *, numbered: bool
) -> Iterator[Version]:
    width = len(shaped.columns)
    for row in connection.execute(query):
        number = row[-1] if numbered else None
        yield Version(tuple(row[:width]), number, *row[width : width + len(MARKS)])


def held(connection: Connection, shaped: Shape, groups: Sequence[str]) -> list[Version]:
    """What is held now of some groups (at most `registry.index.CHUNK` of them)."""
    table = shaped.table
    query = select(*_wanted(shaped, table), table.c[shaped.primary])
    query = query.where(in_groups(shaped, table, groups))
    return list(_versions(connection, shaped, query, numbered=True))


def known(
    connection: Connection, shaped: Shape, after: int, groups: Sequence[str] | None = None
) -> Iterator[Version]:
    """What the registry held after an import, of some groups or of all.

    Args:
        connection: of the registry.
        shaped: the table.
        after: the import's number; 0 for the time before the first.
        groups: at most `registry.index.CHUNK` of them; None for all.
    """
    table, history = shaped.table, HISTORY[shaped.name]
    # Nobody wants a whole table in memory.
    options = {"yield_per": _AT_A_TIME} if groups is None else {}
    query = select(*_wanted(shaped, table), table.c[shaped.primary])
    query = query.where(table.c.recorded_by <= after, in_groups(shaped, table, groups))
    query = query.execution_options(**options)
    yield from _versions(connection, shaped, query, numbered=True)
    past = select(*_wanted(shaped, history)).where(
        and_(history.c.recorded_by <= after, history.c.superseded_by > after),
        in_groups(shaped, history, groups),
    )
    past = past.execution_options(**options)
    yield from _versions(connection, shaped, past, numbered=False)


def supersede(connection: Connection, shaped: Shape, numbers: Iterable[int | str], by: int) -> None:
    """Copies rows that are about to be changed or removed into the history.

    Args:
        connection: in the transaction that changes them.
        shaped: their table.
        numbers: the rows', at most `registry.index.CHUNK`.
        by: number of the import.
    """
    table, history = shaped.table, HISTORY[shaped.name]
    kept = [column for column in table.columns if column.name != "id"]
    old = select(*kept, literal(by)).where(table.c[shaped.primary].in_(list(numbers)))
    names = [*(column.name for column in kept), "superseded_by"]
    connection.execute(insert(history).from_select(names, old))


def former_names(connection: Connection, lab_ids: Sequence[str]) -> list[tuple[str, str]]:
    """(laboratory, name) of names that a list of a later day, or an edit, replaced.

    A name that was corrected, taken back, or replaced by another list of the same day was
    a mistake; it was never the laboratory's.

    Args:
        connection: of the registry.
        lab_ids: at most `registry.index.CHUNK` of them.
    """
    old, imports = HISTORY["labs"], ImportRecord.__table__  # type: ignore[attr-defined]
    stated, replaced = imports.alias("stated"), imports.alias("replaced")
    query = (
        select(old.c.lab_id, old.c.name)
        .join(stated, stated.c.id == old.c.stated_by)
        .join(replaced, replaced.c.id == old.c.superseded_by)
        .where(
            old.c.lab_id.in_(lab_ids),
            stated.c.undone_by.is_(None),
            replaced.c.undone_by.is_(None),
            replaced.c.kind.in_((ImportKind.LIST.value, ImportKind.EDIT.value)),
            replaced.c.replaces.is_(False),
            or_(
                stated.c.list_date.is_(None),
                replaced.c.kind == ImportKind.EDIT.value,
                stated.c.list_date < replaced.c.list_date,
            ),
        )
        .distinct()
    )
    return [(lab_id, name) for lab_id, name in connection.execute(query)]
