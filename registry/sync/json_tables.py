"""A registry in one JSON document: `{"list_date": "2026-11-01", "labs": [{…}], …}`.

Written out as the contract's CSV tables, so that one importer reads and checks everything.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.errors import SourceBrokenError
from registry.formulas import guarded
from registry.models import TABLES
from registry.shape import content_columns

LIST_DATE = "list_date"


def write(document: Path, folder: Path) -> dt.date | None:
    """Writes the document's tables into a folder.

    A key that no row of a table has is left out, so that the importer tells the missing
    column; numbers keep their digits; a list becomes a cell with `;` between.

    Args:
        document: the JSON file.
        folder: empty.

    Returns:
        The day that the document says its lists are of, None where it does not.

    Raises:
        SourceBrokenError: if it is no such document.
    """
    try:
        told = json.loads(
            document.read_bytes(),
            parse_float=str,
            parse_constant=_no_number,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError) as error:
        raise SourceBrokenError(reason="bad_json", error=str(error)) from error
    if not isinstance(told, dict):
        raise SourceBrokenError(reason="bad_json", error="no object")
    day = _day(told.pop(LIST_DATE, None))
    for table, rows in told.items():
        if table not in TABLES or not isinstance(rows, list):
            raise SourceBrokenError(reason="bad_json", error=table)
        _write_table(table, rows, folder / f"{table}.csv")
    return day


def _no_number(text: str) -> object:
    raise ValueError(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key twice in {sorted(found)}")
    return found


def _day(told: object) -> dt.date | None:
    if told is None:
        return None
    try:
        return dt.date.fromisoformat(str(told))
    except ValueError as error:
        raise SourceBrokenError(reason="bad_json", error=f"{LIST_DATE}: {told}") from error


def _write_table(table: str, rows: list[Any], path: Path) -> None:
    headings: dict[str, None] = {}
    for place, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise SourceBrokenError(reason="bad_json", error=f"{table}[{place}]")
        headings.update(dict.fromkeys(row))
    columns = list(headings) or list(content_columns(TABLES[table]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for place, row in enumerate(rows, start=1):
            cells = (_cell(row, column, f"{table}[{place}]") for column in columns)
            writer.writerow(map(guarded, cells))


def _cell(row: Mapping[str, Any], column: str, place: str) -> str:
    value = row.get(column)
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ";".join(value)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise SourceBrokenError(reason="bad_json", error=f"{place}.{column}: {value!r}")
