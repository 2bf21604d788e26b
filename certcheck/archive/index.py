"""What can be found, written down with its words in the transaction of what it is.

SQLite has FTS5, PostgreSQL an inverted index (GIN) over an array; both hold the same words
(`words`), cut by us, so both find the same. Neither needs an extension that a server's
administrator would have to allow.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, text
from sqlalchemy.dialects import postgresql as post
from sqlalchemy.dialects import sqlite as lite
from sqlmodel import Session, col, select

from certcheck.archive import words
from certcheck.archive.tables import LONGEST, Entry, Kind

# Entries that stand in one window of ids, a word of its own: so a word that almost every entry
# has can be looked for among the newest alone (`find`).
WINDOW_BITS = 12
_SEQUENCE = text("SELECT nextval(pg_get_serial_sequence('work_search', 'id'))")


@dc.dataclass(frozen=True, slots=True)
class Findable:
    """Something that is to be found.

    Attributes:
        kind: see Kind.
        ref: what it is, once in its kind.
        texts: by any piece of these.
        names: of these, or others, what it is called: who asks for exactly that finds it first.
        properties: by which lists are narrowed: name to values.
        day: of it, or None.
        title: see `tables.Entry`.
        line: likewise.
        digest: likewise.
    """

    kind: Kind
    ref: str
    texts: Sequence[str]
    names: Sequence[str] = ()
    properties: Mapping[str, Iterable[str]] = dc.field(default_factory=dict)
    day: dt.date | None = None
    title: str = ""
    line: str = ""
    digest: str = ""


def put(opened: Session, one: Findable) -> None:
    """Writes an entry, or writes it anew where it stands already.

    Args:
        opened: in a transaction that writes; nothing is committed.
        one: what is to be found.
    """
    found = _standing(opened, one)
    if found is None:
        if _inserted(opened, one):
            return
        # Somebody else was faster.
        found = _standing(opened, one)
    if found is None or found.id is None:
        return
    new = made(one, found.id)
    found.title, found.line, found.digest = new.title, new.line, new.digest
    found.texts, found.words = new.texts, new.words
    opened.add(found)


def add(opened: Session, one: Findable) -> None:
    """Writes an entry where none stands; what stands there stays."""
    if _standing(opened, one) is None:
        _inserted(opened, one)


def drop(opened: Session, kind: Kind, refs: Sequence[str], *, only: str | None = None) -> None:
    """Takes entries away, those that are there.

    Args:
        opened: in a transaction that writes; nothing is committed.
        kind: of them.
        refs: what they are.
        only: those of this digest; None for all.
    """
    if refs:
        gone = delete(Entry).where(col(Entry.kind) == kind, col(Entry.ref).in_(refs))
        opened.exec(gone if only is None else gone.where(col(Entry.digest) == only))


def made(one: Findable, number: int) -> Entry:
    """The row of an entry; see `values`."""
    return Entry(**values(one, number))


def values(one: Findable, number: int) -> dict[str, Any]:
    """What stands in the row of an entry.

    Args:
        one: what is to be found.
        number: its id.
    """
    texts = [plain for each in one.texts if (plain := words.plain(each))]
    found = {"k:" + one.kind, window(number)}
    for each in texts:
        found |= words.pieces(each)
    found |= {words.exact(each) for each in one.names if words.plain(each)}
    found |= words.marks(one.properties)
    if one.day is not None:
        found |= words.of_day(one.day)
    return {
        "id": number, "kind": str(one.kind), "ref": one.ref, "title": one.title,
        "line": one.line[:LONGEST], "texts": "\n".join(texts), "words": " ".join(sorted(found)),
        "digest": one.digest,
    }  # fmt: skip


def window(number: int) -> str:
    """The word of those that were written with an entry."""
    return f"w:{number >> WINDOW_BITS}"


def newest(opened: Session) -> int:
    """The highest id, 0 where there is no entry."""
    return opened.exec(select(func.max(Entry.id))).one() or 0


def _standing(opened: Session, one: Findable) -> Entry | None:
    return opened.exec(select(Entry).where(Entry.kind == one.kind, Entry.ref == one.ref)).first()


def _inserted(opened: Session, one: Findable) -> bool:
    """Writes a new entry; False where somebody wrote the same at the same moment."""
    opened.flush()
    sqlite = opened.get_bind().dialect.name == "sqlite"
    # The words name the window of the id, so it has to be known before.
    number = newest(opened) + 1 if sqlite else opened.connection().execute(_SEQUENCE).scalar_one()
    insert = lite.insert(Entry) if sqlite else post.insert(Entry)
    return bool(opened.exec(insert.values(values(one, number)).on_conflict_do_nothing()).rowcount)
