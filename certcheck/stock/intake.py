"""What came with one request, as items: photos, archives, a spreadsheet that names them."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import IO

from certcheck.errors import RefusedError
from certcheck.stock import archive as zips
from certcheck.stock import sheet as sheets
from certcheck.stock.entries import (
    HEAD,
    MOST_ITEMS,
    MOST_UNPACKED,
    Entry,
    photo,
    refused,
    shown,
    stem,
)

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
# RAR, 7z, gzip; the workbooks and documents of Office before 2007.
_OTHER_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Intake:
    """Items of a request's files. The files stay open as long as the items are wanted.

    Args:
        lister: takes spreadsheets apart, where not this process does.
    """

    def __init__(self, lister: sheets.Lister | None = None) -> None:
        self._lister = lister
        self._loose: list[Entry] = []
        self._rows: list[sheets.Row] = []
        self._unpacked = self._sheets = 0

    def add(self, name: str, stream: IO[bytes]) -> None:
        """Takes a file, of whatever kind its content says.

        Raises:
            RefusedError: it holds more than one batch may.
        """
        file = shown(name)
        stream.seek(0)
        head = stream.read(HEAD)
        size = stream.seek(0, 2)
        stream.seek(0)
        try:
            if head.startswith((_ZIP, _EMPTY_ZIP)):
                self._packed(file, stream)
            elif head.startswith(_OTHER_ARCHIVES):
                raise RefusedError("stock.other_archive", file=file)
            elif head.startswith(_OLD_OFFICE):
                raise RefusedError("stock.old_sheet", file=file)
            else:
                self._loose.append(photo(file, head, size, lambda: _again(stream)))
        except RefusedError as error:
            if error.code in _OF_ALL:
                raise
            self._loose.append(refused(file, error))
        if len(self._loose) > _MOST_LOOSE:
            raise RefusedError("stock.too_many", most=MOST_ITEMS)

    def items(self) -> list[Entry]:
        """All items: those of the spreadsheet in its order, then what it does not name.

        Raises:
            RefusedError: there are more than one batch may hold.
        """
        left = dict(enumerate(self._loose))
        found: list[Entry] = []
        for row in self._rows:
            if len(found) > MOST_ITEMS:
                break
            if row.pictures:
                found += row.pictures
                continue
            number = _named(row.file, left) if row.file else None
            if number is not None:
                found.append(left.pop(number).renamed(row.name))
            else:
                code = "stock.file_missing" if row.file else "stock.row_without_picture"
                error = RefusedError(code, file=shown(row.file or row.name))
                found.append(refused(shown(row.file) if row.file else "", error, row.name))
        found += left.values()
        if len(found) > MOST_ITEMS:
            raise RefusedError("stock.too_many", most=MOST_ITEMS)
        return found

    def _packed(self, file: str, stream: IO[bytes]) -> None:
        archive = zips.opened(stream, file)
        self._unpacked += zips.unpacked_bytes(archive)
        if self._unpacked > MOST_UNPACKED:  # several may come with one request
            raise RefusedError("stock.too_much", file=file)
        if sheets.is_sheet(archive):
            self._sheet(stream, file)
            return
        if "[Content_Types].xml" in archive.namelist():  # a text document, a presentation
            raise RefusedError("stock.no_pictures_in", file=file)
        for inner, info in zips.files(archive):
            if inner.lower().endswith(".xlsx"):
                self._inner_sheet(archive, inner, info)
            else:
                self._loose.append(zips.entry(archive, inner, info))

    def _sheet(self, stream: IO[bytes], file: str) -> None:
        self._sheets += 1
        if self._sheets > _MOST_SHEETS:
            raise RefusedError("stock.too_much", file=file)
        self._rows += sheets.rows(stream, file, self._lister)
        if len(self._rows) > sheets.MOST_ROWS:
            raise RefusedError("stock.too_many", most=MOST_ITEMS)

    def _inner_sheet(self, archive: zipfile.ZipFile, file: str, info: zipfile.ZipInfo) -> None:
        told = zips.entry(archive, file, info)
        if told.error not in (None, "photo.unknown_format"):
            self._loose.append(told)
            return
        try:
            self._sheet(zips.unpacked(archive, file, info), file)
        except RefusedError as error:
            if error.code in _OF_ALL:
                raise
            self._loose.append(refused(file, error))


# What is wrong with the whole request, not with one of its items.
_OF_ALL = ("stock.too_many", "stock.too_much")
# Photos that a spreadsheet may choose from; each has been looked at, none read.
_MOST_LOOSE = 2 * MOST_ITEMS
# Spreadsheets of one batch; each takes its time to be opened.
_MOST_SHEETS = 20


def _again(stream: IO[bytes]) -> IO[bytes]:
    stream.seek(0)
    return stream


def _named(file: str, left: dict[int, Entry]) -> int | None:
    """The photo that a spreadsheet's cell names: with its folders or without, best match."""
    wanted = _key(shown(file))
    bare = PurePosixPath(wanted).name
    for form in (_whole, _bare, _bare_stem):
        for number, one in left.items():
            if form(_key(one.file)) in (form(wanted), bare):
                return number
    return None


def _key(file: str) -> str:
    return unicodedata.normalize("NFKC", file).casefold()


def _whole(file: str) -> str:
    return file


def _bare(file: str) -> str:
    return PurePosixPath(file).name


def _bare_stem(file: str) -> str:
    return stem(PurePosixPath(file).name)


def intake(
    files: Sequence[tuple[str, IO[bytes]]], lister: sheets.Lister | None = None
) -> list[Entry]:
    """Items of files as they came.

    Args:
        files: names and contents.
        lister: takes spreadsheets apart, where not this process does: see `apart.listed`.

    Raises:
        RefusedError: there is nothing, or more than one batch may hold.
    """
    taken = Intake(lister)
    for name, stream in files:
        taken.add(name, stream)
    items = taken.items()
    if not items:
        raise RefusedError("stock.nothing")
    return items
