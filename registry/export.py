"""The registry as the contract's CSV tables, which give the same registry when imported."""

from __future__ import annotations

import csv
from pathlib import Path, PurePosixPath

from sqlalchemy import select
from sqlmodel import Session

from registry import specimens
from registry.errors import ExportRefusedError
from registry.formulas import guarded
from registry.importing.source import DROPPED
from registry.index import chunks
from registry.listed import listed
from registry.models import SPECIMEN_HASH, TABLES
from registry.shape import cell, shape

# Rows read at a time.
_ROWS = 5000


def export(session: Session, folder: Path) -> dict[str, int]:
    """Writes every table that has rows, and the specimens that signatories name.

    Rows that ended are written with their last day. Where lists have dropped rows of a table, it
    has one column more, `dropped_on`: the day of the first list that no longer had the row.
    What a spreadsheet program would run as a formula has an apostrophe before it.

    Args:
        session: of the registry.
        folder: made where it is not there; must be empty.

    Returns:
        How many rows each table has.

    Raises:
        ExportRefusedError: if the folder holds something, or cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ExportRefusedError(path=str(folder), reason="not_empty")
        return {
            name: count for name in TABLES if (count := _table(session, name, folder)) is not None
        }
    except OSError as error:
        raise ExportRefusedError(path=str(folder), reason="unwritable") from error


def from_lists(session: Session) -> int:
    """How many laboratories are known in some table from lists of a day alone.

    The contract's tables are history: imported, they say that what they lack never held. Of
    these laboratories nobody knows what held before the first list.
    """
    ids = session.execute(select(TABLES["labs"].__table__.c.lab_id)).scalars()  # type: ignore[attr-defined]
    return sum(len(listed(session.connection(), some)) for some in chunks(ids))


def _table(session: Session, name: str, folder: Path) -> int | None:
    shaped = shape(name)
    table = shaped.table
    names = list(shaped.columns)
    if session.execute(select(table).where(table.c.dropped_on.is_not(None)).limit(1)).first():
        names.append(DROPPED)
    columns = [table.c[column] for column in names]
    query = select(*columns).order_by(*columns)
    rows = session.execute(query.execution_options(yield_per=_ROWS))
    path = folder / f"{name}.csv"
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            texts = dict(zip(names, map(cell, row), strict=True))
            if texts.get(specimens.COLUMN):
                texts[specimens.COLUMN] = _specimen(session, texts[specimens.COLUMN], folder)
            writer.writerow(map(guarded, texts.values()))
            count += 1
    if not count:
        path.unlink()
        return None
    return count


def _specimen(session: Session, text: str, folder: Path) -> str:
    """Writes a picture and gives the cell that names it.

    Of two pictures that had the same path, the one that is written second gets its digest
    before its name.
    """
    name, _, digest = text.partition(SPECIMEN_HASH)
    data = specimens.find(session, digest) if digest else None
    if data is None:
        return name
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts:
        inside = PurePosixPath(specimens.COLUMN, inside.name)
    target = folder / inside
    if target.exists() and target.read_bytes() != data:
        inside = inside.with_name(f"{digest[:12]}-{inside.name}")
        target = folder / inside
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return str(inside)
