"""What a task would change, row by row: written down while it is worked out, and looked through."""

from __future__ import annotations

import bisect
import dataclasses as dc
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, func, select

from certcheck.desk.tables import Task, TaskChange, TaskText
from certcheck.runner.work import Work
from registry import bulk, store
from registry.importing.changes import Change
from registry.shape import shape

# Rows of one page.
PAGE = 50
# So many rows are written down to be looked through; all are counted, and all are part of the
# digest. A whole country's first import has 1.4 million: nobody reads them one by one.
MOST_KEPT = 200_000
_AT_ONCE = 2000
_COLUMNS = ("task_id", "place", "kind", "table_name", "lab_id", "source", "cells", "at")
_TABLE = TaskChange.__table__  # type: ignore[attr-defined]
_WIDTH = 2**256
# Between what filters a row and its words, and between rows.
_CELL, _LINE = "\t", "\n"


class Difference:
    """Takes changes as they are worked out: counts them, digests them, writes them down.

    Args:
        keep: takes the rows to be written down, some at a time; None for none.

    Attributes:
        counts: rows by kind and table.
    """

    def __init__(
        self, task_id: str = "", keep: Callable[[Sequence[tuple[Any, ...]]], None] | None = None
    ) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._task_id, self._keep = task_id, keep
        self._sum = self._total = 0
        self._waiting: list[tuple[Any, ...]] = []

    def take(self, change: Change) -> None:
        """Takes one change."""
        self.counts[change.kind.value, change.table] += 1
        self._total += 1
        cells = [[one.column, one.before, one.after] for one in change.cells]
        told = json.dumps([change.kind, change.table, change.source, cells], ensure_ascii=False)
        # A sum: databases differ in the order in which they give rows.
        digest = hashlib.sha256(told.encode()).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % _WIDTH
        if self._keep is not None and self._total <= MOST_KEPT:
            self._waiting.append(self._row(change, cells))
            if len(self._waiting) >= _AT_ONCE:
                self.flush()

    def flush(self) -> None:
        """Writes down what waits."""
        if self._waiting and self._keep is not None:
            self._keep(self._waiting)
            self._waiting = []

    @property
    def digest(self) -> str:
        """Of all changes, in whichever order they came."""
        return f"{self._sum:064x}"

    def _row(self, change: Change, cells: Sequence[Sequence[str]]) -> tuple[Any, ...]:
        texts = [change.source, *(text for _, *both in cells for text in both if text)]
        return (
            self._task_id, self._total, change.kind.value, change.table, lab_of(change),
            change.source, json.dumps(cells, ensure_ascii=False), change.place,
            " ".join(texts).casefold(),
        )  # fmt: skip


def lab_of(change: Change) -> str:
    """The laboratory that a change is about, or the authority and kind of a claim."""
    parts = change.source.partition(": ")[2].split("/")
    return "/".join(parts[:2]) if shape(change.table).is_claim else parts[0]


def writer(work: Work) -> Callable[[Sequence[tuple[Any, ...]]], None]:
    """Writes rows of a difference into the work store, each time in a transaction of its own."""

    def write(rows: Sequence[tuple[Any, ...]]) -> None:
        with store.session(work.engine) as opened:
            store.write(opened)
            held = (row[: len(_COLUMNS)] for row in rows)
            bulk.insert(opened.connection(), _TABLE, _COLUMNS, held)
            # What is looked through for words, thousands of rows in one text: a database hands
            # over few long texts in a small part of the time that it takes for many short ones.
            lines = [(row[2], row[3], row[4], row[-1]) for row in rows]
            opened.add(text_of(rows[0][0], rows[0][1], lines))
            opened.commit()

    return write


def text_of(task_id: str, place: int, rows: Iterable[tuple[str, str, str, str]]) -> TaskText:
    """What some rows are searched by.

    Args:
        task_id: of the task.
        place: of the first row; the others follow.
        rows: kind, table, laboratory and words of each.
    """
    # One space for each gap: what parts cells and rows is in none of them.
    lines = (_CELL.join(" ".join(one.split()) for one in row) for row in rows)
    return TaskText(task_id=task_id, place=place, lines=_LINE.join(lines))


def forget(opened: Session, task_id: str) -> None:
    """Takes away what was written down of a task."""
    for table in (TaskChange, TaskText):
        opened.exec(delete(table).where(col(table.task_id) == task_id))


@dc.dataclass(frozen=True, slots=True)
class Asked:
    """Which rows of a difference are wanted; "" for all.

    Attributes:
        kind: of change.
        table: the contract's.
        lab: id of a laboratory.
        words: that a row has, all of them.
        after: the place of the last row of the page before.
    """

    kind: str = ""
    table: str = ""
    lab: str = ""
    words: str = ""
    after: int = 0


@dc.dataclass(frozen=True, slots=True)
class Row:
    """A row of a difference.

    Attributes:
        cells: column, before, after.
    """

    place: int
    kind: str
    table: str
    lab_id: str
    source: str
    cells: tuple[tuple[str, str, str], ...]
    at: str


@dc.dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a difference.

    Attributes:
        rows: in their order.
        more: whether others follow.
        total: of all that are wanted.
        kept: of all that were written down.
    """

    rows: tuple[Row, ...]
    more: bool
    total: int
    kept: int


def page(work: Work, task_id: str, asked: Asked) -> Page:
    """A page of what a task would change."""
    mine = col(TaskChange.task_id) == task_id
    wanted = [mine]
    for column, value in (
        (col(TaskChange.kind), asked.kind),
        (col(TaskChange.table_name), asked.table),
        (col(TaskChange.lab_id), asked.lab),
    ):
        if value:
            wanted.append(column == value)
    rows = select(TaskChange).where(mine, col(TaskChange.place) > asked.after)
    rows = rows.order_by(col(TaskChange.place)).limit(PAGE + 1)
    with store.session(work.engine) as opened:
        # They are numbered without gaps, and the last number is found without a count.
        kept = opened.exec(select(func.max(TaskChange.place)).where(mine)).one() or 0
        if asked.words.split():
            places = _with_words(opened, task_id, asked)
            some = places[bisect.bisect_right(places, asked.after) :][: PAGE + 1]
            found = opened.exec(rows.where(col(TaskChange.place).in_(some))).all()
            return _page(found, len(places), kept)
        total = kept
        if len(wanted) > 1:
            total = opened.exec(select(func.count()).select_from(TaskChange).where(*wanted)).one()
        return _page(opened.exec(rows.where(*wanted)).all(), total, kept)


def _with_words(opened: Session, task_id: str, asked: Asked) -> list[int]:
    """Places of the rows that have all words and are otherwise as wanted, in their order."""
    words = sorted(asked.words.casefold().split(), key=len, reverse=True)
    texts = select(TaskText.place, TaskText.lines).where(TaskText.task_id == task_id)
    for word in words:
        texts = texts.where(has(opened, col(TaskText.lines), word))
    found = []
    filters = (asked.kind, asked.table, " ".join(asked.lab.split()))
    for first, lines in opened.exec(texts.order_by(col(TaskText.place))):
        # One word after the other: most rows lack the first, and this is done for each of them.
        some = [(at, line) for at, line in enumerate(lines.split(_LINE)) if words[0] in line]
        for at, line in some:
            *told, text = line.split(_CELL)
            fits = all(one in ("", other) for one, other in zip(filters, told, strict=True))
            if fits and all(word in text for word in words):
                found.append(first + at)
    return found


def has(opened: Session, column: Any, word: str) -> ColumnElement[bool]:  # noqa: ANN401
    """Whether a text holds another as it stands; many times faster than LIKE on SQLite."""
    sqlite = opened.get_bind().dialect.name == "sqlite"
    place = func.instr(column, word) if sqlite else func.strpos(column, word)
    return place > 0


def _page(found: Sequence[TaskChange], total: int, kept: int) -> Page:
    return Page(tuple(map(_read, found[:PAGE])), len(found) > PAGE, total, kept)


def _read(row: TaskChange) -> Row:
    cells = tuple((column, before, after) for column, before, after in json.loads(row.cells))
    return Row(row.place, row.kind, row.table_name, row.lab_id, row.source, cells, row.at)


def counts_of(task: Task) -> dict[str, dict[str, int]]:
    """Rows by kind and, within it, by table."""
    found: Mapping[str, Mapping[str, int]] = json.loads(task.counts)
    return {kind: dict(tables) for kind, tables in found.items()}


def counts_json(counts: Mapping[tuple[str, str], int]) -> str:
    """Counts as a task keeps them."""
    found: dict[str, dict[str, int]] = {}
    for (kind, table), count in counts.items():
        found.setdefault(kind, {})[table] = count
    return json.dumps(found)
