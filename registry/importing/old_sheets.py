"""Sheets of an .xls, the binary format of Excel 97 to 2003."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlrd

from registry.errors import Problem, UnknownSourceError
from registry.importing import workbook
from registry.importing.grids import SERIAL_BASE, SERIAL_BASE_1904, Grid, Span, merged
from registry.importing.source import problem

# The format holds 65536 rows a sheet; a file beyond this is none of it.
MAX_BYTES = 200_000_000


def read(path: Path) -> tuple[Iterator[Grid], list[Problem]]:
    """Every visible sheet as a grid; hidden ones are left out and told.

    Formulas come as they were last computed; the format keeps nothing else apart.

    Raises:
        UnknownSourceError: if it is no such workbook, is damaged, locked or too large.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UnknownSourceError(path=str(path), reason="too_large")
    try:
        # Merged cells are told with the formatting only.
        # Its remarks on odd files are for programmers and may quote cells.
        book = xlrd.open_workbook(str(path), formatting_info=True, logfile=io.StringIO())
    except Exception as error:  # xlrd lets errors of many kinds through on damaged files
        raise UnknownSourceError(path=str(path), reason="damaged") from error
    told = [
        problem(f"{path.name}[{sheet.name}]", 0, "", "hidden_sheet")
        for sheet in book.sheets()
        if sheet.visibility
    ]
    return _grids(path, book), told


def _grids(path: Path, book: Any) -> Iterator[Grid]:  # noqa: ANN401 - xlrd has no types
    base = SERIAL_BASE_1904 if book.datemode else SERIAL_BASE
    for sheet in book.sheets():
        if sheet.visibility:
            continue
        spans = [
            Span(top + 1, left + 1, bottom, right)
            for top, bottom, left, right in sheet.merged_cells
        ]
        rows = _rows(sheet, book.datemode)
        yield Grid(sheet.name, f"{path.name}[{sheet.name}]", merged(rows, spans), serial_base=base)


def _rows(sheet: Any, datemode: int) -> Iterator[tuple[int, Sequence[str], Mapping[int, str]]]:  # noqa: ANN401
    for number in range(sheet.nrows):
        texts: list[str] = []
        faults: dict[int, str] = {}
        for place, cell in enumerate(sheet.row(number)):
            value = cell.value
            if cell.ctype == xlrd.XL_CELL_ERROR:
                faults[place], value = "error_cell_there", None
            elif cell.ctype == xlrd.XL_CELL_DATE:
                value = _moment(value, datemode)
            elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                value = bool(value)
            texts.append(workbook.text(value))
        yield number + 1, texts, faults


def _moment(value: float, datemode: int) -> dt.datetime | float:
    try:
        moment: dt.datetime = xlrd.xldate_as_datetime(value, datemode)
    except (ValueError, OverflowError, xlrd.XLDateError):
        return value
    return moment
