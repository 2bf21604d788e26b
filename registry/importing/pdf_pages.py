"""Tables of a PDF that holds text; pictures of pages are none."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import PdfminerException

from registry.errors import Problem, UnknownSourceError
from registry.importing import unruled
from registry.importing.cells import glued, plain
from registry.importing.grids import Grid, Line, Span, merged
from registry.importing.unruled import Page

MAX_BYTES = 200_000_000
# An annex of a large institute has some hundred pages.
MAX_PAGES = 3000
# A scan is as large as its page; a letter-head or a seal is not.
_COVERED = 0.5
# A scan has no more text than a number of its page put on it later.
_FEW = 20
# Lines that are so near, in points (1/72 inch), are one; pdfplumber's own.
_TABLES = {"vertical_strategy": "lines", "horizontal_strategy": "lines"}

Box = tuple[float, float, float, float]


def read(path: Path) -> tuple[Iterator[Grid], list[Problem]]:
    """Every table, page by page; one that goes on with the last page's says so.

    Raises:
        UnknownSourceError: if it is damaged, locked, too large, or holds no text.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UnknownSourceError(path=str(path), reason="too_large")
    try:
        book = pdfplumber.open(path)
        pages = book.pages
    except (PdfminerException, PSException, ValueError, TypeError, KeyError) as error:
        raise UnknownSourceError(path=str(path), reason="damaged") from error
    if len(pages) > MAX_PAGES:
        book.close()
        raise UnknownSourceError(path=str(path), reason="too_large")
    return _grids(path.name, book), []


def _is_bare(page: Any) -> bool:  # noqa: ANN401 - pdfplumber has no types
    """Whether a page holds pictures or drawn characters, and no text: a scan."""
    return bool(page.images or page.curves) and not page.chars


def _is_covered(page: Any) -> bool:  # noqa: ANN401
    """Whether a picture covers the page: text over it was read from it by a machine."""
    area = float(page.width * page.height) * _COVERED
    return any(each["width"] * each["height"] >= area for each in page.images)


def _unruled(page: Any, before: Page | None) -> tuple[Page, str]:  # noqa: ANN401
    """What a page without ruled tables holds, and why it could not be read."""
    if _is_bare(page):
        return Page(()), "page_without_text"
    found = unruled.read(page, before)
    few = len(page.chars) < _FEW
    if _is_covered(page) and (few or found.unsure or found.rows):
        return Page(()), "page_without_text"
    return found, "page_without_lines" if found.unsure else ""


def _grids(name: str, book: Any) -> Iterator[Grid]:  # noqa: ANN401
    first = True
    waiting: list[str] = []  # what stands under the last table is about the next
    before: Page | None = None
    with contextlib.closing(book):
        for number, page in enumerate(book.pages, start=1):
            tables = sorted(page.find_tables(_TABLES), key=lambda table: table.bbox[1])
            if not tables or _is_bare(page):
                found, unread = _unruled(page, before)
                label = f"p{number}.1" if found.rows else f"p{number}"
                waiting += found.titles
                if unread:
                    yield Grid(label, f"{name}[{label}]", (), unread=unread)
                elif found.rows:
                    yield Grid(
                        label, f"{name}[{label}]", found.rows, tuple(waiting), continues=not first
                    )
                    first, waiting, before = False, list(found.under), found
                page.close()
                continue
            before, top = None, 0.0
            for count, table in enumerate(tables, start=1):
                titles = [*waiting, *_texts_between(page, top, table.bbox[1])]
                waiting = []
                label = f"p{number}.{count}"
                yield Grid(
                    label,
                    f"{name}[{label}]",
                    list(_lines(table)),
                    tuple(titles),
                    continues=not first,
                )
                first, top = False, table.bbox[3]
            waiting += _texts_between(page, top, float(page.height))
            page.close()
        if not first:  # notes may stand under the last table
            yield Grid("end", name, (), tuple(waiting), continues=True)


def _texts_between(page: Any, top: float, bottom: float) -> list[str]:  # noqa: ANN401
    if bottom - top < 1:
        return []
    text = page.crop((0, top, page.width, bottom), strict=False).extract_text() or ""
    return [line for each in text.splitlines() if (line := plain(each))]


def _edges(values: Sequence[float]) -> list[float]:
    """The rules' places, those that are one within a point put together."""
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > 1:
            edges.append(value)
    return edges


def _place(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda each: abs(edges[each] - value))


def _lines(table: Any) -> Iterator[Line]:  # noqa: ANN401
    """Rows between the rules; a cell over several of them is a merged one."""
    boxes: list[Box] = table.cells
    across = _edges([each for box in boxes for each in (box[0], box[2])])
    down = _edges([each for box in boxes for each in (box[1], box[3])])
    rows = [[""] * (len(across) - 1) for _ in range(len(down) - 1)]
    spans: list[Span] = []
    for box in boxes:
        left, right = _place(across, box[0]), _place(across, box[2])
        top, bottom = _place(down, box[1]), _place(down, box[3])
        if left >= right or top >= bottom:
            continue
        cut = table.page.crop(box, strict=False)
        # Lines of a cell are one text: they were broken where the cell ended.
        lines = (cut.extract_text() or "").splitlines()
        rows[top][left] = plain(functools.reduce(glued, lines, ""))
        if (right - left, bottom - top) != (1, 1):
            spans.append(Span(top + 1, left + 1, bottom, right))
    numbered: Iterable[tuple[int, list[str], dict[int, str]]] = (
        (number, texts, {}) for number, texts in enumerate(rows, start=1)
    )
    yield from merged(numbered, spans)
