"""Many rows at once, handed to the database's driver as plain tuples, and many asked for.

An import moves millions of rows. Taking each apart into named parameters costs more than
writing it, so the statement is spelt here, once, in the driver's own marks. How a column's
values are stored is still asked of SQLAlchemy. Finding a laboratory asks for hundreds of rows
by their keys, where the same holds.
"""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import BindParameter, Connection, Table, bindparam

# Rows handed over at a time.
ROWS = 5000
# Values of a column that are remembered as stored: its days are few.
_KNOWN = 10_000
# Objects made before the collector looks for cycles among them; Python's own is 700. Rows
# are in none, and an import with the collector off took a sixth less time
# (docs/benchmarks.md); this setting itself was not measured.
_YOUNG = 200_000

_Store = Callable[[Any], Any]


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """Has the collector of cycles look less often while many rows are made."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _YOUNG) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def mark(connection: Connection) -> str:
    """What stands for a value in a statement of the connection's driver."""
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def ask(connection: Connection, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """The rows that a statement finds by some values of one column.

    Args:
        connection: to any engine of `registry.store`.
        statement: text of ours with `{these}` for the values, as `lab_id IN ({these})`.
        values: at most a few hundred; none finds nothing.
    """
    if not values:
        return []
    these = _filled_up(values)
    marks = ", ".join([mark(connection)] * len(these))
    return connection.exec_driver_sql(statement.format(these=marks), these).all()


def _filled_up(values: Sequence[Any]) -> tuple[Any, ...]:
    """The last one again up to a power of two.

    So there are few statements, and the driver has most of them taken apart already.
    """
    count = 1 << (len(values) - 1).bit_length()
    return (*values, *[values[-1]] * (count - len(values)))


def these(values: Sequence[Any]) -> dict[str, Any]:
    """At least one value for a question put together with as many `places`."""
    return {f"these_{place}": value for place, value in enumerate(_filled_up(values))}


def places(count: int) -> list[BindParameter[Any]]:
    """What stands for values in an IN of SQLAlchemy's; to list them anew each time is slow.

    Args:
        count: length of `these`.
    """
    return [bindparam(f"these_{place}") for place in range(count)]


def _stores(connection: Connection, table: Table, columns: Sequence[str]) -> dict[int, _Store]:
    """How values are stored, by the place of their column; left out where as they are."""
    found: dict[int, _Store] = {}
    for place, name in enumerate(columns):
        kind = table.c[name].type.dialect_impl(connection.dialect)
        store = kind.bind_processor(connection.dialect)
        if store is not None:
            found[place] = functools.lru_cache(maxsize=_KNOWN)(store)
    return found


def insert(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Adds rows in the connection's transaction.

    Args:
        connection: to any engine of `registry.store`.
        table: that they go into.
        columns: that are given; the others must have a default in the database.
        rows: their values in the order of the columns.

    Raises:
        sqlalchemy.exc.IntegrityError: if the table does not take a row.
    """
    marks = ", ".join([mark(connection)] * len(columns))
    # Names are those of our own tables.
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    stores = _stores(connection, table, columns)
    for some in _blocks(rows):
        connection.exec_driver_sql(statement, _stored(some, stores))


def _blocks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    iterator = iter(rows)
    while block := list(islice(iterator, ROWS)):
        yield block


def _stored(rows: list[Sequence[Any]], stores: dict[int, _Store]) -> list[Any]:
    """The rows as the driver takes them, worked out column by column."""
    if not stores:
        return rows
    columns: list[Any] = list(zip(*rows, strict=True))
    for place, store in stores.items():
        columns[place] = map(store, columns[place])
    return list(zip(*columns, strict=True))
