"""What somebody says of one right: an import of one row that is silent about every other.

An edit is told with its day, its reason and what bears it out. It is no list: lists of older
days that are imported later add what they have and leave the edited row as it is; a list of a
later day that has the row, or no longer has it, counts again. So the edits of a group are laid
over what its lists say together, whenever that is worked out anew (`laid_over`).

What the registry held before stays known (`registry.history`), and an edit is taken back like
any import.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session, col, select

from registry.days import today
from registry.errors import Problem
from registry.history import Version, held
from registry.importing.fold import Difference, Earlier, Key, Wanted, differences, newest_listing
from registry.importing.planned import ImportPlan, Step
from registry.importing.rows import read_table
from registry.importing.source import Document, RawRow, RawTable, problem
from registry.imports import ImportEdit, ImportKind, ImportRecord
from registry.models import TABLES, Lab
from registry.shape import Shape, Values, cell, shape

# How an edit's source and place are called in the log.
NAME = "edit"
# Tables of which a row may be edited; a claim of coverage comes with its list.
EDITABLE = tuple(table for table in TABLES if table != "coverage")
_ONE_DAY = dt.timedelta(days=1)


class Edit(NamedTuple):
    """An edit that was not taken back.

    Attributes:
        number: of its import.
        day: on which it was said.
        before: key of the row that it is about; None for a new one.
        after: the row as it is to be; None for one that never held.
        dropped_on: see `registry.models.Row`.
    """

    number: int
    day: dt.date
    before: Key | None
    after: Values | None
    dropped_on: dt.date | None


@dc.dataclass(frozen=True, slots=True)
class EditWish:
    """What is to be said of one row.

    Attributes:
        table: the contract's.
        lab_id: of the laboratory; it is registered.
        before: the row held so far, its cells as the contract's CSV has them; None to add one.
        after: the row as it is to be, likewise; None where it never held.
        ended_on: the last day of a row without a column for it (a seal, a domain …).
        corrects: whether what the registry had was wrong, rather than true until now.
        reason: why.
        source: what bears it out.
        url: where that can be looked up, or "".
        documents: files that bear it out, kept by whoever asks.
        loaded_by: who says so.
        day: on which it is said; None for today.
    """

    table: str
    lab_id: str
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None
    reason: str
    source: str
    ended_on: dt.date | None = None
    corrects: bool = False
    url: str = ""
    documents: tuple[Document, ...] = ()
    loaded_by: str = ""
    day: dt.date | None = None

    @property
    def sha256(self) -> str:
        """Digest of all that is said."""
        told = dc.asdict(self)
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def plan_edit(session: Session, wish: EditWish) -> ImportPlan:
    """Works out what an edit would change; changes nothing.

    Args:
        session: of the registry.
        wish: what is said.

    Returns:
        The plan; where it has problems, its changes were not worked out.
    """
    plan = prepare(session, wish)
    if not plan.problems:
        for _ in edit_steps(session, plan):
            pass
    return plan


def prepare(session: Session, wish: EditWish) -> ImportPlan:
    """Checks an edit; what it would change is not worked out yet (`edit_steps`)."""
    plan = ImportPlan(
        NAME,
        wish.sha256,
        kind=ImportKind.AMENDMENT if wish.corrects else ImportKind.EDIT,
        loaded_by=wish.loaded_by,
        documents=wish.documents,
    )
    shaped = shape(wish.table)
    after = _checked(plan, shaped, wish.after) if wish.after is not None else None
    before = _checked(plan, shaped, wish.before) if wish.before is not None else None
    if not plan.problems:
        plan.problems += _misfits(session, shaped, wish, before, after)
    plan.edit = ImportEdit(
        import_id=0,
        table_name=wish.table,
        key=wish.lab_id,
        day=wish.day or today(),
        before=_written(before),
        after=_written(after),
        dropped_on=wish.ended_on + _ONE_DAY if wish.ended_on else None,
        reason=wish.reason,
        source=wish.source,
        url=wish.url,
    )
    return plan


def edit_steps(session: Session, plan: ImportPlan) -> Iterator[Step]:
    """Works out what an edit does to its row, like `steps.steps`."""
    assert plan.edit is not None
    shaped, lab_id = shape(plan.edit.table_name), plan.edit.key
    now = held(session.connection(), shaped, [lab_id])
    # With nothing of a later day to mind: an edit is of today.
    wanted = laid_over(shaped, _as_held(shaped, now), [_edit(plan.edit)], [])
    found: list[Difference] = []
    for each in differences(shaped, now, wanted):
        if each is not None:
            after = each.after and each.after._replace(stated_by=None)
            found.append(Difference(each.before, after))
            plan.add(shaped, found[-1])
    plan.news = bool(found)
    plan.touched.add((shaped.name, lab_id))
    yield Step(shaped, found)


def edits_of(
    session: Session, shaped: Shape, groups: Sequence[str], since: int
) -> dict[str, list[Edit]]:
    """The edits of some groups that were not taken back, in their order.

    Args:
        session: of the registry.
        shaped: the table.
        groups: at most `registry.index.CHUNK` of them.
        since: number of the newest import that replaced everything.
    """
    query = (
        select(ImportEdit)
        .join(ImportRecord, col(ImportRecord.id) == col(ImportEdit.import_id))
        .where(
            ImportEdit.table_name == shaped.name,
            col(ImportEdit.key).in_(groups),
            col(ImportEdit.import_id) >= since,
            col(ImportRecord.undone_by).is_(None),
        )
        .order_by(col(ImportEdit.import_id))
    )
    found: dict[str, list[Edit]] = {}
    for row in session.exec(query):
        found.setdefault(row.key, []).append(_edit(row))
    return found


def laid_over(
    shaped: Shape, wanted: Mapping[Key, Wanted], edits: Sequence[Edit], lists: Sequence[Earlier]
) -> dict[Key, Wanted]:
    """The rows of a group with what was said of single ones.

    Args:
        shaped: the table.
        wanted: the rows as the group's lists have them.
        edits: in their order.
        lists: the group's, the one that is being imported among them.
    """
    rows = dict(wanted)
    days = sorted({one.day for one in lists})
    for edit in edits:
        since = min((one.day for one in lists if _later(one, edit)), default=None)
        key = shaped.key(edit.after) if edit.after is not None else None
        if edit.before is not None and edit.before != key:
            row = rows.get(edit.before)
            if row is not None and not _states(row, days, since):
                del rows[edit.before]
        if edit.after is None or key is None:
            continue
        row = rows.get(key)
        if row is None or not _states(row, days, since):
            made = _edited(shaped, edit, row, since)
            rows.pop(key, None)
            if made is not None:
                rows[key] = made
    return rows


def _later(one: Earlier, edit: Edit) -> bool:
    """Whether a list tells of a later time than an edit; of the same day, the one said later."""
    return (one.day, one.number) > (edit.day, edit.number)


def _states(row: Wanted, days: Sequence[dt.date], since: dt.date | None) -> bool:
    """Whether a list of later than an edit has a row."""
    if since is None:
        return False
    newest = newest_listing(_version(row), days)
    return newest is not None and newest >= since


def _edited(shaped: Shape, edit: Edit, row: Wanted | None, since: dt.date | None) -> Wanted | None:
    """The row as the edit says it, until a later list has it no longer."""
    assert edit.after is not None
    gone = [day for day in (edit.dropped_on, since) if day is not None]
    if row is not None and row.dropped_on is not None and row.dropped_on > edit.day:
        gone.append(row.dropped_on)
    dropped = min(gone, default=None)
    values = shaped.until(edit.after, dropped)
    return None if values is None else Wanted(values, dropped, NAME, edit.number)


def _as_held(shaped: Shape, versions: Sequence[Version]) -> dict[Key, Wanted]:
    return {
        shaped.key(one.values): Wanted(one.values, one.dropped_on, one.place, one.stated_by)
        for one in versions
    }


def _version(row: Wanted) -> Version:
    return Version(row.values, None, 0, 0, row.place, row.dropped_on)


def _written(values: Values | None) -> str:
    return "" if values is None else json.dumps(list(map(cell, values)), ensure_ascii=False)


def _read(shaped: Shape, text: str) -> Values | None:
    """What `_written` wrote."""
    if not text:
        return None
    raw = RawRow(0, dict(zip(shaped.columns, json.loads(text), strict=True)), NAME)
    [(_, row)] = read_table(shaped.name, RawTable(NAME, [raw])).rows
    return row.values


def _edit(row: ImportEdit) -> Edit:
    shaped = shape(row.table_name)
    before = _read(shaped, row.before)
    return Edit(
        row.import_id,
        row.day,
        None if before is None else shaped.key(before),
        _read(shaped, row.after),
        row.dropped_on,
    )


def _checked(plan: ImportPlan, shaped: Shape, cells: Mapping[str, str]) -> Values | None:
    """A row's values by the checks of an import; what is wrong goes into the plan."""
    raw = RawRow(1, {name: cells.get(name, "").strip() for name in shaped.columns}, NAME)
    read = read_table(shaped.name, RawTable(NAME, [raw]))
    plan.problems += read.problems
    plan.warnings += [one for one in read.warnings if one not in plan.warnings]
    return next((row.values for _, row in read.rows), None)


def _misfits(
    session: Session, shaped: Shape, wish: EditWish, before: Values | None, after: Values | None
) -> Iterator[Problem]:
    """Why an edit cannot be made of what is held, though its row is sound by itself."""

    def wrong(what: str, column: str = "", **details: object) -> Problem:
        return problem(NAME, 1, column, what, **details)

    for name in ("reason", "source"):
        if not getattr(wish, name).strip():
            yield wrong(f"edit_without_{name}", name)
    if session.get(Lab, wish.lab_id) is None:
        yield wrong("unknown_lab", "lab_id", value=wish.lab_id)
        return
    rows = {shaped.key(one.values) for one in held(session.connection(), shaped, [wish.lab_id])}
    old = shaped.key(before) if before is not None else None
    new = shaped.key(after) if after is not None else None
    if old is not None and old not in rows:
        yield wrong("edit_gone")
    if any(
        values is not None and shaped.group(values) != wish.lab_id for values in (before, after)
    ):
        yield wrong("edit_of_another", "lab_id", value=wish.lab_id)
    if new is not None and new != old and new in rows:
        yield wrong("edit_exists")
    if new is None and (old is None or shaped.name == "labs"):
        yield wrong("edit_of_nothing")
    if not wish.corrects and old is not None and new != old:
        yield wrong("edit_key", columns=", ".join(TABLES[shaped.name].key_columns))
    if wish.ended_on is not None and (shaped.last is not None or wish.ended_on > today()):
        yield wrong("edit_end", value=wish.ended_on)
