"""Finds what is in the index: the newest first, whatever is asked called exactly so before all.

What a question costs is bounded, also where a word stands in every entry: SQLite gives rows of
FTS5 by their id, so the first page of a hundred thousand is no work; PostgreSQL's inverted index
knows no order, so it is asked for one window of ids after the other (`index.window`), each of
which holds no more than a few thousand entries.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import text
from sqlmodel import Session, col, select

from certcheck.archive import index, words
from certcheck.archive.tables import Entry, Kind

PAGE = 30
# Entries whose texts are looked at for one page: all pieces of a term may stand in a text that
# does not hold it (every number with 111 in it, of who looks for 1111111).
_MOST_LOOKED_AT = 500
_AT_ONCE = 250
# PostgreSQL: so many are taken whole and sorted; more are gone through by windows.
_FEW = 2000
# Windows asked for at once, the newest alone.
_MOST_WINDOWS = 8
_LATEST = 2**62
# In a session: the highest id, once its plans are set.
_NEWEST = "certcheck.search"
_PLANS = """
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
    set_config('enable_indexonlyscan', 'off', true), set_config('jit', 'off', true)
"""
_ROWS = """
SELECT id FROM work_search
WHERE string_to_array(words, ' ') @> CAST(:wanted AS text[]) AND id < :before{any}
"""


@dc.dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; any text is taken as it is, no sign in it means anything.

    Attributes:
        text: in any words; all of them have to be there. "" for everything.
        properties: each of these, see `filing.findable`: name to value.
        first: earliest day, or None.
        last: latest day, or None.
    """

    text: str = ""
    properties: Mapping[str, str] = dc.field(default_factory=dict)
    first: dt.date | None = None
    last: dt.date | None = None

    @property
    def terms(self) -> list[str]:
        """The text's words, as texts are compared."""
        return words.terms(self.text)

    @property
    def empty(self) -> bool:
        """Whether nothing is looked for."""
        narrowed = any(self.properties.values()) or self.first or self.last
        return not self.terms and not narrowed


@dc.dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found.

    Attributes:
        exact: what is called exactly so; on the first page alone.
        rows: the others, the newest first.
        before: the key of the next page, None where there is no more.
    """

    exact: Sequence[Entry]
    rows: Sequence[Entry]
    before: int | None

    @property
    def every(self) -> list[Entry]:
        """All of them, in their order."""
        return [*self.exact, *self.rows]


def find(
    opened: Session, kind: Kind, question: Question, *, before: int | None = None, most: int = PAGE
) -> Found:
    """A page of what is found of one kind.

    Args:
        opened: a session of its own, which has not written.
        kind: of it.
        question: what is looked for.
        before: key of the page, None for the first.
        most: entries of a page.
    """
    terms = question.terms
    alike = words.exact(question.text)
    narrowed = [f"k:{kind}", *sorted(words.marks(_each(question.properties)))]
    days = _days(question)
    if days == []:  # it ends before it begins
        return Found((), (), None)
    exact: Sequence[Entry] = ()
    if terms and before is None:
        ids = _ids(opened, [*narrowed, alike], days, _LATEST, most)
        exact = _entries(opened, ids)
    pieces = [piece for term in terms for piece in words.wanted(term)]
    wanted = list(dict.fromkeys([*narrowed, *pieces]))
    rows: list[Entry] = []
    looked_at = 0
    reached = before or _LATEST
    while len(rows) <= most and looked_at < _MOST_LOOKED_AT:
        count = max(most + 1, _AT_ONCE if looked_at else 0)
        ids = _ids(opened, wanted, days, reached, count)
        for one in _entries(opened, ids):
            if words.holds(one.texts, terms) and (not terms or alike not in one.words):
                rows.append(one)
        if len(ids) < count:
            return Found(exact, rows[:most], _key(rows[most - 1]) if len(rows) > most else None)
        looked_at += len(ids)
        reached = ids[-1]
    # Either the page is full, or it was looked for long enough: from here on the next goes on.
    return Found(exact, rows[:most], _key(rows[most - 1]) if len(rows) > most else reached)


def _key(one: Entry) -> int:
    assert one.id is not None  # noqa: S101 - it was read from the table
    return one.id


def _each(properties: Mapping[str, str]) -> dict[str, tuple[str]]:
    return {name: (value,) for name, value in properties.items()}


def _days(question: Question) -> list[str] | None:
    """Words of which an entry has to have one; None where any day will do."""
    if question.first is None and question.last is None:
        return None
    # Nothing was checked before this program was there.
    first = max(question.first or _FIRST, _FIRST)
    last = min(question.last or _LAST, _LAST)
    return words.span(first, last)


_FIRST, _LAST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)


def _entries(opened: Session, ids: Sequence[int]) -> list[Entry]:
    """Entries in the order of their ids, the newest first."""
    if not ids:
        return []
    wanted = select(Entry).where(col(Entry.id).in_(ids)).order_by(col(Entry.id).desc())
    return list(opened.exec(wanted).all())


def _ids(
    opened: Session, wanted: Sequence[str], days: Sequence[str] | None, before: int, most: int
) -> list[int]:
    """Ids of entries with all words and one of the days, the newest first.

    Args:
        opened: the session.
        wanted: words.
        days: words, or None.
        before: below this id.
        most: no more than these.
    """
    if opened.get_bind().dialect.name == "sqlite":
        return _of_sqlite(opened, wanted, days, before, most)
    return _of_postgres(opened, wanted, days, before, most)


def _of_sqlite(
    opened: Session, wanted: Sequence[str], days: Sequence[str] | None, before: int, most: int
) -> list[int]:
    # In quotation marks a word is a word; none of ours holds one.
    asked = " AND ".join(f'"{one}"' for one in wanted)
    if days is not None:
        asked += " AND (" + " OR ".join(f'"{one}"' for one in days) + ")"
    rows = opened.connection().execute(
        text(
            "SELECT rowid FROM search_words WHERE search_words MATCH :asked AND rowid < :before "
            "ORDER BY rowid DESC LIMIT :most"
        ),
        {"asked": asked, "before": before, "most": most},
    )
    return list(rows.scalars())


def _of_postgres(
    opened: Session, wanted: Sequence[str], days: Sequence[str] | None, before: int, most: int
) -> list[int]:
    connection = opened.connection()
    if _NEWEST not in opened.info:
        opened.info[_NEWEST] = index.newest(opened)
        # Only the inverted index: what the planner guesses of words that stand together is far
        # off. Asked for the newest after this, it would go through the whole table.
        connection.execute(text(_PLANS))
    told = {"wanted": list(wanted), "before": before, "most": most, "few": _FEW + 1}
    query = _ROWS.format(any="")
    if days is not None:
        query = _ROWS.format(any=" AND string_to_array(words, ' ') && CAST(:days AS text[])")
        told["days"] = list(days)
    # The newest window answers a question of common words, which is the dear one otherwise.
    windows = _windows(min(before - 1, opened.info[_NEWEST]))
    within = text(
        f"{query} AND string_to_array(words, ' ') && CAST(:windows AS text[]) "
        "ORDER BY id DESC LIMIT :most"
    )
    found: list[int] = []
    for number, some in enumerate(windows):
        if number == 1:
            rest = connection.execute(text(f"{query} LIMIT :few"), told).scalars().all()
            if len(rest) <= _FEW:
                return sorted(rest, reverse=True)[:most]
        found += connection.execute(within, {**told, "windows": some}).scalars()
        if len(found) >= most:
            break
    return found[:most]


def _windows(newest: int) -> Iterator[list[str]]:
    """Words of windows, the newest first: one, then more and more at once."""
    at, count = newest >> index.WINDOW_BITS, 1
    while at >= 0:
        some = range(at, max(-1, at - count), -1)
        yield [index.window(number << index.WINDOW_BITS) for number in some]
        at, count = at - count, min(2 * count, _MOST_WINDOWS)
