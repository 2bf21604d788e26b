"""What happened to a case, by the log: the rows that nobody can write again, and what follows.

What a case says of itself is a copy for lists; where it is not what the log says, the log counts
and the difference is told (`differing`, `certcheck cases verify`).
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterable, Iterator
from typing import Any

from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.audit import Entry
from certcheck.audit.tables import AuditRow
from certcheck.cases.tables import CaseFile

KIND = "case"
# Of a case, what the log says too. `None` and "" are one: the log has no empty entries.
FOLLOWED = ("state", "owner", "category", "result")
_AT_ONCE = 2000


@dc.dataclass(frozen=True, slots=True)
class Said:
    """What a case is by the log; see `CaseFile`."""

    state: str = ""
    owner: str = ""
    category: str = ""
    result: str = ""


@dc.dataclass(frozen=True, slots=True)
class Difference:
    """A case that is not what the log says.

    Attributes:
        case_id: of the case.
        what: one of `FOLLOWED`, or `missing` where one of the two is not there.
        held: what the case says.
        logged: what the log says.
    """

    case_id: int
    what: str
    held: str
    logged: str


def of_case(opened: Session, case_id: int) -> list[Entry]:
    """The rows of a case, the first first."""
    return audit.about(opened, [(KIND, str(case_id))])


def follow(said: Said, what: str, detail: dict[str, Any]) -> Said:
    """What a case is after one more row."""
    key = what.partition(".")[2]
    if "to" in detail:
        said = dc.replace(said, state=detail["to"])
    if "owner" in detail:
        said = dc.replace(said, owner=detail["owner"] or "")
    # What is asked for has not come yet.
    if key in ("file", "close"):
        said = dc.replace(said, category=detail.get("category", ""))
    if key == "close":
        said = dc.replace(said, result=detail["result"])
    if key == "reopen":
        said = dc.replace(said, result="")
    return said


def said(entries: Iterable[Entry]) -> Said:
    """What a case is by its rows."""
    found = Said()
    for one in entries:
        found = follow(found, one.what, one.told)
    return found


def compare(row: CaseFile, logged: Said) -> list[Difference]:
    """Where a case is not what the log says."""
    assert row.id is not None  # noqa: S101 - it was read
    pairs = ((name, getattr(row, name) or "", getattr(logged, name)) for name in FOLLOWED)
    return [Difference(row.id, name, held, told) for name, held, told in pairs if held != told]


def differing(opened: Session) -> Iterator[Difference]:
    """All cases that are not what the log says, by their ids."""
    logged: dict[int, Said] = {}
    for what, about, entry in _rows(opened):
        logged[about] = follow(logged.get(about, Said()), what, entry)
    last = 0
    while True:
        wanted = select(CaseFile).where(col(CaseFile.id) > last).order_by(col(CaseFile.id))
        some = opened.exec(wanted.limit(_AT_ONCE)).all()
        for row in some:
            last = row.id or 0
            told = logged.pop(last, None)
            if told is None:
                yield Difference(last, "missing", row.state, "")
            else:
                yield from compare(row, told)
        opened.expunge_all()
        if len(some) < _AT_ONCE:
            break
    for case_id, told in sorted(logged.items()):
        yield Difference(case_id, "missing", "", told.state)


def _rows(opened: Session) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The log's rows of all cases in their order: what, which case, the detail."""
    last = 0
    while True:
        wanted = (
            select(AuditRow)
            .where(col(AuditRow.about_kind) == KIND, col(AuditRow.seq) > last)
            .order_by(col(AuditRow.seq))
            .limit(_AT_ONCE)
        )
        some = opened.exec(wanted).all()
        for row in some:
            last = row.seq
            entry = Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})
            yield row.what, int(row.about_id), entry.told
        opened.expunge_all()
        if len(some) < _AT_ONCE:
            return
