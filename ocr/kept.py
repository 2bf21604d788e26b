"""What was read of a photo, packed, to be judged once more without reading the photo again.

A witness holds the straightened page, without loss: the ink has to answer the same. Of the
recogniser's probabilities nothing is kept; the strips that they came from are read again, which
is a small part of the reading. What another program has packed is not opened.
"""

from __future__ import annotations

import dataclasses as dc
import hashlib
import io
import pickle
import zlib
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from ocr import reading as plain
from ocr.geometry import Picture
from ocr.inquiry import PhotoWitness
from ocr.page import Page
from ocr.read import Part
from ocr.readers import readers
from ocr.seal.found import FoundSeal
from ocr.seal.place import SealPlace

# Fast rather than small: half the time of reading lies between this and the default.
_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)
_ZLIB = 1
# All that may stand in a pack: data without behaviour.
_CLASSES: dict[str, type] = {
    f"{one.__module__}.{one.__qualname__}": one
    for one in (
        plain.Glyph, plain.Line, plain.Code, plain.Seal, plain.Mark, plain.Signature, plain.Field,
        plain.Advice, plain.ReaderFailure, plain.Likeness, plain.Sign, plain.Reading, SealPlace,
    )
}  # fmt: skip


class NotKeptError(Exception):
    """What is to be opened is no pack of this program."""


@dc.dataclass(frozen=True, slots=True)
class _Sheet:
    """One part in plain values, pictures as PNG; see `_packed`."""

    reading: plain.Reading
    page: tuple[bytes, list[list[float]], plain.Quad, int, float]
    lifted: bytes
    seals: list[tuple[plain.Seal, SealPlace, list[bytes], list[bytes], str]]


def pack(parts: Sequence[Part]) -> bytes | None:
    """The parts of one photo as bytes; None where a witness is not one that can be kept.

    Args:
        parts: as `ocr.read` gives them.
    """
    sheets = []
    for part in (one.whole() for one in parts):
        if not isinstance(part.witness, PhotoWitness):
            return None
        sheet = _packed(part.reading, part.witness)
        sheets.append(tuple(getattr(sheet, field.name) for field in dc.fields(sheet)))
    data = pickle.dumps((parts[0].sha256, sheets), protocol=5)
    return _form() + data


def unpack(data: bytes, *, engine: str | None = None) -> list[Part]:
    """The parts as they were, ready to be asked.

    Args:
        data: of `pack`.
        engine: text engine as the photo was read with; see `ocr.readers.readers`.

    Raises:
        NotKeptError: it is nothing that this program packed.
        EngineError: an engine is missing, or gave no answer.
    """
    form = _form()
    if not data.startswith(form):
        raise NotKeptError("form")
    try:
        sha256, sheets = _Plain(io.BytesIO(data[len(form) :])).load()
        kept = [_Sheet(*one) for one in sheets]
    except Exception as error:  # damaged data makes it raise anything
        raise NotKeptError("content") from error
    engines = readers(engine)
    parts = []
    for sheet in kept:
        page = _page(sheet)
        lifted = _picture(sheet.lifted)
        # Nothing was lifted: the very same picture, as `without_red` gives it.
        clean = page.image ^ lifted if lifted.any() else page.image
        seals = tuple(_seal(*one, rapid=engines.rapid) for one in sheet.seals)
        witness = PhotoWitness(page, clean, sheet.reading, engines, seals)
        parts.append(Part(sheet.reading, witness, sha256))
    return parts


def _packed(reading: plain.Reading, witness: PhotoWitness) -> _Sheet:
    page = witness.page
    return _Sheet(
        dc.replace(
            reading,
            fields=dict(reading.fields), labels=dict(reading.labels),
            doubted=dict(reading.doubted), unread=dict(reading.unread),
        ),
        (_png(page.image), page.to_photo.tolist(), page.corners, page.rotation, page.certainty),
        # Only seals were touched: what differs is nearly all zeros.
        _png(page.image ^ witness.clean),
        [
            (
                one.seal_in_page, one.place, [_png(strip) for strip in one.strips],
                [zlib.compress(np.float32(plane).tobytes(), _ZLIB) for plane in one.covered],
                one.reading,
            )
            for one in witness.seals
        ],
    )  # fmt: skip


def _page(sheet: _Sheet) -> Page:
    image, to_photo, corners, rotation, certainty = sheet.page
    return Page(_picture(image), np.array(to_photo, np.float64), corners, rotation, certainty)


def _seal(
    seal: plain.Seal,
    place: SealPlace,
    strips: list[bytes],
    covered: list[bytes],
    reading: str,
    *,
    rapid: Any,
) -> FoundSeal:
    if rapid is None:
        return FoundSeal(seal, place)
    pictures = tuple(_picture(strip) for strip in strips)
    planes = tuple(np.frombuffer(zlib.decompress(plane), np.float32) for plane in covered)
    found = tuple(rapid.recognise(pictures)) if pictures else ()
    return FoundSeal(seal, place, pictures, found, planes, reading)


def _png(picture: Picture) -> bytes:
    return bytes(cv2.imencode(".png", picture, _PNG)[1])


def _picture(data: bytes) -> Picture:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return np.asarray(picture, dtype=np.uint8)


def _form() -> bytes:
    """What the classes look like: a pack of other classes would be misunderstood."""
    told = "|".join(
        f"{name}:{','.join(field.name for field in dc.fields(one))}"
        for name, one in [*_CLASSES.items(), ("sheet", _Sheet)]
    )
    return hashlib.sha256(told.encode()).digest()


class _Plain(pickle.Unpickler):
    """Knows the classes of a pack and no others, so that no pack can run anything."""

    def find_class(self, module: str, name: str) -> Any:
        """One of our own."""
        try:
            return _CLASSES[f"{module}.{name}"]
        except KeyError:
            raise pickle.UnpicklingError(name) from None
