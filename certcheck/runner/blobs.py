"""Files named by the SHA-256 of their content, on a disk; in a bucket, see `buckets`.

A file is whole or not there: written beside its place, seen onto the disk, then moved. What
is read back is what was stored, or an error. Whoever stores a file refers to it afterwards;
so a sweep spares what is younger than the longest time between the two. What it deletes it first
moves aside, and looks whether that is still the old one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import itertools
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import IO, Protocol

from certcheck.errors import BlobDamagedError, StorageError

# Between a file's arrival and the row that names it lie milliseconds.
GRACE = dt.timedelta(hours=1)
CHUNK = 2**20
# Files that are asked after together.
AT_ONCE = 500
_UNFINISHED = "unfinished"
# Where the log ended by those that share the files; see `sweeping`.
MARK = "log-end.txt"
# What is said of one file; anything else is said of the disk, or of this process.
_LOST = (errno.ENOENT, errno.EIO, errno.EUCLEAN)
OWNER_ONLY = 0o700
_LETTERS = hashlib.sha256().digest_size * 2


class Stored(Protocol):
    """A place of files; it can be handed to another process."""

    def put(self, stream: IO[bytes]) -> tuple[str, int]:
        """Stores what a stream holds; see `Blobs.put`."""

    def read(self, sha256: str) -> bytes:
        """A file's content, compared with its name; see `Blobs.read`."""

    def where(self, sha256: str) -> Path:
        """A file of this machine with the same content, not compared; or where it would be."""

    def sweep(self, wanted: Callable[[Sequence[str]], Collection[str]], now: dt.datetime) -> int:
        """Deletes what nobody refers to; see `Blobs.sweep`."""

    def names(self) -> Iterator[str]:
        """The SHA-256 of all that are stored."""

    def reachable(self) -> None:
        """Whether files can be stored; see `Blobs.reachable`."""

    def mark(self) -> str:
        """What was last written beside the files, "" for nothing; see `Blobs.mark`."""

    def set_mark(self, line: str) -> None:
        """Writes something beside the files; see `Blobs.set_mark`."""


class Blobs:
    """A folder of files.

    Args:
        folder: made when missing, for its owner only.

    Raises:
        StorageError: it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unfinished = folder / _UNFINISHED
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
            self._unfinished.mkdir(exist_ok=True, mode=OWNER_ONLY)

    def put(self, stream: IO[bytes]) -> tuple[str, int]:
        """Stores what a stream holds; returns its SHA-256 and its size in bytes.

        What is there already is written anew, so that it is young again.

        Raises:
            StorageError: the disk is full or gone.
        """
        with _told(self.folder):
            handle, name = tempfile.mkstemp(dir=self._unfinished)
            new = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    digest, size = hashlib.sha256(), 0
                    while chunk := stream.read(CHUNK):
                        digest.update(chunk)
                        size += file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
                place = self.path(digest.hexdigest())
                place.parent.mkdir(exist_ok=True, mode=OWNER_ONLY)
                new.replace(place)
                for folder in (place.parent, self.folder):
                    _sync(folder)
            finally:
                new.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def path(self, sha256: str) -> Path:
        """Where a file is, or would be."""
        return self.folder / sha256[:2] / sha256

    def where(self, sha256: str) -> Path:
        """Where a file is, or would be; what it holds is not compared."""
        return self.path(sha256)

    def reachable(self) -> None:
        """Writes something and takes it away again.

        Raises:
            StorageError: the disk is full or gone, or may only be read.
        """
        with _told(self.folder), tempfile.TemporaryFile(dir=self._unfinished) as file:
            file.write(bytes(CHUNK))
            file.flush()

    def mark(self) -> str:
        """What was last written beside the files, by any of those that share them.

        Raises:
            StorageError: the disk does not answer.
        """
        with _told(self.folder):
            try:
                return (self.folder / MARK).read_text("ascii", "replace").strip()
            except FileNotFoundError:
                return ""

    def set_mark(self, line: str) -> None:
        """Writes something beside the files, in the place of what was there.

        Raises:
            StorageError: the disk is full or gone.
        """
        with _told(self.folder):
            handle, name = tempfile.mkstemp(dir=self._unfinished)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{line}\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.folder / MARK)

    def read(self, sha256: str) -> bytes:
        """A file's content.

        Raises:
            BlobDamagedError: it is gone, or no longer what was stored.
            StorageError: the disk does not answer.
        """
        try:
            data = self._bytes(sha256)
        except OSError as error:
            # A disk that is not mounted must not read as so many lost photos.
            if error.errno not in _LOST or not self._unfinished.is_dir():
                raise StorageError(folder=self.folder, reason=error.strerror) from error
            raise BlobDamagedError(sha256=sha256) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BlobDamagedError(sha256=sha256)
        return data

    def sweep(self, wanted: Callable[[Sequence[str]], Collection[str]], now: dt.datetime) -> int:
        """Deletes what nobody refers to; returns how many files went.

        Args:
            wanted: those of some files, by their SHA-256, that are referred to.
            now: what is younger than GRACE by then stays in any case.
        """
        limit, gone = (now - GRACE).timestamp(), 0
        with _told(self.folder):
            for path in self._unfinished.glob("?" * _LETTERS):
                self._put_back(path)
        old = (path for path in self.files() if _written(path) < limit)
        while some := list(itertools.islice(old, AT_ONCE)):
            stay = wanted([path.name for path in some])
            for path in some:
                if path.name not in stay:
                    gone += self._deleted(path, limit)
        return gone

    def _bytes(self, sha256: str) -> bytes:
        """What a file holds, also one that a sweep has aside."""
        path, aside = self.path(sha256), self._unfinished / sha256
        for one in (path, aside):
            with contextlib.suppress(FileNotFoundError):
                return one.read_bytes()
        return path.read_bytes()  # put back between the two

    def _deleted(self, path: Path, limit: float) -> bool:
        """Deletes an old file, unless it was stored again meanwhile; whether it did."""
        aside = self._unfinished / path.name
        with _told(self.folder), contextlib.suppress(FileNotFoundError):
            if _written(path) >= limit:
                return False
            path.replace(aside)
            # What is stored from now on is another file.
            if _written(aside) < limit:
                aside.unlink()
                return True
            self._put_back(aside)
        return False

    def _put_back(self, aside: Path) -> None:
        """Puts back what was taken aside, also by a process that ended over it."""
        place = self.path(aside.name)
        if place.exists():
            aside.unlink(missing_ok=True)
        else:
            os.utime(aside)
            aside.replace(place)

    def files(self) -> Iterator[Path]:
        """All that are stored, and what is being stored just now."""
        with contextlib.suppress(OSError):
            yield from (one for one in self.folder.glob("*/*") if one.is_file())

    def names(self) -> Iterator[str]:
        """The SHA-256 of all that are stored."""
        return (path.name for path in self.files() if path.parent != self._unfinished)


def is_sound(path: Path, sha256: str) -> bool:
    """Whether a file holds what was stored; it may be larger than the memory.

    Raises:
        StorageError: the disk does not answer.
    """
    with _told(path.parent):
        try:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(folder=folder, reason=error.strerror) from error


def _written(path: Path) -> float:
    """When a file was last written; of one that is gone, never long ago."""
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")


def _sync(folder: Path) -> None:
    """Sees a folder's entries onto the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
