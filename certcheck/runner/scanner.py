"""What came from outside, shown to a virus scanner before anything else is done with it.

ClamAV's `clamd` is asked by its command INSTREAM (clamd(8)): pieces of the file, the length of each
before it as four bytes, big end first, and a length of nothing at the end. Only a plain "OK" after
all of it lets a file through; a scanner that is away, slow or strange lets none.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from typing import IO
from urllib.parse import urlsplit

from certcheck.errors import (
    ScannerAwayError,
    ScannerSmallError,
    UploadFoundError,
    UploadUnscannedError,
)

TCP, UNIX = "tcp://", "unix://"
# clamd's own.
_PORT = 3310

# Seconds in which a scanner has to answer, with as many more as a large file takes.
PATIENCE_S = 20.0
_BYTES_A_SECOND = 16 * 2**20
# Files that are shown at once, fewer than a server has threads: pages are answered while a scanner
# hangs. clamd itself has ten.
AT_ONCE = 8
# Seconds for which one more waits for its turn.
TURN_S = 2.0

_PIECE = 2**18
_LENGTH = struct.Struct(">I")
_BEGIN, _END = b"zINSTREAM\0", _LENGTH.pack(0)
_LONGEST_ANSWER = 1024

_CLEAN = "stream: OK"
_TOO_LARGE = "INSTREAM size limit exceeded. ERROR"
_FOUND = re.compile(r"stream: ([!-~]{1,200}) FOUND")
# What it says, where it is told to (AlertExceedsMax), of what it looked at in part only.
_IN_PART = "Heuristics.Limits.Exceeded"
# No scanner goes so deep: clamd takes up to 100 (MaxRecursion).
_DEPTH = 150


class Scanner:
    """A clamd.

    Args:
        address: `tcp://host`, `tcp://host:port` or `unix:///path`.

    Raises:
        ValueError: it is no such address.
    """

    def __init__(self, address: str) -> None:
        told = urlsplit(address)
        more = told.query or told.fragment or told.username is not None
        if address.startswith(TCP) and told.hostname and not told.path and not more:
            self._place: str | tuple[str, int] = (told.hostname, told.port or _PORT)
        elif address.startswith(UNIX) and not told.netloc and told.path[1:] and not more:
            self._place = told.path
        else:
            raise ValueError(address)
        self._strict = False
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def look(self, file: IO[bytes], name: str = "") -> None:
        """Shows a file to it, from the beginning; the file is at its beginning again afterwards.

        Args:
            file: that can be gone back in.
            name: of the file, for whoever sent it.

        Raises:
            UploadFoundError: it found something.
            UploadUnscannedError: it did not look at all that is in it.
            ScannerSmallError: it does not take files of this size.
            ScannerAwayError: it gave no answer, or none that it may give.
        """
        size = file.seek(0, io.SEEK_END)
        if not self._turns.acquire(timeout=TURN_S):
            raise ScannerAwayError(reason="busy")
        try:
            answer = self._shown(file, time.monotonic() + PATIENCE_S + size / _BYTES_A_SECOND)
        finally:
            self._turns.release()
        file.seek(0)
        if answer == _CLEAN:
            return
        if answer == _TOO_LARGE:
            raise ScannerSmallError()
        found = _FOUND.fullmatch(answer)
        if found is None:
            raise ScannerAwayError(reason="strange answer")
        if found[1].startswith(_IN_PART):
            raise UploadUnscannedError(name=name)
        digest = hashlib.sha256()
        while piece := file.read(_PIECE):
            digest.update(piece)
        raise UploadFoundError(found[1], digest.hexdigest(), size, name=name)

    def takes(self, size: int) -> bool:
        """Whether it takes a file of so many bytes; it is told the length and given none.

        Raises:
            ScannerAwayError: it gave no answer, or none that it may give.
        """
        # Else whoever says nothing would seem to take everything.
        self.look(io.BytesIO(b"certcheck"))
        with self._line(time.monotonic() + PATIENCE_S) as line:
            line.sendall(_BEGIN + _LENGTH.pack(size))
            line.shutdown(socket.SHUT_WR)
            answer = _read(line, time.monotonic() + PATIENCE_S)
        if answer not in ("", _TOO_LARGE):
            raise ScannerAwayError(reason="strange answer")
        return answer == ""

    def is_strict(self) -> bool:
        """Whether it tells when it looked at a part of a file only; else it calls that clean.

        Once it does it is not asked again: it writes each time down, and may tell somebody.

        Raises:
            CertcheckError: see `look`.
        """
        if not self._strict:
            try:
                self.look(io.BytesIO(_deep()))
            except UploadUnscannedError:
                self._strict = True
        return self._strict

    def _shown(self, file: IO[bytes], end: float) -> str:
        """What it says of a file."""
        with self._line(end) as line:
            whole = False
            # It may have answered already, and hung up: then it has not seen all of it.
            with contextlib.suppress(ConnectionError):
                for piece in _pieces(file):
                    line.settimeout(_left(end))
                    line.sendall(piece)
                whole = True
            answer = _read(line, end)
        if not answer or (answer == _CLEAN and not whole):
            raise ScannerAwayError(reason="cut off")
        return answer

    @contextlib.contextmanager
    def _line(self, end: float) -> Iterator[socket.socket]:
        try:
            with contextlib.closing(self._connected(end)) as line:
                yield line
        except OSError as error:
            reason = "too slow" if isinstance(error, TimeoutError) else error.strerror
            raise ScannerAwayError(reason=reason or type(error).__name__) from error

    def _connected(self, end: float) -> socket.socket:
        if isinstance(self._place, tuple):
            return socket.create_connection(self._place, timeout=_left(end))
        line = socket.socket(socket.AF_UNIX)
        try:
            line.settimeout(_left(end))
            line.connect(self._place)
        except OSError:
            line.close()
            raise
        return line


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    yield _BEGIN
    while piece := file.read(_PIECE):
        yield _LENGTH.pack(len(piece)) + piece
    yield _END


def _read(line: socket.socket, end: float) -> str:
    """One answer, "" where it hangs up without; anything about it that is not as it should be, too.

    Raises:
        OSError: there is none in time.
        ScannerAwayError: it is none.
    """
    told = b""
    while not told.endswith(b"\0") and len(told) <= _LONGEST_ANSWER:
        line.settimeout(_left(end))
        more = line.recv(_LONGEST_ANSWER)
        if not more:
            break
        told += more
    if told and told.find(b"\0") != len(told) - 1:
        raise ScannerAwayError(reason="strange answer")
    return told[:-1].decode("ascii", "replace")


def _left(end: float) -> float:
    """Seconds until then.

    Raises:
        TimeoutError: there are none.
    """
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _deep() -> bytes:
    """An archive in an archive in an archive, and so on; nothing is in the last."""
    inner = b"certcheck"
    for _ in range(_DEPTH):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("a", inner)
        inner = made.getvalue()
    return inner
