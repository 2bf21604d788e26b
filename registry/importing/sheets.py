"""Sheets of an .xlsx that are no tables of the contract, row by row from the file."""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from registry.errors import Problem
from registry.importing import workbook
from registry.importing.grids import SERIAL_BASE, SERIAL_BASE_1904, Grid, Span, merged
from registry.importing.source import problem
from registry.models import TABLES

_BLOCK = 1 << 20
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
# More than any tag that is looked for.
_OVERLAP = 200

Row = tuple[int, Sequence[str], Mapping[int, str]]


def is_contract(path: Path) -> bool:
    """Whether a workbook's sheets are named as the contract's tables, one at least."""
    book = workbook.open_book(path)
    try:
        return any(title in TABLES for title in book.sheetnames)
    finally:
        book.close()


def read(path: Path) -> tuple[Iterator[Grid], list[Problem]]:
    """Every visible sheet as a grid; hidden ones are left out and told.

    Raises:
        UnknownSourceError: if it is no workbook, is damaged, or unpacks to too much.
    """
    book = workbook.open_book(path)
    told = [
        problem(f"{path.name}[{sheet.title}]", 0, "", "hidden_sheet")
        for sheet in book.worksheets
        if sheet.sheet_state != "visible"
    ]
    return _grids(path, book), told


def _grids(path: Path, book: Any) -> Iterator[Grid]:  # noqa: ANN401 - openpyxl has no types
    mac = book.epoch == CALENDAR_MAC_1904
    with contextlib.closing(book):
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            place = f"{path.name}[{sheet.title}]"
            try:
                spans, formulas = _scan(path, sheet._worksheet_path)  # noqa: SLF001 - read-only sheets tell no merged cells
            except ValueError as error:  # a merged cell in no column that there is
                raise workbook.beyond(place, 0) from error
            values = _results(path, sheet.title) if formulas else None
            yield Grid(
                sheet.title,
                place,
                merged(_rows(workbook.rows_of(place, sheet), values), spans),
                serial_base=SERIAL_BASE_1904 if mac else SERIAL_BASE,
            )


def _scan(path: Path, part: str) -> tuple[list[Span], bool]:
    """Merged cells of a sheet, and whether it has formulas, from its own bytes."""
    spans, formulas, tail = {}, False, b""
    with zipfile.ZipFile(path) as archive, archive.open(part.lstrip("/")) as file:
        while block := file.read(_BLOCK):
            data = tail + block
            formulas = formulas or _FORMULA.search(data) is not None
            for found in _MERGED.finditer(data):
                left, top, right, bottom = range_boundaries(found[1].decode())
                spans[top, left] = Span(top, left, bottom, right)
            tail = data[-_OVERLAP:]
    return list(spans.values()), formulas


def _results(path: Path, title: str) -> Iterator[Any]:
    """The rows as their formulas were last computed."""
    book = workbook.open_book(path, results=True)
    with contextlib.closing(book):
        yield from workbook.rows_of(f"{path.name}[{title}]", book[title])


def _rows(cells: Iterable[Sequence[Any]], results: Iterator[Any] | None) -> Iterator[Row]:
    for number, row in enumerate(cells, start=1):
        computed = next(results, ()) if results is not None else ()
        texts: list[str] = []
        faults: dict[int, str] = {}
        for place, cell in enumerate(row):
            value = cell.value
            if cell.data_type == workbook.FORMULA and place < len(computed):
                # What the person saw when the file was saved; never computed here.
                value = computed[place].value
                if value is None:
                    faults[place] = "formula"
            if cell.data_type == workbook.ERROR or str(value).startswith("#REF!"):
                faults[place] = "error_cell_there"
            texts.append("" if place in faults else workbook.text(value))
        yield number, texts, faults
