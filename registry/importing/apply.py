"""Carries out a plan: all of it or nothing, and writes down that it was done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, delete, update
from sqlmodel import Session, col, select

from registry import bulk, index, listed, specimens
from registry.errors import BadImportError
from registry.history import MARKS, supersede
from registry.importing.changes import Kind
from registry.importing.edits import edit_steps
from registry.importing.fold import Difference, Wanted
from registry.importing.planned import ImportPlan, Step
from registry.importing.stated import encoded
from registry.importing.steps import steps
from registry.importing.wholes import whole_tables
from registry.imports import (
    ImportDocument,
    ImportEdit,
    ImportGroup,
    ImportRecord,
    ImportStatement,
)
from registry.models import TABLES
from registry.records import Revision
from registry.revision import current, holds_demo, kept_digest, newest_list, refresh
from registry.shape import Shape

# Tables whose rows laboratories are found by.
_INDEXED = frozenset(str(model.__tablename__) for model in index.INDEXED)
_GROUPS: Table = ImportGroup.__table__  # type: ignore[attr-defined]
_STATED: Table = ImportStatement.__table__  # type: ignore[attr-defined]
_STATED_COLUMNS = ("table_name", "key", "import_id", "stated")


def apply_plan(
    session: Session, plan: ImportPlan, *, imported_at: dt.datetime | None = None
) -> Revision:
    """Carries out a plan in the session's transaction; the caller commits.

    Args:
        session: rolled back by the caller on any error.
        plan: what to do; its counts are made anew. One that changes nothing and tells
            nothing new leaves no record: the registry keeps its revision.
        imported_at: UTC; now by default.

    Returns:
        The registry's revision after it.

    Raises:
        BadImportError: if the plan has problems; nothing was changed.
    """
    if plan.problems:
        raise BadImportError(plan.problems)
    groups = {table: sorted(read.rows.names) for table, read in plan.tables.items()}
    planned = steps(session, plan) if plan.edit is None else edit_steps(session, plan)
    return carry_out(session, plan, planned, groups, imported_at)


@bulk.seldom_collected()
def carry_out(
    session: Session,
    plan: ImportPlan,
    planned: Iterable[Step],
    groups: Mapping[str, Sequence[str]],
    imported_at: dt.datetime | None = None,
) -> Revision:
    """Carries out steps and records the import.

    Args:
        session: rolled back by the caller on any error.
        plan: that the steps are of; counted anew.
        planned: the steps, taken one at a time.
        groups: what the import, or the one that it takes back, is the full list of, by table.
        imported_at: UTC; now by default.
    """
    plan.counts.clear()
    plan.unchanged = 0
    plan.touched.clear()
    plan.complete.clear()
    for shown in plan.changes.values():
        shown.clear()
    writer = _Writer(session, plan, groups, imported_at or dt.datetime.now(dt.UTC))
    for step in planned:
        if step.differences and not plan.problems:
            writer.take(step)
    if plan.problems:  # found only now; the caller rolls back
        raise BadImportError(plan.problems)
    nothing_yet = session.exec(select(ImportRecord.id).limit(1)).first() is None
    if plan.news or nothing_yet:
        writer.record()
    return writer.finish()


def _chunked(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


class _Writer:
    """Writes the steps of one import."""

    def __init__(
        self,
        session: Session,
        plan: ImportPlan,
        groups: Mapping[str, Sequence[str]],
        imported_at: dt.datetime,
    ) -> None:
        self._session = session
        self._connection = session.connection()
        self._plan = plan
        self._groups = groups
        self._imported_at = imported_at
        self._record: ImportRecord | None = None
        self._touched: set[str] = set()
        self._findable: set[str] = set()
        self._gone: list[str] = []

    def record(self) -> int:
        """The import's number; the record is made when it is first needed."""
        if self._record is None:
            plan = self._plan
            self._record = ImportRecord(
                revision="",
                imported_at=self._imported_at,
                kind=plan.kind.value,
                list_date=plan.list_date,
                loaded_by=plan.loaded_by,
                source_name=plan.source_name,
                source_sha256=plan.source_sha256,
                replaces=plan.replaces,
                snapshot=plan.snapshot,
                undoes=plan.undoes,
            )
            self._session.add(self._record)
            self._session.flush()
        assert self._record.id is not None
        return self._record.id

    def take(self, step: Step) -> None:
        """Carries out one step."""
        number, shaped = self.record(), step.shape
        removed, changed, added = [], [], []
        for each in step.differences:
            if each.before is None:
                added.append(each)
            elif each.after is None:
                removed.append(each)
            else:
                changed.append(each)
            row = each.after or each.before
            assert row is not None
            self._touched.add(shaped.group(row.values))
            if shaped.name in _INDEXED:
                self._findable.add(str(row.values[0]))
        self._remove(shaped, removed, number)
        self._change(shaped, changed, number)
        self._add(shaped, added, number)

    def _remove(self, shaped: Shape, removed: Sequence[Difference], number: int) -> None:
        numbers = [each.before.number for each in removed if each.before]
        for some in _chunked(numbers, index.CHUNK):
            supersede(self._connection, shaped, some, number)
            if shaped.name == "labs":  # goes after all that is said of it
                self._gone += some
                continue
            column = shaped.table.c[shaped.primary]
            self._connection.execute(delete(shaped.table).where(column.in_(some)))

    def _change(self, shaped: Shape, changed: Sequence[Difference], number: int) -> None:
        for some in _chunked(changed, index.CHUNK):
            numbers = [each.before.number for each in some if each.before]
            supersede(self._connection, shaped, numbers, number)
            names = (*shaped.columns, *MARKS)
            rows = [
                dict(zip(names, _marked(each.after, number), strict=True))
                | {"number_": each.before.number}
                for each in some
                if each.before and each.after
            ]
            column = shaped.table.c[shaped.primary]
            statement = (
                update(shaped.table)
                .where(column == bindparam("number_"))
                .values({name: bindparam(name) for name in names})
            )
            self._connection.execute(statement, rows)

    def _add(self, shaped: Shape, added: Sequence[Difference], number: int) -> None:
        columns = (*shaped.columns, *MARKS)
        rows: Iterator[tuple[Any, ...]] = (
            _marked(each.after, number) for each in added if each.after
        )
        if shaped.primary == "id":
            columns = (*columns, "row_key")
            row_key = shaped.row_key
            rows = ((*row, row_key(row)) for row in rows)
        bulk.insert(self._connection, shaped.table, columns, rows)

    def finish(self) -> Revision:
        """Brings everything derived up to date and completes the record."""
        if self._record is None:
            return current(self._session)
        specimens.keep(self._session, self._plan.pictures)
        if self._plan.undoes is not None:
            self._take_back(self.record(), self._plan.undoes)
            self._session.flush()
        else:
            self._list_documents()
        self._touch_lists()
        self._remove_labs()
        index.reindex(self._connection, self._findable - set(self._gone))
        refresh(self._session, self._touched)
        self._complete(self._record)
        self._session.flush()
        # Rows were written past the session.
        self._session.expire_all()
        return current(self._session)

    def _remove_labs(self) -> None:
        labs = TABLES["labs"].__table__  # type: ignore[attr-defined]
        for some in _chunked(self._gone, index.CHUNK):
            index.forget(self._connection, some)
            self._connection.execute(delete(labs).where(labs.c.lab_id.in_(some)))

    def _complete(self, record: ImportRecord) -> None:
        plan = self._plan
        record.revision = kept_digest(self._session, newest_list(self._session))
        record.demo = holds_demo(self._session)
        record.added = plan.counts[Kind.ADD]
        record.changed = plan.counts[Kind.CHANGE]
        record.ended = plan.counts[Kind.END]
        record.removed = plan.counts[Kind.REMOVE]
        record.unchanged = plan.unchanged

    def _list_documents(self) -> None:
        """Writes down what was read, and what it is the full list of."""
        number, plan = self.record(), self._plan
        documents = {each.name: each.sha256 for each in plan.documents}
        for name, sha256 in documents.items():
            self._session.add(ImportDocument(import_id=number, name=name, sha256=sha256))
        if plan.edit is not None:
            told = plan.edit.model_dump(exclude={"import_id"})
            self._session.add(ImportEdit(import_id=number, **told))
        for table, keys in self._groups.items():
            columns = ("table_name", "key", "import_id")
            rows = ((table, key, number) for key in keys)
            bulk.insert(self._connection, _GROUPS, columns, rows)
            if self._plan.snapshot:
                given = plan.stated.get(table, {})
                texts = ((table, key, number, encoded(given[key], adds=plan.adds)) for key in given)
                bulk.insert(self._connection, _STATED, _STATED_COLUMNS, texts)
        for table in whole_tables(plan):
            whole = ((table, claim, number) for claim in sorted(plan.whole))
            bulk.insert(self._connection, _GROUPS, ("table_name", "key", "import_id"), whole)
        beside = {**dict.fromkeys(plan.touched, ""), **plan.complete}
        rows_ = ((*group, number, text) for group, text in sorted(beside.items()))
        bulk.insert(self._connection, _STATED, _STATED_COLUMNS, rows_)
        self._session.flush()

    def _touch_lists(self) -> None:
        """The days of lists of a day are part of what is held (`registry.listed`)."""
        snapshots = select(ImportRecord.id).where(col(ImportRecord.snapshot)).limit(1)
        if self._session.exec(snapshots).first() is not None:
            for table in listed.TABLES:
                self._touched.update(self._groups.get(table, ()))

    def _take_back(self, number: int, undone: int) -> None:
        taken = self._session.get_one(ImportRecord, undone)
        taken.undone_by = number
        if taken.undoes is not None:  # what it had taken back counts again
            self._session.get_one(ImportRecord, taken.undoes).undone_by = None


def _marked(wanted: Wanted, number: int) -> tuple[Any, ...]:
    """A row's values with its marks behind them, in the order of `history.MARKS`."""
    stated_by = number if wanted.stated_by is None else wanted.stated_by
    return (*wanted.values, number, stated_by, wanted.place, wanted.dropped_on)
