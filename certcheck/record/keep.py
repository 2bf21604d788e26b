"""What a laboratory's site sent, kept for evidence by who asked on his own machine.

A file is named by the SHA-256 of its bytes, which is what a report says. The server keeps its own
(`certcheck.runner`), deleted with the check.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from certcheck.record.model import Record
from certcheck.runner.blobs import Blobs

FOLDER = "CERTCHECK_RECORDS"


def folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where answers are kept."""
    given = environment.get(FOLDER)
    if given:
        return Path(given).absolute()
    return Path(platformdirs.user_data_dir("certcheck", appauthor=False)) / "records"


def answer(record: Record) -> Path | None:
    """Keeps a record's answer; returns where, None where nothing was sent.

    Raises:
        StorageError: the disk is full or gone.
    """
    if record.answer is None:
        return None
    blobs = Blobs(folder())
    return blobs.path(blobs.put(io.BytesIO(record.answer.data))[0])
