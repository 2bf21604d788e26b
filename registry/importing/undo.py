"""Takes an import back: the registry then holds what it held before it.

Nothing is forgotten: the undo is an import of its own, and what was known in between can
still be asked for. Undoing the undo brings the import back.

Only an import that nothing after it builds on can be taken back: a later list of the same
table of the same laboratory was compared with what this one left behind. Those have to be
taken back first, the newest first. Later imports about other laboratories are not touched
and stay as they are, which is what they would be had the undone one never been.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from sqlalchemy import Table
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from registry.errors import UndoRefusedError
from registry.history import known
from registry.importing.apply import carry_out
from registry.importing.planned import ImportPlan
from registry.importing.steps import steps_back
from registry.imports import ImportGroup, ImportKind, ImportRecord, ImportStatement
from registry.index import chunks
from registry.models import TABLES
from registry.records import Revision
from registry.revision import all_groups
from registry.shape import shape

# What says what an import was about: what it listed, and what that changed elsewhere.
_ABOUT: tuple[Table, ...] = (
    ImportGroup.__table__,  # type: ignore[attr-defined]
    ImportStatement.__table__,  # type: ignore[attr-defined]
)

Groups = Mapping[str, Sequence[str]]


def plan_undo(session: Session, number: int, loaded_by: str = "") -> ImportPlan:
    """Works out what taking an import back would change; changes nothing.

    Args:
        session: of the registry.
        number: of the import, as the log has it.
        loaded_by: who takes it back.

    Raises:
        UndoRefusedError: if there is no such import, it was taken back before, was made
            before the registry kept its history, or later imports build on it
            (`details["imports"]` has their numbers, the newest first).
    """
    plan, groups = prepare(session, number, loaded_by)
    for _ in steps_back(session, plan, groups):
        pass
    return plan


def undo(session: Session, number: int, loaded_by: str = "") -> tuple[ImportPlan, Revision]:
    """Takes an import back in the session's transaction; the caller commits.

    Args and errors: see `plan_undo`.

    Returns:
        What changed, and the registry's revision after it.
    """
    plan, groups = prepare(session, number, loaded_by)
    plan.news = True
    revision = carry_out(session, plan, steps_back(session, plan, groups), groups)
    return plan, revision


def prepare(session: Session, number: int, loaded_by: str) -> tuple[ImportPlan, Groups]:
    """Whether an import can be taken back; what that would change is not worked out yet.

    Args and errors: see `plan_undo`.

    Returns:
        The plan, and what the import had touched, by table (`steps_back`).
    """
    records = {one.id: one for one in session.exec(select(ImportRecord)) if one.id is not None}
    record = records.get(number)
    if record is None:
        raise UndoRefusedError(import_id=number, reason="unknown")
    if record.kind == ImportKind.LEGACY:
        raise UndoRefusedError(import_id=number, reason="legacy")
    if record.undone_by is not None:
        raise UndoRefusedError(import_id=number, reason="undone", by=record.undone_by)
    origin = _origin(records, record)
    gone = _labs_to_go(session, origin, number)
    later = [
        later_number
        for later_number, one in records.items()
        if _builds(one, number) and _shares(session, _origin(records, one), origin, gone)
    ]
    if later:
        newest_first = sorted(later, reverse=True)
        raise UndoRefusedError(import_id=number, reason="later", imports=newest_first)
    plan = ImportPlan(
        record.source_name,
        record.source_sha256,
        kind=ImportKind.UNDO,
        loaded_by=loaded_by,
        undoes=number,
    )
    return plan, _groups(session, origin, number)


def _origin(records: Mapping[int, ImportRecord], record: ImportRecord) -> ImportRecord:
    """The import of a file that a chain of undos began with."""
    while record.undoes is not None:
        record = records[record.undoes]
    return record


def _builds(one: ImportRecord, number: int) -> bool:
    """Whether an import after another may rest on it.

    One that was taken back does not, and neither does an undo of an import in between:
    the two make no difference together.
    """
    if one.id is None or one.id <= number or one.undone_by is not None:
        return False
    return one.undoes is None or one.undoes < number


def _labs_to_go(session: Session, origin: ImportRecord, number: int) -> set[str]:
    """Laboratories that the import brought: what later imports say of them rests on it."""
    shaped, brought = shape("labs"), select(ImportGroup.key)
    listed = brought.where(ImportGroup.import_id == origin.id, ImportGroup.table_name == "labs")
    gone = set(session.exec(listed))
    for some in chunks(sorted(gone)):
        before = known(session.connection(), shaped, number - 1, some)
        gone -= {shaped.group(one.values) for one in before}
    return gone


def _shares(session: Session, other: ImportRecord, origin: ImportRecord, gone: set[str]) -> bool:
    """Whether a later import is about anything that is to be taken back."""
    if other.replaces or origin.replaces or other.id == origin.id:
        return True
    for one, two in itertools.product(_ABOUT, repeat=2):
        first, second = one.alias(), two.alias()
        same_table = (
            sql_select(first.c.key)
            .join(second, first.c.key == second.c.key)
            .where(
                first.c.table_name == second.c.table_name,
                first.c.import_id == origin.id,
                second.c.import_id == other.id,
            )
            .limit(1)
        )
        if session.connection().execute(same_table).first() is not None:
            return True
    keys = select(ImportGroup.key).where(ImportGroup.import_id == other.id)
    return any(
        session.exec(keys.where(col(ImportGroup.key).in_(some)).limit(1)).first() is not None
        for some in chunks(sorted(gone))
    )


def _groups(session: Session, origin: ImportRecord, number: int) -> Groups:
    """What an import had touched, by table."""
    if origin.replaces:
        return _all_groups(session, number)
    found: dict[str, set[str]] = {}
    for about in _ABOUT:
        listed = sql_select(about.c.table_name, about.c.key).where(about.c.import_id == origin.id)
        for table, key in session.connection().execute(listed):
            found.setdefault(table, set()).add(key)
    return {table: sorted(keys) for table, keys in found.items()}


def _all_groups(session: Session, number: int) -> Groups:
    """Everything held now or before an import."""
    connection = session.connection()
    names = set(all_groups(session))
    for table in ("labs", "coverage"):
        shaped = shape(table)
        names.update(shaped.group(one.values) for one in known(connection, shaped, number - 1))
    return {
        table: [name for name in names if shape(table).is_claim == ("/" in name)]
        for table in TABLES
    }
