"""Which rows of a table are its headings, and what its columns hold."""

from __future__ import annotations

import dataclasses as dc
import itertools
from collections.abc import Iterator, Mapping, Sequence

from registry.importing.cells import heading
from registry.importing.grids import Grid, Line
from registry.importing.mapping import IGNORE, Sheet
from registry.importing.vocabulary import KINDS, vocabulary

# Headings are looked for in so many rows: title lines and filling instructions stand above.
SEARCHED = 40
# A table of fewer columns than this that nobody understands lays out a page, most likely.
LEAST_COLUMNS = 3
# What a table of each kind must have: one column out of each group.
NEEDED: Mapping[str, tuple[frozenset[str], ...]] = {
    "scopes": (
        frozenset({"object", "item", "parameter"}),
        frozenset({"standard", "standard_name"}),
    ),
    "institutions": (
        frozenset({"lab_name"}),
        frozenset({"number", "cnas_number", "uscc"}),
    ),
    "signatories": (frozenset({"name"}), frozenset({"scope"})),
}
# Columns whose two halves may stand in several columns; others must be told apart.
_SEVERAL = frozenset({"class", "phone", IGNORE})


@dc.dataclass(frozen=True, slots=True)
class Headings:
    """A table understood.

    Attributes:
        kind: `scopes`, `institutions` or `signatories`.
        columns: place to what the column holds; ignored and personal ones are not there.
        words: the headings' own words, place to text, to know them again on the next page.
        width: how many columns there are.
        line: row of the sheet in which they begin.
        unknown: headings that nobody understands.
        twice: headings for what another column holds already.
        serial: place of the column that numbers the rows; None for none.
    """

    kind: str
    columns: Mapping[int, str]
    words: tuple[str, ...]
    width: int
    line: int
    unknown: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    serial: int | None = None

    def repeated(self, line: Line) -> bool:
        """Whether a row is the headings once more."""
        texts = tuple(heading(text) for text in line.cells)
        found = [place for place in self.columns if place < len(texts) and texts[place]]
        parts = [self.words[place].split(">") for place in found]
        return bool(found) and all(
            texts[place] in part for place, part in zip(found, parts, strict=True)
        )


@dc.dataclass(frozen=True, slots=True)
class Found:
    """What the first rows of a table tell.

    Attributes:
        headings: None where there are none.
        above: the rows before them; where there are none, all rows that were searched.
        rows: the rows behind them.
    """

    headings: Headings | None
    above: tuple[Line, ...]
    rows: Iterator[Line]


def is_personal(word: str) -> bool:
    """Whether a heading is of data about persons."""
    return any(part in word.upper() for part in map(str.upper, vocabulary().personal))


def _meaning(word: str, kind: str, sheet: Sheet) -> str | None:
    """What a column of this heading holds; None where nobody knows."""
    words = vocabulary()
    tail = word.rpartition(">")[2]
    for each in (word, tail):
        if each in sheet.columns:
            return sheet.columns[each]
        if is_personal(each) and words.columns[kind].get(each) is None:
            return IGNORE
    for each in (word, tail):
        if each in words.columns[kind]:
            return words.columns[kind][each]
        if each in words.ignored or not each:
            return IGNORE
    return None


def _two_levels(upper: Line, lower: Line) -> tuple[str, ...]:
    """Headings of two rows, `above>below`; a heading merged over both is one."""
    width = max(len(upper.cells), len(lower.cells))
    words = []
    for place in range(width):
        above = heading(upper.cells[place]) if place < len(upper.cells) else ""
        below = heading(lower.cells[place]) if place < len(lower.cells) else ""
        words.append(f"{above}>{below}" if above and below and above != below else above or below)
    return tuple(words)


def _judged(words: Sequence[str], kind: str, sheet: Sheet, line: int) -> Headings:
    columns: dict[int, str] = {}
    unknown, twice = [], []
    for place, word in enumerate(words):
        meaning = _meaning(word, kind, sheet)
        if meaning is None:
            unknown.append(word)
        elif meaning in columns.values() and meaning not in _SEVERAL:
            twice.append(word)
        elif meaning != IGNORE:
            columns[place] = meaning
    serial = next((place for place, word in enumerate(words) if word.endswith("序号")), None)
    return Headings(
        kind, columns, tuple(words), len(words), line, tuple(unknown), tuple(twice), serial
    )


def _complete(found: Headings) -> bool:
    held = set(found.columns.values())
    return all(group & held for group in NEEDED[found.kind])


def _best(words: Sequence[str], sheet: Sheet, line: int) -> Headings | None:
    """The kind of table that these headings make, if any."""
    kinds = [sheet.table] if sheet.table in KINDS else KINDS
    judged = [_judged(words, kind, sheet, line) for kind in kinds]
    whole = [each for each in judged if _complete(each)]
    return max(whole, key=lambda each: (len(each.columns), -len(each.unknown)), default=None)


def _is_lower_level(upper: Line, lower: Line, sheet: Sheet) -> bool:
    """Whether a row goes on with the headings above it: all that it adds are headings."""
    if not lower.own or not any(lower.cells):
        return False
    words = _two_levels(upper, lower)
    own = [
        words[place]
        for place, text in enumerate(lower.cells)
        if text and place not in lower.follows
    ]
    return all(
        any(_meaning(word, kind, sheet) is not None for kind in KINDS) and ">" in word
        for word in own
    )


def begins(line: Line, sheet: Sheet) -> bool:
    """Whether a row among others is the headings of another table."""
    words = [heading(text) for text in line.cells]
    known = vocabulary().words
    if sum(word in known or word in sheet.columns for word in dict.fromkeys(words)) < 2:
        return False
    return _best(words, sheet, line.number) is not None


def find(grid: Grid, sheet: Sheet) -> Found:
    """Finds the headings of a table.

    Args:
        grid: the table; its lines are read.
        sheet: what an operator says of it.
    """
    lines = iter(grid.lines)
    first = list(itertools.islice(lines, SEARCHED))
    for place, line in enumerate(first):
        if len(set(line.own)) < 2:
            continue
        after = first[place + 1] if place + 1 < len(first) else None
        if after is not None and _is_lower_level(line, after, sheet):
            both = _best(_two_levels(line, after), sheet, line.number)
            if both is not None:
                rest = itertools.chain(first[place + 2 :], lines)
                return Found(both, tuple(first[:place]), rest)
        one = _best([heading(text) for text in line.cells], sheet, line.number)
        if one is not None:
            rest = itertools.chain(first[place + 1 :], lines)
            return Found(one, tuple(first[:place]), rest)
    return Found(None, tuple(first), lines)
