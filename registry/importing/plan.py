"""What an import would change, worked out before anything is touched.

The meaning of a file is told in `registry.importing`, that of several lists together in
`registry.importing.fold`. A plan is made of steps, a few hundred laboratories each, so that
a registry of a whole country is never in memory; a plan keeps the first changes to show and
counts them all.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from registry import bulk
from registry.errors import Problem
from registry.history import Version, held, known
from registry.importing.changes import Change, Kind, change_of, kind_of
from registry.importing.fold import (
    Difference,
    Earlier,
    ListDay,
    Listed,
    differences,
    fold,
    is_stale,
    replaced_since,
    restored,
)
from registry.importing.opening import open_source
from registry.importing.rows import ReadTable, read_table
from registry.importing.source import Document, problem, today
from registry.importing.spool import ReadRow
from registry.imports import ImportGroup, ImportKind, ImportRecord
from registry.index import CHUNK, chunks
from registry.models import DEMO_PREFIX, TABLES, Lab
from registry.revision import all_groups, holds_demo, newest_replacement
from registry.shape import Shape, Values, shape

# So many changes of each kind are kept to be shown; all are counted.
SHOWN = 10_000


@dc.dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be taken.

    Attributes:
        list_date: the day on which the list was true; else what the document says, else today.
        corrects: rows no longer listed never held, rather than that they have ended.
        loaded_by: who imports it.
        replace: whether all that is held goes first, whatever it is.
        mapping: a file that says what a document's headings mean; else the one beside it.
    """

    list_date: dt.date | None = None
    corrects: bool = False
    loaded_by: str = ""
    replace: bool = False
    mapping: Path | None = None


@dc.dataclass(slots=True)
class ImportPlan:
    """All that an import would do.

    Attributes:
        source_name: the file's or folder's own name.
        source_sha256: of its content.
        list_date: the day on which the list was true; None for an undo.
        kind: what the import is.
        loaded_by: who imports it.
        documents: the files that were read.
        tables: the typed rows, by the contract's tables in their order.
        changes: the first `SHOWN` changes of each kind.
        counts: how many there are of each kind.
        unchanged: rows of the file that the registry holds already, or knows better.
        news: whether the lists' day tells something new, be it that nothing changed.
        problems: what is wrong; a plan with any is never carried out.
        warnings: what is odd and is carried out.
        replaces: whether everything held so far goes first (the demo before real data).
        snapshot: see `registry.imports.ImportRecord`.
        undoes: number of the import that this one takes back.
        pictures: the signatories' specimens, bytes by their SHA-256.
    """

    source_name: str
    source_sha256: str
    list_date: dt.date | None = None
    kind: ImportKind = ImportKind.LIST
    loaded_by: str = ""
    documents: tuple[Document, ...] = ()
    tables: Mapping[str, ReadTable] = dc.field(default_factory=dict)
    changes: dict[Kind, list[Change]] = dc.field(
        default_factory=lambda: {each: [] for each in Kind}
    )
    counts: Counter[Kind] = dc.field(default_factory=Counter)
    unchanged: int = 0
    news: bool = False
    problems: list[Problem] = dc.field(default_factory=list)
    warnings: list[Problem] = dc.field(default_factory=list)
    replaces: bool = False
    snapshot: bool = False
    undoes: int | None = None
    pictures: Mapping[str, bytes] = dc.field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether no row would change."""
        return not self.counts.total()

    def __iter__(self) -> Iterator[Change]:
        """The changes to show: removed, ended, changed, added."""
        for kind in (Kind.REMOVE, Kind.END, Kind.CHANGE, Kind.ADD):
            yield from self.changes[kind]

    def add(self, shaped: Shape, difference: Difference) -> None:
        """Counts a difference, and keeps it to be shown."""
        kind = kind_of(shaped, difference)
        if kind is None:
            return
        self.counts[kind] += 1
        if len(self.changes[kind]) < SHOWN:
            self.changes[kind].append(change_of(shaped, kind, difference))


@dc.dataclass(frozen=True, slots=True)
class Step:
    """Some groups of one table, and what is to be done to them."""

    shape: Shape
    differences: Sequence[Difference]


# Steps -------------------------------------------------------------------------------------


def steps(session: Session, plan: ImportPlan) -> Iterator[Step]:
    """Works out a plan's changes, a few hundred groups at a time, and counts them in it.

    A step may be carried out before the next is asked for.
    """
    session.flush()
    everything = all_groups(session) if plan.replaces else []
    since = newest_replacement(session)
    # In the tables' own order, so that laboratories come before what is said of them.
    for table in TABLES:
        shaped, read = shape(table), plan.tables.get(table)
        listed = read.rows.names if read else set()
        for batch in read.rows.batches(CHUNK) if read else ():
            yield _step(session, plan, shaped, batch, since)
        unnamed = (each for each in everything if shaped.is_claim == ("/" in each))
        for some in chunks(sorted(set(unnamed) - listed)):
            yield _step(session, plan, shaped, {group: [] for group in some}, since)
    plan.problems.sort(key=lambda each: (each.file, each.line))


def _step(
    session: Session,
    plan: ImportPlan,
    shaped: Shape,
    batch: Mapping[str, list[ReadRow]],
    since: int,
) -> Step:
    earlier = {} if plan.replaces else _earlier(session, shaped.name, list(batch), since)
    compared = _compared(session.connection(), plan, shaped, batch, earlier)
    found = [difference for group in compared for difference in group]
    for difference in found:
        plan.add(shaped, difference)
    return Step(shaped, found)


def _compared(
    connection: Connection,
    plan: ImportPlan,
    shaped: Shape,
    batch: Mapping[str, list[ReadRow]],
    earlier: Mapping[str, list[Earlier]],
) -> Iterator[list[Difference]]:
    """What a list changes in each group."""
    assert plan.list_date is not None
    this = ListDay(plan.list_date, plan.kind is ImportKind.CORRECTION)
    now = _by_group(shaped, held(connection, shaped, list(batch)))
    starts = _starts(connection, shaped, earlier, this)
    for group, rows in batch.items():
        lists = earlier.get(group, [])
        plan.unchanged += len(rows)
        if is_stale(lists, this.day):
            continue
        if not any((one.day, one.corrects) == (this.day, this.corrects) for one in lists):
            plan.news = True
        start = [] if plan.replaces else starts.get(group, now.get(group, []))
        if group in starts:
            lists = [one for one in lists if one.day != this.day]
        absorbed = plan.tables[shaped.name].absorbed if rows else frozenset()
        wanted = fold(shaped, start, _listed(plan, shaped, rows), lists, this, absorbed)
        found = [each for each in differences(shaped, now.get(group, []), wanted) if each]
        plan.unchanged -= sum(
            each.after is not None and each.after.stated_by is None for each in found
        )
        yield found


def _listed(plan: ImportPlan, shaped: Shape, rows: Sequence[ReadRow]) -> dict[Values, Listed]:
    """A group's rows by their keys; one that repeats another's is a problem."""
    file = plan.tables[shaped.name].file if rows else ""
    key_of = shaped.key
    found: dict[Values, Listed] = {}
    for line, values, place in rows:
        key = key_of(values)
        first = line
        if key in found:
            first = next(row.line for row in rows if key_of(row.values) == key)
        if first == line:
            found[key] = Listed(values, place or f"{file}:{line}")
        else:
            columns = TABLES[shaped.name].key_columns
            column = columns[-1] if len(columns) == 1 else ""
            plan.problems.append(problem(file, line, column, "duplicate", first=first))
    return found


def _by_group(
    shaped: Shape, versions: Iterator[Version] | list[Version]
) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for version in versions:
        found.setdefault(shaped.group(version.values), []).append(version)
    return found


def _starts(
    connection: Connection, shaped: Shape, earlier: Mapping[str, list[Earlier]], this: ListDay
) -> dict[str, list[Version]]:
    """What was held before the lists that this one takes the place of, by group."""
    if this.corrects:
        return {}  # a correction takes everything's place anyhow
    replaced: dict[int, list[str]] = {}
    for group, lists in earlier.items():
        first = replaced_since(lists, this.day)
        if first is not None:
            replaced.setdefault(first, []).append(group)
    starts: dict[str, list[Version]] = {}
    for first, groups in replaced.items():
        before = _by_group(shaped, known(connection, shaped, first - 1, groups))
        starts |= {group: before.get(group, []) for group in groups}
    return starts


def _earlier(
    session: Session, table: str, groups: Sequence[str], since: int
) -> dict[str, list[Earlier]]:
    """The imports that were lists of some groups and were not taken back, in their order."""
    query = (
        select(ImportGroup.key, ImportRecord)
        .join(ImportRecord, col(ImportRecord.id) == col(ImportGroup.import_id))
        .where(
            ImportGroup.table_name == table,
            col(ImportGroup.key).in_(groups),
            col(ImportGroup.import_id) >= since,
            col(ImportRecord.undone_by).is_(None),
        )
        .order_by(col(ImportRecord.id))
    )
    found: dict[str, list[Earlier]] = {}
    for key, record in session.exec(query):
        if record.id is not None and record.list_date is not None:
            corrects = record.kind == ImportKind.CORRECTION
            found.setdefault(key, []).append(Earlier(record.id, record.list_date, corrects))
    return found


def steps_back(
    session: Session, plan: ImportPlan, groups: Mapping[str, Sequence[str]]
) -> Iterator[Step]:
    """Works out what takes an import back, like `steps`.

    Args:
        session: of the registry.
        plan: that names the import.
        groups: what it had touched, by table.
    """
    session.flush()
    connection = session.connection()
    assert plan.undoes is not None
    for table in TABLES:
        shaped = shape(table)
        for some in chunks(sorted(groups.get(table, ()))):
            before = restored(shaped, known(connection, shaped, plan.undoes - 1, some))
            now = held(connection, shaped, some)
            found = [each for each in differences(shaped, now, before) if each]
            for difference in found:
                plan.add(shaped, difference)
            yield Step(shaped, found)


# Plans -------------------------------------------------------------------------------------


def _check_labs(session: Session, plan: ImportPlan) -> None:
    """Every laboratory that a row names is in this file or in the registry.

    A laboratory whose own row is bad counts as listed: one mistake, one problem.
    """
    labs = plan.tables.get("labs")
    listed = labs.listed if labs else set()
    about = [read for table, read in plan.tables.items() if table not in ("labs", "coverage")]
    named = {lab_id for read in about for lab_id in read.rows.names} - listed
    registered: set[str] = set()
    if not plan.replaces:
        for some in chunks(sorted(named)):
            registered.update(session.exec(select(Lab.lab_id).where(col(Lab.lab_id).in_(some))))
    unknown = named - registered
    plan.problems += [
        problem(read.file, row.line, "lab_id", "unknown_lab", value=lab_id)
        for read in about
        if unknown & read.rows.names
        for lab_id, row in read.rows
        if lab_id in unknown
    ]


def _replaces_demo(session: Session, tables: Mapping[str, ReadTable]) -> bool:
    """Whether real laboratories come to a registry that holds demo ones and no others."""
    incoming = tables["labs"].rows if "labs" in tables else ()
    name = shape("labs").columns.index("name")
    if all(row.values[name].startswith(DEMO_PREFIX) for _, row in incoming):
        return False
    real = select(Lab.lab_id).where(~col(Lab.name).startswith(DEMO_PREFIX)).limit(1)
    return holds_demo(session) and session.exec(real).first() is None


@bulk.seldom_collected()
def read_plan(session: Session, path: Path, wish: Wish = Wish()) -> ImportPlan:  # noqa: B008 - frozen
    """Reads and checks a path; what it would change is not worked out yet (`steps`).

    Raises:
        UnknownSourceError: if the path is no source, or cannot be read.
    """
    source = open_source(session, path, wish.mapping, wish.list_date)
    plan = ImportPlan(
        source.name,
        source.sha256,
        list_date=wish.list_date or source.list_date or today(),
        kind=ImportKind.CORRECTION if wish.corrects else ImportKind.LIST,
        loaded_by=wish.loaded_by,
        documents=source.documents,
        tables={
            name: read_table(name, source.tables[name]) for name in TABLES if name in source.tables
        },
        problems=list(source.problems),
        warnings=list(source.warnings),
        pictures=source.pictures,
        snapshot=source.snapshot,
    )
    if plan.list_date is not None and plan.list_date > today():
        # Every list until then would be the older one, and tell nothing.
        told = problem(plan.source_name, 0, "", "list_of_the_future", day=plan.list_date)
        plan.problems.append(told)
    for read in plan.tables.values():
        plan.problems += read.problems
        plan.warnings += read.warnings
    if plan.problems:  # what else is wrong is told as well
        for name, read in plan.tables.items():
            for batch in read.rows.batches(CHUNK):
                for rows in batch.values():
                    _listed(plan, shape(name), rows)
    plan.replaces = wish.replace or _replaces_demo(session, plan.tables)
    # A list of laboratories that could not be read would make every row's unknown.
    if "labs" in plan.tables or not source.problems:
        _check_labs(session, plan)
    plan.problems.sort(key=lambda each: (each.file, each.line))
    return plan


def plan_import(session: Session, path: Path, wish: Wish = Wish()) -> ImportPlan:  # noqa: B008 - frozen
    """Works out what importing a path would change; changes nothing.

    Args:
        session: of the registry.
        path: a folder of CSV tables, one .xlsx of them, or documents (`documents.read`).
        wish: how to take it.

    Returns:
        The plan; where it has problems, its changes were not worked out.

    Raises:
        UnknownSourceError: if the path is neither, or cannot be read.
    """
    plan = read_plan(session, path, wish)
    if not plan.problems:
        for _ in steps(session, plan):
            pass
    return plan
