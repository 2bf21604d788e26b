"""What a sheet, a page's table or a Word table is before its headings are understood."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

# Day 0 of a spreadsheet's dates, in the system that nearly all use.
SERIAL_BASE = dt.date(1899, 12, 30)
# In files made on a Macintosh of old.
SERIAL_BASE_1904 = dt.date(1904, 1, 1)
# A merged cell that claims more columns than this is damage (Excel's own limit).
MAX_COLUMNS = 16_384


@dc.dataclass(frozen=True, slots=True)
class Line:
    """One row of a table.

    Attributes:
        number: row of the sheet or table, from 1.
        cells: text of each column, without surrounding spaces; a merged cell's text stands in
            every place that it covers.
        follows: places that a merged cell covers without beginning there.
        faults: what makes a cell's text worthless, by its place: a code of `source.problem`.
    """

    number: int
    cells: tuple[str, ...]
    follows: frozenset[int] = frozenset()
    faults: Mapping[int, str] = dc.field(default_factory=dict)

    @property
    def own(self) -> tuple[str, ...]:
        """The texts that begin in this row, empty ones left out."""
        return tuple(
            text for place, text in enumerate(self.cells) if text and place not in self.follows
        )

    @property
    def text(self) -> str:
        """All texts of the row, each once, two spaces between."""
        return "  ".join(dict.fromkeys(text for text in self.cells if text))


@dc.dataclass(frozen=True, slots=True)
class Grid:
    """One table of a document.

    Attributes:
        name: of the sheet, or the table's number; what a mapping file calls it.
        place: how a place in it is named, `book.xlsx[Sheet1]`.
        lines: in order; may be read once only.
        titles: texts before the table, and outside of it.
        serial_base: day 0 of dates that were kept as numbers.
        continues: whether it may go on with the table before it, as behind the foot of a page.
        unread: why what may be a table could not be read: a code of `source.problem`.
    """

    name: str
    place: str
    lines: Iterable[Line]
    titles: tuple[str, ...] = ()
    serial_base: dt.date = SERIAL_BASE
    continues: bool = False
    unread: str = ""


@dc.dataclass(frozen=True, slots=True)
class Span:
    """A merged cell: rows and columns that it covers, from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


def merged(
    rows: Iterable[tuple[int, Sequence[str], Mapping[int, str]]], spans: Sequence[Span]
) -> Iterator[Line]:
    """Lines whose merged cells have their text everywhere.

    Args:
        rows: number, texts and faults of each row, in order; rows may be missing.
        spans: the merged cells. Those that are open at a row are kept, so that a long sheet
            is never in memory.
    """
    waiting = sorted(spans, key=lambda span: span.top, reverse=True)
    open_spans: list[tuple[Span, str, str]] = []
    for number, row, row_faults in rows:
        texts, faults = list(row), dict(row_faults)
        follows: set[int] = set()
        open_spans = [each for each in open_spans if each[0].bottom >= number]
        while waiting and waiting[-1].top <= number:
            span = waiting.pop()
            if span.bottom >= number and span.right <= MAX_COLUMNS:
                first = span.left - 1
                # A span whose own row was left out has no text.
                here = span.top == number and first < len(texts)
                text = texts[first] if here else ""
                open_spans.append((span, text, faults.get(first, "") if here else ""))
        for span, text, fault in open_spans:
            right = span.right if text else min(span.right, len(texts))
            texts += [""] * (right - len(texts))
            for place in range(span.left - 1, right):
                texts[place] = text
                if (number, place) != (span.top, span.left - 1):
                    follows.add(place)
                if fault:
                    faults[place] = fault
        yield Line(number, tuple(texts), frozenset(follows), faults)
