"""An item of what somebody sent: a photo, or the reason why it is none."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import IO

from certcheck.errors import RefusedError
from ocr.errors import EmptyPhotoError, OcrError, PhotoTooLargeError, UnknownFormatError
from ocr.photo import LIMITS, is_photo

# Checks of one batch: a live sale of several hours shows about as many.
MOST_ITEMS = 200
# Bytes of one request, and of all that it unpacks to.
MOST_BYTES = 512 * 2**20
MOST_UNPACKED = 2**30
# Enough to tell every format by.
HEAD = 1024
# The name only labels the item; what is longer is nobody's file name.
NAME_LENGTH = 120


@dc.dataclass(frozen=True, slots=True)
class Entry:
    """One item.

    Attributes:
        name: of the thing, as given; else its file's.
        file: the file's name, with its folders.
        open: gives its bytes from the beginning; None where it is refused.
        error: code of why it is refused, or None.
        details: what the error's sentence is filled with.
    """

    name: str
    file: str
    open: Callable[[], IO[bytes]] | None
    error: str | None = None
    details: Mapping[str, object] = dc.field(default_factory=dict)

    def renamed(self, name: str) -> Entry:
        """The same under another name."""
        return dc.replace(self, name=name)


def refused(file: str, error: OcrError | RefusedError, name: str = "") -> Entry:
    """An item that is not checked."""
    return Entry(name or stem(file), file, None, error.code, error.details)


def photo(file: str, head: bytes, size: int, opener: Callable[[], IO[bytes]]) -> Entry:
    """An item of a file, refused where it is no picture.

    Args:
        file: its name.
        head: its first HEAD bytes.
        size: in bytes.
        opener: gives its bytes.
    """
    if not size:
        return refused(file, EmptyPhotoError(name=file))
    if size > LIMITS.max_bytes:
        return refused(file, PhotoTooLargeError(name=file, max_bytes=LIMITS.max_bytes))
    if not is_photo(head):
        return refused(file, UnknownFormatError(name=file))
    return Entry(stem(file), file, opener)


def shown(path: str) -> str:
    """A path that somebody sent, as a label: printable, not too long, leading nowhere."""
    parts = [one for one in path.replace("\\", "/").split("/") if one not in ("", ".", "..")]
    plain = "".join(char for char in "/".join(parts) if char.isprintable())
    return plain[-NAME_LENGTH:] or "photo"


def stem(file: str) -> str:
    """A file's name without what says its format."""
    path = PurePosixPath(file)
    return str(path.with_suffix("")) if path.suffix else file
