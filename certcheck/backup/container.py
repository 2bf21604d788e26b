"""The file of a backup: a TAR, its list of members last."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from certcheck.audit.chain import canonical
from certcheck.backup.errors import BackupDamagedError, BackupOutError, NoBackupError
from certcheck.files import shown_name

SCHEMA = "certcheck.backup/1"
MANIFEST = "manifest.json"
_CHUNK = 2**20
_OWNER_ONLY = 0o600
# Longest list that is read: of some million files.
_LONGEST = 2**29


@dc.dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says that it holds.

    Attributes:
        told: when it was made, by which program, of which databases, where the log ended.
        members: size and SHA-256 by name.
        digest: of the list, which names the backup.
    """

    told: Mapping[str, Any]
    members: Mapping[str, tuple[int, str]]
    digest: str


class Writer:
    """Puts members into a TAR that is open.

    Args:
        tar: to write to.
    """

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.members: dict[str, tuple[int, str]] = {}

    def put(self, name: str, data: bytes) -> None:
        """Adds bytes."""
        self._tar.addfile(_info(name, len(data)), io.BytesIO(data))
        self.members[name] = (len(data), hashlib.sha256(data).hexdigest())

    def put_file(self, name: str, path: Path) -> None:
        """Adds a file that nobody writes to any more."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            file.seek(0)
            self._tar.addfile(_info(name, size), file)
        self.members[name] = (size, digest)

    def end(self, told: Mapping[str, Any]) -> str:
        """Adds the list; returns its digest."""
        data = canonical({**told, "schema": SCHEMA, "members": self.members}).encode()
        self._tar.addfile(_info(MANIFEST, len(data)), io.BytesIO(data))
        return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def writing(out: Path) -> Iterator[Writer]:
    """A new file, for its owner alone, put into its place when the block has ended well.

    Raises:
        BackupOutError: it cannot be written.
        BackupDamagedError: what was written is not what can be read again.
    """
    try:
        handle, name = tempfile.mkstemp(dir=out.absolute().parent, prefix=".certcheck-")
    except OSError as error:
        raise BackupOutError(name=shown_name(out), reason=error.strerror) from error
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            file.flush()
            os.fsync(file.fileno())
        verified(new)
        new.replace(out)
    except OSError as error:
        raise BackupOutError(name=shown_name(out), reason=error.strerror) from error
    finally:
        new.unlink(missing_ok=True)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[tarfile.TarFile]:
    """A backup, open.

    Raises:
        NoBackupError: it is none, or cannot be read.
        BackupDamagedError: it ends too soon.
    """
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as tar:
            yield tar
    except (OSError, tarfile.ReadError) as error:
        reason = getattr(error, "strerror", None) or "TAR"
        raise NoBackupError(name=shown_name(path), reason=reason) from error


def verified(path: Path) -> Manifest:
    """Looks through a backup, every byte of every member; returns its list.

    Raises:
        NoBackupError: it is none, or cannot be read.
        BackupDamagedError: something is not what was made; names it.
    """
    found: dict[str, tuple[int, str]] = {}
    packed = b""
    with reading(path) as tar:
        for one in tar:
            file = tar.extractfile(one)
            if file is None or one.name in found:
                raise BackupDamagedError(member=one.name)
            if one.name == MANIFEST:
                packed = file.read(_LONGEST)
                continue
            found[one.name] = (one.size, _digest(file))
    told = _unpacked(packed)
    if told is None:
        code = BackupDamagedError(member=MANIFEST) if found else None
        raise code or NoBackupError(name=shown_name(path), reason="TAR")
    wanted = {name: (int(size), str(digest)) for name, (size, digest) in told["members"].items()}
    for name in sorted(found.keys() | wanted.keys()):
        if found.get(name) != wanted.get(name):
            raise BackupDamagedError(member=name)
    return Manifest(told, wanted, hashlib.sha256(packed).hexdigest())


def _info(name: str, size: int) -> tarfile.TarInfo:
    """A member without times, users or rights."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, _OWNER_ONLY
    return info


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _unpacked(packed: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(packed)
        return told if told["schema"] == SCHEMA and isinstance(told["members"], dict) else None
    except (ValueError, TypeError, KeyError):
        return None
