"""A ZIP file that can be written in one way only, so that no byte of it is free.

Members lie one after the other as they are (stored, not packed), without times, comments, extra
fields or gaps; then the table of contents and its end. From the names and the bytes of its members
the whole file follows. Any program opens it; what any program changes, shows.

Format: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

from __future__ import annotations

import dataclasses as dc
import struct
import zlib
from collections.abc import Sequence
from typing import IO

from certcheck.evidence.errors import PackTooBigError

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
# Version 2.0, on Unix; a plain file that its owner may write and others read.
_NEEDED, _MADE_BY, _MODE = 20, 3 << 8 | 20, 0o100644 << 16
# 1980-01-01 00:00, the earliest that the format knows: times stand in the manifest.
_TIME, _DATE = 0, 0x21
# Larger ones need another form of the format.
MOST_BYTES, MOST_MEMBERS = 2**32 - 1, 2**16 - 2
_CHUNK = 2**20


@dc.dataclass(frozen=True, slots=True)
class Placed:
    """A member where it lies.

    Attributes:
        name: ASCII.
        crc: CRC-32 of its bytes.
        size: in bytes.
        offset: of its head in the file.
    """

    name: str
    crc: int
    size: int
    offset: int


def local_head(name: str, crc: int, size: int) -> bytes:
    """What stands before a member's bytes."""
    told = _LOCAL.pack(
        LOCAL, _NEEDED, 0, 0, _TIME, _DATE, crc, size, size, len(name), 0
    )  # fmt: skip
    return told + name.encode("ascii")


def entry(one: Placed) -> bytes:
    """A member's line in the table of contents."""
    told = _CENTRAL.pack(
        CENTRAL, _MADE_BY, _NEEDED, 0, 0, _TIME, _DATE, one.crc, one.size, one.size,
        len(one.name), 0, 0, 0, 0, _MODE, one.offset,
    )  # fmt: skip
    return told + one.name.encode("ascii")


def end(members: Sequence[Placed], offset: int) -> bytes:
    """The end of the table of contents, which is the end of the file."""
    size = sum(len(entry(one)) for one in members)
    count = len(members)
    return _END.pack(END, 0, 0, count, count, size, offset, 0)


def write(out: IO[bytes], members: Sequence[tuple[str, bytes | IO[bytes]]]) -> None:
    """Writes a whole file.

    Args:
        out: where to.
        members: name and bytes of each, or an open file that can be gone through twice.

    Raises:
        PackTooBigError: it would need another form of the format.
        OSError: it cannot be written.
    """
    placed: list[Placed] = []
    offset = 0
    for name, data in members:
        crc, size = _summed(data)
        head = local_head(name, crc, size)
        placed.append(Placed(name, crc, size, offset))
        offset += len(head) + size
        if offset > MOST_BYTES or len(placed) > MOST_MEMBERS:
            raise PackTooBigError(gigabytes=4)
        out.write(head)
        _copy(data, out)
    for one in placed:
        out.write(entry(one))
    out.write(end(placed, offset))


def _summed(data: bytes | IO[bytes]) -> tuple[int, int]:
    if isinstance(data, bytes):
        return zlib.crc32(data), len(data)
    crc = size = 0
    data.seek(0)
    while chunk := data.read(_CHUNK):
        crc, size = zlib.crc32(chunk, crc), size + len(chunk)
    return crc, size


def _copy(data: bytes | IO[bytes], out: IO[bytes]) -> None:
    if isinstance(data, bytes):
        out.write(data)
        return
    data.seek(0)
    while chunk := data.read(_CHUNK):
        out.write(chunk)
