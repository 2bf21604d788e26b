"""A backup made while the app runs.

First the databases, each as it is at one moment, then the files that the work store's copy refers
to. A file is written before the row that names it, so none is missing; one that went meanwhile, as
the time of its check was over, is counted and not missed.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from certcheck.audit import heads
from certcheck.backup import container, databases
from certcheck.backup.databases import POSTGRESQL, WORK, Place
from certcheck.errors import BlobDamagedError
from certcheck.report import VERSION
from certcheck.runner.asked import referred, referred_to
from certcheck.runner.work import Work
from registry import store

FILES, HEADS = "files", f"work/{heads.FILE}"


@dc.dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made.

    Attributes:
        digest: what names it.
        files: how many stored files it holds.
        size: their size in bytes.
        damaged: files that are wanted and are gone, or no longer what was stored.
    """

    digest: str
    files: int
    size: int
    damaged: Sequence[str]


def make(out: Path, work: Work, places: Sequence[Place]) -> Made:
    """Writes a backup to a file, which is whole or not there.

    Args:
        out: the file.
        work: the store, for its files.
        places: the databases.

    Raises:
        BackupOutError: it cannot be written.
        ProgramMissingError: PostgreSQL's program is missing, or failed.
        RegistryError: a database does not answer.
    """
    moment = dt.datetime.now(dt.UTC).replace(microsecond=0)
    # Before the copy, which then holds the row that is named here.
    with store.session(work.engine) as opened:
        end = heads.keep(work.settings.folder, opened, moment)
    ends = _heads(work)
    with container.writing(out) as writer:
        told, names = _databases(writer, work, places, out.absolute().parent)
        damaged, ended = _files(writer, work, names)
        writer.put(HEADS, ends)
        stored = [one for one in writer.members if one.startswith(f"{FILES}/")]
        digest = writer.end(
            {
                "made_at": moment.isoformat(), "program": VERSION, "databases": told,
                "log": [end.seq, end.digest], "files": len(stored), "ended": ended,
                "damaged": damaged,
            }
        )  # fmt: skip
    size = sum(writer.members[one][0] for one in stored)
    return Made(digest, len(stored), size, damaged)


def _databases(
    writer: container.Writer, work: Work, places: Sequence[Place], beside: Path
) -> tuple[dict[str, Any], list[str]]:
    """Adds the databases; returns what they are, and the files that the work store refers to."""
    told: dict[str, Any] = {}
    names: list[str] = []
    with tempfile.TemporaryDirectory(dir=beside, prefix=".certcheck-") as folder:
        for place in filter(databases.there, places):
            copied = Path(folder) / Path(place.member).name
            databases.copy(place, copied)
            writer.put_file(place.member, copied)
            told[place.member] = {"names": list(place.names), "kind": place.kind}
            if WORK in place.names:
                names = list(_named(work, place, copied))
            copied.unlink()
    return told, names


def _named(work: Work, place: Place, copied: Path) -> Iterator[str]:
    """The files that a copy of the work store refers to.

    Of PostgreSQL, those that the store refers to after it was dumped: of what is only in the dump
    the time was over meanwhile.
    """
    if place.kind == POSTGRESQL:
        with store.session(work.engine) as opened:
            yield from referred(opened)
        return
    engine = store.make_engine(store.parse_url(f"sqlite:///{copied}"))
    try:
        with store.session(engine) as opened:
            yield from referred(opened)
    finally:
        engine.dispose()


def _files(writer: container.Writer, work: Work, names: Sequence[str]) -> tuple[list[str], int]:
    """Adds files; returns those that are damaged, and how many went meanwhile."""
    damaged: list[str] = []
    for name in names:
        try:
            data = work.blobs.read(name)
        except BlobDamagedError:
            damaged.append(name)
            continue
        writer.put(f"{FILES}/{name}", data)
    with store.session(work.engine) as opened:
        still = referred_to(opened, damaged) if damaged else set()
    return sorted(still), len(damaged) - len(still)


def _heads(work: Work) -> bytes:
    path = work.settings.folder / heads.FILE
    return path.read_bytes() if path.is_file() else b""
