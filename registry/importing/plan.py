"""What an import would change, worked out before anything is touched.

The meaning of a file is told in `registry.importing`. A plan is made of `steps`.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from sqlmodel import Session, col, select

from registry import bulk
from registry.days import today
from registry.importing import wholes
from registry.importing.opening import open_source
from registry.importing.planned import ImportPlan
from registry.importing.rows import ReadTable, read_table
from registry.importing.source import problem
from registry.importing.steps import listed_rows, steps
from registry.imports import ImportKind
from registry.index import CHUNK, chunks
from registry.models import DEMO_PREFIX, TABLES, Lab
from registry.revision import holds_demo
from registry.shape import shape

__all__ = ["ImportPlan", "Wish", "plan_import", "read_plan"]


@dc.dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be taken.

    Attributes:
        list_date: the day on which the list was true; else what the document says, else today.
        corrects: rows no longer listed never held, rather than that they have ended.
        loaded_by: who imports it.
        replace: whether all that is held goes first, whatever it is.
        mapping: a file that says what a document's headings mean; else the one beside it.
        whole: what it has every laboratory of, beside what the mapping says (`silence`).
        else_date: the day of the list where neither `list_date` nor a document tells it.
    """

    list_date: dt.date | None = None
    corrects: bool = False
    loaded_by: str = ""
    replace: bool = False
    mapping: Path | None = None
    whole: tuple[str, ...] = ()
    else_date: dt.date | None = None


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
    source = open_source(session, path, wish.mapping, wish.list_date, wish.else_date)
    plan = ImportPlan(
        source.name,
        source.sha256,
        list_date=wish.list_date or source.list_date or wish.else_date or today(),
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
        stated=source.stated,
        adds=source.adds,
    )
    if plan.list_date is not None and plan.list_date > today():
        # Every list until then would be the older one, and tell nothing.
        told = problem(plan.source_name, 0, "", "list_of_the_future", day=plan.list_date)
        plan.problems.append(told)
    for read in plan.tables.values():
        plan.problems += read.problems
        plan.warnings += read.warnings
    if plan.problems and not plan.snapshot:  # what else is wrong is told as well
        for name, read in plan.tables.items():
            for batch in read.rows.batches(CHUNK):
                for rows in batch.values():
                    listed_rows(plan, shape(name), rows)
    plan.replaces = wish.replace or _replaces_demo(session, plan.tables)
    # A list of laboratories that could not be read would make every row's unknown.
    if "labs" in plan.tables or not source.problems:
        _check_labs(session, plan)
    wholes.check(session, plan, (*wish.whole, *source.whole))
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
