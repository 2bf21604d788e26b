"""What `certcheck registry show`, `diff` and `import` work with, and how it is laid out.

The lines carry the contract's own names of tables and columns, and no sentences; those are
the command line's, made from codes.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from pathlib import Path

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from registry import names, store
from registry.errors import BadImportError, LabAmbiguousError, LabUnknownError, Problem
from registry.importing.apply import apply_plan
from registry.importing.plan import Change, ImportPlan, Kind, plan_import
from registry.importing.rows import TERMS
from registry.index import NAME_KINDS
from registry.lookup import Registry
from registry.models import Lab, LookupKey, Row
from registry.records import LabRecord, Revision
from registry.revision import cell, content_columns

# One sign a kind of change, as `diff` tools have them.
SIGNS = {Kind.ADD: "+", Kind.CHANGE: "~", Kind.END: "x", Kind.REMOVE: "-"}
# So many names are offered for one that is unknown.
OFFERED = 5
# An open end, in place of a day.
OPEN = "…"
# A digest's first characters tell one revision from another well enough for the eye.
_SHORT_DIGEST = 12


@dc.dataclass(frozen=True, slots=True)
class HistoryLine:
    """One row about a laboratory and when it held.

    Attributes:
        first: first day, None for an open one; the day of filing for a fee.
        last: last day, None for an open one.
        dated: whether the row's table has days at all.
        source: names the row.
        cells: the other columns that are not empty, by name.
    """

    first: dt.date | None
    last: dt.date | None
    dated: bool
    source: str
    cells: tuple[tuple[str, str], ...]


@dc.dataclass(frozen=True, slots=True)
class LabHistory:
    """A laboratory and all that was ever registered of it, the oldest first.

    Rows of tables without days come last.
    """

    record: LabRecord
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
    found = sorted(set(session.exec(spelt)))
    if len(found) == 1:
        return found[0]
    if found:
        raise LabAmbiguousError(key=key, labs=found)
    similar = Registry(session).similar_names(key, limit=OFFERED)
    raise LabUnknownError(key=key, similar=[f"{each.lab_id} {each.name}" for each in similar])


def _term(row: Row) -> tuple[str, str] | None:
    table = str(type(row).__tablename__)
    return ("filed_on", "") if table == "fees" else TERMS.get(table)


def _line(row: Row) -> HistoryLine:
    term = _term(row) or ("", "")
    first, last = (getattr(row, name) if name else None for name in term)
    told = {*term, *type(row).source_columns}
    cells = (
        (name, cell(getattr(row, name))) for name in content_columns(type(row)) if name not in told
    )
    return HistoryLine(
        first=first,
        last=last,
        dated=_term(row) is not None,
        source=row.row_source,
        cells=tuple((name, text) for name, text in cells if text),
    )


def show(session: Session, key: str) -> LabHistory:
    """One laboratory with its history.

    Args:
        session: of the registry.
        key: its id, its name or an alias, or one of its accreditation numbers.

    Raises:
        LabUnknownError: if nothing goes by the key; `details["similar"]` has near names.
        LabAmbiguousError: if several do; `details["labs"]` has their ids.
    """
    record = Registry(session).lab(_find(session, key))
    if record is None:
        raise LabUnknownError(key=key, similar=[])
    rows: tuple[Row, ...] = (
        *record.accreditations,
        *record.scopes,
        *record.signatories,
        *record.memberships,
        *record.fees,
        *record.seals,
        *record.domains,
    )
    # Sorting is stable: rows of one day keep the order of the tables above.
    lines = sorted(map(_line, rows), key=lambda line: (not line.dated, line.first or dt.date.min))
    return LabHistory(record, tuple(lines))


def render_show(history: LabHistory) -> list[str]:
    """Lines for a terminal: the laboratory, then one line a row, `first..last  row  cells`."""
    lab = history.record.lab
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
        lines.append(f"{days:<22}  {line.source}  {cells}".rstrip())
    return lines


def diff(session: Session, path: Path) -> ImportPlan:
    """What importing a path would change; nothing is.

    Raises:
        UnknownSourceError: if the path cannot be read as a registry.
        BadImportError: if anything in it is wrong.
    """
    plan = plan_import(session, path)
    if plan.problems:
        raise BadImportError(plan.problems)
    return plan


def apply(session: Session, path: Path, *, dry_run: bool) -> ImportResult:
    """Imports a path in one transaction and commits it; all or nothing.

    Args:
        session: not yet in a transaction, so that it can keep other importers out.
        path: a folder of CSV tables, or one .xlsx.
        dry_run: only work out what would change.

    Raises:
        UnknownSourceError: if the path cannot be read as a registry.
        BadImportError: if anything in it is wrong; nothing was changed.
    """
    if dry_run:
        return ImportResult(diff(session, path), None)
    try:
        if not session.in_transaction():
            store.lock(session)
        plan = plan_import(session, path)
        revision = apply_plan(session, plan)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return ImportResult(plan, revision)


def _render_change(change: Change) -> str:
    if change.kind in (Kind.ADD, Kind.REMOVE):
        cells = "  ".join(f"{each.column}={each.after or each.before}" for each in change.cells)
    else:
        cells = "  ".join(
            f"{each.column}: {each.before or OPEN} -> {each.after or OPEN}" for each in change.cells
        )
    return f"{SIGNS[change.kind]} {change.source}  {cells}".rstrip()


def render_problem(problem: Problem) -> str:
    """`file:line:column: code name=value`, for where no sentence is at hand."""
    details = " ".join(f"{name}={value}" for name, value in problem.details.items() if value)
    return f"{problem.place}: {problem.code} {details}".rstrip()


def render_diff(plan: ImportPlan) -> list[str]:
    """Lines for a terminal: `- x ~ +` for removed, ended, changed and added rows, and counts.

    What is wrong or odd is not among them: that takes sentences.
    """
    return [
        *(_render_change(change) for change in plan),
        f"removed={len(plan.removes)} ended={len(plan.ends)} changed={len(plan.changes)} "
        f"added={len(plan.adds)} unchanged={plan.unchanged}",
    ]


def render_apply(result: ImportResult) -> list[str]:
    """Lines for a terminal: what changed, and the revision it gave."""
    lines = render_diff(result.plan)
    if result.revision is not None:
        lines.append(f"revision={result.revision.revision[:_SHORT_DIGEST]}")
    return lines
