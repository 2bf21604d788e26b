"""All that an import would do, with the changes to show and how many there are of each kind."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from registry.errors import Problem
from registry.importing.changes import Change, Kind, change_of, kind_of
from registry.importing.filling import Given
from registry.importing.fold import Difference
from registry.importing.rows import ReadTable
from registry.importing.source import Document
from registry.imports import ImportEdit, ImportKind
from registry.shape import Shape

# So many changes of each kind are kept to be shown; all are counted.
SHOWN = 10_000


@dc.dataclass(frozen=True, slots=True)
class Step:
    """Some groups of one table, and what is to be done to them."""

    shape: Shape
    differences: Sequence[Difference]


@dc.dataclass(slots=True)
class ImportPlan:
    """All that an import would do.

    Attributes:
        source_name: the file's or folder's own name.
        source_sha256: of its content.
        list_date: the day on which the list was true; None for an undo.
        kind: what the import is.
        loaded_by: who imports it.
        documents: the files that were read.
        tables: the typed rows, by the contract's tables in their order.
        changes: the first `SHOWN` changes of each kind.
        counts: how many there are of each kind.
        unchanged: rows of the file that the registry holds already, or knows better.
        news: whether the lists' day tells something new, be it that nothing changed.
        problems: what is wrong; a plan with any is never carried out.
        warnings: what is odd and is carried out.
        replaces: whether everything held so far goes first (the demo before real data).
        snapshot: see `registry.imports.ImportRecord`.
        stated: what documents state, by table and laboratory; empty for the contract's tables.
        adds: whether the operator said that they only add to what was listed before.
        whole: what the list has every laboratory of, `16/CMA` (`silence`).
        touched: (table, laboratory) of which they state nothing, and whose lists are
            understood otherwise by what they state elsewhere.
        complete: (table, laboratory) to rows of the contract's tables that come to lists of
            documents (`stated.encoded_rows`).
        undoes: number of the import that this one takes back.
        pictures: the signatories' specimens, bytes by their SHA-256.
        edit: what the import says of one row, where it is no list.
        watch: is given every change as it is counted, also those that are not kept.
    """

    source_name: str
    source_sha256: str
    list_date: dt.date | None = None
    kind: ImportKind = ImportKind.LIST
    loaded_by: str = ""
    documents: tuple[Document, ...] = ()
    tables: Mapping[str, ReadTable] = dc.field(default_factory=dict)
    changes: dict[Kind, list[Change]] = dc.field(
        default_factory=lambda: {each: [] for each in Kind}
    )
    counts: Counter[Kind] = dc.field(default_factory=Counter)
    unchanged: int = 0
    news: bool = False
    problems: list[Problem] = dc.field(default_factory=list)
    warnings: list[Problem] = dc.field(default_factory=list)
    replaces: bool = False
    snapshot: bool = False
    stated: Mapping[str, Mapping[str, Given]] = dc.field(default_factory=dict)
    adds: bool | None = None
    whole: frozenset[str] = frozenset()
    touched: set[tuple[str, str]] = dc.field(default_factory=set)
    complete: dict[tuple[str, str], str] = dc.field(default_factory=dict)
    undoes: int | None = None
    pictures: Mapping[str, bytes] = dc.field(default_factory=dict)
    edit: ImportEdit | None = None
    watch: Callable[[Change], None] | None = None

    @property
    def empty(self) -> bool:
        """Whether no row would change."""
        return not self.counts.total()

    def __iter__(self) -> Iterator[Change]:
        """The changes to show: removed, ended, changed, added."""
        for kind in (Kind.REMOVE, Kind.END, Kind.CHANGE, Kind.ADD):
            yield from self.changes[kind]

    def add(self, shaped: Shape, difference: Difference) -> None:
        """Counts a difference, and keeps it to be shown."""
        kind = kind_of(shaped, difference)
        if kind is None:
            return
        self.counts[kind] += 1
        kept = len(self.changes[kind]) < SHOWN
        if not kept and self.watch is None:
            return
        change = change_of(shaped, kind, difference)
        if kept:
            self.changes[kind].append(change)
        if self.watch is not None:
            self.watch(change)
