"""Photos as files: their names, their bytes, their digests."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from certcheck.errors import PhotoIsFolderError, PhotoNotFoundError, PhotoUnreachableError
from ocr.photo import LIMITS

NOTHING = hashlib.sha256().hexdigest()


def shown_name(path: Path) -> str:
    """A path as it is given; bytes that are no UTF-8 spelled out, as JSON cannot hold them."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def read(path: Path) -> bytes:
    """A photo's bytes, one more than the limit at most.

    Raises:
        PhotoNotFoundError: there is no such file.
        PhotoIsFolderError: it is a folder.
        PhotoUnreachableError: it may not be read, or its disk does not answer.
    """
    name = shown_name(path)
    try:
        with path.open("rb") as file:
            return file.read(LIMITS.max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoNotFoundError(name=name) from error
    except IsADirectoryError as error:
        raise PhotoIsFolderError(name=name) from error
    except OSError as error:
        raise PhotoUnreachableError(name=name, reason=error.strerror) from error


def sha256(path: Path) -> str:
    """Of a file's bytes, hexadecimal; of nothing where it is no file or cannot be read."""
    # A pipe would keep us waiting for whoever writes to it.
    if not path.is_file():
        return NOTHING
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return NOTHING
