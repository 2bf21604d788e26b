"""Which reader a path is for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlmodel import Session

from registry import specimens
from registry.errors import UnknownSourceError
from registry.importing import csv_tables, damage, documents, sheets, workbook
from registry.importing.source import Source


def open_tables(path: Path) -> Source | None:
    """The contract's tables in a folder or a workbook; None where there are none.

    Raises:
        UnknownSourceError: if the path cannot be read.
    """
    try:
        if path.is_dir() and any(each.suffix.lower() == ".csv" for each in path.iterdir()):
            return specimens.attach(csv_tables.read(path), path)
        if path.suffix.lower() == ".xlsx" and path.is_file():
            with damage.told(path):
                tables = workbook.read(path) if sheets.is_contract(path) else None
            return specimens.attach(tables, path.parent) if tables is not None else None
    except OSError as error:
        raise UnknownSourceError(path=str(path), reason="unreadable") from error
    return None


def open_source(
    session: Session,
    path: Path,
    mapping: Path | None = None,
    list_date: dt.date | None = None,
    else_date: dt.date | None = None,
) -> Source:
    """Reads the contract's tables, or documents as authorities publish them.

    Args:
        session: of the registry; documents name laboratories as it does.
        path: of a file or folder.
        mapping: for documents, see `documents.read`.
        list_date: likewise.
        else_date: likewise.

    Raises:
        UnknownSourceError: if the path is neither, or cannot be read.
    """
    source = open_tables(path)
    if source is not None:
        return source
    try:
        if path.exists():
            return documents.read(session, path, mapping, list_date, else_date)
    except OSError as error:
        raise UnknownSourceError(path=str(path), reason="unreadable") from error
    raise UnknownSourceError(path=str(path), reason="missing")
