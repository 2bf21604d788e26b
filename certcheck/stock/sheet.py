"""A spreadsheet of goods: a name in each row, and its picture or the name of its file."""

from __future__ import annotations

import dataclasses as dc
import functools
import re
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import IO

import openpyxl
from openpyxl.cell.cell import ERROR_CODES

from certcheck.errors import RefusedError
from certcheck.stock import archive as zips
from certcheck.stock import cell_pictures, drawings
from certcheck.stock.entries import MOST_ITEMS, Entry, shown
from ocr.photo import LIMITS
from registry.errors import BadImportError
from registry.importing.workbook import rows_of, text

# A list of goods; what is longer is no list of one batch.
MOST_ROWS = 5000
# Headings stand above the goods, below a title perhaps.
_HEADINGS_WITHIN = 10
_A_FILE = re.compile(r"[^\n]+\.(jpe?g|png|webp|heic|heif|tiff?|bmp|gif|avif|pdf)", re.IGNORECASE)
_DAMAGED = (
    # SyntaxError: lxml's and the standard library's errors of XML are both.
    zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, OSError, EOFError,
    IndexError, TypeError, AttributeError, RuntimeError, NotImplementedError, BadImportError,
    AssertionError, OverflowError,
)  # fmt: skip


@dc.dataclass(frozen=True, slots=True)
class Row:
    """One thing of the list.

    Attributes:
        name: as it stands there; else the row's place.
        file: the name of its photo's file, "" where none is named.
        pictures: that stand in its row.
    """

    name: str
    file: str
    pictures: tuple[Entry, ...]


@dc.dataclass(frozen=True, slots=True)
class Listed:
    """A row as the workbook has it, before anything of its pictures is looked at.

    Attributes:
        name: as of `Row`.
        file: likewise.
        paths: of the pictures in its row, in the archive.
    """

    name: str
    file: str
    paths: tuple[str, ...]


# Takes a workbook apart: its stream and its name.
Lister = Callable[[IO[bytes], str], "list[Listed]"]


@dc.dataclass(frozen=True, slots=True)
class _Pictures:
    """Pictures of one sheet, in each of the ways that a sheet holds them.

    Attributes:
        over: laid over its cells, by row.
        of_wps: inside cells, by the id that a cell names.
        values: the value of a cell, by row and column from 1.
    """

    over: Mapping[int, Sequence[str]]
    of_wps: Mapping[str, str]
    values: Mapping[tuple[int, int], str]

    def of_row(self, number: int, cells: Sequence[str]) -> tuple[list[str], list[str]]:
        """The pictures of a row, and its cells without what stands for one."""
        paths, plain = list(self.over.get(number, ())), []
        for column, cell in enumerate(cells, start=1):
            named = drawings.picture_id(cell)
            path = self.values.get((number, column)) or self.of_wps.get(named, "")
            paths += [path] if path else []
            plain.append("" if path or named or cell in ERROR_CODES else cell)
        return paths, plain


def is_sheet(archive: zipfile.ZipFile) -> bool:
    """Whether a ZIP archive is a workbook of Excel's."""
    return "xl/workbook.xml" in archive.namelist()


def rows(stream: IO[bytes], file: str, lister: Lister | None = None) -> list[Row]:
    """The things of all its sheets.

    Args:
        stream: of the .xlsx file; stays open as long as the rows' pictures are wanted.
        file: its name.
        lister: takes it apart, where not this process does: see `apart`.

    Raises:
        RefusedError: it cannot be read, or lists too much.
    """
    archive = zips.opened(stream, file)
    if any(one.file_size > _most(one) for one in archive.infolist()):
        raise RefusedError("stock.too_much", file=file)
    found = (lister or listed)(stream, file)
    return [
        Row(one.name, one.file, tuple(_pictures(archive, one.name, one.paths))) for one in found
    ]


def listed(stream: IO[bytes], file: str) -> list[Listed]:
    """What stands in all its sheets.

    Args:
        stream: of the .xlsx file, whose parts are of a sensible size.
        file: its name.

    Raises:
        RefusedError: it cannot be read, or lists too much.
    """
    archive = zips.opened(stream, file)
    try:
        book = openpyxl.load_workbook(stream, read_only=True)
        try:
            of_wps = drawings.in_cells(archive)
            of_values = cell_pictures.of_values(archive)
            found: list[Listed] = []
            for sheet in book.worksheets:
                if not hasattr(sheet, "_worksheet_path"):
                    continue  # a chart
                lines = _lines(file, sheet)
                path = sheet._worksheet_path  # noqa: SLF001
                over = _by_row(drawings.floating(archive, path))
                values = cell_pictures.in_sheet(archive, path, of_values)
                found += _goods(sheet.title, lines, _Pictures(over, of_wps, values))
        finally:
            book.close()
    except RefusedError:
        raise
    except _DAMAGED as error:
        raise RefusedError("stock.sheet_damaged", file=file) from error
    if len(found) > MOST_ROWS:
        raise RefusedError("stock.too_many", file=file, most=MOST_ITEMS)
    return found


def _most(part: zipfile.ZipInfo) -> int:
    """Bytes that a part may have: openpyxl keeps all words of a workbook in memory."""
    pictures = part.filename.startswith("xl/media/")
    return max(drawings.MOST_XML, LIMITS.max_bytes) if pictures else drawings.MOST_XML


def _lines(file: str, sheet: object) -> list[list[str]]:
    """The cells of each row as text, from the first row."""
    found: list[list[str]] = []
    for row in rows_of(file, sheet):
        found.append([text(cell.value) for cell in row])
        if len(found) > MOST_ROWS:
            raise RefusedError("stock.too_many", file=file, most=MOST_ITEMS)
    return found


def _by_row(pictures: Sequence[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row, path in pictures:
        found.setdefault(row, []).append(path)
    return found


def _goods(title: str, lines: Sequence[Sequence[str]], pictures: _Pictures) -> list[Listed]:
    """The things of one sheet."""
    heading, name_at, file_at = _columns(lines)
    found: list[Listed] = []
    for number in range(heading + 1, max([len(lines), *pictures.over], default=0) + 1):
        cells = lines[number - 1] if number <= len(lines) else ()
        paths, plain = pictures.of_row(number, cells)
        name, file = _cell(plain, name_at), _cell(plain, file_at)
        # A row of a title or a sum names no thing that could be checked.
        if not (paths or file or name):
            continue
        named = shown(name) if name else f"{title} {number}"
        found.append(Listed(named, file, tuple(paths)))
    return found


def _pictures(archive: zipfile.ZipFile, name: str, paths: Sequence[str]) -> list[Entry]:
    """Pictures of a row; several are told apart by a number."""
    found: list[Entry] = []
    for number, path in enumerate(paths, start=1):
        try:
            info = archive.getinfo(path)
        except KeyError:
            continue
        told = zips.entry(archive, path.rpartition("/")[2], info)
        found.append(told.renamed(f"{name} ({number})" if len(paths) > 1 else name))
    return found


def _columns(lines: Sequence[Sequence[str]]) -> tuple[int, int | None, int | None]:
    """The row of the headings (0 for none), the columns of names and of files."""
    words = _words()
    for number, cells in enumerate(lines[:_HEADINGS_WITHIN], start=1):
        plain = [re.sub(r"\s+", "", cell).lower() for cell in cells]
        named = _best(plain, words["name"])
        filed = _best(plain, words["file"])
        if named is not None or filed is not None:
            if named is None:
                others = [at for at, cell in enumerate(plain) if cell and at != filed]
                named = others[0] if others else None
            return number, named, filed
    filed = next(
        (at for cells in lines for at, cell in enumerate(cells) if _A_FILE.fullmatch(cell)), None
    )
    named = next(
        (at for cells in lines for at, cell in enumerate(cells) if cell and at != filed), None
    )
    return 0, named, filed


def _best(cells: Sequence[str], words: Sequence[str]) -> int | None:
    """The column whose heading stands first among the words."""
    known = [(words.index(cell), at) for at, cell in enumerate(cells) if cell in words]
    return min(known)[1] if known else None


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at].strip() if at is not None and at < len(cells) else ""


@functools.cache
def _words() -> Mapping[str, list[str]]:
    told = tomllib.loads((files("certcheck") / "data/stock_words.toml").read_text("utf-8"))
    return {key: [re.sub(r"\s+", "", one).lower() for one in told[key]] for key in ("name", "file")}
