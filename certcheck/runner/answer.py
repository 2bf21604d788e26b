"""What a process of the pool does with an accepted photo."""

from __future__ import annotations

import dataclasses as dc
import functools
import logging
from collections.abc import Callable

from certcheck.check import Wish, check_bytes
from certcheck.errors import BlobDamagedError, StorageError
from certcheck.operation import logs
from certcheck.pictures import pictures_of
from certcheck.runner.blobs import Stored
from certcheck.runner.queue import Done, Taken, failed
from certcheck.runner.work import Work
from ocr import cores, kept
from ocr.errors import OcrError
from ocr.read import Part, read_print
from registry.lookup import Registry

log = logging.getLogger(__name__)


@dc.dataclass(frozen=True, slots=True)
class Accepted:
    """A stored photo.

    Attributes:
        blobs: the place of the files.
        sha256: of the photo.
        wish: how to check.
        kept: SHA-256 of what was read of it before, packed, or None.
        keep: whether what is read is to be packed.
        request_id: of the request that it was queued by, for the log.
    """

    blobs: Stored
    sha256: str
    wish: Wish
    kept: str | None = None
    keep: bool = False
    request_id: str | None = None


def accepted(work: Work, one: Taken) -> Accepted:
    """What a process is told of a job."""
    return Accepted(
        work.blobs, one.sha256, one.wish, one.kept, keep=one.keep, request_id=one.request_id
    )


def answer(photo: Accepted, registry: Registry) -> Done:
    """Checks a stored photo; its reports bear no name, each who asked gave it one.

    Args:
        photo: which.
        registry: who may do what.

    Raises:
        RegistryError: the registry cannot be asked at all.
        StorageError: the place of the files does not answer.
    """
    with logs.bearing(photo.request_id):
        return _answer(photo, registry)


def _answer(photo: Accepted, registry: Registry) -> Done:
    try:
        data = photo.blobs.read(photo.sha256)
    except BlobDamagedError as error:
        return failed(photo.sha256, registry.revision, photo.wish, error)
    reader = _Reader(photo)
    reports = check_bytes(data, "", registry, photo.wish, reader)
    pictures = pictures_of(data, "") if reports[0].reading is not None else {}
    return Done(
        [report.to_json() for report in reports],
        {page: one.small for page, one in pictures.items()},
        {page: one.detail for page, one in pictures.items() if one.detail is not None},
        reader.pack(),
        [one.record.answer.data for one in reports if one.record and one.record.answer],
    )


class _Reader:
    """Reads a photo, or opens what was read of it before.

    Args:
        photo: which.
    """

    def __init__(self, photo: Accepted) -> None:
        self._photo = photo
        self._packing: Callable[[], bytes | None] = lambda: None

    def __call__(self, data: bytes, name: str, *, engine: str | None = None) -> list[Part]:
        """See `ocr.read.read_print`."""
        parts = self._opened(engine)
        if parts is None:
            parts = read_print(data, name, engine=engine)
            if self._photo.keep:
                # Beside the judging.
                self._packing = cores.beside(functools.partial(kept.pack, parts))
        return parts

    def pack(self) -> bytes | None:
        """What was read, packed; None where it was kept already, is not to be, or cannot be."""
        try:
            return self._packing()
        except Exception:  # the answer must not be lost with it
            log.exception("what was read was not packed")
            return None

    def _opened(self, engine: str | None) -> list[Part] | None:
        """What is kept; None where there is nothing, or nothing that can be opened."""
        if self._photo.kept is None:
            return None
        try:
            return kept.unpack(self._photo.blobs.read(self._photo.kept), engine=engine)
        except (BlobDamagedError, StorageError, kept.NotKeptError, OcrError) as error:
            log.info("read again: %s", error)
            return None
