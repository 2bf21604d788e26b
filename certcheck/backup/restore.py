"""A backup put back: looked through first, files before the databases that refer to them."""

from __future__ import annotations

import contextlib
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from certcheck import audit
from certcheck.audit import heads
from certcheck.backup import at_work, container, databases
from certcheck.backup.container import Manifest
from certcheck.backup.databases import WORK, Place
from certcheck.backup.errors import BackupDamagedError, NotEmptyError
from certcheck.backup.make import FILES, HEADS
from certcheck.errors import StorageError
from certcheck.runner import buckets
from certcheck.runner.settings import Settings
from certcheck.runner.store import open_store
from registry import store


def restore(path: Path, settings: Settings, places: Sequence[Place], *, force: bool) -> Manifest:
    """Puts a backup back; returns its list.

    Args:
        path: of the backup.
        settings: of the work store.
        places: the databases as they are configured.
        force: whether what is there is replaced.

    Raises:
        NoBackupError: it is none, or cannot be read.
        BackupDamagedError: it is not what was made; nothing was touched.
        OtherKindError: a database of another kind is configured; nothing was touched.
        NotEmptyError: there is something already, and `force` is not set; nothing was touched.
        AtWorkError: a server or a worker is at work on it; nothing was touched.
        ProgramMissingError: PostgreSQL's program is missing, or failed.
        StorageError: the disk is full or gone.
        RegistryError: a database does not answer.
    """
    found = container.verified(path)
    wanted = _wanted(found, places)
    full = [one for one, _ in wanted if databases.there(one)]
    if full and not force:
        raise NotEmptyError(name=", ".join(name for one in full for name in one.names))
    with _alone(settings), container.reading(path) as tar:
        _put_files(tar, settings)
        with tempfile.TemporaryDirectory(prefix="certcheck-") as folder:
            for place, member in wanted:
                copied = Path(folder) / Path(member).name
                _unpack(tar, member, copied)
                databases.put(place, copied)
                copied.unlink()
        _put_heads(tar, settings)
        if any(WORK in place.names for place, _ in wanted):
            _note(settings, found)
    return found


def _wanted(found: Manifest, places: Sequence[Place]) -> list[tuple[Place, str]]:
    """Where each database of a backup goes."""
    pairs: list[tuple[Place, str]] = []
    for member, told in found.told["databases"].items():
        names: list[str] = told["names"]
        place = next((one for one in places if set(one.names) & set(names)), None)
        if place is None:  # what was seen before, and is not to be kept here
            continue
        databases.same_kind(place, told["kind"])
        if set(place.names) != set(names):
            raise BackupDamagedError(member=member)
        pairs.append((place, member))
    return pairs


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keeps servers and workers from working meanwhile."""
    try:
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with at_work.nobody(settings):
            yield
    except OSError as error:
        raise StorageError(folder=settings.folder, reason=error.strerror) from error


def _put_files(tar: tarfile.TarFile, settings: Settings) -> None:
    blobs = buckets.opened(settings.folder, settings.blobs)
    for one in tar:
        if not one.name.startswith(f"{FILES}/"):
            continue
        file = tar.extractfile(one)
        if file is None or one.name != f"{FILES}/{blobs.put(file)[0]}":
            raise BackupDamagedError(member=one.name)


def _unpack(tar: tarfile.TarFile, member: str, to: Path) -> None:
    file = tar.extractfile(member)
    if file is None:
        raise BackupDamagedError(member=member)
    with to.open("wb") as out:
        while chunk := file.read(2**20):
            out.write(chunk)


def _put_heads(tar: tarfile.TarFile, settings: Settings) -> None:
    """Where the log ended; what this folder knew of later rows is kept beside it."""
    path = settings.folder / heads.FILE
    with contextlib.suppress(KeyError):
        file = tar.extractfile(HEADS)
        data = file.read() if file is not None else b""
        if path.is_file() and path.read_bytes() != data:
            heads.begin_anew(settings.folder)
        path.write_bytes(data)
    buckets.opened(settings.folder, settings.blobs).set_mark("")


def _note(settings: Settings, found: Manifest) -> None:
    """Writes into the log that what follows is of a backup; its schema is brought up to date."""
    engine = open_store(settings.folder, settings.url)
    try:
        with store.session(engine) as opened:
            store.write(opened)
            detail: Mapping[str, Any] = {
                "digest": found.digest, "made_at": str(found.told["made_at"]),
            }  # fmt: skip
            audit.write(
                opened, who=audit.COMMAND, what="work.restored", about=("work", "backup"),
                detail=detail,
            )  # fmt: skip
            opened.commit()
    finally:
        engine.dispose()
