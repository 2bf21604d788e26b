"""One spreadsheet in place of a folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
from sqlmodel import Session, select

from registry.models import Accreditation
from tests.registry.test_importing import GOOD, HELD, SEALS, Write, problems, run, write

__all__ = ["write"]


def make_book(path: Path, **tables: str) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in tables.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append(line.split(","))
    book.save(path)
    return path


def test_workbook_says_the_same_as_the_folder(
    session: Session, write: Write, tmp_path: Path
) -> None:
    """The two ways in would give two registries."""
    run(session, write(**GOOD))
    plan, _ = run(session, make_book(tmp_path / "book.xlsx", **GOOD))
    assert plan.problems == []
    assert plan.empty


def test_workbook_cells_with_types(session: Session, tmp_path: Path) -> None:
    """Days and numbers that a spreadsheet keeps as such would be refused or garbled."""
    path = make_book(tmp_path / "book.xlsx", labs=GOOD["labs"], accreditations=HELD.strip())
    book = openpyxl.load_workbook(path)
    day = dt.datetime(2021, 5, 1)
    row = ["a", "CMA", 211601060417, "甲", None, day, dt.date(2027, 4, 30), "valid", None, None]
    book["accreditations"].append(row)
    book.save(path)
    plan, _ = run(session, path)
    assert plan.warnings == []
    held = session.exec(select(Accreditation)).one()
    assert (held.number, held.valid_from) == ("211601060417", dt.date(2021, 5, 1))
    assert held.valid_until == dt.date(2027, 4, 30)


def test_workbook_errors_with_their_place(session: Session, tmp_path: Path) -> None:
    """An operator could not find the cell; a formula's text would be taken for its value."""
    path = make_book(
        tmp_path / "book.xlsx", labs=GOOD["labs"], seals=SEALS.strip(), Sheet1="x", fees="lab_id"
    )
    book = openpyxl.load_workbook(path)
    book["seals"].append(["a", "=B1", "x"])
    book["seals"].append(["a", "章", "x", "more"])
    book["labs"]["B3"] = None
    book.save(path)
    assert sorted(problems(session, path)) == [
        ("book.xlsx[Sheet1]:0:", "unknown_table"),
        ("book.xlsx[fees]:1:currency", "missing_column"),
        ("book.xlsx[fees]:1:filed_on", "missing_column"),
        ("book.xlsx[fees]:1:item", "missing_column"),
        ("book.xlsx[fees]:1:unit_cost", "missing_column"),
        ("book.xlsx[labs]:3:name", "required"),
        ("book.xlsx[seals]:2:text", "formula"),
        ("book.xlsx[seals]:3:", "cell_count"),
    ]
