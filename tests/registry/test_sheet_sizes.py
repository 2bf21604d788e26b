"""Sheets that are far larger than what stands in them, or than a spreadsheet can be."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import Session

from registry.errors import BadImportError
from registry.importing import workbook
from registry.importing.grids import MAX_COLUMNS
from registry.importing.plan import plan_import
from tests.registry import official
from tests.registry.lists import LABS
from tests.registry.test_formats import codes

SHEET = "xl/worksheets/sheet1.xml"


def authority(path: Path) -> Path:
    return official.xlsx(path, [official.institutions()])


def contract(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "labs"
    for line in LABS.splitlines():
        book.active.append(line.split(","))
    book.save(path)
    return path


def add(path: Path, rows: str, merged: str = "") -> Path:
    """Puts raw rows under those of the first sheet, as a program that knows no limits would."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts[SHEET].decode().replace("</sheetData>", f"{rows}</sheetData>")
    parts[SHEET] = sheet.replace("</mergeCells>", f"{merged}</mergeCells>").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def cell(place: str, row: int) -> str:
    return f'<row r="{row}"><c r="{place}{row}" t="inlineStr"><is><t>x</t></is></c></row>'


ROWS = {
    "a column beyond all names": cell("AAAA", 9),
    "a column that no program shows": cell("XFE", 9),
    "cells without a place": f'<row r="9">{"<c><v>1</v></c>" * (MAX_COLUMNS + 1)}</row>',
    "a row beyond all": cell("A", 2_000_000_000),
}


@pytest.mark.parametrize("make", [authority, contract])
@pytest.mark.parametrize("what", ROWS)
def test_beyond_every_spreadsheet(
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], Path],
    what: str,
) -> None:
    """The program would stop without a word, or count empty rows until it is killed."""
    monkeypatch.setattr(workbook, "MAX_ROWS", 1000)
    path = add(make(tmp_path / "a.xlsx"), ROWS[what])
    with pytest.raises(BadImportError) as caught:
        plan_import(session, path)
    [told] = caught.value.problems
    assert told.code == "registry.import.sheet_too_large"
    assert told.file.startswith("a.xlsx[")


def test_a_merged_cell_beyond_all(session: Session, tmp_path: Path) -> None:
    """Likewise, of the cells that are read past the rows."""
    path = add(authority(tmp_path / "a.xlsx"), "", '<mergeCell ref="A9:AAAA9"/>')
    with pytest.raises(BadImportError):
        plan_import(session, path)


@pytest.mark.parametrize("make", [authority, contract])
def test_empty_rows_and_columns_say_nothing(
    session: Session, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    """Whole rows and columns that were given a colour would be rows that lack everything."""
    path = make(tmp_path / "a.xlsx")
    before = plan_import(session, path).counts
    empty = "".join(f'<row r="{row}"/>' for row in range(100, 3000))
    coloured = "".join(f'<row r="{row}"><c r="XFD{row}" s="0"/></row>' for row in range(3000, 3050))
    add(path, empty + coloured)
    assert codes(session, path) == []
    assert plan_import(session, path).counts == before


@pytest.mark.parametrize("make", [authority, contract])
def test_empty_cells_behind_a_row_are_none(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """A million coloured rows as wide as a sheet can be would take hours."""
    path = add(
        make(tmp_path / "a.xlsx"), '<row r="9"><c r="B9"><v>1</v></c><c r="XFD9" s="0"/></row>'
    )
    book = workbook.open_book(path)
    rows = list(workbook.rows_of("a", book.worksheets[0]))
    book.close()
    assert (len(rows), len(rows[-1])) == (9, 2)
