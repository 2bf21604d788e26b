"""The registry's revision: a digest of its content, so that equal content has an equal id.

A laboratory's digest is SHA-256 over all its rows and the days of the lists that they are known
from (`registry.listed`), the registry's over those of all
laboratories and the day of the newest list. The former are kept, so that an import reads
again only the laboratories that it touches.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Date, Select, String, Table, delete, type_coerce
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from registry import bulk
from registry.history import in_groups
from registry.imports import ContentDigest, ImportRecord
from registry.index import chunks
from registry.listed import listed
from registry.models import DEMO_PREFIX, TABLES, Coverage, Lab
from registry.records import Revision
from registry.shape import Shape, cell, shape

# Stands for the day of import of a registry that nothing was imported into.
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
# Behind the cells of a row that a list dropped and that has no last day of its own.
_DROPPED = "dropped"
# Before the days of the lists that a table is known from.
_LISTS = "lists"
_DIGESTS: Table = ContentDigest.__table__  # type: ignore[attr-defined]
_json = json.JSONEncoder(ensure_ascii=False).encode
# What JSON does not write as it is.
_ESCAPED = re.compile(r'["\\\x00-\x1f]')


def _text(cells: list[str]) -> str:
    """The cells as a JSON list; spelt by hand where no character asks for more."""
    joined = '", "'.join(cells)
    if _ESCAPED.search("".join(cells)):
        return _json(cells)
    return f'["{joined}"]'


def _lines(connection: Connection, table: str, groups: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(group, row as text) of what is held of some groups."""
    shaped = shape(table)
    dated = shaped.last is not None
    for *values, dropped_on in connection.execute(_contents(shaped, tuple(groups))):
        cells = [table, *[value if type(value) is str else cell(value) for value in values]]
        if dropped_on is not None and not dated:
            cells += (_DROPPED, cell(dropped_on))
        yield shaped.group(values), _text(cells)


def _contents(shaped: Shape, groups: Sequence[str]) -> Select[Any]:
    """Rows held of some groups, behind them the day on which a list dropped them.

    A day is asked for as text: where the database keeps it so, it is no detour.
    """
    columns = [shaped.table.c[name] for name in (*shaped.columns, "dropped_on")]
    texts = [type_coerce(one, String) if isinstance(one.type, Date) else one for one in columns]
    return sql_select(*texts).where(in_groups(shaped, shaped.table, groups))


def _digests(connection: Connection, groups: Sequence[str]) -> dict[str, str]:
    """The digests of some groups of which anything is held."""
    found: dict[str, list[str]] = {}
    for table in TABLES:
        for group, line in _lines(connection, table, groups):
            found.setdefault(group, []).append(line)
    for group, lists in listed(connection, groups).items():
        if group in found:
            found[group] += (
                _json([_LISTS, table, *map(cell, days)]) for table, days in lists.items()
            )
    return {
        group: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
        for group, lines in found.items()
    }


def all_groups(session: Session) -> list[str]:
    """Every laboratory, and every authority and kind of a coverage claim."""
    claims = session.exec(select(Coverage.authority_code, Coverage.kind).distinct())
    return sorted({*session.exec(select(Lab.lab_id)), *(f"{code}/{kind}" for code, kind in claims)})


def refresh(session: Session, groups: Iterable[str]) -> None:
    """Brings the kept digests up to date.

    Args:
        session: in the transaction that changed something.
        groups: that it touched.
    """
    connection = session.connection()
    # A database from before the digests has none of them.
    if connection.scalar(select(func.count()).select_from(ContentDigest)) == 0:
        groups = itertools.chain(all_groups(session), groups)
    for some in chunks(sorted(set(groups))):
        connection.execute(delete(ContentDigest).where(col(ContentDigest.key).in_(some)))
        fresh = _digests(connection, some)
        if fresh:
            bulk.insert(connection, _DIGESTS, ("key", "digest"), fresh.items())


def _whole(digests: Iterable[tuple[str, str]], newest_list: dt.date | None) -> str:
    total = hashlib.sha256(cell(newest_list).encode() + b"\n")
    for key, digest in digests:
        total.update(f"{key} {digest}\n".encode())
    return total.hexdigest()


def newest_replacement(session: Session) -> int:
    """Number of the newest import that replaced everything before it; 0 without one."""
    newest = select(func.max(col(ImportRecord.id))).where(
        col(ImportRecord.replaces), col(ImportRecord.undone_by).is_(None)
    )
    return session.exec(newest).one() or 0


def newest_list(session: Session) -> dt.date | None:
    """The day of the newest list that was not taken back."""
    days = select(func.max(col(ImportRecord.list_date))).where(
        col(ImportRecord.undone_by).is_(None), col(ImportRecord.id) >= newest_replacement(session)
    )
    return session.exec(days).one()


def kept_digest(session: Session, newest: dt.date | None) -> str:
    """The registry's digest from those kept, `refresh`ed before.

    Args:
        session: of the registry.
        newest: day of the newest list.
    """
    kept = select(ContentDigest.key, ContentDigest.digest)
    # Sorted here: databases differ in how they order text.
    return _whole(sorted(session.exec(kept)), newest)


def content_digest(session: Session) -> str:
    """The registry's digest, made on the spot from every row."""
    session.flush()
    connection = session.connection()
    found = itertools.chain.from_iterable(
        sorted(_digests(connection, some).items()) for some in chunks(all_groups(session))
    )
    return _whole(found, newest_list(session))


def holds_demo(session: Session) -> bool:
    """Whether a demo laboratory is among the registered ones."""
    demo = select(Lab.lab_id).where(col(Lab.name).startswith(DEMO_PREFIX)).limit(1)
    return session.exec(demo).first() is not None


def of_record(session: Session, record: ImportRecord) -> Revision:
    """The revision that an import left behind.

    Where the registry held the same once before (the import in between was taken back), it
    is that revision again, with the moment of its first import.
    """
    first = (
        select(ImportRecord)
        .where(ImportRecord.revision == record.revision)
        .order_by(col(ImportRecord.id))
        .limit(1)
    )
    record = session.exec(first).first() or record
    moment = record.imported_at
    if moment.tzinfo is None:  # SQLite keeps no zone, PostgreSQL answers in its own
        moment = moment.replace(tzinfo=dt.UTC)
    return Revision(record.revision, moment.astimezone(dt.UTC), record.demo)


def current(session: Session) -> Revision:
    """The newest import's revision.

    Rows written past the importer (in tests) have no import record; their digest is then
    made on the spot, imported at `NEVER`.
    """
    newest = select(ImportRecord).order_by(col(ImportRecord.id).desc()).limit(1)
    record = session.exec(newest).first()
    if record is None:
        return Revision(content_digest(session), NEVER, holds_demo(session))
    return of_record(session, record)
