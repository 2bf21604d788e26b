"""Whether it is one file that cannot be read, or the place of the files that does not answer."""

from __future__ import annotations

import io
from collections.abc import Collection

from sqlmodel import col, select

from certcheck.errors import BlobDamagedError, PhotoSetAsideError, StorageError
from certcheck.runner.blobs import Stored
from certcheck.runner.errors import PhotoUnreadableError
from certcheck.runner.tables import Job, Status
from certcheck.runner.work import Work
from registry import store

# Photos that were read before; one of them may be swept just now.
_OTHERS = 3
# What nobody read: says nothing of the place.
_UNREAD = (BlobDamagedError.code, PhotoSetAsideError.code, PhotoUnreadableError.code)
_NEW = b"certcheck\n"


def alone(work: Work, files: Collection[str]) -> bool:
    """Whether, of all that are stored, only these files cannot be read.

    Asked of photos that were read before; where there is none, of a new file. A key that may list
    a bucket and read nothing, or files of another user after a restore, are not the file's fault.

    Args:
        work: the store.
        files: that could not be read, by their SHA-256.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    try:
        work.blobs.reachable()
        others = _others(work, files) or [work.blobs.put(io.BytesIO(_NEW))[0]]
    except StorageError:
        return False
    return any(_reads(work.blobs, one) for one in others)


def _others(work: Work, files: Collection[str]) -> list[str]:
    read = col(Job.error).is_(None) | col(Job.error).not_in(_UNREAD)
    wanted = select(Job.sha256).where(
        Job.status == Status.DONE, read, col(Job.sha256).not_in(files)
    )
    with store.session(work.engine) as opened:
        return list(opened.exec(wanted.order_by(col(Job.id).desc()).limit(_OTHERS)))


def _reads(blobs: Stored, sha256: str) -> bool:
    try:
        blobs.read(sha256)
    except (BlobDamagedError, StorageError):
        return False
    return True
