"""What `certcheck registry show`, `diff` and `import` work with, and how it is laid out.

The lines carry the contract's own names of tables and columns, and no sentences; those are
the command line's, made from codes.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from registry import names, past, store
from registry.derived import LookupKey
from registry.errors import BadImportError, LabAmbiguousError, LabUnknownError
from registry.history import HISTORY, Version, known
from registry.importing import undo as undoing
from registry.importing.apply import apply_plan
from registry.importing.changes import Change, Kind
from registry.importing.edits import EditWish, plan_edit
from registry.importing.edits import prepare as prepare_edit
from registry.importing.plan import ImportPlan, Wish, plan_import, read_plan
from registry.imports import ImportKind, ImportRecord
from registry.index import NAME_KINDS
from registry.lookup import Registry
from registry.models import TABLES, Accreditation, Lab, within
from registry.records import Revision
from registry.shape import Shape, cell, shape

# One sign a kind of change, as `diff` tools have them.
SIGNS = {Kind.ADD: "+", Kind.CHANGE: "~", Kind.END: "x", Kind.REMOVE: "-"}
# So many names are offered for one that is unknown.
OFFERED = 5
# An open end, in place of a day.
OPEN = "…"
# A digest's first characters tell one revision from another well enough for the eye.
SHORT_DIGEST = 12
# Tables in which rows of one day are shown.
ORDER = (
    "accreditations",
    "scopes",
    "signatories",
    "memberships",
    "fees",
    "seals",
    "domains",
    "phones",
)


@dc.dataclass(frozen=True, slots=True)
class HistoryLine:
    """One row about a laboratory and when it held.

    Attributes:
        first: first day, None for an open one; the day of filing for a fee.
        last: last day, None for an open one.
        dated: whether the row has days at all.
        source: names the row.
        cells: the other columns that are not empty, by name.
        stated_by: number of the import that stated it; 0 for none.
        place: where in its document.
    """

    first: dt.date | None
    last: dt.date | None
    dated: bool
    source: str
    cells: tuple[tuple[str, str], ...]
    stated_by: int = 0
    place: str = ""


@dc.dataclass(frozen=True, slots=True)
class LabHistory:
    """A laboratory and all that was ever registered of it, the oldest first.

    Rows without days come last.
    """

    lab: Lab
    lines: tuple[HistoryLine, ...]


@dc.dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or with a dry run would have done.

    Attributes:
        plan: every change.
        revision: the registry's revision afterwards; None for a dry run.
    """

    plan: ImportPlan
    revision: Revision | None


def _find(session: Session, key: str) -> str:
    """The id of the laboratory that goes by an id, name, alias or number."""
    if session.get(Lab, key) is not None:
        return key
    spelt = select(LookupKey.lab_id).where(
        or_(
            and_(col(LookupKey.key) == names.name_key(key), col(LookupKey.kind).in_(NAME_KINDS)),
            and_(col(LookupKey.key) == names.number_key(key), col(LookupKey.kind) == "number"),
        )
    )
    found = sorted(set(session.exec(spelt)) or _formerly(session, key))
    if len(found) == 1:
        return found[0]
    if found:
        raise LabAmbiguousError(key=key, labs=found)
    similar = Registry(session).similar_names(key, limit=OFFERED)
    raise LabUnknownError(key=key, similar=[f"{each.lab_id} {each.name}" for each in similar])


def _formerly(session: Session, key: str) -> set[str]:
    """Ids of laboratories that the registry held once by that id or name."""
    labs = HISTORY["labs"].c
    rows = select(labs.lab_id).where(or_(labs.lab_id == key, labs.name == key)).distinct()
    return set(session.connection().scalars(rows))


def _days(shaped: Shape, version: Version) -> tuple[dt.date | None, dt.date | None, bool]:
    """First and last day of a row, and whether it has any."""
    day_before = version.dropped_on - dt.timedelta(days=1) if version.dropped_on else None
    if shaped.first is not None and shaped.last is not None:
        return version.values[shaped.first], version.values[shaped.last], True
    if shaped.name == "fees":
        return version.values[shaped.columns.index("filed_on")], day_before, True
    return None, day_before, day_before is not None


def _line(shaped: Shape, version: Version) -> HistoryLine:
    first, last, dated = _days(shaped, version)
    days = {shaped.first, shaped.last}
    if shaped.name == "fees":
        days.add(shaped.columns.index("filed_on"))
    cells = (
        (name, cell(value))
        for place, (name, value) in enumerate(zip(shaped.columns, version.values, strict=True))
        if place not in days and place not in shaped.named_by
    )
    return HistoryLine(
        first=first,
        last=last,
        dated=dated,
        source=shaped.source(version.values),
        cells=tuple((name, text) for name, text in cells if text),
        stated_by=version.stated_by,
        place=version.place,
    )


def _on(day: dt.date | None, shaped: Shape, version: Version) -> Version:
    """A row as it was on a day: a status that began later was not yet in force."""
    if day is None or shaped.name != Accreditation.__tablename__:
        return version
    named = dict(zip(shaped.columns, version.values, strict=True))
    row = Accreditation(**named)
    if row.status_on is None or row.status_at(day) == row.status:
        return version
    named |= {"status": row.status_at(day), "status_on": None}
    return version._replace(values=tuple(named.values()))


def show(
    session: Session, key: str, *, as_of: dt.date | None = None, known_on: dt.date | None = None
) -> LabHistory:
    """One laboratory with its history.

    Args:
        session: of the registry.
        key: its id, its name or an alias, or one of its accreditation numbers.
        as_of: only rows that hold on this day; None for all.
        known_on: as the registry stood at the end of this day in China; None for now.

    Raises:
        LabUnknownError: if nothing goes by the key; `details["similar"]` has near names.
        LabAmbiguousError: if several do; `details["labs"]` has their ids.
        RevisionUnknownError: if the registry held nothing on `known_on`, or no longer knows.
    """
    after = past.LATEST if known_on is None else past.known_on(session, known_on)
    lab_id = _find(session, key)
    session.flush()
    found = {
        table: list(known(session.connection(), shape(table), after, [lab_id]))
        for table in TABLES
        if table != "coverage"
    }
    if not found["labs"]:
        raise LabUnknownError(key=key, similar=[])
    [named] = found.pop("labs")
    lab = Lab(**dict(zip(shape("labs").columns, named.values, strict=True)))
    lines = [
        _line(shape(table), _on(as_of, shape(table), version))
        for table in ORDER
        for version in found[table]
    ]
    if as_of is not None:
        lines = [line for line in lines if within(as_of, line.first, line.last)]
    order = {table: place for place, table in enumerate(ORDER)}
    lines.sort(
        key=lambda line: (
            not line.dated,
            line.first or dt.date.min,
            order[line.source.split(":")[0]],
            line.source,
            line.cells,
        )
    )
    return LabHistory(lab, tuple(lines))


def render_show(history: LabHistory) -> list[str]:
    """Lines for a terminal: the laboratory, then one a row, `first..last  row  cells  [origin]`.

    The origin is the number of an import and the place in its document.
    """
    lab = history.lab
    lines = [f"{lab.lab_id}  {lab.name}"]
    lines += [
        f"  {name}: {text}"
        for name in ("uscc", "licence_address", "aliases")
        if (text := getattr(lab, name))
    ]
    for line in history.lines:
        days = ""
        if line.dated:
            first, last = (day.isoformat() if day else OPEN for day in (line.first, line.last))
            days = f"{first}..{last}"
        cells = "  ".join(f"{name}={text}" for name, text in line.cells)
        origin = f"[#{line.stated_by} {line.place}]" if line.stated_by else ""
        lines.append("  ".join(filter(None, (f"{days:<22}", line.source, cells, origin))).rstrip())
    return lines


def diff(session: Session, path: Path, wish: Wish = Wish()) -> ImportPlan:  # noqa: B008 - frozen
    """What importing a path would change; nothing is.

    Raises:
        UnknownSourceError: if the path cannot be read as a registry.
        BadImportError: if anything in it is wrong.
    """
    plan = plan_import(session, path, wish)
    if plan.problems:
        raise BadImportError(plan.problems)
    return plan


def apply(
    session: Session,
    path: Path,
    wish: Wish = Wish(),  # noqa: B008 - frozen
    *,
    dry_run: bool,
) -> ImportResult:
    """Imports a path in one transaction and commits it; all or nothing.

    Args:
        session: not yet in a transaction, so that it can keep other importers out.
        path: a folder of CSV tables, or one .xlsx.
        wish: how to take it.
        dry_run: only work out what would change.

    Raises:
        UnknownSourceError: if the path cannot be read as a registry.
        BadImportError: if anything in it is wrong; nothing was changed.
    """
    if dry_run:
        return ImportResult(diff(session, path, wish), None)
    with _one_transaction(session):
        plan = read_plan(session, path, wish)
        return ImportResult(plan, apply_plan(session, plan))


def edit(session: Session, wish: EditWish, *, dry_run: bool) -> ImportResult:
    """Says something of one row in one transaction and commits it.

    Args:
        session: not yet in a transaction, so that it can keep other importers out.
        wish: what is said.
        dry_run: only work out what would change.

    Raises:
        BadImportError: if anything in it is wrong; nothing was changed.
    """
    if dry_run:
        plan = plan_edit(session, wish)
        if plan.problems:
            raise BadImportError(plan.problems)
        return ImportResult(plan, None)
    with _one_transaction(session):
        plan = prepare_edit(session, wish)
        return ImportResult(plan, apply_plan(session, plan))


def undo(session: Session, number: int, loaded_by: str = "", *, dry_run: bool) -> ImportResult:
    """Takes an import back in one transaction and commits it.

    Args:
        session: not yet in a transaction, so that it can keep other importers out.
        number: of the import, as the log has it.
        loaded_by: who takes it back.
        dry_run: only work out what would change.

    Raises:
        UndoRefusedError: if it cannot be taken back.
    """
    if dry_run:
        return ImportResult(undoing.plan_undo(session, number, loaded_by), None)
    with _one_transaction(session):
        return ImportResult(*undoing.undo(session, number, loaded_by))


@contextlib.contextmanager
def _one_transaction(session: Session) -> Iterator[None]:
    try:
        if not session.in_transaction():
            store.lock(session)
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def log(session: Session) -> list[ImportRecord]:
    """Every import, the newest first."""
    return list(session.exec(select(ImportRecord).order_by(col(ImportRecord.id).desc())))


def render_log(records: Iterable[ImportRecord]) -> list[str]:
    """Lines for a terminal, one an import: number, moment, what it was, counts, revision."""
    lines = []
    for record in records:
        what = record.kind
        if record.kind == ImportKind.UNDO:
            what = f"undo of #{record.undoes}"
        elif record.list_date is not None:
            what = f"{record.kind} of {record.list_date}"
        parts = [
            f"#{record.id}",
            f"{past.utc(record.imported_at):%Y-%m-%dT%H:%M:%SZ}",
            what,
            record.source_name,
            f"by={record.loaded_by}" if record.loaded_by else "",
            f"-{record.removed} x{record.ended} ~{record.changed} +{record.added}",
            f"revision={record.revision[:SHORT_DIGEST]}",
            f"undone by #{record.undone_by}" if record.undone_by else "",
        ]
        lines.append("  ".join(filter(None, parts)))
    return lines


def _render_change(change: Change) -> str:
    if change.kind in (Kind.ADD, Kind.REMOVE):
        cells = "  ".join(f"{each.column}={each.after or each.before}" for each in change.cells)
    else:
        cells = "  ".join(
            f"{each.column}: {each.before or OPEN} -> {each.after or OPEN}" for each in change.cells
        )
    return f"{SIGNS[change.kind]} {change.source}  {cells}".rstrip()


def render_diff(plan: ImportPlan) -> list[str]:
    """Lines for a terminal: `- x ~ +` for removed, ended, changed and added rows, and counts.

    Of very many changes the first are shown. What is wrong or odd is not among them: that
    takes sentences.
    """
    counts = plan.counts
    left = sum(counts[kind] - len(plan.changes[kind]) for kind in Kind)
    return [
        *(_render_change(change) for change in plan),
        *([f"{OPEN} {left}"] if left else []),
        f"removed={counts[Kind.REMOVE]} ended={counts[Kind.END]} "
        f"changed={counts[Kind.CHANGE]} added={counts[Kind.ADD]} unchanged={plan.unchanged}",
    ]


def render_apply(result: ImportResult) -> list[str]:
    """Lines for a terminal: what changed, and the revision it gave."""
    lines = render_diff(result.plan)
    if result.revision is not None:
        lines.append(f"revision={result.revision.revision[:SHORT_DIGEST]}")
    return lines
