"""Files in a bucket that many machines share (S3, OSS), by fsspec; a folder is `blobs`.

An object is whole or not there: both services show it when all of it has arrived. What is read
back is what was stored, or an error; a service that does not answer, or a bucket in which
nothing of ours lies, says nothing of a file. Neither service deletes an object only if it is still
the old one; so a copy of it stays aside until the next sweep has asked whether it was stored and
referred to meanwhile.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.request import url2pathname

from certcheck.errors import BlobDamagedError, ExtraMissingError, StorageError
from certcheck.runner.blobs import AT_ONCE, CHUNK, GRACE, MARK, OWNER_ONLY, Blobs, Stored

_FILE = "file://"
_FOLDER = "files"
_FETCHED = "fetched"
_PROBE = "unfinished.txt"
# Where copies of what was deleted lie until the next sweep.
_ASIDE = "aside"
# Seconds for which a bucket that took something is not asked again whether it does.
_TAKES_S = 30.0
# Seconds; a service that is away is told before whoever uploads loses his patience.
_CONNECT_S, _READ_S = 5, 60
# Seconds that a listing counts where there has to be one: of what other machines store.
_LISTED_S = 1
# What each kind of address is opened with, beside what its environment says.
_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {
        "use_listings_cache": False,
        "config_kwargs": {
            "connect_timeout": _CONNECT_S, "read_timeout": _READ_S, "retries": {"max_attempts": 2},
        },
    },
    # It answers every listing out of its cache, and raises where it may keep none.
    "oss": {"listings_expiry_time": _LISTED_S},
}  # fmt: skip


def opened(folder: Path, address: str | None) -> Stored:
    """The place of the files.

    Args:
        folder: of the work store: they lie in it where no address is given.
        address: `file:///…`, `s3://…`, `oss://…` or any that fsspec knows, or None.

    Raises:
        ExtraMissingError: what opens such an address is not installed.
        StorageError: the folder cannot be made.
    """
    if address is None:
        return Blobs(folder / _FOLDER)
    if address.startswith(_FILE):
        return Blobs(Path(url2pathname(address.removeprefix(_FILE))))
    return Bucket(address, folder / _FETCHED)


class Bucket:
    """Objects under an address. It can be handed to another process.

    Args:
        address: as fsspec writes it, without keys: they come from the environment.
        near: folder of this machine for what has to be a file for a while.

    Raises:
        ExtraMissingError: what opens such an address is not installed.
        StorageError: the folder cannot be made.
    """

    def __init__(self, address: str, near: Path) -> None:
        self.address, self._near = address.rstrip("/"), near
        self._swept: dt.datetime | None = None
        # When it last took something.
        self._took: float | None = None
        # One a process: its connections do not outlive a fork.
        self._at: tuple[int, Any, str] | None = None
        with self._told():
            near.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
        self._opened()

    def __getstate__(self) -> dict[str, Any]:
        """All but the connections."""
        return self.__dict__ | {"_at": None, "_took": None}

    def put(self, stream: IO[bytes]) -> tuple[str, int]:
        """Stores what a stream holds; see `Blobs.put`.

        Raises:
            StorageError: the service does not answer or takes nothing.
        """
        with self._told():
            handle, name = tempfile.mkstemp(dir=self._near)
            new = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    digest, size = hashlib.sha256(), 0
                    while chunk := stream.read(CHUNK):
                        digest.update(chunk)
                        size += file.write(chunk)
                self._took = None
                system, _ = self._opened()
                system.put_file(name, self._key(digest.hexdigest()))
                self._took = time.monotonic()
            finally:
                new.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def read(self, sha256: str) -> bytes:
        """An object's content.

        Raises:
            BlobDamagedError: it is gone, or no longer what was stored.
            StorageError: the service does not answer.
        """
        data = self._got(sha256)
        if data is None or hashlib.sha256(data).hexdigest() != sha256:
            raise BlobDamagedError(sha256=sha256)
        return data

    def where(self, sha256: str) -> Path:
        """A file of this machine with what the object holds, not compared; or where it would be.

        Raises:
            StorageError: the service does not answer.
        """
        place = self._near / sha256
        data = self._got(sha256)
        if data is None:
            place.unlink(missing_ok=True)
            return place
        with self._told():
            handle, name = tempfile.mkstemp(dir=self._near)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(place)
        return place

    def sweep(self, wanted: Callable[[Sequence[str]], Collection[str]], now: dt.datetime) -> int:
        """Deletes what nobody refers to; see `Blobs.sweep`.

        Listing a bucket is paid for, so that it is done once in the time that all is spared.
        """
        if self._swept is not None and abs(now - self._swept) < GRACE:
            return 0
        self._swept, limit, gone = now, now - GRACE, 0
        with self._told():
            system, root = self._opened()
            found = system.find(root, detail=True)
            self._settle(found, wanted, limit)
            old = (key for key, info in found.items() if _is_ours(key) and _written(info) < limit)
            while some := list(itertools.islice(old, AT_ONCE)):
                stay = wanted([_name(key) for key in some])
                for key in some:
                    # It may have been stored again, by another machine too.
                    system.invalidate_cache()
                    if _name(key) not in stay and _written(system.info(key)) < limit:
                        system.cp_file(key, f"{root}/{_ASIDE}/{_name(key)}")
                        system.rm_file(key)
                        gone += 1
            self._sweep_near(limit)
        return gone

    def names(self) -> Iterator[str]:
        """The SHA-256 of all that are stored.

        Raises:
            StorageError: the service does not answer.
        """
        with self._told():
            system, root = self._opened()
            found = list(system.find(root))
        return (_name(key) for key in found if _is_ours(key))

    def reachable(self) -> None:
        """Asks the service whether the bucket is there, and now and then whether it takes anything.

        Raises:
            StorageError: it is not, it does not, or nobody answers.
        """
        with self._told():
            took = self._took
            if self._listed() and took is not None and time.monotonic() - took < _TAKES_S:
                return
            self._took = None
            system, root = self._opened()
            system.pipe_file(f"{root}/{_PROBE}", b"\n")
            # Others that ask share it.
            with contextlib.suppress(FileNotFoundError):
                system.rm_file(f"{root}/{_PROBE}")
            self._took = time.monotonic()

    def mark(self) -> str:
        """What was last written beside the files; see `Blobs.mark`.

        Raises:
            StorageError: the service does not answer.
        """
        with self._told():
            system, root = self._opened()
            try:
                return bytes(system.cat_file(f"{root}/{MARK}")).decode("ascii", "replace").strip()
            except FileNotFoundError:
                return ""

    def set_mark(self, line: str) -> None:
        """Writes something beside the files; see `Blobs.set_mark`.

        Raises:
            StorageError: the service does not answer or takes nothing.
        """
        with self._told():
            system, root = self._opened()
            system.pipe_file(f"{root}/{MARK}", f"{line}\n".encode("ascii"))

    def _settle(
        self,
        found: Mapping[str, dict[str, Any]],
        wanted: Callable[[Sequence[str]], Collection[str]],
        limit: dt.datetime,
    ) -> None:
        """Puts back what was stored again as it was deleted; lets go of copies that are old."""
        system, root = self._opened()
        aside = (key for key in found if key.startswith(f"{root}/{_ASIDE}/"))
        while some := list(itertools.islice(aside, AT_ONCE)):
            stay = wanted([_name(key) for key in some])
            for key in some:
                place = self._key(_name(key))
                system.invalidate_cache()
                if _name(key) in stay and not system.exists(place):
                    system.cp_file(key, place)
                if _written(found[key]) < limit:
                    system.rm_file(key)

    def _got(self, sha256: str) -> bytes | None:
        """What an object holds; None where it is gone from a place that holds others."""
        with self._told():
            system, root = self._opened()
            for key in (self._key(sha256), f"{root}/{_ASIDE}/{sha256}"):
                with contextlib.suppress(FileNotFoundError):
                    return bytes(system.cat_file(key))
            # An address that was mistyped must not read as so many lost photos.
            if not self._listed():
                raise FileNotFoundError(sha256)
            return None

    def _listed(self) -> bool:
        """Whether there is anything."""
        system, root = self._opened()
        try:
            return bool(system.ls(root, detail=False, refresh=True))
        except FileNotFoundError:  # what is also said of an address below it before its first file
            return False

    def _key(self, sha256: str) -> str:
        return f"{self._opened()[1]}/{sha256[:2]}/{sha256}"

    def _sweep_near(self, limit: dt.datetime) -> None:
        for path in self._near.iterdir():
            if path.stat().st_mtime < limit.timestamp():
                path.unlink(missing_ok=True)

    def _opened(self) -> tuple[Any, str]:
        """The file system in this process, and the address within it."""
        if self._at is None or self._at[0] != os.getpid():
            kind = self.address.partition("://")[0]
            try:
                from fsspec.core import url_to_fs

                system, root = url_to_fs(
                    self.address, skip_instance_cache=True, **_OPTIONS.get(kind, {})
                )
            except ImportError:
                raise ExtraMissingError(extra=kind) from None
            self._at = os.getpid(), system, str(root).rstrip("/")
        return self._at[1], self._at[2]

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever a service's library raises, as one error; its text may hold keys."""
        try:
            yield
        except (BlobDamagedError, ExtraMissingError, StorageError):
            raise
        except Exception as error:
            raise StorageError(folder=self.address, reason=type(error).__name__) from error


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def _is_ours(key: str) -> bool:
    """Whether an object is named as ours are; others in the bucket are left alone."""
    *_, head, name = ["", *key.split("/")]
    return len(name) == hashlib.sha256().digest_size * 2 and name.startswith(head) and head != ""


def _written(info: dict[str, Any]) -> dt.datetime:
    """When an object was last written; where a service does not say it, just now."""
    told = info.get("LastModified", info.get("mtime", info.get("created")))
    if isinstance(told, int | float):
        return dt.datetime.fromtimestamp(told, dt.UTC)
    if isinstance(told, dt.datetime):
        return told if told.tzinfo else told.replace(tzinfo=dt.UTC)
    return dt.datetime.max.replace(tzinfo=dt.UTC)
