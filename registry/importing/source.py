"""What every source format is turned into before anything is understood of it."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry.errors import Problem
from registry.importing.personal import scrub
from registry.models import TABLES
from registry.shape import content_columns

PREFIX = "registry.import."


@dc.dataclass(frozen=True, slots=True)
class RawRow:
    """One row of text.

    Attributes:
        line: physical line in the file, or row of the sheet, from 1.
        cells: heading to text, without surrounding spaces.
        place: where the row stands in its document, beginning with the document's name;
            "" for `file:line`.
    """

    line: int
    cells: Mapping[str, str]
    place: str = ""


@dc.dataclass(frozen=True, slots=True)
class RawTable:
    """One table of text.

    Attributes:
        file: how a place in it is named, `labs.csv` or `book.xlsx[labs]`.
        rows: in the order of the file, empty ones left out; may be read anew from the file
            each time they are asked for.
        problems: found while the rows are read, the last time they were.

    Names of files and sheets may have a person's number in them; it is left out of `file`,
    as it is of the names of `Document` and `Source`.
    """

    file: str
    rows: Iterable[RawRow]
    problems: list[Problem] = dc.field(default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "file", scrub(self.file))


@dc.dataclass(frozen=True, slots=True)
class Document:
    """A file that rows come from: its own name, and SHA-256 of its bytes."""

    name: str
    sha256: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", scrub(self.name))


@dc.dataclass(frozen=True, slots=True)
class Source:
    """A folder or spreadsheet, read.

    Attributes:
        name: the folder's or file's own name.
        sha256: of the content, see the reader.
        tables: the contract's table names to what was there.
        problems: what kept rows or tables from being read.
        warnings: what is odd and keeps nothing.
        pictures: the signatories' specimens, bytes by their SHA-256.
        documents: the files that were read.
        list_date: the day on which the list was true, where the document says so.
        snapshot: see `registry.imports.ImportRecord`.
        stated: what documents state, by table and laboratory (`filling.Given`).
        adds: whether the operator said that they only add.
        whole: what the operator said that they have every laboratory of (`silence`).
    """

    name: str
    sha256: str
    tables: Mapping[str, RawTable]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    pictures: Mapping[str, bytes] = dc.field(default_factory=dict)
    documents: tuple[Document, ...] = ()
    list_date: dt.date | None = None
    snapshot: bool = False
    stated: Mapping[str, Mapping[str, Sequence[tuple[dict[str, str], Any]]]] = dc.field(
        default_factory=dict
    )
    adds: bool | None = None
    whole: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", scrub(self.name))


def problem(file: str, line: int, column: str, what: str, **details: object) -> Problem:
    """A problem with the room's prefix before its code, and no number of a person in it."""
    texts = {name: scrub(str(value)) for name, value in details.items()}
    return Problem(scrub(file), line, column, PREFIX + what, texts)


# A column that a table may have besides, as `export` writes it: the day of the first list
# that no longer had the row.
DROPPED = "dropped_on"
# Tables whose rows no list drops.
_NEVER_DROPPED = ("labs", "coverage")


def check_headings(file: str, line: int, headings: list[str], table: str) -> list[Problem]:
    """Columns of one of the contract's tables that are missing, unknown or given twice."""
    columns = content_columns(TABLES[table])
    if table not in _NEVER_DROPPED and DROPPED in headings:
        columns = (*columns, DROPPED)
    found: list[Problem] = []
    for column in columns:
        if column not in headings:
            found.append(problem(file, line, column, "missing_column"))
    for place, heading in enumerate(headings):
        if heading not in columns:
            found.append(problem(file, line, heading, "unknown_column", position=place + 1))
        elif heading in headings[:place]:
            found.append(problem(file, line, heading, "column_twice"))
    return found
