"""What an import would change, worked out row by row before anything is touched.

The meaning of a file is told in `registry.importing`.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from sqlmodel import Session, col, select

from registry import specimens
from registry.errors import Problem, UnknownSourceError
from registry.importing import csv_tables, workbook
from registry.importing.rows import TERMS, ReadTable, read_table
from registry.importing.source import Source, problem
from registry.index import chunks
from registry.models import DEMO_PREFIX, TABLES, Coverage, Lab, Row, row_digest
from registry.revision import cell, content_columns, holds_demo


class Kind(StrEnum):
    """What happens to a row."""

    ADD = "add"
    CHANGE = "change"
    END = "end"
    REMOVE = "remove"


@dc.dataclass(frozen=True, slots=True)
class CellChange:
    """One cell before and after, as the CSV file would spell it."""

    column: str
    before: str
    after: str


@dc.dataclass(frozen=True, slots=True)
class Change:
    """One row that an import touches.

    Attributes:
        kind: what happens to it.
        table: the contract's table.
        source: names the row, `accreditations: yuan/CMA/211601060417`.
        cells: what differs; all cells that are not empty for a row added or removed.
        row: the row as the file has it; for a row that is ended or removed, as it was.
        stored: the row in the database, None for one to be added.
    """

    kind: Kind
    table: str
    source: str
    cells: tuple[CellChange, ...]
    row: Row
    stored: Row | None


@dc.dataclass(slots=True)
class ImportPlan:
    """All that an import would do, in the order of the tables.

    Attributes:
        source_name: the file's or folder's own name.
        source_sha256: of its content.
        unchanged: rows of the file that the registry holds already.
        problems: what is wrong; a plan with any is never carried out.
        warnings: what is odd and is carried out.
        replaces: whether everything held so far goes first (the demo before real data).
        pictures: the signatories' specimens, bytes by their SHA-256.
    """

    source_name: str
    source_sha256: str
    adds: list[Change] = dc.field(default_factory=list)
    changes: list[Change] = dc.field(default_factory=list)
    ends: list[Change] = dc.field(default_factory=list)
    removes: list[Change] = dc.field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = dc.field(default_factory=list)
    warnings: list[Problem] = dc.field(default_factory=list)
    replaces: bool = False
    pictures: Mapping[str, bytes] = dc.field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.adds or self.changes or self.ends or self.removes)

    def __iter__(self) -> Iterator[Change]:
        """Every change: removed, ended, changed, added."""
        yield from (*self.removes, *self.ends, *self.changes, *self.adds)


def open_source(path: Path) -> Source:
    """Reads a folder of CSV tables or a workbook.

    Raises:
        UnknownSourceError: if the path is neither, or cannot be read.
    """
    try:
        if path.is_dir():
            return specimens.attach(csv_tables.read(path), path)
        if path.suffix.lower() == ".xlsx" and path.is_file():
            return specimens.attach(workbook.read(path), path.parent)
    except OSError as error:
        raise UnknownSourceError(path=str(path), reason="unreadable") from error
    reason = "unknown_format" if path.exists() else "missing"
    raise UnknownSourceError(path=str(path), reason=reason)


def _cells(row: Row) -> dict[str, str]:
    return {name: cell(getattr(row, name)) for name in content_columns(type(row))}


def _whole(kind: Kind, table: str, row: Row, stored: Row | None) -> Change:
    """A row that comes or goes as a whole."""
    cells = tuple(
        CellChange(name, "" if kind is Kind.ADD else text, text if kind is Kind.ADD else "")
        for name, text in _cells(row).items()
        if text
    )
    return Change(kind, table, row.row_source, cells, row, stored)


def _group(row: Row) -> str:
    """What a table is the full list for: the laboratory, or the authority and kind."""
    return f"{row.authority_code}/{row.kind}" if isinstance(row, Coverage) else row.natural_key()[0]


def _stored(session: Session, model: type[Row], groups: Iterable[str]) -> dict[str, Row]:
    """The rows that a table of the file speaks of, by their digest."""
    rows: list[Row] = []
    if model is Coverage:
        wanted = set(groups)
        rows += (row for row in session.exec(select(Coverage)) if _group(row) in wanted)
    else:
        lab_id = model.__table__.c.lab_id  # type: ignore[attr-defined]
        for some in chunks(sorted(set(groups))):
            rows += session.exec(select(model).where(lab_id.in_(some)))
    return {row_digest(row): row for row in rows}


class _Planner:
    """Fills a plan, one table after the other."""

    def __init__(self, session: Session, plan: ImportPlan, today: dt.date) -> None:
        self._session = session
        self._plan = plan
        self._yesterday = today - dt.timedelta(days=1)

    def replace_all(self) -> None:
        """Everything held so far goes."""
        self._plan.replaces = True
        for table, model in TABLES.items():
            for row in self._session.exec(select(model)):
                self._plan.removes.append(_whole(Kind.REMOVE, table, row, row))

    def add_table(self, table: str, read: ReadTable) -> None:
        """Compares one table with what is held."""
        groups = {_group(each.row) for each in read.rows}
        stored = {} if self._plan.replaces else _stored(self._session, TABLES[table], groups)
        for each in read.rows:
            before = stored.pop(row_digest(each.row), None)
            if before is None:
                self._plan.adds.append(_whole(Kind.ADD, table, each.row, None))
            else:
                self._update(table, before, each.row)
        for row in stored.values():
            self._drop(table, row)

    def _update(self, table: str, stored: Row, row: Row) -> None:
        before, after = _cells(stored), _cells(row)
        cells = tuple(
            CellChange(name, before[name], after[name])
            for name in before
            if before[name] != after[name]
        )
        if cells:
            change = Change(Kind.CHANGE, table, row.row_source, cells, row, stored)
            self._plan.changes.append(change)
        else:
            self._plan.unchanged += 1

    def _drop(self, table: str, row: Row) -> None:
        """A row that its list no longer has."""
        if table == "labs":
            return  # a file never lists a laboratory without itself
        if table == "coverage" or table not in TERMS:
            self._plan.removes.append(_whole(Kind.REMOVE, table, row, row))
            return
        first, last = (getattr(row, name) for name in TERMS[table])
        if last is not None and last <= self._yesterday:
            return  # history
        if first is not None and first > self._yesterday:
            self._plan.removes.append(_whole(Kind.REMOVE, table, row, row))
            return
        cells = (CellChange(TERMS[table][1], cell(last), self._yesterday.isoformat()),)
        self._plan.ends.append(Change(Kind.END, table, row.row_source, cells, row, row))


def _check_labs(
    session: Session, plan: ImportPlan, source: Source, tables: dict[str, ReadTable]
) -> None:
    """Every laboratory that a row names is in this file or in the registry.

    A laboratory whose own row is bad counts as listed: one mistake, one problem.
    """
    labs = source.tables.get("labs")
    listed = {raw.cells["lab_id"] for raw in labs.rows} if labs else set()
    rows = [
        (read.file, each.line, _group(each.row))
        for table, read in tables.items()
        if table not in ("labs", "coverage")
        for each in read.rows
    ]
    named = {lab_id for _, _, lab_id in rows} - listed
    stored = {} if plan.replaces else _stored(session, Lab, named)
    unknown = named - {_group(lab) for lab in stored.values()}
    plan.problems += [
        problem(file, line, "lab_id", "unknown_lab", value=lab_id)
        for file, line, lab_id in rows
        if lab_id in unknown
    ]


def _replaces_demo(session: Session, tables: dict[str, ReadTable]) -> bool:
    """Whether real laboratories come to a registry that holds demo ones and no others."""
    incoming = tables["labs"].rows if "labs" in tables else []
    if all(isinstance(each.row, Lab) and each.row.demo for each in incoming):
        return False
    real = select(Lab.lab_id).where(~col(Lab.name).startswith(DEMO_PREFIX)).limit(1)
    return holds_demo(session) and session.exec(real).first() is None


def plan_import(
    session: Session, path: Path, *, today: dt.date | None = None, replace: bool = False
) -> ImportPlan:
    """Works out what importing a path would change; changes nothing.

    Args:
        session: whose rows the plan will refer to; carry it out in the same one.
        path: a folder of CSV tables, or one .xlsx.
        today: the day of the import; rows no longer listed end on the day before.
        replace: whether all that is held goes first, whatever it is.

    Returns:
        The plan; where it has problems, nothing else in it is complete.

    Raises:
        UnknownSourceError: if the path is neither, or cannot be read.
    """
    source = open_source(path)
    plan = ImportPlan(
        source.name,
        source.sha256,
        problems=list(source.problems),
        warnings=list(source.warnings),
        pictures=source.pictures,
    )
    # In the tables' own order, so that laboratories come before what is said of them.
    tables = {
        name: read_table(name, source.tables[name]) for name in TABLES if name in source.tables
    }
    for read in tables.values():
        plan.problems += read.problems
        plan.warnings += read.warnings
    planner = _Planner(session, plan, today or dt.date.today())
    if replace or _replaces_demo(session, tables):
        planner.replace_all()
    # A list of laboratories that could not be read would make every row's unknown.
    if "labs" in tables or not source.problems:
        _check_labs(session, plan, source, tables)
    plan.problems.sort(key=lambda each: (each.file, each.line))
    if not plan.problems:
        for name, read in tables.items():
            planner.add_table(name, read)
    return plan
