"""What a process of the pool does with an accepted photo."""

from __future__ import annotations

import dataclasses as dc
from pathlib import Path

from certcheck.check import Wish, check_bytes
from certcheck.errors import BlobDamagedError
from certcheck.pictures import pictures_of
from certcheck.runner.blobs import Blobs
from certcheck.runner.queue import Done, failed
from registry.lookup import Registry


@dc.dataclass(frozen=True, slots=True)
class Accepted:
    """A stored photo.

    Attributes:
        folder: of the files.
        sha256: of the photo.
        wish: how to check.
    """

    folder: Path
    sha256: str
    wish: Wish


def answer(photo: Accepted, registry: Registry) -> Done:
    """Checks a stored photo; its reports bear no name, each who asked gave it one.

    Args:
        photo: which.
        registry: who may do what.

    Raises:
        RegistryError: the registry cannot be asked at all.
    """
    try:
        data = Blobs(photo.folder).read(photo.sha256)
    except BlobDamagedError as error:
        return failed(photo.sha256, registry.revision, photo.wish, error)
    reports = check_bytes(data, "", registry, photo.wish)
    pictures = pictures_of(data, "") if reports[0].reading is not None else {}
    return Done(
        [report.to_json() for report in reports],
        {page: one.small for page, one in pictures.items()},
        {page: one.detail for page, one in pictures.items() if one.detail is not None},
    )
