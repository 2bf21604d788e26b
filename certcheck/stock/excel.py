"""A batch as a spreadsheet, in which nothing that was read acts on whoever opens it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from certcheck import messages
from certcheck.messages import Text
from certcheck.stock.items import Item, Stock, kind
from registry.days import CHINA
from registry.formulas import guarded

# China has had one time, without summer time, since 1991.
# Excel's own limit for a cell.
_LONGEST = 32_767
_WIDTHS = (6, 26, 26, 22, 30, 22, 22, 34, 18, 18, 40, 44)
_HEADINGS = (
    "stock.page.column.number", "stock.page.column.item", "stock.excel.file",
    "stock.page.column.result", "stock.excel.told", "stock.page.column.certificate",
    "stock.excel.conclusion", "stock.page.column.lab", "stock.excel.checked",
    "stock.excel.registry", "stock.excel.why", "stock.page.column.report",
)  # fmt: skip
Say = Callable[[Text], str]


def book(stock: Stock, items: Sequence[Item], say: Say, address: Callable[[str], str]) -> bytes:
    """The .xlsx file.

    Args:
        stock: the batch.
        items: its items, in the order wanted.
        say: chooses the language.
        address: of the report of a check, by its id.
    """
    made = openpyxl.Workbook()
    table = made.worksheets[0]
    table.title = say(messages.text("stock.excel.results"))
    table.append([say(messages.text(code)) for code in _HEADINGS])
    for item in items:
        table.append([_cell(value) for value in _row(item, say, address)])
    for cell in table[1]:
        cell.font = Font(bold=True)
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        table.column_dimensions[column[0].column_letter].width = width
        for cell in column:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    table.freeze_panes = "C2"
    table.auto_filter.ref = table.dimensions
    _about(made.create_sheet(say(messages.text("stock.excel.about"))), stock, say)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _about(sheet: openpyxl.worksheet.worksheet.Worksheet, stock: Stock, say: Say) -> None:
    sheet.column_dimensions["A"].width = 100
    lines = [stock.title, say(messages.text("report.proves"))]
    if any(one.outcome and one.outcome.demo for one in stock.items):
        lines.append(say(messages.text("report.demo")))
    for line in filter(None, lines):
        sheet.append([_cell(line)])
    for cell in sheet["A"]:
        cell.alignment = Alignment(vertical="top", wrap_text=True)


def _row(item: Item, say: Say, address: Callable[[str], str]) -> list[str | int]:
    found = item.outcome
    problem = item.problem or (found.error if found else None)
    told = found.told if found else ()
    return [
        item.number,
        item.name,
        item.file,
        _result(item, say),
        "\n".join(f"{number} {say(messages.text(f'item.{number}'))}" for number, _ in told),
        found.certificate_no if found else "",
        found.conclusion if found else "",
        found.lab if found else "",
        moment(found.checked_at) if found else "",
        moment(found.imported_at) if found else "",
        f"{say(problem.message)}\n{say(problem.next_step)}" if problem else "",
        address(item.check_id) if item.check_id else "",
    ]


def _result(item: Item, say: Say) -> str:
    told = say(messages.text(f"stock.state.{kind(item)}"))
    return f"{told}\n{say(messages.text('stock.page.corrected'))}" if item.corrected else told


def _cell(value: str | int) -> str | int:
    """A cell that no spreadsheet program runs, or chokes on."""
    if isinstance(value, int):
        return value
    return guarded(ILLEGAL_CHARACTERS_RE.sub("", value))[:_LONGEST]


def moment(time: dt.datetime) -> str:
    """A moment in Beijing, to the minute."""
    return time.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
