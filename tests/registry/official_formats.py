"""The pages of `official` in the other formats that they come in."""

from __future__ import annotations

import html as escaping
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from registry.importing.workbook import text
from tests.registry.official import Page

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import xlwt

# A font that a reader brings along, as in most PDFs of offices; it is not in the file.
FONT = "STSong-Light"


def _covered(page: Page) -> dict[tuple[int, int], tuple[int, int]]:
    """Places in merged cells to where these begin."""
    return {
        (row, column): (top, left)
        for top, left, bottom, right in page.spans
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }


def _width(page: Page) -> int:
    return max(len(row) for row in page.rows)


def xls(path: Path, pages: Sequence[Page]) -> Path:
    """Excel 97: numbers are floats, days numbers with a format."""
    book = xlwt.Workbook(encoding="utf-8")
    for page in pages:
        sheet = book.add_sheet(page.name)
        top = len(page.before)
        for number, line in enumerate(page.before):
            sheet.write_merge(number, number, 0, _width(page) - 1, line)
        for number, row in enumerate(page.rows):
            for column, value in enumerate(row):
                if value is not None and (number, column) not in _covered(page):
                    style = xlwt.easyxf(num_format_str="YYYY-MM-DD")
                    plain = isinstance(value, str | int | float)
                    sheet.write(top + number, column, value, *(() if plain else (style,)))
        for first, left, last, right in page.spans:
            sheet.write_merge(top + first, top + last, left, right, page.rows[first][left])
    book.save(str(path))
    return path


def html(path: Path, pages: Sequence[Page], encoding: str, *, told: str = "") -> Path:
    """A saved page: the table inside another that lays it out, scripts, cut cells."""
    parts = [f"<html><head><meta charset={told or encoding}><title>查询结果</title>"]
    parts.append("<script>var a = '<table><tr><td>姓名</td></tr></table>';</script></head><body>")
    for page in pages:
        covered = _covered(page)
        spans = {(top, left): (bottom, right) for top, left, bottom, right in page.spans}
        parts.append("<table><tr><td>导航</td><td>")
        parts += [f"<p>{escaping.escape(line)}</p>" for line in page.before]
        parts.append("<table border=1>")
        for number, row in enumerate(page.rows):
            parts.append("<tr>")
            for column in range(_width(page)):
                here = (number, column)
                if covered.get(here, here) != here:
                    continue
                bottom, right = spans.get(here, here)
                size = f"rowspan='{bottom - number + 1}' colspan={right - column + 1}"
                value = text(row[column] if column < len(row) else None)
                shown = escaping.escape(value).replace("\n", "<br/>")
                parts.append(f"<td {size}><span>{shown}</span>")  # </td> is often left out
            parts.append("</tr>")
        parts.append("</table></td></tr></table>")
    path.write_bytes("".join(parts).encode(encoding))
    return path


def word(path: Path, pages: Sequence[Page]) -> Path:
    """A Word attachment."""
    document = docx.Document()
    for page in pages:
        for line in page.before:
            document.add_paragraph(line)
        table: Any = document.add_table(len(page.rows), _width(page))
        for number, row in enumerate(page.rows):
            for column, value in enumerate(row):
                if value is not None:
                    table.cell(number, column).text = text(value)
        for top, left, bottom, right in page.spans:
            kept = text(page.rows[top][left])
            table.cell(top, left).merge(table.cell(bottom, right)).text = kept
    document.save(str(path))
    return path


def pdf(path: Path, pages: Sequence[Page], height: float = A4[0]) -> Path:
    """Ruled tables over as many pages as they need, the headings on the first alone."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    style = ParagraphStyle("cell", fontName=FONT, fontSize=8, wordWrap="CJK")
    flow: list[Any] = []
    for page in pages:
        flow += [Paragraph(escaping.escape(line), style) for line in page.before]
        width = _width(page)
        cells = [
            [Paragraph(escaping.escape(text(value)).replace("\n", "<br/>"), style) for value in row]
            + [""] * (width - len(row))
            for row in page.rows
        ]
        rules: list[Any] = [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
            ("FONT", (0, 0), (-1, -1), FONT),
        ]
        rules += [("SPAN", (left, top), (right, bottom)) for top, left, bottom, right in page.spans]
        flow += [Table(cells, style=rules, colWidths=[780 / width] * width), Spacer(1, 12)]
    wide = landscape(A4)[0]
    margins = {f"{side}Margin": 20 for side in ("left", "right", "top", "bottom")}
    SimpleDocTemplate(str(path), pagesize=(wide, height), **margins).build(flow)
    return path


def cut_pdf(
    path: Path, before: Sequence[str], tables: Sequence[list[list[str]]], after: Sequence[str] = ()
) -> Path:
    """A ruled table on each page: rows that a page's end cut are what they are."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    style = ParagraphStyle("cell", fontName=FONT, fontSize=8, wordWrap="CJK")
    rules: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
        ("FONT", (0, 0), (-1, -1), FONT),
    ]
    flow: list[Flowable] = [Paragraph(escaping.escape(line), style) for line in before]
    for number, rows in enumerate(tables):
        flow += [PageBreak()] if number else []
        flow.append(Table(rows, style=rules, colWidths=[780 / len(rows[0])] * len(rows[0])))
    flow += [Paragraph(escaping.escape(line), style) for line in after]
    SimpleDocTemplate(str(path), pagesize=landscape(A4)).build(flow)
    return path
