"""A ZIP archive as sellers' programs write it: nothing is written out, little is believed.

Names are labels only, so that no name leads anywhere; sizes are limited before anything is
unpacked, and an entry that says less than it holds is cut off there by its checksum. Programs
on Chinese Windows write names in GBK and do not say so (APPNOTE.TXT 6.3.10, 4.4.4 bit 11 and
4.6.9).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO

from certcheck.errors import RefusedError
from certcheck.stock.entries import HEAD, MOST_UNPACKED, Entry, photo, refused, shown
from ocr.errors import PhotoTooLargeError
from ocr.photo import LIMITS

# Of the list of contents: names of 2000 entries, with room.
MOST_LISTED_BYTES = 2**20
# Photos are packed already; what shrinks so much is made to burst.
MOST_RATIO = 100
_SMALL = 2**20
_BOMB = "stock.bomb"
_UTF8, _ENCRYPTED = 0x800, 0x1
_UNICODE_PATH = 0x7075
# What reading an archive, or one of its files, may raise.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OSError,
)  # fmt: skip
# What programs leave beside the photos: nothing that anybody sent.
_LEFTOVERS = ("thumbs.db", "desktop.ini")
_NESTED = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = 20
# A comment may stand behind the end of the list, the end's larger form before it.
_TAIL = 2**16 + _END.size + _LOCATOR + _END64.size


def opened(stream: IO[bytes], file: str) -> zipfile.ZipFile:
    """An archive whose list of contents is of a sensible size.

    Raises:
        RefusedError: it is damaged, or lists too much.
    """
    try:
        if _listed(stream) > MOST_LISTED_BYTES:
            raise RefusedError("stock.too_much", file=file)
        archive = zipfile.ZipFile(stream)
    except DAMAGED as error:
        raise RefusedError("stock.archive_damaged", file=file) from error
    if unpacked_bytes(archive) > MOST_UNPACKED:
        raise RefusedError("stock.too_much", file=file)
    return archive


def unpacked_bytes(archive: zipfile.ZipFile) -> int:
    """What all its files are together, as it says; no more of one is ever unpacked."""
    return sum(one.file_size for one in archive.infolist())


def _listed(stream: IO[bytes]) -> int:
    """Bytes of the list of contents, as the archive's end says them."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read()
    stream.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise zipfile.BadZipFile
    start64 = at - _LOCATOR - _END64.size
    if tail[at - _LOCATOR : at][:4] == b"PK\x06\x07" and start64 >= 0:
        return int(_END64.unpack_from(tail, start64)[8])
    return int(_END.unpack_from(tail, at)[5])


def names(entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names of an archive's entries, in whichever way they were written.

    A short name in GBK may happen to be UTF-8 of something else; where another name of the same
    archive is no UTF-8, it is taken for what it is.
    """
    raw = [_unsaid(one) for one in entries]
    gbk = any(one is not None and _as(one, "utf-8") is None for one in raw)
    found = []
    for info, told in zip(entries, raw, strict=True):
        name = _unicode_path(info)
        if name is None and told is not None:
            name = _as(told, "utf-8")
            # Of two bytes: Greek, Cyrillic, Arabic and their like; Chinese takes three.
            if name is None or (gbk and any("\x7f" < char < "\u0800" for char in name)):
                name = _as(told, "gb18030") or name
        found.append(name or info.filename)
    return found


def _unsaid(info: zipfile.ZipInfo) -> bytes | None:
    """A name's bytes where the entry does not say how they are meant."""
    if info.flag_bits & _UTF8:
        return None
    try:
        return info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return None


def _as(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _unicode_path(info: zipfile.ZipInfo) -> str | None:
    """The name of the Info-ZIP Unicode Path field, where it belongs to the name as written."""
    at = 0
    while at + 4 <= len(info.extra):
        kind, size = struct.unpack_from("<HH", info.extra, at)
        field = info.extra[at + 4 : at + 4 + size]
        at += 4 + size
        if kind != _UNICODE_PATH or len(field) < 5 or field[0] != 1:
            continue
        try:
            raw = info.orig_filename.encode("cp437")
            if zlib.crc32(raw) == int.from_bytes(field[1:5], "little"):
                return field[5:].decode("utf-8")
        except UnicodeError:
            return None
    return None


def files(archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Its files, with their names; not what programs leave behind."""
    entries = archive.infolist()
    for info, name in zip(entries, names(entries), strict=True):
        path = PurePosixPath(name.replace("\\", "/"))
        hidden = path.name.startswith(".") or path.name.lower() in _LEFTOVERS
        if not (info.is_dir() or name.endswith(("/", "\\")) or hidden or "__MACOSX" in path.parts):
            yield shown(name), info


def refusal(file: str, info: zipfile.ZipInfo, most_ratio: int = MOST_RATIO) -> RefusedError | None:
    """Why one of its files is not unpacked, by what the archive says of it; None where it is.

    Args:
        file: its name.
        info: what the archive says.
        most_ratio: times that it may shrink.
    """
    if info.flag_bits & _ENCRYPTED:
        return RefusedError("stock.encrypted", file=file)
    if file.lower().endswith(_NESTED):
        return RefusedError("stock.nested", file=file)
    if info.file_size > max(_SMALL, most_ratio * info.compress_size):
        return RefusedError(_BOMB, file=file)
    return None


def entry(archive: zipfile.ZipFile, file: str, info: zipfile.ZipInfo) -> Entry:
    """One of its files as an item."""
    told = refusal(file, info)
    bursts = told is not None and told.code == _BOMB
    if (told is None or bursts) and info.file_size > LIMITS.max_bytes:
        return refused(file, PhotoTooLargeError(name=file, max_bytes=LIMITS.max_bytes))
    if told is not None:
        return refused(file, told)
    try:
        with archive.open(info) as stream:
            head = stream.read(HEAD)
    except DAMAGED:
        return refused(file, RefusedError("stock.entry_damaged", file=file))
    return photo(file, head, info.file_size, lambda: unpacked(archive, file, info))


def unpacked(archive: zipfile.ZipFile, file: str, info: zipfile.ZipInfo) -> IO[bytes]:
    """A file's bytes, whole and as they were packed.

    Raises:
        RefusedError: it is damaged.
    """
    try:
        return io.BytesIO(archive.read(info))
    except DAMAGED as error:
        raise RefusedError("stock.entry_damaged", file=file) from error
