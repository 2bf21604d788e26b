"""Whether every stored file that something refers to is what was stored."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

from certcheck.errors import BlobDamagedError
from certcheck.runner.asked import referred, referred_to
from certcheck.runner.work import Work
from registry import store


@dc.dataclass(frozen=True, slots=True)
class Looked:
    """What came of it.

    Attributes:
        count: files that were read, every byte.
        damaged: those that are gone, or no longer what was stored, by their SHA-256.
    """

    count: int
    damaged: Sequence[str]


def verify(work: Work) -> Looked:
    """Reads all of them.

    Raises:
        StorageError: the disk does not answer.
        RegistryError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        names = list(referred(opened))
    lost = [one for one in names if not _sound(work, one)]
    with store.session(work.engine) as opened:
        # The time of some may have been over meanwhile.
        damaged = sorted(referred_to(opened, lost)) if lost else []
    return Looked(len(names), damaged)


def _sound(work: Work, name: str) -> bool:
    try:
        work.blobs.read(name)
    except BlobDamagedError:
        return False
    return True
