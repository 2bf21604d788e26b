"""The log of a busy office (`desk_rows`): who sent in which check, and what became of each case."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from certcheck.archive.tables import Archived
from certcheck.audit.chain import Head, canonical, moment, sealed
from certcheck.audit.tables import AuditRow
from certcheck.cases.rules import State
from certcheck.cases.tables import CaseFile
from tests.certcheck.desk_rows import account

_AT_ONCE = 5000
_TABLE: Any = AuditRow.__table__  # type: ignore[attr-defined]
_CHECKS: Any = Archived.__table__  # type: ignore[attr-defined]
_CASES: Any = CaseFile.__table__  # type: ignore[attr-defined]


def fill(connection: Connection, people: int) -> int:
    """Writes the log of all checks and cases; returns how many rows it has.

    Args:
        connection: to the work store, in a transaction that writes; the log is empty.
        people: how many there are.
    """
    names = {one.id: one.name for one in map(account, range(people))}
    rows = _linked(connection, names)
    while some := list(islice(rows, _AT_ONCE)):
        connection.execute(_TABLE.insert(), [dc.asdict(one) for one in some])
        if some[0].seq == 1:
            # PostgreSQL would look for the last row through all of them, which it takes for few.
            connection.exec_driver_sql("ANALYZE work_audit")
    return int(connection.exec_driver_sql("SELECT count(*) FROM work_audit").scalar_one())


def _linked(connection: Connection, names: dict[str, str]) -> Iterator[Any]:
    last = Head()
    for at, who, what, about, detail in _told(connection):
        row = sealed(
            {"at": moment(at), "who_kind": "person", "who_id": who, "who_name": names.get(who, ""),
             "what": what, "about_kind": about[0], "about_id": about[1],
             "detail": canonical(detail)},
            last,
        )  # fmt: skip
        last = Head(row.seq, row.digest)
        yield row


def _told(
    connection: Connection,
) -> Iterator[tuple[dt.datetime, str, str, tuple[str, str], dict[str, str]]]:
    columns = _CHECKS.c.root, _CHECKS.c.owner, _CHECKS.c.checked_at
    for root, owner, at in connection.execute(select(*columns).order_by(_CHECKS.c.id)).all():
        who = str(owner).removeprefix("person:")
        yield at, who, "check.accepted", ("check", root), {"name": f"{root[-8:]}.jpg"}
        yield at, "", "check.done", ("check", root), {}
    columns = (
        _CASES.c.id, _CASES.c.owner, _CASES.c.state, _CASES.c.category, _CASES.c.result,
        _CASES.c.opened_at, _CASES.c.changed_at,
    )  # fmt: skip
    for number, owner, state, category, result, began, ended in connection.execute(
        select(*columns).order_by(_CASES.c.id)
    ).all():
        about, who = ("case", str(number)), str(owner or "")
        yield began, who, "case.open", about, {"to": str(State.PENDING), "owner": who}
        for at in range(3):
            yield began, who, "case.note", about, {"text": f"第{at + 1}次到场"}
        what = "case.close" if state == State.CLOSED else "case.file"
        yield ended, who, what, about, {"to": state, "category": category, "result": result}
