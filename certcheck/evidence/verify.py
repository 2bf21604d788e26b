"""Whether a pack is, byte for byte, what was made; if not, which part is the first that is not.

The file is gone through once, from its first byte to its last, beside what the manifest says has to
stand there.
"""

from __future__ import annotations

import dataclasses as dc
import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from certcheck.audit import chain
from certcheck.evidence import container, days, manifest, stamping
from certcheck.evidence.container import Placed
from certcheck.evidence.days import Vouched
from certcheck.evidence.errors import NoPackError, PackMissingError
from certcheck.evidence.manifest import Manifest
from certcheck.files import shown_name

_CHUNK = 2**20
# Longest manifest that is looked at: of some hundred thousand members.
_LONGEST = 2**26
_HEAD = len(container.local_head(manifest.NAME, 0, 0))
LOG = "log.jsonl"
# Folders in which a file is named by the SHA-256 of its bytes.
BY_DIGEST = ("photos/", "records/")


@dc.dataclass(frozen=True, slots=True)
class Found:
    """What came of it.

    Attributes:
        digest: of the manifest, which names the pack.
        told: what the manifest says of the pack; None where it is no manifest.
        code: of the sentence that says what differs first, or None.
        name: of the member that it is about, or "".
        at: of the first byte that cannot be right, where one is meant; else -1.
        stamp: the time stamp in it, or None.
        days: of the log, with their time stamps.
    """

    digest: str
    told: Manifest | None
    code: str | None = None
    name: str = ""
    at: int = -1
    stamp: bytes | None = None
    days: Sequence[Vouched] = ()


class _DiffersError(Exception):
    """Something is not as it was made."""

    def __init__(self, code: str, name: str = "", at: int = -1) -> None:
        super().__init__(code, name, at)
        self.code, self.name, self.at = code, name, at


def verify(path: Path) -> Found:
    """Looks at a pack.

    Raises:
        PackMissingError: there is no such file, or it cannot be read.
        NoPackError: it is something else.
    """
    try:
        with path.open("rb") as file:
            return examine(file, shown_name(path))
    except OSError as error:
        reason = error.strerror or str(error)
        raise PackMissingError(name=shown_name(path), reason=reason) from error


def examine(file: IO[bytes], name: str) -> Found:
    """Looks at a pack that is open; see `verify`."""
    if not _is_pack(file):
        raise NoPackError(name=name)
    packed = _line(file)
    told = manifest.unpacked(packed)
    digest = manifest.digest_of(packed)
    try:
        if told is None:
            file.seek(0)
            begins = file.read(len(container.LOCAL)) == container.LOCAL
            code = "evidence.differs.manifest" if begins else "evidence.differs.before"
            raise _DiffersError(code, manifest.NAME, -1 if begins else 0)
        _walk(file, told, packed)
        stamp, found = _look_inside(file, told)
    except _DiffersError as error:
        return Found(digest, told, error.code, error.name, error.at)
    return Found(digest, told, stamp=stamp, days=found)


def _is_pack(file: IO[bytes]) -> bool:
    """Whether it was a pack of ours once: the one or the other end of it still says so."""
    file.seek(0)
    first = file.read(_HEAD)
    if first[:4] == container.LOCAL and first[30:] == manifest.NAME.encode():
        return True
    file.seek(0)
    beginning = file.read(_CHUNK)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _CHUNK))
    ends = container.END in file.read()
    return ends and manifest.NAME.encode() in beginning


def _line(file: IO[bytes]) -> bytes:
    """The manifest, which is one line."""
    file.seek(_HEAD)
    return file.readline(_LONGEST)


def _walk(file: IO[bytes], told: Manifest, packed: bytes) -> None:
    """Every byte, in its order."""
    _first_head(file, packed)
    placed = [Placed(manifest.NAME, zlib.crc32(packed), len(packed), 0)]
    offset = _HEAD + len(packed)
    for one in told.members:
        head = len(container.local_head(one.name, 0, 0))
        file.seek(offset + head)
        digest, crc, left = hashlib.sha256(), 0, one.size
        for chunk in _chunks(file, left):
            digest.update(chunk)
            crc, left = zlib.crc32(chunk, crc), left - len(chunk)
        wanted = container.local_head(one.name, crc, one.size)
        if left or digest.hexdigest() != one.sha256:
            raise _DiffersError("evidence.differs.member", one.name)
        _compare(file, offset, wanted, "evidence.differs.head", one.name)
        placed.append(Placed(one.name, crc, one.size, offset))
        offset += head + one.size
    _look_at_end(file, placed, offset)


def _first_head(file: IO[bytes], packed: bytes) -> None:
    """The manifest has no digest of its own: its two sums in the file stand for it."""
    wanted = container.local_head(manifest.NAME, zlib.crc32(packed), len(packed))
    file.seek(0)
    found = file.read(len(wanted))
    if found == wanted:
        return
    here = struct.unpack_from("<I", found.ljust(len(wanted), b"\0"), 14)[0]
    there = _sum_in_contents(file)
    right = zlib.crc32(packed)
    if here != right and there != right:
        raise _DiffersError("evidence.differs.manifest", manifest.NAME)
    _compare(file, 0, wanted, "evidence.differs.head", manifest.NAME)


def _sum_in_contents(file: IO[bytes]) -> int | None:
    """The sum of the manifest that the table of contents has, where that can be found."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _CHUNK))
    tail = file.read()
    at = tail.rfind(container.END)
    if at < 0 or at + 20 > len(tail):
        return None
    offset = struct.unpack_from("<I", tail, at + 16)[0]
    file.seek(offset)
    head = file.read(20)
    found: int | None = struct.unpack_from("<I", head, 16)[0] if len(head) == 20 else None
    return found


def _look_at_end(file: IO[bytes], placed: Sequence[Placed], offset: int) -> None:
    file.seek(offset)
    if file.read(4) == container.LOCAL:
        head = file.read(26)
        length = struct.unpack_from("<H", head.ljust(26, b"\0"), 22)[0]
        name = file.read(length).decode("utf-8", "replace")
        raise _DiffersError("evidence.differs.more", name, offset)
    start = offset
    for one in placed:
        line = container.entry(one)
        _compare(file, offset, line, "evidence.differs.contents", one.name)
        offset += len(line)
    end = container.end(placed, start)
    _compare(file, offset, end, "evidence.differs.end")
    file.seek(offset + len(end))
    if file.read(1):
        raise _DiffersError("evidence.differs.after", at=offset + len(end))


def _compare(file: IO[bytes], offset: int, wanted: bytes, code: str, name: str = "") -> None:
    file.seek(offset)
    found = file.read(len(wanted))
    if found != wanted:
        pairs = enumerate(zip(wanted, found, strict=False))
        apart = next((at for at, (a, b) in pairs if a != b), len(found))
        raise _DiffersError(code, name, offset + apart)


def _chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size and (chunk := file.read(min(_CHUNK, size))):
        size -= len(chunk)
        yield chunk


def _look_inside(file: IO[bytes], told: Manifest) -> tuple[bytes | None, list[Vouched]]:
    """What a pack says of itself, if somebody made it: names by digest, rows with their own.

    Returns its time stamp, where it has one, and those of the log's days.
    """
    stamp: bytes | None = None
    found: list[Vouched] = []
    offset = _HEAD + len(told.packed())
    for one in told.members:
        offset += len(container.local_head(one.name, 0, 0))
        if one.name.startswith(BY_DIGEST) and one.sha256 not in one.name:
            raise _DiffersError("evidence.differs.named", one.name)
        if one.name == stamping.NAME:
            file.seek(offset)
            stamp = file.read(one.size)
        if one.name == LOG:
            file.seek(offset)
            for number, line in enumerate(file.read(one.size).splitlines(), start=1):
                if not _is_row(line):
                    raise _DiffersError("evidence.differs.log", str(number))
        if one.name == days.NAME:
            file.seek(offset)
            found = list(_days(file.read(one.size)))
        offset += one.size
    return stamp, found


def _days(data: bytes) -> Iterator[Vouched]:
    for number, line in enumerate(data.splitlines(), start=1):
        day = days.unpacked(line)
        if day is None:
            raise _DiffersError("evidence.differs.day", str(number))
        yield day


def _is_row(line: bytes) -> bool:
    try:
        row = json.loads(line)
        return bool(chain.digest(row) == row["digest"])
    except (ValueError, TypeError, KeyError):
        return False
