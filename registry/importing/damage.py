"""Damaged files, whatever their reader makes of them.

The libraries that open spreadsheets, documents and pages raise errors of dozens of kinds on files
that are cut off or made to break them; all of these mean the same to who sent the file.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from registry.errors import RegistryError, UnknownSourceError

log = logging.getLogger(__name__)

T = TypeVar("T")


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turns what a reader raises over a file into the one error for it.

    Args:
        path: of the file.

    Raises:
        UnknownSourceError: it is damaged.
    """
    try:
        yield
    except (RegistryError, OSError):
        raise  # has its own sentence; a disk that fails damages no file
    except Exception as error:
        log.info("%s cannot be read", path, exc_info=error)
        raise UnknownSourceError(path=str(path), reason="damaged") from error


def guarded(path: Path, read: Iterable[T]) -> Iterator[T]:
    """What a reader gives piece by piece, likewise; who takes the pieces is not listened to."""
    pieces = iter(read)
    while True:
        with told(path):
            try:
                piece = next(pieces)
            except StopIteration:
                return
        yield piece
