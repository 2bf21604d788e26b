"""One of several servers with the same work folder does a thing, the others take over."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Tries to take a lock, without waiting; the kernel lets go of it where a process dies.

    Args:
        path: of its file, made where there is none.

    Yields:
        Whether it is ours until the end of the block; False where another holds it.

    Raises:
        OSError: the file cannot be made, or the disk knows no locks.
    """
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
