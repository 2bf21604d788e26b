"""Tables of a PDF page that no lines rule: read where each word's place is sure, else refused.

Without lines nothing tells a cell of two lines from two rows, nor an empty cell from one that
goes on with that above. A table is read where its columns stand apart in every row, its
headings are known, its rows are numbered on from one to the next, and each column is filled
in every row or in none.
"""

from __future__ import annotations

import dataclasses as dc
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from registry.importing import headings
from registry.importing.cells import heading, plain
from registry.importing.grids import Grid, Line
from registry.importing.headings import NEEDED
from registry.importing.mapping import Sheet
from registry.importing.vocabulary import vocabulary

# Words of one cell stand nearer to each other than columns do: a character's width.
_APART = 1.0
# Words whose tops are so near, in points, stand on one line; pdfplumber's own.
_ON_LINE = 3.0
# A number of a page that is more than a digit, which may be the half of a cell.
_PAGE = re.compile(r"[-—–]\s*\d+\s*[-—–]|\d+\s*/\s*\d+")
# So many lines of several words each look like a table, whatever its headings.
_LOOKS = 3

Word = dict[str, Any]


@dc.dataclass(frozen=True, slots=True)
class Page:
    """What a page without ruled tables holds.

    Attributes:
        titles: the lines that are no table.
        under: those of them that stand under the table.
        rows: the table with its headings; none where there is no table.
        unsure: whether there may be a table that cannot be told for sure.
        first: number of the table's first row; 0 where there is none.
        last: number of its last row.
        full: what the columns hold that are filled.
    """

    titles: tuple[str, ...]
    under: tuple[str, ...] = ()
    rows: tuple[Line, ...] = ()
    unsure: bool = False
    first: int = 0
    last: int = 0
    full: frozenset[str] = frozenset()


def read(page: Any, before: Page | None) -> Page:  # noqa: ANN401 - pdfplumber has no types
    """What a page holds that has no ruled table.

    Args:
        page: pdfplumber's.
        before: the page before, if it ends with a table without lines that may go on here.
    """
    lines = _lines(page)
    texts = [plain(" ".join(word["text"] for word in line)) for line in lines]
    pieces = [_pieces(line) for line in lines]
    number = str(page.page_number)
    start = next((place for place, line in enumerate(pieces) if _is_heading(line)), None)
    if start is None:
        several = [line for line in pieces if sum(len(each) > 1 for each in line) >= _LOOKS]
        # Under a table whose last row may go on here only notes are sure to be none of it.
        cut = before is not None and not _are_notes(texts, number)
        return Page(tuple(texts), unsure=cut or len(several) >= _LOOKS)
    on = before.last + 1 if before is not None else 1
    end = start + 1 + _numbered(pieces[start + 1 :], on)
    rows = _table(lines[start:end])
    full = _sure(rows)
    if full is None or not _are_notes(texts[end:], number):
        return Page((), unsure=True)
    first, last = int(pieces[start + 1][0]), int(pieces[end - 1][0])
    if before is not None and first == on and full != before.full:
        # A cell of the last row there may go on here.
        return Page((), unsure=True)
    under = tuple(texts[end:])
    return Page(tuple(texts[:start]), under, rows, first=first, last=last, full=full)


def _lines(page: Any) -> list[list[Word]]:  # noqa: ANN401
    """The words of the page by lines, from left to right."""
    words = page.extract_words()
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (each["bottom"], each["x0"])):
        if lines and word["bottom"] - lines[-1][0]["bottom"] <= _ON_LINE:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda each: float(each["x0"])) for line in lines]


def _size(words: Sequence[Word]) -> float:
    """The height of the largest words, in points."""
    return max(float(word["bottom"] - word["top"]) for word in words)


def _pieces(line: Sequence[Word]) -> list[str]:
    """The texts of a line that stand apart."""
    pieces: list[str] = []
    right, size = 0.0, _size(line)
    for word in line:
        if pieces and word["x0"] - right < size * _APART:
            pieces[-1] += " " + word["text"]
        else:
            pieces.append(word["text"])
        right = word["x1"]
    return pieces


def _is_heading(pieces: Sequence[str]) -> bool:
    words = [heading(each) for each in pieces]
    if sum(word in vocabulary().words for word in words) >= headings.LEAST_COLUMNS:
        return True
    return headings.begins(Line(1, tuple(pieces)), Sheet())


def _numbered(lines: Sequence[Sequence[str]], on: int) -> int:
    """How many lines are numbered from one, or on from the page before."""
    if not lines or lines[0][0] not in {"1", str(on)}:
        return 0
    counted = zip(itertools.count(int(lines[0][0])), lines, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda each: each[1][0] == str(each[0]), counted))


def _are_notes(texts: Sequence[str], page: str) -> bool:
    """Whether lines under a table are notes and numbers of pages, sure to be no row's half."""
    noted = False
    for text in texts:
        noted = noted or vocabulary().lines.match(text) is not None
        if not (noted or text == page or _PAGE.fullmatch(text)):
            return False
    return True


def _table(lines: Sequence[Sequence[Word]]) -> tuple[Line, ...]:
    """The rows of a table, its headings first."""
    gaps = _gaps([word for line in lines for word in line])
    return tuple(
        Line(number, tuple(_cells(line, gaps))) for number, line in enumerate(lines, start=1)
    )


def _gaps(words: Sequence[Word]) -> list[float]:
    """Where words begin behind a gap through all rows, from left to right."""
    gaps: list[float] = []
    right, size = None, _size(words)
    for word in sorted(words, key=lambda each: float(each["x0"])):
        if right is not None and word["x0"] - right >= size * _APART:
            gaps.append(float(word["x0"]))
        right = word["x1"] if right is None else max(right, word["x1"])
    return gaps


def _cells(line: Sequence[Word], gaps: Sequence[float]) -> Iterator[str]:
    edges = [float("-inf"), *gaps, float("inf")]
    for left, right in itertools.pairwise(edges):
        yield plain(" ".join(word["text"] for word in line if left <= word["x0"] < right))


def _sure(rows: Sequence[Line]) -> frozenset[str] | None:
    """What the filled columns hold; None where a table's columns or rows are not sure.

    A column that is filled in some rows only may have merged cells.
    """
    if len(rows) < 2 or not all(rows[0].cells):
        return None
    known = headings.find(Grid("", "", rows), Sheet()).headings
    if known is None or known.line != 1 or known.serial is None:
        return None
    filled = {
        name: {bool(row.cells[place]) for row in rows[1:]} for place, name in known.columns.items()
    }
    full = frozenset(name for name, found in filled.items() if found == {True})
    sure = all(row.cells[known.serial].isdigit() for row in rows[1:])
    even = all(len(found) == 1 for found in filled.values())
    return full if sure and even and all(group & full for group in NEEDED[known.kind]) else None
