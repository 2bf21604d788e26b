"""After a database of an earlier day was put in the place of a later one.

It knows nothing of the photos that came since, though their files are there. They are handed out,
the gap is written in the log, and only then deletions go on.
"""

from __future__ import annotations

import dataclasses as dc
import shutil
from pathlib import Path

from certcheck import audit
from certcheck.audit import heads
from certcheck.errors import StorageError
from certcheck.runner.asked import referred_to
from certcheck.runner.sweeping import beyond, mark
from certcheck.runner.work import Work
from registry import store

# Files that are asked after together.
_AT_ONCE = 500
# How files begin, to the ending that programs know them by; anything else is packed by us.
_KINDS = (
    (b"\xff\xd8\xff", ".jpg"), (b"\x89PNG", ".png"), (b"%PDF", ".pdf"), (b"RIFF", ".webp"),
    (b"II*\0", ".tif"), (b"MM\0*", ".tif"),
)  # fmt: skip
_HEIF, _HEIF_AT = b"ftyp", 4


@dc.dataclass(frozen=True, slots=True)
class Recovered:
    """What came of it.

    Attributes:
        known: row at which the log was known to end.
        holds: row at which it ends now.
        files: handed out.
    """

    known: int
    holds: int
    files: int


def recover(work: Work, out: Path) -> Recovered | None:
    """Hands out the files that nobody knows; None where the database is not older than they.

    Args:
        work: the store.
        out: a folder for the files, made where there is none.

    Raises:
        StorageError: a file cannot be read or written.
        DatabaseUnreachableError: the database does not answer.
    """
    folder = work.settings.folder
    with store.session(work.engine) as opened:
        older, last = beyond(folder, work.blobs, opened), audit.head(opened)
    if older is None:
        return None
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        count = _hand_out(work, out)
    except OSError as error:
        raise StorageError(folder=out, reason=error.strerror) from error
    told = {"known": older.seq, "digest": older.digest, "holds": last.seq, "files": count}
    audit.tell(
        work.engine, who=audit.COMMAND, what="work.recovered", about=("work", "store"), detail=told
    )
    heads.begin_anew(folder)
    with store.session(work.engine) as opened:
        mark(work.blobs, heads.keep(folder, opened, work.clock()))
    return Recovered(older.seq, last.seq, count)


def _hand_out(work: Work, out: Path) -> int:
    names = sorted(work.blobs.names())
    count = 0
    for at in range(0, len(names), _AT_ONCE):
        some = names[at : at + _AT_ONCE]
        with store.session(work.engine) as opened:
            known = referred_to(opened, some)
        for name in some:
            if name not in known:
                path = work.blobs.where(name)
                shutil.copy2(path, out / f"{path.name}{_ending(path)}")
                count += 1
    return count


def _ending(path: Path) -> str:
    with path.open("rb") as file:
        begins = file.read(16)
    if begins[_HEIF_AT : _HEIF_AT + len(_HEIF)] == _HEIF:
        return ".heic"
    return next((ending for mark, ending in _KINDS if begins.startswith(mark)), ".bin")
