"""One .xlsx whose sheets are named as the tables, the first row the headings."""

from __future__ import annotations

import datetime as dt
import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from registry.errors import BadImportError, Problem, UnknownSourceError
from registry.formulas import bare
from registry.importing.grids import MAX_COLUMNS
from registry.importing.source import Document, RawRow, RawTable, Source, check_headings, problem
from registry.models import TABLES

# A workbook is a zip file; more than this unpacked is a bomb, not a registry (100 000
# laboratories with 50 scope rows each are about 1 GB).
MAX_UNPACKED_BYTES = 2_000_000_000
# Excel's own limit; no spreadsheet program makes more, a damaged file may claim it.
MAX_ROWS = 1_048_576
# What openpyxl calls the result of a formula that it did not compute.
FORMULA = "f"
ERROR = "e"


def text(value: object) -> str:
    """A cell's value as the CSV file would spell it."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return (value.date() if value.time() == dt.time() else value).isoformat()
    if isinstance(value, float) and value.is_integer():
        # Every number of a spreadsheet is a float; an accreditation number is not 2.1e11.
        return str(int(value))
    return str(value).strip()


def _check_cell(file: str, line: int, heading: str, cell: Any) -> Problem | None:  # noqa: ANN401
    """A formula's value is not in the file, an error's is nobody's; text like one is text."""
    if cell.data_type == FORMULA:
        return problem(file, line, heading, "formula")
    if cell.data_type == ERROR:
        return problem(file, line, heading, "error_cell", value=cell.value)
    return None


def _trimmed(row: Sequence[Any]) -> Sequence[Any]:
    """Without the empty cells that a spreadsheet keeps behind the last full one."""
    width = len(row)
    while width and row[width - 1].value is None:
        width -= 1
    return row[:width]


def rows_of(file: str, sheet: Any) -> Iterator[Sequence[Any]]:  # noqa: ANN401 - openpyxl has no types
    """The cells of each row, without the empty ones behind the last full one.

    Args:
        file: how the sheet is named.
        sheet: of a workbook that is read row by row.

    Raises:
        BadImportError: if it has more rows or columns than a spreadsheet can have.
    """
    # The size that the file claims may be wrong; the rows themselves count.
    sheet.reset_dimensions()
    number = 0
    try:
        for number, row in enumerate(sheet.iter_rows(), start=1):
            if number > MAX_ROWS or len(row) > MAX_COLUMNS:
                raise beyond(file, number)
            yield _trimmed(row)
    except ValueError as error:
        if "column name" not in str(error):
            raise
        raise beyond(file, number + 1) from error


def beyond(file: str, line: int) -> BadImportError:
    """The error of a sheet that is larger than spreadsheets are."""
    most = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
    return BadImportError([problem(file, line, "", "sheet_too_large", **most)])


def _read_sheet(
    file: str, lines: Iterable[Sequence[Any]], table: str
) -> tuple[RawTable | None, list[Problem]]:
    problems: list[Problem] = []
    headings: list[str] = []
    rows: list[RawRow] = []
    for line, row in enumerate(lines, start=1):
        if not any(text(cell.value) for cell in row):
            continue
        if not headings:
            headings = [text(cell.value) for cell in row]
            problems += check_headings(file, line, headings, table)
            if problems:
                return None, problems
            continue
        if len(row) > len(headings):
            counts = {"found": len(row), "expected": len(headings)}
            problems.append(problem(file, line, "", "cell_count", **counts))
            continue
        found = (
            _check_cell(file, line, heading, cell)
            for heading, cell in zip(headings, row, strict=False)
        )
        problems += [each for each in found if each]
        texts = [bare(text(cell.value)) for cell in row]
        texts += [""] * (len(headings) - len(texts))
        rows.append(RawRow(line, dict(zip(headings, texts, strict=True))))
    if not headings:
        problems.append(problem(file, 0, "", "no_header"))
    return RawTable(file, tuple(rows)), problems


def open_book(path: Path, *, results: bool = False) -> Any:  # noqa: ANN401
    """The workbook, its size checked before anything is unpacked.

    Args:
        path: of the file.
        results: what formulas were last computed to in place of the formulas.

    Raises:
        UnknownSourceError: if it is damaged, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise UnknownSourceError(path=str(path), reason="too_large")
        return openpyxl.load_workbook(path, read_only=True, data_only=results)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise UnknownSourceError(path=str(path), reason="damaged") from error


def read(path: Path) -> Source:
    """Reads the sheets that are named as tables.

    A sheet of another name is a problem: it is most likely a misspelt table.

    Args:
        path: of the .xlsx file.

    Returns:
        The tables; `sha256` is the file's.

    Raises:
        UnknownSourceError: if it is no workbook, is damaged, or holds no sheet.
        BadImportError: if a sheet has more rows or columns than a spreadsheet can have.
    """
    book = open_book(path)
    tables: dict[str, RawTable] = {}
    problems: list[Problem] = []
    try:
        for sheet in book.worksheets:
            file = f"{path.name}[{sheet.title}]"
            if sheet.title not in TABLES:
                problems.append(problem(file, 0, "", "unknown_table"))
                continue
            table, found = _read_sheet(file, rows_of(file, sheet), sheet.title)
            problems += found
            if table is not None:
                tables[sheet.title] = table
    finally:
        book.close()
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    documents = (Document(path.name, sha256),)
    return Source(path.name, sha256, tables, tuple(problems), documents=documents)
