"""What a task would change, row by row: written down while it is worked out, and looked through."""

from __future__ import annotations

import bisect
import dataclasses as dc
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from certcheck.desk.tables import Task, TaskChange
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
_COLUMNS = (
    "task_id", "place", "kind", "table_name", "lab_id", "source", "cells", "at", "words",
)  # fmt: skip
_TABLE = TaskChange.__table__  # type: ignore[attr-defined]
_WIDTH = 2**256


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
            bulk.insert(opened.connection(), _TABLE, _COLUMNS, iter(rows))
            opened.commit()

    return write


def forget(opened: Session, task_id: str) -> None:
    """Takes away what was written down of a task."""
    opened.exec(delete(TaskChange).where(col(TaskChange.task_id) == task_id))


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
    for word in asked.words.casefold().split():
        wanted.append(col(TaskChange.words).contains(word, autoescape=True))
    rows = select(TaskChange).where(mine, col(TaskChange.place) > asked.after)
    rows = rows.order_by(col(TaskChange.place)).limit(PAGE + 1)
    with store.session(work.engine) as opened:
        # They are numbered without gaps, and the last number is found without a count.
        kept = opened.exec(select(func.max(TaskChange.place)).where(mine)).one() or 0
        if len(wanted) == 1:
            return _page(opened.exec(rows).all(), kept, kept)
        # Texts are looked through once, not once for the count and once for the page.
        fits = select(TaskChange.place).where(*wanted).order_by(col(TaskChange.place))
        places = opened.exec(fits).all()
        some = places[bisect.bisect_right(places, asked.after) :][: PAGE + 1]
        found = opened.exec(rows.where(col(TaskChange.place).in_(some))).all()
        return _page(found, len(places), kept)


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
