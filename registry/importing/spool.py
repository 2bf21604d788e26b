"""Rows sorted by group without all of them in memory: a file may list a country's rights."""

from __future__ import annotations

import datetime as dt
import heapq
import operator
import pickle
import tempfile
import weakref
from collections.abc import Iterator
from typing import IO, NamedTuple

from registry.shape import Values

# So many rows, some 100 MB, are in memory; more are sorted on disk.
IN_MEMORY = 200_000
# Rows written and read back at a time; every run on disk has one such block in memory.
_BLOCK = 1000


class ReadRow(NamedTuple):
    """A row's values in the order of the contract's columns, and where it stands.

    Attributes:
        line: of the file.
        place: in the document; "" for `file:line`.
        dropped_on: day of the first list that no longer had it; None where one still has.
    """

    line: int
    values: Values
    place: str
    dropped_on: dt.date | None = None


_Item = tuple[str, ReadRow]


class Spool:
    """Takes rows in any order, gives them group by group."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._rows: list[_Item] = []
        self._runs: list[IO[bytes]] = []
        weakref.finalize(self, _close, self._runs)

    def add(self, group: str, row: ReadRow) -> None:
        """Takes a row of a group."""
        self.names.add(group)
        self._rows.append((group, row))
        if len(self._rows) >= IN_MEMORY:
            self._write()

    def _write(self) -> None:
        self._rows.sort(key=operator.itemgetter(0))
        run = tempfile.TemporaryFile(prefix="certcheck-")  # noqa: SIM115
        for start in range(0, len(self._rows), _BLOCK):
            pickle.dump(self._rows[start : start + _BLOCK], run, pickle.HIGHEST_PROTOCOL)
        self._runs.append(run)
        self._rows = []

    def __iter__(self) -> Iterator[_Item]:
        """Every row, sorted by group; of a group in the order in which they came."""
        self._rows.sort(key=operator.itemgetter(0))
        if not self._runs:
            return iter(self._rows)
        runs = (_read(run) for run in self._runs)
        return heapq.merge(*runs, self._rows, key=operator.itemgetter(0))

    def batches(self, groups: int) -> Iterator[dict[str, list[ReadRow]]]:
        """The rows of so many groups at a time, in the order of their names."""
        batch: dict[str, list[ReadRow]] = {}
        for group, row in self:
            if group not in batch and len(batch) == groups:
                yield batch
                batch = {}
            batch.setdefault(group, []).append(row)
        if batch:
            yield batch


def _close(runs: list[IO[bytes]]) -> None:
    """Removes the files with the spool that wrote them."""
    for run in runs:
        run.close()


def _read(run: IO[bytes]) -> Iterator[_Item]:
    """A run's rows; its own place in the file, for two may be read in turns."""
    place = 0
    while True:
        run.seek(place)
        try:
            block: list[_Item] = pickle.load(run)
        except EOFError:
            return
        place = run.tell()
        yield from block
