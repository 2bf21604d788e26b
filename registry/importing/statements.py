"""Rows of understood tables: each with its texts by what they are, and its document's facts."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from registry.errors import Problem
from registry.importing import headings
from registry.importing.asides import Aside, aside, goes_on, limiting_note, part_word
from registry.importing.cells import clean, glued, plain
from registry.importing.grids import Grid, Line
from registry.importing.headings import Headings
from registry.importing.mapping import SKIP, Said, Sheet
from registry.importing.personal import scrub
from registry.importing.source import problem
from registry.importing.titles import facts_of, facts_of_name
from registry.importing.vocabulary import vocabulary

# Columns whose text goes down over an empty cell where a page's end cut a merged one.
_CARRIED = ("object", "class")
# What must not be scrubbed: a code of 18 characters may look like a person's number.
_CODES = frozenset({"uscc", "number", "cnas_number"})


@dc.dataclass(frozen=True, slots=True)
class Statement:
    """One row.

    Attributes:
        kind: of its table, `scopes` …
        file: how its table is named, `book.xlsx[Sheet1]`.
        line: row of the table.
        cells: what the columns hold; of several classes the finest.
        facts: what title lines above it, the file's name and the operator tell.
        base: day 0 of dates that were kept as numbers.
        notes: what stands under the table and may limit all of it; filled while it is read.
        part: the word of its titles by which the list may be an addition; "" for none.
        goes_on: whether it is the second half of the row before, cut by the end of a page.
    """

    kind: str
    file: str
    line: int
    cells: Mapping[str, str]
    facts: Mapping[str, str]
    base: dt.date
    notes: Sequence[str] = ()
    part: str = ""
    goes_on: bool = False

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.file}:{self.line}"

    def get(self, name: str) -> str:
        """The row's own cell, else the fact."""
        return self.cells.get(name) or self.facts.get(name, "")


class Reader:
    """Reads the tables of one document, one after the other.

    Attributes:
        problems: what cannot be understood.
        warnings: what was left out.
        list_dates: the days on which title lines say that the list was true.
        name_date: the day that the document's name tells; "" for none.
        understood: how many tables were.
    """

    def __init__(self, name: str, said: Said) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.list_dates: set[str] = set()
        self.understood = 0
        self._name = name
        self._said = said
        self._facts: dict[str, str] = {}
        self._before: Headings | None = None
        self._carried: dict[str, str] = {}
        self._above: dict[str, str] = {}
        self._notes: list[str] = []
        self._part = part_word([Path(name).stem])
        named = facts_of_name(Path(name).stem)
        self._learn(named)
        # What the file's name says of the day counts where no title line does.
        self.list_dates.clear()
        self.name_date = named.get("list_date", "")

    def read(self, grids: Iterable[Grid]) -> Iterator[Statement]:
        """Every row of every table; one that a page's end cut is whole again."""
        waiting: Statement | None = None
        for each in itertools.chain.from_iterable(map(self._grid, grids)):
            if not each.goes_on:
                if waiting is not None:
                    yield waiting
                waiting = each
            elif waiting is not None and waiting.kind == each.kind:
                names = dict.fromkeys([*waiting.cells, *each.cells])
                cells = {
                    name: glued(waiting.cells.get(name, ""), each.cells.get(name, ""))
                    for name in names
                }
                waiting = dc.replace(waiting, cells=cells)
                self.warnings.append(problem(each.file, each.line, "", "row_joined"))
        if waiting is not None:
            yield waiting
        if not self.understood and not self.problems:
            self.problems.append(problem(self._name, 0, "", "no_table"))

    def _grid(self, grid: Grid) -> Iterator[Statement]:
        sheet = self._said.sheet(grid.name)
        grid = dc.replace(grid, place=scrub(grid.place))
        if sheet.table == SKIP:
            return
        if grid.unread:
            self.problems.append(problem(grid.place, 0, "", grid.unread, sheet=grid.name))
            return
        self._learn(facts_of([*grid.titles, grid.name]))
        for title in grid.titles:  # under the table before
            self._keep_note(grid, 0, title)
        yield from self._table(grid, sheet)

    def _table(self, grid: Grid, sheet: Sheet) -> Iterator[Statement]:
        """A table with its headings; another may stand under it."""
        found = headings.find(grid, sheet)
        before = self._before
        if found.headings is None:
            width = max((len(line.cells) for line in found.above), default=0)
            if grid.continues and before is not None and width == before.width:
                lines = itertools.chain(found.above, found.rows)
                yield from self._rows(grid, before, lines, sheet, continued=True)
                return
            self._learn(facts_of(line.text for line in found.above))
            self._not_understood(grid, found.above)
            return
        self._learn(facts_of(line.text for line in found.above))
        again = grid.continues and before is not None and before.words == found.headings.words
        if not again:
            titles = [*grid.titles, grid.name, *(line.text for line in found.above)]
            self._part = part_word([Path(self._name).stem, *titles])
        self._before = found.headings
        self.understood += 1
        for what, words in (
            ("unknown_heading", found.headings.unknown),
            ("heading_twice", found.headings.twice),
        ):
            self.problems += [
                problem(grid.place, found.headings.line, scrub(word), what, sheet=grid.name)
                for word in words
            ]
        yield from self._rows(grid, found.headings, found.rows, sheet, continued=again)

    def _not_understood(self, grid: Grid, lines: tuple[Line, ...]) -> None:
        """A table of some size that nobody understands might be half of a list."""
        width = headings.LEAST_COLUMNS
        full = [line for line in lines if len(set(line.own)) >= width]
        if len(full) >= 2:
            first = full[0]
            words = "|".join(
                "…" if headings.is_personal(each) else scrub(plain(each))[:20] for each in first.own
            )
            told = problem(
                grid.place, first.number, "", "unknown_sheet", sheet=grid.name, words=words
            )
            self.problems.append(told)

    def _rows(
        self, grid: Grid, known: Headings, lines: Iterable[Line], sheet: Sheet, *, continued: bool
    ) -> Iterator[Statement]:
        if not continued:
            self._carried, self._above, self._notes = {}, {}, []
        first, rest = True, iter(lines)
        for line in rest:
            if line.number in sheet.skip_rows or not any(line.cells) or known.repeated(line):
                continue
            if headings.begins(line, sheet):
                under = dc.replace(grid, lines=itertools.chain([line], rest), continues=False)
                yield from self._table(dc.replace(under, titles=()), sheet)
                return
            cut = continued and first
            joins = cut and goes_on(known, line)
            if not joins and self._is_aside(grid, known, line):
                continue
            mapped = [place for place in known.columns if place < len(line.cells)]
            if all(place in line.follows for place in mapped if line.cells[place]):
                continue
            first = False
            if joins and known.serial is None:
                self.problems.append(problem(grid.place, line.number, "", "row_cut"))
                continue
            cells = self._cells(grid, known, line, cut=cut and not joins)
            if cells:
                yield self._statement(grid, known, line, cells, goes_on=joins)

    def _statement(
        self, grid: Grid, known: Headings, line: Line, cells: Mapping[str, str], *, goes_on: bool
    ) -> Statement:
        facts = {**self._facts, **self._said.facts}
        return Statement(
            known.kind,
            grid.place,
            line.number,
            cells,
            facts,
            grid.serial_base,
            self._notes,
            self._part,
            goes_on,
        )

    def _is_aside(self, grid: Grid, known: Headings, line: Line) -> bool:
        """Whether a row is a title, a note or a number of pages and no row."""
        what = aside(known, line)
        if what is Aside.ROW:
            return False
        self._learn(facts_of([line.text]))
        if what is Aside.NOTE:
            self._keep_note(grid, line.number, "：".join(dict.fromkeys(filter(None, line.cells))))
        elif what is Aside.TITLE:
            self.warnings.append(problem(grid.place, line.number, "", "line_skipped"))
        elif what is Aside.DOUBTFUL:
            self.problems.append(problem(grid.place, line.number, "", "row_of_one"))
        return True

    def _keep_note(self, grid: Grid, line: int, text: str) -> None:
        """Keeps a note that may limit the table it stands under, and tells it."""
        note = clean(scrub(limiting_note(text)))
        if note and self._before is not None:
            self._notes.append(note)
            self.warnings.append(problem(grid.place, line, "", "note_kept", value=note))

    def _cells(self, grid: Grid, known: Headings, line: Line, *, cut: bool) -> dict[str, str]:
        cells: dict[str, str] = {}
        for place, name in known.columns.items():
            if place >= len(line.cells):
                continue
            if place in line.faults:
                self.problems.append(problem(grid.place, line.number, name, line.faults[place]))
            text = line.cells[place]
            text = clean(text if name in _CODES else scrub(text))
            if text in vocabulary().ditto:
                text = self._above.get(name, text)
            if name in _CARRIED:
                if text:
                    self._carried[name] = text
                elif cut or place in line.follows:
                    text = self._carried.get(name, "")
                else:
                    self._carried.pop(name, None)
            if text and name == "phone" and name in cells:
                text = f"{cells[name]};{text}"
            if text:
                cells[name] = text
        self._above = cells
        return cells

    def _learn(self, facts: Mapping[str, str]) -> None:
        """Takes facts in; those of another laboratory take the place of all before."""
        if "list_date" in facts:
            self.list_dates.add(facts["list_date"])
        old = self._facts
        if any(
            facts.get(name) and old.get(name) and facts[name] != old[name]
            for name in ("lab_name", "number")
        ):
            self._facts = {}
        self._facts.update({name: text for name, text in facts.items() if name != "list_date"})
