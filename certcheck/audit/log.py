"""The log: written in the transaction that does what it tells of, and read.

Rows follow one another without gaps, so writers take turns: from the moment that a row gets its
number until the transaction ends. That moment is the commit; nobody waits for who is still at
work, and nobody who waits holds anything that the other needs.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col, select

from certcheck import messages
from certcheck.audit.chain import FIELDS, GENESIS, Entry, Head, canonical, moment, sealed
from certcheck.audit.deeds import Who
from certcheck.audit.tables import AuditRow
from registry import store

# Names our lock among a server's.
_LOCK = 0x61756474
# In a session: rows that are written when it is committed, each with its transaction.
_WAITING = "certcheck.audit"
# Rows that are read at once.
_AT_ONCE = 2000

Waiting = list[tuple[SessionTransaction, dict[str, str]]]
_TABLE = AuditRow.__table__  # type: ignore[attr-defined]


def write(
    opened: Session | Connection,
    *,
    who: Who,
    what: str,
    about: tuple[str, str],
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Writes a row in the transaction that is open; it is there when that is committed.

    SQLite's has to have been begun with `registry.store.write`.

    Args:
        opened: of the work store. On a connection the row is written at once, and the others wait
            from then on.
        who: did it.
        what: was done: words with points between, `case.opened`.
        about: the kind and the id of what it was done to: `("case", id)`.
        detail: more, as JSON has it. Nothing that a photo shows, no file's name, nobody's name.

    Raises:
        ValueError: something is too long, or no JSON.
    """
    row = {
        "who_kind": who.kind, "who_id": who.id, "who_name": who.name, "what": what,
        "about_kind": about[0], "about_id": about[1], "detail": canonical(dict(detail or {})),
    }  # fmt: skip
    for name, value in row.items():
        longest = getattr(_TABLE.c[name].type, "length", None)
        if (longest is not None and len(value) > longest) or "\0" in value:
            raise ValueError(f"{name} of {what}: {value!r}")
    if isinstance(opened, Connection):
        _add(opened, [row])
        return
    opened.connection()
    inner = opened.get_nested_transaction() or opened.get_transaction()
    assert inner is not None  # noqa: S101 - asking for the connection began it
    waiting: Waiting = opened.info.setdefault(_WAITING, [])
    waiting.append((inner, row))


def tell(
    engine: Engine,
    *,
    who: Who,
    what: str,
    about: tuple[str, str],
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Writes a row of what was done elsewhere than in the work store, in a transaction of its own.

    Args and errors: see `write`.
    """
    with store.session(engine) as opened:
        store.write(opened)
        write(opened, who=who, what=what, about=about, detail=detail)
        opened.commit()


@event.listens_for(Session, "before_commit")
def _write_waiting(opened: Session) -> None:
    waiting: Waiting = opened.info.pop(_WAITING, [])
    if waiting:
        opened.flush()
        _add(opened.connection(), [row for _, row in waiting])


@event.listens_for(Session, "after_transaction_end")
def _drop_waiting(opened: Session, ended: SessionTransaction) -> None:
    """What was rolled back was not done."""
    waiting: Waiting = opened.info.get(_WAITING, [])
    waiting[:] = [one for one in waiting if one[0] is not ended]


def _add(connection: Connection, rows: Sequence[Mapping[str, str]]) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last, at = head(connection), moment(dt.datetime.now(dt.UTC))
    for row in rows:
        made = sealed({**row, "at": at}, last)
        connection.execute(_TABLE.insert(), dc.asdict(made))
        last = Head(made.seq, made.digest)


def head(opened: Session | Connection) -> Head:
    """Where the log ends."""
    connection = opened if isinstance(opened, Connection) else opened.connection()
    wanted = select(AuditRow.seq, AuditRow.digest).order_by(col(AuditRow.seq).desc()).limit(1)
    found = connection.execute(wanted).first()
    return Head(found[0], found[1]) if found else Head(0, GENESIS)


def about(opened: Session, things: Sequence[tuple[str, str]]) -> list[Entry]:
    """The rows of some things, the first first.

    Args:
        opened: the session.
        things: kind and id of each.
    """
    found: dict[int, Entry] = {}
    for kind, name in things:
        wanted = _TABLE.select().where(_TABLE.c.about_kind == kind, _TABLE.c.about_id == name)
        for row in opened.connection().execute(wanted).mappings():
            found[row["seq"]] = Entry(**{one: row[one] for one in FIELDS})
    return [found[seq] for seq in sorted(found)]


def told(what: str) -> messages.Text:
    """What was done as a person is told it; the word itself where the catalogue has none."""
    code = f"audit.did.{what}"
    return messages.text(code) if code in messages.catalogue() else messages.Text(what, what)


def rows(opened: Session) -> Iterator[Mapping[str, Any]]:
    """All rows by their place, as the database holds them."""
    last = None
    while True:
        wanted = _TABLE.select().order_by(_TABLE.c.seq).limit(_AT_ONCE)
        if last is not None:
            wanted = wanted.where(_TABLE.c.seq > last)
        some = opened.connection().execute(wanted).mappings().all()
        yield from map(dict, some)
        if len(some) < _AT_ONCE:
            return
        last = some[-1]["seq"]
