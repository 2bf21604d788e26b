"""Tables of a Word document (.docx), the paragraphs before each as its titles."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from registry.errors import Problem, UnknownSourceError
from registry.importing.cells import plain
from registry.importing.grids import MAX_COLUMNS, Grid, Line, Span, merged

# A document unpacked: text of a few thousand pages. More is a bomb.
MAX_UNPACKED_BYTES = 500_000_000
# Of the text of a document.
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read(path: Path) -> tuple[Iterator[Grid], list[Problem]]:
    """Every table of a document, in order.

    Raises:
        UnknownSourceError: if it is damaged, no document, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise UnknownSourceError(path=str(path), reason="too_large")
        document = docx.Document(str(path))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise UnknownSourceError(path=str(path), reason="damaged") from error
    return _grids(path.name, document), []


def _grids(name: str, document: Any) -> Iterator[Grid]:  # noqa: ANN401
    titles = [
        text
        for section in document.sections
        for paragraph in section.header.paragraphs
        if (text := plain(paragraph.text))
    ]
    count = 0
    for item in document.iter_inner_content():
        if isinstance(item, Paragraph):
            titles.append(plain(item.text))
        elif isinstance(item, Table):
            count += 1
            yield Grid(
                str(count),
                f"{name}[table {count}]",
                list(_lines(item)),
                tuple(filter(None, titles)),
                continues=count > 1,
            )
            titles = []
    if count and any(titles):  # notes may stand under the last table
        yield Grid("end", name, (), tuple(filter(None, titles)), continues=True)


def _lines(table: Table) -> Iterator[Line]:
    """Rows with merged cells followed; those that tracking marks as deleted are left out."""
    rows: list[tuple[int, list[str]]] = []
    spans: list[Span] = []
    starts: dict[int, tuple[int, int]] = {}
    for number, row in enumerate(table._tbl.tr_lst, start=1):  # noqa: SLF001 - merges stand there alone
        texts: list[str] = [""] * row.grid_before
        open_starts: dict[int, tuple[int, int]] = {}
        for cell in row.tc_lst:
            place = len(texts)
            right = min(place + cell.grid_span, MAX_COLUMNS)
            above = starts.get(place) if cell.vMerge == "continue" else None
            text = "" if above else _text(cell)
            texts += [text] + [""] * (right - place - 1)
            if above is not None:
                top, last = above
                spans[last] = Span(top, place + 1, number, right)
                open_starts[place] = above
            elif cell.vMerge == "restart" or right > place + 1:
                spans.append(Span(number, place + 1, number, right))
                open_starts[place] = (number, len(spans) - 1)
        starts = open_starts
        rows.append((number, texts))
    yield from merged(((number, texts, {}) for number, texts in rows), spans)


def _text(cell: Any) -> str:  # noqa: ANN401
    lines = (
        "".join(
            (each.text or "") if each.tag == f"{_W}t" else "\n"
            for each in paragraph.iter(f"{_W}t", f"{_W}br", f"{_W}cr")
        )
        for paragraph in cell.iter(f"{_W}p")
    )
    return plain("\n".join(lines))
