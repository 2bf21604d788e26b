"""The registry's revision: a digest of its content, so that equal content has an equal id."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal

from sqlmodel import Session, col, select

from registry.models import DEMO_PREFIX, TABLES, ImportRecord, Lab, Row
from registry.records import Revision

# Stands for the day of import of a registry that nothing was imported into.
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)

# Columns that hold no content.
BOOKKEEPING = frozenset({"id", "row_key"})


def content_columns(model: type[Row]) -> tuple[str, ...]:
    """The contract's columns of a table."""
    return tuple(name for name in model.model_fields if name not in BOOKKEEPING)


def cell(value: object) -> str:
    """A value as the contract's CSV would have it; equal money is spelt alike."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def content_digest(session: Session) -> str:
    """SHA-256 over every row of every table, in an order of its own.

    Reads the whole registry, row by row; only an import needs it.
    """
    digest = hashlib.sha256()
    for table, model in TABLES.items():
        columns = content_columns(model)
        lines = sorted(
            json.dumps([cell(getattr(row, name)) for name in columns], ensure_ascii=False)
            for row in session.exec(select(model))
        )
        digest.update(json.dumps([table, *columns]).encode() + b"\n")
        for line in lines:
            digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def holds_demo(session: Session) -> bool:
    """Whether a demo laboratory is among the registered ones."""
    demo = select(Lab.lab_id).where(col(Lab.name).startswith(DEMO_PREFIX)).limit(1)
    return session.exec(demo).first() is not None


def current(session: Session) -> Revision:
    """The newest import's revision.

    Rows written past the importer (in tests) have no import record; their digest is then
    made on the spot, imported at `NEVER`.
    """
    newest = select(ImportRecord).order_by(col(ImportRecord.id).desc()).limit(1)
    record = session.exec(newest).first()
    if record is None:
        return Revision(content_digest(session), NEVER, holds_demo(session))
    moment = record.imported_at
    if moment.tzinfo is None:  # SQLite keeps no zone, PostgreSQL answers in its own
        moment = moment.replace(tzinfo=dt.UTC)
    moment = moment.astimezone(dt.UTC)
    return Revision(record.revision, moment, record.demo)
