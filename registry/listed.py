"""From when to when the lists reach by which a laboratory is known.

The contract's tables are history: what they do not have did not hold. A document of an
authority tells what held on its day; of a right that began again since, it has the new first
day alone, and of one that ended before, nothing. So where a table of a laboratory is known
from such lists only, nobody can say what was not held before the first of them.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Select, literal
from sqlmodel import case, col, func, select

from registry import bulk
from registry.imports import ImportGroup, ImportRecord

# The tables that authorities publish.
TABLES = ("accreditations", "scopes", "signatories")


class Lists(NamedTuple):
    """Days of the first and the last list of a laboratory in one table."""

    first: dt.date
    last: dt.date


@functools.cache
def _query(count: int) -> Select[str, str, dt.date | None, dt.date | None]:
    """The question for so many laboratories; put together once."""
    replaced = (
        select(func.coalesce(func.max(col(ImportRecord.id)), 0))
        .where(col(ImportRecord.replaces), col(ImportRecord.undone_by).is_(None))
        .scalar_subquery()
    )
    history = func.sum(case((col(ImportRecord.snapshot), 0), else_=1))
    day = col(ImportRecord.list_date)
    return (
        select(ImportGroup.key, ImportGroup.table_name, func.min(day), func.max(day))
        .join(ImportRecord, col(ImportRecord.id) == col(ImportGroup.import_id))
        .where(
            col(ImportGroup.table_name).in_([literal(table) for table in TABLES]),
            col(ImportGroup.key).in_(bulk.places(count)),
            col(ImportRecord.undone_by).is_(None),
            col(ImportRecord.id) >= replaced,
        )
        .group_by(col(ImportGroup.key), col(ImportGroup.table_name))
        .having(history == 0)
    )


def listed(connection: Connection, lab_ids: Sequence[str]) -> dict[str, Mapping[str, Lists]]:
    """The tables of some laboratories that are known from lists of a day only.

    Args:
        connection: of the registry.
        lab_ids: at most `registry.index.CHUNK` of them.

    Returns:
        By laboratory and table; a table that is known as history is not in it.
    """
    if not lab_ids:
        return {}
    these = bulk.these(lab_ids)
    found: dict[str, dict[str, Lists]] = {}
    for lab_id, table, first, last in connection.execute(_query(len(these)), these):
        if first is not None and last is not None:
            found.setdefault(lab_id, {})[table] = Lists(first, last)
    return dict(found)
