"""The photo of a fresh process, read while the rest of the program and the registry load.

Reading asks nothing of the registry. So a command that was just started begins to read at
once, on another core, and what it finds is ready or nearly so when the registry answers.
"""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path
from typing import Protocol

from certcheck import files
from certcheck.errors import CertcheckError
from ocr import cores
from ocr.photo import LIMITS
from ocr.read import Part, read_print


class Read(Protocol):
    """What reads a photo: `ocr.read.read_print`, or that begun ahead."""

    def __call__(self, data: bytes, name: str, *, engine: str | None = None) -> list[Part]:
        """See `ocr.read.read_print`."""
        ...


def reading(path: Path, engine: str | None = None) -> Read:
    """Begins to read a photo beside what follows.

    Args:
        path: the photo; nothing is begun where it is no file that can be read (what is
            wrong with it is told by who opens it next), nor with one core.
        engine: as for `read_print`.

    Returns:
        What reads any photo, and knows this one already.
    """
    begun = _begun(path)
    if begun is None:
        return read_print
    # Given out once: what was read holds pictures, which need not outlast their report.
    answers = [cores.beside(functools.partial(read_print, begun, str(path), engine=engine))]

    def read(data: bytes, name: str, *, engine: str | None = None) -> list[Part]:
        # The file may have been written to meanwhile.
        if answers and data == begun:
            return answers.pop()()
        return read_print(data, name, engine=engine)

    return read


def _begun(path: Path) -> bytes | None:
    # What comes through a pipe comes once.
    if cores.most() == 1 or not path.is_file():
        return None
    with contextlib.suppress(CertcheckError):
        data = files.read(path)
        return data if len(data) <= LIMITS.max_bytes else None
    return None
